"""Numbers of the supply chain: stocks, hauling, and how its markets clear."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.place.cases import FOOD, GOODS


@dataclass(frozen=True)
class SupplyParameters:
    """Numbers of the supply chain; tuples are by good: fuel, minerals, food."""

    review_hour: int = parameter(5, "h", "clock hour of orders and deliveries", "A", 0, 23)
    cover_days: tuple[float, float, float] = parameter(
        (7.0, 45.0, 3.0), "d", "safety stock, days of demand beyond lead and review time", "A", 0, 400
    )
    demand_learning: float = parameter(
        0.05,
        "1/d",
        "weight of the last day in the expected demand",
        "A",
        0,
        1,
    )
    hoarding_rise: float = parameter(
        1.2,
        "1",
        "factor on the target after a stock-out; DisruptSC docs",
        "C",
        1,
        3,
    )
    hoarding_fall: float = parameter(
        0.95,
        "1",
        "daily factor back to the ordinary target; DisruptSC docs",
        "C",
        0,
        1,
    )
    hoarding_most: float = parameter(2.0, "1", "largest factor on the target", "A", 1, 10)
    haul_jpy_per_t_h: float = parameter(1500.0, "JPY/(t h)", "a 10 t lorry with driver", "A", 0, 1e6)
    unfilled_ratio: float = parameter(10.0, "1", "value of a tonne to a depot, over its price", "A", 2, 100)
    unfilled_steps: int = parameter(8, "1", "steps in which a shortage is shared among depots", "A", 1, 50)
    fuel_supply_elasticity: float = parameter(0.11, "1", "Caldara et al. 2016, crude oil", "V2", 0, 5)
    fuel_demand_elasticity: float = parameter(-0.13, "1", "Caldara et al. 2016, crude oil", "V2", -5, -0.01)
    minerals_supply_elasticity: float = parameter(0.1, "1", "low, because new mines need years", "A", 0, 5)
    minerals_demand_elasticity: float = parameter(
        -0.25, "1", "small share of a product's cost", "A", -5, -0.01
    )
    food_supply_elasticity: float = parameter(0.2, "1", "within a season", "A", 0, 5)
    food_demand_elasticity: float = parameter(-0.4, "1", "all food together", "A", -5, -0.01)
    elasticity_set: int = parameter(
        0,
        "1",
        "0: the elasticities above, those of oil being Caldara's; for oil and minerals alike 1: Kilian & "
        "Murphy, 2: Baumeister & Hamilton, 3: Caldara et al.",
        "A",
        0,
        3,
    )
    set_supply_elasticity: tuple[float, float, float] = parameter(
        (0.015, 0.15, 0.11), "1", "of the sets 1, 2, 3; crude oil", "V2", 0, 5
    )
    set_demand_elasticity: tuple[float, float, float] = parameter(
        (-0.26, -0.35, -0.13), "1", "of the sets 1, 2, 3; crude oil", "V2", -5, -0.01
    )
    price_most_ratio: tuple[float, float, float] = parameter(
        (5.0, 20.0, 4.0),
        "1",
        "largest price over base price; some rare earths rose twentyfold in 2010-11",
        "A",
        1,
        100,
    )
    substitute_price_ratio: tuple[float, float, float] = parameter(
        (1.6, 1.5, 1.3), "1", "price of producers in the city, over the most expensive terminal", "A", 1, 20
    )
    substitute_lead_days: tuple[int, int, int] = parameter(
        (2, 7, 1), "d", "producers in the city: from order to arrival", "A", 0, 365
    )
    price_horizon_days: tuple[float, float, float] = parameter(
        (21.0, 60.0, 10.0), "d", "horizon over which traders compare stock with need", "A", 1, 400
    )

    def elasticities(self, good: int) -> tuple[float, float]:
        """Elasticities of supply and of demand of a good, both taken positive [1].

        They are those of the good itself, or with ``elasticity_set`` 1 to 3 those of one published study.

        >>> SupplyParameters(elasticity_set=1).elasticities(1)
        (0.015, 0.26)
        """
        if self.elasticity_set and good != FOOD:
            row = self.elasticity_set - 1
            return self.set_supply_elasticity[row], -self.set_demand_elasticity[row]
        name = GOODS[good]
        return getattr(self, f"{name}_supply_elasticity"), -getattr(self, f"{name}_demand_elasticity")

    def elasticity_sum(self) -> np.ndarray:
        """(goods,) supply elasticity plus the size of the demand elasticity."""
        return np.array([sum(self.elasticities(good)) for good in range(len(GOODS))])
