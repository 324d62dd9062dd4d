"""Sentences of an attacker's plan, in English and Japanese: what it does where, from when, how often."""

from collections.abc import Iterable, Sequence

from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.core.units import HOURS_PER_DAY
from agentsim.report.wording.events import place_name
from agentsim.report.wording.names import Districts, action_name, principal_name, with_article

NO_PLAN = (
    "Nobody attacks: no plan that was found pays.",
    "攻撃なし:見つかった計画はどれも攻撃者の利益にならない。",
)


def plan_text(plan: Plan, first_hour: int, names: Districts = None) -> tuple[str, str]:
    """A plan in English and Japanese.

    Parameters
    ----------
    first_hour : of the run, in which it begins
    names : Japanese name of each district by its English name

    >>> plan = Plan((Strike("A1", "Harbour"), Strike("A4", "Harbour")), (("municipality:Harbour", 12.0),))
    >>> for text in plan_text(plan, 72, {"Harbour": "港"}):
    ...     print(text)
    In Harbour: power cut (A1) and water cut (A4). From day 4 00:00, every day. It first captures the \
municipality of Harbour (effort 12).
    港:送電停止(A1)、給水停止(A4)。4日目0時から毎日。先に港の自治体を乗っ取る(労力12)。
    """
    if not plan.strikes:
        return NO_PLAN
    day, hour = first_hour // HOURS_PER_DAY + 1, first_hour % HOURS_PER_DAY
    english = [_strikes_en(plan.strikes), f"From day {day} {hour:02d}:00, {_rhythm_en(plan)}."]
    japanese = [_strikes_ja(plan.strikes, names), f"{day}日目{hour}時から{_rhythm_ja(plan)}。"]
    if plan.efforts:
        captured = [f"{with_article(who)} (effort {effort:g})" for who, effort in plan.efforts]
        english.append(f"It first captures {_and(captured)}.")
        captured = [f"{principal_name(who, 'ja', names)}" for who, _ in plan.efforts]
        efforts = "、".join(f"{effort:g}" for _, effort in plan.efforts)
        japanese.append(f"先に{'、'.join(captured)}を乗っ取る(労力{efforts})。")
    return " ".join(english), "".join(japanese)


def _by_place(strikes: Iterable[Strike]) -> dict[str, list[Strike]]:
    found: dict[str, list[Strike]] = {}
    for strike in strikes:
        found.setdefault(strike.where, []).append(strike)
    return found


def _strikes_en(strikes: Sequence[Strike]) -> str:
    parts = []
    for where, there in _by_place(strikes).items():
        done = [f"{action_name(s.action, 'en')}{_strength(s)}" for s in there]
        parts.append(f"In {place_name(where, 'en')}: {_and(done)}.")
    return " ".join(parts)


def _strikes_ja(strikes: Sequence[Strike], names: Districts) -> str:
    parts = []
    for where, there in _by_place(strikes).items():
        done = [f"{action_name(s.action, 'ja')}{_strength(s)}" for s in there]
        parts.append(f"{place_name(where, 'ja', names)}:{'、'.join(done)}。")
    return "".join(parts)


def _strength(strike: Strike) -> str:
    """How strongly, where that is less than all; an overdose has a factor of its own."""
    return f" {100 * strike.value:g} %" if strike.value < 1.0 else ""


def _rhythm_en(plan: Plan) -> str:
    if not plan.rest_days:
        return "every day"
    on, rest = plan.on_days, plan.rest_days
    return f"{on} day{'s' * (on > 1)} on, {rest} day{'s' * (rest > 1)} off"


def _rhythm_ja(plan: Plan) -> str:
    return "毎日" if not plan.rest_days else f"{plan.on_days}日続けて{plan.rest_days}日休む"


def _and(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
