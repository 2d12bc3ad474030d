# The commands of this repository. Each runs from a fresh clone: what it needs
# and can install it installs, into .cache where possible.

GO ?= go
export CGO_ENABLED ?= 1

.PHONY: build test test-long bench generate clean

build: ## bin/peerscope
	$(GO) build -trimpath -o bin/peerscope ./cmd/peerscope

test: ## every check, within 15 minutes on two cores
	@scripts/check.sh short

test-long: ## the heavy runs, within 40 minutes
	@scripts/check.sh long

bench: ## against py-ipv8 3.0 on this machine; see docs/benchmarks.md
	$(GO) run ./cmd/bench

generate: ## generated files
	$(GO) generate ./...

clean:
	rm -rf bin .cache
