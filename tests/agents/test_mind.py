"""The search of ``best_response``, on payoffs that can be worked out by hand."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from agentsim.agents.attacker.actions import Arsenal, BadActorParameters, Strike
from agentsim.agents.attacker.chances import Chances, Option, chances_of
from agentsim.agents.attacker.mind import Plan, PlannedMind, RandomMind
from agentsim.agents.attacker.search import MindParameters, Search
from agentsim.agents.attacker.stake import Prospect, Rollout, whole_gain
from agentsim.core.charter import Charter, Holding
from agentsim.core.streams import Streams
from agentsim.institutions.capture import Contest, capture_probability
from agentsim.institutions.control_graph import ControlGraph

PLACES = ("North", "South", "East", "West")
MAY = ("A1", "A4", "A6")
STRIKES = tuple(Strike(action, place) for place in PLACES for action in MAY)
ROOM = "power_control_room"


def chances(needs: dict[Strike, tuple[str, ...]] | None = None, strikes=STRIKES) -> Chances:
    """Every action in every place; all edges are held except for the captures in *needs*."""
    needs = needs or {}
    security = {principal: 4.0 for captures in needs.values() for principal in captures}
    places = tuple(dict.fromkeys(strike.where for strike in strikes))
    options = tuple(Option(strike, needs.get(strike, ())) for strike in strikes)
    return Chances(places, options, security, {})


def toy(seed: int):
    """A payoff with a value for each strike, and one for each pair of strikes."""
    draw = Streams(seed).uniform("toy", 0, len(STRIKES) * (1 + len(STRIKES)))
    alone = dict(zip(STRIKES, 2.0 * draw[: len(STRIKES)] - 0.8, strict=True))
    pair = dict(zip(product(STRIKES, STRIKES), draw[len(STRIKES) :] - 0.6, strict=True))

    def payoff(plan: Plan, hours: int) -> float:
        one = sum(alone[strike] for strike in plan.strikes)
        two = sum(pair[a, b] for a in plan.strikes for b in plan.strikes if a < b)
        return (one + two) * plan.on_days / (plan.on_days + plan.rest_days)

    return payoff


def counted(payoff):
    """The same payoff, and the list of plans that it was called with."""
    asked: list[tuple[Plan, int]] = []

    def asks(plan: Plan, hours: int) -> float:
        asked.append((plan, hours))
        return payoff(plan, hours)

    return asks, asked


# ---- plans ------------------------------------------------------------------------------------------


def test_a_plan_strikes_and_rests_in_its_rhythm():
    plan = Plan(STRIKES[:2], on_days=3, rest_days=1)
    assert [bool(plan.strikes_on(day)) for day in range(9)] == [True, True, True, False] * 2 + [True]
    assert all(Plan(STRIKES[:1]).strikes_on(day) for day in range(9))


def test_a_planned_mind_follows_the_plan_and_targets_the_place_of_most_strikes():
    plan = Plan((STRIKES[0], STRIKES[3], STRIKES[4]), ((ROOM, 4.0),), 1, 1)
    mind = PlannedMind(plan)
    assert mind.efforts() == {ROOM: 4.0}
    assert [mind.strikes_on(day) for day in (0, 1)] == [plan.strikes, ()]
    assert mind.target == "South"
    assert PlannedMind(Plan()).target == ""


# ---- results of the search --------------------------------------------------------------------------


def test_the_one_strike_that_pays_is_found():
    for best in STRIKES:
        payoff = lambda plan, hours, best=best: (best in plan.strikes) - 0.1 * len(plan.strikes)  # noqa: E731
        assert Search(chances(), payoff, one_place=True).best().strikes == (best,)


def test_strikes_that_pay_only_together_are_found_by_adding_to_the_first():
    def payoff(plan: Plan, hours: int) -> float:
        here = [strike for strike in plan.strikes if strike.where == "East"]
        return 0.1 * len(here) + (2.0 if len(here) == 3 else 0.0) - 0.01 * len(plan.strikes)

    found = Search(chances(), payoff, one_place=True).best()
    assert found.strikes == tuple(strike for strike in STRIKES if strike.where == "East")


def test_a_strike_that_spoils_the_others_is_left_out():
    def payoff(plan: Plan, hours: int) -> float:
        worth = {"A1": 1.0, "A4": 0.9, "A6": 0.8}
        spoilt = 1.5 if {"A1", "A6"} <= {strike.action for strike in plan.strikes} else 0.0
        return sum(worth[s.action] for s in plan.strikes if s.where == "West") - spoilt

    found = Search(chances(), payoff, one_place=True).best()
    assert {(strike.action, strike.where) for strike in found.strikes} == {("A1", "West"), ("A4", "West")}


def test_the_rhythm_that_pays_is_found():
    def payoff(plan: Plan, hours: int) -> float:
        return len(plan.strikes) * (1.0 + (plan.rest_days == 1) + (plan.on_days == 3))

    found = Search(chances(strikes=STRIKES[:1]), payoff, one_place=True).best()
    assert (found.on_days, found.rest_days) == (3, 1)


def test_a_coercer_stays_in_one_place_and_a_saboteur_goes_where_it_pays():
    worth = {Strike("A1", "North"): 1.0, Strike("A4", "South"): 0.9}

    def payoff(plan: Plan, hours: int) -> float:
        return sum(worth.get(strike, -1.0) for strike in plan.strikes)

    assert Search(chances(), payoff, one_place=True).best().strikes == (Strike("A1", "North"),)
    assert Search(chances(), payoff, one_place=False).best().strikes == tuple(sorted(worth))


def test_where_nothing_pays_the_plan_is_empty():
    search = Search(chances(), lambda plan, hours: -float(len(plan.strikes)), one_place=True)
    assert search.best() == Plan()


def test_without_options_nothing_is_tried():
    payoff, asked = counted(lambda plan, hours: 1.0)
    assert Search(Chances((), (), {}, {}), payoff, one_place=True).best() == Plan()
    assert asked == []


def test_a_longer_rollout_overrules_a_shorter_one():
    # North pays at once, South only after four days: the mind must not fall for the first day
    def payoff(plan: Plan, hours: int) -> float:
        return sum(1.0 if s.where == "North" else 0.5 * (hours >= 96) * 4 - 0.2 for s in plan.strikes)

    strikes = (Strike("A1", "North"), Strike("A1", "South"))
    assert Search(chances(strikes=strikes), payoff, one_place=True).best().strikes == (strikes[1],)


# ---- captures: their value is the expected value ----------------------------------------------------


@pytest.mark.parametrize("effort", [1.0, 4.0, 12.0])
def test_a_plan_with_a_capture_is_worth_the_mean_over_its_success(effort):
    held, wanted = STRIKES[0], STRIKES[1]
    value = {(): 0.0, (held,): 3.0, (held, wanted): 10.0}
    search = Search(chances({wanted: (ROOM,)}), lambda plan, hours: value[plan.strikes], one_place=True)
    q = capture_probability(effort, 4.0)
    plan = Plan((held, wanted), ((ROOM, effort),))
    assert search.worth(plan) == pytest.approx(q * 10.0 + (1.0 - q) * 3.0)
    # the simulated mean: the same over a thousand lots
    lots = Streams(1).uniform("lots", 0, 4000) < q
    mean = np.where(lots, 10.0, 3.0)
    assert search.worth(plan) == pytest.approx(mean.mean(), abs=4.0 * mean.std() / np.sqrt(len(mean)))


def test_two_captures_must_both_succeed():
    wanted = STRIKES[1]
    search = Search(
        chances({wanted: (ROOM, "regulator")}), lambda plan, hours: 8.0 * len(plan.strikes), one_place=True
    )
    plan = Plan((wanted,), ((ROOM, 4.0), ("regulator", 12.0)))
    assert search.worth(plan) == pytest.approx(8.0 * 0.5 * 0.75)


def test_control_rooms_of_one_vendor_are_captured_together_and_each_attempt_may_be_noticed():
    wanted, towns = STRIKES[1], ("municipality:North", "municipality:South")
    alike = replace(
        chances({wanted: towns}), vendor=dict.fromkeys(towns, "maker"), common_mode=1.0, unnoticed=0.9
    )
    search = Search(alike, lambda plan, hours: 8.0 * len(plan.strikes), one_place=True)
    plan = Plan((wanted,), tuple((town, 4.0) for town in towns))
    assert search.worth(plan) == pytest.approx(8.0 * 0.75 * 0.9**2), "one of two toss-ups is enough"


def test_a_failed_capture_costs_its_effort():
    wanted = STRIKES[1]
    search = Search(chances({wanted: (ROOM,)}), lambda plan, hours: -plan.effort, one_place=True)
    assert search.worth(Plan((wanted,), ((ROOM, 4.0),))) == -4.0


def test_a_capture_is_undertaken_where_its_chance_pays_and_left_where_it_does_not():
    held, wanted = Strike("A1", "North"), Strike("A1", "South")

    def payoff(prize: float):
        # effort costs a tenth of itself
        def value(plan: Plan, hours: int) -> float:
            gain = {held: 1.0, wanted: prize}
            return sum(gain[s] for s in plan.strikes) - 0.1 * sum(effort for _, effort in plan.efforts)

        return value

    def found(prize: float) -> Plan:
        return Search(chances({wanted: (ROOM,)}, (held, wanted)), payoff(prize), one_place=True).best()

    assert found(1.5).strikes == (held,)
    assert found(1.5).efforts == ()
    assert found(20.0).strikes == (wanted,)
    # q (20 - 0.4) = 9.8 at effort 4; q (20 - 1.2) = 14.1 at effort 12
    assert found(20.0).efforts == ((ROOM, 12.0),)


# ---- how hard it searches ---------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 5, 30, 60, 200])
def test_no_more_rollouts_than_allowed_and_none_twice(most):
    payoff, asked = counted(toy(1))
    Search(chances(), payoff, one_place=True, parameters=MindParameters(rollouts=most)).best()
    assert len(asked) <= most
    assert len(set(asked)) == len(asked)
    assert len(asked) >= min(most, len(STRIKES)), "every single strike is looked at first"


def test_rollouts_are_of_the_horizons_that_were_asked_for():
    payoff, asked = counted(toy(1))
    Search(chances(), payoff, True, MindParameters(horizons_h=(6, 12), rollouts=1000)).best()
    assert {hours for _, hours in asked} == {6, 12}


def test_the_search_is_the_same_every_time():
    plans = [Search(chances(), toy(3), one_place=True).best() for _ in range(2)]
    assert plans[0] == plans[1]


def test_a_search_is_never_worse_than_random_plans():
    # sixty plans drawn by lot, of the same strikes in the same place, cost as many rollouts
    beaten, gain = 0, []
    for seed in range(30):
        payoff = toy(seed)
        found = Search(chances(), payoff, one_place=True).best()
        lots = Streams(seed).uniform("lots", 0, 60 * 4).reshape(60, 4)
        plans = []
        for lot in lots:
            own = [strike for strike in STRIKES if strike.where == PLACES[int(lot[0] * 4)]]
            plans.append(Plan(tuple(s for s, d in zip(own, lot[1:], strict=True) if d < 0.5)))
        values = [payoff(plan, 240) for plan in plans]
        assert payoff(found, 240) >= 0.0, "doing nothing is always open to it"
        assert payoff(found, 240) > np.mean(values)
        beaten += payoff(found, 240) >= max(values) - 1e-12
        gain.append(payoff(found, 240) - np.mean(values))
    assert beaten >= 27, "the best of sixty lots is matched nearly always"
    assert np.mean(gain) > 0.5


def test_the_gap_to_an_exhaustive_search_is_small(capsys):
    gaps = []
    for seed in range(30):
        payoff = toy(seed)
        best = payoff(Search(chances(), payoff, one_place=True).exhaustive(), 240)
        by_hand = max(
            payoff(Plan(tuple(s for s, on in zip(own, bits, strict=True) if on)), 240)
            for place in PLACES
            for own in [[s for s in STRIKES if s.where == place]]
            for bits in product((False, True), repeat=3)
        )
        assert best == pytest.approx(by_hand), "the exhaustive search is exhaustive"
        found = payoff(Search(chances(), payoff, one_place=True).best(), 240)
        gaps.append(1.0 - found / best if best > 0 else 0.0)
    assert min(gaps) >= -1e-12
    with capsys.disabled():
        share = np.mean(np.array(gaps) < 1e-12)
        print(f"\ngap to exhaustive search over 30 payoffs: optimal {share:.0%}, mean {np.mean(gaps):.3f}")
    assert np.mean(gaps) < 0.05


def test_over_many_days_a_plan_beats_the_random_mind():
    # the random mind with all edges, at the same cost a day: it leaves half of the good days out
    payoff = toy(2)
    found = Search(chances(), payoff, one_place=True).best()
    at_random = []
    for seed in range(40):
        mind = RandomMind(Streams(seed), "coercer", chances(), "", 0.5)
        at_random.append(np.mean([payoff(Plan(mind.strikes_on(day)), 24) for day in range(20)]))
    assert payoff(found, 240) > max(at_random)


# ---- from the rollout to the end of the run ---------------------------------------------------------


POWER_AND_WATER = Plan((Strike("A1", "North"), Strike("A4", "North")))


def seen(gains, spent: float = 0.0, harm=None, wins: tuple[int, ...] = (), sanctions: float = 0.0) -> Rollout:
    gains = np.asarray(gains, dtype=float)
    return Rollout(gains, np.zeros(len(gains)) if harm is None else harm, spent, sanctions, wins)


def test_beyond_the_rollout_the_plan_goes_on_while_the_budget_lasts():
    gains = np.concatenate([np.zeros(24), np.full(72, 2.0)])
    # 100 units at 4 a day: 25 days of 30
    whole = whole_gain(POWER_AND_WATER, seen(gains, 16.0), Prospect(100.0, 720, 4.0), BadActorParameters())
    assert whole == pytest.approx(72 * 2.0 + (25 * 24 - 96) * 2.0 - 100.0)
    # money for the rollout only
    assert (
        whole_gain(POWER_AND_WATER, seen(gains, 16.0), Prospect(16.0, 720, 4.0), BadActorParameters())
        == 144.0 - 16.0
    )
    # effort that was spent, in vain or not, is missing for strikes
    whole = whole_gain(POWER_AND_WATER, seen(gains, 56.0), Prospect(100.0, 720, 4.0), BadActorParameters())
    assert whole == pytest.approx(144.0 + (15 * 24 - 96) * 2.0 - 100.0)


def test_a_run_that_ends_earlier_counts_no_later_hours():
    plan = Plan((Strike("A1", "North"),))
    whole = [
        whole_gain(plan, seen(np.ones(48)), Prospect(1e3, h, 0.0), BadActorParameters()) for h in (48, 96)
    ]
    assert whole == pytest.approx([48.0, 96.0])


def test_an_empty_plan_is_worth_nothing():
    assert whole_gain(Plan(), seen(np.zeros(24)), Prospect(100.0, 240, 0.0), BadActorParameters()) == 0.0


def test_sanctions_are_expected_for_each_episode_and_revocation_over_time():
    plan, gains = POWER_AND_WATER, np.ones(24)
    free, fined = (
        whole_gain(plan, seen(gains), Prospect(1e3, 24 * 8, 0.0, expected_sanction=f), BadActorParameters())
        for f in (0.0, 14.0)
    )
    assert free - fined == pytest.approx(14.0), "seven days after the rollout are one episode"
    sure = whole_gain(plan, seen(gains), Prospect(1e3, 24 * 8, 0.0, removal=1.0), BadActorParameters())
    assert sure == pytest.approx(24.0 + 24.0), "out after the first day that was not rehearsed"


def test_a_concession_is_expected_once_the_harm_reaches_the_threshold():
    plan, harm = POWER_AND_WATER, np.full(24, 0.5)  # 12 h a day, 36 are believed to be enough
    for days, concessions in ((2, 0), (3, 1), (3 + 14 + 3, 2)):
        waits = whole_gain(
            plan, seen(np.zeros(24), harm=harm), Prospect(1e3, 24 * days, 0.0), BadActorParameters()
        )
        wins = whole_gain(
            plan,
            seen(np.zeros(24), harm=harm),
            Prospect(1e3, 24 * days, 0.0, until_concession=True),
            BadActorParameters(),
        )
        assert wins - waits == 60.0 * concessions


def test_a_concession_that_was_rehearsed_counts_its_value_and_comes_again_after_a_rest():
    harm = np.concatenate([np.full(48, 0.75), np.zeros(192)])
    shown = seen(np.zeros(240), spent=8.0, harm=harm, wins=(47,), sanctions=5.0)
    once = whole_gain(
        POWER_AND_WATER, shown, Prospect(100.0, 240, 4.0, until_concession=True), BadActorParameters()
    )
    assert once == 60.0 - 8.0 - 5.0
    # eight days of its rest are over: six more, then two or three days of strikes
    twice = whole_gain(
        POWER_AND_WATER, shown, Prospect(100.0, 24 * 19, 4.0, until_concession=True), BadActorParameters()
    )
    assert twice == pytest.approx(once + 60.0 - 2 * 4.0)


def test_in_a_campaign_no_concession_is_expected_whatever_a_district_is_believed_to_bear():
    shown, prospect = seen(np.full(24, 2.0), harm=np.full(24, 20.0)), Prospect(1e3, 24 * 20, 4.0)
    worth = {
        theta: whole_gain(POWER_AND_WATER, shown, prospect, BadActorParameters(threshold_h=theta))
        for theta in (1.0, 1e6)
    }
    assert worth[1.0] == worth[1e6] == pytest.approx(20 * 48.0 - 19 * 4.0), (
        "every day is struck, without rest"
    )


# ---- options by edge --------------------------------------------------------------------------------


def options_of(holding: Holding, foothold: tuple[str, ...], action: str = "A1") -> list[Option]:
    """Options of a coercer for *action* in a city of one district, given who holds its breakers."""
    control = ControlGraph(Charter().with_control(breakers=holding).control, ("North",))
    found = chances_of(
        "coercer", foothold, Arsenal(control, Contest(control.principals, {})), BadActorParameters()
    )
    return [option for option in found.options if option.strike.action == action]


TOWN = "municipality:North"
BOTH = (ROOM, "municipality")


def test_an_asset_held_needs_no_capture_and_another_needs_its_holder_captured():
    (held,), (not_held,) = (options_of(Holding((ROOM,)), hands) for hands in ((ROOM,), ()))
    assert (held.strike, held.captures) == (Strike("A1", "North"), ())
    assert not_held.captures == (ROOM,)


def test_two_keys_need_every_holder_that_is_not_held():
    two_keys = Holding(BOTH, "both")
    assert [set(options_of(two_keys, hands)[0].captures) for hands in ((), (ROOM,), (ROOM, TOWN))] == [
        {ROOM, TOWN},
        {TOWN},
        set(),
    ]


def test_of_several_holders_the_weakest_is_tried():
    (option,) = options_of(Holding(BOTH, "any"), ())
    assert option.captures == (TOWN,), "security 1.5 against 4"


def test_an_asset_without_a_holder_is_no_option():
    assert options_of(Holding(()), (ROOM,)) == []


def test_a_cartel_without_a_supplier_does_nothing(hamlet):
    society = hamlet([], "cartel:random", 1, 3, {"attacker.first_hour": 1})
    assert society.outcomes["attacks_begun"] == 0.0


@pytest.mark.parametrize("rollouts", [1, 3, 7, 12, 25])
def test_a_search_that_runs_out_of_rollouts_ends(rollouts):
    """A plan with captures that was never tried is worth least, not undefined."""
    needy = chances({STRIKES[1]: (ROOM,)})
    search = Search(
        needy, lambda plan, hours: float(len(plan.strikes)), False, MindParameters(rollouts=rollouts)
    )
    found = search.best()
    assert search.used <= rollouts
    assert search.worth(found) == search.worth(found), "a number"


# ---- what it can reach ------------------------------------------------------------------------------


def test_places_within_reach_are_those_with_the_fewest_captures():
    needs = {strike: (ROOM,) for strike in STRIKES if strike.where in ("North", "East")}
    assert chances(needs).within_reach() == ("South", "West")
    everywhere = dict.fromkeys(STRIKES, (ROOM,))
    assert chances(everywhere).within_reach() == PLACES
    assert chances(strikes=()).within_reach() == ()
    assert replace(chances(), options=()).within_reach() == PLACES, "nothing can be struck anywhere"


def test_the_random_mind_chooses_among_what_it_can_reach_and_keeps_its_choice_where_it_can():
    needs = {strike: (ROOM,) for strike in STRIKES if strike.where in ("North", "East")}
    pairs = [
        tuple(
            RandomMind(Streams(seed), "coercer", can, "", 0.5).target for can in (chances(), chances(needs))
        )
        for seed in range(1, 201)
    ]
    assert {here for _, here in pairs} == {"South", "West"}
    assert all(free == here for free, here in pairs if free in ("South", "West"))
    south = sum(here == "South" for _, here in pairs)
    assert 70 < south < 130, "each with the same chance"


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_cap_on_ownership_does_not_put_the_target_out_of_reach(hamlet, seed):
    """One of two control rooms holds half of the districts: the attacker attacks one of that half."""
    changes = {"attacker.first_hour": 0, "bad_actor.action_chance": 1.0}
    society = hamlet(["X-C4"], "coercer:random", seed, 2, changes)
    (actor,) = society.attackers
    assert actor.orders
    assert {order.asset.partition(":")[2] for order in actor.orders} == {actor.mind.target}
