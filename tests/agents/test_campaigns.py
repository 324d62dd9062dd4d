"""Campaigns of a bad actor: when it begins, gives up, learns and begins again."""

import pytest

from agentsim import Society
from agentsim.agents.attacker.actions import (
    KINDS,
    Arsenal,
    BadActorParameters,
    Strike,
    strengths,
    without_clashes,
)
from agentsim.agents.attacker.mind import Plan
from agentsim.core.charter import Charter, Holding, Payoffs
from agentsim.institutions.capture import Contest
from agentsim.institutions.control_graph import ControlGraph

POWER = "power_control_room"
ALWAYS = {"attacker.first_hour": 0, "attacker.target": "Riverside", "bad_actor.action_chance": 1.0}


def actor_of(society):
    return next(iter(society.bad_actors))


def days(society, count: int, first: int = 0) -> list[bool]:
    """Whether orders were given on each of a number of days, without running the society."""
    actor = actor_of(society)
    hours = range(24 * first, 24 * (first + count))
    acted = [bool(actor.decide(hour, society.control)) for hour in hours]
    return acted[::24]


def fined(society, sanction: float, enforcement: float = 1.0):
    """The same society with sanctions on abuse."""
    society.charter = society.charter.with_payoffs(sanction=sanction, enforcement=enforcement)
    return society


# ---- war of attrition -------------------------------------------------------------------------------


UNTIL = {"attacker.persistence": "until_concession"}


def siege(hamlet, policies=(), **changes):
    return hamlet(policies, "coercer:random", changes=ALWAYS | {"attacker.budget": 900.0} | changes)


def waiting(hamlet, **changes):
    """A siege that ends with a concession."""
    return siege(hamlet, **UNTIL, **changes)


def test_a_coercer_gives_up_when_it_has_spent_what_a_concession_is_worth(hamlet):
    society = waiting(hamlet, **{"bad_actor.concession_value": 20.0})
    # three open cuts at 2 a day: 18 after three days, 24 after four
    assert days(society, 6) == [True] * 4 + [False] * 2
    actor = actor_of(society)
    assert actor.quit_hours == [4 * 24]
    assert society.events[-1].kind == "quit"
    assert society.events[-1].fields["reason"] == "dearer_than_concession"


def test_it_begins_a_new_campaign_after_a_rest(hamlet):
    society = waiting(hamlet, **{"bad_actor.concession_value": 20.0, "bad_actor.return_days": 5})
    acted = days(society, 14)
    assert acted == [True] * 4 + [False] * 5 + [True] * 4 + [False]
    assert actor_of(society).attacks_begun == 2
    assert [event.kind for event in society.events] == ["attack", "quit", "return", "attack", "quit"]


def test_in_a_campaign_it_goes_on_until_its_budget_is_spent(hamlet):
    society = siege(hamlet, **{"bad_actor.concession_value": 20.0, "attacker.budget": 100.0})
    # three open cuts at 2 a day: for 16 days, then 4 units are left for two cuts
    assert days(society, 40) == [True] * 17 + [False] * 23
    actor = actor_of(society)
    actor.won(24, actor.stake.district)
    assert (actor.concessions, actor.spent) == (0, 100.0)
    assert society.events[-1].fields["reason"] == "budget_spent"


def test_a_campaign_counts_deprivation_and_a_war_of_attrition_concessions(hamlet):
    lived = {"attacker.strikes": ["A4 Riverside"], "bad_actor.deprivation_weight": [0.0] * 4}
    campaign, war = (
        hamlet([], "coercer:scripted", hours=72, changes=ALWAYS | lived | persistence)
        for persistence in ({}, UNTIL | {"municipalities.concession_median_h": 5.0})
    )
    weight = actor_of(campaign).parameters.campaign_weight
    suffered = campaign.outcomes["deprivation_target_district"]
    assert actor_of(campaign).gained == pytest.approx(weight * suffered, rel=0.05)  # of 71 of the 72 hours
    assert (actor_of(war).gained, actor_of(war).concessions) == (0.0, 1)


def test_a_saboteur_ignores_the_value_of_a_concession(hamlet):
    changes = ALWAYS | {"attacker.budget": 900.0, "bad_actor.concession_value": 20.0}
    assert all(days(hamlet([], "saboteur:random", changes=changes), 20))


def test_harm_done_lengthens_its_campaign(hamlet):
    society = waiting(hamlet, **{"bad_actor.concession_value": 20.0})
    assert days(society, 1) == [True]
    actor_of(society).gained += 12.0
    assert days(society, 7, first=1) == [True] * 5 + [False] * 2, "32 units instead of 20, at 6 a day"


def test_a_concession_ends_the_campaign_of_a_coercer_only_and_only_of_its_own_district(hamlet):
    society = waiting(hamlet)
    actor, here = actor_of(society), society.place.districts.name.index("Riverside")
    assert days(society, 1) == [True]
    actor.won(24, here + 1 if here == 0 else here - 1)
    assert days(society, 1, first=1) == [True]
    spent = actor.spent
    actor.won(50, here)
    assert days(society, 13, first=3) == [False] * 13
    assert actor.concessions == 1
    assert actor.payoff == pytest.approx(60.0 - spent)
    assert any(days(society, 4, first=16)), "fourteen days later it wants more"


def test_a_concession_does_not_end_the_campaign_of_a_saboteur(hamlet):
    society = hamlet([], "saboteur:random", changes=ALWAYS | UNTIL)
    days(society, 1)
    actor_of(society).won(5, 0)
    assert (actor_of(society).concessions, days(society, 1, first=1)) == (0, [True])


# ---- deterrence -------------------------------------------------------------------------------------


NEUTRAL = {"bad_actor.loss_aversion": 1.0, "bad_actor.value_exponent": 1.0}


# prize 60, cheapest strike 14 an episode, p-hat 0.2; with losses weighed 2.25 times, 46 = 114 x 0.45^(1/0.88)
@pytest.mark.parametrize(("changes", "border"), [(NEUTRAL, 230.0), ({}, 114.0)])
def test_it_declines_where_the_sanction_as_it_weighs_it_exceeds_the_prize(hamlet, changes, border):
    assert days(fined(siege(hamlet, **changes), border - 1.0), 1) == [True]
    society = fined(siege(hamlet, **changes), border + 1.0)
    assert days(society, 40) == [False] * 40
    assert [event.kind for event in society.events] == ["quit"], "said once"
    assert actor_of(society).attacks_begun == 0


def test_without_deterrence_sanctions_have_no_effect(hamlet):
    society = fined(siege(hamlet, **{"mechanisms.deterrence": False}), 1e6)
    assert days(society, 1) == [True]
    assert actor_of(society).expected_sanction == actor_of(society).felt_sanction == 0.0


def test_certainty_of_sanctions_deters_and_experience_fades(hamlet):
    society = fined(siege(hamlet), 100.0)
    actor = actor_of(society)
    assert days(society, 7) == [True] * 7
    for hour in range(10):
        actor.knows.begin(hour).sanctioned = True
    assert actor.knows.p_hat(1.0) == 0.6
    assert days(society, 1, first=7) == [False], "14 + 0.6 x 100 is more than 60"
    assert actor.quit_hours == [7 * 24]
    returned = next(day for day in range(8, 400) if days(society, 1, first=day) == [True])
    assert returned > 14
    assert actor.knows.p_hat(1.0) < 0.23


def test_an_unpunished_episode_lowers_the_perceived_risk_of_sanctions(hamlet):
    society = siege(hamlet)
    days(society, 15)
    knows = actor_of(society).knows
    assert knows.p_hat(1.0) == pytest.approx(2 / 12)
    actor_of(society).pay_sanction(knows.episodes[0], 80.0)
    assert knows.p_hat(1.0) == pytest.approx(3 / 12), "the same two episodes, one of them sanctioned late"


def test_a_sanction_that_is_never_carried_out_frightens_nobody(hamlet):
    assert days(fined(siege(hamlet), 1e6, enforcement=0.0), 1) == [True]


def test_a_verdict_covers_the_episodes_of_its_time_that_were_not_judged_before(hamlet):
    society = siege(hamlet)
    days(society, 15)
    knows = actor_of(society).knows
    assert [(one.first_hour, one.last_hour) for one in knows.episodes] == [(0, 167), (168, 335), (336, 359)]
    assert [number for number, _ in knows.within(100, 335)] == [0, 1]
    knows.episodes[1].judged = True
    assert [number for number, _ in knows.within(168, 400)] == [2]


def test_a_sanction_lowers_its_payoff(hamlet):
    society = siege(hamlet)
    days(society, 2)
    actor = actor_of(society)
    before = actor.payoff
    actor.pay_sanction(actor.knows.episodes[0], 80.0)
    assert actor.payoff == before - 80.0


# ---- losing an edge ---------------------------------------------------------------------------------


def test_it_gives_up_when_its_edges_are_lost(hamlet):
    society = siege(hamlet, **{"attacker.foothold": [POWER]})
    assert days(society, 1) == [True]
    society.control.revoke(POWER, "power", 24)
    assert days(society, 3, first=1) == [False] * 3
    assert society.events[-1].fields["reason"] == "no_means_left"


# ---- kinds of actions -------------------------------------------------------------------------------


def assets(society, hours: int = 24 * 30) -> set[tuple[str, str, float]]:
    """Orders over a month, by class of asset, action and value."""
    actor = actor_of(society)
    given = [order for hour in range(hours) for order in actor.decide(hour, society.control)]
    return {(order.asset.split(":")[0], order.action, order.value) for order in given}


def test_a_hidden_cut_takes_a_part_and_falsifies_the_record(hamlet):
    changes = ALWAYS | {
        "bad_actor.action_chance": 0.5,
        "attacker.budget": 900.0,
        "attacker.foothold": [POWER],
    }
    given = assets(hamlet([], "coercer:random", changes=changes))
    assert given == {
        ("breakers", "restrict", 1.0),
        ("breakers", "restrict", 0.2),
        ("power_record", "forge", 1.0),
    }


def test_a_holder_of_the_breakers_without_the_record_cannot_hide_a_cut():
    town, centre = "municipality:North", POWER
    rules = Charter().with_control(breakers=Holding(("municipality",))).control
    control = ControlGraph(rules, ("North",))
    arsenal = Arsenal(control, Contest(control.principals, {}))
    hidden, open_cut = Strike("A2 power", "North", 0.2), Strike("A1", "North")
    assert arsenal.missing(hidden, frozenset({town})) == (centre,)
    assert arsenal.missing(open_cut, frozenset({town})) == ()
    assert arsenal.orders(hidden, (town,)) == []
    told = [(order.principal, order.action) for order in arsenal.orders(hidden, (town, centre))]
    assert told == [(town, "restrict"), (centre, "forge")]


def test_a_platform_is_used_against_a_district_and_unmanaged_signals_are_no_asset():
    control = ControlGraph(Charter().control, ("North", "South"), platforms=("vote",))
    arsenal = Arsenal(control, Contest(control.principals, {}), frozenset({"signals"}))
    (order,) = arsenal.orders(Strike("A9 vote", "South"), ("vote_platform",))
    assert (order.asset, order.action, order.value) == ("vote", "seize", 1.0)
    assert arsenal.missing(Strike("A9 ledger", "South"), frozenset()) is None, "there is no ledger"
    assert [asset.kind for asset in arsenal.assets(("road_closures", "signals"), "South")] == [
        "road_closures"
    ]


def test_a_saboteur_misdoses_and_switches_devices_and_a_rent_seeker_withholds(hamlet):
    changes = ALWAYS | {"bad_actor.action_chance": 0.5, "attacker.budget": 900.0}
    foothold = {"attacker.foothold": ["water_control_room", "device_cloud"]}
    given = assets(hamlet([], "saboteur:random", changes=changes | foothold), 24 * 10)
    assert ("dosing", "dose", 100.0) in given
    assert ("home_devices", "switch", 1.0) in given
    company = {"attacker.foothold": ["generation_company"]}
    given = assets(hamlet([], "rent_seeker:random", changes=changes | company))
    assert given == {("generators", "withhold", 0.5)}


def test_withholding_costs_by_the_unit(hamlet):
    changes = ALWAYS | {"attacker.foothold": ["generation_company"]}
    society = hamlet([], "rent_seeker:random", changes=changes)
    days(society, 1)
    actor = actor_of(society)
    assert actor.spent == 0.5 * len(actor.stake.units) > 1.0


def test_of_two_strikes_on_the_same_asset_the_first_is_taken():
    cut, hidden, valves = Strike("A1", "X"), Strike("A2 power", "X", 0.2), Strike("A4", "X")
    assert without_clashes((cut, hidden, valves)) == (cut, valves)
    assert without_clashes((hidden, cut)) == (hidden,)
    assert without_clashes((cut, Strike("A2 power", "Y", 0.2))) == (cut, Strike("A2 power", "Y", 0.2))


def test_every_kind_has_its_weights_and_the_first_strength_is_the_usual_one():
    p = BadActorParameters()
    assert p.of("coercer") == (0.1, 0.0, 0.0)
    assert [p.of(kind, until_concession=True) for kind in KINDS[1:]] == [
        (0.02, 0.0, 0.0),
        (0.0, 0.0, 1.0),
        (1.0, 1.0, 0.0),
        (0.0, 0.0, 1.0),
    ]
    assert strengths("A2 water", p)[0] == 0.2
    assert strengths("A7", p) == (1.0, 0.5)


# ---- captures ---------------------------------------------------------------------------------------


def test_a_capture_takes_its_days_and_is_logged(hamlet):
    quiet = {"capture.notice_chance": [0.0, 0.0, 0.0], "capture.step_days": [1, 1, 1]}
    changes = ALWAYS | quiet | {"attacker.foothold": [], "capture.security_control_room": 0.01}
    plan = Plan((Strike("A1", "Riverside"),), ((POWER, 40.0),))
    society = Society(hamlet.setting.with_changes(changes), [], "coercer:random", 1, plan=plan)
    assert days(society, 5) == [False] * 3 + [True] * 2
    told = [(e.kind, e.where) for e in society.events]
    assert told == [("capture", "power_control_room"), ("attack", "Riverside")]


def test_a_detected_intruder_is_reported(hamlet):
    changes = ALWAYS | {"capture.notice_chance": [1.0, 0.0, 0.0], "attacker.foothold": []}
    plan = Plan((Strike("A1", "Riverside"),), ((POWER, 40.0),))
    society = Society(hamlet.setting.with_changes(changes), [], "coercer:random", 1, plan=plan)
    actor = actor_of(society)
    found = [
        finding
        for hour in range(24 * 5)
        if not actor.decide(hour, society.control)
        for finding in actor.noticed
    ]
    assert [(f.hour, f.kind, f.network, f.suspect) for f in found] == [(96, "intrusion", "power", POWER)]
    assert actor.spent == 40.0, "its effort is lost"


def test_without_policies_there_are_no_sanctions():
    assert Payoffs().sanction == 0.0
