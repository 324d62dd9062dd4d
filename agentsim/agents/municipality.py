"""A municipality: it runs the microgrid and the wells of its district."""

import mesa

from agentsim.exchange import Order, Outlook


class Municipality(mesa.Agent):
    """The government of one district; ``principal`` is its name in the control graph.

    It parts from the grid when most of its feeders are dark and joins again when the wires beyond its
    breakers are alive; its wells run whenever there are any.
    """

    def __init__(self, model: mesa.Model, district: int, name: str) -> None:
        super().__init__(model)
        self.district = district
        self.name = name
        self.principal = f"municipality:{name}"
        self.islanded = False
        self.orders: list[Order] = []

    def step(self) -> None:
        self.orders = self.decide(self.model.outlook)

    def decide(self, outlook: Outlook) -> list[Order]:
        """Orders of the hour, from what its own staff can see."""
        cut_off = outlook.power_cut_frac[self.district] > 0.5
        able = self.model.mechanisms.islanding and self.model.equipment.has_microgrid[self.district]
        self.islanded = bool(cut_off and able)
        orders = []
        if self.islanded:
            orders.append(Order(self.principal, f"microgrid_ties:{self.name}", "island", 1.0))
        if self.model.equipment.well_m3_per_h[self.district] > 0:
            orders.append(Order(self.principal, f"wells:{self.name}", "run", 1.0))
        return orders
