"""A supplier outside the city: it offers the capacity of its terminals and sells to the depots."""

import mesa
import numpy as np

from agentsim.core.agent import Agent


class Supplier(Agent):
    """Owner of one or more terminals. ``offer_frac`` is the share of capacity that it is willing to sell."""

    def __init__(self, model: mesa.Model, name: str, terminals: np.ndarray) -> None:
        super().__init__(model)
        self.name = name
        self.terminals = terminals
        self.offer_frac = 1.0
        self.sold_t = 0.0
        self.revenue_jpy = 0.0

    def step(self) -> None:
        """Book what left the terminals in the hour before."""
        service = self.model.service
        if service is None:
            return
        case = self.model.place.supply
        price = service.supply.price_jpy_per_t[case.terminal_good[self.terminals]]
        sold_t = service.supply.imported_t[self.terminals]
        self.sold_t += float(sold_t.sum())
        self.revenue_jpy += float((sold_t * price).sum())
