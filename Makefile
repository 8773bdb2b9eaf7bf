# Each target stands alone on a fresh machine: it makes .venv in this folder when it is missing and, as root on
# Debian, installs the packages that are missing. Nothing else is left outside this folder.

VENV := .venv
BENCH_VENV := .venv-bench
BIN := $(VENV)/bin
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PATH := $(CURDIR)/$(BIN):$(PATH)

# make test ARGS='tests/unit -k inventory'
ARGS ?=

.PHONY: help demo test bench soak lint docs reference wheel clean venv packages
.DEFAULT_GOAL := help

help:
	@sed -n 's/^## \([a-z]*\): */  make \1\t/p' Makefile

packages:
	@sh .ci/debian-packages $(PACKAGES)

# pykerberos has no wheels: where it cannot be compiled, the tests of Kerberos are skipped.
venv: packages
	@sh .ci/venv $(VENV) -e ".[postgresql,test$$(command -v krb5-config >/dev/null && command -v gcc >/dev/null \
		&& echo ,kerberos)]"

## demo: three real hosts (one healthy, one broken, one unreachable) are patched before your eyes
demo: PACKAGES := --demo
demo: venv
	$(BIN)/python -m mspctl.testing.demo

# Tests run in several processes (see tests/parallel.py); `make test ARGS='-n 0 --pdb'` keeps them in one.
## test: the linters, the type checker, the layer contracts and every test
test: lint
	$(BIN)/pytest -n auto --dist loadgroup $(ARGS)

## lint: ruff, mypy, import contracts, shellcheck, PowerShell's grammar and commands
# The parts of a bundle share variables, so shellcheck does not see where they are set or used (SC2034, SC2154).
# `test -O` is not in POSIX, but in dash, busybox ash and bash (SC3067).
lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/shellcheck .ci/debian-packages .ci/venv .ci/run .ci/soak
	find templates -name '*.sh' -exec $(BIN)/shellcheck --shell=sh --severity=warning \
		--exclude=SC2034,SC2154,SC3067 {} +
	$(BIN)/python -m tests.unit.powershell.lint

## bench: mspctl against ansible, ansible with mitogen, pyinfra and bare paramiko, on the lab
bench: venv
	@sh .ci/venv $(BENCH_VENV) -r .ci/bench-requirements.txt
	MSPCTL_BENCH_VENV=$(CURDIR)/$(BENCH_VENV) $(BIN)/python -m tests.benchmarks $(ARGS)

## soak: the tests about faults, kills and hostile input, again and again for SOAK_SECONDS (3600)
soak: venv
	@sh .ci/soak $(ARGS)

## docs: the documentation site in site/, built offline
docs: reference
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

## reference: write docs/reference from the code
reference: venv
	$(BIN)/python -m mspctl.docsgen

## wheel: dist/*.whl and dist/*.tar.gz
wheel: venv
	$(BIN)/python -m build --outdir dist .

## clean: remove everything these targets made
clean:
	rm -rf $(VENV) $(BENCH_VENV) .cache .lab build dist site .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
