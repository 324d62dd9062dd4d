"""The random bad actor: it needs a control edge, pays by the day, and stops when its budget is spent."""

from itertools import pairwise

import numpy as np
import pytest

from agentsim.agents.attacker.actions import BadActorParameters, Strike, cost_per_day
from agentsim.agents.attacker.bad_actor import BadActor, parse_attacker
from agentsim.agents.attacker.chances import Chances, Option
from agentsim.agents.attacker.mind import Plan, PlannedMind, RandomMind
from agentsim.core.messages import Order
from agentsim.core.streams import Streams
from agentsim.policies import POLICIES

POWER, WATER, TRAFFIC = "power_control_room", "water_control_room", "traffic_control_room"
ACTION_OF = {"breakers": "A1", "inlet_valves": "A4", "road_closures": "A6"}


@pytest.fixture
def attacked(hamlet):
    """Build a hamlet attacked from its first hour; returns the actor and the control graph."""

    def build(policies=(), seed: int = 1, **attacker) -> tuple[BadActor, object]:
        keys = {"first_hour": 0, "target": "Riverside"} | attacker
        # hidden cuts are beyond its means here, and no district gives in: tests of their own follow
        changes = {f"attacker.{key}": value for key, value in keys.items()} | {
            "bad_actor.cost_per_day": [2.0, 1e3, 1.0, 2.0, 6.0, 2.0, 4.0, 5.0, 8.0],
        }
        society = hamlet(policies, "coercer:random", seed, changes=changes)
        return next(iter(society.bad_actors)), society.control

    return build


def live(actor: BadActor, control, days: int) -> list[list[Order]]:
    """Orders of each hour, for a number of days."""
    return [actor.decide(hour, control) for hour in range(24 * days)]


def kinds(orders: list[Order]) -> set[str]:
    return {order.asset.split(":")[0] for order in orders}


# ---- the random mind --------------------------------------------------------------------------------

PLACES = tuple(f"district {d}" for d in range(8))
MAY = ("A1", "A4", "A6")


def mind_of(
    seed: int = 5, kind: str = "coercer", target: str = "district 3", chance: float = 0.5
) -> RandomMind:
    """A random mind that holds every edge of every district."""
    options = tuple(Option(Strike(action, place)) for place in PLACES for action in MAY)
    return RandomMind(Streams(seed), kind, Chances(PLACES, options, {}, {}), target, chance)


def actions(mind: RandomMind, days: int) -> list[set[str]]:
    return [{strike.action for strike in mind.strikes_on(day)} for day in range(days)]


def test_each_action_is_taken_on_half_of_the_days() -> None:
    days = actions(mind_of(), 2000)
    for action in MAY:
        share = np.mean([action in taken for taken in days])
        assert share == pytest.approx(0.5, abs=0.05), f"{action}: 0.5 within four standard errors"
    together = np.mean(["A1" in taken and "A4" in taken for taken in days])
    assert together == pytest.approx(0.25, abs=0.05), "one lot for each action, not one for all"


def test_a_higher_action_chance_means_more_actions() -> None:
    assert actions(mind_of(chance=0.0), 5) == [set()] * 5
    assert actions(mind_of(chance=1.0), 5) == [set(MAY)] * 5


def test_days_are_the_same_for_the_same_seed_only() -> None:
    lives = [actions(mind_of(seed), 30) for seed in (1, 1, 2)]
    assert lives[0] == lives[1] != lives[2]


def test_a_coercer_keeps_one_district_and_a_saboteur_changes() -> None:
    def struck(kind: str) -> set[str]:
        mind = mind_of(kind=kind, chance=1.0)
        return {strike.where for day in range(60) for strike in mind.strikes_on(day)}

    assert struck("coercer") == {"district 3"}
    assert len(struck("saboteur")) == len(PLACES)


def test_the_random_mind_takes_no_action_that_needs_a_capture() -> None:
    options = (Option(Strike("A1", "here")), Option(Strike("A4", "here"), ("water_control_room",)))
    mind = RandomMind(Streams(1), "coercer", Chances(("here",), options, {}, {}), "here", 1.0)
    assert actions(mind, 5) == [{"A1"}] * 5
    assert mind.efforts() == {}


def test_targets_are_drawn_in_equal_parts() -> None:
    targets = [mind_of(seed, target="").target for seed in range(400)]
    count = [targets.count(place) for place in PLACES]
    assert sum(count) == 400
    assert min(count) > 25, "50 each, less three and a half standard deviations"


def test_the_target_of_a_seed_is_the_same_under_every_policy(hamlet) -> None:
    def target(policies: list[str], seed: int) -> str:
        return next(iter(hamlet(policies, "coercer:random", seed).bad_actors)).mind.target

    of_seed = [target([], seed) for seed in range(1, 7)]
    assert len(set(of_seed)) > 1
    for policy in POLICIES:  # that two targets of eight agree by chance is rare
        assert [target([policy], seed) for seed in (1, 2)] == of_seed[:2], policy


def test_a_named_target_is_kept(hamlet) -> None:
    society = hamlet([], "coercer:random", changes={"attacker.target": "Harbour"})
    assert next(iter(society.bad_actors)).mind.target == "Harbour"


@pytest.mark.parametrize("name", ["corecer", "coercer:chess", "none:chess"])
def test_an_unknown_attacker_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(ValueError, match="is unknown; known: "):
        parse_attacker(name)


def test_nobody_attacks_where_the_attacker_is_none(hamlet) -> None:
    assert len(hamlet(attacker="none").bad_actors) == 0


# ---- edges ------------------------------------------------------------------------------------------


def test_it_orders_only_what_its_control_rooms_may_do(attacked) -> None:
    for room, expected in ((POWER, "breakers"), (WATER, "inlet_valves"), (TRAFFIC, "road_closures")):
        actor, control = attacked(foothold=[room])
        hours = live(actor, control, 20)
        given = [order for orders in hours for order in orders]
        assert kinds(given) == {expected}
        assert {order.principal for order in given} == {room}
        assert {order.asset for order in given} == {f"{expected}:Riverside"}


def test_without_an_edge_it_gives_no_order_and_pays_nothing(attacked) -> None:
    for foothold in ([], ["municipality:Harbour"]):
        actor, control = attacked(foothold=foothold)
        assert not any(live(actor, control, 10))
        assert (actor.spent, actor.attacks_begun) == (0.0, 0)


def test_a_captured_municipality_cuts_itself_off_where_it_holds_the_breakers(attacked) -> None:
    foothold = ["municipality:Riverside"]
    before, control = attacked(foothold=foothold)
    assert not any(live(before, control, 10))
    after, control = attacked(["E-C2"], foothold=foothold)
    assert {kind for orders in live(after, control, 10) for kind in kinds(orders)} == {"breakers"}


def test_trunk_valves_are_used_only_without_an_inlet_valve(attacked) -> None:
    central, control = attacked(foothold=[WATER])
    local, local_control = attacked(["W-C1"], foothold=[WATER])
    assert {kind for orders in live(central, control, 10) for kind in kinds(orders)} == {"inlet_valves"}
    assert {kind for orders in live(local, local_control, 10) for kind in kinds(orders)} == {"trunk_valves"}


def test_losing_the_edge_during_a_day_ends_the_order(attacked) -> None:
    actor, control = attacked(foothold=[POWER])
    begins = next(hour for hour in range(0, 240, 24) if actor.decide(hour, control))
    assert actor.decide(begins + 1, control)
    _, without = attacked(["E-C2"], foothold=[POWER])
    assert actor.decide(begins + 2, without) == []


def test_without_the_control_graph_no_edge_is_needed(hamlet) -> None:
    society = hamlet(
        attacker="coercer:random",
        changes={"mechanisms.control_graph": False, "attacker.foothold": [TRAFFIC], "attacker.first_hour": 0},
    )
    given = live(next(iter(society.bad_actors)), society.control, 20)
    assert {kind for orders in given for kind in kinds(orders)} >= {
        *ACTION_OF,
        "home_devices",
        "power_record",
    }


# ---- budget and time --------------------------------------------------------------------------------


def test_it_pays_for_each_day_of_each_action(attacked) -> None:
    actor, control = attacked(budget=900.0, seed=2)
    price = {
        kind: cost_per_day(Strike(action, ""), BadActorParameters()) for kind, action in ACTION_OF.items()
    }
    bill = 0.0
    for hour, orders in enumerate(live(actor, control, 15)):
        if hour % 24 == 0:
            bill += sum(price[kind] for kind in kinds(orders))
            today = kinds(orders)
        assert kinds(orders) == today, "a plan stands for the day"
    assert actor.spent == pytest.approx(bill)
    assert bill > 20.0


def test_it_stops_when_the_budget_is_spent(attacked) -> None:
    actor, control = attacked(budget=9.0)
    hours = live(actor, control, 30)
    assert 9.0 - 2.0 < actor.spent <= 9.0
    acted = [bool(orders) for orders in hours]
    assert any(acted[:240])
    assert not any(acted[240:]), "nine units last a few days"


