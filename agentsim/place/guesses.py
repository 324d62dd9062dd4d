"""What was derived about a place because no file states it."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from agentsim.place.build import Built
from agentsim.place.layout.incomes import median_fracs
from agentsim.place.parameters import ORDINARY_TERMINALS, PlaceParameters
from agentsim.place.readers.gmns import stray_trips
from agentsim.place.readers.matpower import read_matpower
from agentsim.place.readers.tntp import closed_links
from agentsim.place.spec import ORDINARY, ORDINARY_GRID


@dataclass(frozen=True)
class Guess:
    """A value that was derived because no file states it."""

    name: str
    value: Any
    unit: str
    how: str

    def text(self) -> str:
        """The value in a few words."""
        if isinstance(self.value, float):
            return f"{self.value:.4g}"
        if isinstance(self.value, list | tuple):
            shown = [f"{v:.3g}" if isinstance(v, float) else str(v) for v in self.value]
            return ", ".join(shown[:6]) + (f", ... ({len(shown)})" if len(shown) > 6 else "")
        return str(self.value)


def guesses(built: Built) -> list[Guess]:
    """Everything that was derived instead of given, in the order in which the builder needed it."""
    given, resolved = built.given, built.resolved
    rows = _of_map(built)
    for item in fields(PlaceParameters):
        value = getattr(resolved.parameters, item.name)
        if getattr(given.parameters, item.name) is None and value is not None:
            how = item.metadata["source"].removeprefix("derived: ")
            if item.name == "zones" and given.has("roads"):
                how = "those of the road file"
            if item.name == "unit_fuels" and read_matpower(given.file("grid")).unit_fuel:
                continue  # the file says them
            rows.append(Guess(item.name, value, item.metadata["unit"], how))
    if built.land.table is None and given.districts is None and built.asked is None:
        rows.append(
            Guess("districts", resolved.districts, "1", "8, or a third of the junctions with customers")
        )
    if not given.source_draw_share:
        how = "mean outflow in an EPANET run on the file's own controls, at least source_least_share"
        shares = [f"{name} {share:.3g}" for name, share in resolved.source_draw_share]
        rows.append(Guess("sources", shares, "share of the draw", how))
    stated = dict(given.site_junction)
    for kind, junction in resolved.site_junction:
        if kind not in stated:
            rows.append(Guess(f"sites.{kind}", junction, "junction", _SITE_RULE[kind]))
    if given.terminals is ORDINARY_TERMINALS:
        how = "no [[terminal]] is stated: invented suppliers, prices of ordinary size"
        rows.append(Guess("terminals", [t.name for t in given.terminals], "1", how))
    return rows + _of_files(built)


_SITE_RULE = {
    "sea_side": "lowest junction of the water file",
    "port": "zone with the next lowest junction",
    "refinery": "zone with most jobs in manufacturing",
}


def _of_map(built: Built) -> list[Guess]:
    network, rows = built.network, []
    if network.unplaced == len(network.node_id):
        how = "the water file draws hardly any node: placed by pipe lengths (pivot scaling), north unknown"
        rows.append(Guess("coordinates", f"{network.unplaced} nodes", "map units", how))
    elif network.unplaced:
        how = "not in [COORDINATES]: mean of the neighbours that are"
        rows.append(Guess("coordinates", f"{network.unplaced} nodes", "map units", how))
    table = built.land.table
    if table is None and not built.given.district_names:
        rows.append(
            Guess("district names", list(built.land.name), "1", "by compass from the middle of the map")
        )
    if not built.given.district_names and (table is None or table.decile_frac is None):
        fracs = median_fracs(built.place.districts, built.resolved.parameters)
        how = "no table gives incomes: they fall with jobs in manufacturing a head; Gini income_gini_between"
        rows.append(Guess("district incomes", fracs.tolist(), "of the city's median", how))
    return rows


def _of_files(built: Built) -> list[Guess]:
    """What stands in for files that were not given, or for what they do not say."""
    spec, grid, rows = built.given, built.place.grid, []
    files = dict(spec.files)
    if all(files.get(role) == path for role, path in ORDINARY_GRID.items()):
        how = "no grid file: the IEEE RTS-79, scaled to the city's peak and laid out over its map"
        rows.append(Guess("grid", "RTS-79", "file", how))
    if spec.has("grid"):
        kinds = f"{len(grid.unit_bus)} units"
        how = (
            "outage rates, ramps and starting times: RTS-79's classes, matched by rank of size, so that each "
            "class keeps its share of all capacity"
        )
        rows.append(Guess("unit classes", kinds, "1", how))
        how = "outages a year and hours to repair: RTS-79's means for lines and for transformers"
        rows.append(Guess("branch outages", f"{len(grid.line_from)} branches", "1", how))
        raw = read_matpower(spec.file("grid"))
        if raw.unit_slopes is not None:
            several = len(np.unique(raw.unit_slopes[:, 0]))
            how = "their costs have several slopes: a quadratic with the same slopes at both ends"
            rows.append(Guess("unit costs", f"{several} units", "1", how))
        if raw.dc_from is not None:
            how = "taken as branches of their rating, with the reactance of an ordinary branch"
            rows.append(Guess("DC lines", len(raw.dc_from), "1", how))
        unlimited = int(np.isinf(grid.line_limit_mw).sum())
        if unlimited:
            how = "rateA is 0 in the file: no limit, so these never trip by overload"
            rows.append(Guess("branch limits", f"{unlimited} of {len(grid.line_from)}", "MW", how))
    if spec.has("roads"):
        rows += _of_road_file(built)
    shapes = ("weekly", "daily", "hourly")
    if all(files.get(role) == ORDINARY[role] for role in shapes):
        how = "no load shape given: RTS-79's, its peak moved to early August"
        rows.append(Guess("load shape", "RTS-79", "file", how))
    if files.get("normals") == ORDINARY["normals"]:
        how = "no climate given: Tokyo's normals 1991-2020 and latitude"
        rows.append(Guess("climate", "Tokyo", "file", how))
    return rows


def _of_road_file(built: Built) -> list[Guess]:
    spec, land, rows = built.given, built.land, []
    assert land.roads is not None
    if not spec.file("roads").is_dir():
        p = built.resolved.parameters
        units = f"{p.road_time_unit_h:.4g} h, {p.road_length_unit_km:.4g} km"
        rows.append(
            Guess("road units", units, "1", "TNTP does not say its units: minutes and miles by custom")
        )
        if closed := closed_links(spec.file("roads")):
            rows.append(Guess("links left out", closed, "links", "their free-flow time is infinite"))
    elif stray := stray_trips(spec.file("roads")):
        rows.append(Guess("trips left out", stray, "veh/h", "their zone has no node in node.csv"))
    if not land.roads.case.od_veh_per_h.sum() > 0:
        how = "no trip table: gravity on people and jobs over free-flow times"
        rows.append(Guess("trips", "gravity", "veh/h", how))
    empty = int((land.people <= 0).sum())
    if empty:
        how = "no junction with customers lies nearest: their trips begin at the nearest zone that has some"
        rows.append(Guess("zones without people", empty, "zones", how))
    return rows
