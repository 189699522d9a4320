# `make run` builds what is missing and starts Keepsake; `make help` lists the rest.

VENV := .venv
BIN := $(VENV)/bin
# make run ARGS="--port 7870": anything that `keepsake run --help` names.
ARGS ?=
# make run DATA=FOLDER: another data folder than the usual one.
DATA ?=
# make run MODEL=none: fetch no model. MODEL=FILE.gguf or MODEL=URL: use that one.
MODEL ?=
# make test T=tests/storage: only some of the tests. PYTEST_ARGS goes to pytest as it is.
T ?= tests
PYTEST_ARGS ?=
# make bench LOCOMO=FILE: a conversation file of the LoCoMo data set.
LOCOMO ?=

data_args := $(if $(DATA),--data "$(DATA)")
model_args := $(if $(filter-out none,$(MODEL)),--model "$(MODEL)")
slow_args := $(if $(SLOW),-m "slow or not slow")

.DEFAULT_GOAL := help
.PHONY: run setup model test test-all lint lint-check dev bench lock docs clean help

run: setup ## Build what is missing, fetch the default model the first time, start
	@[ -n "$(MODEL)" ] || ./scripts/fetch-model "$(BIN)" "$(DATA)"
	@exec $(BIN)/keepsake run $(data_args) $(model_args) $(ARGS)

setup: $(VENV)/.installed ## Build .venv from the lock

model: setup ## Fetch the default model now, or go on where it broke off
	@./scripts/fetch-model --again "$(BIN)" "$(DATA)"

test: dev lint-check ## Check and test everything but the slow tests; SLOW=1 for those too
	@./scripts/needs-chromium
	@$(BIN)/pytest $(slow_args) $(PYTEST_ARGS) $(T)

test-all: ## make test with the slow tests
	@$(MAKE) --no-print-directory test SLOW=1

lint: dev lint-check ## Style, types and the rule of the rooms

lint-check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

dev: $(VENV)/.dev

bench: dev ## Measure retrieval on LOCOMO=FILE, and what one poison comes to in 20 talks
	@[ -n "$(LOCOMO)" ] || { echo "Say which file: make bench LOCOMO=path/to/locomo.json"; exit 2; }
	$(BIN)/python -m tests.benchmarks.retrieval --data "$(LOCOMO)" $(ARGS)
	$(BIN)/python -m tests.benchmarks.guard_cycle --data tests/benchmarks/guard_cases/attacks.jsonl

lock: ## Pin every dependency again, by hash (needs uv)
	./scripts/lock

docs: dev ## Write again the docs that are made from the code
	$(BIN)/python -m scripts.write_docs

clean: ## Remove what was built; data and models stay
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Show this list
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'

$(VENV)/.installed: requirements.lock requirements-build.lock pyproject.toml scripts/setup scripts/install.py
	@./scripts/setup $(VENV) program
	@touch $@

$(VENV)/.dev: $(VENV)/.installed requirements-dev.lock
	@./scripts/setup $(VENV) dev
	@touch $@
