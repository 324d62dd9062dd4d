"""What ``--out`` keeps: a run or a comparison as plain files in a folder."""

import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentsim.core.messages import Event
from agentsim.report.wording.events import event_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from agentsim.institutions.control_graph import ControlGraph
    from agentsim.place.cases import Place

LIBRARIES = ("mesa", "numpy", "pandas", "highspy", "epanet-plus", "numba", "scipy")
# Without dates and drawn numbers in them, two figures of the same run are the same bytes.
_SAME_BYTES: Any = {"svg.hashsalt": "agentsim", "svg.fonttype": "path"}


def versions() -> dict[str, str]:
    """The versions that a result depends on."""
    from agentsim.experiments.replications import code_version

    return {
        "agentsim": code_version(),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def write_text(file: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    part = file.with_name(file.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, file)


def write_json(file: Path, content: Any) -> None:
    """Writes plain data as JSON; a number that is none is refused."""
    write_text(file, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_lines(file: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes one JSON object a line."""
    write_text(file, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def write_table(file: Path, table: "pd.DataFrame") -> None:
    """Writes a table as CSV, numbers in full."""
    write_text(file, table.to_csv(index=False, lineterminator="\n"))


def write_figure(folder: Path, name: str, figure: "Figure") -> None:
    """Writes a figure as PNG and as SVG."""
    import matplotlib

    with matplotlib.rc_context(_SAME_BYTES):
        figure.savefig(folder / f"{name}.png", dpi=150, metadata={"Software": None})
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})


def events_as_data(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Events as plain data, in order, each with its English sentence as ``text``."""
    return [asdict(event) | {"text": event_text(event, "en")} for event in events]


def write_graphs(folder: Path, place: "Place", control: "ControlGraph | None" = None) -> None:
    """Writes the networks of a place, and who may operate what, as GraphML and as node-link JSON."""
    import networkx

    graphs = {"water": place.water_graph, "road": place.road_graph, "grid": place.grid_graph}
    if control is not None:
        graphs["control"] = control.graph
    for name, graph in graphs.items():
        write_text(folder / f"{name}_graph.graphml", "\n".join(networkx.generate_graphml(graph)) + "\n")
        write_json(folder / f"{name}_graph.json", networkx.node_link_data(graph, edges="edges"))
