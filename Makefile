# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The Python that somebody asks for (make PYTHON=python3.13 …) must be that of the environment.
ifneq ($(origin PYTHON),file)
WANTED := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
endif
# An environment whose Python is gone, too old or another than asked for is made anew.
ifneq ($(wildcard $(VENV)),)
STALE := $(shell $(BIN)/python kompas_crawler/supported.py $(WANTED) >/dev/null 2>&1 || echo stale)
endif

# Where it is set, each process of the tests would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo crawl deploy test test-fast test-all lint bench clean

help:  ## Say what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

ifeq ($(STALE),stale)
.PHONY: $(BIN)/.run
endif
$(BIN)/.run: requirements.txt
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or newer." >&2; exit 2; }
	@$(PYTHON) kompas_crawler/supported.py
	@$(if $(STALE),rm -rf $(VENV))
	@test -x $(BIN)/python || { echo "Creating $(VENV) with $$($(PYTHON) --version)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing requirements.txt into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(BIN)/.report: requirements-report.txt $(BIN)/.run
	@echo "Installing requirements-report.txt into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-report.txt
	@touch $@

$(BIN)/.dev: requirements-dev.txt requirements-scrapyd.txt $(BIN)/.run
	@echo "Installing requirements-dev.txt into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(BIN)/.scrapyd: requirements-scrapyd.txt $(BIN)/.run
	@echo "Installing requirements-scrapyd.txt into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-scrapyd.txt
	@touch $@

demo: $(BIN)/.report  ## Crawl the bundled stand-in for Kompas.com; no network needed
	@$(BIN)/python -m scrapy demo

crawl: $(BIN)/.run  ## Crawl the international section of the live www.kompas.com
	@$(BIN)/scrapy crawl international

deploy: $(BIN)/.scrapyd  ## Bring the project to the Scrapyd of scrapy.cfg and see that it runs there
	@$(BIN)/scrapy deploy

test: lint  ## Run the tests
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile

test-fast: $(BIN)/.dev  ## Run the tests that start no server and no browser
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not long and not slow"

test-all: lint  ## Run the tests with the slow proofs in full
	@KOMPAS_PROOFS=full $(BIN)/python -m pytest -q -n 2 --dist loadfile

lint: $(BIN)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/scrapy-lint

bench: $(BIN)/.dev  ## Measure speed and memory; adds a line to bench/history.jsonl
	@$(BIN)/python -m bench.run

clean:  ## Remove the virtual environment and what tools leave behind
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
