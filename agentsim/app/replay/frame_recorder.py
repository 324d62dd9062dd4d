"""Records the state of each hour for the map, and codes it in bytes when the run ends.

Codes of the frames, all ``uint8`` (hours, n), n in the order of the city map's list:

========================  ===========  ==============================================================
frame                     n            code
========================  ===========  ==============================================================
line_state                lines        0-250 loading in percent of the limit; 254 tripped by overload
                                       this hour, 255 out of service
bus_state                 buses        SHARE of the load at the bus served
unit_output               units        SHARE of the unit's capacity
junction_served           junctions    SHARE of the water asked delivered
junction_pressure         junctions    m of pressure, 250 and more is 250
pipe_state                pipes        0 carries water, 1 shut by order, 2 without pressure at both ends;
                                       a pump: 0 runs, 3 stopped
tank_fill                 tanks        SHARE between the lowest and the highest level
source_draw               sources      1 gives water, 0 gives none
link_load                 links        volume over capacity in percent, 250 and more is 250
link_open                 links        1 open, 0 closed
bus_line_per_h            bus lines    buses an hour and way in tenths, 250 and more is 250
bus_line_riders           bus lines    8 sqrt(persons who got on in this hour), at most 250 (976 persons)
bus_line_crowding         bus lines    persons over places, mean over person-km, in percent, at most 250
depot_fill                depots       SHARE of capacity in stock
terminal_withheld         terminals    SHARE of capacity withheld by order
district_power _water     districts    SHARE served of what was asked (food: of meals due; roads: of trips
_roads _food _fuel                     wanted)
district_order            districts    bits: 1 power cut, 2 inlet valves, 4 trunk mains, 8 roads, 16 on its
                                       own microgrid, 32 water rationed, 64 signals or devices, 128 false
                                       figures
district_deprivation      districts    50 sqrt(weighted deprivation-hours a head in this hour), at most 250
========================  ===========  ==============================================================

SHARE: 0-250 is 0-100 %; 255 where nothing was asked. The three frames of bus lines are there only where buses
run on lines.
"""

from typing import Any

import numpy as np

from agentsim.core.messages import Hour, Permitted
from agentsim.core.numerics.shares import share
from agentsim.place.build import Built
from agentsim.place.cases import FUEL
from agentsim.society.society import Society

FULL, NOTHING = 250, 255  # codes of a share of 1, and of no share
TRIPPED, OUT = 254, 255  # codes of line_state
SHUT, DRY, STOPPED = 1, 2, 3  # codes of pipe_state
DRY_M = 1.0  # pressure below which a tap counts as dry
DEPRIVATION_SCALE, RIDERS_SCALE = 50.0, 8.0
ORDERS = (
    "power",
    "water",
    "mains",
    "roads",
    "island",
    "ration",
    "devices",
    "forgery",
)  # bits of district_order


