"""The page of one group of a room: the usual page under the rules of the round that runs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import reacton.ipyvuetify as v
import solara

from agentsim.app.page import components, group_rows
from agentsim.app.page.link import Choice
from agentsim.app.page.look import use_look
from agentsim.app.page.room_head import RoomHead
from agentsim.app.page.rules import Rules
from agentsim.app.page.start_page import choice_of
from agentsim.app.page.tab_rows import policy_text
from agentsim.app.page.view import View
from agentsim.app.page.visitor_page import VisitorPage
from agentsim.app.page.words import words
from agentsim.app.replay import policy_prices, presets, scenario_list
from agentsim.app.replay.bilingual import NO_TEXT, Bilingual, BilingualError
from agentsim.app.room.needed_runs import PLANNED
from agentsim.app.room.open_room import OpenRoom
from agentsim.app.room.roles import role_of
from agentsim.app.room.room import RefusedEntry, Room
from agentsim.app.room.rounds import ATTACK, DEFEND, PREDICT, Group, Round
from agentsim.app.server.request_checks import checked
from agentsim.policies import expand
from agentsim.report.tables import number


@solara.component
def GroupPage(opened: OpenRoom, group_number: int, lang: str, set_lang: Callable[[str], None]) -> None:
    """One group's page; it sees its own entries and results alone."""
    room = opened.room
    refusal, set_refusal = solara.use_state((0, NO_TEXT))  # the round in which it was said, and the text
    group, round = _group(room, group_number), room.current
    use_look(lambda: _seen(room, group_number))
    labels = words(lang)
    title = f"{labels['room']} {room.code} · {labels['room_group'].format(group.number)}"
    if round is None:
        with v.Html(tag="div"):
            RoomHead(title, f"l={lang}", lang, set_lang)
            _bar(room, None, group, None, lang, NO_TEXT, lambda sent: None)
        return

    def hand_in(**what: Any) -> None:
        try:
            _check(room, round, group, what)
            room.hand_in(round, group, **what)
            set_refusal((round.number, NO_TEXT))
        except BilingualError as error:
            set_refusal((round.number, error.text))

    def handed(view: View, sent: Any) -> None:
        if round.kind == PREDICT:
            hand_in(guess=_guess(sent))
        elif round.kind == DEFEND:
            hand_in(policies=view.choice.policies)

    rules = rules_of(room, round, group, lang)
    refused = refusal[1] if refusal[0] == round.number else NO_TEXT
    VisitorPage(
        replace(
            rules,
            fixed=title,
            observe=lambda change: set_lang(change["lang"]) if change.get("lang") in ("en", "ja") else None,
            hand_in=(lambda plan: hand_in(plan=plan)) if round.kind == ATTACK else None,
            bar=lambda view: _bar(room, round, group, view, lang, refused, lambda sent: handed(view, sent)),
        )
    )


def _group(room: Room, group_number: int) -> Group:
    return next(one for one in room.groups if one.number == group_number)


def _seen(room: Room, group_number: int) -> tuple[Any, ...]:
    """Everything on this page that others, or the clock, may change."""
    group, round = _group(room, group_number), room.current
    if round is None:
        return (group,)
    is_open = room.is_open(round)
    own = None if is_open else group_rows.result_rows(room, round, group, words("en"), "en")
    attacks = () if is_open else tuple(group_rows.attackers_of(room, round, group))
    return group, round, is_open, room.entry(round, group), own, attacks, room.takes_part(round, group)


def rules_of(room: Room, round: Round, group: Group, lang: str) -> Rules:
    """The rules of a round for a group, which hold whatever its browser sends."""
    is_open, part, role = room.is_open(round), room.takes_part(round, group), role_of(group.role)
    entry, attacks = room.entry(round, group), group_rows.attackers_of(room, round, group)
    chooses = round.kind == DEFEND and is_open and part
    plans = round.kind == ATTACK and is_open and part
    hidden = is_open and not chooses and round.kind != PREDICT
    after = ("outcomes", "why")
    plan = None if is_open else entry.plan if entry else attacks[0].plan if attacks else None
    fixed = _policies(room, round, group)

    def hold(choice: Choice) -> Choice:
        held = _held(choice, round, lang)
        if not chooses:
            return held.having(policies=fixed, own=plan)
        offered = set(round.policies) & set(role.policies)
        return held.having(policies=expand([id for id in choice.policies if id in offered]), own=None)

    usual = choice_of(round.scenario)
    return Rules(
        hold=hold,
        tabs=role.tabs if chooses else ("attack",) if plans else () if is_open else after,
        offered=role.policies,
        locked=not chooses,
        hides_right=is_open and round.kind == PREDICT,
        hides_both=hidden,
        plan=entry.plan if entry and plans else None,
        place={
            "round": round.number,
            "hour": usual.hour,
            "layer": role.layer or usual.layer,
            "measure": role.measure or usual.measure,
        },
    )


