"""The ledger: who is paid in the end, and what a power utility keeps."""

import pytest
from test_market import BUSY, GENERATION_JPY_PER_KWH, HOUSEHOLDS, PEAK_MW, WATER_M3_PER_D, sales

from agentsim.core.charter import Charge, Market
from agentsim.core.units import HOURS_PER_YEAR, KW_PER_MW
from agentsim.institutions.cost_recovery import CostRecovery
from agentsim.institutions.employment import EmploymentParameters
from agentsim.institutions.ledger import (
    AGENCIES,
    INTEREST,
    MAKERS,
    REPAYMENT,
    STATE,
    WORKERS,
    Ledger,
    OrdinaryYear,
    UtilityCosts,
    parts_by_payer,
    parts_of,
)
from agentsim.institutions.lobbying import LobbyingParameters
from agentsim.institutions.market import MarketParameters, Treasury
from agentsim.institutions.tariffs import TariffsParameters

NUMBERS = MarketParameters()
SOLD_MWH = PEAK_MW * NUMBERS.load_factor  # in an ordinary hour
HOME_FRAC = 0.4
CHARGES = (
    Charge("home solar", "owners", "panels", 1e6, 20.0, 15e3),
    Charge("a control room", "power_tariff", "rooms", 250e6, 15.0, 40e6),
    Charge("a park", "local_tax", "rooms", 50e6, 30.0, 0.0),
)
QUANTITY = {"panels": 2000.0, "rooms": 8.0}


def treasury(recovers: bool = True, lobbies: bool = True, charges: tuple[Charge, ...] = ()) -> Treasury:
    year_kwh, market = SOLD_MWH * KW_PER_MW * HOURS_PER_YEAR, Market()
    usual = OrdinaryYear(
        home_kwh=HOME_FRAC * year_kwh,
        firm_kwh=(1.0 - HOME_FRAC) * year_kwh,
        standing_jpy=market.power_fixed_jpy_per_month * 12 * HOUSEHOLDS,
        margin_jpy_per_kwh=NUMBERS.power_margin_jpy_per_kwh,
        generation_jpy_per_kwh=GENERATION_JPY_PER_KWH,
        business_price_frac=NUMBERS.business_price_frac,
    )
    costs = UtilityCosts(usual, TariffsParameters(), EmploymentParameters())
    parts = parts_by_payer(charges, QUANTITY, NUMBERS.interest_per_y)
    return Treasury(
        market,
        {payer: one.total for payer, one in parts.items()},
        PEAK_MW,
        WATER_M3_PER_D,
        HOUSEHOLDS,
        GENERATION_JPY_PER_KWH,
        NUMBERS,
        ledger=Ledger(costs, parts, 100e3, TariffsParameters(), EmploymentParameters()),
        recovery=CostRecovery(NUMBERS.memory, 0.0) if recovers else None,
        lobbying=LobbyingParameters() if lobbies else None,
    )


ORDINARY = sales(
    home_mwh=HOME_FRAC * SOLD_MWH,
    firm_mwh=(1.0 - HOME_FRAC) * SOLD_MWH,
    generation_jpy=SOLD_MWH * KW_PER_MW * GENERATION_JPY_PER_KWH,
)
# a fifth of what homes used is made on their new roofs, and as much is sold
SUNNY = sales(
    home_mwh=0.8 * HOME_FRAC * SOLD_MWH,
    firm_mwh=(1.0 - HOME_FRAC) * SOLD_MWH,
    exported_mwh=0.2 * HOME_FRAC * SOLD_MWH,
    generation_jpy=(1.0 - 0.4 * HOME_FRAC) * SOLD_MWH * KW_PER_MW * GENERATION_JPY_PER_KWH,
    new_own_mwh=0.2 * HOME_FRAC * SOLD_MWH,
    new_sold_mwh=0.2 * HOME_FRAC * SOLD_MWH,
)


def test_a_level_annuity_is_interest_and_repayment():
    parts = parts_of(CHARGES[1], 8.0, 0.04)
    assert parts.total == pytest.approx(8.0 * CHARGES[1].yearly_jpy(0.04))
    assert parts.repayment * 15.0 == pytest.approx(8.0 * 250e6)
    assert parts_of(CHARGES[1], 8.0, 1e-6).interest == pytest.approx(0.0, abs=8.0 * 250e6 * 1e-6)


