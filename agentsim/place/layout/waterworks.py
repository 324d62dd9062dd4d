"""The waterworks of a city: sources and their works, pumps, boundary pipes of the districts, wells."""

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.numerics.graphs import islands
from agentsim.core.numerics.shares import share
from agentsim.core.units import HOURS_PER_DAY
from agentsim.place.cases import COMMERCIAL, CRITICAL, Feeders, GridCase, WaterCase
from agentsim.place.layout.grid import nearest_feeder
from agentsim.place.layout.land import Land
from agentsim.place.layout.people import Customers
from agentsim.place.readers.inp import InpNetwork
from agentsim.place.spec import Spec


def draw_shares(source_m3: np.ndarray, least_share: float) -> np.ndarray:
    """Share of each reservoir in what the city draws, array (sources,), sum 1.

    A source has *least_share* of the draw at least. A reservoir into which more than that runs is no source:
    its share is below 0, and the sources give so much more than the city draws.

    >>> draw_shares(np.array([60.0, 40.0]), 0.05).tolist()
    [0.6, 0.4]
    >>> draw_shares(np.array([150.0, -50.0]), 0.05).round(3).tolist()
    [1.5, -0.5]
    """
    drawn = np.maximum(source_m3, 0.0)
    of_gross = source_m3 / max(float(drawn.sum()), 1e-9)
    receives = of_gross < -least_share
    given = np.where(receives, 0.0, np.maximum(of_gross, least_share))
    given = given / given.sum()
    if not receives.any():
        return given
    taken = np.where(receives, -of_gross, 0.0)
    return (given - taken) / (1.0 - taken.sum())


def source_shares(spec: Spec, network: InpNetwork) -> np.ndarray:
    """Share of each source in a normal year's draw, array (sources,), as stated or surveyed."""
    stated = dict(spec.source_draw_share)
    unknown = [name for name in stated if name not in network.reservoir_id]
    if unknown:
        where = spec.folder / "place.toml"
        raise UnbuildablePlace(
            where, f"sources.{unknown[0]} is no reservoir of the water file", "correct its id"
        )
    draw_frac = np.array([stated.get(name, 0.0) for name in network.reservoir_id])
    if draw_frac.sum() <= 0:
        raise UnbuildablePlace(spec.folder / "place.toml", "no source has a share", "state one above 0")
    return draw_frac / draw_frac.sum()


def check_sources(network: InpNetwork) -> None:
    """``UnbuildablePlace`` if there is no source, or no source is joined to some customers."""
    if network.reservoir_id:
        dry = np.flatnonzero(_cut_off(network)[: len(network.junction_id)] & (network.demand_m3_per_h > 0))
        if len(dry):
            first = network.junction_id[dry[0]]
            rule = f"{len(dry)} junctions with customers are joined to no source, first {first!r}"
            raise UnbuildablePlace(network.path, rule, "join them by pipes, or leave them out")
        return
    inflow = np.flatnonzero(network.demand_m3_per_h < 0)
    rule, remedy = "no [RESERVOIRS]", "give the network a source"
    if len(inflow):
        at = inflow[np.argmin(network.demand_m3_per_h[inflow])]
        name, flow = network.junction_id[at], -network.demand_m3_per_h[at]
        rule += f": its water comes in as a negative demand ({flow:.0f} m3/h at junction {name})"
        remedy = (
            f"replace that demand by a reservoir joined to junction {name} by a pipe, its head a little "
            "above the head there: a source needs a level, a works and a yield"
        )
    raise UnbuildablePlace(network.path, rule, remedy)


def _cut_off(network: InpNetwork) -> np.ndarray:
    """Nodes from which no links lead to a reservoir or tank, bool (nodes,)."""
    part = islands(len(network.node_id), network.link_from, network.link_to)
    return ~np.isin(part, part[len(network.junction_id) :])


def build_waterworks(
    spec: Spec,
    network: InpNetwork,
    land: Land,
    feeders: Feeders,
    grid: GridCase,
) -> WaterCase:
    """The water network with its customers, and the feeders of its works and pumps.

    Raises
    ------
    UnbuildablePlace : a stated share for a source that is none
    """
    node_district, customers = land.district[land.node_zone], land.customers
    junctions, districts = len(network.junction_id), int(node_district.max()) + 1
    x_km, y_km = network.node_x * land.scale_m / 1000.0, network.node_y * land.scale_m / 1000.0
    district = node_district[:junctions]
    demand = customers.domestic_m3_per_h + customers.bulk_m3_per_h
    bulk = share(customers.bulk_m3_per_h, demand)

    def feeder_at(node: int) -> int:
        return nearest_feeder(
            feeders,
            grid,
            district=int(node_district[node]),
            x_km=float(x_km[node]),
            y_km=float(y_km[node]),
            tiers=(CRITICAL, COMMERCIAL),
        )

    pumps = slice(network.pipes, network.pipes + len(network.pump_id))
    draw_m3_per_d = float(demand.sum()) * HOURS_PER_DAY * source_shares(spec, network)
    return WaterCase(
        inp_file=network.path.resolve(),
        junction_id=network.junction_id,
        junction_x_km=x_km[:junctions],
        junction_y_km=y_km[:junctions],
        junction_zone=land.junction_zone,
        junction_district=district,
        junction_demand_m3_per_h=demand,
        junction_bulk_frac=bulk,
        source_id=network.reservoir_id,
        source_yield_m3_per_d=spec.parameters.source_yield_factor * draw_m3_per_d,
        source_feeder=np.array([feeder_at(junctions + k) for k in range(len(network.reservoir_id))]),
        pump_id=network.pump_id,
        pump_feeder=np.array([feeder_at(int(node)) for node in network.link_to[pumps]], dtype=np.int64),
        trunk_pipes=_trunk_pipes(network, node_district, districts),
        well_junction=_well_junctions(customers, district, districts),
        junction_pipe_km=_pipe_km(network),
        ordinary_pressure_m=_or_inf(spec.parameters.ordinary_pressure_m),
    )


def _or_inf(value: float | None) -> float:
    return float("inf") if value is None else value


def _trunk_pipes(
    network: InpNetwork, node_district: np.ndarray, districts: int
) -> tuple[tuple[str, ...], ...]:
    """Links that join a node of the district with one outside it."""
    a, b = node_district[network.link_from], node_district[network.link_to]
    return tuple(
        tuple(network.link_id[k] for k in np.flatnonzero((a != b) & ((a == d) | (b == d))))
        for d in range(districts)
    )


def _well_junctions(customers: Customers, district: np.ndarray, districts: int) -> np.ndarray:
    """Junction with most homes in each district: a municipal well stands among the people it serves."""
    return np.array([np.argmax(np.where(district == d, customers.people, -1.0)) for d in range(districts)])


def _pipe_km(network: InpNetwork) -> np.ndarray:
    """Length of main that belongs to each junction [km]: half a pipe, all of one to a tank."""
    junctions = len(network.junction_id)
    ends = np.column_stack([network.link_from, network.link_to])[: network.pipes]
    inner = ends < junctions
    share = np.divide(
        network.link_length_m[: network.pipes],
        inner.sum(axis=1),
        out=np.zeros(network.pipes),
        where=inner.any(axis=1),
    )
    length = np.zeros(junctions)
    for side in (0, 1):
        np.add.at(length, ends[inner[:, side], side], share[inner[:, side]] / 1000.0)
    return length
