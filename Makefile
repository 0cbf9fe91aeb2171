# Ấn Tín. `make` alone prints this help.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV ?= .venv
BIN := $(VENV)/bin
export ANTIN_SHARED ?= ../shared
ARGS ?=
VERAPDF := build/verapdf/.fetched
AUGRAPHY := build/augraphy
SIGNERS := build/signers/.built
VIEWERS := build/viewers

##@ For everybody
help: ## this help
	@awk 'BEGIN {FS = ":.*## "; print "Ấn Tín: make TARGET"} /^##@/ {print "\n" substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## system packages (Debian) and .venv from requirements.lock, if anything is missing

demo: install ## a demo province on this machine: runs the main job, then serves the site (ARGS=--once: only the run)
	@$(BIN)/python -m demo.run $(ARGS)

serve: install ## the service as configured in ANTIN_HOME, on http://127.0.0.1:8000 (ARGS=…: see antin serve --help)
	@$(BIN)/antin serve $(ARGS)

##@ For developers
test: install system-test $(VERAPDF) $(SIGNERS) $(VIEWERS)/.installed ## the whole suite, browser tests included (ARGS='tests/unit -k …' for a part)
	@$(BIN)/pytest -n $${ANTIN_TEST_WORKERS:-2} --dist loadfile $(ARGS)

check: install ## format, lint, types and import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python deploy/check_dockerfile.py --read-only

format: install ## put every file into the one format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: install ## measure; prints a table and writes build/bench.json (ARGS='--rows checks,pyhanko', '--against COMMIT')
	@$(BIN)/python -m tests.bench $(ARGS)

chaos: install ## a batch of 1,000 whose workers are killed every few seconds (ARGS='--items N --workers N --postgresql'; --letters N: numbers of letters of two portals; --verdicts: 10,000 checks on a busy machine)
	@$(BIN)/python -m tests.chaos.run $(ARGS)

fuzz: install system-test $(VIEWERS)/.installed ## mutated files of every format through the verifier (ARGS='--seconds N --seed S'; --every-byte; --viewers: greens drawn by five programs)
	@$(BIN)/python -m tests.fuzz.run $(ARGS)

viewers: install system-test $(VIEWERS)/.installed ## what is told green, drawn by five programs as signed and as it is (ARGS=--corpora or --tests)
	@$(BIN)/python -m tests.viewers.run $(ARGS)

rates: install ## what the comparison of scans misses, on seeded pairs; writes docs/rates.md (ARGS='--pairs N'; resumable)
	@$(BIN)/python -m tests.scans.rates $(ARGS)

rates-augraphy: install $(AUGRAPHY)/.installed ## the same under Augraphy's noise, beside ours; writes docs/rates-augraphy.md (ARGS='--pairs N'; resumable)
	@$(BIN)/python -m tests.scans.augraphy.rates $(ARGS)

pdfa: install system-test $(VERAPDF) ## sealed PDF/A files before veraPDF, the independent validator
	@$(BIN)/pytest -n 0 tests/whole_app/test_pdfa.py $(ARGS)

signers: install system-test $(SIGNERS) ## other programs sign (LibreOffice too), one after the other, and we check; writes docs/interoperability.md
	@deploy/system-packages.sh signers
	@$(BIN)/python -m tests.signers.run $(ARGS)

mutants: install ## edits of the code that decides, which the tests must see (ARGS='--only TARGET --sample N --seed S')
	@$(BIN)/python -m tests.mutants.run $(ARGS)

vectors: install ## every file of the shared corpus and which expectations are met
	@$(BIN)/python -m tests.vectors.run $(ARGS)

screenshots: install system-test ## the pictures in docs/screenshots, from a running demo province
	@$(BIN)/python -m tests.journeys.screenshots $(ARGS)

lock: ## resolve requirements.in anew into the hash-pinned locks
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-header -p 3.11 requirements.in -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-header -p 3.11 requirements-runtime.in -c requirements.lock -o requirements-runtime.lock
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-header -p 3.11 tests/scans/augraphy/requirements.in --override tests/scans/augraphy/overrides.txt -o tests/scans/augraphy/requirements.lock

dockerfile: install ## run the Dockerfile's own steps in a clean folder (no container engine needed)
	@$(BIN)/python deploy/check_dockerfile.py $(ARGS)

clean: ## remove what was built; the virtual environment stays
	@rm -rf build dist .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/.installed: requirements.lock pyproject.toml deploy/install.sh deploy/lock-part.sh deploy/system-packages.sh
	@deploy/system-packages.sh run
	@VENV=$(VENV) deploy/install.sh
	@touch $@

$(AUGRAPHY)/.installed: tests/scans/augraphy/requirements.lock tests/scans/augraphy/install.sh | $(VENV)/.installed
	@tests/scans/augraphy/install.sh $(BIN)/uv $(AUGRAPHY)/.venv
	@touch $@

$(VIEWERS)/.installed: tests/viewers/package-lock.json tests/viewers/install.sh | $(VENV)/.installed
	@tests/viewers/install.sh $(BIN)/python $(VIEWERS)
	@touch $@

$(VERAPDF): tests/pdfa/pom.xml | system-test
	@mvn -q -B -f tests/pdfa/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/build/verapdf
	@touch $@

$(SIGNERS): $(wildcard tests/signers/java/* tests/signers/node/*) tests/signers/install.sh | $(VENV)/.installed system-test
	@tests/signers/install.sh $(BIN)/python
	@touch $@

system-test:
	@deploy/system-packages.sh test

.PHONY: help install demo serve test check format bench chaos fuzz viewers mutants rates rates-augraphy pdfa signers vectors screenshots lock dockerfile clean system-test
