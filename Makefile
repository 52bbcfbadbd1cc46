# Every habit has a name here. Only python3 (3.8 or newer, with venv) and make are needed on the machine.
# Another interpreter: make test PYTHON=python3.8 VENV=.venv38

PYTHON ?= python3
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8088
ARGS ?=

BIN := $(CURDIR)/$(VENV)/bin
PIP_QUIET := --quiet --disable-pip-version-check
PLUGINS := plugins/fenrir_fastapi plugins/fenrir_flask plugins/fenrir_falcon plugins/fenrir_sanic plugins/fenrir_bottle \
	plugins/fenrir_wsgi plugins/fenrir_problems plugins/fenrir_security plugins/fenrir_redis plugins/fenrir_otel \
	plugins/fenrir_takeover
SOURCES := fenrir_core/src $(addsuffix /src,$(PLUGINS)) cli/src
PYPROJECTS := pyproject.toml fenrir_core/pyproject.toml cli/pyproject.toml $(addsuffix /pyproject.toml,$(PLUGINS))

.PHONY: help install install-dev demo test lint format bench fuzz soak docs screens packaging ecosystem clean
.DEFAULT_GOAL := help

help:
	@echo "make demo       serve examples/hybrid on http://$(HOST):$(PORT)"
	@echo "make test       run the tests (ARGS='-k router' narrows)"
	@echo "make lint       ruff, mypy --strict, import contracts"
	@echo "make format     let ruff rewrite the sources"
	@echo "make bench      measure routes against a hand-written ASGI app"
	@echo "make fuzz       try each parser with hostile inputs, ten minutes each (FUZZ_SECONDS; ARGS='cookies' narrows)"
	@echo "make soak       load each server with mixed requests for SOAK_SECONDS (60), watch errors and memory"
	@echo "make docs       run every code block of README.md and docs/"
	@echo "make screens    capture the screens of the documentation anew (needs Chromium)"
	@echo "make packaging  build the wheels and try them in clean environments"
	@echo "make ecosystem  try packages made for FastAPI on FastAPI and on Fenrir (Python 3.10 or newer)"
	@echo "make clean      remove the environment and what the tools left behind"

# An environment that is there is used as it is; only a missing one is made.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Fenrir needs Python 3.8 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 8) else 0)'
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "python3 -m venv failed: install your system's venv package" >&2; exit 1; }

# Stamps: pip runs again only when a pyproject.toml or requirements-dev.txt has changed.
$(VENV)/.installed: $(PYPROJECTS) | $(VENV)/bin/python
	@echo "Installing Fenrir and what it needs into $(VENV)"
	@"$(BIN)/python" -m pip install $(PIP_QUIET) "pip>=22.3"
	@"$(BIN)/python" -m pip install $(PIP_QUIET) -e "./fenrir_core[forms]" $(addprefix -e ./,$(PLUGINS)) -e ./cli -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing what the tests and checks need into $(VENV)"
	@"$(BIN)/python" -m pip install $(PIP_QUIET) -r requirements-dev.txt
	@touch $@

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

demo: install
	cd examples/hybrid && "$(BIN)/fenrir" run app:app --host $(HOST) --port $(PORT)

test: install-dev
	"$(BIN)/python" -m pytest $(ARGS)

lint: install-dev
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/mypy" --strict $(SOURCES)
	"$(BIN)/lint-imports" --no-cache

format: install-dev
	"$(BIN)/ruff" check --fix .
	"$(BIN)/ruff" format .

bench: install-dev
	"$(BIN)/python" -m benchmarks $(ARGS)

fuzz: install-dev
	"$(BIN)/python" scripts/fuzz.py $(ARGS)

soak: install-dev
	"$(BIN)/python" scripts/soak.py

docs: install-dev
	"$(BIN)/python" -m pytest tests/test_docs.py $(ARGS)

screens: install-dev
	"$(BIN)/python" scripts/make_screens.py $(ARGS)
	"$(BIN)/python" scripts/make_page_screens.py

packaging: install-dev
	"$(BIN)/python" -m pytest -m packaging tests/packaging $(ARGS)

# An environment of its own: the packages want other versions than the tests, and the real FastAPI.
ECOSYSTEM := $(CURDIR)/$(VENV)-ecosystem

ecosystem:
	@test -x "$(ECOSYSTEM)/bin/python" || $(PYTHON) -m venv "$(ECOSYSTEM)"
	@"$(ECOSYSTEM)/bin/python" -m pip install $(PIP_QUIET) -e "./fenrir_core[forms]" $(addprefix -e ./,$(PLUGINS)) -r scripts/packages/requirements.txt
	"$(ECOSYSTEM)/bin/python" scripts/try_packages.py $(ARGS)

clean:
	rm -rf $(VENV) $(VENV)-ecosystem .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
