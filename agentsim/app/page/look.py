"""Draws a component again when something that is kept outside the page has changed."""

import asyncio
from collections.abc import Callable
from typing import Any

import solara
from solara.lab import use_task

LOOK_EVERY_S = 0.5


def use_look(look: Callable[[], Any]) -> None:
    """Look every half second; *look* returns something that can be compared, and is quick."""
    _, tell = solara.use_state(0)
    latest: Any = solara.use_ref(look)
    latest.current = look

    async def follow() -> None:
        last = latest.current()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            now = latest.current()
            if now != last:
                last = now
                tell(lambda count: count + 1)

    use_task(follow, dependencies=[])
