##@ Images
# docs/explanation/images.md describes them, and has more variables.

DOCKER ?= docker
export DOCKER

# Docker's newer builder would add attestations, which turn the image into an index: Lambda accepts
# none.
export BUILDX_NO_DEFAULT_ATTESTATIONS := 1

IMAGES := PYTHONPATH=. $(PYTHON) -m make.images

.PHONY: docker-build
docker-build:  ## build both images, the same from the same clone (DOCKER=podman, PLATFORM=linux/arm64, VERSION=, BASE_IMAGE=)
	@$(IMAGES) build

.PHONY: docker-delivery
docker-delivery: $(RUN)  ## push both images to ECR, and their digests to Terraform (AWS_REGION=, REGISTRY=another.registry)
	@AWS_REGION=$(AWS_REGION) $(VENV)/run/bin/python -m make.images deliver

.PHONY: sbom
sbom: $(AUDIT)  ## write a bill of materials (CycloneDX) for each image, from its locks, to build/sbom/
	@mkdir -p build/sbom
	@for app in command query; do \
	    cat requirements/runtime.txt requirements/$$app.txt | $(VENV)/audit/bin/cyclonedx-py requirements \
	        --output-reproducible --output-format JSON --output-file build/sbom/$$app.cdx.json - || exit; \
	    echo "build/sbom/$$app.cdx.json"; \
	done

.PHONY: audit
audit: $(AUDIT)  ## look up known vulnerabilities of what is deployed, in an advisory service on the network
	@$(VENV)/audit/bin/python make/audit.py requirements/runtime.txt requirements/command.txt requirements/query.txt
