# --- Images ------------------------------------------------------------------------------------
# docs/images.md tells what is in them, and of more variables.

DOCKER ?= docker
export DOCKER

LOCKS += runtime
IMAGES := PYTHONPATH=. $(PYTHON) -m apps.local.images

.PHONY: docker-build
docker-build:  ## build both images; the same clone gives the same image (DOCKER=podman, PLATFORM=linux/arm64, VERSION=, BASE_IMAGE=)
	@$(IMAGES) build

.PHONY: docker-delivery
docker-delivery: $(RUN)  ## push both images to ECR and tell Terraform their digests (AWS_REGION=, REGISTRY= for another registry)
	@$(VENV)/run/bin/python -m apps.local.images deliver
