"""No word is cut or covered on a phone, an old projector, a laptop and a projector, in both languages."""

from typing import Any

import pytest

from tests.app.browser import LEFT, Visitor

SIZES = ((390, 844), (1024, 768), (1280, 720), (1920, 1080))
# elements whose text is longer than the element; the table of outcomes scrolls where a phone needs it
CUT = """() => [...document.querySelectorAll('.hd, .hd-note, .ra, .st, .oc-scroll, .mp-legend, .tb')]
  .filter(one => one.offsetParent && one.scrollWidth > one.clientWidth + 1).map(one => one.className)"""


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_no_word_of_the_page_is_cut(chromium: Any, address: str, lang: str) -> None:
    visitor = Visitor(chromium, f"{address}?l={lang}")
    for width, height in SIZES:
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.page.wait_for_timeout(300)
        assert visitor.page.evaluate(CUT) == [], (width, lang)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visitor.data(LEFT, "covered") == "0", (width, lang)  # names of districts
        assert visitor.data(LEFT, "unnamed") == "0", (width, lang)
    visitor.close()


def test_what_is_said_of_a_lock_and_of_hidden_results_covers_nothing(visitor: Visitor) -> None:
    page = visitor.page
    page.click("[data-tab=attack]")
    for one in ("a", "handover", "b"):
        page.click(f"[data-play={one}]")
    boxes = {
        name: page.locator(selector).first.bounding_box()
        for name, selector in {
            "lock": ".ra-locked",
            "head": ".ra h2 small",
            "map": "canvas",
            "note": ".mp-note",
        }.items()
    }
    assert boxes["head"]["y"] + boxes["head"]["height"] <= boxes["lock"]["y"] + 1
    assert boxes["map"]["y"] + boxes["map"]["height"] <= boxes["note"]["y"] + 1
