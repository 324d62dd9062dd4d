"""The page of every visitor: the usual one, or where a room is open the group's or the leader's."""

import logging
from pathlib import Path

import reacton.ipyvuetify as v
import solara

from agentsim.app.page.link import LANGUAGES
from agentsim.app.page.room_page import RoomPage
from agentsim.app.page.visitor_page import VisitorPage
from agentsim.app.page.words import words
from agentsim.app.room.open_room import open_room

_LOG = logging.getLogger(__name__)
STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


@solara.component
def Layout(children: list = []) -> None:  # noqa: B006  # Solara's own signature
    """The page without Solara's frame."""
    v.Html(tag="div", class_="ag", children=children)


@solara.component
def Page() -> None:
    """The page; if it cannot be drawn, one sentence and a link to its beginning, and the error in the log."""
    error, _ = solara.use_exception()
    solara.use_effect(lambda: _log(error), [error])
    solara.Style(STYLE)
    if error is None:
        (RoomPage if open_room() else VisitorPage)()
        return
    with v.Html(tag="main", class_="ag-error"):
        for lang in LANGUAGES:
            v.Html(tag="p", children=[words(lang)["not_drawn"]])
            v.Html(tag="a", attributes={"href": "/"}, children=[words(lang)["begin_again"]])


def _log(error: BaseException | None) -> None:
    if error is not None:
        _LOG.error("the page could not be drawn", exc_info=error)
