"""The treasury: double entry, bills, and tariffs that bring in what things cost."""

from dataclasses import fields

import numpy as np
import pytest

from agentsim.core.charter import Market
from agentsim.core.messages import Sales
from agentsim.core.units import HOURS_PER_YEAR
from agentsim.institutions.ledger import MAKERS
from agentsim.institutions.market import MarketParameters, Treasury

PEAK_MW, WATER_M3_PER_D, HOUSEHOLDS, GENERATION_JPY_PER_KWH = 100.0, 12_000.0, 20_000, 9.0
MARGIN_JPY_PER_KWH = MarketParameters().power_margin_jpy_per_kwh


def treasury(yearly: dict[str, float] | None = None, **numbers) -> Treasury:
    return Treasury(
        Market(),
        yearly or {},
        PEAK_MW,
        WATER_M3_PER_D,
        HOUSEHOLDS,
        GENERATION_JPY_PER_KWH,
        MarketParameters(**numbers),
    )


def sales(**amounts: float) -> Sales:
    quiet = {item.name: 0.0 for item in fields(Sales) if item.name != "buses"}
    return Sales(**(quiet | amounts))


QUIET = sales()
BUSY = sales(
    home_mwh=30.0,
    firm_mwh=50.0,
    exported_mwh=4.0,
    home_m3=300.0,
    firm_m3=200.0,
    generation_jpy=700e3,
    fare_persons=900.0,
    petrol_t=1.5,
    petrol_jpy_per_t=120e3,
    food_t=2.0,
    food_jpy_per_t=300e3,
)
COSTS = {"power_tariff": 400e6, "water_tariff": 300e6, "road_tax": 90e6, "local_tax": 60e6}


def test_every_yen_has_a_payer_and_a_payee():
    books = treasury(COSTS)
    for _ in range(5):
        account = books.settle(BUSY)
        assert sum(account.balance_jpy.values()) == pytest.approx(0.0, abs=1e-3)
    assert sum(books.balance_jpy.values()) == pytest.approx(0.0, abs=1e-2)
    assert books.balance_jpy["suppliers"] == pytest.approx(5 * (1.5 * 120e3 + 2.0 * 300e3))
    assert books.balance_jpy["transit"] == pytest.approx(5 * 900.0 * 230.0)


def test_lenders_get_the_yearly_cost_hour_by_hour():
    account = treasury(COSTS).settle(QUIET)
    assert account.balance_jpy[MAKERS] * HOURS_PER_YEAR == pytest.approx(sum(COSTS.values()))


def test_taxes_recover_what_they_are_for_exactly():
    account = treasury({"road_tax": 90e6, "local_tax": 60e6}).settle(QUIET)
    assert account.balance_jpy["municipalities"] == pytest.approx(0.0, abs=1e-6)
    assert treasury(COSTS).tax_jpy_per_household_h * HOURS_PER_YEAR == pytest.approx(150e6 / HOUSEHOLDS)


def revenue_of_a_year(yearly: dict[str, float], account: str, one: Sales) -> float:
    """What the charges bring to *account* in a year of hours like *one* [JPY]."""
    with_charges = treasury(yearly).settle(one).balance_jpy[account]
    without = treasury().settle(one).balance_jpy[account]
    return (with_charges - without) * HOURS_PER_YEAR


def test_the_water_tariff_recovers_what_it_is_for():
    one = sales(home_m3=0.64 * WATER_M3_PER_D / 24.0, firm_m3=0.36 * WATER_M3_PER_D / 24.0)
    left = revenue_of_a_year({"water_tariff": 300e6}, "water utility", one)
    assert left == pytest.approx(0.0, abs=300e6 * 1e-6)


def test_the_power_tariff_recovers_what_it_is_for_from_homes():
    one = sales(home_mwh=PEAK_MW * 0.6)
    left = revenue_of_a_year({"power_tariff": 400e6}, "power utility", one)
    assert left == pytest.approx(0.0, abs=400e6 * 1e-6)


