"""The smart grid (E-S3) and distributed energy with trading (E-S2): what they do in a city, and what not."""

import numpy as np
import pytest

from agentsim.core.charter import Charter
from agentsim.core.messages import Order
from agentsim.core.numerics.clustering import morans_i
from agentsim.policies import enact
from agentsim.policies.smart_grid import DistributedEnergy, SmartGrid
from agentsim.society.neighbourhoods import near_zones

TARGET = 6  # Southshore
FRAGILE = {"failures.everyday_saidi_h_per_year": 60.0, "mechanisms.charges": False, "place.households": 400}
CUT = {
    "attacker.first_hour": 24,
    "attacker.mind": "scripted",
    "attacker.strikes": ["A1 Southshore"],
    "mechanisms.charges": False,
}
SWITCHES_ONLY = {**CUT, "attacker.foothold": ["switching_platform"]}
# nobody can undo the cut by hand for days, and the district's microgrid lasts for two
ISLAND = {
    **CUT,
    "attacker.foothold": ["power_control_room"],
    "policy.E-C2.authority": 2,
    "policy.E-C2.microgrid_h": 48.0,
    "municipalities.restore_median_h": 240.0,
    "municipalities.restore_sigma": 0.0,
}


# ---- E-S3: faults ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fragile(hamlet):
    """A fortnight in which feeders fail two hundred times as often as usual, with three kinds of switches."""
    changes = {**FRAGILE, "hours": 336, "policy.E-S3.controllable_frac": 0.0, "policy.E-S3.price_ratio": 1.0}
    return {
        name: hamlet(policies, hours=336, changes={**changes, "policy.E-S3.remote_frac": remote}).outcomes
        for name, policies, remote in (
            ("none", (), 1.0),
            ("by hand", ("E-S3",), 0.0),
            ("remote", ("E-S3",), 1.0),
        )
    }


def test_faults_last_as_long_but_fewer_homes_are_out(fragile):
    none, by_hand, remote = (fragile[name] for name in ("none", "by hand", "remote"))
    assert none["saidi_h"] > by_hand["saidi_h"] > remote["saidi_h"] > 0.0
    assert remote["saidi_h"] < 0.6 * none["saidi_h"]
    assert remote["ens_mwh"] < by_hand["ens_mwh"] < none["ens_mwh"]


def test_by_hand_as_many_homes_are_interrupted_and_from_afar_most_blink_instead(fragile):
    none, by_hand, remote = (fragile[name] for name in ("none", "by hand", "remote"))
    assert by_hand["saifi"] == pytest.approx(none["saifi"], rel=0.1)
    assert remote["saifi"] < 0.6 * none["saifi"]
    assert none["maifi"] == by_hand["maifi"] == 0.0
    assert remote["maifi"] + remote["saifi"] == pytest.approx(none["saifi"], rel=0.15)


def test_a_city_in_which_nothing_fails_has_nothing_to_isolate(hamlet):
    calm = {
        "mechanisms.failures": False,
        "policy.E-S3.controllable_frac": 0.0,
        "policy.E-S3.price_ratio": 1.0,
    }
    changes = {**calm, "mechanisms.charges": False}
    plain, smart = (hamlet(policies, hours=48, changes=changes) for policies in ((), ("E-S3",)))
    assert plain.outcomes["ens_mwh"] == smart.outcomes["ens_mwh"]
    assert plain.outcomes["co2_t"] == smart.outcomes["co2_t"]


# ---- E-S3: exposure ----------------------------------------------------------------------------------


def test_whoever_holds_the_switching_platform_can_cut_off_a_district(hamlet):
    plain, smart = (
        hamlet(policies, "coercer:scripted", 1, 36, SWITCHES_ONLY) for policies in ((), ("E-S3",))
    )
    assert plain.outcomes["power_restricted_mwh"] == 0.0
    assert smart.outcomes["power_restricted_mwh"] > 0.0
    cut = smart.last.permitted.power_cut_off_frac
    assert cut[TARGET] == 1.0
    assert cut.sum() == 1.0
    told = [event for event in smart.events if event.kind == "restriction/power"]
    assert told


