"""Money in whole runs: every yen that is paid is got by somebody, and the tariff answers to new panels."""

import pytest

from agentsim.institutions.ledger import AGENCIES, STATE, WORKERS

MANY = {"policy.E-S2.pv_household_frac": 0.6, "mechanisms.failures": False}


def test_bills_and_accounts_agree_over_a_whole_run_with_all_policies(hamlet):
    society = hamlet(["all"], "coercer", 2, 0, {"attacker.first_hour": 12, "bad_actor.action_chance": 1.0})
    bought = handed = firms = 0.0
    for _ in range(60):
        prices = society.market.firm_jpy_per_kwh * 1000.0, society.market.water_jpy_per_m3
        sales = society.live_hour().sales
        assert sum(society.last.account.balance_jpy.values()) == pytest.approx(0.0, abs=1.0)
        bought += sales.petrol_t * sales.petrol_jpy_per_t + sales.food_t * sales.food_jpy_per_t
        bought += sales.fare_persons * society.charter.market.bus_fare_jpy
        firms += sales.firm_mwh * prices[0] + sales.firm_m3 * prices[1]
        handed = society.market.handed_over_jpy
    balance, people = society.market.balance_jpy, society.population
    billed = float(people.bill_jpy.sum()) * people.weight
    assert -balance["households"] == pytest.approx(billed + bought, rel=1e-6)
    assert handed == 0.0
    assert -balance["firms"] == pytest.approx(firms, rel=1e-9)
    got = sum(jpy for who, jpy in balance.items() if who not in ("households", "firms"))
    assert got == pytest.approx(billed + bought + firms, rel=1e-6)
    assert society.market.accounts()["balance_jpy"].sum() == pytest.approx(0.0, abs=1.0)


def test_an_ordinary_city_pays_wages_and_taxes_and_recovers_nothing(calm_hamlet):
    market = calm_hamlet.market
    assert market.balance_jpy[WORKERS] > 0.0 < market.balance_jpy[STATE]
    assert market.balance_jpy[AGENCIES] == market.recovery.jpy_per_kwh == 0.0
    outcomes = calm_hamlet.measured
    assert outcomes["jobs_displaced"] == outcomes["stranded_assets_jpy"] == outcomes["lobbying_months"] == 0.0


def test_homes_without_panels_pay_more_once_others_have_them(hamlet):
    runs = [
        hamlet(["E-S2"], hours=96, changes={**MANY, "mechanisms.cost_recovery": on}) for on in (True, False)
    ]
    (paid, lost), (plain, wholly_lost) = (
        (run.measured["power_price_jpy_per_kwh"], run.measured["incumbent_lost_jpy"]) for run in runs
    )
    assert paid > plain
    assert 0.0 < lost < wholly_lost
    both = [run.measured["bill_others_jpy_per_month"] for run in runs]
    assert both[0] > both[1]


def test_what_homes_make_themselves_idles_stations_and_their_staff(hamlet):
    some, many = (
        hamlet(["E-S2"], hours=48, changes={**MANY, "policy.E-S2.pv_household_frac": frac}).measured
        for frac in (0.2, 0.6)
    )
    for name in ("jobs_displaced", "stranded_assets_jpy", "incumbent_lost_jpy", "jobs_construction"):
        assert 0.0 < some[name] < many[name], name


def test_a_mechanism_that_is_off_spends_nothing_on_lobbying(hamlet):
    quiet = hamlet(["E-S2"], hours=48, changes={**MANY, "mechanisms.lobbying": False})
    assert quiet.market.balance_jpy[AGENCIES] == quiet.measured["lobbying_months"] == 0.0
