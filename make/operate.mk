##@ Operate
# On this machine and on AWS alike: STORE and the tables' names say where
# (docs/reference/configuration.md).

.PHONY: status
status: $(RUN)  ## print events, views, generation, lag, what is set aside, dead letters (QUEUE_URL=, FORMAT=json, METRICS_NAMESPACE=)
	@$(VENV)/run/bin/python -m apps.status

.PHONY: rebuild
rebuild: $(RUN)  ## build a new read model from the log while the old one serves
	@$(VENV)/run/bin/python -m apps.rebuild

.PHONY: reproject
reproject: $(RUN)  ## make the view of one stream again from the log (ID=)
	@$(VENV)/run/bin/python -m apps.views reproject

.PHONY: verify
verify: $(RUN)  ## list the views that are not at the log's version, and project those that are behind (REPAIR=1)
	@$(VENV)/run/bin/python -m apps.views verify

.PHONY: redrive
redrive: $(RUN)  ## handle what a dead-letter queue has, and empty it (QUEUE_URL=, STORE=dynamodb, EVENT_BUS=, DISCARD=1)
	@$(VENV)/run/bin/python -m apps.redrive

.PHONY: export-events
export-events: $(RUN)  ## write the whole log to a new file (FILE=events.ndjson.gz)
	@$(VENV)/run/bin/python -m apps.log export

.PHONY: import-events
import-events: $(RUN)  ## append the events of such a file to a log (FILE=events.ndjson.gz, UNREADABLE=1)
	@$(VENV)/run/bin/python -m apps.log import

.PHONY: erase-actor
erase-actor: $(RUN)  ## make the log forget who sent commands (SUBJECT=, ISSUER=, ACTOR_KEY=, STORE=dynamodb)
	@$(VENV)/run/bin/python -m apps.erase_actor

.PHONY: integration-events
integration-events: $(RUN)  ## print the public messages of the log here as they come (FILE=messages.ndjson, URL=http://..., ONCE=1, STORE=)
	@$(VENV)/run/bin/python -m apps.local.integration_events
