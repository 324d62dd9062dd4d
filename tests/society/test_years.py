"""The years before the first hour: what is bought, paid and worn from month to month, and what it leaves."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from agentsim import load
from agentsim.core import disk_cache
from agentsim.core.charter import Charge, Charter
from agentsim.core.messages import Sales
from agentsim.place.equipment import install
from agentsim.society.setup.ground import lay_ground
from agentsim.society.years import begin
from agentsim.society.years.clock import Clock
from agentsim.society.years.investment import Investment
from agentsim.society.years.lived import Lived
from agentsim.society.years.stored import ARRAYS, from_bytes, kept, to_bytes
from agentsim.society.years.typical_days import TypicalDays, YearFigures, typical_days

YEARS = 10
SALES = Sales(
    home_mwh=30.0,
    firm_mwh=50.0,
    exported_mwh=1.3,
    home_m3=780.0,
    firm_m3=440.0,
    generation_jpy=400e3,
    fare_persons=200.0,
    petrol_t=1.5,
    petrol_jpy_per_t=230e3,
    food_t=2.7,
    food_jpy_per_t=1e6,
)
# at these prices nearly everybody who has a roof and considers it buys
CHEAP = {
    "adoption.pv_jpy_per_kw": 30e3,
    "adoption.battery_jpy_per_kwh": 10e3,
    "adoption.imitation_per_y": 0.6,
}
STEADY = {"mechanisms.minerals_to_equipment": False}  # metals at their ordinary price


def figures(sales: Sales = SALES, short_h: float = 0.0) -> YearFigures:
    return YearFigures(sales=sales, short_h=np.full(8, short_h), evening_ramp_mw=17.0, noon_load_mw=84.0)


def clock(policies=(), rehearse=None, years: int = YEARS, seed: int = 1, **changes) -> Clock:
    """The slow clock of Bay City with 1000 households, each year of which brings the same unless told."""
    scenario = load("scenarios/ordinary_fortnight.toml").with_changes(
        {"years_before": years, "place.households": 1000, **changes}
    )
    city = begin.city_of(lay_ground(scenario, policies, seed))
    return Clock(city, rehearse or (lambda lived: figures()))


@cache
def lived(policies: tuple[str, ...] = (), changes: tuple = (), years: int = YEARS) -> Lived:
    return clock(policies, years=years, **dict(changes)).live()


def table(past: Lived) -> pd.DataFrame:
    return pd.DataFrame(list(past.months))


def changed(**changes) -> tuple:
    return tuple(sorted(changes.items()))


def test_without_years_before_there_is_no_slow_clock(hamlet, monkeypatch):
    def refuse(*parts):
        raise AssertionError("a clock was made")

    monkeypatch.setattr(begin, "Clock", refuse)
    society = hamlet(["E-S2"], hours=1)
    assert society.ground.lived is None
    assert society.years.empty
    monkeypatch.setattr(disk_cache, "read", lambda kind, key: None)
    with pytest.raises(AssertionError, match="a clock was made"):
        hamlet(changes={"years_before": 1})


def test_there_is_one_row_a_month():
    rows = table(lived())
    assert list(rows["year"]) == [year for year in range(1, YEARS + 1) for _ in range(12)]
    assert list(rows["month"]) == list(range(1, 13)) * YEARS


def test_every_yen_of_every_month_is_paid_by_somebody_to_somebody():
    rows = table(lived(("E-S2", "E-S4", "W-S3"), changed(**CHEAP)))
    accounts = rows[[name for name in rows if name.startswith("account_")]]
    assert (accounts.abs().sum(axis=1) > 1e8).all()
    assert accounts.sum(axis=1).abs().max() < 1e-6 * accounts.abs().sum(axis=1).max()


def test_homes_buy_on_an_s_curve_that_nobody_wrote_down():
    share = table(lived((), changed(**CHEAP), years=30))["pv_homes_frac"].to_numpy()[11::12]
    yearly = np.diff(share)
    assert share[-1] > 0.35
    fastest = int(yearly.argmax())
    assert 0 < fastest < 20
    assert yearly[-5:].mean() < 0.3 * yearly[fastest]


def clustering_of_new_panels(**changes) -> float:
    """Moran's I of what is bought in six years, mean of some seeds; incomes do not matter."""
    found = []
    for seed in range(1, 5):
        one = clock(seed=seed, years=6, **{**CHEAP, "adoption.finance_months": 600.0, **changes})
        at_first = one.city.adoption.panels.copy()
        one.live()
        found.append(one.city.clustering(one.city.adoption.panels & ~at_first))
    return float(np.mean(found))


