# Ortsruf: everything a person or CI calls. Needs Python 3.11 or newer and make; the rest is installed into .venv.
#
#   make demo [ARGS='--once --json']   show the hub at work, with built-in sources and receivers
#   make test                          install what the tests need, lint, run all tests
#   make fuzz [ARGS='--seed 7']        100,000 mutated answers through every kind's doors
#   make guards                        take every guard away and see its test fail
#   make torture [ARGS='--kills 500']  kill a town at every named place and at random, on both databases
#   make bench [ARGS=--short]          measure beside what others use; writes benchmarks/RESULTS.md
#   make screenshots [ARGS='--all d']  take README's pictures anew, or all pages into a folder to look at
#   make lint                          ruff, mypy and the import contracts
#   make kern                          fetch the style sheet of KERN UX, purge and mirror it (needs Node.js)
#   make lock                          pin anew everything that is installed

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup setup-runtime demo test fuzz guards torture matching bench screenshots lint format kern lock clean

ARGS ?=
TESTS ?=
# One more than there are cores: tests wait for processes, disks and browsers a sixth of their time.
WORKERS ?= $(shell expr $$(nproc) + 1)
PIP := .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input
LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate

help:
	@sed -n 's/^#   //p' Makefile

setup: .venv/.dev-stamp
	@:

setup-runtime: .venv/.runtime-stamp
	@:

# Only the JSON of `make demo ARGS='--once --json'` may reach stdout, so all of setup speaks on stderr.
.venv/.runtime-stamp: requirements/runtime.txt pyproject.toml requirements/make-venv
	@{ bash requirements/make-venv \
	  && echo "Installing Ortsruf into .venv" \
	  && $(PIP) --require-hashes -r requirements/runtime.txt \
	  && $(PIP) --no-deps --no-build-isolation -e . \
	  && touch $@; } 1>&2

.venv/.dev-stamp: requirements/dev.txt pyproject.toml requirements/make-venv
	@{ bash requirements/make-venv \
	  && echo "Installing Ortsruf and its test tools into .venv" \
	  && $(PIP) --require-hashes -r requirements/dev.txt \
	  && $(PIP) --no-deps --no-build-isolation -e . \
	  && touch .venv/.runtime-stamp $@; } 1>&2

demo: .venv/.runtime-stamp
	@.venv/bin/ortsruf demo $(ARGS)

test: setup
	bash tests/debian-packages
	$(MAKE) tests/node/node_modules/.stamp
	$(MAKE) lint
	.venv/bin/python -m pytest -n $(WORKERS) $(TESTS)

fuzz: setup
	.venv/bin/python tests/fuzz/run.py $(ARGS)

guards: setup
	ORTSRUF_GUARDS=all .venv/bin/python -m pytest -n auto tests/faults

torture: setup
	.venv/bin/python tests/crash/torture.py $(ARGS)

matching: setup
	ORTSRUF_MATCHING=100000 .venv/bin/python -m pytest -n 0 --timeout 3600 tests/hub/jobs/test_matching_at_scale.py

bench: setup
	.venv/bin/python benchmarks/table.py $(ARGS)

screenshots: setup
	PYTHONPATH=.:tests .venv/bin/python tests/browser/screenshots.py $(ARGS)

tests/node/node_modules/.stamp: tests/node/package-lock.json tests/node/.npmrc
	cd tests/node && npm ci --loglevel=error
	touch $@

lint: setup
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

format: setup
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

kern:
	cd requirements/kern && npm ci --loglevel=error && node vendor.mjs

lock: setup
	$(LOCK) --upgrade pyproject.toml --extra postgres --group build -o requirements/runtime.txt
	$(LOCK) --upgrade pyproject.toml --extra postgres --group dev -c requirements/runtime.txt -o requirements/dev.txt
	$(LOCK) --upgrade pyproject.toml --extra postgres --group bench -c requirements/dev.txt -o requirements/bench.txt
	cd tests/node && npm install --package-lock-only --loglevel=error
	cd requirements/kern && npm install --package-lock-only --loglevel=error

clean:
	rm -rf .venv build dist tests/node/node_modules requirements/kern/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find hub feeds calendars push tests -name __pycache__ -type d -prune -exec rm -rf {} +