def test_what_households_and_firms_pay_is_what_the_others_get():
    books = treasury(charges=CHARGES)
    for hour in (BUSY, SUNNY, ORDINARY):
        change = books.settle(hour).balance_jpy
        paid = -change["households"] - change["firms"]
        got = sum(jpy for who, jpy in change.items() if who not in ("households", "firms"))
        assert got == pytest.approx(paid, abs=1e-3)
        assert min(change[who] for who in (WORKERS, INTEREST, REPAYMENT, MAKERS, STATE)) > 0.0


def test_what_was_installed_is_paid_off_to_lenders_workers_and_makers():
    with_charges, without = (treasury(charges=c).settle(sales()).balance_jpy for c in (CHARGES, ()))
    parts = parts_by_payer(CHARGES, QUANTITY, NUMBERS.interest_per_y).values()

    def yearly(account: str) -> float:
        return (with_charges[account] - without[account]) * HOURS_PER_YEAR

    assert yearly(INTEREST) == pytest.approx(sum(one.interest for one in parts), rel=1e-6)
    assert yearly(REPAYMENT) == pytest.approx(sum(one.repayment for one in parts), rel=1e-6)
    assert yearly(WORKERS) == pytest.approx(0.5 * sum(one.running for one in parts), rel=1e-6)
    everything = sum(map(yearly, (INTEREST, REPAYMENT, WORKERS, MAKERS)))
    assert everything == pytest.approx(sum(one.total for one in parts), rel=1e-6)


def test_in_an_ordinary_year_the_utility_keeps_its_ordinary_profit():
    books = treasury()
    account = books.settle(ORDINARY)
    assert account.utility_profit_jpy == pytest.approx(books.ledger.costs.usual_profit_jpy_per_h, rel=1e-6)
    assert account.profit_lost_jpy == account.lobbying_jpy == 0.0
    assert account.utility_margin_jpy > 10.0 * account.utility_profit_jpy


def test_new_panels_take_from_the_utility_what_it_then_lacks():
    account = treasury(recovers=False, lobbies=False).settle(SUNNY)
    usual = treasury(lobbies=False).settle(ORDINARY).utility_profit_jpy
    saved_fuel = 0.2 * HOME_FRAC * SOLD_MWH * KW_PER_MW * GENERATION_JPY_PER_KWH  # of what was sold to it
    assert usual - account.utility_profit_jpy == pytest.approx(account.profit_lost_jpy - saved_fuel, rel=1e-6)


def live(books: Treasury, days: int, hour=SUNNY) -> list[float]:
    """Profit of the last hour of each day."""
    profits = []
    for _ in range(days):
        for _ in range(24):
            account = books.settle(hour)
        books.set_tariffs()
        profits.append(account.utility_profit_jpy)
    return profits


def test_the_fewer_kwh_are_left_the_more_each_has_to_pay():
    books, plain = treasury(), treasury(recovers=False)
    profits, lost = live(books, 60), live(plain, 60)
    usual = books.ledger.costs.usual_profit_jpy_per_h
    assert lost[-1] < 0.0 < 0.9 * usual < profits[-1]
    recovered = books.power_jpy_per_kwh - plain.power_jpy_per_kwh
    taken = SUNNY.new_own_mwh * books.ledger.costs.fixed_jpy_per_kwh + SUNNY.new_sold_mwh * 16.0
    assert recovered == pytest.approx(taken / (SUNNY.home_mwh + SUNNY.firm_mwh), rel=0.01)


def test_without_new_power_the_tariff_recovers_nothing_to_the_last_bit():
    books, plain = treasury(), treasury(recovers=False)
    live(books, 3, BUSY), live(plain, 3, BUSY)
    assert books.power_jpy_per_kwh == plain.power_jpy_per_kwh
    assert books.recovery.jpy_per_kwh == 0.0


def test_what_lobbying_costs_goes_to_agencies():
    account, quiet = (treasury(lobbies=lobbies).settle(SUNNY) for lobbies in (True, False))
    assert account.balance_jpy[AGENCIES] == pytest.approx(0.05 * account.profit_lost_jpy)
    assert quiet.utility_profit_jpy - account.utility_profit_jpy == pytest.approx(account.lobbying_jpy)