class FrameRecorder:
    """Records the state of each hour for playback. ``take`` stores one hour; ``frames`` codes all hours."""

    def __init__(self, society: Society, built: Built, hours: int) -> None:
        self.society, self.place, self.hours, self.taken = society, society.place, hours, 0
        place, network = self.place, built.network
        self._pump = np.array([name in network.pump_id for name in network.link_id])
        self._ends = (network.link_from, network.link_to)
        self._nodes = len(network.node_id)
        row = {name: number for number, name in enumerate(network.node_id)}
        self._junction_node = np.array([row[name] for name in place.water.junction_id])
        link = {name: number for number, name in enumerate(network.link_id)}
        self._trunk = [np.array([link[name] for name in names], int) for names in place.water.trunk_pipes]
        order = {name: number for number, name in enumerate(place.water.pump_id)}
        self._pump_order = [order[name] for name in np.array(network.link_id)[self._pump].tolist()]
        self._rows: dict[str, np.ndarray] = {}

    def take(self, now: Hour) -> None:
        """Store one hour."""
        rows, hour = self._rows, self.taken
        for name, value in _quantities(now):
            if name not in rows:
                rows[name] = np.zeros((self.hours, len(value)), np.float32)
            rows[name][hour] = value
        self.taken += 1

    def frames(self) -> dict[str, np.ndarray]:
        """All hours as codes, by the name of the frame."""
        seen = {name: rows[: self.taken] for name, rows in self._rows.items()}
        return {
            **self._power(seen),
            **self._water(seen),
            **self._roads_and_supply(seen),
            **_buses(seen),
            **self._districts(seen),
        }

    def fuel_t(self) -> np.ndarray:
        """Fuel in all depots, array (hours,) [t]."""
        fuel = self.place.supply.depot_good == FUEL
        return self._rows["stock"][: self.taken, fuel].sum(axis=1)

    def _power(self, seen: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        grid, feeders = self.place.grid, self.place.feeders
        limit = np.where(np.isfinite(grid.line_limit_mw), grid.line_limit_mw, np.inf)
        line = np.minimum(np.round(np.abs(seen["flow"]) / limit * 100.0), FULL).astype(np.uint8)
        line[seen["line_out"] > 0] = OUT
        line[seen["tripped"] > 0] = TRIPPED
        buses = len(grid.bus_id)
        served = share_code(
            _summed(seen["power"], feeders.bus, buses), _summed(seen["power_asked"], feeders.bus, buses)
        )
        output = share_code(seen["unit"], np.broadcast_to(grid.unit_max_mw, seen["unit"].shape))
        return {"line_state": line, "bus_state": served, "unit_output": output}

    def _water(self, seen: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        pressure = np.clip(np.round(seen["pressure"]), 0, FULL).astype(np.uint8)
        dry = np.zeros((self.taken, self._nodes), bool)
        dry[:, self._junction_node] = seen["pressure"] < DRY_M
        pipes = np.where(dry[:, self._ends[0]] & dry[:, self._ends[1]], DRY, 0).astype(np.uint8)
        for d, own in enumerate(self._trunk):
            pipes[np.ix_(seen["trunk"][:, d] > 0, own)] = SHUT
        pipes[:, self._pump] = np.where(seen["pump"][:, self._pump_order] > 0, 0, STOPPED)
        low, high = np.array(self.society.coupling.water.file.tank_range_m3).reshape(-1, 2).T
        return {
            "junction_served": share_code(seen["water"], seen["water_asked"]),
            "junction_pressure": pressure,
            "pipe_state": pipes,
            "tank_fill": share_code(seen["tank"] - low, np.broadcast_to(high - low, seen["tank"].shape)),
            "source_draw": (seen["source"] > 0).astype(np.uint8),
        }

    def _roads_and_supply(self, seen: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        load = seen["road"] / self.place.roads.link_capacity_veh_per_h * 100.0
        capacity = np.broadcast_to(self.place.supply.depot_capacity_t, seen["stock"].shape)
        return {
            "link_load": np.minimum(np.round(load), FULL).astype(np.uint8),
            "link_open": (seen["open"] > 0).astype(np.uint8),
            "depot_fill": share_code(seen["stock"], capacity),
            "terminal_withheld": share_code(seen["withheld"], np.ones_like(seen["withheld"])),
        }

    def _districts(self, seen: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        record, hours = self.society.record, slice(0, self.taken)
        at = {name: column[hours] for name, column in record.at.items()}
        people = self.society.population.homes.persons_in_district
        fuel = self.society.depots.fuel
        handed, short = seen["handed"][:, fuel], seen["short"][:, fuel]
        suffered = DEPRIVATION_SCALE * np.sqrt(np.maximum(at["deprivation_h"], 0.0))
        return {
            "district_power": _less(at["power_unserved_mwh"], at["power_asked_mwh"]),
            "district_water": _less(at["water_unserved_m3"], at["water_asked_m3"]),
            "district_roads": share_code(at["trips_made"], at["trips_wanted"]),
            "district_food": _less(at["food_short_persons"], np.broadcast_to(people, at["trips_made"].shape)),
            "district_fuel": share_code(handed, handed + short),
            "district_order": seen["orders"].astype(np.uint8),
            "district_deprivation": np.minimum(np.round(suffered), FULL).astype(np.uint8),
        }


def _buses(seen: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    if "buses_per_h" not in seen:
        return {}
    codes = {
        "bus_line_per_h": 10.0 * seen["buses_per_h"],
        "bus_line_riders": RIDERS_SCALE * np.sqrt(seen["boardings"]),
        "bus_line_crowding": 100.0 * seen["crowding"],
    }
    return {name: np.minimum(np.round(code), FULL).astype(np.uint8) for name, code in codes.items()}


def _quantities(now: Hour) -> tuple[tuple[str, Any], ...]:
    """Quantities of the hour that the frames are made of."""
    power, water, roads, supply = (
        now.service.power,
        now.service.water,
        now.service.roads,
        now.service.supply,
    )
    tripped = np.zeros(len(power.flow_mw))
    tripped[list(power.tripped)] = 1.0
    buses = now.service.buses
    lines: tuple[tuple[str, Any], ...] = ()
    if buses is not None:
        lines = (
            ("buses_per_h", buses.per_h),
            ("boardings", buses.boardings),
            ("crowding", buses.line_crowding_frac),
        )
    asked_m3 = water.delivered_m3_per_h + water.short_m3_per_h + water.restricted_m3_per_h
    return (
        ("flow", power.flow_mw),
        ("line_out", power.lines_out),
        ("tripped", tripped),
        ("power", power.delivered_mw),
        ("power_asked", power.delivered_mw + power.shed_mw + power.restricted_mw),
        ("unit", power.generation_mw),
        ("water", water.delivered_m3_per_h),
        ("water_asked", asked_m3),
        ("pressure", water.pressure_m),
        ("pump", water.pump_kw),
        ("tank", water.tank_volume_m3),
        ("source", water.source_m3),
        ("trunk", now.permitted.trunk_mains_shut),
        ("road", roads.flow_veh_per_h),
        ("open", roads.open_links),
        ("stock", supply.stock_t),
        ("handed", supply.delivered_t),
        ("short", supply.short_t),
        ("withheld", now.permitted.withheld_frac),
        ("orders", order_bits(now.permitted)),
        *lines,
    )


def order_bits(permitted: Permitted) -> np.ndarray:
    """Orders in force against each district, as bits in the order of ``ORDERS``, array (districts,)."""
    nothing = np.zeros(len(permitted.roads_cut_off), bool)

    def above_zero(value: np.ndarray | None) -> np.ndarray:
        return nothing if value is None else value > 0

    forged = nothing
    for false in permitted.forged.values():
        if len(false) == len(nothing):
            forged = forged | (false > 0)
    states = (
        permitted.power_cut_off_frac > 0,
        permitted.water_cut_off_frac > 0,
        permitted.trunk_mains_shut,
        permitted.roads_cut_off,
        permitted.islanded,
        above_zero(permitted.rationed_frac),
        above_zero(permitted.signals_red_frac) | above_zero(permitted.devices_seized_frac),
        forged,
    )
    return sum(state.astype(np.int64) << bit for bit, state in enumerate(states))


def share_code(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole coded: 0-250 for 0-1, 255 where there is no whole.

    >>> share_code(np.array([1.0, 3.0, 0.0]), np.array([2.0, 3.0, 0.0])).tolist()
    [125, 250, 255]
    """
    frac = share(part, whole)
    code = np.round(np.clip(frac, 0.0, 1.0) * FULL).astype(np.uint8)
    return np.where(whole > 1e-9, code, np.uint8(NOTHING))


def _less(missing: np.ndarray, asked: np.ndarray) -> np.ndarray:
    return share_code(asked - missing, asked)


def _summed(rows: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Columns of (hours, n) added up by group: (hours, groups)."""
    member = np.zeros((rows.shape[1], groups))
    member[np.arange(rows.shape[1]), group] = 1.0
    return rows @ member
