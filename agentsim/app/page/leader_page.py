"""The leader's view: begins and ends rounds, and shows what all groups have handed in."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import reacton.ipyvuetify as v
import solara

from agentsim.app.page import components, leader_rows
from agentsim.app.page.group_rows import role_name
from agentsim.app.page.look import use_look
from agentsim.app.page.room_head import RoomHead
from agentsim.app.page.start_page import usual_choice
from agentsim.app.page.tab_rows import policy_text
from agentsim.app.page.use_run import job_queue
from agentsim.app.page.words import words
from agentsim.app.replay import presets, scenario_list
from agentsim.app.replay.bilingual import NO_TEXT
from agentsim.app.room import addresses, offers
from agentsim.app.room.export import room_csv
from agentsim.app.room.needed_runs import PLANNED
from agentsim.app.room.open_room import OpenRoom
from agentsim.app.room.roles import ROLES
from agentsim.app.room.room import RefusedEntry, Room
from agentsim.app.room.rounds import ATTACK, DEFEND, KINDS, Round
from agentsim.app.room.standings import standings
from agentsim.app.server.open_pages import OPEN_PAGES
from agentsim.app.server.run_times import told_s


@solara.component
def LeaderPage(opened: OpenRoom, lang: str, set_lang: Callable[[str], None]) -> None:
    """The leader's page. Who has it has shown the secret."""
    room, labels = opened.room, words(lang)
    nothing: dict[str, Any] = {}
    looked, set_looked = solara.use_state({"kind": KINDS[0], "scenario": usual_choice().scenario})
    shown, set_shown = solara.use_state(0)
    refused, set_refused = solara.use_state(NO_TEXT)
    file, set_file = solara.use_state(nothing)
    saved = solara.use_ref(0)
    use_look(lambda: _seen(room))
    links = solara.use_memo(lambda: _links(opened, lang), [lang, *opened.join_addresses()])

    def speak(wanted: str) -> None:
        room.set_language(wanted)
        set_lang(wanted)

    def look(sent: Any) -> None:
        after = looked | {key: str(value) for key, value in dict(sent).items() if key in looked}
        if after["kind"] in KINDS and after["scenario"] in scenario_list.names():
            set_looked(after)

    def begin(sent: Any) -> None:
        try:
            room.begin(*offers.round_of(room, dict(sent)))
            set_refused(NO_TEXT)
            set_shown(0)
        except RefusedEntry as error:
            set_refused(error.text)

    def save(*_: Any) -> None:
        saved.current += 1
        data = base64.b64encode(room_csv(room).encode("utf-8-sig")).decode()
        set_file({"name": f"room_{room.code}.csv", "mime": "text/csv", "data": data, "n": saved.current})

    round = _shown(room, shown)
    results = round if round and not room.is_open(round) else None
    with v.Html(tag="div"):
        RoomHead(labels["lead_title"], f"leader=1&l={lang}", lang, speak)
        components.Leader(
            words=labels,
            lang=lang,
            code=room.code,
            addresses=links,
            groups=leader_rows.group_rows(room, connected(room)),
            roles=[[name, role_name(name, lang)] for name in ROLES],
            kinds=list(KINDS),
            scenarios=[[name, leader_rows.scenario_title(name, lang)] for name in scenario_list.names()],
            **_planning(room, looked, labels, lang),
            refused=refused.in_language(lang),
            rounds=leader_rows.round_names(room, labels),
            round=leader_rows.round_row(room, round, labels, lang) if round else None,
            **_results(room, results, labels, lang),
            file_note=labels["lead_file"].format(Path(opened.file).name),
            file=file,
            event_role=lambda sent: room.set_role(int(sent["number"]), str(sent["role"])),
            event_deal=lambda deal: room.deal_roles(bool(deal)),
            event_look=look,
            event_begin=begin,
            event_stop=lambda *_: room.stop(),
            event_more=lambda minutes: room.more_time(float(minutes)),
            event_show=lambda number: set_shown(int(number)),
            event_repeat=lambda number: room.repeat(int(number)),
            event_save=save,
        )


def connected(room: Room) -> set[int]:
    """Groups with a device that is connected now."""
    groups = (room.group_of(page.visitor.session) for page in OPEN_PAGES.open_now())
    return {one.number for one in groups if one is not None}


def _seen(room: Room) -> tuple[Any, ...]:
    round = room.current
    return room.version, round is not None and room.is_open(round), frozenset(connected(room))


def _shown(room: Room, number: int) -> Round | None:
    """The round that runs; else the one that the leader has chosen, or the last."""
    last = room.current
    if last is None or room.is_open(last) or not 1 <= number <= len(room.rounds):
        return last
    return room.rounds[number - 1]


def _links(opened: OpenRoom, lang: str) -> list[dict[str, str]]:
    """Addresses for groups, each with a QR code that also holds the code of the room and the language."""
    query = f"/?r={opened.room.code}&l={lang}"
    return [{"text": one, "qr": addresses.qr_code(one + query)} for one in opened.join_addresses()]


def _planning(room: Room, looked: dict[str, str], labels: dict[str, str], lang: str) -> dict[str, Any]:
    """The form of the next round: its cases with the time that each takes."""
    kind, scenario = looked["kind"], looked["scenario"]
    possible = kind != ATTACK or offers.can_attack(scenario)
    found = offers.offers(scenario, kind, job_queue()) if possible else []
    rows = [
        {
            "case": one.case,
            "label": policy_text(one.case.split("+") if one.case else (), lang, labels["no_policy"]),
            "note": "" if kind == DEFEND else _time_text(one.about_s, labels),
        }
        for one in found
    ]
    if kind == ATTACK and possible:
        best = presets.request_for(scenario, attacker=f"{attacker_kind(scenario)}:{PLANNED}")
        note = labels["takes_planning"].format(told_s(job_queue().run_times.about_s(best)))
        rows.append({"case": offers.GROUPS, "label": labels["lead_case_groups"], "note": note})
    return {
        "kind": kind,
        "scenario": scenario,
        "offers": rows,
        "note": _kind_note(kind, scenario, labels) if possible else labels["lead_no_attacker"],
        "possible": possible,
        "usual_minutes": offers.USUAL_MINUTES[kind],
    }


def attacker_kind(scenario: str) -> str:
    """The kind of attacker that a scenario has."""
    return scenario_list.scenario_named(scenario).attacker.kind


def _time_text(about_s: float, labels: dict[str, str]) -> str:
    return labels["lead_computed"].format(told_s(about_s)) if about_s else labels["lead_recorded"]


def _kind_note(kind: str, scenario: str, labels: dict[str, str]) -> str:
    """What is computed while such a round runs."""
    if kind not in (DEFEND, ATTACK):
        return ""
    each = told_s(job_queue().run_times.about_s(presets.request_for(scenario, attacker="none")))
    return labels[f"lead_{kind}_note"].format(each)


def _results(room: Room, round: Round | None, labels: dict[str, str], lang: str) -> dict[str, Any]:
    """Charts and table of a round that has ended."""
    if round is None:
        return {"histogram": None, "scatter": None, "columns": [], "rows": [], "certainty": ""}
    return {
        "histogram": leader_rows.histogram(room, round, lang),
        "scatter": leader_rows.scatter(room, round, labels, lang),
        "columns": leader_rows.columns(round, labels),
        "rows": leader_rows.rows(room, round, labels, lang),
        "certainty": leader_rows.certainty_text(standings(room, round), round, labels),
    }
