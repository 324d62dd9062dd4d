"""What must not raise harm, and what must not move it: one fixed scripted campaign, paired seeds.

A coercer cuts Southshore off from power, water and roads. Means are over paired seeds; more of a means of
defence may raise mean deprivation by no more than a thousandth.
"""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from agentsim.report.tables import HEADLINES
from agentsim.society.offices import Offices

CAMPAIGN = {
    "hours": 168,
    "attacker.first_hour": 24,
    "attacker.budget": 1000.0,
    "attacker.strikes": ["A1 Southshore", "A4 Southshore", "A6 Southshore"],
    # municipalities run wells and microgrids, and do not undo the cut
    "policy.E-C2.authority": 2,
    "policy.W-C1.authority": 2,
    "municipalities.restore_median_h": 1000.0,
}
HIDDEN = CAMPAIGN | {
    "hours": 240,
    "attacker.strikes": ["A2 power Southshore 0.1", "A2 water Southshore 0.4"],
    # reporting meters alone lead to a verdict, which always takes equally long
    "detection.audits_per_day": 0.0,
    "policy.X-C4.inspections_per_month": 0.0,
    "monitor.delay_sigma": 0.0,
}
# policies, number, its values from little to much, campaign
MEANS = {
    "bottles": (("X-C5",), "policy.X-C5.water_l_per_person", (4.0, 21.0, 60.0), CAMPAIGN),
    "energy bank": (("X-C5",), "policy.X-C5.energy_kwh", (0.0, 2.0, 8.0), CAMPAIGN),
    "food": (("X-C5",), "policy.X-C5.food_days", (3.0, 7.0, 14.0), CAMPAIGN),
    "grid storage": (("E-S4",), "policy.E-S4.li_ion_h", (0.0, 0.2, 1.0), CAMPAIGN),
    "wells": (("W-C1",), "policy.W-C1.well_demand_frac", (0.0, 0.3, 1.0), CAMPAIGN),
    "wells' tanks": (("W-C1",), "policy.W-C1.well_tank_h", (0.0, 6.0, 24.0), CAMPAIGN),
    "microgrid": (("E-C2",), "policy.E-C2.microgrid_h", (0.0, 4.0, 24.0), CAMPAIGN),
    "reporters": (("X-C2", "X-C4"), "policy.X-C2.reporting_frac", (0.05, 0.3, 0.9), HIDDEN),
}


def live(hamlet, changes, policies=(), seed=1):
    return hamlet(policies, "coercer:scripted", seed, changes["hours"], changes)


def mean_harm(hamlet, means: str, amount: float, seeds: range) -> float:
    policies, number, _, campaign = MEANS[means]
    lived = [live(hamlet, campaign | {number: amount}, policies, seed) for seed in seeds]
    return float(np.mean([society.measured["deprivation_mean"] for society in lived]))


@pytest.mark.parametrize("means", ["bottles", "wells"])
def test_more_of_a_means_does_not_raise_harm_in_one_pair(hamlet, means):
    _, _, (little, *_, much), _ = MEANS[means]
    assert mean_harm(hamlet, means, much, range(1, 2)) <= mean_harm(hamlet, means, little, range(1, 2))


@pytest.mark.slow
@pytest.mark.parametrize("means", MEANS)
def test_more_of_a_means_does_not_raise_mean_harm(hamlet, means):
    harm = [mean_harm(hamlet, means, amount, range(1, 11)) for amount in MEANS[means][2]]
    assert harm[0] > 0.0
    for less, more in pairwise(harm):
        assert more <= less * 1.001, f"{means}: {harm}"


def test_two_equal_policies_differ_by_exactly_nothing(hamlet):
    one, other = (live(hamlet, CAMPAIGN | {"hours": 96}, ids) for ids in (["X-C5", "W-C1"], ["W-C1", "X-C5"]))
    assert (one.record._at == other.record._at).all()
    assert (one.record._city == other.record._city).all()
    assert one.measured == pytest.approx(other.measured, rel=0, abs=0, nan_ok=True)


def test_a_policy_without_its_means_differs_by_exactly_nothing(hamlet):
    """Bottles of which nobody may drink: the same world to the last bit."""
    empty = CAMPAIGN | {"hours": 96, "mechanisms.household_stocks": False, "mechanisms.charges": False}
    with_it, without = (live(hamlet, empty, ids) for ids in (["X-C5"], []))
    assert (with_it.record._at == without.record._at).all()
    assert (with_it.record._city == without.record._city).all()


def test_the_order_of_officers_does_not_matter(hamlet, monkeypatch):
    policies = ["E-C2", "W-C1", "X-C4"]
    usual = live(hamlet, CAMPAIGN | {"municipalities.restore_median_h": 3.0}, policies)
    in_order = Offices._officers.fget
    monkeypatch.setattr(Offices, "_officers", property(lambda offices: in_order(offices)[::-1]))
    other = live(hamlet, CAMPAIGN | {"municipalities.restore_median_h": 3.0}, policies)
    assert (usual.record._at == other.record._at).all()
    assert (usual.record._city == other.record._city).all()


@pytest.mark.slow
def test_the_number_of_simulated_households_moves_no_headline(hamlet):
    """Ten times as many rows for the same city: within 2 %, or within the 99.9 % interval of ten seeds."""
    few, many = (
        np.array(
            [
                [
                    live(hamlet, CAMPAIGN | {"place.households": rows}, seed=seed).measured[name]
                    for name, _ in HEADLINES
                ]
                for seed in range(1, 11)
            ]
        )
        for rows in (1_000, 10_000)
    )
    difference, width = (many - few).mean(axis=0), stats.t.ppf(0.9995, 9) * stats.sem(many - few)
    for (name, _), gap, half, usual in zip(HEADLINES, difference, width, few.mean(axis=0), strict=True):
        assert np.isnan(usual) or abs(gap) <= max(0.02 * abs(usual), half), f"{name}: {gap} of {usual}"
