"""The tab that compares several policies at once; missing replications are computed one after another."""

import math
from collections.abc import Sequence
from typing import Any

import solara

from agentsim.app.page import components, tab_rows
from agentsim.app.page.headline import outcome_of
from agentsim.app.page.link import Choice
from agentsim.app.page.ranking import NONE, Ranked, ranked
from agentsim.app.page.start_page import requests, until_concession
from agentsim.app.page.use_run import job_queue, use_run
from agentsim.app.page.view import View
from agentsim.app.page.words import words
from agentsim.app.replay import policy_prices
from agentsim.app.replay.presets import SEEDS
from agentsim.app.replay.stories import story_of
from agentsim.outcomes import OUTCOMES
from agentsim.policies import POLICIES, expand
from agentsim.report.tables import number
from agentsim.scenario.file import Scenario

MOST = 8  # cases at once


def usual_cases(scenario: Scenario, choice: Choice) -> tuple[str, ...]:
    """Labels that are compared at first: those of the scenario's comparison, and what is ticked."""
    named = [text for text in scenario.compare.policies if text != "each"]
    ticked = "+".join(choice.policies)
    story = "+".join(story_of(choice.scenario, scenario).policies)
    ordered = [*([ticked] if 0 < len(choice.policies) <= 3 else []), story, *named]
    return tuple(dict.fromkeys(filter(None, ordered)))[:MOST]


def _case(choice: Choice, label: str) -> Choice:
    """The choice with another set of policies; what belongs to the view alone does not count."""
    return choice.having(
        policies=expand(label.split("+")), tab="outcomes", layer="districts", hour=0, lang="en", seed=0
    )


@solara.component
def RankTab(view: View) -> None:
    """Price against harm, a ranking, and the break-even attack rate of several policies."""
    choice, labels = view.choice, words(view.choice.lang)
    nothing: tuple[str, ...] = ()
    picked, set_picked = solara.use_state(nothing)
    wanted, set_wanted = solara.use_state(False)
    chosen = picked or usual_cases(view.scenario, choice)
    cases = {label: requests(_case(choice, label))[1] for label in chosen}
    tables = {label: job_queue().recorded_replications(request) for label, request in cases.items()}
    missing = [label for label, table in tables.items() if table is None]
    next_one = cases[missing[0]] if wanted and missing else None
    followed = use_run(job_queue(), next_one, view.owner, SEEDS if next_one else 0)
    run = followed.run
    solara.use_effect(lambda: view.refresh() if run.state == "done" else None, [run.state, len(missing)])
    failed = run.error.in_language(choice.lang) if next_one and run.state == "failed" else ""

    def stop(*_: Any) -> None:
        set_wanted(False)
        followed.cancel()

    def pick(label: str) -> None:
        after = [one for one in chosen if one != label] if label in chosen else [*chosen, str(label)]
        known = [one for one in after if set(one.split("+")) <= set(POLICIES)]
        set_picked(tuple(known[:MOST]))

    outcome = _outcome(view)
    prices = {
        label: policy_prices.total_jpy(view.scenario, request.policies, choice.numbers)
        for label, request in cases.items()
    }
    components.Ranking(
        words=labels,
        lang=choice.lang,
        outcome=outcome,
        harm=" ".join(filter(None, [tab_rows.title(outcome, choice.lang), _unit(outcome, choice.lang)])),
        rows=[_row(one, choice, labels) for one in ranked(tables, prices, outcome)],
        chosen=list(chosen),
        offered=_offered(chosen, choice.lang),
        busy=bool(next_one) and not failed,
        share=run.share,
        progress=f"{missing[0]}: {run.text(labels)}" if next_one else "",
        missing=len(missing),
        refused=failed,
        note=labels["rank_calm"] if choice.attacker == "none" else labels["rank_note"],
        event_pick=pick,
        event_compute=lambda *_: set_wanted(True),
        event_stop=stop,
    )


def _outcome(view: View) -> str:
    wanted, left = story_of(view.choice.scenario, view.scenario).outcome, view.left.run.recording
    return wanted if left is None else outcome_of(wanted, left, until_concession(view.choice))


def _unit(outcome: str, lang: str) -> str:
    text = tab_rows.unit(OUTCOMES[outcome].unit, lang)
    return f"[{text}]" if text else ""


def _offered(chosen: Sequence[str], lang: str) -> list[dict[str, Any]]:
    """All policies to tick, and the combinations that are compared already."""
    labels = [*POLICIES, *(label for label in chosen if label not in POLICIES)]
    return [
        {"label": label, "name": tab_rows.policy_text(label.split("+"), lang, label), "on": label in chosen}
        for label in labels
    ]


def _row(one: Ranked, choice: Choice, labels: dict[str, str]) -> dict[str, Any]:
    first, last = one.places
    places = "–" if not one.known else f"{first}" if first == last else f"{first}–{last}"
    ids = [] if one.label == NONE else one.label.split("+")
    return {
        "label": one.label,
        "name": tab_rows.policy_text(ids, choice.lang, labels["no_policy"]),
        "price": one.price,
        "price_text": number(round(one.price)),
        "harm": None if math.isnan(one.harm) else one.harm,
        "low": None if math.isnan(one.low) else one.low,
        "high": None if math.isnan(one.high) else one.high,
        "harm_text": number(one.harm),
        "interval": f"{number(one.low)} – {number(one.high)}" if one.known and one.label != NONE else "",
        "places": places,
        "break_even": _break_even(one, choice, labels),
        "count": one.count,
    }


def _break_even(one: Ranked, choice: Choice, labels: dict[str, str]) -> str:
    if one.label == NONE or not one.known or choice.attacker == "none":
        return ""
    if math.isnan(one.break_even):
        return labels["rank_no_rate"]
    span = f" ({number(one.break_even_low)} – {number(one.break_even_high)})"
    return number(one.break_even) + ("" if math.isnan(one.break_even_low) else span)
