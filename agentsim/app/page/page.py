"""The page itself: what one visitor has chosen, the two runs that follow from it, and everything around them.

All state lives inside ``Page`` and belongs to one browser. Whatever takes long is done by the desk's workers.
"""

from collections.abc import Callable
from typing import Any

import reacton.ipyvuetify as v
import solara

from agentsim.agents.attacker.bad_actor import KINDS, parse_attacker
from agentsim.app.page import charts
from agentsim.app.page import components
from agentsim.app.page import tab_rows
from agentsim.app.page.link import TABS, Choice, from_query, to_query
from agentsim.app.page.start_page import OWN, changed, minds_of, requests, usual_choice
from agentsim.app.page.tabs import Panel
from agentsim.app.page.use_run import Handle, job_queue, use_run
from agentsim.app.page.words import words
from agentsim.app.replay import browser_data
from agentsim.app.replay import policy_prices
from agentsim.app.replay import scenario_list
from agentsim.app.replay.recording import Recording
from agentsim.scenario.file import Scenario

SHUT = ("handover", "b", "sent")  # of the game: both maps are hidden

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
    """No frame but the page's own."""
    v.Html(tag="div", class_="ag", children=children)


@solara.component
def Page() -> None:
    """One visitor's page."""
    router = solara.use_router()
    first = solara.use_memo(lambda: from_query(router.search, usual_choice(), scenario_list.names()), [])
    choice, set_choice = solara.use_state(first)
    now = solara.use_ref(choice)
    now.current = choice
    owner = solara.use_memo(solara.get_kernel_id, [])
    guessing, set_guessing = solara.use_state("off")
    game, set_game = solara.use_state("off")
    nothing: dict[str, Any] = {}
    guesses, set_guesses = solara.use_state(nothing)
    goto, set_goto = solara.use_state(nothing)

    def choose(said: dict[str, Any]) -> None:
        after = changed(now.current, said)
        if (after.policies, after.scenario, after.attacker) != (
            now.current.policies,
            now.current.scenario,
            now.current.attacker,
        ) and guessing == "shown":
            set_guessing("off")
        now.current = after
        set_choice(after)

    asked = requests(choice)
    left = use_run(job_queue(), asked[0], owner)
    right = use_run(job_queue(), asked[1], owner)
    solara.use_effect(lambda: lambda: job_queue().cancel_all(owner), [])

    said = words(choice.lang)
    scenario = scenario_list.scenario_named(choice.scenario)
    veil, shut = guessing == "guess", game in SHUT
    locked = game not in ("off", "a")
    solara.Style(STYLE)
    v.Html(
        tag="div",
        children=[
            _head(said, choice, choose),
            v.Html(
                tag="div",
                class_="ag-body",
                children=[
                    _rail(said, choice, scenario, (left, right), choose, locked),
                    v.Html(
                        tag="main",
                        class_="ag-main",
                        attributes={"id": "maps"},
                        children=[
                            Stage(choice, first, (left, right), veil, shut, goto, choose),
                            v.Html(
                                tag="div",
                                class_="ag-foot",
                                children=[
                                    components.Tabs(
                                        words=said,
                                        lang=choice.lang,
                                        tabs=["attack"] if shut else list(TABS),
                                        tab="attack" if shut else choice.tab,
                                        event_choose=choose,
                                    ),
                                    Panel(
                                        choice.having(tab="attack") if shut else choice,
                                        scenario,
                                        left.run,
                                        right.run,
                                        (game, set_game),
                                        guessing,
                                        guesses,
                                        owner,
                                        choose,
                                        set_guessing,
                                        set_guesses,
                                        set_goto,
                                    ),
                                ],
                            ),
                        ],
                    ),
                ],
            ),
        ],
    )


# ---- around the maps ----------------------------------------------------------------------------------


def _head(said: dict[str, str], choice: Choice, choose: Callable) -> solara.Element:
    listed = []
    for name in scenario_list.names():
        one = scenario_list.scenario_named(name)
        listed.append([name, (one.title_ja if choice.lang == "ja" else one.title) or name])
    return components.Head(
        words=said,
        lang=choice.lang,
        scenarios=listed,
        scenario=choice.scenario,
        seed=choice.seed,
        query=to_query(choice),
        event_choose=choose,
    )


def _rail(
    said: dict[str, str],
    choice: Choice,
    scenario: Scenario,
    both: tuple[Handle, Handle],
    choose: Callable,
    locked: bool,
) -> solara.Element:
    rows = policy_prices.policy_rows(scenario, choice.lang)
    packages = policy_prices.packages()
    preset = next((name for name, ids in packages.items() if ids == choice.policies), "")
    kind, mind = parse_attacker(choice.attacker)
    foe = scenario.attacker
    told = [
        {
            "state": one.run.state,
            "text": one.run.told(said),
            "progress": one.run.share,
            "error": one.run.error,
        }
        for one in both
    ]
    return components.Rail(
        words=said,
        lang=choice.lang,
        levers=[row | {"on": row["id"] in choice.policies} for row in rows],
        packages=list(packages),
        preset=preset,
        total=round(policy_prices.total_jpy(scenario, choice.policies, choice.numbers)),
        kinds=list(KINDS),
        kind=kind,
        minds=[*minds_of(scenario), *([OWN] if choice.own else [])],
        mind=OWN if choice.own else mind,
        budget=foe.budget if choice.budget is None else choice.budget,
        firstHour=foe.first_hour if choice.first_hour is None else choice.first_hour,
        hours=choice.hours,
        numbers=len(choice.numbers),
        locked=locked,
        runs=told,
        event_choose=choose,
        event_cancel=lambda k: both[int(k)].cancel(),
        event_again=lambda k: both[int(k)].again(),
    )


def _use_pack(recording: Recording | None, lang: str) -> dict[str, Any] | None:
    """What the browser is sent of a run, made once."""
    dependencies = [recording.key if recording else "", lang]
    return solara.use_memo(lambda: browser_data.pack(recording, lang) if recording else None, dependencies)


@solara.component
def Stage(
    choice: Choice,
    first: Choice,
    both: tuple[Handle, Handle],
    veil: bool,
    shut: bool,
    goto: dict[str, Any],
    choose: Callable,
) -> None:
    """The maps; while a run is computed the city stays in sight."""
    said = words(choice.lang)
    left, right = (one.run.recording for one in both)
    there = [one for one in (left, right) if one is not None]
    kind, _ = parse_attacker(choice.attacker)
    last: Any = solara.use_ref(None)
    last.current = stage = there[0].city_map if there else last.current
    drawn = solara.use_memo(
        lambda: (browser_data.geometry(stage), browser_data.ids(stage)) if stage else (None, {}),
        [there[0].key if there else "", stage is None],
    )
    packs = (_use_pack(left, choice.lang), _use_pack(right, choice.lang))
    waiting = next((one.run for one in both if one.run.recording is None), both[0].run)
    components.MapPair(
        words=said,
        lang=choice.lang,
        stage=drawn[0],
        ids=drawn[1],
        left=packs[0],
        right=packs[1],
        titles=[said["no_policy"], tab_rows.policy_text(choice.policies, choice.lang, said["no_policy"])],
        waiting=waiting.told(said),
        veil=veil,
        shut=shut,
        start=there[0].about["start"] if there else "2030-01-01",
        plots=charts.plots(there, kind, choice.lang),
        target=[-1 if one is None else browser_data.target(one) for one in (left, right)],
        first={"hour": first.hour, "layer": first.layer},
        goto=goto,
        event_seen=choose,
    )
