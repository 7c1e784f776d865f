# Two commands are all a newcomer needs: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/sh
BIN := .venv/bin
DEMO ?=
ARGS ?=
# Two tests at a time: one of them waits for a call most of the time. 0 is one after the other.
WORKERS ?= 2
# Rewritten assertions are kept from run to run, also where the environment asks for no bytecode.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: help demo test env frontend test-env check unit story docs bench soak lock format clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: env frontend ## the whole call centre on this machine, until Ctrl-C (DEMO="--calls 6" adds callers)
	@$(BIN)/callwright demo $(DEMO)

test: test-env ## everything the tests need, then all of them
	@$(PYTEST) $(ARGS)

# These wait for nothing: one for each processor.
unit: WORKERS := logical
unit: env ## the pure tests, in under a minute
	@$(PYTEST) tests/unit tests/architecture -q $(ARGS)

story: test-env ## whole calls on a real Asterisk
	@$(PYTEST) tests/stories tests/browser $(ARGS)

check: env frontend docs ## ruff, mypy --strict, import rules, tsc, the front end's own tests, the documentation
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@tools/npm.sh run check
	@tools/npm.sh test

docs: env ## what the documentation names is there, and every text is translated
	@$(BIN)/python -m tools.docs

bench: test-env ## measure, beside our peers, and write docs/benchmarks.md (ARGS="--only stream,pops")
	@$(BIN)/python -m tests.bench $(ARGS)

soak: test-env ## calls for half an hour while things break (ARGS="--minutes 3 --rate 2 --fault-every 15 --look")
	@$(BIN)/python -m tests.soak $(ARGS)

env: ## the Python environment in .venv
	@tools/bootstrap.sh

frontend: env ## the browser bundle
	@tools/npm.sh build-if-stale

test-env: env frontend ## what the tests need from the distribution (as root, or with sudo)
	@tools/test-packages.sh
	@$(BIN)/python -m tests.support.asterisk

format: env ## put the code into its usual form
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

lock: env ## resolve requirements.lock anew, and the pin of uv itself
	@.tools/uv/bin/uv pip compile pyproject.toml --all-extras --group build --group test --group check \
	    --universal --generate-hashes --no-emit-index-url --no-header -p 3.11 -q -o requirements.lock
	@.tools/uv/bin/uv pip compile tools/uv.in --universal --generate-hashes --no-emit-index-url --no-header -p 3.11 \
	    -q -o tools/uv.txt

clean: ## remove what was built (not the demo's home)
	rm -rf .venv .tools agent_console/static/build agent_console/frontend/node_modules
