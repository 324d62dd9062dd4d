"""Measures on resources: fuel, minerals and food."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from agentsim.core.charter import Charge, Charter
from agentsim.core.parameters import parameter
from agentsim.policies.policy import Policy


@dataclass(frozen=True)
class Diversification(Policy):
    """No supplier fills more than half of the orders, and the city makes some itself (R-C2 資源の多角化).

    Acts on: market (a cap on one supplier's share, beyond which it sells only what the others cannot) and
             stock (plants for biofuel, metal recycling and food in the city).
    Costs:   the plants, in a local tax; the more expensive suppliers, in the price of every tonne.
    Can fail: expensive in ordinary times; the other suppliers' terminals are no larger than before; a port or
              refinery that they share stays a common point of failure.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {"substitute_frac": (0.05, 0.5)}

    max_supplier_share: float = parameter(
        0.5, "1", "largest share of a good's orders for one supplier, varied 0.3-1", "A", 0.05, 1
    )
    substitute_frac: float = parameter(
        0.2, "1", "output of the city's plants, share of ordinary demand", "A", 0, 1
    )
    fuel_capital_jpy: float = parameter(75e6, "JPY", "biofuel plant, per t/d (150 JPY per L/y)", "A", 0)
    minerals_capital_jpy: float = parameter(500e6, "JPY", "metal sorting and smelting, per t/d", "A", 0)
    food_capital_jpy: float = parameter(150e6, "JPY", "greenhouses and cold stores, per t/d", "A", 0)
    life_y: float = parameter(20.0, "y", "lifetime of the plants", "A", 1, 100)
    running_frac_per_y: float = parameter(0.04, "1/y", "upkeep, share of the capital", "A", 0, 1)

    def enact(self, charter: Charter) -> Charter:
        cap = min(self.max_supplier_share, charter.market.max_supplier_share)
        charter = charter.with_market(max_supplier_share=cap).with_stock(substitute_frac=self.substitute_frac)
        for good in ("fuel", "minerals", "food"):
            capital_jpy = getattr(self, f"{good}_capital_jpy")
            charter = charter.charge(
                Charge(
                    f"substitutes for {good}",
                    payer="local_tax",
                    quantity=f"substitute_{good}_t_per_d",
                    capital_jpy=capital_jpy,
                    life_y=self.life_y,
                    running_jpy_per_y=self.running_frac_per_y * capital_jpy,
                )
            )
        return charter
