##@ Benchmarks
# Us and our peers: docs/benchmarks.md.

BENCH := $(VENV)/bench/ready
LOCKS += bench
# Locks from which nothing is left out: a peer runs what we only take files from.
WHOLE := bench

ONLY ?=
ROUNDS ?=
RESUME ?=

.PHONY: bench
bench: $(BENCH)  ## measure us and our peers, and write docs/benchmarks.md (ONLY="cold_start growth", ROUNDS=5, RESUME=1)
	@PYTHONPATH=packages/chalice-terraform/tests $(VENV)/bench/bin/python -m tests.benchmarks \
	    $(if $(ONLY),--only $(ONLY)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(RESUME),--resume)

.PHONY: bench-report
bench-report: $(BENCH)  ## write docs/benchmarks.md and its plots from docs/benchmarks/results.json
	@$(VENV)/bench/bin/python -m tests.benchmarks.report
