# --- Images ------------------------------------------------------------------------------------
# docs/images.md tells what is in them, and of more variables.

DOCKER ?= docker
export DOCKER

# Docker's newer builder would add attestations, and so make an index of the image: Lambda takes none.
export BUILDX_NO_DEFAULT_ATTESTATIONS := 1

LOCKS += runtime audit
AUDIT := $(VENV)/audit/ready
IMAGES := PYTHONPATH=. $(PYTHON) -m make.images

.PHONY: docker-build
docker-build:  ## build both images; the same clone gives the same image (DOCKER=podman, PLATFORM=linux/arm64, VERSION=, BASE_IMAGE=)
	@$(IMAGES) build

.PHONY: docker-delivery
docker-delivery: $(RUN)  ## push both images to ECR and tell Terraform their digests (AWS_REGION=, REGISTRY= for another registry)
	@AWS_REGION=$(AWS_REGION) $(VENV)/run/bin/python -m make.images deliver

.PHONY: sbom
sbom: $(AUDIT)  ## write a bill of materials (CycloneDX) for each image, out of its locks, to build/sbom/
	@mkdir -p build/sbom
	@for app in command query; do \
	    cat requirements/runtime.txt requirements/$$app.txt | $(VENV)/audit/bin/cyclonedx-py requirements \
	        --output-reproducible --output-format JSON --output-file build/sbom/$$app.cdx.json - || exit; \
	    echo "build/sbom/$$app.cdx.json"; \
	done

.PHONY: audit
audit: $(AUDIT)  ## look for known vulnerabilities of what is deployed; asks an advisory service on the network
	@$(VENV)/audit/bin/python make/audit.py requirements/runtime.txt requirements/command.txt requirements/query.txt
