# Two commands are all you need: `make serve` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
PILAH_HOME ?= $(CURDIR)/var
BENCH_DATA ?= ../shared/complaints
export PILAH_HOME

.PHONY: serve test check bench

serve: .venv/serve
	@test -f "$(PILAH_HOME)/registry/active" || { \
	  $(BIN)/pilah train --out "$(PILAH_HOME)/default" && $(BIN)/pilah models promote "$(PILAH_HOME)/default"; }
	@$(BIN)/pilah serve

test: .venv/dev
	$(BIN)/pytest -n 2 $(PYTEST_ARGS)

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pilah reference check
	$(BIN)/pytest -q tests/contract

bench: .venv/bench
	$(BIN)/pilah bench --data $(BENCH_DATA)
	$(BIN)/pilah train --out "$(PILAH_HOME)/bench"
	$(BIN)/python -m service.load --model "$(PILAH_HOME)/bench" --rate 100 --requests 6000
	$(BIN)/python -m service.load --model "$(PILAH_HOME)/bench" --rate 300 --requests 100000

.venv/serve: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

.venv/dev: .venv/serve
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

.venv/bench: .venv/serve
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@touch $@
