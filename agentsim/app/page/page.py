"""The page: what one visitor has chosen, the two runs that follow from it, and the components around them.

All state lives inside ``Page`` and belongs to one browser. Worker processes compute the runs.
"""

import logging
from collections.abc import Callable
from typing import Any

import reacton.ipyvuetify as v
import solara

from agentsim.agents.attacker.bad_actor import KINDS, parse_attacker
from agentsim.app.page import charts, components
from agentsim.app.page.link import LANGUAGES, TABS, Choice, from_query, to_query
from agentsim.app.page.start_page import OWN, changed, minds_of, requests, usual_choice
from agentsim.app.page.tab_rows import policy_text
from agentsim.app.page.tabs import Game, Guessing, TabContent, View, use_game, use_guessing
from agentsim.app.page.use_run import job_queue, use_run
from agentsim.app.page.words import words
from agentsim.app.replay import browser_data, policy_prices, scenario_list
from agentsim.app.replay.recording import Recording
from agentsim.app.server.open_pages import OPEN_PAGES

_LOG = logging.getLogger(__name__)
STYLE = """
html { overflow-y: auto !important; }
body, .v-application {
  background: #f3f5f7 !important;
  font-family: 'Noto Sans','Noto Sans CJK JP','Hiragino Sans','Yu Gothic UI',system-ui,sans-serif !important;
}
.solara-content-main, .solara-autorouter-content { padding: 0 !important; }
.ag-body {
  display: grid; grid-template-columns: 246px minmax(0, 1fr);
  gap: 10px; padding: 8px 12px 12px; align-items: start;
}
.ag { min-height: 100vh; background: #f3f5f7; }
.ag-main { min-width: 0; }
.ag-foot { margin-top: 6px; }
@media (max-width: 900px) { .ag-body { grid-template-columns: 1fr; } .hd-note { display: none; } }
"""


@solara.component
def Layout(children: list = []) -> None:  # noqa: B006  # Solara's own signature
    """The page without Solara's frame."""
    v.Html(tag="div", class_="ag", children=children)


@solara.component
def Page() -> None:
    """The page; if it cannot be drawn, one sentence and a link to its beginning, and the error in the log."""
    error, _ = solara.use_exception()
    solara.use_effect(lambda: _log(error), [error])
    if error is None:
        VisitorPage()
        return
    with v.Html(tag="main", class_="ag-error"):
        for lang in LANGUAGES:
            v.Html(tag="p", children=[words(lang)["not_drawn"]])
            v.Html(tag="a", attributes={"href": "/"}, children=[words(lang)["begin_again"]])


def _log(error: BaseException | None) -> None:
    if error is not None:
        _LOG.error("the page could not be drawn", exc_info=error)


@solara.component
def VisitorPage() -> None:
    """One visitor's page."""
    router = solara.use_router()
    first = solara.use_memo(lambda: from_query(router.search, usual_choice(), scenario_list.names()), [])
    choice, set_choice = solara.use_state(first)
    guessing, game = use_guessing(), use_game()
    goto, set_goto = solara.use_state(_NO_HOUR)
    owner = solara.use_memo(lambda: OPEN_PAGES.page(solara.get_kernel_id()), [])
    now = solara.use_ref(choice)
    now.current = choice

    def choose(change: dict[str, Any]) -> None:
        after = changed(now.current, change)
        if guessing.phase == "shown" and _case(after) != _case(now.current):
            guessing.set_phase("off")
        now.current = after
        set_choice(after)

    without, with_policies = requests(choice)
    view = View(
        choice=choice,
        scenario=scenario_list.scenario_named(choice.scenario),
        left=use_run(job_queue(), without, owner),
        right=use_run(job_queue(), with_policies, owner),
        owner=owner,
        choose=choose,
    )
    solara.use_effect(lambda: lambda: job_queue().cancel_all(owner), [])
    solara.Style(STYLE)
    with v.Html(tag="div"):
        _head(choice, choose)
        with v.Html(tag="div", class_="ag-body"):
            _rail(view, game)
            with v.Html(tag="main", class_="ag-main", attributes={"id": "maps"}):
                Maps(view, first, game, guessing, goto)
                _tabs(view, game, guessing, set_goto)


_NO_HOUR: dict[str, Any] = {}


def _case(choice: Choice) -> tuple[str, tuple[str, ...], str]:
    """What a prediction is made for."""
    return choice.scenario, choice.policies, choice.attacker


