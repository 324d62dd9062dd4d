"""The market of metals: it clears, conserves, remembers, and makes a build-up slower and dearer."""

from dataclasses import replace

import pytest

from agentsim.networks.supply.build_up import BuildUpParameters, build_up
from agentsim.networks.supply.materials_market import MaterialsMarket, MaterialsParameters
from agentsim.networks.supply.metals import MetalsParameters
from agentsim.networks.supply.parameters import SupplyParameters
from agentsim.place.cases import FOOD, FUEL, MINERALS

USE_T = 100.0
SETS = {number: SupplyParameters(elasticity_set=number) for number in (1, 2, 3)}
CALDARA = SETS[3].elasticities(MINERALS)


def market(elasticities=CALDARA, **numbers) -> MaterialsMarket:
    return MaterialsMarket(USE_T, elasticities, replace(MaterialsParameters(), **numbers))


def test_the_published_pairs_are_an_ensemble_for_oil_and_minerals_alike():
    pairs = [numbers.elasticities(FUEL) for numbers in SETS.values()]
    assert pairs == [(0.015, 0.26), (0.15, 0.35), (0.11, 0.13)]
    assert pairs == [numbers.elasticities(MINERALS) for numbers in SETS.values()]
    usual = SupplyParameters()
    assert usual.elasticities(FUEL) == pairs[2], "oil's own pair is that of the third study"
    assert all(numbers.elasticities(FOOD) == usual.elasticities(FOOD) for numbers in SETS.values())


def test_without_a_shock_nothing_moves():
    calm = market()
    months = [calm.month() for _ in range(40)]
    assert [month.price_ratio for month in months] == pytest.approx([1.0] * 40)
    assert months[-1].stock_t == pytest.approx(150.0)


def test_without_stores_the_price_is_that_of_the_elasticities():
    """a p^e_s = p^-e_d, so that p = a^(-1 / (e_s + e_d))."""
    for numbers in SETS.values():
        pair = numbers.elasticities(MINERALS)
        bare = market(pair, stock_months=0.0)
        assert bare.month(offered_frac=0.8).price_ratio == pytest.approx(0.8 ** (-1.0 / sum(pair)), rel=1e-6)


def test_what_comes_is_used_or_stored_in_every_month():
    shocked, before_t = market(), 150.0
    for offered in (1.0, 0.1, 0.0, 0.0, 0.6, 1.0, 1.0):
        now = shocked.month(offered_frac=offered, secondary_t=4.0, extra_t=20.0)
        assert before_t + now.sold_t + now.secondary_t == pytest.approx(now.used_t + now.stock_t)
        assert 0.0 <= now.extra_used_t <= now.used_t
        assert now.stock_t >= 0.0
        before_t = now.stock_t


def test_stores_soften_the_first_month_and_panic_makes_it_worse():
    bare, stored, panic = (
        market(stock_months=0.0),
        market(panic=0.0),
        market(panic=3.0),
    )
    prices = [[one.month(offered_frac=0.7).price_ratio for _ in range(3)] for one in (bare, stored, panic)]
    assert prices[1][0] < prices[0][0]
    assert prices[2][1] > prices[1][1]


def test_where_nothing_can_be_bought_it_is_rationed():
    empty = market(stock_months=0.0)
    month = empty.month(offered_frac=0.0, secondary_t=5.0)
    assert month.price_ratio == pytest.approx(MaterialsParameters().price_most_ratio)
    assert month.used_t == pytest.approx(5.0)
    assert 0.0 < month.delivered_frac < 1.0


def test_new_mines_come_after_their_lag_and_take_the_price_down():
    slow = market(expansion_lag_months=24)
    months = [slow.month(offered_frac=0.6) for _ in range(60)]
    assert {month.capacity_ratio for month in months[:24]} == {1.0}
    assert months[59].capacity_ratio > 1.2
    assert months[59].price_ratio < 0.5 * months[20].price_ratio


@pytest.mark.parametrize("number", SETS)
def test_the_rare_earths_of_2010_within_an_order_of_magnitude(number):
    """Two months without shipments, then quotas of 60 % for a year: some prices rose twentyfold."""
    replay = market(SETS[number].elasticities(MINERALS))
    offers = [0.1, 0.1, *[0.6] * 12, *[1.0] * 24]
    prices = [replay.month(offered_frac=offered).price_ratio for offered in offers]
    assert 2.0 < max(prices) <= 200.0
    assert prices[-1] < 1.5, "and it came down again"


class TestBuildUp:
    numbers = BuildUpParameters(months=24, embargo_from_month=6, embargo_months=12)

    def test_in_peace_all_is_installed_at_nearly_the_ordinary_price(self):
        built = build_up(24.0, market(), replace(self.numbers, embargo_months=0))
        assert built.installed_frac == pytest.approx(1.0, abs=0.02)
        assert built.price_ratio == pytest.approx(1.0, abs=0.1)

    def test_an_embargo_slows_it_and_makes_it_dearer(self):
        peace = build_up(24.0, market(), replace(self.numbers, embargo_months=0))
        embargo = build_up(24.0, market(), replace(self.numbers, embargo_months=18))
        assert embargo.installed_frac < peace.installed_frac - 0.1
        assert embargo.price_ratio > 2.0

    def test_recycled_metals_help(self):
        embargo = replace(self.numbers, embargo_months=18)
        alone, helped = (build_up(24.0, market(), embargo, own_t) for own_t in (0.0, 0.5))
        assert helped.installed_frac > alone.installed_frac
        assert build_up(24.0, market(), embargo, own_t=2.0).price_ratio == pytest.approx(1.0)

    def test_without_months_everything_stands_at_once(self):
        assert build_up(24.0, market(), BuildUpParameters()).installed_frac == 1.0


def test_equipment_costs_more_by_its_metals_alone():
    metals = MetalsParameters()
    tonnes = metals.metal_t({"added_pv_homes": 1000.0, "li_ion_kwh": 2000.0, "wells": 3.0}, 4.5, 12.5)
    assert tonnes == pytest.approx({"added_pv_homes": 30.6, "li_ion_kwh": 4.4})
    assert metals.capital_factor(6.8, 260e6, 1.0) == 1.0
    assert metals.capital_factor(6.8, 260e6, 2.0) == pytest.approx(1.0 + 27.2e6 / 260e6)
