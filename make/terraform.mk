##@ AWS
# From the Chalice apps to AWS. Only bootstrap, terraform-apply, terraform-registry, their -destroy,
# deploy and rollout (rollout.mk) change AWS; they show what they will do and ask, unless YES=1.
# Credentials come from the environment: `aws-vault exec PROFILE -- make deploy`.

# tofu is a drop-in for it (docs/how-to/deploy.md).
TERRAFORM ?= terraform

# The environment: a stage of both apps (apps/*/.chalice/config.json), settings
# (terraform/environments), a workspace.
ENV ?= production
AWS_REGION ?= eu-central-1

# OFFLINE=1 plans without AWS: in the build folder, where an override file turns off the provider's
# checks.
OFFLINE ?=
YES ?=

# Whose checksums terraform-lock records.
PLATFORMS ?= linux_amd64 linux_arm64 darwin_amd64 darwin_arm64 windows_amd64

# A plan to apply, as terraform-plan wrote it. Without one, terraform-apply makes its own.
PLAN ?=

# The share of requests that new versions of the functions get at first: 0.1, say. Empty: all.
SHARE ?=

# A folder of providers, for a machine that cannot reach their registry.
TF_PLUGIN_DIR ?=

BUILD ?= build

# The page that alarms link to, where this clone came from: GitHub and GitLab take HEAD for the
# default branch. Empty for a clone of a folder.
RUNBOOK_URL ?= $(shell git remote get-url origin 2>/dev/null | sed -nE -e 's,(\.git)?/*$$,/blob/HEAD/docs/how-to/runbook.md,' \
    -e 's,^(https|ssh)://([^@/]*@)?([^:/]+)(:[0-9]+)?/,https://\3/,p' -e 's,^[^@/:]+@([^:/]+):,https://\1/,p')

STACK := $(if $(OFFLINE),$(BUILD)/offline,terraform)
PLANS := $(abspath $(BUILD))/plans/$(if $(OFFLINE),offline,$(ENV))
DIGESTS := terraform/images.auto.tfvars.json
NO_IMAGE := dkr.ecr.$(AWS_REGION).amazonaws.com/$(PROJECT)
NO_DIGEST := @sha256:0000000000000000000000000000000000000000000000000000000000000000

PREFLIGHT = $(dir $(RUN))bin/python make/preflight.py
IN_REGION = AWS_REGION=$(AWS_REGION) AWS_DEFAULT_REGION=$(AWS_REGION)
# They have the lowest precedence of all that can set a variable, so whatever is known replaces
# them.
NO_IMAGES = TF_VAR_command_image=000000000000.$(NO_IMAGE)/command$(NO_DIGEST) \
    TF_VAR_query_image=000000000000.$(NO_IMAGE)/query$(NO_DIGEST)
