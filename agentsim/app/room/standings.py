"""How groups stand in a round: guess against truth, harm against price, payoff against the best response."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agentsim.app.replay import policy_prices, scenario_list
from agentsim.app.room.needed_runs import CASE, WITHOUT, best_against, faced_by, of_group, table_of
from agentsim.app.room.room import Room
from agentsim.app.room.rounds import ATTACK, DEFEND, PREDICT, Entry, Result, Round
from agentsim.experiments.statistics.intervals import mean_interval, ratio_interval
from agentsim.outcomes import OUTCOMES

PAYOFF = "attack_payoff"
NAN = math.nan


@dataclass(frozen=True)
class Standing:
    """A group's place in a round. Numbers are nan where they do not apply or are not known yet.

    Attributes
    ----------
    harm, low, high : in the round's outcome; the interval over repetitions
    price : of its countermeasures [JPY/household/y]
    payoff, best : of its attack and of the planning attacker's [units]
    score, score_low, score_high : payoff as a share of the best response's [%]
    guess, off_by : its prediction, and the distance from the truth
    places : best and worst place that the intervals allow; (0, 0) if unknown
    undominated : defend: no other group has less harm at no higher price
    """

    group: int
    policies: tuple[str, ...] = ()
    harm: float = NAN
    low: float = NAN
    high: float = NAN
    price: float = NAN
    payoff: float = NAN
    best: float = NAN
    score: float = NAN
    score_low: float = NAN
    score_high: float = NAN
    guess: float = NAN
    off_by: float = NAN
    places: tuple[int, int] = (0, 0)
    undominated: bool = False
    repetitions: int = 0
    error: tuple[str, str] = ("", "")


def standings(room: Room, round: Round) -> list[Standing]:
    """All groups that have handed in, the best first."""
    found = [standing_of(room, round, one) for one in room.entries(round)]
    if round.kind == PREDICT:
        return ranked(found, "off_by", more_is_better=False)
    if round.kind == ATTACK:
        return ranked(found, "score", more_is_better=True)
    more_is_better = OUTCOMES[round.outcome].better > 0
    return with_undominated(ranked(found, "harm", more_is_better), more_is_better)


def standing_of(room: Room, round: Round, entry: Entry) -> Standing:
    """How one group stands by itself, without its place among the others."""
    if round.kind == PREDICT:
        return _prediction(room, round, entry)
    return _attack(room, round, entry) if round.kind == ATTACK else _defence(room, round, entry)


def truth(room: Room, round: Round) -> float:
    """The outcome that a prediction round asks for; nan if it is not known yet."""
    return _value(room.result(round, CASE), round.outcome)


def without(room: Room, round: Round) -> float:
    """The same outcome without countermeasures: over repetitions where groups have them, else of one run."""
    rows = [_row(room, round, one) for one in room.entries(round)] if round.kind == DEFEND else []
    means = [row["mean_without"] for row in rows if row.get("mean_without") is not None]
    return float(means[0]) if means else _value(room.result(round, WITHOUT), round.outcome)


def attack_score(payoff: float, best: float) -> float:
    """Payoff as a share of the best response's [%]; nan where the best response gains nothing.

    >>> attack_score(250.0, 500.0), attack_score(-50.0, 500.0), attack_score(10.0, 0.0)
    (50.0, -10.0, nan)
    """
    return 100.0 * payoff / best if best > 0 else NAN


def _prediction(room: Room, round: Round, entry: Entry) -> Standing:
    right, guess = truth(room, round), NAN if entry.guess is None else entry.guess
    return Standing(entry.group, guess=guess, harm=right, off_by=abs(guess - right))


def _defence(room: Room, round: Round, entry: Entry) -> Standing:
    scenario = scenario_list.scenario_named(round.scenario)
    result = room.result(round, of_group(entry.group))
    found = Standing(
        entry.group,
        policies=entry.policies,
        harm=_value(result, round.outcome),
        price=policy_prices.total_jpy(scenario, entry.policies, ()),
        error=result.error if result else ("", ""),
    )
    row = _row(room, round, entry)
    if row.get("mean") is None:
        return found
    base, least = row["mean_without"], -math.inf if OUTCOMES[round.outcome].kind == "balance" else 0.0
    if row["low"] is None or row["high"] is None or base is None:
        return replace(found, harm=row["mean"], repetitions=int(row["n"]))
    low, high = max(base + row["low"], least), base + row["high"]
    return replace(found, harm=row["mean"], low=low, high=high, repetitions=int(row["n"]))


def _row(room: Room, round: Round, entry: Entry) -> Mapping[str, Any]:
    """The repetitions of a group's choice in the outcome of the round; empty if there are none."""
    table = room.result(round, table_of(of_group(entry.group)))
    found: Mapping[str, Any] = (table.rows if table else {}).get(round.outcome, {})
    return found


