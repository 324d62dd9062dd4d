"""The tabs below the maps: outcomes, prediction, attack, explanation, numbers, files."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import solara

from agentsim.agents.attacker.bad_actor import parse_attacker
from agentsim.app.page import components, expert, tab_rows
from agentsim.app.page.link import Choice
from agentsim.app.page.saving import KINDS as FILES
from agentsim.app.page.saving import caption, file_of, stem_of
from agentsim.app.page.start_page import OWN, requests
from agentsim.app.page.use_run import FollowedRun, Run, job_queue, use_run
from agentsim.app.page.why import trail
from agentsim.app.page.words import words
from agentsim.app.replay.recording import Recording
from agentsim.app.server.open_pages import OpenPage
from agentsim.scenario.file import Scenario

RIVALS = ("random", "best_response")  # attackers with which a visitor's plan is compared
PHASES = ("off", "a", "handover", "b", "sent", "reveal")  # of the game of two groups


@dataclass(frozen=True)
class View:
    """What every tab shows: the visitor's choice and both runs."""

    choice: Choice
    scenario: Scenario
    left: FollowedRun
    right: FollowedRun
    owner: OpenPage
    choose: Callable[[dict[str, Any]], None]

    @property
    def recordings(self) -> tuple[Recording | None, Recording | None]:
        return self.left.run.recording, self.right.run.recording

    @property
    def complete(self) -> bool:
        return None not in self.recordings


@dataclass(frozen=True)
class Guessing:
    """A visitor's prediction: ``off``, ``guess`` (the result is hidden) or ``shown``."""

    phase: str
    set_phase: Callable[[str], None]
    guesses: dict[str, float]
    set_guesses: Callable

    @property
    def hides_right(self) -> bool:
        return self.phase == "guess"


@dataclass(frozen=True)
class Game:
    """The game of two groups, in one of ``PHASES``."""

    phase: str
    set_phase: Callable[[str], None]

    @property
    def hides_both(self) -> bool:
        return self.phase in ("handover", "b", "sent")

    @property
    def locked(self) -> bool:
        """True if the countermeasures can no longer be changed."""
        return self.phase not in ("off", "a")


def use_guessing() -> Guessing:
    """The prediction of this page."""
    phase, set_phase = solara.use_state("off")
    nothing: dict[str, float] = {}
    guesses, set_guesses = solara.use_state(nothing)
    return Guessing(phase, set_phase, guesses, set_guesses)


def use_game() -> Game:
    """The game of this page."""
    phase, set_phase = solara.use_state("off")
    return Game(phase, set_phase)


def replications_of(choice: Choice) -> dict[str, Any] | None:
    """The stored table of replications of a choice, with its seeds; None if there is none."""
    return job_queue().recorded_replications(requests(choice)[1]) if choice.policies else None


def intervals_of(choice: Choice) -> dict[str, Any] | None:
    """Stored replications of a choice: outcome -> difference, low, high, n; None if there are none."""
    table = replications_of(choice)
    return None if table is None else table["rows"]


@solara.component
def TabContent(view: View, tab: str, game: Game, guessing: Guessing, set_goto: Callable) -> None:
    """The content of one tab."""
    choice = view.choice
    if tab == "predict":
        _predict(view, guessing)
        if guessing.phase == "shown":
            WhyTab(view, guessing.hides_right, set_goto)
    elif tab == "attack":
        AttackTab(view, game)
    elif tab == "why":
        WhyTab(view, guessing.hides_right, set_goto)
    elif tab == "save":
        SaveTab(view, guessing.hides_right)
    elif tab == "expert":
        groups = expert.groups(view.scenario, choice.policies, choice.numbers, choice.lang)
        components.Expert(words=words(choice.lang), lang=choice.lang, groups=groups, event_choose=view.choose)
    else:
        OutcomeTab(view, guessing.hides_right)


