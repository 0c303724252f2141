# Signoff. `make` alone lists the verbs. A machine with python3 (3.11+, venv, pip) and make will do.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format lock vendor bench soak docs clean

help:  ## list these verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## make .venv with everything in it

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: $(PYTHON) is too old; Signoff needs Python 3.11 or later" >&2; \
	    echo "next: make setup PYTHON=python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@echo "installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

demo: setup  ## run the main job: an agent, real refund requests, people (ARGS=--scripted)
	@$(BIN)/signoff demo $(ARGS)

test: setup  ## run the tests (ARGS are for pytest)
	$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

check: setup  ## format, lint, types, import contract, generated docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if test -f docs/generate.py; then $(BIN)/python docs/generate.py --check; fi

format: setup  ## rewrite the source to the format that check wants
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: setup  ## resolve the dependencies anew into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --extra server --extra postgres --extra slack \
	  --extra chat --group dev pyproject.toml \
	  --custom-compile-command "make lock" -o requirements.lock

vendor:  ## fetch what the pages load, as vendor/package-lock.json says (needs npm)
	@npm ci --prefix vendor --ignore-scripts --no-audit --no-fund --silent
	@cp vendor/node_modules/htmx.org/dist/htmx.min.js src/signoff/server/inbox/static/
	@rm -rf vendor/node_modules
	@sha256sum src/signoff/server/inbox/static/htmx.min.js > vendor/SHA256SUMS

bench: setup  ## measure, print the table, write build/bench.json
	@mkdir -p build
	$(BIN)/python -m bench $(ARGS)

soak: setup  ## kill and restart real processes for as long as you like
	$(BIN)/python -m bench.soak $(ARGS)

docs: setup  ## write the generated reference pages anew
	$(BIN)/python docs/generate.py

clean:  ## remove what was built, and .venv
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
