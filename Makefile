# Everything here works from a bare clone with Python 3.11 or newer and make; `make help` lists it.
# Written for any make from 3.81 on and any POSIX shell, because that is what machines come with.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# A stamp each, so that the demo starts without waiting for linters, test and measuring tools.
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev
BENCH := $(VENV)/.installed-bench

# The npm SDKs are installed from their lock file when there is one.
INTEROP_LOCK := $(wildcard tests/interop/package-lock.json)
INTEROP := $(if $(INTEROP_LOCK),tests/interop/node_modules/.installed)

# One worker for each core. For more words or fewer tests: make test PYTEST_ARGS="-v -k floors"
PYTEST_ARGS ?= -n auto

# All stamps write to one .venv; two pips at once would break it.
.NOTPARALLEL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup demo test check format pictures bench figures clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(DEV) ## make .venv with everything in it (the targets below do it themselves)
	@:

demo: $(RUNTIME) ## set up, then show a live run: server, publisher and watcher in one terminal
	@$(BIN)/rx-realtime demo

test: check $(INTEROP) ## set up, then every check and every test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(DEV) ## set up, then formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright

format: $(DEV) ## rewrite the code the way `make check` wants it
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# Each of marbles/ has its picture; those with the title of a case in their name are the README's.
DRAW = $(BIN)/rx-realtime draw --svg marbles/pictures
pictures: $(DEV) ## draw marbles/pictures anew, from marbles/
	rm -rf marbles/pictures
	$(DRAW) marbles/*.marble marbles/*/*.marble
	$(DRAW) marbles/reconnect.marble --case "an open that delivers makes"
	$(DRAW) marbles/handover.marble --case "make before break"
	$(DRAW) marbles/until_terminal.marble --case "the terminal status is delivered"

# Fewer figures, or a first impression: make bench BENCH_ARGS="--quick --only state model"
bench: $(BENCH) $(INTEROP) ## set up, then measure how fast it is: a line for each figure
	$(BIN)/python -m tests.bench $(BENCH_ARGS)

# Short figures are written as well, or else nobody would see them.
figures: $(BENCH) $(INTEROP) ## measure, and write the README's figures anew: on a quiet machine
	-$(BIN)/python -m tests.bench --plot tests/bench/pictures $(BENCH_ARGS)
	$(BIN)/python -m tests.bench.readme .bench/figures.json

clean: ## remove what the other targets made
	rm -rf $(VENV) tests/interop/node_modules dist
	rm -rf .bench .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find rx_realtime tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set-up ---------------------------------------------------------------------------------

# When the Python behind .venv was removed or upgraded, what was installed for it is gone as well.
ifneq ($(shell test -x $(BIN)/python && echo usable),usable)
$(shell rm -f $(RUNTIME) $(DEV) $(BENCH))
endif

# A Python qualifies when it is new enough *and* can make environments: Debian's cannot until
# python3-venv is installed, and a pyenv shim may point at nothing. PYTHON=… overrules the search.
$(BIN)/python:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	    if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	        >/dev/null 2>&1; then \
	        echo "Creating $(VENV) with $$($$python --version)"; \
	        exec $$python -m venv --clear $(VENV); \
	    fi; \
	done; \
	echo "rx_realtime needs Python 3.11 or newer, with its venv module." >&2; \
	echo "Debian and Ubuntu: apt-get install python3 python3-venv. Or: make PYTHON=/path/to/python" >&2; \
	exit 1

$(RUNTIME): pyproject.toml $(BIN)/python
	@echo "Installing rx_realtime into $(VENV)"
	@$(PIP) install --editable '.[all]'
	@touch $@

$(DEV): pyproject.toml $(BIN)/python
	@echo "Installing rx_realtime and its test tools into $(VENV)"
	@$(PIP) install --editable '.[all,dev]'
	@touch $@ $(RUNTIME)

$(BENCH): pyproject.toml $(BIN)/python
	@echo "Installing rx_realtime and what it is measured with into $(VENV)"
	@$(PIP) install --editable '.[all,bench]'
	@touch $@ $(RUNTIME)

# Without Node there is no stamp: the interop tests say for themselves that they were skipped,
# or fail where RX_REALTIME_REQUIRE_NODE=1 asks for them.
tests/interop/node_modules/.installed: $(INTEROP_LOCK)
	@if node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null \
	    && npm --version >/dev/null 2>&1; then \
	    echo "Installing the npm SDKs for the interop tests"; \
	    npm ci --prefix tests/interop --no-audit --no-fund --loglevel=error && touch $@; \
	else \
	    echo "Node 20 or newer not found: skipping the npm SDKs"; \
	fi
