"""The page where a room is open: joining it, a group's page, or the leader's view."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import reacton.ipyvuetify as v
import solara

from agentsim.app.page import components
from agentsim.app.page.group_page import GroupPage
from agentsim.app.page.leader_page import LeaderPage
from agentsim.app.page.link import LANGUAGES
from agentsim.app.page.look import use_look
from agentsim.app.page.room_head import RoomHead
from agentsim.app.page.words import words
from agentsim.app.replay.bilingual import NO_TEXT
from agentsim.app.room.open_room import OpenRoom, open_room
from agentsim.app.room.room import RefusedEntry
from agentsim.app.server.open_pages import OPEN_PAGES, Visitor

LEADER, CODE, LANGUAGE = "leader", "r", "l"  # in the address


@solara.component
def RoomPage() -> None:
    """What this browser sees: the leader's view with the secret, its group's page, or how to join."""
    opened = open_room()
    assert opened is not None
    router, room = solara.use_router(), opened.room
    given = solara.use_memo(lambda: _given(router.search), [])
    visitor = solara.use_memo(lambda: OPEN_PAGES.page(solara.get_kernel_id()).visitor, [])
    lang, set_lang = solara.use_state(given[LANGUAGE] if given[LANGUAGE] in LANGUAGES else room.lang)
    is_leader = solara.use_memo(
        lambda: bool(given[LEADER]) and room.is_leader(given[LEADER], visitor.session), []
    )
    group = room.group_of(visitor.session)
    use_look(lambda: room.group_of(visitor.session))
    if is_leader:
        LeaderPage(opened, lang, set_lang)
    elif group is None:
        JoinPage(opened, visitor, given[CODE], lang, set_lang)
    else:
        GroupPage(opened, group.number, lang, set_lang)


def _given(query: str | None) -> dict[str, str]:
    """What the address says; everything is checked where it is used."""
    try:
        found = parse_qs((query or "").lstrip("?"), max_num_fields=40)
    except ValueError:
        found = {}
    return {key: found.get(key, [""])[0][:100] for key in (LEADER, CODE, LANGUAGE)}


@solara.component
def JoinPage(
    opened: OpenRoom, visitor: Visitor, code: str, lang: str, set_lang: Callable[[str], None]
) -> None:
    """Joining by the code of the room; no name is asked for."""
    refused, set_refused = solara.use_state(NO_TEXT)

    def attempt(act: Callable[[], Any]) -> None:
        try:
            act()
            set_refused(NO_TEXT)
        except RefusedEntry as error:
            set_refused(error.text)

    def join(sent: dict[str, Any]) -> None:
        attempt(lambda: opened.room.join(str(sent.get("code", "")), visitor.session, visitor.address))

    def back(sent: dict[str, Any]) -> None:
        number = sent.get("number")
        attempt(
            lambda: opened.room.come_back(
                str(sent.get("code", "")),
                number if isinstance(number, int) else 0,
                str(sent.get("back", "")),
                visitor.session,
            )
        )

    with v.Html(tag="div"):
        RoomHead(
            words(lang)["room"],
            f"{CODE}={opened.room.code if code else ''}&{LANGUAGE}={lang}",
            lang,
            set_lang,
        )
        components.Join(
            words=words(lang),
            lang=lang,
            code=code.upper(),
            refused=refused.in_language(lang),
            event_join=join,
            event_back=back,
        )
