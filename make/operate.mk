##@ Operate
# On this machine and on AWS alike: STORE and the tables' names say where
# (docs/reference/configuration.md).

.PHONY: rebuild
rebuild: $(RUN)  ## build a new read model from the log while the old one serves
	@$(VENV)/run/bin/python -m apps.rebuild

.PHONY: redrive
redrive: $(RUN)  ## project what the dead-letter queue has, and empty it (QUEUE_URL=, STORE=dynamodb, DISCARD=1)
	@$(VENV)/run/bin/python -m apps.redrive