def _held(choice: Choice, round: Round, lang: str) -> Choice:
    """The choice with everything that belongs to the round, whatever it was before."""
    return choice.having(
        scenario=round.scenario,
        seed=round.seed,
        hours=round.hours,
        attacker=round.attacker,
        hour=min(choice.hour, round.hours - 1),
        budget=None,
        first_hour=None,
        numbers=(),
        persistence=None,
        view="page",
        lang=lang,
    )


def _policies(room: Room, round: Round, group: Group) -> tuple[str, ...]:
    """The countermeasures on the right map where the group does not choose them now."""
    entry = room.entry(round, group)
    if round.kind == PREDICT:
        return round.policies
    if round.kind == DEFEND:
        return entry.policies if entry else ()
    if room.takes_part(round, group):
        return room.policies_faced(round, group)
    defended = room.rounds[round.defended - 1] if round.defended else None
    own = room.entry(defended, group) if defended else None
    return own.policies if own else round.policies


def _guess(sent: Any) -> float:
    """A guess as a number of at least 0. Raises RefusedEntry."""
    if isinstance(sent, int | float) and not isinstance(sent, bool) and 0 <= sent < 1e12:
        return float(sent)
    raise RefusedEntry(Bilingual("this guess is no number", "予想が数値ではありません"))


def _check(room: Room, round: Round, group: Group, what: dict[str, Any]) -> None:
    """Refuse a choice that is too dear, or an attack that cannot be carried out."""
    scenario = scenario_list.scenario_named(round.scenario)
    if round.kind == DEFEND and round.limit_jpy:
        price = policy_prices.total_jpy(scenario, what["policies"], ())
        if price > round.limit_jpy:
            raise RefusedEntry(
                Bilingual(
                    f"this costs {number(price)} yen; the limit is {number(round.limit_jpy)}",
                    f"費用が{number(price)}円で、上限の{number(round.limit_jpy)}円を超えています",
                )
            )
    if round.kind == ATTACK:
        kind = round.attacker.partition(":")[0]
        request = round.request(room.policies_faced(round, group), presets.HOUSEHOLDS, f"{kind}:{PLANNED}")
        checked(replace(request, plan=what["plan"]))


def _bar(
    room: Room,
    round: Round | None,
    group: Group,
    view: View | None,
    lang: str,
    refused: Bilingual,
    hand: Callable[[Any], None],
) -> None:
    labels = words(lang)
    role, is_open = group.role, round is not None and room.is_open(round)
    entry = room.entry(round, group) if round else None
    part = round is not None and room.takes_part(round, group)
    results = group_rows.result_rows(room, round, group, labels, lang) if round and not is_open else []
    components.RoomBar(
        words=labels,
        lang=lang,
        round=None if round is None else _round_row(room, round, is_open),
        role=group_rows.role_name(role, lang),
        card=group_rows.card_rows(role, labels, lang),
        task=group_rows.task_text(room, round, group, labels, lang) if round else "",
        notes=_notes(room, round, group, view, is_open, bool(results), labels, lang) if round else [],
        slider=group_rows.slider_of(round, view.left.run.recording, lang)
        if round and view and round.kind == PREDICT
        else None,
        guess=entry.guess if entry else None,
        now=_chosen_now(view, labels) if view and round and is_open and part and round.kind == DEFEND else "",
        possible=part and round is not None and _can_hand_in(round, view),
        takes=part,
        handed=group_rows.entry_text(round, entry, labels, lang),
        refused=refused.in_language(lang),
        results=results,
        pin=labels["room_pin"].format(group.code) if round is None else "",
        event_hand=hand,
    )


def _round_row(room: Room, round: Round, is_open: bool) -> dict[str, Any]:
    return {"number": round.number, "kind": round.kind, "open": is_open, "left_s": room.left_s(round)}


def _can_hand_in(round: Round, view: View | None) -> bool:
    """A plan is handed in below the maps; a guess needs the value without countermeasures."""
    if round.kind == PREDICT:
        return view is not None and view.left.run.recording is not None
    return round.kind == DEFEND


def _chosen_now(view: View, labels: dict[str, str]) -> str:
    choice = view.choice
    price = policy_prices.total_jpy(view.scenario, choice.policies, ())
    text = policy_text(choice.policies, choice.lang, labels["no_policy"])
    return f"{text} · {labels['room_price_now'].format(number(round(price)))}"


def _notes(
    room: Room,
    round: Round,
    group: Group,
    view: View | None,
    is_open: bool,
    has_results: bool,
    labels: dict[str, str],
    lang: str,
) -> list[str]:
    """Before the end the rule by which it is scored; after it who attacked, and what is still computed."""
    if is_open:
        return group_rows.notes_of(round, labels, lang) if room.takes_part(round, group) else []
    notes = [labels["room_struck"].format(one.group) for one in group_rows.attackers_of(room, round, group)]
    if room.entry(round, group) and not has_results:
        notes.append(labels["room_computing_now"])
    return notes