def test_those_who_buy_live_near_each_other():
    """In clusters where homes look at their neighbours, and evenly where they do not."""
    near = clustering_of_new_panels(**{"adoption.innovation_per_y": 0.001, "place.households": 4000})
    alone = {"adoption.innovation_per_y": 0.05, "adoption.imitation_per_y": 0.0, "place.households": 4000}
    assert near > 0.1
    assert near > clustering_of_new_panels(**alone) + 0.05


def test_few_homes_buy_at_prices_of_today_and_a_subsidy_brings_more():
    few = table(lived(("E-S2",)))["pv_homes_frac"]
    many = table(lived(("E-S2",), changed(**{"policy.E-S2.subsidy_frac": 0.7})))["pv_homes_frac"]
    assert few.iloc[-1] - few.iloc[0] < 0.02
    assert many.iloc[-1] - many.iloc[0] > 2.0 * (few.iloc[-1] - few.iloc[0]) + 0.005


def test_the_local_tax_pays_the_subsidy_and_owners_the_rest():
    past = lived(
        ("E-S2",), changed(**CHEAP, **{"policy.E-S2.subsidy_frac": 0.5, "policy.E-S2.wind_frac": 0.0})
    )
    assert past.parts["local_tax"].repayment == pytest.approx(past.parts["owners"].repayment, rel=1e-9)
    assert past.owner_jpy_per_y.sum() * 30 == pytest.approx(past.parts["owners"].total)
    assert ((past.owner_jpy_per_y > 0) <= (past.panels | past.battery)).all()


def test_homes_without_a_policy_pay_what_they_buy_as_well():
    past = lived((), changed(**CHEAP))
    assert past.parts["owners"].total > 0
    assert past.owner_jpy_per_y[past.owner_jpy_per_y > 0].min() > 4.5 * 30e3 / 20.0


def test_the_same_homes_buy_under_a_policy_that_is_nothing_to_them():
    plain, other = lived((), changed(**CHEAP)), lived(("W-S1",), changed(**CHEAP))
    assert (plain.panels == other.panels).all()
    assert (plain.battery == other.battery).all()


def test_a_longer_past_begins_with_the_same_months():
    short, long = table(lived((), changed(**CHEAP))), table(lived((), changed(**CHEAP), years=30))
    assert (short["pv_homes_frac"] == long["pv_homes_frac"].iloc[: len(short)]).all()


def test_with_adoption_off_nobody_buys():
    past = lived(("E-S2", "W-S3"), changed(**CHEAP, **{"mechanisms.adoption": False}))
    rows = table(past)
    assert rows["pv_homes_frac"].nunique() == rows["battery_homes_frac"].nunique() == 1
    assert not past.rain_tank.any()


# ---- programmes and what they cost ---------------------------------------------------------------------


def test_offices_build_in_equal_parts_and_pay_as_they_build():
    past = lived(("E-S4",), changed(**STEADY, **{"mechanisms.adoption": False}))
    yearly = table(past)["yearly_cost_jpy"].to_numpy()
    steps = np.diff(yearly)
    assert steps == pytest.approx(steps.mean(), rel=1e-6)
    scenario = load("scenarios/ordinary_fortnight.toml")
    ground = lay_ground(scenario, ["E-S4"], 1)
    whole = ground.equipment.yearly_jpy(ground.charter.costs, scenario.parameters.market.interest_per_y)
    assert past.parts["power_tariff"].total == pytest.approx(whole["power_tariff"])
    assert past.stock(ground.charter.stock, Charter().stock) == ground.charter.stock


