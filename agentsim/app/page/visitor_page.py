"""One visitor's page: what is chosen, the two runs that follow from it, and the components around them.

All state lives inside ``VisitorPage`` and belongs to one browser. Worker processes compute the runs.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import reacton.ipyvuetify as v
import solara

from agentsim.agents.attacker.bad_actor import KINDS, parse_attacker
from agentsim.app.page import charts, components
from agentsim.app.page.attack_tab import ROOM_GAME, Game, use_game
from agentsim.app.page.headline import headline
from agentsim.app.page.link import VIEWS, Choice, to_query
from agentsim.app.page.rules import NO_RULES, Rules
from agentsim.app.page.run_time_texts import recorded_after, takes_text
from agentsim.app.page.start_page import COERCER, OWN, changed, choice_of_link, minds_of, requests
from agentsim.app.page.tab_rows import PRICE, policy_text
from agentsim.app.page.tabs import (
    Guessing,
    TabContent,
    headline_outcome,
    intervals_of,
    use_guessing,
)
from agentsim.app.page.use_run import job_queue, use_run
from agentsim.app.page.view import View
from agentsim.app.page.words import words
from agentsim.app.replay import browser_data, policy_prices, scenario_list
from agentsim.app.replay.recording import Recording
from agentsim.app.replay.stories import story_of
from agentsim.app.server.open_pages import OPEN_PAGES
from agentsim.policies import POLICIES
from agentsim.scenario.names import persistences

SAME_PRICE_FRAC = 0.01
BESIDE_CHARTS = ("outcomes", "save")  # tabs that need no more than half of the width


@solara.component
def VisitorPage(rules: Rules = NO_RULES) -> None:
    """One visitor's page; *rules* are those of a room."""
    router = solara.use_router()
    first = solara.use_memo(lambda: _first_choice(router.search, rules), [])
    chosen, set_choice = solara.use_state(first)
    choice = rules.hold(chosen)
    guessing, own_game = use_guessing(), use_game()
    game = ROOM_GAME if rules.hides_both else own_game
    goto, set_goto = solara.use_state(_NO_HOUR)
    _, set_tables = solara.use_state(0)  # tables of replications that have come: the headline tells them
    owner = solara.use_memo(lambda: OPEN_PAGES.page(solara.get_kernel_id()), [])
    now, visits = solara.use_ref(choice), solara.use_ref(0)
    now.current = choice

    def visit(to: dict[str, Any]) -> None:
        visits.current += 1
        set_goto(to | {"n": visits.current})

    def choose(change: dict[str, Any]) -> None:
        rules.observe(change)
        after = rules.hold(changed(now.current, change))
        if _case(after) != _case(now.current):
            guessing.set_phase("off")
        if after.scenario != now.current.scenario or "link" in change:
            visit({"hour": after.hour, "layer": after.layer, "measure": after.measure})
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
        visit=visit,
        refresh=lambda: set_tables(lambda count: count + 1),
        hides_right=rules.hides_right or guessing.hides(choice),
        rules=rules,
    )
    solara.use_effect(lambda: lambda: job_queue().cancel_all(owner), [])
    last_round: Any = solara.use_ref(None)

    def begin_round() -> None:
        if rules.place is None:
            return
        visit(rules.place)
        if last_round.current not in (None, rules.place["round"]):
            choose({"package": "none"})  # every round is begun without countermeasures
        last_round.current = rules.place["round"]

    solara.use_effect(begin_round, [rules.place])
    with v.Html(tag="div", class_=f"ag-{choice.view}"):
        _head(choice, choose, rules)
        if rules.bar:
            rules.bar(view)
        alone = bool(rules.fixed) and rules.locked  # nothing can be chosen at the side
        with v.Html(tag="div", class_="ag-body ag-alone" if alone else "ag-body"):
            if not alone:
                _rail(view, game)
            beside = choice.tab in BESIDE_CHARTS and not game.hides_both
            main = "ag-main" if beside else "ag-main ag-wide"
            with v.Html(tag="main", class_=main, attributes={"id": "maps"}):
                StoryLine(view, game)
                Maps(view, first, game, goto)
                _tabs(view, game, guessing)
        v.Html(tag="footer", class_="ag-caution", children=[words(choice.lang)["caution"]])


def _first_choice(query: str | None, rules: Rules) -> Choice:
    """The choice of the address; in a room nothing is chosen at first."""
    first = choice_of_link(query)
    return first.having(policies=()) if rules.fixed and "p=" not in (query or "") else first


_NO_HOUR: dict[str, Any] = {}


def _case(choice: Choice) -> tuple[str, tuple[str, ...], str]:
    """What a prediction is made for."""
    return choice.scenario, choice.policies, choice.attacker


def _head(choice: Choice, choose: Callable, rules: Rules) -> solara.Element:
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
        view=choice.view,
        fixed=rules.fixed,
        event_choose=choose,
    )


