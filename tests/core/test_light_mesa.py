"""A run loads of Mesa what it uses, and whoever uses more of Mesa finds all of it."""

import subprocess
import sys

import pytest

HEAVY = ("pandas", "networkx", "scipy.sparse", "scipy.spatial", "matplotlib", "tqdm", "mesa.space")
ALSO_FIRST = ("agentsim.society.society", "mesa.space", "pandas")
RUN = """
from agentsim import Society, load
scenario = load("scenarios/ordinary_fortnight.toml").with_changes({"place.households": 50, "hours": 2})
society = Society(scenario).run()
society.measured
"""
WHOLE = """
import mesa, pandas
class Counting(mesa.Model):
    def __init__(self):
        super().__init__(rng=1)
        self.collector = mesa.DataCollector(model_reporters={"hour": "steps"})
    def step(self):
        self.collector.collect(self)
model = Counting()
model.step()
assert isinstance(model.collector.get_model_vars_dataframe(), pandas.DataFrame)
assert mesa.space.MultiGrid and mesa.experimental.devs and mesa.batch_run and mesa.__version__
assert "Model" in dir(mesa) and type(mesa).__name__ == "module"
from mesa import *
from mesa.discrete_space import OrthogonalMooreGrid
import agentsim.society.society as society
from agentsim.agents.officers.monitor import Monitor
assert issubclass(society.Society, mesa.Model) and issubclass(Monitor, mesa.Agent)
assert Agent is mesa.Agent and Model is mesa.Model
try:
    mesa.nothing
except AttributeError:
    print("fine")
"""


def said(code: str) -> str:
    """What a new process prints."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_a_run_loads_nothing_that_it_does_not_use() -> None:
    said(RUN)  # the city is built and kept
    assert said(f"{RUN}\nimport sys; print(*(name for name in {HEAVY} if name in sys.modules))") == ""


@pytest.mark.parametrize(
    "first",
    [
        "",
        "import mesa",
        RUN,
        *(pytest.param(f"import {name}", marks=pytest.mark.slow) for name in ALSO_FIRST),
    ],
)
def test_all_of_mesa_is_there_whatever_is_imported_first(first: str) -> None:
    assert said(first + WHOLE) == "fine"


def test_threads_that_ask_at_once_all_get_it() -> None:
    code = """
import agentsim.society.society, mesa
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(8) as pool:
    found = list(pool.map(lambda _: (mesa.DataCollector, mesa.batch_run, mesa.space), range(8)))
print(len(set(found)))
"""
    assert said(code) == "1"


def test_mesas_loggers_have_their_usual_names() -> None:
    names = (
        "import logging; print(*sorted(name for name in logging.root.manager.loggerDict if 'MESA' in name))"
    )
    assert said(f"import agentsim.society.society; {names}") == said(f"import mesa.model; {names}")
