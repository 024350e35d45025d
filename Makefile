# OMS Connector. Python 3.11+ and make are the only prerequisites; `make help` lists what there is.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
CHECKED := webapp workers migrations tests bench
PYTEST_ARGS ?=
CHAOS_ARGS ?=
FUZZ_ARGS ?=

.PHONY: run test check bench chaos fuzz lock help

run: $(VENV)/.product ## Set everything up and start the whole product (PORT, SANDBOX_PORT, CONNECTOR_HOME)
	@exec $(BIN)/oms-connector up

test: check ## Set up what tests need (Chromium included) and run them all
	@tests/browser/install_chromium.sh
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS)

check: $(VENV)/.development ## Formatting, lint, types, import rules, dead code, templates
	@$(BIN)/ruff format --check --quiet $(CHECKED) || \
	    { echo "Formatting differs: run $(BIN)/ruff format $(CHECKED)" >&2; exit 1; }
	@$(BIN)/ruff check --quiet $(CHECKED)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/vulture
	@$(BIN)/djlint templates webapp --lint --quiet

bench: $(VENV)/.development ## Measure and print a table of ratios (SMOKE=1: every measure, small)
	@$(BIN)/python -m bench.run

chaos: $(VENV)/.development ## Kill everything again and again while 10,000 messages flow each way, then count (CHAOS_ARGS)
	@$(BIN)/python -W ignore -m tests.chaos.storm $(CHAOS_ARGS)

fuzz: $(VENV)/.development ## 100,000 malformed calls over HTTP, and the API's tester, with seed and counts (FUZZ_ARGS)
	@$(BIN)/python -W ignore -m tests.fuzz.run $(FUZZ_ARGS)

lock: ## Resolve the dependencies anew into requirements.lock and requirements-dev.lock
	@command -v uv >/dev/null || { echo "make lock needs uv (pip install uv)" >&2; exit 1; }
	@$(RESOLVE) --extra build --output-file requirements.lock
	@$(RESOLVE) --extra build --extra dev --output-file requirements-dev.lock

RESOLVE := uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The stamps below are newer than the locks installed from: a second run installs nothing, a changed lock
# installs anew. All of it speaks on stderr: what `make run` prints to stdout is its ready line.

$(VENV)/.product: requirements.lock pyproject.toml $(VENV)/.made
	@if [ -e $(VENV)/.development ]; then \
	    $(MAKE) --silent $(VENV)/.development >&2; \
	else \
	    echo "Installing the locked dependencies into $(VENV) …" >&2; \
	    $(PIP) install --require-hashes -r requirements.lock >&2; \
	    $(PIP) install --no-deps --no-build-isolation -e . >&2; \
	fi
	@touch $@

$(VENV)/.development: requirements-dev.lock pyproject.toml $(VENV)/.made
	@echo "Installing the locked dependencies and the tools of development into $(VENV) …" >&2
	@$(PIP) install --require-hashes -r requirements-dev.lock >&2
	@$(PIP) install --no-deps --no-build-isolation -e . >&2
	@touch $@

$(VENV)/.made:
	@for python in $${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    echo "Making the virtual environment with $$python …" >&2; \
	    "$$python" -m venv $(VENV) >&2; \
	    touch $@; exit 0; \
	done; \
	echo "$${PYTHON:-python3} is not Python 3.11 or newer: install one, or set PYTHON to it." >&2; exit 1
