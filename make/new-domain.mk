##@ Your own domain

.PHONY: new-domain
new-domain: $(TOOLS)  ## create a project of this shape (NAME=lending AGGREGATE=loan DIR=../lending, PLURAL=)
	@NAME='$(NAME)' AGGREGATE='$(AGGREGATE)' DIR='$(DIR)' PLURAL='$(PLURAL)' \
	    $(VENV)/tools/bin/python -m make.new_domain
