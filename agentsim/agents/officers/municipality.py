"""A municipality: it runs its district's microgrid and wells, undoes cuts by hand and may give in."""

from dataclasses import dataclass
from statistics import NormalDist

import mesa
import numpy as np

from agentsim.core.agent import Agent
from agentsim.core.messages import Order, Outlook, Permitted
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.control_graph import RESTRICTS
from agentsim.place.cases import CRITICAL


@dataclass(frozen=True)
class MunicipalitiesParameters:
    """How quickly staff undo a cut by hand (authority ``local_restore``), when a microgrid starts, and how
    much a district bears."""

    restore_median_h: float = parameter(
        3.0, "h", "mechanisms S1; Ukraine 2015: 1 to 6 h by hand", "A", 0.1, 1000
    )
    restore_sigma: float = parameter(0.6, "1", "spread of the logarithm", "A", 0, 3)
    black_start_failure: float = parameter(
        0.05, "1", "chance that an island does not start; tried again the next hour (S6)", "A", 0, 1
    )
    least_cover_h: float = parameter(
        4.0, "h", "of critical load in the microgrid's store, or no island is begun (S6, H_min)", "A", 0, 240
    )
    concession_median_h: float = parameter(
        36.0, "weighted h", "theta: deprivation-hours a head at which a district gives in", "A", 1, 10_000
    )
    concession_sigma: float = parameter(0.5, "1", "spread of its logarithm over districts", "A", 0, 3)
    quiet_days: float = parameter(3.0, "d", "without any cut, after which a siege is over", "A", 0.1, 365)
    concession_jpy_per_person: float = parameter(
        5000.0,
        "JPY",
        "handed over by a district that gives in; in 2019 two towns in Florida paid ransoms of some 17 and"
        " 38 USD a head [M]",
        "A",
        0,
        1e7,
    )
    concession_trust_loss: float = parameter(
        0.1,
        "1",
        "trust that a district loses for good when it gives in: now, and of the most it may have",
        "A",
        0,
        1,
    )


def besieged(permitted: Permitted) -> np.ndarray:
    """Districts that somebody's order cuts off from anything, admitted or not, bool (districts,)."""
    p = permitted
    cut = (p.power_cut_off_frac > 0.0) | (p.water_cut_off_frac > 0.0) | p.trunk_mains_shut | p.roads_cut_off
    for share in (p.signals_red_frac, p.devices_seized_frac):
        if share is not None:
            cut = cut | (share > 0.0)
    return cut


