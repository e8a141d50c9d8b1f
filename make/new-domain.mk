##@ Your own domain

.PHONY: new-domain
new-domain: $(TOOLS)  ## make a fresh project with another domain (NAME=lending AGGREGATE=loan DIR=../lending, PLURAL=loans)
	@NAME='$(NAME)' AGGREGATE='$(AGGREGATE)' DIR='$(DIR)' PLURAL='$(PLURAL)' $(VENV)/tools/bin/python -m make.new_domain
