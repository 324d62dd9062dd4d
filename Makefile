# `make help` lists the targets. Needs make, and Python 3.11 or newer (or uv).

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
FIND_PYTHON = for p in $(PYTHON) python3.11 python3.12 python3.13 python3 python; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done
# a file's tests share what they look at, so that one process runs them; tests/conftest.py puts long files first
BY_FILE := --dist loadfile --no-loadscope-reorder
SCENARIO := scenarios/hostile_operator.toml

.DEFAULT_GOAL := help
.PHONY: bundle cities claims containment deterrence forecasts hidden-loss help demo app test verify bench profile lint figures recordings notebooks results schema clean workshop

help: ## show this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST)

demo: $(VENV)/.core ## compare six policies over five seeds, with and without an attack; results also in out/demo
	$(BIN)/agentsim compare $(SCENARIO) --out out/demo

app: $(VENV)/.app ## open the page in a browser; needs no internet once installed
	$(BIN)/agentsim app $(SCENARIO)

test: $(VENV)/.dev ## run the tests, except the slow ones
	$(BIN)/python -m pytest -n 2 $(BY_FILE) -m "not slow"

verify: $(VENV)/.dev ## run all tests, including the slow ones
	$(BIN)/python -m pytest -n 2 $(BY_FILE)

bench: $(VENV)/.core ## measure the speed and write benchmarks/results.json; fails if something became a fifth slower
	$(BIN)/python -m benchmarks

profile: $(VENV)/.core ## show where an hour of the town and of the city goes; writes tables and flame graphs into benchmarks/profile
	$(BIN)/python -m benchmarks.profile

cities: $(VENV)/.core ## try every network of a folder: make cities FOLDER=my_files (builds a city of each, lives a week there without and with an attack)
	$(BIN)/python -m benchmarks.cities "$(FOLDER)"

lint: $(VENV)/.dev ## check formatting, style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

figures: $(VENV)/.core ## make the README's pictures from runs, into docs/figures
	$(BIN)/python docs/make_figures.py

hidden-loss: $(VENV)/.core ## measure how much can be taken unseen, by number of reporting homes, into docs/figures (15 minutes)
	$(BIN)/python docs/make_hidden_loss.py

deterrence: $(VENV)/.core ## measure where sanctions deter, over certainty and severity, into docs/figures (3 minutes)
	$(BIN)/python docs/make_deterrence.py

recordings: $(VENV)/.core ## record the runs that the page shows at once, into agentsim/app/replay/shipped (about half an hour; can be stopped and continued)
	$(BIN)/python -m agentsim.app.server.make_recordings

forecasts: $(VENV)/.core ## try the load forecasts on weeks held back, into docs/forecasts.md (3 minutes)
	$(BIN)/python docs/make_forecasts.py 2

containment: $(VENV)/.core ## run all situations of docs/containment and write docs/containment.md, 12 seeds each (about 40 minutes on two free cores; can be stopped and continued)
	$(BIN)/python docs/make_containment.py

results: $(VENV)/.core ## make the tables of results in README.md and docs/results.md, on two sets of 30 seeds (40 minutes; can be stopped and continued)
	$(BIN)/python docs/make_results.py

claims: $(VENV)/.core ## judge what the policy paper claims and write docs/claims.md, on two sets of 30 seeds (15 minutes on two free cores; can be stopped and continued)
	$(BIN)/python docs/make_claims.py

workshop: $(VENV)/.workshop ## make the workshop kit: expected answers into docs/workshop, PDFs into out/workshop
	$(BIN)/python docs/make_workshop.py

bundle: $(VENV)/.workshop ## make one archive for a room without internet: out/agentsim-workshop-... (for others: make bundle FOR="--for windows --python 3.12")
	$(BIN)/python docs/make_bundle.py $(FOR)

notebooks: $(VENV)/.dev ## run notebooks/*.py and store them with their outputs as .ipynb
	$(BIN)/python notebooks/make_notebooks.py

schema: $(VENV)/.core ## write scenarios/schema.json, which editors use to check scenario files
	$(BIN)/python -c "from agentsim.scenario import schema; open('scenarios/schema.json', 'w', encoding='utf-8').write(schema())"

clean: ## remove what was made here: .venv, caches, results
	rm -rf $(VENV) build dist out .pytest_cache .ruff_cache .mypy_cache .hypothesis agentsim.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The files .core, .app, .workshop and .dev mark what is installed; a newer pyproject.toml installs it again.
$(BIN)/python:
ifneq ($(UV),)
	$(UV) venv --quiet --python '>=3.11' $(VENV)
else
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer is needed (or uv: https://docs.astral.sh/uv)" >&2; exit 1; fi; \
	echo "making $(VENV) with $$python"; $$python -m venv $(VENV)
endif

$(VENV)/.core: pyproject.toml | $(BIN)/python
	@echo "installing agentsim (about two minutes the first time)"
ifneq ($(UV),)
	$(UV) pip install --quiet --python $(BIN)/python --editable .
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
endif
	@$(BIN)/python -c "from agentsim.networks.roads.network import warm_up; warm_up()"
	@touch $@

$(VENV)/.app: pyproject.toml | $(VENV)/.core
	@echo "installing the page"
ifneq ($(UV),)
	$(UV) pip install --quiet --python $(BIN)/python --editable '.[app]'
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[app]'
endif
	@touch $@

$(VENV)/.workshop: pyproject.toml | $(VENV)/.app
	@echo "installing what makes the PDFs"
ifneq ($(UV),)
	$(UV) pip install --quiet --python $(BIN)/python --editable '.[app,workshop]' pip
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[app,workshop]'
endif
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "installing agentsim and its test tools (some minutes the first time)"
ifneq ($(UV),)
	$(UV) pip install --quiet --python $(BIN)/python --editable '.[dev]'
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
endif
	@touch $(VENV)/.core $@
