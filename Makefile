# The one entry point. `make` alone lists the targets.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := bash

PROJECT := $(shell sed -n '/^\[project\]/,/^name/s/^name = "\(.*\)"/\1/p' pyproject.toml)

include make/environments.mk
include make/images.mk
include make/terraform.mk
include make/rollout.mk
include make/operate.mk
include make/openapi.mk
include make/bench.mk
include make/new-domain.mk

##@ Run on this machine
# What is set on make's command line, as in `make run STORE=dynamodb`, is in the programs'
# environment.

.PHONY: run
run: $(RUN)  ## start everything; Ctrl-C stops it (STORE=sqlite|dynamodb, COMMAND_PORT=, QUERY_PORT=, IDENTITY_PORT=, GATEWAY_PORT=)
	@$(VENV)/run/bin/python -m apps.local.run

.PHONY: explorer
explorer: $(RUN)  ## open the explorer on an API that runs elsewhere (URL=https://..., ISSUER=https://..., GATEWAY_PORT=)
	@$(VENV)/run/bin/python -m apps.local.explorer

.PHONY: token
token: $(RUN)  ## print an access token of the running identity provider (SCOPE="books:write")
	@$(VENV)/run/bin/python -m apps.local.token

.PHONY: import
import: $(RUN)  ## send a file of books to the command service (FILE=books.csv|.ndjson, DRY_RUN=1, URL=http://127.0.0.1:8000, QUERY_URL=)
	@$(VENV)/run/bin/python -m apps.importer

.PHONY: export
export: $(RUN)  ## write all books to a file that `make import` takes (FILE=books.ndjson|.csv, URL=http://127.0.0.1:8001)
	@$(VENV)/run/bin/python -m apps.exporter

##@ Test
# Tests run `make run` and the like too: their environment is made before, not by several tests at
# once.

PYTEST_ARGS ?=

.PHONY: test
test: $(TEST) $(RUN) $(TOOLS)  ## run all tests in parallel (PYTEST_ARGS="-k words")
	@$(VENV)/test/bin/python -m pytest --numprocesses=auto --dist=loadgroup $(PYTEST_ARGS)

.PHONY: test-collection
test-collection: $(TEST)
	@$(VENV)/test/bin/python -m pytest --collect-only --quiet --quiet >/dev/null

# Hypothesis marks its own.
.PHONY: test-thoroughly
test-thoroughly: $(TEST)  ## run all of the tests by chance of which `make test` runs a share, with other examples each time
	@THOROUGHLY=1 $(VENV)/test/bin/python -m pytest --numprocesses=auto --dist=loadgroup -m 'by_chance or hypothesis' $(PYTEST_ARGS)

.PHONY: coverage
coverage:  ## the same, with branch coverage, which takes half as long again
	@$(MAKE) --no-print-directory test PYTEST_ARGS='--cov --cov-report=term $(PYTEST_ARGS)'

.PHONY: reliability
reliability: $(TEST)  ## run the services under load and faults, and check what happened (MINUTES=30, SEED=, STORE=sqlite|dynamodb)
	@$(VENV)/test/bin/python -m tests.reliability.processes

.PHONY: screenshots
screenshots: $(TEST)  ## take pictures of the pages in every state and look: build/screenshots
	@$(VENV)/test/bin/python -m tests.browser.screenshots

.PHONY: lint
lint: $(TOOLS)  ## check style, types, the hexagon's imports, dependencies and workflows; changes nothing
	@$(VENV)/tools/bin/ruff check
	@$(VENV)/tools/bin/ruff format --check
	@$(VENV)/tools/bin/mypy
	@$(VENV)/tools/bin/lint-imports
	@$(VENV)/tools/bin/deptry .
	@$(VENV)/tools/bin/zizmor --offline --quiet --no-progress .github/workflows

.PHONY: format
format: $(TOOLS)  ## rewrite the code as `make lint` expects it
	@$(VENV)/tools/bin/ruff check --fix
	@$(VENV)/tools/bin/ruff format

##@ Maintain

.PHONY: openapi
openapi: $(RUN)  ## write docs/openapi.json and docs/asyncapi.json, of the API and of the public messages, from the code
	@$(VENV)/run/bin/python -m apps.openapi

# Not constrained to the versions of run.txt: it is them, or it conflicts with them.
ALONE := run emulator oldest scan
UPGRADE ?=

.PHONY: lock
lock: $(VENV)/uv/ready $(NODE)  ## write requirements/*.txt from *.in, keeping versions (UPGRADE=1: the newest)
	@for name in $(LOCKS); do \
	    $(UV) pip compile --quiet --universal --generate-hashes \
	        --python-version $$([ $$name = oldest ] && echo $(OLDEST_PYTHON_VERSION) || echo 3.11) \
	        --no-header --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) \
	        $$(case ' $(WHOLE) ' in *" $$name "*) ;; *) echo --excludes requirements/excluded.in ;; esac) \
	        $$(case ' $(ALONE) ' in *" $$name "*) ;; *) echo --constraints requirements/run.txt ;; esac) \
	        --output-file requirements/$$name.txt requirements/$$name.in || exit; \
	done
	@$(RUN_NPM) $(if $(UPGRADE),update,install) --package-lock-only --prefix requirements/node --loglevel error

.PHONY: docs
docs: $(TEST)  ## write what docs/reference/ has of the Makefile and of Terraform's variables
	@$(VENV)/test/bin/python -m make.reference

.PHONY: clean
clean:  ## remove environments, caches and build results; the books in .local/ stay
	rm -rf $(VENV) build .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find apps core make packages tests -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help:  ## list the targets
	@awk -F ':[^#]*  ## ' '/^##@ / { printf "%s%s\n", between, substr($$0, 5); between = "\n" } \
	    /^[a-z-]+:.*  ## / { printf "  %-27s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
