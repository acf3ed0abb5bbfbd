# Relative paths only, and always "python -m": the checkout may lie in a folder with blanks.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
VENDOR := .venv-vendor
PLUGIN ?= build/conductor-plugin

.PHONY: help setup demo test check lint docs plugin benchmark clean

help:
	@echo "make demo       set everything up, render the sample shot on the embedded service"
	@echo "make test       set everything up, run every test"
	@echo "make lint       ruff and mypy"
	@echo "make plugin     build the folder for Clarisse, into build/conductor-plugin (or PLUGIN=DIR)"
	@echo "make docs       write the generated pages of docs/ again"
	@echo "make clean      remove the virtual environments and caches"

setup: $(VENV)/ready

$(VENV)/ready: setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "conductor needs Python 3.10 or newer here, %s is %d.%d: make PYTHON=python3.11" % (sys.executable, *sys.version_info[:2]))'
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(RUN) -m pip install --quiet --disable-pip-version-check --editable ".[service,dev]"
	@touch $(VENV)/ready

# The vendor's own client, in an environment of its own: it is run against our service. Its Clarisse
# plugin needs an older client, so it has a folder of its own; it is run on our stand-in.
$(VENDOR)/ready: Makefile
	@echo "Setting up $(VENDOR) ..."
	@$(PYTHON) -m venv $(VENDOR)
	@$(VENDOR)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps "ciocore==9.2.0" "cioseq>=0.4.1,<1"
	@$(VENDOR)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $(VENDOR)/plugin "cioclarisse==0.3.2" "ciocore==4.0.7" "pyjwt==1.7.1" "cioseq>=0.4.1,<1" "ciopath==1.1.2" "ciotemplate==0.1.2" "future>=1.0,<2"
	@$(VENDOR)/bin/python -m pip install --quiet --disable-pip-version-check "requests>=2.31" "pyjwt==2.9.0" "click>=8.1.3,<9" "markdown>=3.5.2,<4" "colorlog>=6.8.2,<7"
	@touch $(VENDOR)/ready

demo: setup
	@$(RUN) -m conductor demo

test: setup $(VENDOR)/ready lint
	@$(RUN) -m pytest --numprocesses 2 --dist loadfile

lint: setup
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy

docs: setup
	@$(RUN) -m tests.spec.page
	@$(RUN) -m tests.cli.page
	@$(RUN) -m tests.clarisse.attributes_page
	@$(RUN) -m tests.clarisse.pictures

plugin: setup
	@$(RUN) -m conductor clarisse plugin "$(PLUGIN)"

clean:
	rm -rf $(VENV) $(VENDOR) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