def _head(choice: Choice, choose: Callable) -> solara.Element:
    listed = []
    for name in scenario_list.names():
        one = scenario_list.scenario_named(name)
        listed.append([name, (one.title_ja if choice.lang == "ja" else one.title) or name])
    return components.Head(
        words=words(choice.lang),
        lang=choice.lang,
        scenarios=listed,
        scenario=choice.scenario,
        seed=choice.seed,
        query=to_query(choice),
        event_choose=choose,
    )


def _rail(view: View, game: Game) -> solara.Element:
    choice, scenario, labels = view.choice, view.scenario, words(view.choice.lang)
    packages = policy_prices.packages()
    kind, mind = parse_attacker(choice.attacker)
    attacker, both = scenario.attacker, (view.left, view.right)
    return components.Rail(
        words=labels,
        lang=choice.lang,
        policies=[
            row | {"on": row["id"] in choice.policies}
            for row in policy_prices.policy_rows(scenario, choice.lang)
        ],
        packages=list(packages),
        package=next((name for name, ids in packages.items() if ids == choice.policies), ""),
        total=round(policy_prices.total_jpy(scenario, choice.policies, choice.numbers)),
        kinds=list(KINDS),
        kind=kind,
        minds=[*minds_of(scenario), *([OWN] if choice.own else [])],
        mind=OWN if choice.own else mind,
        budget=attacker.budget if choice.budget is None else choice.budget,
        firstHour=attacker.first_hour if choice.first_hour is None else choice.first_hour,
        hours=choice.hours,
        numbers=len(choice.numbers),
        locked=game.locked,
        runs=[
            {
                "state": one.run.state,
                "text": one.run.text(labels),
                "progress": one.run.share,
                "error": one.run.error.in_language(choice.lang),
            }
            for one in both
        ],
        event_choose=view.choose,
        event_cancel=lambda k: both[int(k)].cancel(),
        event_again=lambda k: both[int(k)].again(),
    )


def _tabs(view: View, game: Game, guessing: Guessing, set_goto: Callable) -> None:
    """The tabs and the content of the chosen one; while a game hides the maps there is only one tab."""
    tab = "attack" if game.hides_both else view.choice.tab
    with v.Html(tag="div", class_="ag-foot"):
        components.Tabs(
            words=words(view.choice.lang),
            lang=view.choice.lang,
            tabs=["attack"] if game.hides_both else list(TABS),
            tab=tab,
            event_choose=view.choose,
        )
        TabContent(view, tab, game, guessing, set_goto)


def _use_pack(recording: Recording | None, lang: str) -> dict[str, Any] | None:
    """What the browser gets of a run, packed once."""
    dependencies = [recording.key if recording else "", lang]
    return solara.use_memo(lambda: browser_data.pack(recording, lang) if recording else None, dependencies)


@solara.component
def Maps(view: View, first: Choice, game: Game, guessing: Guessing, goto: dict[str, Any]) -> None:
    """Both maps; while a run is computed the city stays visible."""
    choice, labels = view.choice, words(view.choice.lang)
    left, right = view.left.run.recording, view.right.run.recording
    there = [one for one in (left, right) if one is not None]
    last: Any = solara.use_ref(None)
    last.current = city_map = there[0].city_map if there else last.current
    city, ids = solara.use_memo(
        lambda: (browser_data.geometry(city_map), browser_data.ids(city_map)) if city_map else (None, {}),
        [there[0].key if there else "", city_map is None],
    )
    missing = next((one.run for one in (view.left, view.right) if one.run.recording is None), view.left.run)
    components.MapPair(
        words=labels,
        lang=choice.lang,
        city=city,
        ids=ids,
        left=_use_pack(left, choice.lang),
        right=_use_pack(right, choice.lang),
        titles=[labels["left_title"], policy_text(choice.policies, choice.lang, labels["no_policy"])],
        waiting=missing.text(labels),
        hideRight=guessing.hides_right,
        hideBoth=game.hides_both,
        start=there[0].about["start"] if there else "2030-01-01",
        plots=charts.plots(there, parse_attacker(choice.attacker)[0], choice.lang),
        target=[browser_data.target(one) if one else -1 for one in (left, right)],
        first={"hour": first.hour, "layer": first.layer},
        goto=goto,
        event_seen=view.choose,
    )
