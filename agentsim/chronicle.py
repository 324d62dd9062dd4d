"""What is worth telling of a run, in the order in which it happened."""

import numpy as np

from agentsim.exchange import Event, Hour, Permitted, PowerService, Service, SupplyService
from agentsim.place.cases import GOODS, Place
from agentsim.units import HOURS_PER_DAY

BLACKOUT_FRAC = 0.01  # of the city's load shed: worth a line
SHORT_FRAC = 0.05  # of a district's water missing: worth a line


class Chronicle:
    """Watches a run and writes an event when something begins or ends."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.events: list[Event] = []
        self._open: dict[tuple[str, str], int] = {}

    def watch(self, now: Hour) -> None:
        """Compare this hour with the last one."""
        self._watch_orders(now.number, now.permitted)
        self._watch_power(now.number, now.service.power)
        self._watch_water(now.number, now.service)
        self._watch_stocks(now.number, now.service.supply)

    def tell(self, hour: int, kind: str, where: str, text: str) -> None:
        self.events.append(Event(hour, kind, where, text))

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
        tells = (
            ("power", permitted.breakers_closed_frac > 0, "power cut off by order", "power back on"),
            ("water", permitted.inlet_closed_frac > 0, "water shut off by order", "water valves open"),
            ("mains", permitted.trunk_closed, "trunk mains shut by order", "trunk mains open"),
            ("roads", permitted.roads_closed, "roads closed by order", "roads open"),
            ("island", permitted.islanded, "runs on its own microgrid", "back on the grid"),
        )
        for network, state, begins, ends in tells:
            if not self._open and not state.any():
                continue
            kind = "island" if network == "island" else f"restriction/{network}"
            for d, name in enumerate(self.place.districts.name):
                self._turn(hour, bool(state[d]), kind, name, begins, ends)

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
        if not self._open and not dry.any():
            return
        for d, name in enumerate(self.place.districts.name):
            self._turn(hour, bool(dry[d]), "shortage/water", name, "taps lack pressure", "pressure is back")

    def _watch_stocks(self, hour: int, supply: SupplyService) -> None:
        case = self.place.supply
        if not self._open and not supply.short_t.any():
            return
        for depot, good in enumerate(case.depot_good):
            where, name = self.place.districts.name[case.depot_district[depot]], GOODS[good]
            kind = f"shortage/{name}/{depot}"
            empty = bool(supply.short_t[depot] > 0)
            self._turn(hour, empty, kind, where, f"out of {name}", f"{name} is back")


def _span(hours: int) -> str:
    """A length of time in words.

    >>> _span(5), _span(50)
    ('5 h', '2 d 2 h')
    """
    days, rest = divmod(hours, HOURS_PER_DAY)
    if not days:
        return f"{rest} h"
    return f"{days} d {rest} h" if rest else f"{days} d"