def test_switches_by_hand_are_no_edges(hamlet):
    by_hand = {**SWITCHES_ONLY, "policy.E-S3.remote_frac": 0.0}
    society = hamlet(["E-S3"], "coercer:scripted", 1, 30, by_hand)
    assert society.outcomes["power_restricted_mwh"] == 0.0
    assert "switching_platform" not in society.control.principals


def test_municipalities_that_take_the_breakers_take_the_switches_but_not_their_platform(hamlet):
    room = {**CUT, "attacker.foothold": ["power_control_room"]}
    cut = {
        name: hamlet(["E-C2", "E-S3"], "coercer:scripted", 1, 30, changes).outcomes["power_restricted_mwh"]
        for name, changes in (("room", room), ("platform", SWITCHES_ONLY))
    }
    assert cut["room"] == 0.0
    assert cut["platform"] > 0.0


def test_opened_sections_also_part_homes_from_their_own_microgrid(hamlet):
    served = {}
    for name, foothold, policies in (
        ("breakers", "power_control_room", ("E-C2",)),
        ("sections", "switching_platform", ("E-C2", "E-S3")),
    ):
        changes = {**ISLAND, "attacker.foothold": [foothold]}
        society = hamlet(policies, "coercer:scripted", 1, 24, changes)
        own = society.place.feeders.district == TARGET
        served[name] = 0.0
        for _ in range(8):
            society.step()
            served[name] += society.service.power.delivered_mw[own].sum()
    assert served["breakers"] > 0.0
    assert served["sections"] == 0.0


def test_a_partial_cut_by_sections_takes_the_same_share_as_one_by_breakers(hamlet):
    taken = []
    for principal, asset in (("power_control_room", "breakers"), ("switching_platform", "section_switches")):
        society = hamlet(["E-S3"], hours=10)
        given, order = society.orders, Order(principal, f"{asset}:Southshore", "restrict", 0.2)
        society.orders = lambda given=given, order=order: [*given(), order]
        society.step()
        power, own = society.service.power, society.place.feeders.district == TARGET
        taken.append(power.restricted_mw[own].sum() / (power.restricted_mw + power.delivered_mw)[own].sum())
    assert taken == pytest.approx([0.2, 0.2])


def test_every_district_has_one_more_edge_and_principals_keep_their_order(hamlet):
    plain, smart = hamlet().control, hamlet(["E-S3"]).control
    assert smart.principals == (*plain.principals, "switching_platform")
    assert len(smart.assets) == len(plain.assets) + len(plain.districts)
    assert smart.graph.number_of_edges() == plain.graph.number_of_edges() + 2 * len(plain.districts)


# ---- E-S3: load --------------------------------------------------------------------------------------


def test_load_waits_in_the_evening_and_returns_in_the_night(hamlet):
    changes = {"mechanisms.charges": False, "policy.E-S3.price_ratio": 3.0, "mechanisms.failures": False}
    plain, smart = (hamlet(policies, hours=48, changes=changes).record.city for policies in ((), ("E-S3",)))
    change = smart["load_asked_mw"][24:48] - plain["load_asked_mw"][24:48]
    assert (change[17:22] < 0.0).all()
    assert (change[[0, 1, 2, 22, 23]] > 0.0).all()
    assert np.abs(change[5:16]).max() < 0.2 * np.abs(change).max()
    assert smart["load_wanted_mw"][:48].sum() == pytest.approx(plain["load_wanted_mw"][:48].sum(), rel=1e-3)