def test_nothing_is_ordered_before_its_first_hour(attacked) -> None:
    actor, control = attacked(first_hour=30)
    acted = [hour for hour, orders in enumerate(live(actor, control, 20)) if orders]
    assert acted
    assert acted[0] >= 30
    assert all((hour - 30) % 24 == 0 for hour in acted if hour - 1 not in acted), (
        "its days begin at that hour"
    )


def test_an_attack_begins_when_calm_ends(attacked) -> None:
    actor, control = attacked(foothold=[POWER], budget=900.0, seed=6)
    acted = [False, *(bool(orders) for orders in live(actor, control, 60)[::24])]
    begun = sum(now and not before for before, now in pairwise(acted))
    assert begun > 3
    assert actor.attacks_begun == begun


def test_deprivation_is_mostly_in_the_target(hamlet) -> None:
    changes = {"attacker.first_hour": 0, "attacker.target": "Riverside", "mechanisms.failures": False}
    society = hamlet(attacker="coercer:random", seed=3, hours=48, changes=changes)
    people = society.population
    there = people.homes.district == society.place.districts.name.index("Riverside")
    assert people.hardship.deprivation_h[there].mean() > 5 * people.hardship.deprivation_h[~there].mean()
    assert people.hardship.deprivation_h[there].mean() > 1.0


# ---- other kinds, and captures ----------------------------------------------------------------------


def test_a_cartel_withholds_at_its_own_terminals(hamlet) -> None:
    owner = hamlet().place.supply.terminal_supplier[0]
    changes = {"attacker.first_hour": 0, "attacker.foothold": [f"supplier:{owner}"]}
    society = hamlet(attacker="cartel:random", seed=2, changes=changes)
    given = [
        order for orders in live(next(iter(society.bad_actors)), society.control, 10) for order in orders
    ]
    assert given
    assert {(order.asset, order.action) for order in given} == {(f"terminals:{owner}", "withhold")}


def test_a_saboteur_strikes_several_districts(hamlet) -> None:
    society = hamlet(attacker="saboteur:random", seed=2, changes={"attacker.first_hour": 0})
    hours = live(next(iter(society.bad_actors)), society.control, 10)
    local = [[order.asset for order in orders if ":" in order.asset] for orders in hours]
    districts = [{asset.split(":")[1] for asset in assets} for assets in local]
    assert all(len(struck) <= 1 for struck in districts), "one district a day"
    assert len(set.union(*districts)) > 2


def captor(society, effort: float, budget: float = 100.0, rehearsal: bool = False) -> BadActor:
    """A bad actor without a foothold that plans to capture the power control room, then strike."""
    plan = Plan((Strike("A1", "Riverside"),), ((POWER, effort),))
    like = next(iter(society.bad_actors))
    given = (
        society,
        "coercer",
        PlannedMind(plan),
        like.chain,
        (),
        budget,
        0,
        BadActorParameters(),
        like.stake,
    )
    return BadActor(*given, rehearsal=rehearsal)


def test_a_capture_costs_its_effort_whether_or_not_it_succeeds(hamlet) -> None:
    won = []
    for seed in range(1, 13):
        society = hamlet(attacker="coercer:random", seed=seed, changes={"mechanisms.kill_chain": False})
        actor = captor(society, effort=4.0)
        hours = live(actor, society.control, 3)
        assert POWER in actor.captured or not any(hours)
        won.append(POWER in actor.captured)
        assert actor.spent == 4.0 + 3 * 2.0 * won[-1]
    assert 2 <= sum(won) <= 10, "effort 4 against security 4 is a toss-up (mechanisms S1)"


def test_a_rehearsal_assumes_that_captures_succeed(hamlet) -> None:
    society = hamlet(attacker="coercer:random")
    actor = captor(society, effort=0.01, rehearsal=True)
    assert {kind for orders in live(actor, society.control, 2) for kind in kinds(orders)} == {"breakers"}


def test_a_captured_municipality_is_silent_while_its_district_is_struck(attacked) -> None:
    actor, control = attacked(["E-C2"], foothold=["municipality:Riverside"], budget=900.0)
    assert actor.silenced == frozenset()
    struck = [bool(actor.decide(hour, control)) == bool(actor.silenced) for hour in range(240)]
    assert all(struck)
    assert actor.attacks_begun > 0
