"""Metals in the years before: a market of every month, and what an embargo does to what is installed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from agentsim import load
from agentsim.networks.supply.materials_market import MaterialsMarket, MaterialsParameters
from agentsim.networks.supply.metals import MetalsParameters
from agentsim.networks.supply.mineral_path import MineralMarket, MineralPathParameters
from agentsim.society.setup.ground import lay_ground
from agentsim.society.setup.resources import own_metal_t
from agentsim.society.years.lived import Lived
from agentsim.society.years.orders import met
from agentsim.society.years.programmes import Progress
from tests.society.test_years import CHEAP, STEADY, YEARS, changed, clock, lived, table

EMBARGO = {"mineral_path.embargo_year": 3, "mineral_path.embargo_months": 24}
BOTH = ("E-S2", "E-S4")
WEIGHT = 30.0  # real homes for each simulated one
PANEL_T, BATTERY_T = 4.5 * 6.8e-3, 12.5 * 2.2e-3


def path(factors: list[float]) -> dict:
    return {
        "mineral_path.year": tuple(range(1, len(factors) + 1)),
        "mineral_path.price_factor": tuple(factors),
    }


def capital(rows: pd.DataFrame) -> np.ndarray:
    return rows["capital_jpy"].to_numpy()


# ---- conservation -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [{}, EMBARGO])
def test_metals_that_come_are_installed_or_stored_in_every_month(changes):
    """Metals installed are counted anew: homes that own more, and what offices have built."""
    slow = clock((*BOTH, "R-S3"), **CHEAP, **changes)
    before_t, homes = slow.city.metals.prices.store_t, slow.city.households
    first = slow._owned_frac()
    programmes = slow.city.metals.programmes_t
    past = slow.live()
    rows = table(past)
    assert (rows["metal_own_t"].iloc[1:] > 0.0).all(), "scrap"
    stored = rows["metal_store_t"].to_numpy()
    came = (rows["metal_own_t"] + rows["metal_bought_t"]).to_numpy()
    gained = np.diff(stored, prepend=before_t)
    np.testing.assert_allclose(came, rows["metal_installed_t"] + gained, atol=1e-9)
    assert stored.min() > -1e-9
    assert stored.max() <= before_t + 1e-9, "no more than for one order"
    owned_t = sum(
        np.diff(rows[name], prepend=at_first) * homes * WEIGHT * each_t
        for name, at_first, each_t in (
            ("pv_homes_frac", first[0], PANEL_T),
            ("battery_homes_frac", first[1], BATTERY_T),
        )
    )
    built_t = programmes["wind_kw"] * past.turbines_built_frac
    built_t += sum(each for name, each in programmes.items() if name != "wind_kw") * past.mineral_built_frac
    assert rows["metal_installed_t"].sum() == pytest.approx(owned_t.sum() + built_t)
    assert (rows["metal_installed_t"].to_numpy() >= owned_t - 1e-9).all()


def test_what_is_worn_out_takes_metals_again():
    """Every kWh that was paid for has its metals, also those that an embargo delays."""
    slow = clock(("E-S4",), years=20, **{"mechanisms.adoption": False, "mineral_path.embargo_year": 16})
    books, bought_t = slow.city.investment, []
    pay = books.buy

    def counted(charge, month, amount, price_frac, rows=None):
        bought_t.append(amount * slow.city.metals.equipment.unit_t.get(charge.quantity, 0.0))
        return pay(charge, month, amount, price_frac, rows)

    books.buy = counted
    rows = table(slow.live())
    assert rows["metal_installed_t"].sum() == pytest.approx(sum(bought_t))
    assert sum(bought_t) > 1.15 * sum(slow.city.metals.programmes_t.values()), "some is bought anew"
    in_use_kwh = sum(one.amount for one in books.cohorts if one.charge.quantity == "li_ion_kwh")
    (aim_kwh,) = (one.aim for one in slow.city.programmes if one.charge.quantity == "li_ion_kwh")
    assert in_use_kwh == pytest.approx(aim_kwh * slow.programmes.of_minerals.built_frac), "nothing is lost"


def test_the_market_behind_it_balances_and_feels_what_the_city_orders():
    """Stock before + sold = used + stock now; without orders the price stays, with them it rises."""

    class Watched(MaterialsMarket):
        def month(self, **asked):
            before_t, now = self.stock_t, super().month(**asked)
            assert before_t + now.sold_t + now.secondary_t == pytest.approx(now.used_t + now.stock_t)
            assert now.extra_used_t == pytest.approx(
                now.used_t * asked["extra_t"] / (100.0 + asked["extra_t"])
            )
            extra_t.append(now.extra_used_t)
            return now

    extra_t = []
    numbers = replace(MaterialsParameters(), followers_frac=0.5)
    minerals = MineralMarket(
        MineralPathParameters(embargo_year=2, embargo_months=3), Watched(100.0, (0.1, 0.25), numbers)
    )
    calm = [minerals.month(month, 0.0, 0.0) for month in range(6)]
    assert [month.price_ratio for month in calm] == pytest.approx([1.0] * 6)
    busy = [minerals.month(month, 20.0, 4.0) for month in range(6, 18)]
    assert busy[0].price_ratio > 1.0
    assert [month.bought_t * 0.5 for month in busy] == pytest.approx(extra_t[6:])
    assert [month.embargoed for month in busy] == [False] * 6 + [True] * 3 + [False] * 3
    assert {month.own_t for month in busy} == {4.0}
    dear = [month.price_ratio for month in busy]
    assert max(dear) == max(dear[6:9]) > 2.0 * max(dear[:6])
    assert min(month.delivered_frac for month in busy[6:9]) < min(month.delivered_frac for month in busy[:6])


def test_the_more_is_ordered_the_dearer_it_is():
    few, many = (table(lived(BOTH, changed(**CHEAP, **{"policy.E-S4.li_ion_h": h}))) for h in (0.2, 2.0))
    assert (many["metal_price_ratio"].iloc[:24] > few["metal_price_ratio"].iloc[:24]).all()


# ---- an embargo -------------------------------------------------------------------------------------------


def test_an_embargo_makes_panels_dearer_and_fewer_under_every_seed():
    for seed in (1, 2, 3):
        free, held = (clock(BOTH, seed=seed, **CHEAP, **changes).live() for changes in ({}, EMBARGO))
        before, during = (table(free)["year"] < 3, table(free)["year"].isin((3, 4)))
        for name in ("pv_homes_frac", "battery_homes_frac", "metal_price_ratio", "capital_jpy"):
            assert (table(free)[name][before] == table(held)[name][before]).all()
        for name in ("panel_price_frac", "battery_price_frac"):
            assert (table(held)[name][during] > 1.2 * table(free)[name][during]).all()
        at_end = [
            table(past)["pv_homes_frac"][during].iloc[-1] - table(past)["pv_homes_frac"][before].iloc[-1]
            for past in (held, free)
        ]
        assert at_end[0] < 0.3 * at_end[1]
        assert held.panels.sum() < free.panels.sum()


def test_offices_build_late_under_an_embargo_and_catch_up_at_their_pace():
    late = {"mineral_path.embargo_year": YEARS - 1, "mineral_path.embargo_months": 24}
    free, held, early = (
        lived(("E-S4",), changed(**changes, **{"mechanisms.adoption": False}))
        for changes in ({}, late, EMBARGO)
    )
    assert free.mineral_built_frac > 0.99
    assert 0.8 < held.mineral_built_frac < 0.95
    assert held.built_frac == 1.0, "wells and meters need no metals"
    assert held.metals_built_frac == held.mineral_built_frac < free.metals_built_frac
    assert early.mineral_built_frac == pytest.approx(free.mineral_built_frac, abs=0.01)
    built = np.diff(table(early)["metal_installed_t"].to_numpy().cumsum())
    assert built.max() == pytest.approx(1.5 * built[:20].mean(), rel=0.01)
    told = [(event.what, event.fields.get("year")) for event in early.events]
    assert told[:2] == [("years_embargo_begins", 3), ("years_embargo_ends", 5)]


def test_electric_cars_of_a_policy_come_late_as_well():
    late = {"mineral_path.embargo_year": YEARS - 1, "mineral_path.embargo_months": 24}
    held = clock(("T-S2",), **late)
    assert held.city.metals.programmes_t["added_electric_cars"] > 0.0
    past = held.live()
    assert past.mineral_built_frac < 0.95
    free = lived(("T-S2",))
    spent = [capital(table(one))[-12:].sum() for one in (past, free)]
    assert spent[0] != spent[1]


def test_metals_of_the_city_itself_soften_it():
    alone, helped = (lived(ids, changed(**CHEAP, **EMBARGO)) for ids in (BOTH, (*BOTH, "R-S3")))
    during = table(alone)["year"].isin((3, 4))
    price = [table(past)["metal_price_ratio"][during].mean() for past in (alone, helped)]
    assert price[1] < 0.8 * price[0]
    share = [table(past)["delivered_frac"][during].mean() for past in (alone, helped)]
    assert share[1] > share[0]


def test_finds_become_mines_in_the_months_in_which_they_open():
    scenario = load("scenarios/ordinary_fortnight.toml").with_changes(
        {"years_before": 15, "policy.R-S1.years": 15.0, "place.households": 1000}
    )
    ground = lay_ground(scenario, ("R-S1",), 1)
    mined_t = [own_metal_t(ground, month, 1.0) for month in range(15 * 12 + 1)]
    opens = ground.mines.opens_y[ground.mines.worth_mining]
    first = int(np.ceil(opens.min() * 12))
    assert 10 * 12 <= first < 15 * 12
    assert mined_t[first - 1] == 0.0 < mined_t[first]
    (mine,) = (plant for plant in ground.plants if plant.kind == "mine")
    assert mined_t[-1] == pytest.approx(mine.capacity_t_per_d * 365 / 12), "as in the first hour"


def test_with_its_switch_off_an_embargo_changes_nothing():
    plain = lived(BOTH, changed(**CHEAP, **STEADY))
    held = lived(BOTH, changed(**CHEAP, **EMBARGO, **STEADY))
    pd.testing.assert_frame_equal(table(plain), table(held), check_exact=True)
    assert (plain.panels == held.panels).all()
    assert plain.parts == held.parts
    assert (table(held)["metal_price_ratio"] == 1.0).all()


def test_where_nothing_with_metals_is_ordered_an_embargo_changes_nothing():
    nobody = {"mechanisms.adoption": False}
    plain, held = (lived(("W-S2",), changed(**nobody, **changes)) for changes in ({}, EMBARGO))
    same = [name for name in table(plain) if "price_ratio" not in name and "price_frac" not in name]
    pd.testing.assert_frame_equal(table(plain)[same], table(held)[same], check_exact=True)
    assert plain.parts == held.parts


# ---- the world price --------------------------------------------------------------------------------------


def test_the_worlds_price_makes_equipment_dearer_by_its_metals():
    past: Lived = lived(("E-S4",), changed(**path([1.0] * 5 + [5.0] * 5), **{"mechanisms.adoption": False}))
    rows = table(past)
    assert rows["metal_price_ratio"].iloc[59] == pytest.approx(1.0, abs=0.05)
    ratio = rows["metal_price_ratio"].iloc[-1]
    assert ratio == pytest.approx(5.0, rel=0.05)
    metals = MetalsParameters()
    assert rows["panel_price_frac"].iloc[-1] == metals.capital_factor(PANEL_T, 4.5 * 260e3, ratio)
    assert rows["battery_price_frac"].iloc[-1] == metals.capital_factor(BATTERY_T, 12.5 * 150e3, ratio)
    li_ion = clock(("E-S4",)).city.metals.equipment.unit_jpy["li_ion_kwh"]
    dearer = metals.capital_factor(2.2e-3, li_ion, ratio) / metals.capital_factor(
        2.2e-3, li_ion, rows["metal_price_ratio"].iloc[0]
    )
    built = rows["metal_installed_t"].iloc[-1] / rows["metal_installed_t"].iloc[0]
    assert capital(rows)[-1] / capital(rows)[0] == pytest.approx(dearer * built, rel=1e-6)


def test_dear_metals_make_fewer_homes_buy():
    cheap, dear = (lived((), changed(**CHEAP, **path([factor] * YEARS))) for factor in (1.0, 3.0))
    assert dear.panels.sum() < 0.9 * cheap.panels.sum()


# ---- orders -----------------------------------------------------------------------------------------------


def test_orders_are_met_in_their_turn_while_metals_last():
    orders = np.array([[True, True, False, True], [False, True, False, False]])
    turn = np.array([[0.5, 0.1, 0.0, 0.9], [0.0, 0.3, 0.0, 0.0]])
    each_t = np.array([2.0, 1.0])
    assert not met(orders, turn, each_t, 1.9).any()
    two = met(orders, turn, each_t, 3.5)
    assert np.argwhere(two).tolist() == [[0, 1], [1, 1]]
    assert (met(orders, turn, each_t, 7.0) == orders).all()


def test_what_is_behind_is_caught_up_and_no_faster_than_installers_work():
    one = Progress()
    assert one.due_frac(0.1, 1.5) == 0.1
    one.build(0.1, 0.02)
    assert one.due_frac(0.1, 1.5) == pytest.approx(0.15)
    one.build(0.1, 0.15)
    assert one.due_frac(0.1, 1.5) == pytest.approx(0.13)
    one.build(0.1, 0.13)
    assert (one.behind_frac, one.built_frac) == (pytest.approx(0.0, abs=1e-12), pytest.approx(0.3))