def test_bills_and_accounts_agree_under_prices_by_the_hour_turbines_and_own_panels(hamlet):
    for policies in ((), ("E-S3",), ("E-S2", "E-S3")):
        society = hamlet(policies, hours=24)
        before = society.population.bill_jpy.sum()
        society.step()
        sales = society.last.sales
        bought = sales.petrol_t * sales.petrol_jpy_per_t + sales.food_t * sales.food_jpy_per_t
        bought += sales.fare_persons * society.charter.market.bus_fare_jpy
        billed = (society.population.bill_jpy.sum() - before) * society.population.weight
        assert billed == pytest.approx(-society.last.account.balance_jpy["households"] - bought, rel=1e-6)


def test_homes_pay_about_as_much_under_prices_by_the_hour(hamlet):
    frozen = {
        "mechanisms.charges": False,
        "load_shifting.response_base": 0.0,
        "load_shifting.response_log": 0.0,
    }
    frozen |= {"load_shifting.response_devices": 0.0, "policy.E-S3.controllable_frac": 0.0}
    plain, smart = (hamlet(policies, hours=48, changes=frozen) for policies in ((), ("E-S3",)))
    assert smart.population.bill_jpy.mean() == pytest.approx(plain.population.bill_jpy.mean(), rel=0.02)
    assert smart.population.bill_jpy.std() != plain.population.bill_jpy.std()


def test_controllable_load_hangs_on_the_makers_cloud_too(hamlet):
    plain, smart = (hamlet(policies).asking._devices.connected for policies in ((), ("E-S3",)))
    more = hamlet(["E-S3"], changes={"policy.E-S3.controllable_frac": 0.8}).asking._devices.connected
    assert (plain <= more).all()
    assert plain.sum() == smart.sum() < more.sum()


# ---- E-S2 --------------------------------------------------------------------------------------------


def test_a_cut_off_district_without_an_island_gets_exactly_nothing_from_trade(hamlet):
    changes = {**CUT, "attacker.foothold": ["power_control_room"], "place.households": 400}
    for policies in ((), ("E-S2",)):
        society = hamlet(policies, "coercer:scripted", 1, 24, changes)
        own = society.place.feeders.district == TARGET
        for _ in range(24):
            society.step()
            power = society.last.service.power
            assert power.delivered_mw[own].sum() == 0.0
            assert power.solar_used_mw[own].sum() == 0.0
            assert power.peer_mw is None


def test_in_an_island_homes_with_batteries_serve_their_neighbours(hamlet):
    lent = {}
    for policies in (("E-C2",), ("E-C2", "E-S2")):
        society = hamlet(policies, "coercer:scripted", 1, 24, {**ISLAND, "place.households": 400})
        lent[policies] = 0.0
        for _ in range(24):
            society.step()
            peer = society.last.service.power.peer_mw
            lent[policies] += 0.0 if peer is None else peer.sum()
    assert lent["E-C2",] == 0.0
    assert lent["E-C2", "E-S2"] > 0.0


def test_homes_and_districts_make_a_larger_share_and_homes_trade(hamlet):
    plain, spread = (hamlet(policies, hours=72).outcomes for policies in ((), ("E-S2",)))
    assert spread["local_share"] > 2.0 * plain["local_share"]
    assert spread["renewable_share"] > plain["renewable_share"]
    assert spread["co2_t"] < plain["co2_t"]
    assert spread["capital_jpy_per_household_year"] > 10e3


def test_panels_without_batteries_make_the_evening_steeper(hamlet):
    bare = {"policy.E-S2.battery_household_frac": 0.02, "policy.E-S2.wind_frac": 0.0, "hours": 168}
    ramps = [
        hamlet(policies, hours=168, changes={**bare, "policy.E-S2.pv_household_frac": share}).outcomes[
            "evening_ramp_mw"
        ]
        for policies, share in (((), 0.1), (("E-S2",), 0.3), (("E-S2",), 0.55))
    ]
    assert ramps[0] < ramps[1] < ramps[2]


