# Two commands are enough: `make run` and `make test`. The rest are their parts.
SHELL := /bin/bash
.DEFAULT_GOAL := run
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := $(shell command -v uv || echo .uv/bin/uv)

# Python keeps what it has compiled, even where an image says it should not: without, every process compiles four thousand files anew, ten seconds each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: chaos run test check install lock lock-check chromium postgres gateways dovecot lint types layers size audit schemas sizes train test-quick test-postgres test-browser test-long format

run: install  ## install, train what changed, serve on http://localhost:8000
	@$(BIN)/abiline train
	@$(BIN)/abiline serve

test: install chromium postgres dovecot gateways  ## everything but the long runs
	@$(BIN)/abiline train
	$(BIN)/pytest tests -m "not browser and not load"
	$(BIN)/pytest tests/handoff -m postgres
	$(BIN)/pytest tests/bot tests/handoff -m figures
	$(BIN)/pytest tests -m commands
	$(BIN)/pytest tests/browser -m browser -n 2

check: install lock-check lint types layers size audit  ## lint, types, layers, size of the widget, dependency audit

test-quick: install dovecot  ## no browser; under three minutes
	$(BIN)/pytest tests -m "not browser and not load"

test-postgres: install postgres  ## what changes and searches rows, on PostgreSQL; a minute
	$(BIN)/pytest tests/handoff -m postgres

test-browser: install chromium
	$(BIN)/pytest tests/browser -m browser -n 2

test-long: install chromium postgres gateways  ## minutes: load and fault
	ABILINE_EXAMPLES=new $(BIN)/pytest tests -m "load and not commands and not figures" -n 0
	ABILINE_EXAMPLES=new $(BIN)/pytest tests/bot/test_masking.py tests/handoff/test_any_input.py -m "not load" -n 0
	ABILINE_API_EXAMPLES=150 $(BIN)/pytest tests/handoff/test_api_holds.py -m commands -n 0 --timeout 7200

chaos: install postgres gateways  ## one run of three minutes with faults, told and judged: make chaos SEED=7
	$(BIN)/python -m tests.fault.run $(or $(SEED),1)

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

# Debian's packages, as root or by sudo.
debian = if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(1) >/dev/null

chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
	  echo "getting Chromium for the browser tests …"; \
	  $(call debian,chromium); }

postgres:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	  echo "getting PostgreSQL for its tests …"; \
	  $(call debian,postgresql); } || { \
	  echo "PostgreSQL's server (initdb, pg_ctl) is needed here: install it as your system does, then run this again."; exit 1; }

dovecot:
	@command -v dovecot >/dev/null || ls /usr/sbin/dovecot >/dev/null 2>&1 || { \
	  echo "getting Dovecot for the tests of the mail box …"; \
	  $(call debian,dovecot-imapd); } || { \
	  echo "Dovecot is missing: the tests of the mail box are skipped."; }

gateways:  # and what else the service meets outside: Redis between processes, PHP for the plug-in
	@{ command -v nginx || ls /usr/sbin/nginx; } >/dev/null 2>&1 && command -v caddy >/dev/null && command -v redis-server >/dev/null && command -v php >/dev/null && command -v faketime >/dev/null || { \
	  echo "getting nginx, Caddy, Redis, PHP and faketime for their tests …"; \
	  $(call debian,nginx-light caddy redis-server php-cli faketime); } || \
	  echo "nginx, Caddy, Redis, PHP or faketime is missing: the tests that need it are skipped"

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

layers:
	$(BIN)/lint-imports

size:
	@$(BIN)/python -m tools.widget_size

audit: install
	$(BIN)/python -m tools.audit

# Two packages for the JSON files in them: what they need in turn does not go together with Rasa, so they stand in a folder of their own.
schemas: install  ## compose.yml and deploy/k8s have the shapes that are published for them
	@[ -d .schemas ] || $(UV) pip install --quiet --target .schemas --no-deps kubernetes-validate==1.37.0 docker-compose==1.29.2
	$(BIN)/pytest tests/test_schemas.py -n 0

sizes: install postgres gateways  ## measures what conversations, pages and messages cost on this machine (docs/sizing.md); some minutes
	$(BIN)/python -m tests.load.sizing

format:
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .
