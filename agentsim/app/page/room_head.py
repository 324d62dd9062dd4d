"""The header of the pages of a room: what it is, and the language."""

from collections.abc import Callable
from typing import Any

import solara

from agentsim.app.page import components
from agentsim.app.page.link import LANGUAGES
from agentsim.app.page.words import words


@solara.component
def RoomHead(title: str, query: str, lang: str, set_lang: Callable[[str], None]) -> None:
    """A header without choices; *query* stays in the address, so that a reload comes back."""

    def choose(change: Any) -> None:
        wanted = change.get("lang") if isinstance(change, dict) else None
        if wanted in LANGUAGES:
            set_lang(wanted)

    components.Head(
        words=words(lang),
        lang=lang,
        scenarios=[],
        scenario="",
        seed=0,
        query=query,
        view="page",
        fixed=title,
        event_choose=choose,
    )
