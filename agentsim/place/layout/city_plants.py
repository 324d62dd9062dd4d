"""Plants and mines that a measure brings: one more terminal each, whose goods are bought before imports."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from agentsim.place.cases import FUEL, SupplyCase

WITHOUT_OIL = ("bio_fuel", "synthetic_fuel")


@dataclass(frozen=True)
class Plant:
    """A plant or a mine, and what a tonne of its product takes and leaves behind."""

    name: str
    kind: str  # scrap | synthetic_fuel | bio_fuel | enhanced_oil | mine
    good: int  # index into GOODS
    capacity_t_per_d: float
    price_jpy_per_t: float  # what it costs to make, without the capital that a tax pays
    lead_days: int = 1
    power_kwh_per_t: float = 0.0
    water_m3_per_t: float = 0.0
    co2_t_per_t: float = 0.0  # net, besides that of its electricity; below 0 where it spares more
    waste_t_per_t: float = 0.0
    land_ha: float = 0.0


def with_plants(case: SupplyCase, plants: Sequence[Plant]) -> SupplyCase:
    """The case with one more terminal for each plant, behind the others; without plants the case itself.

    A contract has their goods bought before all others, whatever they cost. Makers of fuel stand at the
    refinery (the power stations' depot), makers of metals where the spare parts are kept.
    """
    if not plants:
        return case
    own = np.array([True] * len(plants))
    terminals = len(case.terminal_good)
    site = [site_depot(case, plant.good) for plant in plants]
    return replace(
        case,
        terminal_name=case.terminal_name + tuple(plant.name for plant in plants),
        terminal_good=np.append(case.terminal_good, [plant.good for plant in plants]),
        terminal_supplier=case.terminal_supplier + tuple(plant.name for plant in plants),
        terminal_zone=np.append(case.terminal_zone, case.depot_zone[site]),
        terminal_capacity_t_per_d=np.append(
            case.terminal_capacity_t_per_d, [plant.capacity_t_per_d for plant in plants]
        ),
        terminal_price_jpy_per_t=np.append(
            case.terminal_price_jpy_per_t, [plant.price_jpy_per_t for plant in plants]
        ),
        terminal_lead_days=np.append(case.terminal_lead_days, [plant.lead_days for plant in plants]),
        terminal_bought_first=np.append(_flags(case.terminal_bought_first, terminals), own),
        terminal_own=np.append(_flags(case.terminal_own, terminals), own),
        terminal_without_oil=np.append(
            _flags(case.terminal_without_oil, terminals), [plant.kind in WITHOUT_OIL for plant in plants]
        ),
    )


def site_depot(case: SupplyCase, good: int) -> int:
    """The depot beside which plants stand: the power stations' for fuel, that of spare parts for metals."""
    rows = np.flatnonzero(case.depot_good == good)
    return int(rows[-1] if good == FUEL else rows[0])


def _flags(flags: np.ndarray, rows: int) -> np.ndarray:
    """Truth values of so many terminals; none is true where the case says nothing."""
    return flags if len(flags) else np.zeros(rows, dtype=bool)
