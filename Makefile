# Two commands are enough: `make run` and `make test`. The rest are their parts.
SHELL := /bin/bash
.DEFAULT_GOAL := run
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := $(shell command -v uv || echo .uv/bin/uv)

.PHONY: run test check install lock lock-check chromium postgres lint types layers size audit train test-quick test-postgres test-browser test-long format

run: install  ## install, train what changed, serve on http://localhost:8000
	@$(BIN)/abiline train
	@$(BIN)/abiline serve

test: install chromium postgres  ## everything but the long runs
	@$(BIN)/abiline train
	$(BIN)/pytest tests -m "not browser and not load"
	$(BIN)/pytest tests/handoff -m postgres -n 0
	$(BIN)/pytest tests -m figures
	$(BIN)/pytest tests -m commands -n 0
	$(BIN)/pytest tests -m browser -n 0

check: install lock-check lint types layers size audit  ## lint, types, layers, size of the widget, dependency audit

test-quick: install  ## no browser; under three minutes
	$(BIN)/pytest tests -m "not browser and not load"

test-postgres: install postgres  ## what changes and searches rows, on PostgreSQL; a minute
	$(BIN)/pytest tests/handoff -m postgres -n 0

test-browser: install chromium
	$(BIN)/pytest tests -m browser -n 0

test-long: install chromium  ## minutes: load and fault
	$(BIN)/pytest tests -m "load and not commands and not figures" -n 0

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml | $(UV)
	@echo "installing what requirements.lock names (some gigabytes the first time) …"
	@[ -x $(BIN)/python ] || $(UV) venv --quiet --python 3.11 $(VENV)
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

.uv/bin/uv:
	@echo "getting uv …"
	@$(PYTHON) -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv

lock: | $(UV)  ## after a change of dependencies in pyproject.toml
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --group dev pyproject.toml -o requirements.lock --quiet

lock-check: | $(UV)  ## requirements.lock holds what pyproject.toml asks for
	@cp requirements.lock $(VENV)/lock-check.txt
	@$(UV) pip compile --universal --python-version 3.11 --generate-hashes --group dev --no-header pyproject.toml -o $(VENV)/lock-check.txt --quiet
	@diff <(sed '/^#/d' requirements.lock) $(VENV)/lock-check.txt >/dev/null || { echo "requirements.lock is behind pyproject.toml: run 'make lock'"; exit 1; }

chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
	  echo "getting Chromium for the browser tests …"; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -qq && $$sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; }

postgres:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	  echo "getting PostgreSQL for its tests …"; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -qq && $$sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null; } || { \
	  echo "PostgreSQL's server (initdb, pg_ctl) is needed here: install it as your system does, then run this again."; exit 1; }

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

layers:
	$(BIN)/lint-imports

size:
	@$(BIN)/python -m tools.widget_size

audit:
	$(BIN)/python -m tools.audit

format:
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .
