"""Rationing: what each rule gives whom, whom a majority makes bear it, and that water adds up."""

from dataclasses import replace

import numpy as np
import pytest

from agentsim.core.charter import Allocation, Charter
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import Order
from agentsim.core.streams import Streams
from agentsim.institutions.control_graph import ControlGraph
from agentsim.institutions.rationing import (
    Claims,
    Rationing,
    RationingParameters,
    expected_deprivation_h,
    home_share,
    proposals,
    share_out,
    shed_weights,
)
from agentsim.institutions.voting import Ballot, Electorate, VotingParameters

# three large towns and a small one with much industry
CLAIMS = Claims(np.array([100.0, 100.0, 100.0, 100.0]), np.array([95.0, 95.0, 95.0, 25.0]), np.full(4, 5.0))
HOMES = np.array([80, 80, 80, 20])
ALL_RULES = ("lifeline_first", "majority", "proportional")
TOWNS = ("North", "South", "East", "West")


def electorate(votes: np.ndarray | None = None) -> Electorate:
    district = np.repeat(np.arange(4), HOMES)
    count = len(district)
    turned_out = np.ones(count, dtype=bool) if votes is None else votes[district]
    return Electorate(np.ones(count), district, np.zeros(count), turned_out, np.zeros(count), np.zeros(count))


def room(
    rules=ALL_RULES, live: Mechanisms | None = None, altruism: float = 0.2, network="water"
) -> Rationing:
    ballot = Ballot(rules, Streams(1), network, False, VotingParameters(altruism=altruism))
    given = (network, CLAIMS, Allocation(ballot=rules), ballot, 1.0, 1 / 24, live or Mechanisms())
    return Rationing(*given)


def shortage(rationing: Rationing, cut: float, hours: int, **more) -> None:
    for hour in range(hours):
        rationing.step(hour, cut, electorate, **more)


@pytest.mark.parametrize("rule", ALL_RULES)
@pytest.mark.parametrize("cut", [0.0, 0.2, 0.5, 0.97])
def test_every_rule_hands_out_what_there_is(rule: str, cut: float) -> None:
    given = share_out(rule, CLAIMS, cut, np.array([False, False, True, True]))
    assert given.sum() == pytest.approx((1.0 - cut) * CLAIMS.asked.sum())
    assert (given >= -1e-9).all()
    assert (given <= CLAIMS.asked + 1e-9).all()


def test_lifeline_first_keeps_every_need_while_it_can() -> None:
    claims = replace(CLAIMS, lifeline=np.array([40.0, 10.0, 10.0, 10.0]))
    given = share_out("lifeline_first", claims, 0.8)
    assert (given >= claims.lifeline).all()
    assert share_out("proportional", claims, 0.8)[0] < claims.lifeline[0]
    assert share_out("lifeline_first", claims, 0.9) == pytest.approx(claims.lifeline * 40.0 / 70.0)


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="'lottery' is unknown; known: lifeline_first"):
        share_out("lottery", CLAIMS, 0.1)
    with pytest.raises(ValueError, match="lottery"):
        room(("lottery",))


def test_expected_deprivation_is_the_integral_of_its_cost() -> None:
    hours, growth = 40, 1 / 24
    expected = expected_deprivation_h(np.zeros(1), np.ones(1), 10.0, 2.0, growth, hours, 0.0)
    tau = np.linspace(0.0, 30.0, 100_001)
    assert expected[0] == pytest.approx(np.trapezoid(2.0 * np.expm1(growth * tau), tau), rel=1e-6)
    assert expected_deprivation_h(np.ones(1), np.ones(1), 0.0, 2.0, growth, hours, 0.5)[0] == 0.0


# ---- whom a majority makes bear it ------------------------------------------------------------------


def test_the_majority_lets_the_fewest_people_bear_it() -> None:
    """Nobody says who: the small town of much industry has most to give and fewest votes."""
    rationing = room()
    rationing.cut_frac = 0.2
    assert rationing.outvoted(electorate()).tolist() == [False, False, False, True]


def test_where_the_few_come_to_vote_and_the_many_do_not_the_many_bear_it() -> None:
    rationing = room()
    rationing.cut_frac = 0.2
    burdened = rationing.outvoted(electorate(np.array([False, False, True, True])))
    assert burdened[0]
    assert not burdened[2], "the only large town that votes"


def test_only_people_who_hardly_care_let_others_go_below_their_need() -> None:
    need = CLAIMS.lifeline / CLAIMS.home
    met = {}
    for altruism in (0.0, 20.0):
        rationing = room(altruism=altruism)
        rationing.cut_frac = 0.245
        given = share_out("majority", CLAIMS, 0.245, rationing.outvoted(electorate()))
        met[altruism] = bool((home_share(CLAIMS, given) >= need).all())
    assert met == {0.0: False, 20.0: True}


def test_every_set_of_districts_is_proposed_in_a_city_of_few() -> None:
    assert len(proposals(CLAIMS, HOMES.astype(float))) == 2**4 - 2
    many = Claims(np.ones(20), np.ones(20), np.ones(20))
    table = proposals(many, np.arange(20.0))
    assert len(table) < 300
    assert table.any(axis=1).all()
    assert not table.all(axis=1).any()


# ---- when -------------------------------------------------------------------------------------------


def test_without_a_ballot_nothing_is_declared() -> None:
    rationing = room(())
    assert not rationing.exists
    shortage(rationing, 0.3, 100)
    assert rationing.orders(ControlGraph(Charter().control, TOWNS)) == []
    weights = (2.0, 1.0, 0.9, 0.6)
    assert shed_weights(rationing, np.zeros(3, int), np.arange(3), weights) == weights


def test_a_vote_takes_two_days_and_a_rule_decided_on_beforehand_none() -> None:
    voted, declared = room(), room(("proportional",))
    shortage(voted, 0.2, 48)
    shortage(declared, 0.2, 1)
    assert voted.rule == ""
    assert declared.rule == "proportional"
    voted.step(48, 0.2, electorate)
    assert voted.rule == "majority"
    assert voted.counts[-1].turnout_frac == 1.0


def test_a_quiet_night_does_not_end_a_shortage_but_a_day_does() -> None:
    rationing = room()
    for hour in range(60):
        rationing.step(hour, 0.2 if hour % 24 > 8 else 0.0, electorate)
    assert rationing.rule
    rationing = room()
    for hour in range(120):
        rationing.step(hour, 0.2 if hour % 48 < 8 else 0.0, electorate)
    assert not rationing.rule


@pytest.mark.parametrize("live", [Mechanisms(rationing=False), Mechanisms(voting=False)])
def test_with_the_mechanisms_off_the_operator_decides(live: Mechanisms) -> None:
    rationing = room(live=live)
    shortage(rationing, 0.2, 100)
    assert rationing.rule == ""
    assert rationing.given().tolist() == [1.0] * 4


def test_a_captured_count_lets_the_target_bear_most() -> None:
    rationing = room(("lifeline_first", "majority"), altruism=0.0)
    shortage(rationing, 0.2, 60, seized=("vote",), seized_for=0)
    assert rationing.rule == "lifeline_first", "the majority would have spared North"
    free = room(("lifeline_first", "majority"), altruism=0.0)
    shortage(free, 0.2, 60)
    assert free.rule == "majority"


# ---- what it does -----------------------------------------------------------------------------------


def test_orders_are_given_in_the_name_of_each_valves_office() -> None:
    from agentsim.core.charter import Holding

    rationing = room(("proportional",))
    shortage(rationing, 0.25, 1)
    central = ControlGraph(Charter().control, TOWNS)
    local = ControlGraph(Charter().with_control(inlet_valves=Holding(("municipality",))).control, TOWNS)
    for control, who in ((central, "water_control_room"), (local, "municipality:East")):
        orders = rationing.orders(control)
        assert Order(who, "inlet_valves:East", "ration", 0.25) in orders
        permitted = control.permit(orders, 1, 1)
        assert permitted.rationed_frac == pytest.approx(0.25)
        assert not permitted.water_cut_off_frac.any()


def test_weights_put_needs_first_or_the_burdened_last_and_hospitals_always_ahead() -> None:
    weights, district, tier = (2.0, 1.0, 0.9, 0.6), np.array([0, 0, 3, 3]), np.array([0, 1, 0, 3])
    values = {}
    for rule in ALL_RULES:
        rationing = room((rule,), network="power")
        shortage(rationing, 0.2, 1)
        values[rule] = shed_weights(rationing, district, tier, weights)
    assert all((value[:, [0, 2]] == 2.0).all() for value in values.values())
    assert values["lifeline_first"][:, 1].tolist() == [2.0, 0.6]
    assert (values["proportional"][:, [1, 3]] == 1.0).all()
    assert (values["majority"][:, 3] == 0.6).all()
    assert (values["majority"][:, 1] == 1.0).all()


def test_rationed_water_is_short_and_not_restricted(hamlet) -> None:
    changes = {"raw_water.storage_days": 1.0, "raw_water.start_frac": 1.0, "voting.decision_h": 6.0}
    society = hamlet(["X-C3"], changes=changes | {"rationing.dam_horizon_days": 100.0})
    society.shortages.inflow_frac = -0.5  # as if the river had long been dry
    society.run(12)
    water, permitted = society.service.water, society.last.permitted
    assert permitted.rationed_frac.max() > 0.1
    assert water.restricted_m3_per_h.sum() == 0.0
    district = society.place.water.junction_district
    held = permitted.rationed_frac[district] * society.last.demand.water_asked_m3_per_h
    assert (water.short_m3_per_h >= held - 1e-6).all()
    assert any(event.kind == "vote" for event in society.events)
    assert any(event.kind == "rationing" for event in society.events)


def test_numbers_of_the_room_are_in_order() -> None:
    p = RationingParameters()
    assert 0.0 < p.least_cut_frac < p.tanks_most_cut_frac