def _rail(view: View, game: Game) -> solara.Element:
    choice, scenario, labels = view.choice, view.scenario, words(view.choice.lang)
    rules = view.rules
    offered = set(POLICIES) if rules.offered is None else set(rules.offered)
    packages = {name: ids for name, ids in policy_prices.packages().items() if offered.issuperset(ids)}
    recorded = recorded_after(choice)
    total = round(policy_prices.total_jpy(scenario, choice.policies, choice.numbers))
    kind, mind = parse_attacker(choice.attacker)
    attacker, both = scenario.attacker, (view.left, view.right)
    return components.Rail(
        words=labels,
        lang=choice.lang,
        policies=[
            row | {"on": row["id"] in choice.policies, "recorded": row["id"] in recorded}
            for row in policy_prices.policy_rows(scenario, choice.lang, choice.numbers)
            if row["id"] in offered
        ],
        packages=list(packages),
        package=next((name for name, ids in packages.items() if ids == choice.policies), ""),
        total=total,
        charged=_charged_jpy(view, total),
        shared=round(policy_prices.shared_jpy(scenario, choice.policies, choice.numbers)),
        kinds=list(KINDS),
        kind=kind,
        minds=[*minds_of(scenario), *([OWN] if choice.own else [])],
        mind=OWN if choice.own else mind,
        persistences=persistences() if kind == COERCER else [],
        persistence=choice.persistence or attacker.persistence,
        budget=attacker.budget if choice.budget is None else choice.budget,
        firstHour=attacker.first_hour if choice.first_hour is None else choice.first_hour,
        hours=choice.hours,
        numbers=len(choice.numbers),
        locked=game.locked or rules.locked,
        fixed=bool(rules.fixed),
        takes=takes_text(choice, labels),
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


def _charged_jpy(view: View, planned_jpy: int) -> int:
    """What the measures cost in the run, if that is not what they cost by plan; otherwise 0."""
    run = view.right.run.recording
    if run is None or view.hides_right or not view.choice.policies:
        return 0
    charged_jpy = round(run.outcomes[PRICE])
    return charged_jpy if abs(charged_jpy - planned_jpy) > SAME_PRICE_FRAC * planned_jpy else 0


def _tabs(view: View, game: Game, guessing: Guessing) -> None:
    """The tabs and the content of the chosen one; while a game hides the maps there is only one tab."""
    tabs = ["attack"] if own_game_hides(view, game) else list(view.rules.tabs)
    if not tabs:
        v.Html(tag="div", class_="tb")  # its place stays
        return
    tab = view.choice.tab if view.choice.tab in tabs else tabs[0]
    components.Tabs(
        words=words(view.choice.lang),
        lang=view.choice.lang,
        tabs=tabs,
        tab=tab,
        event_choose=view.choose,
    )
    with v.Html(tag="div", class_="ag-foot"):
        TabContent(view, tab, game, guessing)


def own_game_hides(view: View, game: Game) -> bool:
    """True while a game of two groups on this page leaves one tab alone."""
    return game.hides_both and not view.rules.fixed


@lru_cache(maxsize=8)
def _packed(recording: Recording, lang: str) -> dict[str, Any]:
    """A run as browsers get it, packed once for all who look at it: in a room everybody does."""
    return browser_data.pack(recording, lang)


def _pack(recording: Recording | None, lang: str, without_results: bool) -> dict[str, Any] | None:
    """What the browser gets of a run."""
    packed = _packed(recording, lang) if recording else None
    return packed | browser_data.NO_RESULTS if packed and without_results else packed


@solara.component
def StoryLine(view: View, game: Game) -> None:
    """The story of the scenario, what to do, and the headline; empty while a game hides the results."""
    if game.hides_both:  # its place stays, so that what follows keeps its state
        v.Html(tag="div")
        return
    choice, labels = view.choice, words(view.choice.lang)
    story = story_of(choice.scenario, view.scenario)
    left, right = view.recordings
    free = not view.rules.fixed  # a room has tasks of its own
    attacks = free and view.scenario.attacker.kind != "none"

    def begin(number: int) -> None:
        change = dict(story.tasks[int(number)][1])
        view.choose({key: value for key, value in change.items() if key not in ("hour", "play")})
        if "hour" in change:
            view.visit(change)

    components.Story(
        words=labels,
        lang=choice.lang,
        text=story.text.in_language(choice.lang),
        tasks=[text.in_language(choice.lang) for text, _ in story.tasks if free],
        headline=_headline(view) if left and (right or view.hides_right) else labels["loading"] + " …",
        attacked="never" if not attacks else "no" if choice.attacker == "none" else "yes",
        locked=game.locked,
        event_begin=begin,
        event_choose=view.choose,
    )


def _headline(view: View) -> str:
    left, right = view.recordings
    if left is None:
        return ""
    spread = intervals_of(view.choice)
    outcome = headline_outcome(view)
    return headline(left, None if view.hides_right else right, outcome, spread, view.choice.lang)


@solara.component
def Maps(view: View, first: Choice, game: Game, goto: dict[str, Any]) -> None:
    """Both maps; while a run is computed the city stays visible."""
    choice, labels = view.choice, words(view.choice.lang)
    if view.rules.fixed:
        labels = labels | {"hidden_right": labels["hidden_room"]}
    left, right = view.left.run.recording, view.right.run.recording
    there = [one for one in (left, right) if one is not None]
    shown = [one for one in (left, None if view.hides_right else right) if one is not None]
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
        left=_pack(left, choice.lang, game.hides_both),
        right=_pack(None if view.hides_right else right, choice.lang, game.hides_both),
        titles=[labels["left_title"], policy_text(choice.policies, choice.lang, labels["no_policy"])],
        waiting=missing.text(labels),
        hideRight=view.hides_right,
        hideBoth=game.hides_both,
        start=view.scenario.start.isoformat(),
        hours=choice.hours,
        plots=charts.plots(shown, parse_attacker(choice.attacker)[0], choice.lang),
        target=[browser_data.target(one) if one else -1 for one in (left, right)],
        first={"hour": first.hour, "layer": first.layer, "measure": first.measure},
        goto=goto,
        large=choice.view == VIEWS[1],
        event_seen=view.choose,
    )
