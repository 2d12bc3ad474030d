#!/usr/bin/env bash
# scripts/fuzz.sh TIME: runs every fuzz target of the module for TIME, as many at
# once as there are processors, and prints the whole output of one that fails.
set -u
cd "$(dirname "$0")/.."
time=${1:?usage: fuzz.sh TIME}
export time go=${GO:-go}

# targets prints "package target" lines.
targets() {
  "$go" list ./... | while read -r package; do
    "$go" test -list '^Fuzz' "$package" | grep '^Fuzz' | sed "s|^|$package |"
  done
}

run() {
  local log
  log=$(mktemp)
  if "$go" test -run '^$' -fuzz "^$2\$" -fuzztime "$time" -parallel 1 "$1" >"$log" 2>&1; then
    printf 'ok    %s %s  %s\n' "$1" "$2" "$(grep -oE 'execs: [0-9]+' "$log" | tail -n 1)"
    rm -f "$log"
  else
    printf 'FAIL  %s %s\n' "$1" "$2"
    cat "$log"
    rm -f "$log"
    return 1
  fi
}
export -f run

list=$(targets) || exit 1
[ -n "$list" ] || { echo 'no fuzz targets found' >&2; exit 1; }
printf '%s\n' "$list" | xargs -P "$(nproc)" -L 1 bash -c 'run "$@"' _
