# Every target prepares what it needs; `make` alone lists them.
# PYTHON=… picks the interpreter (3.11 or newer); otherwise the first suitable one on the PATH.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.prepared
PARTS := ./libs/canonical ./libs/formats ./libs/streaming .
SOURCES := libs cli services testbed tests benchmarks docs
MANIFESTS := requirements-dev.txt pyproject.toml $(wildcard libs/*/pyproject.toml)

IS_SUITABLE := import sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$candidate -c '$(IS_SUITABLE)' 2>/dev/null && echo $$candidate && break; done)

.PHONY: help install demo test check lint format types lock bench soak fuzz docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

install: $(STAMP) ## prepare .venv with crossdock in it

demo: $(STAMP) ## a trading morning on a real Kafka, from webhooks to closed accounts
	@$(BIN)/crossdock demo

test: $(STAMP) ## every test, the real-broker lane included
	@$(BIN)/python -m pytest $(ARGS)

check: ## what CI runs: lint, format, types, import rules, tests
	@.ci/run

lint: $(STAMP) ## ruff, its formatter in check mode, import rules
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/lint-imports --no-logo --cache-dir .import_linter_cache

format: $(STAMP) ## let ruff format and repair the sources
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

types: $(STAMP) ## mypy --strict
	@$(BIN)/mypy $(SOURCES)

# UPGRADE=--upgrade moves to the newest versions that the manifests allow; without it pins stay.
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-annotate --no-header --no-emit-package crossdock-canonical --no-emit-package crossdock-formats \
	--no-emit-package crossdock-streaming --quiet $(UPGRADE)
lock: $(STAMP) ## resolve requirements.txt and requirements-dev.txt again, with hashes
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --extra embedded $(LOCK) -o requirements.txt
	@$(BIN)/uv pip compile pyproject.toml --extra embedded --group dev -c requirements.txt $(LOCK) -o requirements-dev.txt

bench: $(STAMP) ## about 10 minutes: the runtime against a hand-written loop and a copy loop; every format
	@$(BIN)/python -m benchmarks.formats
	@$(BIN)/python -m benchmarks.run $(ARGS)

# DURATION=60 is a minute per tokenizer. With atheris in $(VENV) coverage leads (pip install atheris).
fuzz: $(STAMP) ## hostile input: 10 minutes each of JSON, X12, EDIFACT, Avro, reports and XML, 2 each of keys and profiles
	@$(BIN)/python -m tests.hostile.fuzz.run --seconds $(or $(DURATION),600) $(ARGS)

soak: $(STAMP) ## kill -9 of workers and broker under load, checked from the log alone
	@$(BIN)/python -m pytest tests/broker/soak.py $(ARGS)

docs: $(STAMP) ## write docs/reference from the code
	@$(BIN)/python docs/generate.py

clean: ## remove .venv and every cache in this directory
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): $(MANIFESTS)
	@test -n "$(PYTHON)" || { echo "Crossdock needs Python 3.11 or newer with the venv module, and none was found" \
		"on the PATH. Install one, or name it: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(PYTHON) -c '$(IS_SUITABLE)' 2>/dev/null || { echo "Crossdock needs Python 3.11 or newer with the venv" \
		"module, and '$(PYTHON)' is not one. Name another: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@echo "Preparing $(VENV) (once; about half a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $(addprefix -e ,$(PARTS))
	@touch $(STAMP)
