"""What is worth telling of a run, in the order in which it happened."""

import numpy as np

from agentsim.core.messages import Event, Hour, Permitted, PowerService, Service, SupplyService
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.control_graph import in_words
from agentsim.place.cases import GOODS, Place

BLACKOUT_FRAC = 0.01  # of the city's load shed: worth a line
SHORT_FRAC = 0.05  # of a district's water missing: worth a line
# what is operated in a cut, and so what staff undo by hand
HANDLES = {
    "restriction/power": "breakers",
    "restriction/water": "inlet_valves",
    "restriction/mains": "trunk_valves",
    "restriction/roads": "road_closures",
}
PLATFORMS = {
    "ledger": "the public log",
    "vote": "the count of votes",
    "recommender": "the AI that advises voters",
}


class Chronicle:
    """Watches a run and writes an event when something begins or ends."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.events: list[Event] = []
        self._open: dict[tuple[str, str], int] = {}
        self._suppliers = tuple(dict.fromkeys(place.supply.terminal_supplier))
        self._terminals = np.array([self._suppliers.index(name) for name in place.supply.terminal_supplier])

    def watch(self, now: Hour) -> None:
        """Compare this hour with the last one."""
        self._watch_orders(now.number, now.permitted)
        self._watch_offers(now.number, now.permitted)
        self._watch_power(now.number, now.service.power)
        self._watch_water(now.number, now.service)
        self._watch_stocks(now.number, now.service.supply)

    def tell(self, hour: int, kind: str, where: str, text: str) -> None:
        self.events.append(Event(hour, kind, in_words(where), text))

    def _turn(self, hour: int, now: bool, kind: str, where: str, begins: str, ends: str) -> None:
        """Tell when a state begins, and when it ends after how long."""
        key = (kind, where)
        if now and key not in self._open:
            self._open[key] = hour
            self.tell(hour, kind, where, begins)
        elif not now and key in self._open:
            lasted = hour - self._open.pop(key)
            self.tell(hour, "recovery", where, f"{ends} after {_span(lasted)}")

    def _watch_orders(self, hour: int, permitted: Permitted) -> None:
        p = permitted
        tells = (
            ("restriction/power", p.power_cut_off_frac, "power cut off by order", "power back on"),
            ("restriction/water", p.water_cut_off_frac, "water shut off by order", "water valves open"),
            ("restriction/mains", p.trunk_mains_shut, "trunk mains shut by order", "trunk mains open"),
            ("restriction/roads", p.roads_cut_off, "roads closed by order", "roads open"),
            ("restriction/signals", p.signals_red_frac, "signals held at red by order", "signals run again"),
            (
                "restriction/devices",
                p.devices_seized_frac,
                "home devices told to switch on together",
                "home devices left alone",
            ),
            ("island", p.islanded, "runs on its own microgrid", "back on the grid"),
        )
        for kind, state, begins, ends in tells:
            if state is None or (not self._open and not state.any()):
                continue
            for d, name in enumerate(self.place.districts.name):
                on = bool(state[d] > 0)
                if on != ((kind, name) in self._open):
                    began, ended = self._how(kind, d, float(state[d]), permitted)
                    self._turn(hour, on, kind, name, begins + began, ends + ended)

    def _how(self, kind: str, district: int, value: float, permitted: Permitted) -> tuple[str, str]:
        """What to add to the beginning of a cut (how much, denied or not) and to its end (by whose hand)."""
        asset = HANDLES.get(kind)
        if asset is None:
            return "", ""
        part = f", {100 * value:.0f} % of it" if value < 1.0 else ""
        denied = permitted.forged.get(kind.partition("/")[2])
        hidden = ", which the published figures deny" if denied is not None and denied[district] else ""
        name = f"{asset}:{self.place.districts.name[district]}"
        by_hand = any(one.asset == name and one.action == "restore" for one in permitted.applied)
        return part + hidden, ", by hand of its own staff," if by_hand else ""

    def _watch_offers(self, hour: int, permitted: Permitted) -> None:
        """Who does not sell, what is dosed wrongly, which platforms are in wrong hands."""
        p, seized = permitted, permitted.seized
        wrong_dose, held_back = p.dose_frac != 1.0, p.generators_withheld_frac
        if not self._open and not (p.withheld_frac.any() or wrong_dose or held_back or seized):
            return
        for row, name in enumerate(self._suppliers):
            share = float(p.withheld_frac[self._terminals == row].mean())
            begins = (
                "sells nothing" if share >= 1.0 else f"withholds {100 * share:.0f} % of what it could sell"
            )
            self._turn(hour, share > 0.0, "restriction/supply", name, begins, "sells again")
        begins = f"{100 * held_back:.0f} % of the generation company's units are not offered"
        self._turn(hour, held_back > 0.0, "restriction/units", "city", begins, "all units are offered again")
        begins = f"chemicals at the waterworks set to {p.dose_frac:g} times the right dose"
        self._turn(hour, wrong_dose, "restriction/dose", "city", begins, "the right dose again")
        against = self.place.districts.name[p.seized_for] if p.seized_for >= 0 else "the city"
        for platform, name in PLATFORMS.items():
            begins = f"in wrong hands, turned against {against}"
            self._turn(hour, platform in seized, "restriction/platform", name, begins, "free again")

    def _watch_power(self, hour: int, power: PowerService) -> None:
        load = power.delivered_mw.sum() + power.shed_mw.sum()
        shed = power.shed_mw.sum()
        short = shed > BLACKOUT_FRAC * max(load, 1e-9)
        self._turn(
            hour, bool(short), "blackout", "city", f"{shed:.1f} MW of load shed", "load is served again"
        )
        for line in power.tripped:
            grid = self.place.grid
            ends = f"{grid.bus_id[grid.line_from[line]]}-{grid.bus_id[grid.line_to[line]]}"
            self.tell(hour, "cascade", f"line {ends}", "tripped on overload")

    def _watch_water(self, hour: int, service: Service) -> None:
        water, count = service.water, len(self.place.districts)
        rows = self.place.water.junction_district
        short = np.bincount(rows, water.short_m3_per_h, count)
        asked = short + np.bincount(rows, water.delivered_m3_per_h + water.restricted_m3_per_h, count)
        dry = short > SHORT_FRAC * asked
        if not self._open and not dry.any() and water.unsafe is None:
            return
        for d, name in enumerate(self.place.districts.name):
            self._turn(hour, bool(dry[d]), "shortage/water", name, "taps lack pressure", "pressure is back")
            unsafe = water.unsafe is not None and bool(water.unsafe[rows == d].any())
            begins, ends = "water at taps is unsafe to drink", "water is safe to drink again"
            self._turn(hour, unsafe, "shortage/safe", name, begins, ends)
            own = bool(water.well_m3[d] > 0) and ("restriction/water", name) in self._open
            self._turn(hour, own, "island/wells", name, "lives on its own wells", "wells rest")

    def _watch_stocks(self, hour: int, supply: SupplyService) -> None:
        case = self.place.supply
        if not self._open and not supply.short_t.any():
            return
        for depot, good in enumerate(case.depot_good):
            where, name = self.place.districts.name[case.depot_district[depot]], GOODS[good]
            kind = f"shortage/{name}/{depot}"
            empty = bool(supply.short_t[depot] > 0)
            self._turn(hour, empty, kind, where, f"out of {name}", f"{name} in stock again")


def _span(hours: int) -> str:
    """A length of time in words.

    >>> _span(5), _span(50)
    ('5 h', '2 d 2 h')
    """
    days, rest = divmod(hours, HOURS_PER_DAY)
    if not days:
        return f"{rest} h"
    return f"{days} d {rest} h" if rest else f"{days} d"
