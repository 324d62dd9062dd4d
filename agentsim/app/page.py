"""The page itself: what one visitor has chosen, the two runs that follow from it, and everything around them.

All state lives inside ``Page`` and belongs to one browser. Whatever takes long is done by the desk's workers.
"""

import base64
import os
from collections.abc import Callable
from typing import Any

import reacton.ipyvuetify as v
import solara

from agentsim.agents.bad_actor import KINDS, MINDS, full_name, parse_attacker
from agentsim.agents.mind import Plan
from agentsim.app import charts, levers, panels, parts, presets, scenes, show
from agentsim.app.recording import Recording, Request
from agentsim.app.runs import Handle, desk, use_run
from agentsim.app.saving import KINDS as FILES
from agentsim.app.saving import file_of, stem_of
from agentsim.app.share import TABS, Choice, from_query, to_query
from agentsim.app.why import trail
from agentsim.app.words import words
from agentsim.policies import POLICIES, expand
from agentsim.scenario import Scenario

OWN = "own"  # a mind that the visitor lends
STYLE = """
html { overflow-y: auto !important; }
body, .v-application { background: #f3f5f7 !important; font-family: 'Noto Sans','Noto Sans CJK JP','Hiragino Sans','Yu Gothic UI',system-ui,sans-serif !important; }
.solara-content-main, .solara-autorouter-content { padding: 0 !important; }
.ag-body { display: grid; grid-template-columns: 246px minmax(0, 1fr); gap: 10px; padding: 8px 12px 12px; align-items: start; }
.ag-main { min-width: 0; }
.ag-foot { margin-top: 6px; }
@media (max-width: 900px) { .ag-body { grid-template-columns: 1fr; } .hd-note { display: none; } }
"""


@solara.component
def Layout(children: list = []) -> None:  # noqa: B006  # Solara's own signature
    """No frame but the page's own."""
    v.Html(tag="div", class_="ag", children=children)


def usual_choice() -> Choice:
    """What a visitor sees who brings no link: the first scenario under its own attacker."""
    name = os.environ.get("AGENTSIM_APP_SCENARIO", "")
    return choice_of(name if name in scenes.names() else _first_scene())


def _first_scene() -> str:
    names = scenes.names()
    return "hostile_operator" if "hostile_operator" in names else names[0]


def choice_of(name: str, lang: str = "en") -> Choice:
    """How a scenario opens: with what is recorded of its attacker, and a policy that it compares."""
    scenario = scenes.scene(name)
    usual = presets.request_for(name)
    kind, _ = parse_attacker(usual.attacker)
    by_lot = name == presets.FLAGSHIP and kind != "none"
    attacker = full_name(kind, MINDS[0]) if by_lot else usual.attacker
    compared = [id for id in scenario.compare.policies if id in POLICIES]
    opening = [id for id in ("W-C1",) if id in compared] or compared[:1]
    hour = 0 if kind == "none" else scenario.attacker.first_hour + 12
    at = min(hour, usual.hours - 1)
    return Choice(name, expand(opening), attacker, usual.seed, usual.hours, lang, hour=at)


def requests(choice: Choice) -> tuple[Request, Request]:
    """The runs of a choice: without policies and with them."""
    changes: list[tuple[str, Any]] = []
    if choice.attacker != "none":
        changes += [("attacker.budget", choice.budget)] if choice.budget is not None else []
        changes += [("attacker.first_hour", choice.first_hour)] if choice.first_hour is not None else []
    own = choice.own if choice.attacker != "none" else None
    attacker = f"{parse_attacker(choice.attacker)[0]}:best_response" if own else choice.attacker
    with_them = Request(
        choice.scenario,
        choice.policies,
        attacker,
        choice.seed,
        choice.hours,
        presets.HOUSEHOLDS,
        plan=own,
        changes=tuple(changes),
    )
    return with_them.without_policies(), with_them


