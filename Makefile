# Every task of the project.  `make` alone lists them; CI runs the same targets and nothing else.

PYTHON ?= python3
BIN := .venv/bin
MAKEFLAGS += --no-print-directory
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help up down demo test test-fast check types-js fix bench bench-overload drill docs install install-dev

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: install ## run everything on this machine; Ctrl-C stops it
	@exec $(BIN)/solstice up

down: install ## stop it from another terminal, leftovers of a crash included
	@exec $(BIN)/solstice down

demo: install ## fill a young instance with a living community (while `make up` runs)
	@exec $(BIN)/solstice demo

test: install-dev ## install what testing needs and run every test (about 15 minutes)
	@$(BIN)/python bin/browser.py
	@exec $(BIN)/python -m pytest

test-fast: install-dev ## run the tests without real processes and browser (about a minute)
	@exec $(BIN)/python -m pytest -m "not acceptance and not drill and not slow"

check: install-dev types-js ## format, lint, strict types, import contract, tidy
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/test_tidy.py

types-js: install-dev
	@bin/check-scripts

fix: install-dev ## format, and mend what the linter can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: install-dev ## measure every figure beside this machine's yardstick (SHORT=1: only try it)
	@$(BIN)/python bin/browser.py
	@for script in $$(grep -l '^from bench.table import' bench/*.py); do \
	  name=$$(basename $$script .py); echo "== bench.$$name"; \
	  $(BIN)/python -m bench.$$name $(if $(SHORT),--short) || failed=1; \
	done; exit $${failed:-0}

bench-overload: install-dev ## measure overload beside HAProxy, NGINX and Envoy (SHORT=1: only try it)
	@exec $(BIN)/python -m bench.overload $(if $(SHORT),--short,--publish)

drill: install-dev ## break an instance of its own on purpose (NAME=overload, edge-killed, …)
	@exec $(BIN)/python -m solstice.drills $(or $(NAME),overload)

docs: install-dev ## write docs/settings.md and docs/openapi.json from the code
	@$(BIN)/python bin/reference.py

install:
	@$(PYTHON) bin/bootstrap.py

install-dev:
	@$(PYTHON) bin/bootstrap.py --dev