@solara.component
def OutcomeTab(view: View, hide_right: bool) -> None:
    """The outcome table; its intervals are over stored replications, or over those asked for here."""
    choice, labels = view.choice, words(view.choice.lang)
    left, right = view.recordings
    case = choice.having(tab="", layer="", hour=0, lang="en", seed=0)
    asked, set_asked = solara.use_state((case, 0))
    seeds = asked[1] if asked[0] == case else 0
    followed = use_run(job_queue(), requests(case)[1] if seeds else None, view.owner, seeds)
    run, table = followed.run, replications_of(choice)

    def stop(*_: Any) -> None:
        followed.cancel()
        set_asked((case, 0))

    components.OutcomeTable(
        words=labels,
        lang=choice.lang,
        rows=tab_rows.outcome_rows(left, right, table["rows"] if table else None, labels, choice.lang),
        hideRight=hide_right,
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
    rows = tab_rows.guess_rows(left, right, intervals_of(choice), choice.lang)
    if guessing.phase != "shown":  # the browser must not know what it hides
        rows = [row | {"right": None, "low": None, "high": None} for row in rows]

    def start(*_: Any) -> None:
        guessing.set_guesses({})
        guessing.set_phase("guess")

    def guess(one: dict[str, Any]) -> None:
        guessing.set_guesses(lambda old: old | {str(one["name"]): float(one["value"])})

    def reveal(guesses: dict[str, Any]) -> None:
        guessing.set_guesses({str(name): float(value) for name, value in (guesses or {}).items()})
        guessing.set_phase("shown")

    components.Prediction(
        words=words(choice.lang),
        lang=choice.lang,
        phase=guessing.phase,
        possible=bool(choice.policies),
        ready=view.complete,
        rows=rows,
        guesses=guessing.guesses,
        event_start=start,
        event_guess=guess,
        event_reveal=reveal,
    )


@dataclass(frozen=True)
class Rivals:
    """The runs of other attackers with which a visitor's plan is compared."""

    wanted: bool
    random: Run
    best: Run
    compare: Callable[[], None]


def _use_rivals(view: View, kind: str) -> Rivals:
    nothing: tuple[Choice, ...] = ()
    compared, set_compared = solara.use_state(nothing)
    case = view.choice.having(own=None, tab="", layer="", hour=0, lang="en")
    wanted = compared == (case,) and kind != "none"
    random, planned = (
        requests(case.having(attacker=f"{kind}:{mind}"))[1] if wanted else None for mind in RIVALS
    )
    first = use_run(job_queue(), random, view.owner).run
    second = use_run(job_queue(), planned if first.state == "done" else None, view.owner).run
    return Rivals(wanted, first, second, lambda: set_compared((case,)))


def _use_options(view: View, kind: str) -> dict[str, Any]:
    """Places, actions and principals to choose from; they stay visible while a run is computed."""
    left, right = view.recordings
    lang = view.choice.lang
    last: Any = solara.use_ref(None)
    last.current = latest = right or left or last.current
    return solara.use_memo(
        lambda: tab_rows.attack_options(latest, view.scenario, kind, words(lang), lang),
        [None if latest is None else latest.key, kind, lang],
    )


@solara.component
def AttackTab(view: View, game: Game) -> None:
    """A visitor's own plan, and its comparison with other attackers against the same policies."""
    choice, labels = view.choice, words(view.choice.lang)
    kind, _ = parse_attacker(choice.attacker)
    rivals, options = _use_rivals(view, kind), _use_options(view, kind)
    attacker, own = view.scenario.attacker, view.right.run
    failed = own.error.in_language(choice.lang) if choice.own else ""

    def attempt(sent: dict[str, Any]) -> None:
        view.choose({OWN: tab_rows.plan_from_page(sent, view.scenario)})
        if game.phase == "b":
            game.set_phase("sent")

    def play(phase: str) -> None:
        if phase == "a" or (phase == "off" and game.phase != "reveal"):
            view.choose({"mind": RIVALS[0]})  # this drops the visitor's own plan
        if phase == "reveal":
            rivals.compare()
        if phase in PHASES:
            game.set_phase(phase)

    components.Attack(
        words=labels,
        lang=choice.lang,
        kind=kind,
        many=kind != "coercer",
        places=options["places"],
        actions=options["actions"],
        principals=options["principals"],
        budget=attacker.budget if choice.budget is None else choice.budget,
        firstHour=attacker.first_hour if choice.first_hour is None else choice.first_hour,
        hours=choice.hours,
        plan=tab_rows.plan_for_page(choice.own),
        refused=failed,
        policies=tab_rows.policy_text(choice.policies, choice.lang, labels["no_policy"]),
        columns=tab_rows.harm_columns(choice.lang),
        results=_results(view, rivals, kind),
        game="b" if game.phase == "sent" and failed else game.phase,
        ready=view.complete,
        waiting=labels["ready"] if own.recording else own.text(labels),
        verdict=tab_rows.verdict(own.recording, rivals.best.recording, kind, labels),
        event_attempt=attempt,
        event_rivals=lambda *_: rivals.compare(),
        event_play=play,
    )


def _results(view: View, rivals: Rivals, kind: str) -> list[dict[str, Any]]:
    """The table of attacks: the visitor's own, and those of the others if they are wanted."""
    lang, labels = view.choice.lang, words(view.choice.lang)
    runs: list[tuple[str, Run]] = []
    if view.choice.own:
        runs += [(labels["your_plan_without"], view.left.run), (labels["your_plan"], view.right.run)]
    if rivals.wanted:
        runs += [(labels["random_attacker"], rivals.random), (labels["best"], rivals.best)]
    return tab_rows.with_bars(
        [_result(name, run, lang) for name, run in runs],
        [tab_rows.harm_of(run.recording, kind) for _, run in runs],
    )


def _result(name: str, run: Run, lang: str) -> dict[str, Any]:
    if run.recording is not None:
        return tab_rows.harm_row(name, run.recording)
    share = run.share if run.state == "running" else None
    note = run.error.in_language(lang) or run.text(words(lang))
    return tab_rows.harm_row(name, None, note, share)


@solara.component
def WhyTab(view: View, hide_right: bool, set_goto: Callable) -> None:
    """The hours, orders and events behind one outcome, in both runs."""
    lang, labels = view.choice.lang, words(view.choice.lang)
    left, right = view.recordings
    names = tab_rows.explained(left)
    chosen, set_chosen = solara.use_state("")
    visits = solara.use_ref(0)
    outcome = chosen if chosen in names else (names[0] if names else "")

    def visit(to: dict[str, Any]) -> None:
        visits.current += 1
        set_goto({"hour": int(to["hour"]), "n": visits.current})

    components.Why(
        words=labels,
        lang=lang,
        outcome=outcome,
        outcomes=[[name, tab_rows.title(name, lang)] for name in names],
        sides=[
            tab_rows.trail_rows(trail(one, outcome), labels, lang) if one is not None and outcome else []
            for one in (left, None if hide_right else right)
        ],
        hideRight=hide_right,
        event_ask=set_chosen,
        event_visit=visit,
    )


@solara.component
def SaveTab(view: View, hide_right: bool) -> None:
    """Files are made when a visitor asks for them, and saved by the browser."""
    choice, labels = view.choice, words(view.choice.lang)
    left, right = view.recordings
    nothing: dict[str, Any] = {}
    file, set_file = solara.use_state(nothing)
    count = solara.use_ref(0)

    def make(kind: str) -> None:
        if kind not in FILES or left is None or right is None or hide_right:
            return
        count.current += 1
        name, mime, data = file_of(kind, left, right, choice, intervals_of(choice))
        set_file({"name": name, "mime": mime, "data": base64.b64encode(data).decode(), "n": count.current})

    components.Save(
        words=labels,
        lang=choice.lang,
        kinds=[*FILES[:3], "png", *FILES[3:]],
        ready=view.complete,
        hideRight=hide_right,
        file=file,
        caption=caption(right, choice.lang) if right else "",
        policies=tab_rows.policy_text(choice.policies, choice.lang, labels["no_policy"]),
        stem=stem_of(choice),
        event_make=make,
    )
