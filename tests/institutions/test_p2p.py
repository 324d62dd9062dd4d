"""Trade between homes: who gains, who pays, and that a contract is not a wire."""

import numpy as np
import pytest

from agentsim.core.streams import Streams
from agentsim.institutions.ledger import AGENCIES
from agentsim.institutions.p2p import LocalMarket, P2pParameters
from agentsim.place.cases import RESIDENTIAL, Feeders

RETAIL, FEED_IN = 31.0, 16.0  # the prices of mechanisms S3; its fee of 9 JPY is 0.29 of the tariff


def feeders(peak_mw: float = 1.0) -> Feeders:
    two = np.array([0, 1])
    return Feeders(two, two, np.full(2, RESIDENTIAL), np.full(2, peak_mw), np.ones(2))


def market(rule: str = "mid_market", peak_mw: float = 1.0, **numbers) -> LocalMarket:
    """Two districts of three homes, one feeder each; a simulated home is ten real ones."""
    district = np.array([0, 0, 0, 1, 1, 1])
    numbers = {"grid_fee_frac": 9.0 / 31.0, **numbers}
    return LocalMarket(
        rule, district, district, feeders(peak_mw), 2, 10.0, Streams(1), P2pParameters(**numbers)
    )


SOLD = np.array([2.0, 0.0, 0.0, 5.0, 1.0, 0.0])
BOUGHT = np.array([0.0, 1.0, 3.0, 0.0, 0.0, 2.0])


def test_with_too_little_sun_sellers_get_the_middle_and_buyers_the_mixture():
    """Long et al. 2017, district 0: 2 kWh offered, 4 wanted; the middle of 16 and 22 is 19."""
    trades = market().trade(12, SOLD, BOUGHT, RETAIL, FEED_IN)
    assert trades.traded_kwh[0] == pytest.approx(20.0)
    assert trades.price_jpy_per_kwh[0] == pytest.approx(19.0)
    # the seller gets 3 more a kWh; half of what buyers draw costs 19 + 9 instead of 31
    assert trades.bill_jpy[0] == pytest.approx(-2.0 * 3.0)
    assert trades.bill_jpy[1:3] == pytest.approx([-0.5 * 3.0, -1.5 * 3.0])


def test_with_too_much_sun_sellers_share_what_is_wanted():
    """District 1: 6 kWh offered, 2 wanted: a third of each offer is traded, the rest fed in."""
    trades = market().trade(12, SOLD, BOUGHT, RETAIL, FEED_IN)
    assert trades.traded_kwh[1] == pytest.approx(20.0)
    assert trades.bill_jpy[3:] == pytest.approx([-5.0 / 3.0 * 3.0, -1.0 / 3.0 * 3.0, -2.0 * 3.0])


@pytest.mark.parametrize("rule", ["mid_market", "pay_as_clear"])
def test_what_homes_save_is_what_the_utility_loses(rule):
    """It no longer sells at the tariff nor buys at the feed-in price, and gets its fee: to the last yen."""
    trades = market(rule).trade(12, SOLD, BOUGHT, RETAIL, FEED_IN)
    traded = trades.traded_kwh.sum()
    utility = -traded * RETAIL + traded * FEED_IN + trades.fee_jpy
    assert traded > 0.0
    assert trades.bill_jpy.sum() * 10.0 == pytest.approx(utility, rel=1e-12)
    assert trades.saving_jpy == pytest.approx(-utility, rel=1e-12)


def test_nobody_pays_more_than_before_or_gets_less():
    draw = np.random.default_rng(3)
    for hour in range(50):
        sells = draw.random(6) < 0.4
        kwh = draw.random(6) * 3.0
        for rule in ("mid_market", "pay_as_clear"):
            trades = market(rule).trade(
                hour, np.where(sells, kwh, 0.0), np.where(sells, 0.0, kwh), 31.0, 16.0
            )
            if trades is not None:
                assert (trades.bill_jpy <= 1e-12).all()


def test_the_auction_clears_where_most_is_traded_at_a_price_all_accept():
    rule = market("pay_as_clear")
    trades = rule.trade(12, SOLD, BOUGHT, RETAIL, FEED_IN)
    step = (Streams(1).uniform("p2p_limit", 12, 6) * 100).astype(int)
    for d in range(2):
        here = slice(3 * d, 3 * d + 3)
        at_most = max(
            min(SOLD[here][step[here] <= k].sum(), BOUGHT[here][step[here] >= k].sum()) for k in range(100)
        )
        assert trades.traded_kwh[d] == pytest.approx(10.0 * at_most)
    paid = trades.price_jpy_per_kwh[trades.traded_kwh > 0.0]
    assert ((paid > FEED_IN) & (paid < 22.0)).all()


def test_where_the_fee_eats_the_band_nobody_trades():
    assert market(grid_fee_frac=0.5).trade(12, SOLD, BOUGHT, RETAIL, FEED_IN) is None


def test_a_feeder_lets_out_no_more_than_it_carries():
    # 10 kW for 10 real homes each: 1 kW a simulated one
    narrow = market(peak_mw=0.01).trade(12, SOLD, BOUGHT, RETAIL, FEED_IN)
    assert narrow.traded_kwh == pytest.approx([10.0, 10.0])


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="known: none, mid_market, pay_as_clear"):
        market("haggling")


# ---- in the city ------------------------------------------------------------------------------------

TRADES = {"p2p.grid_fee_frac": 0.0, "mechanisms.failures": False, "mechanisms.charges": False}


def test_outside_an_island_trade_moves_money_and_not_one_watt(hamlet):
    """Everything physical is the same bit for bit; bills and the utility's account are not."""
    free, bound = (hamlet(policies, hours=48, changes=TRADES) for policies in (["E-C1"], []))
    money = {"p2p_mwh", "utility_margin_jpy", "utility_profit_jpy", "utility_profit_lost_jpy", "lobbying_jpy"}
    for table in ("at", "city"):
        for name, column in getattr(free.record, table).items():
            same = (column == getattr(bound.record, table)[name]).all()
            assert same or name in money, name
    assert free.record.city["p2p_mwh"].sum() > 1.0
    assert (free.record.city["p2p_mwh"][:5] == 0.0).all(), "at night there is nothing to sell"
    assert free.outcomes["bill_jpy_per_household_month"] < bound.outcomes["bill_jpy_per_household_month"]


def keeps(society) -> float:
    """What the utility has, and what it spent to keep it [JPY]."""
    return society.market.balance_jpy["power utility"] + society.market.balance_jpy[AGENCIES]


def test_what_all_bills_fall_by_is_in_the_books_of_the_utility(hamlet):
    free, bound = (hamlet(policies, hours=24, changes=TRADES) for policies in (["E-C1"], []))
    fall = (bound.population.bill_jpy - free.population.bill_jpy).sum() * free.population.weight
    lost = keeps(bound) - keeps(free)
    assert fall == pytest.approx(lost, rel=1e-9)
    assert sum(free.market.balance_jpy.values()) == pytest.approx(0.0, abs=1.0)
