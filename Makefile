# The one door: `make help` says what there is. Needs make and Python 3.11 or newer (or uv), nothing else.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
FIND_PYTHON = for p in $(PYTHON) python3.11 python3.12 python3.13 python3 python; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done
SCENARIO := scenarios/hostile_operator.toml

.DEFAULT_GOAL := help
.PHONY: containment thief help demo app test verify bench lint figures recordings notebooks schema clean

help: ## this list
	@sed -n 's/^\([a-z][a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST)

demo: $(VENV)/.core ## six policies, five seeds, with and without attack; results also in out/demo
	$(BIN)/agentsim compare $(SCENARIO) --out out/demo

app: $(VENV)/.app ## the page, in a browser; needs no internet once installed
	$(BIN)/agentsim app $(SCENARIO)

test: $(VENV)/.dev ## the tests, without the slow ones
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

verify: $(VENV)/.dev ## all tests, the slow ones too
	$(BIN)/python -m pytest -n 2 --dist loadfile

bench: $(VENV)/.core ## how fast it is, into benchmarks/results.json
	$(BIN)/python -m benchmarks

lint: $(VENV)/.dev ## formatting, lint, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

figures: $(VENV)/.core ## the README's pictures, from real runs, into docs/figures
	$(BIN)/python docs/make_figures.py

thief: $(VENV)/.core ## what can be hidden before an alarm, by reporting homes, into docs/figures (a quarter of an hour)
	$(BIN)/python docs/make_hidden_loss.py

recordings: $(VENV)/.core ## the runs that the page answers with at once, into agentsim/app/replay/shipped (some minutes; goes on if stopped)
	$(BIN)/python -m agentsim.app.server.make_recordings

containment: $(VENV)/.core ## docs/containment.md: where each row works and fails, from real runs
	$(BIN)/python docs/make_containment.py

notebooks: $(VENV)/.dev ## runs notebooks/*.py and keeps them with their outputs as .ipynb
	$(BIN)/python notebooks/make_notebooks.py

schema: $(VENV)/.core ## scenarios/schema.json, for editors
	$(BIN)/python -c "from agentsim.scenario import schema; open('scenarios/schema.json', 'w', encoding='utf-8').write(schema())"

clean: ## removes what was made here: .venv, caches, results
	rm -rf $(VENV) build dist out .pytest_cache .ruff_cache .mypy_cache .hypothesis agentsim.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps keep an environment from being installed twice; a newer pyproject.toml renews it.
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
	@$(BIN)/python -c "from agentsim.networks.roads import warm_up; warm_up()"
	@touch $@

$(VENV)/.app: pyproject.toml | $(VENV)/.core
	@echo "installing the page"
ifneq ($(UV),)
	$(UV) pip install --quiet --python $(BIN)/python --editable '.[app]'
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[app]'
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
