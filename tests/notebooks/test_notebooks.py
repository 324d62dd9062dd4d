"""The notebooks run from top to bottom, every stated fact holds, and what is kept beside them is theirs."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import agentsim
from agentsim.experiments.compare import compare

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = ROOT / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
LESSONS = [name for name in NAMES if not name.startswith("solutions")]
JAPANESE = [name for name in NAMES if name.endswith("_ja")]
# the Japanese notebooks have the same code, and these compute for minutes
LONG = [name for name in NAMES if name in JAPANESE or name.startswith(("compare_policies", "solutions"))]


@pytest.fixture(scope="module")
def making() -> ModuleType:
    """``notebooks/make_notebooks.py``."""
    pytest.importorskip("jupytext")
    pytest.importorskip("nbclient")
    spec = importlib.util.spec_from_file_location("make_notebooks", NOTEBOOKS / "make_notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def kept(name: str):
    import nbformat

    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def test_each_source_has_its_notebook(making):
    assert sorted(making.SOURCES) == NAMES


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in NAMES]
)
def test_a_notebook_runs_and_its_facts_hold(name):
    # a notebook's asserts are its facts; -O would leave them out
    surroundings = {**os.environ, "MPLBACKEND": "Agg", "PYTHONOPTIMIZE": ""}
    command = [sys.executable, "-W", "ignore:FigureCanvasAgg", f"{name}.py"]
    run = subprocess.run(command, cwd=NOTEBOOKS, env=surroundings, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]


class WithoutFacts(ast.NodeTransformer):
    """Leaves out the asserts of a source: in small its facts need not hold."""

    def visit_Assert(self, node: ast.Assert) -> ast.Pass:
        return ast.copy_location(ast.Pass(), node)


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg")
def test_the_cells_of_a_long_notebook_run_on_two_seeds(monkeypatch):
    """Whatever ``compare_policies`` calls is there and takes what it is given."""
    said = (NOTEBOOKS / "compare_policies.py").read_text(encoding="utf-8")
    small = said.replace('"mind.rollouts": 20', '"mind.rollouts": 2').replace('": 400', '": 60')
    assert sum(one != other for one, other in zip(said.split(), small.split(), strict=True)) == 2
    compared = []

    def few(*given, seeds, **named):
        compared.append(seeds)
        return compare(*given, seeds=2, workers=1, **named)

    monkeypatch.chdir(NOTEBOOKS)
    monkeypatch.setattr(agentsim, "compare", few)
    exec(compile(WithoutFacts().visit(ast.parse(small)), "compare_policies.py", "exec"), {})
    assert compared == [5, 5, 5, 5]


@pytest.mark.parametrize("name", NAMES)
def test_a_source_says_its_facts_as_asserts(name):
    said = (NOTEBOOKS / f"{name}.py").read_text(encoding="utf-8")
    assert len(re.findall(r"^\s*assert ", said, re.MULTILINE)) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_is_the_source_with_its_outputs(making, name):
    source, shown = making.read(name), kept(name)
    assert [(c["cell_type"], c["id"], c["source"]) for c in shown.cells] == [
        (c["cell_type"], c["id"], c["source"]) for c in source.cells
    ], "run: make notebooks"
    code = [cell for cell in shown.cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    kinds = [output["output_type"] for cell in code for output in cell["outputs"]]
    assert "error" not in kinds
    pictures = [
        output for cell in code for output in cell["outputs"] if "image/png" in output.get("data", {})
    ]
    assert len(pictures) >= 2 or name not in LESSONS


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_holds_no_noise(making, name):
    shown = kept(name)
    assert shown["metadata"] == making.METADATA
    for cell in shown.cells:
        assert cell["metadata"] == {}
        for output in cell.get("outputs", ()):
            assert output.get("name") != "stderr", output.get("text")
            assert output.get("metadata", {}) == {}
    text = (NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert "/home/" not in text


def facts(name: str) -> list[str]:
    """What a source asserts, with every text replaced by one sign: texts differ between languages."""
    tree = ast.parse((NOTEBOOKS / f"{name}.py").read_text(encoding="utf-8"))
    found = [one.test for one in ast.walk(tree) if isinstance(one, ast.Assert)]
    for one in ast.walk(tree):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            one.value = "text"
    return [ast.unparse(one) for one in found]


@pytest.mark.parametrize("name", JAPANESE)
def test_a_japanese_notebook_states_the_same_facts_in_the_same_order(making, name):
    english = name.removesuffix("_ja")
    assert facts(name) == facts(english)
    kinds = [[cell["cell_type"] for cell in making.read(one).cells] for one in (name, english)]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize("name", JAPANESE)
def test_the_text_of_a_japanese_notebook_is_japanese(making, name):
    for cell in making.read(name).cells:
        if cell["cell_type"] == "markdown":
            assert re.search("[ぁ-ん]", cell["source"]), cell["source"]
