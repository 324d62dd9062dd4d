"""The tabs below the maps: outcomes, prediction, attack, explanation, numbers, files."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import solara

from agentsim.app.page import components, expert, tab_rows
from agentsim.app.page.attack_tab import AttackTab, Game
from agentsim.app.page.headline import outcome_of
from agentsim.app.page.link import Choice
from agentsim.app.page.rank_tab import RankTab
from agentsim.app.page.saving import KINDS as FILES
from agentsim.app.page.saving import about_lines, file_of, stem_of
from agentsim.app.page.start_page import requests, until_concession
from agentsim.app.page.use_run import job_queue, use_run
from agentsim.app.page.view import View
from agentsim.app.page.what_changed import what_changed
from agentsim.app.page.why import trail
from agentsim.app.page.words import words
from agentsim.app.replay.stories import story_of


@dataclass(frozen=True)
class Guessing:
    """A visitor's prediction: ``off``, ``guess`` (begun: the result is hidden on every tab) or ``shown``."""

    phase: str
    set_phase: Callable[[str], None]
    guesses: dict[str, float]
    set_guesses: Callable

    def hides(self, choice: Choice) -> bool:
        """True if the result must not be seen yet: on this tab from the start."""
        return bool(choice.policies) and (
            self.phase == "guess" or (choice.tab == "predict" and self.phase == "off")
        )


def use_guessing() -> Guessing:
    """The prediction of this page."""
    phase, set_phase = solara.use_state("off")
    nothing: dict[str, float] = {}
    guesses, set_guesses = solara.use_state(nothing)
    return Guessing(phase, set_phase, guesses, set_guesses)


def replications_of(choice: Choice) -> dict[str, Any] | None:
    """The stored table of replications of a choice, with its seeds; None if there is none."""
    return job_queue().recorded_replications(requests(choice)[1]) if choice.policies else None


def intervals_of(choice: Choice) -> dict[str, Any] | None:
    """Stored replications of a choice: outcome -> difference, low, high, n; None if there are none."""
    table = replications_of(choice)
    return None if table is None else table["rows"]


def headline_outcome(view: View) -> str:
    """The outcome of the headline, which is also the first row of the table."""
    left, choice = view.left.run.recording, view.choice
    wanted = story_of(choice.scenario, view.scenario).outcome
    return wanted if left is None else outcome_of(wanted, left, until_concession(choice))


@solara.component
def TabContent(view: View, tab: str, game: Game, guessing: Guessing) -> None:
    """The content of one tab."""
    choice = view.choice
    if tab == "predict":
        _predict(view, guessing)
        if guessing.phase == "shown":
            WhyTab(view)
    elif tab == "attack":
        AttackTab(view, game)
    elif tab == "rank":
        RankTab(view)
    elif tab == "why":
        WhyTab(view)
    elif tab == "save":
        SaveTab(view)
    elif tab == "expert":
        groups = expert.groups(view.scenario, choice.policies, choice.numbers, choice.lang)
        components.Expert(words=words(choice.lang), lang=choice.lang, groups=groups, event_choose=view.choose)
    else:
        OutcomeTab(view)


@solara.component
def OutcomeTab(view: View) -> None:
    """The outcome table; its intervals are over stored replications, or over those asked for here."""
    choice, labels = view.choice, words(view.choice.lang)
    left, right = view.recordings
    case = choice.having(tab="", layer="", hour=0, lang="en", seed=0)
    asked, set_asked = solara.use_state((case, 0))
    seeds = asked[1] if asked[0] == case else 0
    followed = use_run(job_queue(), requests(case)[1] if seeds else None, view.owner, seeds)
    run, table = followed.run, replications_of(choice)
    solara.use_effect(lambda: view.refresh() if run.state == "done" else None, [run.state, seeds])

    def stop(*_: Any) -> None:
        followed.cancel()
        set_asked((case, 0))

    components.OutcomeTable(
        words=labels,
        lang=choice.lang,
        rows=tab_rows.outcome_rows(
            left,
            None if view.hides_right else right,
            table["rows"] if table and not view.hides_right else None,
            labels,
            choice.lang,
            headline_outcome(view),
        ),
        hideRight=view.hides_right,
        possible=bool(choice.policies),
        have=len(table["seeds"]) if table else 0,
        busy=bool(seeds) and run.state in ("loading", "waiting", "running"),
        share=run.share,
        progress=run.text(labels),
        refused=run.error.in_language(choice.lang) if seeds else "",
        event_replicate=lambda count: set_asked((case, int(count))),
        event_stop=stop,
    )