def test_storage_that_was_built_over_the_years_is_half_as_old_as_they_are():
    past = lived(("E-S4",))
    assert past.storage_age_y == pytest.approx(YEARS / 2, abs=0.1)
    scenario = load("scenarios/ordinary_fortnight.toml")
    new, old = (lay_ground(scenario, ["E-S4"], 1, before).equipment.stores for before in (None, past))
    assert (new.age_y, old.age_y) == (0.0, past.storage_age_y)
    # cells at the end of their life are bought anew
    assert lived(("E-S4",), years=30).storage_age_y == pytest.approx(7.5, abs=0.1)


def test_half_way_half_of_a_programme_stands(bay_city):
    half = replace(lived(("E-S4",)), built_frac=0.5, mineral_built_frac=0.25)
    wanted = Charter().with_stock(li_ion_storage_h=0.4, well_demand_frac=0.3).stock
    stands = half.stock(wanted, Charter().stock)
    assert stands.li_ion_storage_h == pytest.approx(0.1)
    assert stands.well_demand_frac == pytest.approx(0.15)
    equipment = install(stands, Charter().stock, bay_city)
    assert equipment.quantity["li_ion_kwh"] == pytest.approx(0.1 * bay_city.feeders.peak_mw.sum() * 1e3)


def test_what_is_worn_out_and_not_delivered_stays_in_use_and_is_paid_off():
    pump = Charge("pump", "water_tariff", "pumps", capital_jpy=100.0, life_y=2.0, running_jpy_per_y=1.0)
    lent = replace(pump, payer="local_tax")
    books = Investment(interest=0.04)
    for charge in (pump, lent):
        books.buy(charge, month=0, amount=5.0, price_frac=1.0)
    assert books.worn(23) == {}
    assert books.worn(24) == {"pumps": 5.0}, "once, whoever pays for them"
    assert books.replace_worn(24, lambda charge: 2.0, lambda charge: 0.4) == 2 * 2.0 * 100.0 * 2.0
    parts = books.parts()["water_tariff"]
    assert (parts.repayment, parts.running) == (pytest.approx(2.0 * 2.0 * 50.0), pytest.approx(5.0))
    assert books.worn(25) == {"pumps": pytest.approx(3.0)}
    assert books.replace_worn(25, lambda charge: 1.0) == pytest.approx(2 * 300.0)
    assert books.worn(26) == {}
    assert books.parts()["water_tariff"].running == pytest.approx(5.0)


def test_what_is_worn_out_is_bought_anew_at_the_price_of_its_day():
    pump = Charge("pump", "water_tariff", "pumps", capital_jpy=100.0, life_y=2.0, running_jpy_per_y=1.0)
    books = Investment(interest=0.04)
    books.buy(pump, month=3, amount=5.0, price_frac=1.0)
    assert books.replace_worn(26, lambda charge: 2.0) == 0.0
    before = books.parts()["water_tariff"]
    assert books.replace_worn(27, lambda charge: 2.0) == 1000.0
    after = books.parts()["water_tariff"]
    assert after.repayment == pytest.approx(2.0 * before.repayment) == pytest.approx(500.0)
    assert after.running == before.running == 5.0


# ---- tariffs -------------------------------------------------------------------------------------------


def test_the_fewer_kwh_are_left_the_more_each_has_to_pay():
    own = replace(SALES, home_mwh=SALES.home_mwh - 5.0, new_own_mwh=5.0, new_sold_mwh=2.0)

    def rehearse(past: Lived) -> YearFigures:
        return figures(own if len(past.months) >= 12 else SALES)

    price = table(clock(years=2, rehearse=rehearse).live())["power_price_jpy_per_kwh"]
    fewer = price.iloc[12]
    # at the same cost of generation a kWh: what homes made themselves leaves wires and stations to others
    energy = 400e3 / 75.0 / 1e3 - 400e3 / 80.0 / 1e3
    lost = (5.0 * 0.758 * 26.4 + 2.0 * 16.0) / 75.0
    assert fewer - price.iloc[0] == pytest.approx(energy + lost, rel=1e-3)
    flat = clock(years=2, rehearse=rehearse, **{"mechanisms.cost_recovery": False}).live()
    assert table(flat)["power_price_jpy_per_kwh"].iloc[12] - price.iloc[0] == pytest.approx(energy, rel=1e-3)
    assert flat.recovery_jpy_per_kwh == 0.0


