"""Components that the browser draws: the data that each gets, and the events that it sends back."""

from collections.abc import Callable
from typing import Any

import solara

OnEvent = Callable[[Any], None]
Row = dict[str, Any]


@solara.component_vue("head.vue")
def Head(
    words: dict[str, str],
    lang: str,
    scenarios: list,
    scenario: str,
    seed: int,
    query: str,
    view: str,
    fixed: str,
    event_choose: OnEvent,
) -> None:
    """Scenario, seed, language, share link, projector."""


@solara.component_vue("story.vue")
def Story(
    words: dict[str, str],
    lang: str,
    text: str,
    tasks: list[str],
    headline: str,
    attacked: str,
    locked: bool,
    event_begin: OnEvent,
    event_choose: OnEvent,
) -> None:
    """The story of the scenario, three things to do, and the headline."""


@solara.component_vue("rail.vue")
def Rail(
    words: dict[str, str],
    lang: str,
    policies: list[Row],
    packages: list[str],
    package: str,
    total: int,
    charged: int,
    shared: int,
    kinds: list[str],
    kind: str,
    minds: list[str],
    mind: str,
    persistences: list[str],
    persistence: str,
    budget: float,
    firstHour: int,
    hours: int,
    numbers: int,
    locked: bool,
    fixed: bool,
    takes: str,
    runs: list[Row],
    event_choose: OnEvent,
    event_cancel: OnEvent,
    event_again: OnEvent,
) -> None:
    """Countermeasures, attacker, and the state of both runs."""


@solara.component_vue("map_pair.vue")
def MapPair(
    words: dict[str, str],
    lang: str,
    city: Row | None,
    ids: Row,
    left: Row | None,
    right: Row | None,
    titles: list[str],
    waiting: str,
    hideRight: bool,
    hideBoth: bool,
    start: str,
    hours: int,
    plots: dict[str, list[Row]],
    target: list[int],
    first: Row,
    goto: Row,
    large: bool,
    event_seen: OnEvent,
) -> None:
    """Two maps on one clock, the time slider and charts."""


@solara.component_vue("tabs.vue")
def Tabs(words: dict[str, str], lang: str, tabs: list[str], tab: str, event_choose: OnEvent) -> None:
    """The tabs below the maps."""


@solara.component_vue("outcomes.vue")
def OutcomeTable(
    words: dict[str, str],
    lang: str,
    rows: list[Row],
    hideRight: bool,
    possible: bool,
    have: int,
    busy: bool,
    share: float,
    progress: str,
    refused: str,
    event_replicate: OnEvent,
    event_stop: OnEvent,
) -> None:
    """Outcomes of both runs, and how certain the differences are."""


@solara.component_vue("expert.vue")
def Expert(words: dict[str, str], lang: str, groups: list[Row], event_choose: OnEvent) -> None:
    """Numbers and switches."""


@solara.component_vue("predict.vue")
def Prediction(
    words: dict[str, str],
    lang: str,
    shown: bool,
    possible: bool,
    ready: bool,
    rows: list[Row],
    guesses: dict[str, float],
    event_again: OnEvent,
    event_guess: OnEvent,
    event_reveal: OnEvent,
) -> None:
    """Sliders for guesses, then the results beside them."""


@solara.component_vue("attack.vue")
def Attack(
    words: dict[str, str],
    lang: str,
    kind: str,
    many: bool,
    places: list,
    actions: list[Row],
    principals: list,
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
    event_attempt: OnEvent,
    event_rivals: OnEvent,
    event_play: OnEvent,
) -> None:
    """A visitor's own attack."""


@solara.component_vue("why.vue")
def Why(
    words: dict[str, str],
    lang: str,
    outcome: str,
    outcomes: list,
    sides: list,
    waiting: list[str],
    changes: list[Row],
    hideRight: bool,
    event_ask: OnEvent,
    event_visit: OnEvent,
) -> None:
    """The hours, orders and events behind an outcome, and what the measures changed."""


@solara.component_vue("rank.vue")
def Ranking(
    words: dict[str, str],
    lang: str,
    outcome: str,
    harm: str,
    rows: list[Row],
    chosen: list[str],
    offered: list[Row],
    busy: bool,
    share: float,
    progress: str,
    missing: int,
    refused: str,
    note: str,
    event_pick: OnEvent,
    event_compute: OnEvent,
    event_stop: OnEvent,
) -> None:
    """Several policies by price and harm."""


@solara.component_vue("save.vue")
def Save(
    words: dict[str, str],
    lang: str,
    kinds: list[str],
    ready: bool,
    hideRight: bool,
    file: Row,
    about: list[str],
    policies: str,
    stem: str,
    event_make: OnEvent,
) -> None:
    """Files to save."""


@solara.component_vue("join.vue")
def Join(
    words: dict[str, str], lang: str, code: str, refused: str, event_join: OnEvent, event_back: OnEvent
) -> None:
    """Joining a room."""


@solara.component_vue("room_bar.vue")
def RoomBar(
    words: dict[str, str],
    lang: str,
    round: Row | None,
    role: str,
    card: list,
    task: str,
    notes: list[str],
    slider: Row | None,
    guess: float | None,
    now: str,
    possible: bool,
    takes: bool,
    handed: str,
    refused: str,
    results: list,
    pin: str,
    event_hand: OnEvent,
) -> None:
    """What a group of a room sees above the maps."""


@solara.component_vue("leader.vue")
def Leader(
    words: dict[str, str],
    lang: str,
    code: str,
    addresses: list[Row],
    groups: list[Row],
    roles: list,
    kinds: list[str],
    scenarios: list,
    kind: str,
    scenario: str,
    offers: list[Row],
    note: str,
    possible: bool,
    usual_minutes: float,
    refused: str,
    rounds: list,
    round: Row | None,
    histogram: Row | None,
    scatter: Row | None,
    columns: list[str],
    rows: list[Row],
    certainty: str,
    file_note: str,
    file: Row,
    event_role: OnEvent,
    event_deal: OnEvent,
    event_look: OnEvent,
    event_begin: OnEvent,
    event_stop: OnEvent,
    event_more: OnEvent,
    event_show: OnEvent,
    event_repeat: OnEvent,
    event_save: OnEvent,
) -> None:
    """The leader's view of a room."""
