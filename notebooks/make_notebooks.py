"""Builds the notebooks: runs each source from top to bottom and stores it with its outputs.

``make notebooks`` runs this. Times and versions are not stored and cell ids are fixed, so that the file
changes only when the text, the code or a result changes.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
ENGLISH = ("first_blackout", "compare_policies", "solutions")
SOURCES = (*ENGLISH, *(f"{name}_ja" for name in ENGLISH))
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"},
}
TIMEOUT_S = 600  # of one cell


def read(name: str) -> Any:
    """A notebook from its percent source, without outputs; cells are numbered, so that ids stay."""
    notebook = jupytext.read(HERE / f"{name}.py", fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell["id"], cell["metadata"] = f"cell-{number:02d}", {}
    notebook["metadata"] = dict(METADATA)
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    return notebook


def execute(notebook: Any) -> Any:
    """Runs a notebook in its own folder.

    Raises
    ------
    nbclient.exceptions.CellExecutionError : a cell failed; it says which
    """
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT_S,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(HERE)}},
    )
    client.execute()
    for cell in notebook.cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = [_plain(output) for output in _joined(cell["outputs"])]
    notebook["metadata"] = dict(METADATA)
    return notebook


def _joined(outputs: list[Any]) -> list[Any]:
    """Outputs with the pieces of one stream joined, because where they are split is random."""
    joined: list[Any] = []
    for output in outputs:
        if output["output_type"] == "stream" and joined and joined[-1].get("name") == output["name"]:
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def _plain(output: Any) -> Any:
    """An output without metadata."""
    if "metadata" in output:
        output["metadata"] = {}
    return output


def make(name: str) -> float:
    """Executes a notebook and writes it beside its source; returns the seconds it took."""
    begin = time.perf_counter()
    notebook = execute(read(name))
    nbformat.validate(notebook)
    text = nbformat.writes(notebook)
    (HERE / f"{name}.ipynb").write_text(text + "\n", encoding="utf-8", newline="\n")
    return time.perf_counter() - begin


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=SOURCES, help=f"which ones; all: {', '.join(SOURCES)}")
    for chosen in parser.parse_args().names:
        print(f"{chosen}: {make(chosen):.0f} s", file=sys.stderr)
