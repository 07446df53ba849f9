# Martlet: `make run` shows live events, `make test` proves them. See CONTRIBUTING.md.

SWIFT ?= swift
# One configuration for everything: what is tested is what is run.
BUILD := $(SWIFT) build --configuration release
BIN = $(shell $(BUILD) --show-bin-path)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# What was generated is not ours to format.
OURS = $(shell git ls-files '*.swift' ':!*.pb.swift' ':!*.grpc.swift')

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## install the libraries that the build links (Debian)
	@scripts/deps build

.PHONY: build
build: deps ## build martlet, and martlet-postgres, which writes to databases
	@$(BUILD) --product martlet >&2
	@$(BUILD) --product martlet-postgres >&2
	@echo "built $(BIN)/martlet" >&2

.PHONY: run
run: build ## show live events until Ctrl-C; options by ARGS="--event exec -o json"
	@$(SUDO) $(BIN)/martlet run $(ARGS)

.PHONY: test
test: deps ## unit, replay and, as root, kernel tests on real events
	@scripts/deps test
	@scripts/test

.PHONY: soak
soak: deps ## the tests that kill servers, helpers and agents, for long
	@scripts/deps test
	@scripts/soak

.PHONY: vm-test
vm-test: deps ## the kernel tests on real kernels from 5.10 to 7.2, under qemu
	@scripts/vm/deps
	@scripts/vm-test

.PHONY: kernels
kernels: deps ## docs/kernels.md: what martlet doctor finds on real kernels, under qemu
	@scripts/vm/deps
	@scripts/kernels

.PHONY: bench
bench: deps ## measure, beside baselines and peers, in one run
	@scripts/deps bench
	@scripts/bench $(ARGS)

.PHONY: lint
lint: ## formatting, shell scripts, what is generated
	@$(SWIFT) format lint --strict --parallel $(OURS)
	@if command -v shellcheck > /dev/null; then shellcheck $$(git grep -lE '^#!/bin/(ba)?sh' -- scripts .ci); \
	else echo 'shellcheck is not installed: shell scripts were not looked at'; fi
	@scripts/protobuf --check
	@scripts/syscalls --check
	@scripts/docs --check

.PHONY: docs
docs: ## generate the documents that derive from the code
	@scripts/docs

.PHONY: protobuf
protobuf: deps ## generate Swift from the .proto files
	@scripts/protobuf
