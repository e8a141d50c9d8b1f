# Virtual environments, one for each lock in requirements/, rebuilt when its lock or this file has changed.

PYTHON ?= python3

VENV := .venv
RUN := $(VENV)/run/ready
TEST := $(VENV)/test/ready
TOOLS := $(VENV)/tools/ready
AUDIT := $(VENV)/audit/ready
SCAN := $(VENV)/scan/ready
COMPLIANCE := $(VENV)/compliance/ready
OLDEST := $(VENV)/oldest/ready
NODE := $(VENV)/node/ready

LOCKS := run command query runtime test tools oldest emulator compliance scan audit node uv

UV := $(VENV)/uv/bin/uv
NEEDS := import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, and $(PYTHON) is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.13 ...")

# uv takes a tenth of pip's time. It has an environment of its own, which pip makes.
$(VENV)/uv/ready: requirements/uv.txt make/environments.mk
	@$(PYTHON) -c '$(NEEDS)' >&2
	@$(PYTHON) -m venv --clear $(@D) >&2 || { echo 'Python has no venv module. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@$(@D)/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes --requirement $< >&2
	@touch $@

# $(call install,lock): a lock is complete, so nothing is resolved: what requirements/excluded.in
# names stays out. Python compiles what it imports, unless a setting forbids it. Where uv does not find
# an index, pip may, whose configuration can name another.
define install
$(UV) pip install --quiet $(if $(PYTHONDONTWRITEBYTECODE),--compile-bytecode) --python $(@D)/bin/python --no-deps --require-hashes --requirement $(1) >&2 || { \
    echo 'uv could not install that; pip tries.' >&2; \
    $(VENV)/uv/bin/python -m pip --python $(@D)/bin/python install -qq --disable-pip-version-check --no-deps --require-hashes --requirement $(1) >&2; }
endef

# The last step puts the repository on the environment's path by a .pth file: the same as an
# editable install of our packages, without a build backend to lock, fetch and run. The path is
# relative.
$(VENV)/%/ready: requirements/%.txt make/environments.mk | $(VENV)/uv/ready
	@$(PYTHON) -c '$(NEEDS)' >&2
	@echo 'Making $(@D) from $<; this takes a minute at most.' >&2
	@$(PYTHON) -m venv --clear --without-pip $(@D) >&2
	@$(call install,$<)
	@$(@D)/bin/python -c 'import pathlib, sysconfig; here = "../" * 5; (pathlib.Path(sysconfig.get_path("purelib")) / "this-repository.pth").write_text(f"{here}\n{here}packages/chalice-terraform/src\n")'
	@touch $@

# The oldest Python that packages/chalice-terraform supports: one of the machine, pyenv's, or what
# .ci/install-oldest-python installed. uv needs neither pip nor venv in it.
OLDEST_PYTHON_VERSION := 3.9
OLDEST_PYTHON ?= $(firstword $(wildcard $(addsuffix /python$(OLDEST_PYTHON_VERSION), \
    /usr/bin /usr/local/bin $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/$(OLDEST_PYTHON_VERSION).*/bin \
    $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/$(PROJECT)/python$(OLDEST_PYTHON_VERSION)/usr/bin)))

$(OLDEST): requirements/oldest.txt make/environments.mk | $(VENV)/uv/ready
	@[ -n '$(OLDEST_PYTHON)' ] || { echo 'There is no Python $(OLDEST_PYTHON_VERSION) here: .ci/install-oldest-python installs it on Debian, or name one: OLDEST_PYTHON=...' >&2; exit 1; }
	@echo 'Making $(@D) from $<; this takes a minute at most.' >&2
	@$(UV) venv --quiet --clear --no-project --python $(OLDEST_PYTHON) $(@D)
	@$(call install,$<)
	@echo '../../../../../packages/chalice-terraform/src' >$(@D)/lib/python$(OLDEST_PYTHON_VERSION)/site-packages/this-repository.pth
	@touch $@
