"""The panels beneath the maps, one for each tab: outcomes, prediction, attack, trail, files."""

import base64
from collections.abc import Callable
from typing import Any

import solara

from agentsim.agents.attacker.bad_actor import parse_attacker
from agentsim.app.page import components
from agentsim.app.page import expert
from agentsim.app.page import tab_rows
from agentsim.app.page.link import Choice
from agentsim.app.page.saving import KINDS as FILES
from agentsim.app.page.saving import file_of, stem_of
from agentsim.app.page.start_page import OWN, requests
from agentsim.app.page.use_run import Run, job_queue, use_run
from agentsim.app.page.why import trail
from agentsim.app.page.words import words
from agentsim.app.replay.recording import Recording
from agentsim.scenario.file import Scenario

RIVALS = ("random", "best_response")  # minds that a visitor is compared with
PHASES = ("off", "a", "handover", "b", "sent", "reveal")  # of the game of two groups


def spread_of(choice: Choice) -> dict[str, Any] | None:
    """Recorded replications of a choice: outcome -> difference, low, high, n; None where there are none."""
    table = table_of(choice)
    return None if table is None else table["rows"]


def table_of(choice: Choice) -> dict[str, Any] | None:
    """The table of recorded replications, with its seeds."""
    return job_queue().recorded_replications(requests(choice)[1]) if choice.policies else None


@solara.component
def Panel(
    choice: Choice,
    scenario: Scenario,
    before: Run,
    after: Run,
    playing: tuple[str, Callable],
    guessing: str,
    guesses: dict[str, float],
    owner: str,
    choose: Callable,
    set_guessing: Callable,
    set_guesses: Callable,
    set_goto: Callable,
) -> None:
    """The chosen tab's panel."""
    said, veil = words(choice.lang), guessing == "guess"
    left, right = before.recording, after.recording
    if choice.tab == "predict":
        _predict(said, choice, (left, right), guessing, guesses, set_guessing, set_guesses)
        if guessing == "shown":
            WhyPanel(choice.lang, left, right, veil, set_goto)
    elif choice.tab == "attack":
        AttackPanel(choice, scenario, before, after, owner, choose, *playing)
    elif choice.tab == "why":
        WhyPanel(choice.lang, left, right, veil, set_goto)
    elif choice.tab == "save":
        SavePanel(choice, left, right, veil)
    elif choice.tab == "expert":
        groups = expert.groups(scenario, choice.policies, choice.numbers, choice.lang)
        components.Expert(words=said, lang=choice.lang, groups=groups, event_choose=choose)
    else:
        OutcomePanel(choice, left, right, veil, owner)


@solara.component
def OutcomePanel(
    choice: Choice, left: Recording | None, right: Recording | None, veil: bool, owner: str
) -> None:
    """The outcome table; its intervals are over recorded replications, or over those asked for here."""
    said, case = words(choice.lang), choice.having(tab="", layer="", hour=0, lang="en", seed=0)
    asked, set_asked = solara.use_state((case, 0))
    seeds = asked[1] if asked[0] == case else 0
    handle = use_run(job_queue(), requests(case)[1] if seeds else None, owner, seeds)
    run, table = handle.run, table_of(choice)

    def stop(*_: Any) -> None:
        handle.cancel()
        set_asked((case, 0))

    components.OutcomeTable(
        words=said,
        lang=choice.lang,
        rows=tab_rows.outcome_rows(left, right, table["rows"] if table else None, said, choice.lang),
        veil=veil,
        possible=bool(choice.policies),
        have=len(table["seeds"]) if table else 0,
        busy=bool(seeds) and run.state in ("loading", "waiting", "running"),
        share=run.share,
        told=run.told(said),
        refused=run.error if seeds else "",
        event_replicate=lambda count: set_asked((case, int(count))),
        event_stop=stop,
    )


def _predict(
    said: dict[str, str],
    choice: Choice,
    both: tuple[Recording | None, Recording | None],
    guessing: str,
    guesses: dict[str, float],
    set_guessing: Callable,
    set_guesses: Callable,
) -> None:
    rows = tab_rows.guess_rows(*both, spread_of(choice), choice.lang)
    if guessing != "shown":  # what is not revealed is not sent to the browser
        rows = [row | {"right": None, "low": None, "high": None} for row in rows]

    def start(*_: Any) -> None:
        set_guesses({})
        set_guessing("guess")

    def reveal(mine: dict[str, Any]) -> None:
        set_guesses({str(name): float(value) for name, value in (mine or {}).items()})
        set_guessing("shown")

    components.Prediction(
        words=said,
        lang=choice.lang,
        stage=guessing,
        possible=bool(choice.policies),
        ready=None not in both,
        rows=rows,
        guesses=guesses,
        event_start=start,
        event_guess=lambda one: set_guesses(lambda old: old | {str(one["name"]): float(one["value"])}),
        event_reveal=reveal,
    )


