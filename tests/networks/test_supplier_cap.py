"""A cap on a supplier's share changes who sells and at what price, never how much is sold."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentsim.core.mechanisms import Mechanisms
from agentsim.networks.supply.network import SupplyNetwork, SupplyParameters
from agentsim.networks.supply.supplier_cap import SupplierCap, share_that_fills
from agentsim.place.cases import FOOD, FUEL, MINERALS, SupplyCase
from agentsim.place.layout.substitutes import MAKERS, ordinary_t_per_d, with_substitutes

CALM = SupplyParameters(cover_days=(2.0, 2.0, 2.0), demand_learning=0.0, hoarding_rise=1.0)
GULF, PACIFIC = 0, 1


def fuel_case(**changed) -> SupplyCase:
    """Ten tonnes of fuel a day: a near, cheap supplier for nine of them, a far, dear one for eight."""
    case = SupplyCase(
        terminal_name=("refinery", "berth", "mine", "farm"),
        terminal_good=np.array([FUEL, FUEL, MINERALS, FOOD]),
        terminal_supplier=("Gulf", "Pacific", "Mine", "Farm"),
        terminal_zone=np.zeros(4, dtype=int),
        terminal_capacity_t_per_d=np.array([9.0, 8.0, 2.0, 2.0]),
        terminal_price_jpy_per_t=np.array([100e3, 110e3, 1e6, 300e3]),
        terminal_lead_days=np.array([2, 5, 5, 1]),
        depot_good=np.array([FUEL, MINERALS, FOOD]),
        depot_district=np.zeros(3, dtype=int),
        depot_zone=np.zeros(3, dtype=int),
        depot_demand_t_per_d=np.array([10.0, 1.0, 1.0]),
        depot_capacity_t=np.array([200.0, 50.0, 20.0]),
    )
    return replace(case, **changed)


sizes = st.lists(st.floats(0.0, 3.0), min_size=1, max_size=6).map(np.array)


@given(sizes, st.floats(0.05, 1.0))
def test_a_cap_leaves_nothing_unsold(size_frac, most_frac):
    share = share_that_fills(size_frac, most_frac)
    assert share >= most_frac - 1e-12
    sold = np.minimum(size_frac, share).sum()
    assert sold >= min(1.0, size_frac.sum()) - 1e-9


@given(sizes, st.floats(0.05, 1.0))
def test_a_cap_gives_way_no_more_than_it_must(size_frac, most_frac):
    share = share_that_fills(size_frac, most_frac)
    if share > most_frac + 1e-9:
        assert np.minimum(size_frac, 0.999 * share).sum() < min(1.0, size_frac.sum())


def test_terminals_of_one_supplier_share_its_cap():
    case = fuel_case(terminal_supplier=("Gulf", "Gulf", "Mine", "Farm"))
    capped = SupplierCap(case, 0.5).capacity_t(case.terminal_capacity_t_per_d, np.array([10.0, 1.0, 1.0]))
    # nobody else sells fuel, so the cap gives way to all that is ordered
    assert capped[:2].sum() == pytest.approx(10.0)
    assert capped[0] / capped[1] == pytest.approx(9.0 / 8.0)


def test_half_and_half():
    network = SupplyNetwork(fuel_case(), CALM, max_supplier_share=0.5)
    for _ in range(20):
        day = network.day()
    assert day.imported_t[[GULF, PACIFIC]] == pytest.approx([5.0, 5.0])
    assert day.short_t == pytest.approx(np.zeros(3))
    assert day.price[FUEL] == pytest.approx(105e3), "the buyer pays for it"


def test_a_cap_of_one_and_a_stilled_mechanism_change_nothing():
    plain = SupplyNetwork(fuel_case(), CALM)
    others = (
        SupplyNetwork(fuel_case(), CALM, max_supplier_share=1.0),
        SupplyNetwork(fuel_case(), CALM, Mechanisms(diversification=False), max_supplier_share=0.3),
    )
    days = [[network.day(embargoed=("Gulf",)) for _ in range(12)] for network in (plain, *others)]
    for day, *same in zip(*days, strict=True):
        for other in same:
            assert other.stock_t.tobytes() == day.stock_t.tobytes()
            assert other.price.tobytes() == day.price.tobytes()


def test_an_embargo_finds_the_other_supplier_under_way():
    short_t = {}
    for share in (1.0, 0.5):
        network = SupplyNetwork(fuel_case(), CALM, max_supplier_share=share)
        for _ in range(10):
            network.day()
        short_t[share] = sum(network.day(embargoed=("Gulf",)).short_t[0] for _ in range(14))
    assert short_t[0.5] < short_t[1.0] - 10.0


def test_a_supplier_may_withhold_a_part():
    network = SupplyNetwork(fuel_case(), CALM)
    half = np.array([0.5, 0.0, 0.0, 0.0])
    for hour in range(6, 6 + 24 * 12):
        service = network.serve(
            network.case.depot_demand_t_per_d / 24.0, network.travel_h, None, half, hour=hour
        )
        if hour > 24 * 8 and service.imported_t.any():
            assert service.imported_t[GULF] == pytest.approx(4.5)


# ---- substitutes


def test_without_size_there_are_no_makers():
    case = fuel_case()
    assert with_substitutes(case, np.zeros(3), (1.5, 1.5, 1.5), (1, 1, 1)) is case


def test_makers_stand_behind_the_others_and_are_dearer():
    case = fuel_case()
    assert ordinary_t_per_d(case) == pytest.approx([10.0, 1.0, 1.0])
    more = with_substitutes(case, np.array([2.0, 0.0, 0.1]), (1.6, 1.5, 1.3), (2, 7, 1))
    assert more.terminal_supplier == (*case.terminal_supplier, MAKERS[FUEL], MAKERS[FOOD])
    assert more.terminal_price_jpy_per_t[4:] == pytest.approx([1.6 * 110e3, 1.3 * 300e3])
    assert more.terminal_capacity_t_per_d[4:].tolist() == [2.0, 0.1]
    assert more.terminal_lead_days[4:].tolist() == [2, 1]


def test_makers_rest_in_peace_and_sell_under_an_embargo():
    case = with_substitutes(fuel_case(), np.array([2.0, 0.0, 0.0]), (1.6, 1.5, 1.3), (2, 7, 1))
    network = SupplyNetwork(case, CALM)
    for _ in range(10):
        assert network.day().imported_t[4] == pytest.approx(0.0, abs=1e-6)
    for _ in range(8):
        embargoed = network.day(embargoed=("Gulf",))
    assert embargoed.imported_t[[GULF, PACIFIC, 4]] == pytest.approx([0.0, 8.0, 2.0])