def test_a_dear_kwh_makes_more_homes_buy():
    dear = replace(SALES, generation_jpy=10.0 * SALES.generation_jpy)
    usual, driven = clock(**CHEAP).live(), clock(rehearse=lambda past: figures(dear), **CHEAP).live()
    assert driven.panels.sum() > 1.1 * usual.panels.sum()


def test_outages_make_homes_buy_batteries():
    often = clock(rehearse=lambda past: figures(short_h=2000.0), **CHEAP).live()
    assert often.battery.sum() > 1.2 * clock(**CHEAP).live().battery.sum()


def test_a_utility_that_loses_profit_delays_the_roll_out():
    """By two years at most, and only what others pay for: trade next door, subsidies, turbines."""
    traded = replace(SALES, peer_mwh=20.0, peer_fee_jpy=20e3)
    lost = clock(("E-S2",), rehearse=lambda past: figures(traded)).live()
    assert lost.turbines_built_frac == pytest.approx(1.0 - 24.0 / (12 * YEARS))
    assert table(lost)["delayed_months"].max() == 24
    assert [event.fields for event in lost.events if event.what == "years_lobbying"] == [
        {"year": 1, "months": 24}
    ]
    free = clock(("E-S2",), rehearse=lambda past: figures(traded), **{"mechanisms.lobbying": False}).live()
    assert free.turbines_built_frac == 1.0
    assert lived(("E-S2",)).turbines_built_frac == 1.0


# ---- water ---------------------------------------------------------------------------------------------


def test_mains_grow_older_and_renewal_holds_the_backlog():
    left = lived(())
    kept = lived((), changed(**{"mains.renewal_frac_per_y": 0.02}))
    policy = lived(("W-S2",), changed(**{"policy.W-S2.renewal_frac_per_y": 0.02}))
    rows = table(left)
    assert rows["pipe_age_y"].iloc[-1] - rows["pipe_age_y"].iloc[0] == pytest.approx(YEARS - 1 / 12)
    assert rows["mains_overdue_frac"].iloc[-1] > 2.0 * rows["mains_overdue_frac"].iloc[0]
    assert table(kept)["mains_overdue_frac"].iloc[-1] < 0.7 * rows["mains_overdue_frac"].iloc[-1]
    assert (kept.mains_age_y == policy.mains_age_y).all()
    assert rows["main_bursts_per_y"].iloc[-1] > 1.4 * rows["main_bursts_per_y"].iloc[0]


def test_a_programme_pays_for_so_many_rain_tanks():
    keen = {"adoption.innovation_per_y": 0.5}
    past = lived(("W-S3",), changed(**keen, **{"policy.W-S3.rain_tank_frac": 0.1}))
    assert past.rain_tank.mean() == pytest.approx(0.1)
    slow = lived(("W-S3",))
    assert 0.0 < slow.rain_tank.mean() < 0.1
    tank_jpy = 300e3 / 20.0 * slow.rain_tank.sum() * 30
    wells_and_basins = (
        lived(("W-S3",), changed(**{"mechanisms.adoption": False})).parts["local_tax"].repayment
    )
    assert slow.parts["local_tax"].repayment - wells_and_basins == pytest.approx(tank_jpy)


# ---- the hourly model before and after ------------------------------------------------------------------


def test_typical_days_are_working_days_of_the_four_seasons(hamlet):
    society = hamlet()
    start = society.setting.start
    days = typical_days(society.weather, start)
    dates = pd.to_datetime(start) + pd.to_timedelta(days, unit="D")
    assert sorted(dates.month) == [1, 4, 7, 10]
    assert (dates.weekday < 5).all()