@solara.component
def AttackPanel(
    choice: Choice,
    scenario: Scenario,
    before: Run,
    after: Run,
    owner: str,
    choose: Callable,
    game: str,
    set_game: Callable,
) -> None:
    """A visitor's own plan, and beside it what other minds do against the same policies."""
    said = words(choice.lang)
    left, right = before.recording, after.recording
    kind, _ = parse_attacker(choice.attacker)
    nobody: tuple[Choice, ...] = ()
    rivals, set_rivals = solara.use_state(nobody)
    case = choice.having(own=None, tab="", layer="", hour=0, lang="en")
    wanted = rivals == (case,) and kind != "none"
    by_lot, planned = (
        requests(case.having(attacker=f"{kind}:{mind}"))[1] if wanted else None for mind in RIVALS
    )
    lots = use_run(job_queue(), by_lot, owner)
    best = use_run(job_queue(), planned if lots.run.state == "done" else None, owner)

    runs = [(said["you_bare"], before), (said["you"], after)] if choice.own else []
    runs += [(said["lots"], lots.run), (said["best"], best.run)] if wanted else []
    results = tab_rows.with_bars(
        [_result(said, name, run) for name, run in runs],
        [tab_rows.harm_of(run.recording, kind) for _, run in runs],
    )
    last: Any = solara.use_ref(None)  # what the visitor has ticked stays while a run is computed
    last.current = seen = right or left or last.current
    board = solara.use_memo(
        lambda: tab_rows.attack_board(seen, scenario, kind, said, choice.lang),
        [None if seen is None else seen.key, kind, choice.lang],
    )

    def attempt(sent: dict[str, Any]) -> None:
        choose({OWN: tab_rows.plan_from_page(sent, scenario)})
        if game == "b":
            set_game("sent")

    def play(phase: str) -> None:
        if phase == "a" or (phase == "off" and game != "reveal"):
            choose({"mind": RIVALS[0]})  # and no plan of one's own
        if phase == "reveal":
            set_rivals((case,))
        if phase in PHASES:
            set_game(phase)

    failed = after.error if choice.own else ""
    components.Attack(
        words=said,
        lang=choice.lang,
        kind=kind,
        many=kind != "coercer",
        **board,
        budget=scenario.attacker.budget if choice.budget is None else choice.budget,
        firstHour=scenario.attacker.first_hour if choice.first_hour is None else choice.first_hour,
        hours=choice.hours,
        plan=tab_rows.plan_for_page(choice.own),
        refused=failed,
        policies=tab_rows.policy_text(choice.policies, choice.lang, said["no_policy"]),
        columns=tab_rows.harm_columns(choice.lang),
        results=results,
        game="b" if game == "sent" and failed else game,
        ready=left is not None and right is not None,
        waiting=said["ready"] if right else after.told(said),
        verdict=tab_rows.verdict(right, best.run.recording, kind, said),
        event_attempt=attempt,
        event_rivals=lambda *_: set_rivals((case,)),
        event_play=play,
    )


def _result(said: dict[str, str], name: str, run: Run) -> dict[str, Any]:
    if run.recording is not None:
        return tab_rows.harm_row(name, run.recording)
    share = run.share if run.state == "running" else None
    return tab_rows.harm_row(name, None, run.error or run.told(said), share)


@solara.component
def WhyPanel(
    lang: str, left: Recording | None, right: Recording | None, veil: bool, set_goto: Callable
) -> None:
    """The trail of one outcome through both runs."""
    said = words(lang)
    names = tab_rows.explained(left)
    chosen, set_chosen = solara.use_state("")
    visits = solara.use_ref(0)
    outcome = chosen if chosen in names else (names[0] if names else "")

    def visit(to: dict[str, Any]) -> None:
        visits.current += 1
        set_goto({"hour": int(to["hour"]), "n": visits.current})

    sides = [
        tab_rows.trail_rows(trail(one, outcome), one.city_map, said, lang) if one is not None and outcome else []
        for one in (left, None if veil else right)
    ]
    components.Why(
        words=said,
        lang=lang,
        outcome=outcome,
        outcomes=[[name, tab_rows.title(name, lang)] for name in names],
        sides=sides,
        veil=veil,
        event_ask=set_chosen,
        event_visit=visit,
    )


@solara.component
def SavePanel(choice: Choice, left: Recording | None, right: Recording | None, veil: bool) -> None:
    """Files are made when they are asked for, and saved by the browser."""
    said = words(choice.lang)
    nothing: dict[str, Any] = {}
    file, set_file = solara.use_state(nothing)
    count = solara.use_ref(0)

    def make(kind: str) -> None:
        if kind not in FILES or left is None or right is None or veil:
            return
        count.current += 1
        name, mime, data = file_of(kind, left, right, choice, spread_of(choice))
        set_file({"name": name, "mime": mime, "data": base64.b64encode(data).decode(), "n": count.current})

    title = left.about["title_ja" if choice.lang == "ja" else "title"] if left else ""
    components.Save(
        words=said,
        lang=choice.lang,
        kinds=[*FILES[:3], "png", *FILES[3:]],
        ready=left is not None and right is not None,
        veil=veil,
        file=file,
        caption=f"{title} · {said['attacker']}: {choice.attacker} · {said['seed']} {choice.seed}",
        policies=tab_rows.policy_text(choice.policies, choice.lang, said["no_policy"]),
        stem=stem_of(choice),
        event_make=make,
    )
