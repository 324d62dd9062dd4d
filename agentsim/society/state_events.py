"""Events of what begins and ends: orders in force, blackouts, shortages and islands, from hour to hour."""

from typing import Any

import numpy as np

from agentsim.core.messages import (
    BusService,
    EventLog,
    Hour,
    Permitted,
    PlantHour,
    PowerService,
    Service,
    SupplyService,
)
from agentsim.core.numerics.sums import total
from agentsim.institutions.control_graph import PLATFORMS
from agentsim.place.cases import GOODS, Place

BLACKOUT_FRAC = 0.01  # of the city's load: less shed load is no event
STOPPED_FRAC = 0.05  # of the buses of the timetable: fewer without fuel are no event
STILL_FRAC = 0.5  # of what a plant would make: less is as good as nothing
SHORT_FRAC = 0.05  # of a district's water: less missing water is no event
# kind -> class of assets that is operated in a cut, and that staff operate to undo it by hand
OPERATED_IN = {
    "restriction/power": "breakers",
    "restriction/water": "inlet_valves",
    "restriction/mains": "trunk_valves",
    "restriction/roads": "road_closures",
}


class StateEvents:
    """Compares each hour with the hours before and logs what has begun and what has ended.

    Parameters
    ----------
    log : to which the events are added
    """

    def __init__(self, place: Place, log: EventLog) -> None:
        self.place, self.log = place, log
        self._began: dict[tuple[str, str], int] = {}  # (kind, where) of what goes on -> its first hour
        self._seen: dict[str, bytes] = {}  # kind -> districts in which it was on in the hour before
        self._goods_short = False  # a depot had not enough in the hour before
        self._unsolved = False  # EPANET found no solution in the hour before
        self._city_wide: tuple = ()  # the same of orders that concern no district
        self._permitted: Permitted | None = None  # the orders that were looked at last
        self._suppliers = tuple(dict.fromkeys(place.supply.terminal_supplier))
        self._terminals = np.array([self._suppliers.index(name) for name in place.supply.terminal_supplier])

    def take(self, now: Hour) -> None:
        """Log what began or ended this hour."""
        if now.permitted is not self._permitted and (self._began or not now.permitted.ordinary):
            self._permitted = now.permitted
            self._orders(now.number, now.permitted)
            self._city_wide_orders(now.number, now.permitted)
        self._power(now.number, now.service.power)
        self._water(now.number, now.service)
        self._stocks(now.number, now.service.supply)
        if now.service.buses is not None:
            self._buses(now.number, now.service.buses)
        if now.service.plants is not None:
            self._plants(now.number, now.service.plants)

    def _plants(self, hour: int, plants: PlantHour) -> None:
        """Log plants of fuel and metals that get less than half of the power and water that they need."""
        still = plants.made_t < STILL_FRAC * plants.planned_t
        if self._is_as_before("plants", still):
            return
        names = self.place.supply.terminal_supplier[-len(still) :]
        for name, stands in zip(names, still.tolist(), strict=True):
            self._log(
                hour,
                stands,
                "plants",
                f"supplier:{name}",
                begins="plant_stands_still",
                ends="plant_runs_again",
            )

    def _is_as_before(self, kind: str, on: np.ndarray) -> bool:
        """Whether a state is on in the same districts as an hour ago: nothing of it begins or ends."""
        before, self._seen[kind] = self._seen.get(kind), on.tobytes()
        return before == self._seen[kind]

    def _begins(self, hour: int, on: bool, kind: str, where: str) -> bool:
        """Whether a state begins this hour; its first hour is kept."""
        if on and (kind, where) not in self._began:
            self._began[kind, where] = hour
            return True
        return False

    def _log(
        self, hour: int, on: bool, kind: str, where: str, *, begins: str, ends: str, **fields: Any
    ) -> None:
        """Log that a state without anything to add to its end begins, or ends after so many hours."""
        if self._begins(hour, on, kind, where):
            self.log.add(hour, kind, where, begins, **fields)
        elif not on:
            self._end(hour, kind, where, ends)

    def _end(self, hour: int, kind: str, where: str, what: str, **fields: Any) -> None:
        began = self._began.pop((kind, where), None)
        if began is not None:
            self.log.add(hour, "recovery", where, what, hours=hour - began, **fields)

    def _orders(self, hour: int, permitted: Permitted) -> None:
        p = permitted
        cuts = (
            ("restriction/power", p.power_cut_off_frac, "power_cut_off", "power_restored"),
            ("restriction/water", p.water_cut_off_frac, "water_shut_off", "water_restored"),
            ("restriction/mains", p.trunk_mains_shut, "trunk_mains_shut", "trunk_mains_opened"),
            ("restriction/roads", p.roads_cut_off, "roads_closed", "roads_opened"),
        )
        for kind, cut, begins, ends in cuts:
            self._cut(hour, kind, cut, begins, ends, permitted=permitted)
        others: tuple[tuple[str, np.ndarray | None, str, str], ...] = (
            ("restriction/signals", p.signals_red_frac, "signals_held_at_red", "signals_run_again"),
            (
                "restriction/detectors",
                p.detectors_spoofed_frac,
                "detectors_report_false",
                "detectors_report_true",
            ),
            ("restriction/devices", p.devices_seized_frac, "home_devices_seized", "home_devices_released"),
            ("island", p.islanded, "microgrid_island_begins", "microgrid_island_ends"),
        )
        for kind, state, begins, ends in others:
            if state is not None and not self._is_as_before(kind, state > 0):
                for d, name in enumerate(self.place.districts.name):
                    self._log(hour, bool(state[d] > 0), kind, name, begins=begins, ends=ends)

    def _cut(
        self, hour: int, kind: str, state: np.ndarray, begins: str, ends: str, *, permitted: Permitted
    ) -> None:
        """Log cuts: their share, whether the published figures deny it, whether staff ended it by hand."""
        if self._is_as_before(kind, state > 0):
            return
        denied = permitted.forged.get(kind.partition("/")[2])
        for d, name in enumerate(self.place.districts.name):
            if self._begins(hour, bool(state[d] > 0), kind, name):
                share, hidden = float(state[d]), denied is not None and bool(denied[d])
                self.log.add(hour, kind, name, begins, cut_frac=share, denied=hidden)
            elif not state[d] > 0 and (kind, name) in self._began:
                asset = f"{OPERATED_IN[kind]}:{name}"
                by_hand = any(o.asset == asset and o.action == "restore" for o in permitted.applied)
                self._end(hour, kind, name, ends, by_hand=by_hand)

    def _city_wide_orders(self, hour: int, permitted: Permitted) -> None:
        """Log who withholds what it could sell, a wrong dose, and platforms that are seized."""
        p, seized = permitted, permitted.seized
        wrong_dose, held_back = p.dose_frac != 1.0, p.generators_withheld_frac
        stopped = p.cars_stopped_frac > 0.0
        state = (p.withheld_frac > 0.0).tobytes(), held_back > 0.0, wrong_dose, seized, stopped
        if state == self._city_wide:
            return
        self._city_wide = state
        for row, name in enumerate(self._suppliers):
            self._sales(hour, f"supplier:{name}", float(p.withheld_frac[self._terminals == row].mean()))
        self._log(
            hour,
            held_back > 0.0,
            "restriction/units",
            "city",
            begins="generation_withheld",
            ends="generation_offered_again",
            withheld_frac=float(held_back),
        )
        self._log(
            hour,
            wrong_dose,
            "restriction/dose",
            "city",
            begins="dose_wrong",
            ends="dose_right_again",
            dose_frac=float(p.dose_frac),
        )
        begins, ends = "automated_cars_stopped", "automated_cars_drive_again"
        self._log(hour, stopped, "restriction/cars", "city", begins=begins, ends=ends)
        against = self.place.districts.name[p.seized_for] if p.seized_for >= 0 else "city"
        for platform in PLATFORMS:
            begins, ends = "platform_seized", "platform_released"
            on, kind = platform in seized, "restriction/platform"
            self._log(hour, on, kind, platform, begins=begins, ends=ends, against=against)

    def _sales(self, hour: int, supplier: str, withheld_frac: float) -> None:
        on, kind, ends = withheld_frac > 0.0, "restriction/supply", "supplier_sells_again"
        if withheld_frac >= 1.0:
            self._log(hour, on, kind, supplier, begins="supplier_sells_nothing", ends=ends)
        else:
            begins = "supplier_withholds"
            self._log(hour, on, kind, supplier, begins=begins, ends=ends, withheld_frac=withheld_frac)

    def _power(self, hour: int, power: PowerService) -> None:
        shed = total(power.shed_mw)
        if shed > 0.0 or self._began:
            load = total(power.delivered_mw) + shed
            short = shed > BLACKOUT_FRAC * max(load, 1e-9)
            begins, ends = "load_shed", "load_served_again"
            self._log(hour, short, "blackout", "city", begins=begins, ends=ends, shed_mw=shed)
        grid = self.place.grid
        for line in power.tripped:
            ends = f"{grid.bus_id[grid.line_from[line]]}-{grid.bus_id[grid.line_to[line]]}"
            self.log.add(hour, "cascade", f"line:{ends}", "line_tripped")

    def _water(self, hour: int, service: Service) -> None:
        water, count = service.water, len(self.place.districts)
        if water.unsolved_h > 0.0 or self._unsolved:
            self._hydraulics(hour, water.unsolved_h > 0.0)
        if not self._began and water.unsafe is None and not np.count_nonzero(water.short_m3_per_h):
            return
        rows, names = self.place.water.junction_district, self.place.districts.name
        on = np.zeros((3, count), dtype=bool)
        dry, unsafe, wells = on
        if np.count_nonzero(water.short_m3_per_h):
            short = np.bincount(rows, water.short_m3_per_h, count)
            asked = short + np.bincount(rows, water.delivered_m3_per_h + water.restricted_m3_per_h, count)
            dry[:] = short > SHORT_FRAC * asked
        if water.unsafe is not None:
            unsafe[rows[water.unsafe]] = True
        for d in [names.index(name) for kind, name in self._began if kind == "restriction/water"]:
            wells[d] = water.well_m3[d] > 0
        if self._is_as_before("water", on):
            return
        for d, name in enumerate(names):
            for state, kind, begins, ends in (
                (dry, "shortage/water", "taps_lack_pressure", "tap_pressure_restored"),
                (unsafe, "shortage/safe", "tap_water_unsafe", "tap_water_safe_again"),
                (wells, "island/wells", "own_wells_supply", "own_wells_stop"),
            ):
                self._log(hour, bool(state[d]), kind, name, begins=begins, ends=ends)

    def _hydraulics(self, hour: int, unsolved: bool) -> None:
        """Log where EPANET finds no solution, because pressures of these hours are not computed."""
        self._unsolved = unsolved
        kind, begins, ends = "engine/water", "hydraulics_unsolved", "hydraulics_solved_again"
        self._log(hour, unsolved, kind, "waterworks", begins=begins, ends=ends)

    def _buses(self, hour: int, buses: BusService) -> None:
        if buses.bus_h > 0.0:
            stopped_frac, kind = buses.buses_stopped / buses.bus_h, "shortage/buses"
            begins, ends = "buses_lack_fuel", "buses_have_fuel_again"
            on = stopped_frac > STOPPED_FRAC
            self._log(hour, on, kind, "bus_operator", begins=begins, ends=ends, stopped_frac=stopped_frac)

    def _stocks(self, hour: int, supply: SupplyService) -> None:
        case, short = self.place.supply, bool(np.count_nonzero(supply.short_t))
        if not (short or self._goods_short) or self._is_as_before("goods", supply.short_t > 0):
            return
        self._goods_short = short
        for depot, good in enumerate(case.depot_good):
            where, name = self.place.districts.name[case.depot_district[depot]], GOODS[good]
            kind = f"shortage/{name}/{depot}"
            if self._begins(hour, bool(supply.short_t[depot] > 0), kind, where):
                self.log.add(hour, kind, where, "good_runs_out", good=name)
            elif not supply.short_t[depot] > 0:
                self._end(hour, kind, where, "good_in_stock_again", good=name)