@solara.component
def Page() -> None:
    """One visitor's page."""
    router = solara.use_router()
    first = solara.use_memo(lambda: from_query(router.search, usual_choice(), scenes.names()), [])
    choice, set_choice = solara.use_state(first)
    now = solara.use_ref(choice)
    now.current = choice
    owner = solara.use_memo(solara.get_kernel_id, [])
    guessing, set_guessing = solara.use_state("off")
    guesses, set_guesses = solara.use_state({})
    goto, set_goto = solara.use_state({})

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
    left = use_run(desk(), asked[0], owner)
    right = use_run(desk(), asked[1], owner)
    solara.use_effect(lambda: lambda: desk().leave(owner), [])

    said = words(choice.lang)
    scenario = scenes.scene(choice.scenario)
    veil = guessing == "guess"
    solara.Style(STYLE)
    v.Html(
        tag="div",
        children=[
            _head(said, choice, choose),
            v.Html(
                tag="div",
                class_="ag-body",
                children=[
                    _rail(said, choice, scenario, (left, right), choose),
                    v.Html(
                        tag="main",
                        class_="ag-main",
                        attributes={"id": "maps"},
                        children=[
                            Stage(choice, first, (left, right), veil, goto, choose),
                            v.Html(
                                tag="div",
                                class_="ag-foot",
                                children=[
                                    parts.Tabs(
                                        words=said,
                                        lang=choice.lang,
                                        tabs=list(TABS),
                                        tab=choice.tab,
                                        event_choose=choose,
                                    ),
                                    Panel(
                                        choice,
                                        scenario,
                                        left.run.recording,
                                        right.run.recording,
                                        right.run.error,
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


def changed(choice: Choice, said: dict[str, Any]) -> Choice:
    """The choice after one thing that the visitor did; what is not known is passed over."""
    for key, value in said.items():
        if key == "toggle" and value in POLICIES:
            after = set(choice.policies) ^ {value}
            choice = choice.having(policies=expand([id for id in POLICIES if id in after]))
        elif key == "package":
            known = levers.presets()
            choice = choice.having(policies=known.get(value, () if value == "none" else choice.policies))
        elif key == "scenario" and value in scenes.names():
            tab, layer = choice.tab, choice.layer
            choice = choice_of(value, choice.lang).having(tab=tab, layer=layer)
        elif key == "kind" and value in KINDS:
            choice = choice.having(attacker=value if value == "none" else full_name(value, MINDS[0]), own=None)
        elif key == "mind" and value in MINDS and choice.attacker != "none":
            kind, _ = parse_attacker(choice.attacker)
            choice = choice.having(attacker=f"{kind}:{value}", own=None)
        elif key == OWN and isinstance(value, Plan):
            choice = choice.having(own=value)
        else:
            choice = from_query(to_query(choice) + _as_query(key, value), choice, scenes.names())
    return choice


_SHORT = {"seed": "n", "hours": "h", "lang": "l", "tab": "t", "layer": "m", "hour": "at", "budget": "b"} | {
    "first_hour": "f"
}


def _as_query(key: str, value: Any) -> str:
    """A change as the end of a link, so that it passes the same checks; the last word counts."""
    from urllib.parse import quote

    return f"&{_SHORT[key]}={quote(str(value))}" if key in _SHORT else ""


# ---- around the maps ----------------------------------------------------------------------------------


def _head(said: dict[str, str], choice: Choice, choose: Callable) -> solara.Element:
    listed = []
    for name in scenes.names():
        one = scenes.scene(name)
        listed.append([name, (one.title_ja if choice.lang == "ja" else one.title) or name])
    return parts.Head(
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
) -> solara.Element:
    rows = levers.entries(scenario, choice.lang)
    packages = levers.presets()
    preset = next((name for name, ids in packages.items() if ids == choice.policies), "")
    kind, mind = parse_attacker(choice.attacker)
    foe = scenario.attacker
    told = [
        {
            "state": one.run.state,
            "text": one.run.told(said),
            "progress": one.run.progress,
            "error": one.run.error,
        }
        for one in both
    ]
    return parts.Rail(
        words=said,
        lang=choice.lang,
        levers=[row | {"on": row["id"] in choice.policies} for row in rows],
        packages=list(packages),
        preset=preset,
        total=round(levers.yearly_jpy(scenario, choice.policies)),
        kinds=list(KINDS),
        kind=kind,
        minds=[*MINDS, *([OWN] if choice.own else [])],
        mind=OWN if choice.own else mind,
        budget=foe.budget if choice.budget is None else choice.budget,
        firstHour=foe.first_hour if choice.first_hour is None else choice.first_hour,
        hours=choice.hours,
        runs=told,
        event_choose=choose,
        event_cancel=lambda k: both[int(k)].cancel(),
        event_again=lambda k: both[int(k)].again(),
    )


def _use_pack(recording: Recording | None, lang: str) -> dict[str, Any] | None:
    """What the browser is sent of a run, made once."""
    dependencies = [recording.key if recording else "", lang]
    return solara.use_memo(lambda: show.pack(recording, lang) if recording else None, dependencies)


@solara.component
def Stage(
    choice: Choice,
    first: Choice,
    both: tuple[Handle, Handle],
    veil: bool,
    goto: dict[str, Any],
    choose: Callable,
) -> None:
    """The maps; while a run is computed the city stays in sight."""
    said = words(choice.lang)
    left, right = (one.run.recording for one in both)
    there = [one for one in (left, right) if one is not None]
    kind, _ = parse_attacker(choice.attacker)
    last: Any = solara.use_ref(None)
    last.current = stage = there[0].stage if there else last.current
    drawn = solara.use_memo(
        lambda: (show.geometry(stage), show.ids(stage)) if stage else (None, {}),
        [there[0].key if there else "", stage is None],
    )
    packs = (_use_pack(left, choice.lang), _use_pack(right, choice.lang))
    waiting = next((one.run for one in both if one.run.recording is None), both[0].run)
    parts.Theatre(
        words=said,
        lang=choice.lang,
        stage=drawn[0],
        ids=drawn[1],
        left=packs[0],
        right=packs[1],
        titles=[said["no_policy"], panels.policy_text(choice.policies, choice.lang, said["no_policy"])],
        waiting=waiting.told(said),
        veil=veil,
        start=there[0].about["start"] if there else "2030-01-01",
        plots=charts.plots(there, kind, choice.lang),
        target=[-1 if one is None else show.target(one) for one in (left, right)],
        first={"hour": first.hour, "layer": first.layer},
        goto=goto,
        event_seen=choose,
    )


# ---- beneath the maps ---------------------------------------------------------------------------------


def spread_of(choice: Choice) -> dict[str, Any] | None:
    """Recorded replications of a choice: outcome -> difference, low, high, n; None where there are none."""
    if not choice.policies or choice.own:
        return None
    table = desk().replications(requests(choice)[1])
    return None if table is None else table["rows"]


@solara.component
def Panel(
    choice: Choice,
    scenario: Scenario,
    left: Recording | None,
    right: Recording | None,
    error: str,
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
    if choice.tab == "predict":
        _predict(said, choice, (left, right), guessing, guesses, set_guessing, set_guesses)
        if guessing == "shown":
            WhyPanel(choice.lang, left, right, veil, set_goto)
    elif choice.tab == "attack":
        AttackPanel(choice, scenario, left, right, error, owner, choose)
    elif choice.tab == "why":
        WhyPanel(choice.lang, left, right, veil, set_goto)
    elif choice.tab == "save":
        SavePanel(choice, left, right, veil)
    else:
        rows = panels.outcome_rows(left, right, spread_of(choice), said, choice.lang)
        parts.OutcomeTable(words=said, lang=choice.lang, rows=rows, veil=veil)


def _predict(
    said: dict[str, str],
    choice: Choice,
    both: tuple[Recording | None, Recording | None],
    guessing: str,
    guesses: dict[str, float],
    set_guessing: Callable,
    set_guesses: Callable,
) -> None:
    rows = panels.guess_rows(*both, spread_of(choice), choice.lang)
    if guessing != "shown":  # what is not revealed is not sent to the browser
        rows = [row | {"right": None, "low": None, "high": None} for row in rows]

    def start(*_: Any) -> None:
        set_guesses({})
        set_guessing("guess")

    def reveal(mine: dict[str, Any]) -> None:
        set_guesses({str(name): float(value) for name, value in (mine or {}).items()})
        set_guessing("shown")

    parts.Prediction(
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
    left: Recording | None,
    right: Recording | None,
    error: str,
    owner: str,
    choose: Callable,
) -> None:
    """A visitor's own plan, and beside it what other minds do against the same policies."""
    said = words(choice.lang)
    kind, _ = parse_attacker(choice.attacker)
    rivals, set_rivals = solara.use_state(())
    case = choice.having(own=None, tab="", layer="", hour=0, lang="en")
    wanted = rivals == (case,)
    by_lot, planned = (
        requests(case.having(attacker=f"{kind}:{mind}"))[1] if wanted and kind != "none" else None
        for mind in MINDS
    )
    lots = use_run(desk(), by_lot, owner)
    best = use_run(desk(), planned if lots.run.state == "done" else None, owner)

    results = []
    if choice.own and right is not None:
        results.append(panels.harm_row(said["you"], right))
    if wanted:
        for name, one in ((said["lots"], lots.run), (said["best"], best.run)):
            note = "" if one.recording else (one.error or one.told(said))
            results.append(panels.harm_row(name, one.recording, note))
    last: Any = solara.use_ref(None)  # what the visitor has ticked stays while a run is computed
    last.current = seen = right or left or last.current
    board = solara.use_memo(
        lambda: panels.attack_board(seen, scenario, kind, said, choice.lang),
        [None if seen is None else seen.key, kind, choice.lang],
    )
    parts.Attack(
        words=said,
        lang=choice.lang,
        kind=kind,
        many=kind != "coercer",
        **board,
        budget=scenario.attacker.budget if choice.budget is None else choice.budget,
        plan=panels.plan_for_page(choice.own),
        refused=error if choice.own else "",
        policies=panels.policy_text(choice.policies, choice.lang, said["no_policy"]),
        columns=panels.harm_columns(choice.lang),
        results=results,
        event_attempt=lambda sent: choose({OWN: panels.plan_from_page(sent, scenario)}),
        event_rivals=lambda *_: set_rivals((case,)),
    )


@solara.component
def WhyPanel(
    lang: str, left: Recording | None, right: Recording | None, veil: bool, set_goto: Callable
) -> None:
    """The trail of one outcome through both runs."""
    said = words(lang)
    names = panels.explained(left)
    chosen, set_chosen = solara.use_state("")
    visits = solara.use_ref(0)
    outcome = chosen if chosen in names else (names[0] if names else "")

    def visit(to: dict[str, Any]) -> None:
        visits.current += 1
        set_goto({"hour": int(to["hour"]), "n": visits.current})

    sides = [
        panels.trail_rows(trail(one, outcome), one.stage, said, lang) if one is not None and outcome else []
        for one in (left, None if veil else right)
    ]
    parts.Why(
        words=said,
        lang=lang,
        outcome=outcome,
        outcomes=[[name, panels.title(name, lang)] for name in names],
        sides=sides,
        veil=veil,
        event_ask=set_chosen,
        event_visit=visit,
    )


@solara.component
def SavePanel(choice: Choice, left: Recording | None, right: Recording | None, veil: bool) -> None:
    """Files are made when they are asked for, and saved by the browser."""
    said = words(choice.lang)
    file, set_file = solara.use_state({})
    count = solara.use_ref(0)

    def make(kind: str) -> None:
        if kind not in FILES or left is None or right is None or veil:
            return
        count.current += 1
        name, mime, data = file_of(kind, left, right, choice, spread_of(choice))
        set_file(
            {"name": name, "mime": mime, "data": base64.b64encode(data).decode(), "n": count.current}
        )

    title = left.about["title_ja" if choice.lang == "ja" else "title"] if left else ""
    parts.Save(
        words=said,
        lang=choice.lang,
        kinds=[*FILES[:3], "png", *FILES[3:]],
        ready=left is not None and right is not None,
        veil=veil,
        file=file,
        caption=f"{title} · {said['attacker']}: {choice.attacker} · {said['seed']} {choice.seed}",
        policies=panels.policy_text(choice.policies, choice.lang, said["no_policy"]),
        stem=stem_of(choice),
        event_make=make,
    )
