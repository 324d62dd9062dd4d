"""What the leader's view shows, as plain rows: groups, charts and tables of a round."""

import math
from collections.abc import Sequence
from typing import Any

from agentsim.app.page.group_rows import (
    Labels,
    notes_of,
    outcome_text,
    plan_text,
    score_text,
    with_interval,
)
from agentsim.app.page.tab_rows import policy_text, round_up
from agentsim.app.replay import scenario_list
from agentsim.app.room.needed_runs import needed_runs
from agentsim.app.room.room import Room
from agentsim.app.room.rounds import ATTACK, DEFEND, PREDICT, Entry, Round
from agentsim.app.room.standings import Standing, standings, truth, without
from agentsim.report.tables import number

Row = dict[str, Any]
BINS, TICKS = 10, 5


def scenario_title(name: str, lang: str) -> str:
    one = scenario_list.scenario_named(name)
    return (one.title_ja if lang == "ja" else one.title) or name


def group_rows(room: Room, here: set[int]) -> list[Row]:
    """All groups; *here* are those with a connected device."""
    round = room.current
    return [
        {
            "number": one.number,
            "code": one.code,
            "role": one.role,
            "here": one.number in here,
            "handed": round is not None and room.entry(round, one) is not None,
        }
        for one in room.groups
    ]


def round_row(room: Room, round: Round, labels: Labels, lang: str) -> Row:
    """One round: what it is, how much is handed in, and what is still computed."""
    is_open = room.is_open(round)
    parts = [one for one in room.groups if room.takes_part(round, one)]
    return {
        "number": round.number,
        "kind": round.kind,
        "open": is_open,
        "left_s": room.left_s(round),
        "scenario": scenario_title(round.scenario, lang),
        "policies": _case_text(round, labels, lang),
        "notes": notes_of(round, labels, lang),
        "handed": sum(room.entry(round, one) is not None for one in parts),
        "of": len(parts),
        "missing": 0 if is_open else missing(room, round),
        "can_repeat": can_repeat(room, round),
        "harm": labels["room_harm_is"].format(outcome_text(round.outcome, lang)),
    }


def can_repeat(room: Room, round: Round) -> bool:
    """True if repetitions would tell more than there is."""
    once = any(one.repetitions < 2 for one in standings(room, round))
    return round.kind != PREDICT and not round.repeats and once


def missing(room: Room, round: Round) -> int:
    """Results of a round that are not there yet."""
    return sum(room.result(round, one.name) is None for one in needed_runs(room, round, {}))


def _case_text(round: Round, labels: Labels, lang: str) -> str:
    if round.against_groups:
        return labels["lead_case_groups"]
    return "" if round.kind == DEFEND else policy_text(round.policies, lang, labels["no_policy"])


def round_names(room: Room, labels: Labels) -> list[list[Any]]:
    """All rounds to choose from, the last one first."""
    return [
        [one.number, f"{labels['room_round'].format(one.number)}: {labels[f'room_{one.kind}']}"]
        for one in reversed(room.rounds)
    ]


def histogram(room: Room, round: Round, lang: str) -> Row | None:
    """Guesses in bins, with the result and the value without countermeasures; None without a guess."""
    guesses = [one.guess for one in room.entries(round) if one.guess is not None]
    if round.kind != PREDICT or not guesses:
        return None
    right, base = truth(room, round), without(room, round)
    known = [value for value in (right, base) if not math.isnan(value)]
    high = round_up(max([*guesses, *known])) or 1.0
    edges = [high * k / BINS for k in range(BINS + 1)]
    counts = [0] * BINS
    for guess in guesses:
        counts[min(int(BINS * guess / high), BINS - 1)] += 1
    return {
        "bins": [{"from": edges[k], "to": edges[k + 1], "count": counts[k]} for k in range(BINS)],
        "high": high,
        "ticks": _ticks(high),
        "truth": None if math.isnan(right) else right,
        "base": None if math.isnan(base) else base,
        "title": outcome_text(round.outcome, lang),
    }