@pytest.mark.parametrize("home_share", [0.0, 0.35, 0.9])
def test_the_power_tariff_recovers_what_it_is_for_from_homes_and_firms(home_share):
    sold_mwh = PEAK_MW * 0.6
    one = sales(home_mwh=sold_mwh * home_share, firm_mwh=sold_mwh * (1.0 - home_share))
    left = revenue_of_a_year({"power_tariff": 400e6}, "power utility", one)
    assert left == pytest.approx(0.0, abs=400e6 * 1e-6)


def test_firms_pay_less_for_energy_and_wires_and_the_same_charge():
    plain, dear = treasury(), treasury({"power_tariff": 400e6})
    cost = MARGIN_JPY_PER_KWH + GENERATION_JPY_PER_KWH
    assert plain.power_jpy_per_kwh == pytest.approx(cost)
    for books in (plain, dear):
        charge = books.power_jpy_per_kwh - cost
        paid = books.settle(sales(firm_mwh=50.0)).balance_jpy["firms"]
        assert paid == pytest.approx(-50e3 * (0.8 * cost + charge))
    assert dear.power_jpy_per_kwh > plain.power_jpy_per_kwh


def test_what_is_installed_raises_the_price_and_nothing_else_does():
    plain, dear = treasury(), treasury({"power_tariff": 400e6, "water_tariff": 300e6})
    assert plain.power_price_frac == plain.water_price_frac == 1.0
    assert dear.power_jpy_per_kwh - plain.power_jpy_per_kwh == pytest.approx(400e6 / (60e3 * HOURS_PER_YEAR))
    assert dear.water_jpy_per_m3 - plain.water_jpy_per_m3 == pytest.approx(300e6 / (WATER_M3_PER_D * 365.0))


def test_the_price_follows_the_cost_of_generation_from_day_to_day():
    books = treasury(memory=0.9)
    before = books.power_jpy_per_kwh
    for _ in range(100):
        books.settle(sales(home_mwh=80.0, generation_jpy=80e3 * 20.0))
    assert books.power_jpy_per_kwh == before, "the tariff of the day stands until the day ends"
    books.set_tariffs()
    assert books.power_jpy_per_kwh == pytest.approx(MARGIN_JPY_PER_KWH + 20.0, abs=0.01)


def test_an_hour_in_the_dark_teaches_nothing_about_cost():
    books = treasury()
    books.settle(sales(generation_jpy=1e6))
    books.set_tariffs()
    assert books.power_jpy_per_kwh == pytest.approx(MARGIN_JPY_PER_KWH + GENERATION_JPY_PER_KWH)


def test_the_bill_of_a_home_by_hand():
    books = treasury({"local_tax": 60e6})
    bill = np.zeros(2)
    books.charge(bill, np.array([2.0, 0.0]), np.array([0.0, 1.0]), np.array([40.0, 0.0]))
    standing = 1200.0 / 730.0 + 60e6 / HOUSEHOLDS / HOURS_PER_YEAR
    assert bill == pytest.approx([2.0 * (26.4 + 9.0) + 0.04 * 187.0 + standing, standing - 16.0])


def test_bills_and_accounts_agree():
    books = treasury({"local_tax": 60e6})
    metered, exported, tap = np.full(10, 0.8), np.full(10, 0.1), np.full(10, 25.0)
    real = HOUSEHOLDS / 10
    account = books.settle(
        sales(
            home_mwh=metered.sum() * real / 1e3,
            exported_mwh=exported.sum() * real / 1e3,
            home_m3=tap.sum() * real / 1e3,
        )
    )
    bill = np.zeros(10)
    books.charge(bill, metered, exported, tap)
    assert account.balance_jpy["households"] == pytest.approx(-bill.sum() * real)


def test_the_cost_of_the_measures_is_told_by_household():
    assert treasury(COSTS).capital_jpy_per_household_y() == pytest.approx(850e6 / HOUSEHOLDS)
    assert treasury().capital_jpy_per_household_y() == 0.0
