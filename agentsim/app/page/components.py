"""The parts of the page that the browser draws, and what each is told and tells back."""

from collections.abc import Callable
from typing import Any

import solara

Tell = Callable[[Any], None]
Row = dict[str, Any]


@solara.component_vue("head.vue")
def Head(
    words: dict[str, str],
    lang: str,
    scenarios: list,
    scenario: str,
    seed: int,
    query: str,
    event_choose: Tell,
) -> None:
    """Scenario, seed, language, share link."""


@solara.component_vue("rail.vue")
def Rail(
    words: dict[str, str],
    lang: str,
    levers: list[Row],
    packages: list[str],
    preset: str,
    total: int,
    kinds: list[str],
    kind: str,
    minds: list[str],
    mind: str,
    budget: float,
    firstHour: int,
    hours: int,
    numbers: int,
    locked: bool,
    runs: list[Row],
    event_choose: Tell,
    event_cancel: Tell,
    event_again: Tell,
) -> None:
    """Countermeasures, attacker, and how the runs stand."""


@solara.component_vue("map_pair.vue")
def MapPair(
    words: dict[str, str],
    lang: str,
    stage: Row | None,
    ids: Row,
    left: Row | None,
    right: Row | None,
    titles: list[str],
    waiting: str,
    veil: bool,
    shut: bool,
    start: str,
    plots: list[Row],
    target: list[int],
    first: Row,
    goto: Row,
    event_seen: Tell,
) -> None:
    """Two maps on one clock, scrubber and charts."""


@solara.component_vue("tabs.vue")
def Tabs(words: dict[str, str], lang: str, tabs: list[str], tab: str, event_choose: Tell) -> None:
    """The tabs beneath the maps."""


@solara.component_vue("outcomes.vue")
def OutcomeTable(
    words: dict[str, str],
    lang: str,
    rows: list[Row],
    veil: bool,
    possible: bool,
    have: int,
    busy: bool,
    share: float,
    told: str,
    refused: str,
    event_replicate: Tell,
    event_stop: Tell,
) -> None:
    """Both runs' outcomes, and how sure they are."""


@solara.component_vue("expert.vue")
def Expert(words: dict[str, str], lang: str, groups: list[Row], event_choose: Tell) -> None:
    """Numbers and switches."""


@solara.component_vue("predict.vue")
def Prediction(
    words: dict[str, str],
    lang: str,
    stage: str,
    possible: bool,
    ready: bool,
    rows: list[Row],
    guesses: dict[str, float],
    event_start: Tell,
    event_guess: Tell,
    event_reveal: Tell,
) -> None:
    """Guess, then see."""


@solara.component_vue("attack.vue")
def Attack(
    words: dict[str, str],
    lang: str,
    kind: str,
    many: bool,
    places: list,
    actions: list[Row],
    rooms: list,
    budget: float,
    firstHour: int,
    hours: int,
    plan: Row | None,
    refused: str,
    policies: str,
    columns: list[str],
    results: list[Row],
    game: str,
    ready: bool,
    waiting: str,
    verdict: str,
    event_attempt: Tell,
    event_rivals: Tell,
    event_play: Tell,
) -> None:
    """A visitor's own attack."""


@solara.component_vue("why.vue")
def Why(
    words: dict[str, str],
    lang: str,
    outcome: str,
    outcomes: list,
    sides: list,
    veil: bool,
    event_ask: Tell,
    event_visit: Tell,
) -> None:
    """The trail from an outcome back to hours, orders and events."""


@solara.component_vue("save.vue")
def Save(
    words: dict[str, str],
    lang: str,
    kinds: list[str],
    ready: bool,
    veil: bool,
    file: Row,
    caption: str,
    policies: str,
    stem: str,
    event_make: Tell,
) -> None:
    """Files to take away."""
