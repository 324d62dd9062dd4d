"""The notebooks run from top to bottom, every stated fact holds, and what is kept beside them is theirs."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = ROOT / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


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


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_and_its_facts_hold(name):
    # a notebook's asserts are its facts; -O would leave them out
    surroundings = {**os.environ, "MPLBACKEND": "Agg", "PYTHONOPTIMIZE": ""}
    command = [sys.executable, "-W", "ignore:FigureCanvasAgg", f"{name}.py"]
    run = subprocess.run(command, cwd=NOTEBOOKS, env=surroundings, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]


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
    assert len(pictures) >= 2


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