class Municipality(Agent):
    """The government of one district; ``principal`` is its name in the control graph.

    Its microgrid disconnects when no live wire reaches most of the load and reconnects when one does; its
    wells always run; its staff undo by hand the cuts they may undo. Captured, it gives no orders while its
    district is being struck. Cut off, it gives in once its people have suffered more deprivation than they
    can bear (war of attrition, mechanisms S14).
    """

    def __init__(
        self, model: mesa.Model, district: int, name: str, parameters: MunicipalitiesParameters
    ) -> None:
        super().__init__(model)
        self.district, self.name, self.parameters = district, name, parameters
        self.principal = f"municipality:{name}"
        self.islanded = False
        self.orders: list[Order] = []
        self._by_hand = [
            kind
            for kind in RESTRICTS
            if (asset := model.control.assets.get(f"{kind}:{name}")) is not None
            and asset.holding.authority == "local_restore"
        ]
        self._may_island = model.mechanisms.islanding and bool(model.equipment.has_microgrid[district])
        wells = model.equipment.well_m3_per_h[district] > 0
        self._always = [Order(self.principal, f"wells:{name}", "run", 1.0)] if wells else []
        self._undone_from: dict[str, float] = {}  # class of assets -> hour at which staff undo a cut
        # of the siege: what people can bear and have suffered [weighted deprivation-hours a head]
        draw = model.streams.uniform("concession", 0, district + 1)[district]
        self.threshold_h = _lognormal(
            float(draw), parameters.concession_median_h, parameters.concession_sigma
        )
        self.suffered_h = 0.0
        self.cut_last = -1  # last hour of a cut; -1: no siege
        self.gave_in: list[int] = []  # hours of its concessions
        self._has_given_in = False

    def step(self) -> None:
        # where there is nothing to decide, these are its orders
        self.orders = self._always
        if self._may_island or self._by_hand:
            self.orders = self.decide(self.model.hour, self.model.outlook)

    def decide(self, hour: int, outlook: Outlook) -> list[Order]:
        """Orders of the hour."""
        cut_off = self._may_island and outlook.power_cut_frac[self.district] > 0.5
        # an island that runs goes on to its last kWh; only to begin one takes more
        self.islanded = bool(cut_off and (self.islanded or self._starts(hour)))
        orders = self._restore(hour) if self._by_hand else []
        if self.islanded:
            orders.append(Order(self.principal, f"microgrid_ties:{self.name}", "island", 1.0))
        return orders + self._always

    def _starts(self, hour: int) -> bool:
        """Whether the microgrid holds enough for an island, and its black start succeeds."""
        if self._cover_h() < self.parameters.least_cover_h - 1e-9:
            return False
        draw = self.model.streams.uniform("black_start", hour, self.district + 1)[self.district]
        return bool(draw >= self.parameters.black_start_failure)

    def _cover_h(self) -> float:
        """Hours of the last hour's critical load, sun aside, that are in the microgrid's store [h]."""
        grid, last = self.model.coupling.power, self.model.last
        feeders = grid.feeders
        critical = (feeders.tier == CRITICAL) & (feeders.district == self.district)
        asked_mw = feeders.peak_mw if last is None else last.demand.power_asked_mw
        energy_mwh = float(grid.stores.energy_mwh[self.district - len(self.model.place.districts)])
        return energy_mwh / max(float(asked_mw[critical].sum()), 1e-9)

    def _restore(self, hour: int) -> list[Order]:
        """Orders that undo cuts, from the hour in which staff reach the asset until the cut ends."""
        orders, cut = [], self._ordered_cuts()
        for kind in self._by_hand:
            if f"{kind}:{self.name}" not in cut:
                self._undone_from.pop(kind, None)
                continue
            ready = self._undone_from.setdefault(kind, hour + self._delay_h(hour, kind))
            if hour >= ready:
                orders.append(Order(self.principal, f"{kind}:{self.name}", "restore", 0.0))
        return orders

    def _ordered_cuts(self) -> set[str]:
        """Assets by which a cut was ordered in the last hour, in force or undone."""
        last = self.model.last
        applied = () if last is None else last.permitted.applied
        return {order.asset for order in applied if order.action == "restrict" and order.is_on}

    def _delay_h(self, hour: int, kind: str) -> float:
        draw = self.model.streams.uniform(f"restore/{kind}", hour, self.district + 1)[self.district]
        return _lognormal(float(draw), self.parameters.restore_median_h, self.parameters.restore_sigma)

    def concedes(self, hour: int, deprivation_h: float, cut: bool) -> bool:
        """Whether the district gives in this hour, at most once in a siege; *cut*: it is cut off now.

        Deprivation a head, of which *deprivation_h* is this hour's, is summed from the first hour of a cut
        on, also between cuts, until the siege is over.
        """
        if cut:
            self.cut_last = hour
        elif self.cut_last < 0:
            return False
        elif hour - self.cut_last >= self.parameters.quiet_days * HOURS_PER_DAY:
            self.suffered_h, self.cut_last, self._has_given_in = 0.0, -1, False
            return False
        self.suffered_h += deprivation_h
        if self._has_given_in or self.suffered_h < self.threshold_h:
            return False
        self._has_given_in = True
        self.gave_in.append(hour)
        return True


def _lognormal(draw: float, median: float, sigma: float) -> float:
    """The value of a lognormal law below which a share *draw* of it lies."""
    return median * float(np.exp(sigma * NormalDist().inv_cdf(max(draw, 1e-12))))
