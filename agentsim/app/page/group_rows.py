"""What a group of a room reads: its card, the task of the round, what it has handed in, its own result."""

import math
from typing import Any

from agentsim.agents.attacker.actions import CITY
from agentsim.agents.attacker.bad_actor import parse_attacker
from agentsim.app.page.tab_rows import policy_text, round_up, title, unit
from agentsim.app.replay.attack_plan import names_ja
from agentsim.app.replay.bilingual import NO_TEXT
from agentsim.app.replay.recording import Recording
from agentsim.app.replay.scenario_list import scenario_named
from agentsim.app.room.cards import CARDS, GOALS
from agentsim.app.room.room import Room
from agentsim.app.room.rounds import ATTACK, DEFEND, PREDICT, Entry, Group, Round
from agentsim.app.room.standings import Standing, standing_of, without
from agentsim.outcomes import OUTCOMES
from agentsim.report.tables import number
from agentsim.report.wording.names import district_name

Labels = dict[str, str]


def role_name(role: str, lang: str) -> str:
    return CARDS[role][0].in_language(lang) if role in CARDS else ""


def card_rows(role: str, labels: Labels, lang: str) -> list[list[str]]:
    """The card of a role: what it wants, can do and sees."""
    if role not in CARDS:
        return []
    names = (labels["room_wants"], labels["room_can"], labels["room_sees"])
    return [[name, text.in_language(lang)] for name, text in zip(names, CARDS[role][1:], strict=True)]


def task_text(room: Room, round: Round, group: Group, labels: Labels, lang: str) -> str:
    """What the group is to do in a round."""
    is_open = room.is_open(round)
    if not room.takes_part(round, group):
        return labels["room_idle_say"] if is_open else ""
    if round.kind == DEFEND:
        return labels["room_defend_say"] if is_open else ""
    faced = room.policies_faced(round, group) if round.kind == ATTACK else round.policies
    policies = policy_text(faced, lang, labels["no_policy"])
    if not is_open:
        return labels[f"room_{round.kind}_over"].format(policies)
    if round.kind == PREDICT:
        return labels["room_predict_say"].format(policies)
    target = room.target_of(round, group)
    if target:
        return labels["room_attack_group_say"].format(target, policies)
    return labels["room_attack_say"].format(policies)


def notes_of(round: Round, labels: Labels, lang: str) -> list[str]:
    """The limit of the price, or the goal by which an attack is scored, said beforehand."""
    if round.kind == DEFEND:
        return [labels["room_limit"].format(number(round.limit_jpy))] if round.limit_jpy else []
    if round.kind != ATTACK:
        return []
    goal = GOALS.get(parse_attacker(round.attacker)[0], NO_TEXT)
    return [goal.in_language(lang), labels["room_score_say"]]


def outcome_text(outcome: str, lang: str) -> str:
    """The title of an outcome with its unit."""
    shown = unit(OUTCOMES[outcome].unit, lang)
    return f"{title(outcome, lang)} [{shown}]" if shown else title(outcome, lang)


def slider_of(round: Round, left: Recording | None, lang: str) -> dict[str, Any] | None:
    """The slider of a prediction: from 0 to twice the value without countermeasures."""
    base = math.nan if left is None else left.outcomes.get(round.outcome, math.nan)
    if math.isnan(base):
        return None
    return {
        "title": title(round.outcome, lang),
        "unit": unit(OUTCOMES[round.outcome].unit, lang),
        "base": base,
        "top": round_up(2.0 * abs(base)) or 1.0,
    }


def entry_text(round: Round | None, entry: Entry | None, labels: Labels, lang: str) -> str:
    """What a group has handed in, in words."""
    if round is None or entry is None:
        return ""
    if entry.guess is not None:
        return number(entry.guess)
    if entry.plan is not None:
        return labels["room_plan"].format(plan_text(round, entry, labels, lang))
    return policy_text(entry.policies, lang, labels["no_policy"])


def plan_text(round: Round, entry: Entry, labels: Labels, lang: str) -> str:
    """The actions of an attack and where they strike, each once."""
    strikes = entry.plan.strikes if entry.plan else ()
    names = names_ja(scenario_named(round.scenario))
    where = dict.fromkeys(district_name(one.where, lang, names) for one in strikes if one.where != CITY)
    actions = dict.fromkeys(one.action for one in strikes)
    return " · ".join(filter(None, (labels["comma"].join(actions), labels["comma"].join(where))))


def score_text(one: Standing) -> str:
    """A score in whole percent, with its interval if there is one."""
    if math.isnan(one.score):
        return "–"
    score, low, high = (number(float(f"{value:.0f}")) for value in (one.score, one.score_low, one.score_high))
    return score if math.isnan(one.score_low) else f"{score} [{low} – {high}]"


def result_rows(room: Room, round: Round, group: Group, labels: Labels, lang: str) -> list[list[str]]:
    """The group's own result after the end; empty while it is not known."""
    entry, base = room.entry(round, group), without(room, round)
    if entry is None:
        return []
    found = standing_of(room, round, entry)
    mean = labels["room_mean"].format(found.repetitions) if found.repetitions > 1 else ""
    harm_title = " · ".join(filter(None, (outcome_text(round.outcome, lang), mean)))
    harm = [harm_title, with_interval(found.harm, found.low, found.high)]
    if round.kind == PREDICT:
        rows = [
            [labels["room_truth"], number(found.harm)],
            [labels["room_yours"], number(found.guess)],
            [labels["lead_off"], number(found.off_by)],
        ]
        known = not math.isnan(found.harm)
    elif round.kind == ATTACK:
        rows = [
            [labels["room_score"], score_text(found)],
            [labels["room_payoff"], number(found.payoff)],
            [labels["room_best_payoff"], number(found.best)],
            harm,
        ]
        known = not math.isnan(found.payoff)
    else:
        rows = [harm, [labels["room_price"], number(round_yen(found.price))]]
        known = not math.isnan(found.harm)
    if not known:
        failed = found.error[1 if lang == "ja" else 0]
        return [[labels["lead_failed"], failed]] if failed else []
    return [*rows, *([[labels["room_without"], number(base)]] if not math.isnan(base) else [])]


def with_interval(value: float, low: float, high: float) -> str:
    """A value with its interval, if there is one."""
    if math.isnan(low) or math.isnan(high):
        return number(value)
    return f"{number(value)} [{number(low)} – {number(high)}]"


def round_yen(price: float) -> float:
    return price if math.isnan(price) else float(round(price))


def attackers_of(room: Room, round: Round, group: Group) -> list[Entry]:
    """The attacks that were handed in on this group's city."""
    return [one for one in room.entries(round) if one.plan is not None and one.target == group.number]
