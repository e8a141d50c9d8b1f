##@ Roll out
# What follows an apply: try the API, watch its alarm, and shift requests between versions
# (docs/how-to/deploy.md).

MINUTES ?= 10
ALARM ?=

# By another name: make carries out a line with its own, even where it only prints (--dry-run).
OUTPUT_OF = $(MAKE) --no-print-directory --silent terraform-output

.PHONY: smoke
smoke: $(RUN)  ## write, read, audit and remove an example by a running API (URL=, by default that of `make run`; TOKEN=, PUBLIC=1, TIMES=)
	@$(dir $(RUN))bin/python -m apps.smoke

.PHONY: watch
watch: $(RUN)  ## wait while the service is healthy, fail as soon as it is not (MINUTES=10, ENV=, ALARM=another alarm)
	@alarm=$(or $(ALARM),$$($(OUTPUT_OF) OUTPUT='-raw health_alarm')) && \
	    $(IN_REGION) ALARM=$$alarm MINUTES=$(MINUTES) $(dir $(RUN))bin/python make/watch.py

# Only the aliases: with -target, and with the images that are deployed. Terraform plans what the
# target depends on as well, so a checkout that would change a table, say, is refused. So is one that
# would change the functions, but for a rollback: it gives what that publishes no request, and must
# not be held up by an apply that has failed half-way. It is an apply rather than a call of Lambda, so that the state knows of it.
.PHONY: rollout
rollout: terraform-init  ## shift requests: SHARE=0.5 of them to the newest versions, 1 all, 0 none (YES=1: without asking)
	@[ '$(SHARE)' ] || { echo 'Name the share of the newest versions: make rollout SHARE=1' >&2; exit 1; }
	@$(call deployed,images share=$(SHARE))
	@$(NO_IMAGES) $(TF_SERVICE) $(TF) plan -input=false $(SETTINGS) -var-file=$(DEPLOYED) -target=aws_lambda_alias.live -out=$(PLANS)/rollout.tfplan
	@$(TF) show -json $(PLANS)/rollout.tfplan | $(PREFLIGHT) only=aws_lambda_alias.live$(if $(filter 0,$(SHARE)),+aws_lambda_function)
	@$(if $(YES),,$(confirm) &&) $(TF) apply -input=false $(PLANS)/rollout.tfplan

.PHONY: rollback
rollback:  ## give all requests to the versions before: make rollout SHARE=0
	@$(MAKE) --no-print-directory rollout SHARE=0