PLACEHOLDERS = $(NO_IMAGES) \
    TF_VAR_jwt_issuer=$${TF_VAR_jwt_issuer:-https://tenant.example/}
TF = env $(if $(OFFLINE),-u AWS_PROFILE -u AWS_ENDPOINT_URL TF_VAR_account_id=000000000000 $(PLACEHOLDERS)) \
    $(IN_REGION) TF_VAR_aws_region=$(AWS_REGION) $(TERRAFORM) -chdir=$(STACK)
TF_SERVICE = TF_VAR_environment=$(ENV) $(if $(RUNBOOK_URL),TF_VAR_runbook_url=$(RUNBOOK_URL))
SETTINGS = -var-file=environments/$(ENV).tfvars

# $(call deployed,setting...): settings of what is deployed (deployed.py), for the next plan.
DEPLOYED = $(PLANS)/deployed.tfvars.json
deployed = $(TF) show -json | $(dir $(RUN))bin/python make/deployed.py $(1) >$(DEPLOYED)

# An environment in an account of its own has its states there: `make bootstrap` wrote which bucket.
OWN_BACKEND := $(wildcard terraform/environments/$(ENV).s3.tfbackend)
ifneq ($(OWN_BACKEND),)
ifndef OFFLINE
export TF_DATA_DIR := .terraform/$(ENV)
export TF_CLI_ARGS_init := -backend-config=$(abspath $(OWN_BACKEND))
endif
endif

# $(call prepare,terraform of a root,workspace): init prints nothing unless it fails. The first one
# writes a lock of the provider for all platforms, but from a folder of providers only for this one.
define prepare
locked=$$([ -f $(lastword $(subst =, ,$(1)))/.terraform.lock.hcl ] && echo 1); \
    $(1) init -input=false $(if $(TF_PLUGIN_DIR),-plugin-dir=$(TF_PLUGIN_DIR)) >/dev/null && \
    $(1) workspace select -or-create $(2) >/dev/null && \
    { [ "$${locked}$(OFFLINE)" ] || echo '$(lastword $(subst =, ,$(1)))/.terraform.lock.hcl is new: $(if $(TF_PLUGIN_DIR),it is for this machine alone; do not commit it,commit it)' >&2; }
endef

# $(call apply,terraform of a root,settings,plan): shows, asks, and applies what was shown.
define apply
code=0; $(1) plan -input=false -detailed-exitcode $(2) -out=$(3) || code=$$?; \
    if [ $$code = 2 ]; then $(if $(YES),,$(confirm) &&) $(1) apply -input=false $(3); else exit $$code; fi
endef
confirm = { read -rp 'Do this? Only "yes" is a yes: ' answer && [ "$$answer" = yes ]; }

# CORS_ORIGINS is for this machine: in AWS, API Gateway responds to preflights (cors_origins).
.PHONY: terraform-package
terraform-package: $(RUN)  ## write terraform/chalice.tf.json from both apps, for ENV=production|staging
	@$(PREFLIGHT) stage=$(ENV)
	@for app in command query; do \
	    env -u CORS_ORIGINS $(IN_REGION) $(dir $(RUN))bin/chalice --project-dir apps/$$app package --pkg-format terraform --stage $(ENV) \
	        $(abspath $(BUILD))/chalice/$(ENV)/$$app >/dev/null || exit; \
	done
	@$(dir $(RUN))bin/python -m chalice_terraform merge command=$(BUILD)/chalice/$(ENV)/command query=$(BUILD)/chalice/$(ENV)/query \
	    --package image --output terraform/chalice.tf.json >&2

.PHONY: terraform-installed
terraform-installed:
	@command -v $(TERRAFORM) >/dev/null || { echo '$(TERRAFORM) is not installed, or not on PATH: https://developer.hashicorp.com/terraform/install, or TERRAFORM=tofu for https://opentofu.org/docs/intro/install/' >&2; exit 1; }

.PHONY: terraform-check
terraform-check: terraform-installed $(RUN)
	@$(if $(OFFLINE),,$(IN_REGION) $(PREFLIGHT) credentials)

# A copy without backend and state. What init installed there stays, so that it is fast the next
# time.
.PHONY: terraform-offline
terraform-offline: terraform-package
	@mkdir -p $(BUILD)/offline/registry $(BUILD)/offline/bootstrap
	@rm -rf $(BUILD)/offline/*.tf* $(BUILD)/offline/{registry,bootstrap}/*.tf* $(BUILD)/offline/{,registry/,bootstrap/}tests $(BUILD)/offline/environments
	@cp -R terraform/*.tf terraform/chalice.tf.json $(wildcard terraform/*.auto.tfvars $(DIGESTS)) terraform/environments terraform/tests terraform/offline/*.tf $(BUILD)/offline
	@for root in registry bootstrap; do cp -R terraform/$$root/*.tf terraform/$$root/tests terraform/offline/*.tf $(BUILD)/offline/$$root || exit; done
	@rm -f $(BUILD)/offline/{,registry/,bootstrap/}backend.tf

.PHONY: terraform-init
terraform-init: terraform-check $(if $(OFFLINE),terraform-offline,terraform-package)  ## prepare the provider, and the environment's state (a workspace)
	@mkdir -p $(PLANS)
	@$(call prepare,$(TF),$(if $(OFFLINE),default,$(ENV)))

.PHONY: terraform-validate
terraform-validate:  ## check all roots without AWS
	@$(MAKE) --no-print-directory OFFLINE=1 terraform-validate-offline

.PHONY: terraform-validate-offline
terraform-validate-offline: terraform-init
	@$(TF) validate
	@$(call prepare,$(TF)/registry,default) && $(TF)/registry validate
	@$(call prepare,$(TF)/bootstrap,default) && $(TF)/bootstrap validate

.PHONY: terraform-test
terraform-test:  ## check which values the variables of all roots accept, without AWS (Terraform 1.7 or newer)
	@$(MAKE) --no-print-directory OFFLINE=1 terraform-test-offline

.PHONY: terraform-test-offline
terraform-test-offline: terraform-init
	@$(call prepare,$(TF)/registry,default)
	@$(call prepare,$(TF)/bootstrap,default)
	@$(TF) test && $(TF)/registry test && $(TF)/bootstrap test

.PHONY: terraform-lock
terraform-lock: terraform-installed terraform-package  ## write the provider's checksums for all platforms into all locks, to commit (UPGRADE=1: the newest)
	@for root in terraform/bootstrap terraform/registry terraform; do \
	    $(if $(UPGRADE),rm -f $$root/.terraform.lock.hcl;) \
	    $(TERRAFORM) -chdir=$$root providers lock $(addprefix -platform=,$(PLATFORMS)) || exit; \
	done

.PHONY: terraform-plan
terraform-plan: terraform-init  ## show what an apply would do, and keep it in build/plans (OFFLINE=1: without AWS or state; SHARE=0.1)
	@$(if $(OFFLINE),,$(PREFLIGHT) images=$(DIGESTS))
	@$(if $(SHARE),$(call deployed,share=$(SHARE)))
	@$(TF_SERVICE) $(TF) plan -input=false $(SETTINGS) $(if $(SHARE),-var-file=$(DEPLOYED)) -out=$(PLANS)/service.tfplan
	@$(TF) show -json $(PLANS)/service.tfplan >$(PLANS)/service.json

# It writes nothing in AWS, the state's lock included, so that permission to read is enough.
.PHONY: terraform-review
terraform-review: terraform-init  ## show what this checkout would change, with the images that are deployed; only reads
	@$(call deployed,images)
	@$(NO_IMAGES) $(TF_SERVICE) $(TF) plan -input=false -lock=false $(SETTINGS) -var-file=$(DEPLOYED) -out=$(PLANS)/review.tfplan

.PHONY: terraform-show
terraform-show: terraform-installed  ## print a plan that was kept, as text (PLAN=FILE)
	@$(TF) show -no-color $(abspath $(or $(PLAN),$(PLANS)/service.tfplan))

.PHONY: terraform-apply
terraform-apply: terraform-init  ## apply the plan to AWS (YES=1: without asking; PLAN=FILE: an earlier plan; SHARE=0.1: to a share of the requests)
ifdef PLAN
	@$(TF) apply -input=false $(abspath $(PLAN))
else
	@$(PREFLIGHT) images=$(DIGESTS)
	@$(if $(SHARE),$(call deployed,share=$(SHARE)))
	@export $(TF_SERVICE); $(call apply,$(TF),$(SETTINGS) $(if $(SHARE),-var-file=$(DEPLOYED)),$(PLANS)/service.tfplan)
endif

.PHONY: terraform-destroy
terraform-destroy: terraform-init  ## remove the service but for its images (YES=1: without asking)
	@$(TF) show -json | $(PREFLIGHT) unprotected
	@$(TF_SERVICE) $(PLACEHOLDERS) $(TF) destroy $(SETTINGS) $(if $(YES),-auto-approve -input=false)

.PHONY: terraform-output
terraform-output: terraform-init  ## print the API's URL, the names of tables and log groups (OUTPUT="-json api_url")
	@$(TF) output $(OUTPUT)

BOOTSTRAP = $(IN_REGION) PROJECT=$(PROJECT) $(dir $(RUN))bin/python make/bootstrap.py

# Its own state begins on this machine and moves into the bucket (bootstrap.py). So does one of the
# service that is here, and Terraform reads all of a root before it moves its state.
.PHONY: bootstrap
bootstrap: export TF_CLI_ARGS_init :=
bootstrap: terraform-check $(if $(wildcard terraform/terraform.tfstate*),terraform-package)  ## create the bucket of states and the roles of GitHub's jobs; run it again at any time (REPOSITORY=owner/repo, ENVIRONMENTS="staging production", STATE_BUCKET=, YES=1)
	@mkdir -p $(PLANS)
	@settings=$$($(BOOTSTRAP) begin) || exit; eval "export $$settings TF_CLI_ARGS_init=-reconfigure"; \
	    $(call prepare,$(TF)/bootstrap,default) && { $(call apply,$(TF)/bootstrap,,$(PLANS)/bootstrap.tfplan); }
	@$(BOOTSTRAP) end $(TF)

.PHONY: terraform-registry
terraform-registry: terraform-check  ## create the registry of images (YES=1: without asking)
	@mkdir -p $(PLANS)
	@$(call prepare,$(TF)/registry,default) && $(call apply,$(TF)/registry,,$(PLANS)/registry.tfplan)

.PHONY: terraform-registry-destroy
terraform-registry-destroy: terraform-check  ## remove the registry; refused while it has images (YES=1: without asking)
	@$(call prepare,$(TF)/registry,default) && $(TF)/registry destroy $(if $(YES),-auto-approve -input=false)

.PHONY: deploy
deploy: terraform-check terraform-package  ## apply the registry, deliver the images, apply the service (ENV=, AWS_REGION=, VERSION=, YES=1, SHARE=0.1)
	@$(MAKE) --no-print-directory terraform-registry
	@$(MAKE) --no-print-directory docker-delivery AWS_REGION=$(AWS_REGION)
	@$(MAKE) --no-print-directory terraform-apply

# The plan with integration events, which are off by default.
WITH_EVENTS := $(abspath $(BUILD))/plans/offline/integration-events

.PHONY: compliance
compliance: $(COMPLIANCE)  ## check the promises in features/ against an offline plan of all roots
	@$(MAKE) --no-print-directory OFFLINE=1 terraform-plan terraform-plan-registry terraform-plan-bootstrap >/dev/null
	@for root in bootstrap registry service; do \
	    $(VENV)/compliance/bin/terraform-compliance --features features/$$root --planfile $(abspath $(BUILD))/plans/offline/$$root.json || exit; \
	done
	@TF_VAR_integration_events=$${TF_VAR_integration_events:-{\}} $(MAKE) --no-print-directory OFFLINE=1 PLANS=$(WITH_EVENTS) terraform-plan >/dev/null
	@$(VENV)/compliance/bin/terraform-compliance --features features/integration-events --planfile $(WITH_EVENTS)/service.json

.PHONY: terraform-scan
terraform-scan: $(SCAN)  ## look for weak settings in an offline plan of all roots, with checkov (terraform/.checkov.yaml)
	@$(MAKE) --no-print-directory OFFLINE=1 terraform-plan terraform-plan-registry terraform-plan-bootstrap >/dev/null
	@$(VENV)/scan/bin/checkov --config-file terraform/.checkov.yaml $(foreach root,bootstrap registry service,--file $(abspath $(BUILD))/plans/offline/$(root).json)

.PHONY: terraform-plan-registry
terraform-plan-registry: terraform-init
	@$(call prepare,$(TF)/registry,default)
	@$(TF)/registry plan -input=false -out=$(PLANS)/registry.tfplan
	@$(TF)/registry show -json $(PLANS)/registry.tfplan >$(PLANS)/registry.json

# Offline only: whose jobs assume the roles makes no difference to what is checked.
.PHONY: terraform-plan-bootstrap
terraform-plan-bootstrap: terraform-init
	@$(call prepare,$(TF)/bootstrap,default)
	@TF_VAR_repository=owner/repo $(TF)/bootstrap plan -input=false -out=$(PLANS)/bootstrap.tfplan
	@$(TF)/bootstrap show -json $(PLANS)/bootstrap.tfplan >$(PLANS)/bootstrap.json
