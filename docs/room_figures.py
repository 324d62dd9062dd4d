"""Pictures of a room, in both languages: the leader's view in a round, and what a group sees.

``make figures`` calls this. A server of its own, a leader and three groups play a round that is recorded.
"""

import re
import tempfile
from pathlib import Path
from typing import Any

SCENARIO, MINUTES = "replay_ukraine_2015", "10"
CHOSEN = ("E-C2", "X-C1", "E-S1")  # by the three groups; the last one has not handed in
LANGUAGES = ("en", "ja")
LAPTOP, PHONE = (1280, 720), (390, 844)
LONGEST_PHONE = 1700  # pixels; what stands below is left out


RIGHT = "canvas[data-side=right]"


def room_pictures(folder: Path) -> None:
    """Makes all pictures of the room in a folder."""
    from tests.app.browser import browser, room_served

    for lang in LANGUAGES:
        with (
            tempfile.TemporaryDirectory() as place,
            room_served(Path(place)) as (url, log, _),
            browser() as chromium,
        ):
            told = log.read_text()
            secret, code = re.search(r"leader=(\S+)", told), re.search(r"code (\w+)", told)
            assert secret is not None, told
            assert code is not None, told
            _played(chromium, f"{url}?l={lang}", secret[1], code[1], folder, lang)


def _played(chromium: Any, url: str, secret: str, code: str, folder: Path, lang: str) -> None:
    """Three groups join, the leader begins a round, and two of them hand in."""
    leader = _open(chromium, f"{url}&leader={secret}", LAPTOP, "[data-part=code]")
    groups = [_group(chromium, f"{url}&r={code}", size) for size in (PHONE, LAPTOP, LAPTOP)]
    leader.until("+document.querySelector('[data-part=group-count]').innerText >= 3")
    leader.page.click("[data-kind=defend]")
    leader.page.select_option("[data-part=scenario]", SCENARIO)
    leader.until(f"document.querySelector('.le').__vue__.scenario === '{SCENARIO}'")
    leader.page.fill("[data-part=minutes]", MINUTES)
    leader.page.click("[data-part=begin]")
    for group, policy in zip(groups, CHOSEN, strict=True):
        group.until("document.querySelector('.rb[data-kind=defend][data-open=yes]')")
        group.until("document.querySelector('.ra')")  # the list comes after the task
        group.drawn()
        before = group.data(RIGHT, "key")
        _fold(group, "false")  # a phone hides the list behind its title
        group.page.check(f"[data-policy={policy}]")
        group.until(f"document.querySelector('.rb-hand').innerText.includes('{policy}')")
        group.drawn(not_key=before)
    _fold(groups[0], "true")
    for group in groups[:2]:
        group.page.click("[data-part=hand-in]")
        group.until("document.querySelector('[data-part=handed]')")
    leader.until("document.querySelector('.le progress').value > 0.6")  # two of three
    _picture(leader, folder / f"room-leader-{lang}.png")
    _picture(groups[0], folder / f"room-phone-{lang}.png", LONGEST_PHONE)
    _picture(groups[1], folder / f"room-group-{lang}.png")
    for one in (leader, *groups):
        one.close()


def _open(chromium: Any, url: str, size: tuple[int, int], until: str) -> Any:
    from tests.app.browser import Visitor

    visitor = Visitor(chromium, url, *size, wait=False)
    visitor.until(f"document.querySelector('{until}')")
    return visitor


def _group(chromium: Any, url: str, size: tuple[int, int]) -> Any:
    group = _open(chromium, url, size, "[data-part=join]")
    group.page.click("[data-part=join]")
    group.until("document.querySelector('.rb')")
    return group


def _fold(group: Any, expanded: str) -> None:
    """Click the title of the list of countermeasures, where there is one, if the list is so."""
    title = group.page.locator(f".ra-fold[aria-expanded={expanded}]")
    if title.is_visible():
        title.click()


def _picture(visitor: Any, file: Path, tall: int = 0) -> None:
    visitor.page.wait_for_timeout(1500)
    if not tall:
        visitor.page.screenshot(path=file)
        return
    size = visitor.page.viewport_size
    height = min(visitor.page.evaluate("document.documentElement.scrollHeight"), tall)
    clip = {"x": 0, "y": 0, "width": size["width"], "height": max(height, size["height"])}
    visitor.page.screenshot(path=file, full_page=True, clip=clip)