def scatter(room: Room, round: Round, labels: Labels, lang: str) -> Row | None:
    """Harm against price, a point for each group; None if there is nothing to draw."""
    known = (
        [one for one in standings(room, round) if not math.isnan(one.harm)] if round.kind == DEFEND else []
    )
    if not known:
        return None
    base = without(room, round)
    tops = [one.harm if math.isnan(one.high) else one.high for one in known]
    y_high = round_up(1.05 * max([*tops, *([] if math.isnan(base) else [base])])) or 1.0
    x_high = round_up(1.05 * max(one.price for one in known)) or 1.0
    return {
        "points": [_point(one) for one in _together(known)],
        "base": None if math.isnan(base) else base,
        "x_high": x_high,
        "y_high": y_high,
        "x_ticks": _ticks(x_high),
        "y_ticks": _ticks(y_high),
        "x_title": labels["room_price"],
        "y_title": outcome_text(round.outcome, lang),
    }


def _together(known: Sequence[Standing]) -> list[tuple[Standing, str]]:
    """Groups with the same choice share a point; their numbers stand beside it."""
    by_choice: dict[tuple[str, ...], list[Standing]] = {}
    for one in known:
        by_choice.setdefault(one.policies, []).append(one)
    return [(same[0], ", ".join(str(one.group) for one in same)) for same in by_choice.values()]


def _point(labelled: tuple[Standing, str]) -> Row:
    one, label = labelled
    return {
        "label": label,
        "price": one.price,
        "harm": one.harm,
        "low": None if math.isnan(one.low) else one.low,
        "high": None if math.isnan(one.high) else one.high,
        "undominated": one.undominated,
    }


def _ticks(high: float) -> list[list[Any]]:
    return [[high * k / TICKS, number(high * k / TICKS)] for k in range(TICKS + 1)]


def columns(round: Round, labels: Labels) -> list[str]:
    """Heads of the table of a round."""
    first = [labels["lead_place"], labels["lead_group"]]
    if round.kind == PREDICT:
        return [*first, labels["lead_guess"], labels["lead_off"]]
    if round.kind == ATTACK:
        return [
            *first,
            labels["room_score"],
            labels["room_payoff"],
            labels["room_harm"],
            labels["lead_choice"],
        ]
    return [*first, labels["lead_choice"], labels["room_harm"], labels["room_price_short"]]


def rows(room: Room, round: Round, labels: Labels, lang: str) -> list[Row]:
    """The groups of a round in order, with the places that the intervals allow."""
    groups = {one.number: one for one in room.groups}
    entries = {one.group: one for one in room.entries(round)}
    found = standings(room, round)
    most = max((one.score for one in found if one.score > 0), default=0.0)
    made = []
    for one in found:
        cells = [_place(one, round), str(one.group)]
        cells += _cells(one, round, entries[one.group], labels, lang)
        bar = round_percent(one.score, most) if round.kind == ATTACK else None
        made.append({"group": groups[one.group].number, "cells": cells, "bar": bar, "bar_at": 2})
    return made


def round_percent(value: float, most: float) -> int | None:
    """A share of the largest value, for a bar [%]; None if there is none."""
    return None if math.isnan(value) or most <= 0 else max(0, round(100 * value / most))


def _place(one: Standing, round: Round) -> str:
    first, last = one.places
    if not first:
        return "–"
    return (
        f"{first}" if first == last or (one.repetitions < 2 and round.kind != PREDICT) else f"{first}–{last}"
    )


def _cells(one: Standing, round: Round, entry: Entry, labels: Labels, lang: str) -> list[str]:
    if one.error[0]:
        return [f"{labels['lead_failed']}: {one.error[1 if lang == 'ja' else 0]}"]
    if round.kind == PREDICT:
        return [number(one.guess), number(one.off_by)]
    if round.kind == ATTACK:
        told = plan_text(round, entry, labels, lang)
        return [score_text(one), number(one.payoff), number(one.harm), told]
    price = "–" if math.isnan(one.price) else number(round_whole(one.price))
    mark = "● " if one.undominated else ""
    chosen = " + ".join(entry.policies) or labels["no_policy"]
    return [chosen, mark + with_interval(one.harm, one.low, one.high), price]


def round_whole(value: float) -> float:
    return float(round(value))


def certainty_text(found: Sequence[Standing], round: Round, labels: Labels) -> str:
    """Whether the order may be chance."""
    if round.kind == PREDICT or not found:
        return ""
    repeated = min(one.repetitions for one in found)
    return labels["lead_repeated"].format(repeated) if repeated > 1 else labels["lead_repeat_say"]
