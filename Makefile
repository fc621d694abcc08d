# `make help` prints one line a target. Everything runs from .venv and var; nothing needs root.

PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
PO := $(wildcard locale/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)

.PHONY: help demo smoke test bench pages faults lint types contracts migrations deploy-check check messages extract lock clean
.DELETE_ON_ERROR:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/ready-local $(MO) ## the whole site with demo content on PORT (8000); RESET=1 begins afresh
	@$(PY) -m config.local demo --port $(PORT) $(if $(filter-out 0,$(RESET)),--reset)

smoke: $(VENV)/ready-local $(MO) ## from a published story to a mailbox, without a person; exit code 0 or 1
	@$(PY) -m config.local smoke

test: $(VENV)/ready-dev $(MO) ## every test; ARGS="tests/cms -x" for some of them
	@$(PY) -m config.local browser
	@# The engine can be lifted out: its quick tests also pass without pages and profiles.
	@$(if $(ARGS),true,$(PY) -m pytest -q --no-header -n 2 --dist loadfile -m "not slow" tests/newsletters --ds=config.settings.engine)
	@# Two at a time, each file's tests by one of them: a file may share what it set up.
	@$(PY) -m pytest $(or $(ARGS),-n 2 --dist loadfile --no-loadscope-reorder)

bench: $(VENV)/ready-local $(MO) ## mail to a million readers, beside what others use, for hours; ARGS=--quick: minutes
	@$(PY) -m benchmarks $(ARGS)

pages: $(VENV)/ready-local $(MO) ## Lighthouse and the HTML checker over the pages, mail programs over the mails; ARGS=lighthouse, html or mail
	@$(PY) -m benchmarks.quality $(ARGS)

faults: $(VENV)/ready-dev $(MO) ## a million mails while everything goes wrong; ARGS="kills --deliveries 50000" for some of it
	@$(PY) -m tests.proof $(ARGS)

lint: $(VENV)/ready-dev ## style of the code
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .

types: $(VENV)/ready-dev ## types of the code
	@$(PY) -m config.local with-servers $(VENV)/bin/mypy

contracts: $(VENV)/ready-dev ## who may import whom
	@$(VENV)/bin/lint-imports

migrations: $(VENV)/ready-dev ## no model without its migration
	@$(PY) -m config.local with-servers $(PY) manage.py makemigrations --check --dry-run

deploy-check: $(VENV)/ready-dev ## Django's checks with production settings
	@$(PY) -m config.local deploy-check

check: lint types contracts migrations deploy-check test ## all of the above

messages: $(VENV)/ready-local $(MO) ## compile the translations

extract: $(VENV)/ready-local ## bring the catalogues up to the tree and say what is left to translate
	@$(PY) -m config.local.messages extract

lock: ## renew the lock files with uv
	uv pip compile pyproject.toml $(LOCK) -o requirements.txt
	uv pip compile pyproject.toml $(LOCK) --extra local -c requirements.txt -o requirements-local.txt
	uv pip compile pyproject.toml $(LOCK) --extra local --extra dev -c requirements-local.txt -o requirements-dev.txt
LOCK := --universal --python-version 3.11 --annotation-style line --quiet --custom-compile-command "make lock"

clean: ## remove the virtual environment and everything that ran here
	rm -rf $(VENV) var $(MO)

%.mo: %.po | $(VENV)/ready-local
	@$(PY) -m config.local.messages compile

# The first recipe of a fresh clone: a Python that will do, or the one line that installs it.
$(VENV)/bin/python:
	@sh .ci/python --make-venv $(VENV)

$(VENV)/ready-%: requirements-%.txt | $(VENV)/bin/python
	@echo "Installing the packages of $< …"
	@if command -v uv >/dev/null 2>&1; \
		then uv pip install --quiet --python $(PY) -r $<; \
		else $(PY) -m pip install --quiet --disable-pip-version-check -r $<; fi
	@touch $@
