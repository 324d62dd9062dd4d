"""A municipality: it runs the microgrid and the wells of its district, and undoes cuts by hand."""

from dataclasses import dataclass
from statistics import NormalDist

import mesa
import numpy as np

from agentsim.exchange import Order, Outlook
from agentsim.institutions.control_graph import RESTRICTS
from agentsim.parameters import parameter


@dataclass(frozen=True)
class Parameters:
    """How quickly staff undo a cut by hand, where the rules let them (authority ``local_restore``)."""

    restore_median_h: float = parameter(
        3.0, "h", "mechanisms S1; Ukraine 2015: 1 to 6 h by hand", "A", 0.1, 1000
    )
    restore_sigma: float = parameter(0.6, "1", "spread of the logarithm", "A", 0, 3)


class Municipality(mesa.Agent):
    """The government of one district; ``principal`` is its name in the control graph.

    It parts from the grid when no live wire reaches most of its load and joins again when one does; its
    wells run whenever there are any; staff undo by hand what they may. Captured, it gives no orders while
    its district is being struck.
    """

    def __init__(self, model: mesa.Model, district: int, name: str, parameters: Parameters) -> None:
        super().__init__(model)
        self.district, self.name, self.parameters = district, name, parameters
        self.principal = f"municipality:{name}"
        self.islanded = False
        self.orders: list[Order] = []
        self._by_hand = [
            kind
            for kind in RESTRICTS
            if model.control.assets[f"{kind}:{name}"].holding.authority == "local_restore"
        ]
        self._undone_from: dict[str, float] = {}  # class of assets -> hour from which staff have undone a cut

    def step(self) -> None:
        self.orders = self.decide(self.model.hour, self.model.outlook)

    def decide(self, hour: int, outlook: Outlook) -> list[Order]:
        """Orders of the hour, from what its own staff can see."""
        cut_off = outlook.power_cut_frac[self.district] > 0.5
        able = self.model.mechanisms.islanding and self.model.equipment.has_microgrid[self.district]
        self.islanded = bool(cut_off and able)
        orders = self._restore(hour)
        if self.islanded:
            orders.append(Order(self.principal, f"microgrid_ties:{self.name}", "island", 1.0))
        if self.model.equipment.well_m3_per_h[self.district] > 0:
            orders.append(Order(self.principal, f"wells:{self.name}", "run", 1.0))
        return orders

    def _restore(self, hour: int) -> list[Order]:
        """Cuts that staff have reached and undone; they stand by as long as the cut is ordered."""
        orders = []
        for kind in self._by_hand:
            if not self._is_ordered(kind):
                self._undone_from.pop(kind, None)
                continue
            ready = self._undone_from.setdefault(kind, hour + self._delay_h(hour, kind))
            if hour >= ready:
                orders.append(Order(self.principal, f"{kind}:{self.name}", "restore", 0.0))
        return orders

    def _is_ordered(self, kind: str) -> bool:
        """Whether somebody ordered a cut in the last hour, in force or undone."""
        last = self.model.last
        asset = f"{kind}:{self.name}"
        return last is not None and any(
            order.asset == asset and order.action == "restrict" and np.any(order.value)
            for order in last.permitted.applied
        )

    def _delay_h(self, hour: int, kind: str) -> float:
        draw = self.model.streams.uniform(f"restore/{kind}", hour, self.district + 1)[self.district]
        p, normal = self.parameters, NormalDist().inv_cdf(max(float(draw), 1e-12))
        return p.restore_median_h * float(np.exp(p.restore_sigma * normal))
