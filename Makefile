# Two commands do everything on a fresh machine with Python 3.11 or later and make: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
TEXTS  := $(patsubst %.po,%.mo,$(shell find ledger cli web -name '*.po'))

.PHONY: help demo test lint types imports chromium unit bench schemas pins clean

help:  ## list what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

%.mo: %.po | $(READY)
	$(BIN)/python -m ledger.language.compiling $<

demo: $(READY) $(TEXTS)  ## build a seeded street office, show coverage, a trace, a proof, and a tampering found
	$(BIN)/custody demo

test: lint types imports unit  ## everything CI checks

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

chromium:  ## what the tests of pages run in: install Debian's Chromium and Chinese fonts where there is none
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
		echo "There is no Chromium, in which the pages are tested: installing chromium and fonts-noto-cjk with apt-get."; \
		root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$root apt-get update -qq && \
		$$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null; }

unit: $(READY) $(TEXTS) chromium
	rm -f .coverage .coverage.*
	$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=
	$(BIN)/coverage report --fail-under=97

bench: $(READY)  ## measure, as ratios to primitives in the same run (docs/performance.md)
	$(BIN)/pytest benchmarks --benchmark-enable --benchmark-only -p no:xdist --no-cov -q -s

schemas: $(READY)  ## write schemas/json anew
	$(BIN)/python -m ledger_schemas.export

pins: $(READY)  ## pin all dependencies anew, with hashes and without naming an index
	$(BIN)/pip-compile --quiet --extra dev --allow-unsafe --generate-hashes --no-strip-extras --no-header --no-annotate \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.txt pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* dist build demo-ledger $(TEXTS)