def test_turbines_earn_for_all_homes_and_trade_is_with_homes_only(hamlet):
    windy = {"policy.E-S2.pv_household_frac": 0.0, "policy.E-S2.battery_household_frac": 0.0}
    windy |= {"policy.E-S2.wind_frac": 0.3, "mechanisms.charges": False}
    plain, spread = (hamlet(policies, hours=48, changes=windy) for policies in ((), ("E-S2",)))
    sold = spread.last.sales.wind_mwh
    assert sold > 0.0
    assert spread.last.sales.exported_mwh == pytest.approx(plain.last.sales.exported_mwh, abs=1e-6)
    assert spread.market.balance_jpy["municipalities"] == pytest.approx(
        plain.market.balance_jpy["municipalities"]
    )
    assert spread.population.bill_jpy.mean() < plain.population.bill_jpy.mean()


def test_owners_pay_for_their_panels_and_nobody_else_does(hamlet):
    paid, free = (
        hamlet(["E-S2"], hours=48, changes={"mechanisms.charges": on, "policy.E-S2.trading_jpy_per_y": 0.0})
        for on in (True, False)
    )
    more = paid.population.bill_jpy - free.population.bill_jpy
    owners = (
        paid.population.power.added["added_pv_homes"] | paid.population.power.added["added_battery_homes"]
    )
    wind_tax = paid.market.tax_jpy_per_household_h * 48
    assert more[~owners] == pytest.approx(wind_tax, rel=1e-6)
    assert (more[owners] > wind_tax + 48 * 5.0).all()


def test_what_homes_would_buy_of_their_own_accord_is_less_than_the_stated_shares(hamlet):
    base, stated = hamlet().population.power, hamlet(["E-S2"]).population.power
    bought = hamlet(["E-S2"], changes={"policy.E-S2.adoption_years": 10.0}).population.power
    assert (base.pv_kw > 0).sum() <= (bought.pv_kw > 0).sum() < (stated.pv_kw > 0).sum()
    assert ((base.pv_kw > 0) <= (bought.pv_kw > 0)).all()


@pytest.mark.slow
def test_adoption_in_bay_city_comes_in_clusters_and_follows_an_s_curve(hamlet):
    cheap = {"adoption.pv_jpy_per_kw": 40e3, "place.households": 6000, "adoption.imitation_per_y": 0.6}
    share, found = [], np.nan
    for years in (2.0, 6.0, 10.0, 14.0, 30.0):
        society = hamlet(["E-S2"], changes={**cheap, "policy.E-S2.adoption_years": years})
        added, zone = society.population.power.added["added_pv_homes"], society.population.homes.zone
        share.append(added.mean())
        if years == 6.0:
            near = near_zones(society.place) - np.eye(len(society.place.zone_x_km))
            homes = np.bincount(zone, minlength=len(near))
            lived_in = homes > 30
            here = np.bincount(zone, added, len(near))[lived_in] / homes[lived_in]
            found = morans_i(here, near[np.ix_(lived_in, lived_in)])
    assert np.diff(share).min() > 0.0
    assert found > 0.0


# ---- the charter -------------------------------------------------------------------------------------


def test_trade_that_is_already_legal_keeps_its_rule_and_its_fee():
    assert enact(["E-S2"]).market.p2p_rule == "mid_market"
    assert enact(["E-S2"]).market.p2p_max_fee_frac == 1.0, "the utility's ordinary fee"
    both = enact(["E-C1", "E-S2"]).market
    assert both == enact(["E-C1"]).market


def test_years_take_the_place_of_shares():
    charter = DistributedEnergy(adoption_years=8.0).enact(Charter())
    assert charter.stock.adoption_years == 8.0
    assert charter.stock.rooftop_pv_household_frac == Charter().stock.rooftop_pv_household_frac


def test_each_part_of_the_smart_grid_is_charged_by_itself():
    items = {charge.item: charge.quantity for charge in SmartGrid().enact(Charter()).costs}
    assert items == {
        "controllable devices": "controllable_homes",
        "feeder sections": "sectioned_feeders",
        "interval meters": "households",
        "remote switches": "remote_feeders",
        "switching platform": "city",
    }
