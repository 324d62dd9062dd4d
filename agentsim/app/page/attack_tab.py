"""The tab "be the attacker": a visitor's own plan, alone or group against group, beside other attackers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import solara

from agentsim.agents.attacker.bad_actor import parse_attacker
from agentsim.app.page import attack_rows, components
from agentsim.app.page.link import Choice
from agentsim.app.page.start_page import OWN, requests
from agentsim.app.page.tab_rows import policy_text
from agentsim.app.page.use_run import Run, job_queue, use_run
from agentsim.app.page.view import View
from agentsim.app.page.words import words

RIVALS = ("random", "best_response")  # attackers with which a visitor's plan is compared
PHASES = ("off", "a", "handover", "b", "sent", "reveal")  # of the game of two groups
ROOM = "room"  # in the place of a phase: a round of a room, which keeps the rules itself


@dataclass(frozen=True)
class Game:
    """The game of two groups, in one of ``PHASES``, or a round of a room."""

    phase: str
    set_phase: Callable[[str], None]

    @property
    def hides_both(self) -> bool:
        return self.phase in ("handover", "b", "sent", ROOM)

    @property
    def locked(self) -> bool:
        """True if the countermeasures can no longer be changed."""
        return self.phase not in ("off", "a")


ROOM_GAME = Game(ROOM, lambda phase: None)


def use_game() -> Game:
    """The game of this page."""
    phase, set_phase = solara.use_state("off")
    return Game(phase, set_phase)


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
        lambda: attack_rows.attack_options(latest, view.scenario, kind, words(lang), lang),
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
        plan = attack_rows.plan_from_page(sent, view.scenario)
        if view.rules.hand_in is not None:
            view.rules.hand_in(plan)
            return
        view.choose({OWN: plan})
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
        plan=attack_rows.plan_for_page(choice.own or view.rules.plan),
        refused=failed,
        policies=policy_text(choice.policies, choice.lang, labels["no_policy"]),
        columns=attack_rows.harm_columns(choice.lang),
        results=_results(view, rivals, kind),
        game="b" if game.phase == "sent" and failed else game.phase,
        ready=view.complete,
        waiting=labels["ready"] if own.recording else own.text(labels),
        verdict=attack_rows.verdict(own.recording, rivals.best.recording, kind, labels),
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
    return attack_rows.with_bars(
        [_result(name, run, lang) for name, run in runs],
        [attack_rows.harm_of(run.recording, kind) for _, run in runs],
    )


def _result(name: str, run: Run, lang: str) -> dict[str, Any]:
    if run.recording is not None:
        return attack_rows.harm_row(name, run.recording)
    share = run.share if run.state == "running" else None
    note = run.error.in_language(lang) or run.text(words(lang))
    return attack_rows.harm_row(name, None, note, share)