def _attack(room: Room, round: Round, entry: Entry) -> Standing:
    policies = faced_by(room, round, entry)
    own, best = room.result(round, of_group(entry.group)), room.result(round, best_against(policies))
    payoff, other = _value(own, PAYOFF), _value(best, PAYOFF)
    found = Standing(
        entry.group,
        policies=policies,
        harm=_value(own, round.outcome),
        payoff=payoff,
        best=other,
        score=attack_score(payoff, other),
        error=own.error if own else ("", ""),
    )
    pairs = [(payoff, other)]
    for k in range(1, round.repeats):
        again = [room.result(round, name(k)) for name in _named(entry.group, policies)]
        pairs.append((_value(again[0], PAYOFF), _value(again[1], PAYOFF)))
    known = [(a, b) for a, b in pairs if not math.isnan(a) and not math.isnan(b)]
    if len(known) < 2:
        return found
    ratio = ratio_interval([a for a, _ in known], [b for _, b in known])
    mean, top = (mean_interval(values).mean for values in zip(*known, strict=True))
    return replace(
        found,
        payoff=mean,
        best=top,
        score=attack_score(mean, top),
        score_low=100.0 * ratio.low,
        score_high=100.0 * ratio.high,
        repetitions=len(known),
    )


def _named(group: int, policies: tuple[str, ...]) -> tuple:
    return (lambda k: of_group(group, k)), (lambda k: best_against(policies, k))


def _value(result: Result | None, outcome: str) -> float:
    return NAN if result is None else result.outcomes.get(outcome, NAN)


def ranked(found: Sequence[Standing], by: str, more_is_better: bool) -> list[Standing]:
    """Standings in order, each with the places that the intervals allow; unknown ones last.

    >>> one, two = Standing(1, harm=5.0, low=1.0, high=9.0), Standing(2, harm=7.0, low=6.0, high=8.0)
    >>> [(s.group, s.places) for s in ranked([two, one], "harm", more_is_better=False)]
    [(1, (1, 2)), (2, (1, 2))]
    """
    spans = {one.group: _span(one, by) for one in found}
    known = [one for one in found if not math.isnan(getattr(one, by))]
    order = sorted(known, key=lambda one: getattr(one, by), reverse=more_is_better)
    placed = []
    for one in order:
        low, high = spans[one.group]
        below = sum(spans[other.group][1] < low for other in known)
        above = sum(spans[other.group][0] > high for other in known)
        better, worse = (above, below) if more_is_better else (below, above)
        placed.append(replace(one, places=(better + 1, len(known) - worse)))
    return [*placed, *(one for one in found if math.isnan(getattr(one, by)))]


def _span(one: Standing, by: str) -> tuple[float, float]:
    value = getattr(one, by)
    low, high = {"harm": (one.low, one.high), "score": (one.score_low, one.score_high)}.get(by, (NAN, NAN))
    return (value, value) if math.isnan(low) or math.isnan(high) else (low, high)


def with_undominated(found: Sequence[Standing], more_is_better: bool) -> list[Standing]:
    """Marks the groups that no other beats in both harm and price.

    >>> values = {1: (5.0, 9.0), 2: (6.0, 9.0), 3: (7.0, 1.0)}
    >>> groups = [Standing(number, harm=harm, price=price) for number, (harm, price) in values.items()]
    >>> [one.undominated for one in with_undominated(groups, more_is_better=False)]
    [True, False, True]
    """
    sign = -1.0 if more_is_better else 1.0
    points = [(sign * one.harm, one.price) for one in found]

    def beaten(k: int) -> bool:
        harm, price = points[k]
        return any(a <= harm and b <= price and (a < harm or b < price) for a, b in points)

    return [
        replace(one, undominated=not math.isnan(one.harm) and not beaten(k)) for k, one in enumerate(found)
    ]