def _predict(view: View, guessing: Guessing) -> None:
    choice = view.choice
    left, right = view.recordings
    shown = guessing.phase == "shown"
    rows = tab_rows.guess_rows(left, right, choice.policies, intervals_of(choice), choice.lang)
    if not shown:  # the browser must not know what it hides
        rows = [row | {"right": None, "low": None, "high": None} for row in rows]

    def again(*_: Any) -> None:
        guessing.set_guesses({})
        guessing.set_phase("off")

    def guess(one: dict[str, Any]) -> None:
        guessing.set_guesses(lambda old: old | {str(one["name"]): float(one["value"])})
        guessing.set_phase("guess")

    def reveal(guesses: dict[str, Any]) -> None:
        guessing.set_guesses({str(name): float(value) for name, value in (guesses or {}).items()})
        guessing.set_phase("shown")

    components.Prediction(
        words=words(choice.lang),
        lang=choice.lang,
        shown=shown,
        possible=bool(choice.policies),
        ready=view.complete,
        rows=rows,
        guesses=guessing.guesses,
        event_again=again,
        event_guess=guess,
        event_reveal=reveal,
    )


@solara.component
def WhyTab(view: View) -> None:
    """The hours, orders and events behind one outcome, in both runs, and what the measures changed."""
    lang, labels = view.choice.lang, words(view.choice.lang)
    left, right = view.recordings
    right = None if view.hides_right else right
    names = tab_rows.explained(left)
    chosen, set_chosen = solara.use_state("")
    outcome = next((name for name in (chosen, headline_outcome(view)) if name in names), *names[:1] or [""])
    components.Why(
        words=labels,
        lang=lang,
        outcome=outcome,
        outcomes=[[name, tab_rows.title(name, lang)] for name in names],
        sides=[
            tab_rows.trail_rows(trail(one, outcome), labels, lang) if one is not None and outcome else None
            for one in (left, right)
        ],
        waiting=[one.run.text(labels) for one in (view.left, view.right)],
        changes=what_changed(left, right, lang) if left and right and view.choice.policies else [],
        hideRight=view.hides_right,
        event_ask=set_chosen,
        event_visit=lambda to: view.visit({"hour": int(to["hour"])}),
    )


@solara.component
def SaveTab(view: View) -> None:
    """Files are made when a visitor asks for them, and saved by the browser."""
    choice, labels = view.choice, words(view.choice.lang)
    left, right = view.recordings
    nothing: dict[str, Any] = {}
    file, set_file = solara.use_state(nothing)
    count = solara.use_ref(0)

    def make(kind: str) -> None:
        if kind not in FILES or left is None or right is None or view.hides_right:
            return
        count.current += 1
        name, mime, data = file_of(kind, left, right, choice, intervals_of(choice))
        set_file({"name": name, "mime": mime, "data": base64.b64encode(data).decode(), "n": count.current})

    components.Save(
        words=labels,
        lang=choice.lang,
        kinds=[*FILES[:3], "png", *FILES[3:]],
        ready=view.complete,
        hideRight=view.hides_right,
        file=file,
        about=[f"{key}: {text}" for key, text in about_lines(right, choice.lang)] if right else [],
        policies=tab_rows.policy_text(choice.policies, choice.lang, labels["no_policy"]),
        stem=stem_of(choice),
        event_make=make,
    )
