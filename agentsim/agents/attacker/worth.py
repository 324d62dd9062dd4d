"""What a plan is worth before it is known whether its captures succeed."""

from collections.abc import Callable
from dataclasses import replace

from agentsim.agents.attacker.chances import Chances
from agentsim.agents.attacker.mind import Plan

Payoff = Callable[[Plan, int], float]  # plan, hours of rollout -> payoff over the whole run


def expected_payoff(plan: Plan, hours: int, chances: Chances, payoff: Payoff) -> float:
    """Payoff of a plan over the chances of its captures [units].

    Parameters
    ----------
    hours : of the rollouts
    payoff : of a plan whose captures succeed

    Notes
    -----
    With *q* the chance that all captures succeed and go unnoticed (systems of one vendor are captured
    together), and some strikes that need no capture, it is ``V(held) + q (V(all) - V(held))``; in V(held) the
    effort is spent as well. Where every strike needs a capture, the attacker tries again after it has failed:
    ``sum_k (1-q)^k q V_k + (1-q)^K V(nothing)``, with *V_k* the value when the first *k* tries have failed,
    have cost *k e* and the days that they took, and *K* the tries that run and budget allow; V(nothing) is
    their cost, ``-K e``. An attempt that fails in part is taken to have failed.
    """
    if not plan.efforts:
        return payoff(plan, hours)
    needs = {option.strike: option.captures for option in chances.options}
    held = tuple(strike for strike in plan.strikes if not needs[strike])
    chance = chances.capture_chance(dict(plan.efforts))
    if held:
        whole = payoff(plan, hours)
        without = payoff(replace(plan, strikes=held, efforts=(), wasted=plan.effort), hours)
        return float("-inf") if float("-inf") in (whole, without) else without + chance * (whole - without)
    return _tried_again(plan, hours, chance, chances, payoff)


def _tried_again(plan: Plan, hours: int, chance: float, chances: Chances, payoff: Payoff) -> float:
    effort, tries = plan.effort, chances.tries(plan.effort)
    total, left = 0.0, 1.0  # value so far, chance that all tries so far have failed
    for failed in range(tries):
        late = replace(plan, wasted=failed * effort, late_days=failed * chances.retry_days)
        value = payoff(late, hours)
        if value == float("-inf"):  # beyond the allowed rollouts, and never tried
            tries = failed
            break
        total += left * chance * value
        left *= 1.0 - chance
    if not tries:
        return float("-inf")
    return total + left * payoff(Plan(wasted=tries * effort), hours)
