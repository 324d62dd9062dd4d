"""What ``--out`` keeps: a run or a comparison as plain files in a folder."""

import json
import os
import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

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
    from agentsim.experiments.runs.replications import code_version

    return {
        "agentsim": code_version(),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def write_text(file: Path, text: str) -> None:
    """Writes a text file whole or not at all."""
    write_bytes(file, text.encode("utf-8"))


def write_bytes(file: Path, content: bytes) -> None:
    """Writes a file whole or not at all; nothing is left where it fails."""
    part = file.with_name(f"{file.name}.{uuid4().hex[:8]}.part")  # of nobody else
    try:
        part.write_bytes(content)
        os.replace(part, file)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


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
        png, svg = BytesIO(), BytesIO()
        figure.savefig(png, format="png", dpi=150, metadata={"Software": None})
        figure.savefig(svg, format="svg", metadata={"Date": None})
    write_bytes(folder / f"{name}.png", png.getvalue())
    write_bytes(folder / f"{name}.svg", svg.getvalue())


def write_geojson(folder: Path, place: "Place", results: Mapping[str, Any] | None = None) -> None:
    """Writes districts, with *results* of a run by district, and assets as GeoJSON."""
    from agentsim.report.geojson import assets_geojson, districts_geojson

    write_json(folder / "districts.geojson", districts_geojson(place, results))
    write_json(folder / "assets.geojson", assets_geojson(place))


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
