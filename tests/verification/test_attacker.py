"""The attacker that plans: no worse for it than chance, close to exhaustive search, and quick enough."""

from dataclasses import replace

import numpy as np
import pytest

from agentsim import load
from agentsim.agents.attacker.mind import Plan
from agentsim.agents.attacker.search import Search
from agentsim.society.planning import plan_attack
from agentsim.society.rehearsal import Rehearsal
from agentsim.society.society import Society

SCENARIO = "scenarios/hostile_operator.toml"


def gained(scenario, policies: tuple[str, ...], mind: str, seeds: range) -> np.ndarray:
    """Payoff of the attacker by its own account, array (seeds,)."""
    plan = (
        plan_attack(scenario, policies, "coercer:best_response", Society) if mind == "best_response" else None
    )
    runs = [Society(scenario, policies, f"coercer:{mind}", seed, plan=plan) for seed in seeds]
    return np.array([run.run().attackers[0].payoff for run in runs])


@pytest.mark.slow
@pytest.mark.parametrize("policies", [(), ("W-C1",), ("X-C1",), ("X-C5",)])
def test_planning_is_never_worse_for_the_attacker_than_chance(policies: tuple[str, ...]) -> None:
    scenario = load(SCENARIO).replace("place.households", 1000)
    planned = gained(scenario, policies, "best_response", range(1, 5))
    by_chance = gained(scenario, policies, "random", range(1, 5))
    difference = planned - by_chance
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    print(f"{policies or 'no policy'}: planned {planned.mean():.0f}, by chance {by_chance.mean():.0f}")
    assert difference.mean() > -3.0 * error


@pytest.mark.slow
def test_the_gap_to_exhaustive_search_on_a_small_case(capsys: pytest.CaptureFixture) -> None:
    """Three districts, three actions, a week: all plans are tried, and the heuristic is held against them."""
    scenario = load(SCENARIO)
    for key, value in (("place.districts", 3), ("place.households", 300), ("hours", 240)):
        scenario = scenario.replace(key, value)
    scenario = scenario.replace("mind.horizons_h", [24, 48, 96])
    chances = Rehearsal(scenario, (), "coercer", Society).chances()
    # open cuts only, so that all plans can be tried
    chances = replace(
        chances, options=tuple(o for o in chances.options if o.strike.action in ("A1", "A4", "A6"))
    )

    def payoff(plan: Plan, hours: int) -> float:
        run = Society(scenario, (), "coercer", 7, plan=plan, start_hour=66).run(6 + hours)
        return float(np.nan_to_num(run.outcomes["deprivation_target_district"]))

    heuristic = Search(chances, payoff, True, scenario.parameters.mind)
    found = heuristic.worth(heuristic.best())
    whole = Search(chances, payoff, True, scenario.parameters.mind)
    best = whole.worth(whole.exhaustive())
    with capsys.disabled():
        print(f"\nbest response {found:.2f}, exhaustive {best:.2f}, gap {1 - found / best:.1%}")
    assert heuristic.used <= 60
    assert found >= 0.9 * best
