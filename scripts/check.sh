#!/usr/bin/env bash
# scripts/check.sh short|long: runs the parts of `make test` or `make test-long`
# one after the other, all of them whatever fails, and ends with a line each and
# a count. A part that cannot run here ends as NOT RUN, with the command that
# would make it run; where CI=true that is a failure.
set -u
cd "$(dirname "$0")/.."
go=${GO:-go}
failed=0 passed=0 summary=''

# part NAME COMMAND...: exit code 77 of the command means that it cannot run here.
part() {
  local name=$1 start=$SECONDS code=0 result
  shift
  printf '\n== %s\n' "$name"
  "$@" || code=$?
  if [ $code -eq 0 ]; then
    result=ok passed=$((passed + 1))
  elif [ $code -eq 77 ] && [ "${CI:-}" != true ]; then
    result='NOT RUN'
  else
    result=FAILED failed=$((failed + 1))
  fi
  summary+=$(printf '%-8s %4ds  %s' "$result" $((SECONDS - start)) "$name")$'\n'
}

# nothing COMMAND...: passes when the command succeeds and its output is empty.
nothing() {
  local out
  out=$("$@") && [ -z "$out" ] && return 0
  printf '%s\n' "$out"
  return 1
}

# tests ARGUMENTS...: go test, which has to find something to run.
tests() {
  local out code=0
  out=$("$go" test -count=1 "$@" 2>&1) || code=$?
  printf '%s\n' "$out"
  case $out in *'no tests to run'*) return 1 ;; esac
  return $code
}

# A generated file that is not up to date shows as a difference.
generated() {
  "$go" generate ./... && git diff --exit-code -- '*_templ.go' static
}

pyipv8() {
  for version in "$@"; do
    scripts/pyipv8-venv.sh "$version" || return 77
  done
}

# The flood needs the processor to itself: no race detector, nothing beside it.
flood() {
  PEERSCOPE_FLOOD=$1 tests -timeout 10m -run '^TestFlood' ./engine
}

short() {
  part 'modules' "$go" mod download
  part 'py-ipv8 3.0' pyipv8 3.0
  part 'gofmt' nothing gofmt -l cmd engine
  part 'go vet' "$go" vet ./...
  part 'go vet, other systems' env GOOS=darwin CGO_ENABLED=0 "$go" vet ./...
  part 'staticcheck' "$go" tool staticcheck ./...
  part 'go fix' nothing "$go" fix -diff ./...
  part 'go mod tidy' nothing "$go" mod tidy -diff
  part 'generated files' generated
  part 'tests with the race detector' "$go" test -race -shuffle=on -timeout 14m ./...
  part 'flood, 5 s' flood 5s
  part 'fuzzing, 5 s each' scripts/fuzz.sh 5s
}

long() {
  export PEERSCOPE_LONG=1
  part 'py-ipv8 3.0 and 3.2.1' pyipv8 3.0 3.2.1
  part 'interoperation with py-ipv8 3.0 and 3.2.1' \
    tests -timeout 20m -run 'Interop' ./cmd/peerscope
  part 'large simulated networks' tests -timeout 15m -run '^TestSim' ./engine
  part 'flood, 60 s' flood 60s
  part 'fuzzing, a minute each' scripts/fuzz.sh 60s
}

case "${1:-}" in
  short | long) "$1" ;;
  *) echo "usage: scripts/check.sh short|long" >&2; exit 2 ;;
esac

printf '\n%s\n%d passed, %d failed\n' "$summary" "$passed" "$failed"
[ $failed -eq 0 ]
