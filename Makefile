# Guanxi (关系). `make help` says what there is; docs/tutorial.md says what to look at.
PYTHON ?= python3
BIN := .venv/bin
# More words for the program behind a target: `make test ARGS="-k tier"`, `make demo ARGS="--customers 2000"`.
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test check bench bench-scale faults fresh clean setup setup-test

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

demo: ## install what is missing, make the demo bank, run its night, serve the workbench
	@began=$$(date +%s); $(PYTHON) setup/install.py run && \
	GUANXI_SETUP_SECONDS=$$(($$(date +%s) - began)) $(BIN)/guanxi demo $(ARGS)

test: setup-test ## install what is missing and run all tests
	@$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

check: setup-test ## format, lint, types, walls: what a commit must pass, in seconds
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/pytest -q -n 2 tests/house -m 'not pages and not faults'

bench: setup-test ## measure against named rivals on this machine; writes docs/benchmarks.md
	@$(BIN)/python -m bench $(ARGS)

bench-scale: setup-test ## 17 million customers: a month, segments, lab, scorer, Spark; writes docs/benchmarks-scale.md (an hour the first time)
	@$(BIN)/python -m bench.scale $(ARGS)

faults: setup-test ## the planted faults in full count
	@$(BIN)/pytest -m faults $(ARGS)

fresh: ## prove `make test` and `make demo` on a bare Debian (needs root and debootstrap)
	@setup/fresh.sh $(ARGS)

clean: ## remove all that set-up, demo and tests made, the demo bank too
	@setup/clean.sh

setup:
	@$(PYTHON) setup/install.py run

setup-test:
	@$(PYTHON) setup/install.py test
