# The one entrance. `make` alone shows what there is.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := bash

PYTHON ?= python3

# --- Environments ----------------------------------------------------------------------------
# One for each lock in requirements/, made again when its lock has changed. The last step puts the
# repository on the environment's path by a .pth file: the same as an editable install of our
# packages, without a build backend to lock, fetch and run. The path in it is relative.

VENV := .venv
RUN := $(VENV)/run/ready
TEST := $(VENV)/test/ready
TOOLS := $(VENV)/tools/ready

$(VENV)/%/ready: requirements/%.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, and $(PYTHON) is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.13 ...")' >&2
	@echo 'Making $(@D) from $<; this takes a minute at most.' >&2
	@$(PYTHON) -m venv --clear $(@D) >&2 || { echo 'Python has no venv here. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@$(@D)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement $< >&2
	@$(@D)/bin/python -c 'import pathlib, sysconfig; (pathlib.Path(sysconfig.get_path("purelib")) / "books-cqrs.pth").write_text("../" * 5 + "\n")'
	@touch $@

# --- Running -----------------------------------------------------------------------------------
# What is set on make's command line, as in `make run STORE=dynamodb`, is in the programs' environment.

.PHONY: run
run: $(RUN)  ## start everything on this machine; Ctrl-C stops it (STORE=sqlite|dynamodb, COMMAND_PORT=, QUERY_PORT=, IDENTITY_PORT=)
	@$(VENV)/run/bin/python -m apps.local.run

.PHONY: token
token: $(RUN)  ## print an access token from the running identity provider: make token SCOPE="books:write"
	@$(VENV)/run/bin/python -m apps.local.token

.PHONY: import
import: $(RUN)  ## send a CSV of books to the command service: make import FILE=books.csv [URL=http://127.0.0.1:8000] [QUERY_URL=]
	@$(VENV)/run/bin/python -m apps.importer

.PHONY: rebuild
rebuild: $(RUN)  ## make the read model anew from the log, while the old one serves
	@$(VENV)/run/bin/python -m apps.rebuild

# --- Checking ----------------------------------------------------------------------------------

# Tests run `make run` and the like too: what these need is made before, not by several tests at once.
PYTEST_ARGS ?=

.PHONY: test
test: $(TEST) $(RUN)  ## run all tests, in parallel, and show branch coverage (PYTEST_ARGS="-k words")
	@$(VENV)/test/bin/python -m pytest --numprocesses=auto --dist=loadgroup --cov --cov-report=term $(PYTEST_ARGS)

.PHONY: lint
lint: $(TOOLS)  ## check style, types, the hexagon's imports and the dependencies; changes nothing
	@$(VENV)/tools/bin/ruff check
	@$(VENV)/tools/bin/ruff format --check
	@$(VENV)/tools/bin/mypy
	@$(VENV)/tools/bin/lint-imports
	@$(VENV)/tools/bin/deptry .

.PHONY: format
format: $(TOOLS)  ## write the code the way `make lint` wants it
	@$(VENV)/tools/bin/ruff check --fix
	@$(VENV)/tools/bin/ruff format

# --- Looking after it -------------------------------------------------------------------------

LOCKS := run command query test tools emulator
ALONE := run emulator  # not constrained to the versions of run.txt: it is them, or it fights them
UPGRADE ?=

.PHONY: lock
lock: $(TOOLS)  ## write requirements/*.txt from *.in; versions stay where they are (UPGRADE=1 takes the newest)
	@for name in $(LOCKS); do \
	    $(VENV)/tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	        --no-header --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) \
	        $$(case ' $(ALONE) ' in *" $$name "*) ;; *) echo --constraints requirements/run.txt ;; esac) \
	        --output-file requirements/$$name.txt requirements/$$name.in || exit; \
	done

include make/terraform.mk

.PHONY: clean
clean:  ## remove environments, caches and what was built; the books in .local/ stay
	rm -rf $(VENV) build .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find apps core make tests -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help:  ## show this
	@sed -nE 's/^([a-z-]+):[^#]*  ## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | sort | awk -F '\t' '{ printf "  %-28s %s\n", $$1, $$2 }'

include make/containers.mk
