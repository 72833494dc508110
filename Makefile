# Every verb of the house. `make demo` and `make test` do all their own set-up.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
CARGO ?= cargo
export CARGO_INCREMENTAL ?= 0

.PHONY: help demo test check lint bench fuzz

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: ## A simulated company of 2,500 people flows into a database; then a hire, a move, a rename and a leaver
	@tools/setup build
	$(CARGO) build --locked --profile demo --bin joinery
	@exec "$${CARGO_TARGET_DIR:-target}/demo/joinery" demo

test: ## Every test, with the services that the tests need (installed and started here)
	@tools/setup build services
	@tools/test

check: lint ## Formatting and lints
lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

bench: ## The product's figures, measured beside their floors and peers
	@tools/setup build services
	@benches/run

fuzz: ## One minute on each grammar and decoder (needs a nightly toolchain; FUZZ_SECONDS for longer)
	@tools/fuzz
