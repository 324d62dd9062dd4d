"""Sanctions: what an attacker expects for an episode, what it pays, and what deters it more."""

from functools import partial

import numpy as np
import pytest

from agentsim.agents.attacker.actions import BadActorParameters
from agentsim.agents.attacker.belief import felt_sanction
from agentsim.experiments.statistics.interval_methods import clopper_pearson
from tests.agents.test_campaigns import actor_of

slow = partial(pytest.param, marks=pytest.mark.slow)
DAYS, SEEDS, FINE = 7 * 60, 8, 80.0
# it strikes every day whatever it fears, and hardly has an opinion of the monitor
RECKLESS = {
    "attacker.first_hour": 0,
    "attacker.target": "Riverside",
    "attacker.budget": 1e6,
    "bad_actor.action_chance": 1.0,
    "bad_actor.prize": [1e6] * 4,
    "bad_actor.prior_proven": 0.1,
    "bad_actor.prior_unproven": 0.1,
    "mechanisms.revocation": False,
    "detection.audits_per_day": 0.0,
    "policy.X-C4.inspections_per_month": 0.0,
    "policy.X-C4.sanction": FINE,
}


def live_without_networks(hamlet, attacker: str, seed: int, days: int, changes, rehearsal: bool = False):
    """An attacker and a monitor over many weeks: orders and cases, nothing else."""
    society = hamlet(["X-C4"], attacker, seed, changes=changes)
    actor_of(society).rehearsal = rehearsal
    actor, units, pumps = (
        actor_of(society),
        len(society.place.grid.unit_bus),
        len(society.place.water.pump_id),
    )
    for _ in range(24 * days):
        orders = actor.decide(society.hour, society.control)
        society.monitor.step()
        society.monitor.witness(society.hour, society.control.permit(orders, units, pumps))
        society.hour += 1
    return actor


def siege(hamlet, enforcement: float, seed: int, days: int = DAYS, rehearsal: bool = False):
    """A saboteur that is not to be deterred."""
    changes = {**RECKLESS, "policy.X-C4.enforcement": enforcement}
    return live_without_networks(hamlet, "saboteur:random", seed, days, changes, rehearsal)


@pytest.mark.parametrize("enforcement", [slow(0.1), 0.34, slow(0.9)])
def test_the_sanction_that_is_expected_for_an_episode_is_the_one_that_is_paid(hamlet, enforcement):
    actors = [siege(hamlet, enforcement, seed) for seed in range(1, SEEDS + 1)]
    episodes = [one for actor in actors for one in actor.knows.episodes if one.over]
    assert len(episodes) >= SEEDS * (DAYS // 7 - 1)
    paid = sum(actor.sanctions_paid for actor in actors) / len(episodes)
    low, high = clopper_pearson(sum(one.sanctioned for one in episodes), len(episodes))
    assert FINE * low <= paid <= FINE * high
    expected = float(np.mean([actor.expected_sanction for actor in actors]))
    assert FINE * low <= expected <= FINE * high
    assert paid <= FINE * enforcement * 1.2, "a proof is needed as well"


def test_an_episode_is_paid_for_once_however_much_was_proven_in_it(hamlet):
    actor = siege(hamlet, 1.0, seed=1, days=70)
    proven = [one for one in actor.model.monitor.verdicts if one.proven]
    paid = [one for one in actor.knows.episodes if one.sanctioned]
    assert len(proven) > len(paid) > 0, "three networks, one sanction"
    assert actor.sanctions_paid == FINE * len(paid)
    assert all(one.judged for one in paid)


def test_a_rehearsal_reckons_with_the_mean_of_sanctions_and_not_with_their_luck(hamlet):
    actors = [siege(hamlet, 0.34, seed, days=70, rehearsal=True) for seed in (1, 2, 3)]
    for actor in actors:
        judged = [one for one in actor.knows.episodes if one.judged]
        assert actor.sanctions_paid == pytest.approx(0.34 * FINE * len(judged))
    carried_out = [one.sanctioned for actor in actors for one in actor.knows.episodes if one.judged]
    assert 0 < sum(carried_out) < len(carried_out), "what it learns is what happened"


# ---- certainty and severity ---------------------------------------------------------------------------

TVERSKY_KAHNEMAN = {"loss_aversion": 2.25, "exponent": 0.88}


def test_with_diminishing_sensitivity_certainty_deters_more_than_severity():
    certain, severe = (felt_sanction(p, f, **TVERSKY_KAHNEMAN) for p, f in ((0.8, 100.0), (0.2, 400.0)))
    assert certain > 1.2 * severe


def test_who_is_neutral_to_risk_cannot_tell_them_apart_and_with_rising_sensitivity_it_is_the_other_way():
    neutral = [felt_sanction(p, f, 1.0, 1.0) for p, f in ((0.8, 100.0), (0.2, 400.0))]
    assert neutral[0] == pytest.approx(neutral[1]) == pytest.approx(80.0)
    rising = [felt_sanction(p, f, 1.0, 1.2) for p, f in ((0.8, 100.0), (0.2, 400.0))]
    assert rising[0] < rising[1], "then severity deters more"


@pytest.mark.parametrize("size", [10.0, 80.0, 400.0])
def test_averse_to_losses_a_sanction_weighs_more_than_its_mean(size):
    assert felt_sanction(0.3, size, 2.25, 1.0) == pytest.approx(2.25 * 0.3 * size)
    assert felt_sanction(0.0, size, **TVERSKY_KAHNEMAN) == 0.0


def attack_days(hamlet, enforcement: float, sanction: float) -> float:
    """Share of eight weeks on which it strikes, with what it believes and gains by default."""
    usual = BadActorParameters()
    beliefs = {"bad_actor.prior_proven": usual.prior_proven, "bad_actor.prior_unproven": usual.prior_unproven}
    law = {"policy.X-C4.enforcement": enforcement, "policy.X-C4.sanction": sanction}
    plan = {"bad_actor.prize": list(usual.prize), "attacker.strikes": ["A1 Southshore"]}
    changes = {**RECKLESS, **beliefs, **law, **plan}
    struck = [
        live_without_networks(hamlet, "rent_seeker:scripted", seed, 56, changes).days_struck / 56
        for seed in range(1, 6)
    ]
    return float(np.mean(struck))


def test_with_defaults_there_is_a_region_where_sanctions_deter(hamlet):
    weak, certain, severe = (attack_days(hamlet, e, f) for e, f in ((0.1, 40.0), (1.0, 80.0), (0.34, 400.0)))
    assert weak == 1.0
    assert certain < 0.7, "an attack of 60 units begins, and does not go on"
    assert severe < 0.1, "it hardly begins"
    assert attack_days(hamlet, 0.0, 400.0) == 1.0, "a threat that is never carried out deters nobody"