@pytest.fixture(scope="module")
def after_a_year(hamlet):
    return hamlet(
        ["E-S2", "W-S3"], hours=24, changes={**CHEAP, "years_before": 1, "adoption.innovation_per_y": 0.3}
    )


def test_the_first_hour_begins_with_what_the_years_left(after_a_year):
    society, past = after_a_year, after_a_year.ground.lived
    assert past.panels.sum() > 30
    assert ((society.population.power.pv_kw > 0) == past.panels).all()
    assert ((society.population.power.battery_kwh > 0) == past.battery).all()
    assert (society.mains.age_y >= 2.0).all()
    tanks = society.population.larder.tanks
    assert set(tanks.rows) == set(np.flatnonzero(past.rain_tank)) != set()
    paid = society.market.yearly_jpy
    assert paid == {payer: one.total for payer, one in past.parts.items()}
    assert society.market.recovery.jpy_per_kwh != 0.0
    assert {event.what for event in society.events} >= {"years_lived", "years_of_mains"}


def test_homes_that_make_their_own_power_lower_the_noon_load(after_a_year):
    days = TypicalDays(after_a_year.setting, ("E-S2",), 1, type(after_a_year))
    past = after_a_year.ground.lived
    roofs = after_a_year.population.homes.roof
    before, after = (days.rehearse(replace(past, panels=owners)) for owners in (past.panels, roofs))
    assert after.noon_load_mw < 0.9 * before.noon_load_mw
    assert after.evening_ramp_mw > 1.1 * before.evening_ramp_mw
    assert after.sales.home_mwh < before.sales.home_mwh


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_measure_of_which_nothing_stands_yet_does_nothing(after_a_year):
    days = TypicalDays(after_a_year.setting, ("W-S2",), 1, type(after_a_year))
    society = days._make_society(
        days.scenario,
        ("W-S2",),
        "none",
        1,
        rehearsal=True,
        lived=replace(after_a_year.ground.lived, built_frac=0.0),
    )
    assert society.water_utility.mains_office.leak_finder is None


def test_years_are_kept_to_the_last_bit(after_a_year):
    past = after_a_year.ground.lived
    again = from_bytes(to_bytes(past))
    for name in ARRAYS:
        assert (getattr(again, name) == getattr(past, name)).all()
    assert to_bytes(again) == to_bytes(past)
    assert (again.parts, again.events) == (past.parts, past.events)


def test_kept_years_are_those_of_the_scenario_its_policies_and_its_seed(monkeypatch):
    """Who attacks and for how long makes no difference to them; all else does."""
    scenario = load("scenarios/ordinary_fortnight.toml").with_changes({"years_before": 1})
    asked = []
    monkeypatch.setattr(disk_cache, "read", lambda kind, key: asked.append(key))
    monkeypatch.setattr(disk_cache, "write", lambda *parts: None)

    def key(setting=scenario, policies=("E-S2",), seed=1) -> str:
        kept(setting, policies, seed, lambda: lived(("E-S4",)))
        return asked[-1]

    first = key()
    assert (
        key(scenario.with_changes({"hours": 24, "attacker.kind": "coercer", "attacker.first_hour": 3}))
        == first
    )
    assert key(scenario.with_changes({"policy.E-C2.microgrid_h": 9.0})) == first
    others = [
        key(scenario.with_changes({"policy.E-S2.subsidy_frac": 0.3})),
        key(scenario.with_changes({"years_before": 2})),
        key(scenario.with_changes({"adoption.own_use_frac": 0.4})),
        key(policies=("E-S4",)),
        key(seed=2),
    ]
    assert len({first, *others}) == 6


def test_a_society_like_another_does_not_live_the_years_again(hamlet, after_a_year, monkeypatch):
    monkeypatch.setattr(begin, "Clock", None)
    again = type(after_a_year)(after_a_year.setting, after_a_year.policies, "none", 1, like=after_a_year)
    assert again.ground.lived is after_a_year.ground.lived
