"""Market power: whoever withholds makes the hour dearer, the more the nearer the load is to the limit."""

import numpy as np
import pytest

from agentsim.core.messages import Order
from agentsim.networks.power.offers import largest_owner, markup, stack_price


@pytest.fixture(scope="module")
def stack(bay_city):
    grid = bay_city.grid
    marginal = grid.unit_cost[:, 1] + grid.unit_cost[:, 0] * grid.unit_max_mw
    return marginal, grid.unit_max_mw


def test_the_largest_owner_has_its_share_of_cheap_and_of_dear_units(stack):
    marginal, size = stack
    own = largest_owner(marginal, size, 0.35)
    assert (own * size).sum() / size.sum() == pytest.approx(0.35, abs=0.05)
    halves = np.argsort(marginal, kind="stable")
    assert own[halves[:16]].any()
    assert own[halves[16:]].any()


def test_nothing_withheld_adds_nothing(stack):
    marginal, size = stack
    for load in np.linspace(10.0, 1.2 * size.sum(), 30):
        assert markup(load, marginal, size, size, 80e3) == 0.0


def test_the_markup_rises_with_load(stack):
    """P11: California's was largest at high demand (Borenstein, Bushnell & Wolak 2002)."""
    marginal, size = stack
    offered = size * (1.0 - 0.6 * largest_owner(marginal, size, 0.35))
    load = np.linspace(0.3, 0.98, 200) * size.sum()
    added = np.array([markup(mw, marginal, offered, size, 80e3) for mw in load])
    low, middle, high = (part.mean() for part in np.array_split(added, 3))
    assert low < middle < high


def test_the_price_is_capped_when_there_is_too_little(stack):
    marginal, size = stack
    assert stack_price(2.0 * size.sum(), marginal, size, 80e3) == 80e3


def test_in_the_city_withholding_raises_tariff_and_what_generators_get(hamlet):
    calm = {"mechanisms.failures": False, "hours": 96}
    withhold = Order("generation_company", "generators", "withhold", 0.5)

    def four_days(orders, changes):
        society = hamlet(changes=calm | changes)
        usual = society.orders
        society.orders = lambda: [*usual(), *orders]
        return society.run(96)

    usual = four_days([], {})
    held = four_days([withhold], {})
    still = four_days([withhold], {"mechanisms.market_power": False})
    assert held.market.power_jpy_per_kwh > still.market.power_jpy_per_kwh > usual.market.power_jpy_per_kwh
    assert held.market.balance_jpy["generators"] > still.market.balance_jpy["generators"]
    assert held.last.sales.markup_jpy_per_mwh >= 0.0 == still.last.sales.markup_jpy_per_mwh
    assert sum(held.market.balance_jpy.values()) == pytest.approx(0.0, abs=10.0)
