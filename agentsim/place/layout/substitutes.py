"""Substitutes: goods that a city makes itself instead of buying them."""

from dataclasses import replace

import numpy as np

from agentsim.place.cases import FOOD, FUEL, GOODS, MINERALS, SupplyCase

MAKERS = {FUEL: "Biofuel works", MINERALS: "Metal recyclers", FOOD: "City growers"}


def with_substitutes(
    case: SupplyCase, size_t_per_d: np.ndarray, price_ratio: tuple[float, ...], lead_days: tuple[int, ...]
) -> SupplyCase:
    """The case with one more terminal a good, behind the others, for makers inside the city.

    A maker stands where the spare parts are kept and asks *price_ratio* times what the dearest terminal of
    its good asks. A good with size 0 has none; without any size the case is returned as it is.

    Parameters
    ----------
    size_t_per_d, price_ratio, lead_days : by good, (goods,)
    """
    goods = np.flatnonzero(size_t_per_d > 0)
    if not len(goods):
        return case
    zone = case.depot_zone[np.flatnonzero(case.depot_good == MINERALS)[0]]
    dearest = [case.terminal_price_jpy_per_t[case.terminal_good == good].max() for good in goods]
    makers = tuple(MAKERS[good] for good in goods.tolist())
    return replace(
        case,
        terminal_name=case.terminal_name + makers,
        terminal_good=np.append(case.terminal_good, goods),
        terminal_supplier=case.terminal_supplier + makers,
        terminal_zone=np.append(case.terminal_zone, np.full(len(goods), zone)),
        terminal_capacity_t_per_d=np.append(case.terminal_capacity_t_per_d, size_t_per_d[goods]),
        terminal_price_jpy_per_t=np.append(
            case.terminal_price_jpy_per_t, np.array(price_ratio)[goods] * np.array(dearest)
        ),
        terminal_lead_days=np.append(case.terminal_lead_days, np.array(lead_days)[goods]),
        terminal_own=np.arange(len(case.terminal_good) + len(goods)) >= len(case.terminal_good),
        terminal_without_oil=np.append(np.zeros(len(case.terminal_good), dtype=bool), goods == FUEL),
    )


def ordinary_t_per_d(case: SupplyCase) -> np.ndarray:
    """What the city ordinarily uses of each good, array (goods,) [t/d]."""
    return np.bincount(case.depot_good, case.depot_demand_t_per_d, len(GOODS))
