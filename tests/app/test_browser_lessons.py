"""What a class meets on the page, in a real browser and both languages: story, link, undo, files, faults."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.app.browser import LEFT, RIGHT, Visitor, served

RELOAD = {"en": "Reload", "ja": "再読み込み"}
UKRAINE = "replay_ukraine_2015"  # a week, so that it is recorded or computed in seconds


def headline(visitor: Visitor) -> str:
    return visitor.text("[data-part=headline]")


@pytest.mark.parametrize(
    ("lang", "story", "lacked", "calm"),
    [
        ("en", "Intruders open the breakers", "The city lacked", "Nothing has happened yet"),
        ("ja", "侵入者が三つの地区の遮断器を開きます", "市全体で", "まだ何も起きていません"),
    ],
)
def test_a_scenario_opens_where_its_story_shows(
    chromium: Any, address: str, lang: str, story: str, lacked: str, calm: str
) -> None:
    visitor = Visitor(chromium, f"{address}?s={UKRAINE}&l={lang}")
    page = visitor.page
    assert story in visitor.text(".st-text")
    assert page.locator("[data-task]").count() == 3
    assert visitor.data(LEFT, "hour") == visitor.data(RIGHT, "hour") == "94"
    assert visitor.data(LEFT, "layer") == "districts"
    assert page.input_value(".mp-speed select") == "6"  # a week plays in half a minute, six weeks at 24 h/s
    told = headline(visitor)
    assert lacked in told
    assert "E-C2" in told
    # the table beside it agrees with it
    first = page.locator(".oc tbody tr").first
    assert first.get_attribute("data-outcome") == "ens_mwh"
    cells = first.locator("td").all_inner_texts()
    assert cells[1] in told
    assert cells[2] in told
    price = page.locator("[data-outcome=capital_jpy_per_household_year] td").nth(2).inner_text()
    assert price in told
    # the same weeks without an attack are one click away, and the headline follows
    old = visitor.data(RIGHT, "key")
    page.click("[data-part=calm]")
    visitor.drawn(not_key=old)
    visitor.until(f"document.querySelector('[data-part=headline]').innerText !== {told!r}")
    assert price in headline(visitor)
    visitor.until(f"document.querySelector('.mp-latest').innerText.includes({calm!r})")
    assert visitor.errors == []
    visitor.close()


def test_a_task_does_what_it_says(visitor: Visitor) -> None:
    page = visitor.page
    page.click("[data-task='0']")  # play
    visitor.until("document.querySelector('.mp-play').getAttribute('aria-label') === 'Pause'")
    page.click("[data-task='1']")  # predict
    visitor.until("document.querySelector('.mp-cover') && document.querySelector('[data-guess]')")


def test_back_and_forward_undo_and_redo(visitor: Visitor) -> None:
    page = visitor.page
    first = visitor.data(RIGHT, "key")
    page.click("[data-policy=X-C5]")
    visitor.drawn(not_key=first)
    second = visitor.data(RIGHT, "key")
    page.locator(".mp-track input").fill("60")  # an hour is no step of its own
    visitor.until("window.location.search.includes('at=60')")
    page.go_back()
    visitor.until(f"document.querySelector('{RIGHT}').dataset.key === '{first}'")
    assert not page.is_checked("[data-policy=X-C5]")
    page.go_forward()
    visitor.until(f"document.querySelector('{RIGHT}').dataset.key === '{second}'")
    assert page.is_checked("[data-policy=X-C5]")


def test_the_link_holds_the_measure_and_how_long_the_attack_goes_on(
    visitor: Visitor, chromium: Any, address: str
) -> None:
    page = visitor.page
    old = visitor.data(RIGHT, "key")
    page.select_option(".mp-pick select", "water")
    page.select_option("[data-part=persistence]", "until_concession")
    visitor.drawn(not_key=old)
    visitor.until("window.location.search.includes('q=water')")
    assert "w=until_concession" in page.url
    assert page.locator(".oc tbody tr").first.get_attribute("data-outcome") == "time_to_concession_h"
    assert "gave in after" in headline(visitor) or "did not give in" in headline(visitor)
    other = Visitor(chromium, page.url)
    assert other.data(RIGHT, "key") == visitor.data(RIGHT, "key")
    assert other.page.input_value(".mp-pick select") == "water"
    assert other.page.input_value("[data-part=persistence]") == "until_concession"
    other.close()


@pytest.mark.parametrize(
    ("lang", "asks"), [("en", "Copy this link"), ("ja", "このリンクをコピーしてください")]
)
def test_a_link_can_be_copied_where_the_clipboard_is_closed(
    chromium: Any, address: str, lang: str, asks: str
) -> None:
    visitor = Visitor(chromium, f"{address}?l={lang}")
    page = visitor.page
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.evaluate("document.execCommand = () => false")
    page.click(".hd-share")
    visitor.until("document.querySelector('[data-part=link]')")
    assert asks in visitor.text(".hd-link")
    assert page.input_value("[data-part=link]") == page.url
    selected = "el => el.selectionEnd - el.selectionStart === el.value.length"
    assert page.eval_on_selector("[data-part=link]", selected)
    visitor.close()


@pytest.mark.slow  # a server of its own
def test_a_lost_server_is_told_with_a_way_on(chromium: Any, tmp_path: Path) -> None:
    with served(tmp_path) as (url, server):
        visitors = {again: Visitor(chromium, f"{url}?l={lang}") for lang, again in RELOAD.items()}
        for visitor in visitors.values():
            assert visitor.page.locator("[data-part=reload]").count() == 0
        server.terminate()
        server.wait(30)
        for again, visitor in visitors.items():
            visitor.until("document.querySelector('[data-part=reload]')")
            assert visitor.text("[data-part=reload]") == again
            box = visitor.page.locator("[data-part=reload]").bounding_box()
            on_top = "([x, y]) => document.elementFromPoint(x, y).dataset.part"
            spot = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
            assert visitor.page.evaluate(on_top, spot) == "reload"
            visitor.close()


def test_why_tells_what_the_measure_changed(visitor: Visitor) -> None:
    visitor.page.click("[data-tab=why]")
    visitor.until("document.querySelector('[data-part=changes] li')")
    told = visitor.text("[data-part=changes]")
    assert re.search(r"inlet valves, \w+.*: water control room → municipality of", told)
    assert re.search(r"water control room closes the inlet valves of .*: \d+ h → 0 h", told)
    assert "Local wells and desalination: 0 → " in told


@pytest.mark.slow  # two tables of replications are computed
def test_several_policies_are_ranked_with_intervals(visitor: Visitor) -> None:
    page = visitor.page
    page.click("[data-tab=rank]")
    page.click(".rk-pick summary")
    for label in ("E-C2", "T-C1", "E-S4", "X-C1"):  # two remain: W-C1 and X-C5
        page.uncheck(f"[data-pick='{label}']")
    page.click("[data-part=rank-compute]")
    visitor.until("document.querySelectorAll('[data-point]').length === 3")
    rows = {
        row.get_attribute("data-rank"): row.locator("td").all_inner_texts()
        for row in page.locator("[data-rank]").all()
    }
    assert rows["none"][2] == "0"
    for label in ("W-C1", "X-C5"):
        assert re.fullmatch(r"\d(–\d)?", rows[label][0])
        assert " – " in rows[label][4]
        assert rows[label][5] != ""


SIZES = ((1280, 720), (1024, 768), (390, 844), (1920, 1080))
SMALL_TYPE = """() => [...document.querySelectorAll('.ag *')].filter(e => e.children.length === 0
    && e.textContent.trim() && e.offsetParent && parseFloat(getComputedStyle(e).fontSize) < 13
    && !e.closest('svg')).map(e => e.className + ' ' + e.textContent)"""


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_nothing_is_cut_or_covered_and_no_type_is_small(chromium: Any, address: str, lang: str) -> None:
    visitor = Visitor(chromium, f"{address}?l={lang}")
    page = visitor.page
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for layer in ("grid", "supply", "districts"):
            page.click(f"[data-layer={layer}]")
            visitor.until(f"document.querySelector('{LEFT}').dataset.layer === '{layer}'")
            for side in (LEFT, RIGHT):  # no name on top of another
                visitor.until(f"document.querySelector('{side}').dataset.covered === '0'")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(SMALL_TYPE) == []
        if width >= 1280:  # outcomes without scrolling
            assert page.locator(".oc tbody tr").nth(2).bounding_box()["y"] + 20 < height
    visitor.close()


def test_the_projector_shows_one_map_in_large_type(chromium: Any, address: str) -> None:
    visitor = Visitor(chromium, f"{address}?v=projector", 1920, 1080)
    page = visitor.page
    visitor.until(f"document.querySelector('{RIGHT}')?.dataset.key")
    assert page.locator(".mp-map:visible").count() == 1
    page.click("[data-show=left]")
    visitor.until(f"document.querySelector('{LEFT}')?.dataset.key")
    assert page.locator(".mp-map.left:visible").count() == 1
    size = "el => parseFloat(getComputedStyle(el).fontSize)"
    assert page.eval_on_selector("[data-part=headline]", size) >= 30
    assert page.eval_on_selector(".mp-when", size) >= 24
    assert page.eval_on_selector(".mp-legend", size) >= 20
    page.click("[data-part=projector]")
    visitor.until("document.querySelector('.ra') && document.querySelector('.ra').offsetParent")
    assert visitor.errors == []
    visitor.close()


def test_legends_name_target_source_and_the_marks_of_the_timeline(visitor: Visitor) -> None:
    visitor.page.click("[data-layer=water]")
    visitor.until(f"document.querySelector('{LEFT}').dataset.layer === 'water'")
    legend = visitor.text(".mp-legend")
    assert "water source" in legend
    assert "attacked district" in legend
    assert all(word in visitor.text(".mp-latest") for word in ("attack", "recovery", "other event"))


def test_the_japanese_page_uses_the_words_of_a_utility(chromium: Any, address: str) -> None:
    visitor = Visitor(chromium, f"{address}?l=ja&t=expert")
    page = visitor.page
    visitor.until("document.querySelector('.ex-row')")
    rows = page.locator("[data-group='policy.W-C1'] .ex-row").all_inner_texts()
    for text in rows:
        words = re.findall(r"[A-Za-z]{3,}", text)
        assert [word for word in words if word not in ("JPY",)] == [], text
    page.click("[data-tab=outcomes]")
    visitor.until("document.querySelector('.oc')")
    assert "生活の不自由さ" in visitor.text(".oc")
    assert "欠乏" not in page.content()
    visitor.close()


@pytest.mark.parametrize(
    ("lang", "line", "says"), [("en", "bus line 1", "riders"), ("ja", "バス路線 1", "乗客")]
)
def test_bus_lines_tell_their_hour_and_stocks_have_charts(
    chromium: Any, address: str, lang: str, line: str, says: str
) -> None:
    visitor = Visitor(
        chromium, f"{address}?s=short_siege&h=48&a=none&p=&l={lang}&m=roads&at=32&c=bus_lines.lines*3"
    )
    page = visitor.page
    assert line.rpartition(" ")[0] in visitor.text(".mp-legend")
    # the middle of a road on which the first line runs, as the map draws it
    spot = page.evaluate(
        f"""() => {{ const map = document.querySelector('.mp').__vue__, c = document.querySelector('{LEFT}');
        const m = map.fit(c.clientWidth, c.clientHeight), r = map.city.links[map.city.bus_lines[0].links[0]];
        return {{ x: (m.x(r[0]) + m.x(r[2])) / 2, y: (m.y(r[1]) + m.y(r[3])) / 2 }} }}"""
    )
    page.hover(LEFT, position=spot)
    assert line in visitor.text(".mp-tip")
    assert says in visitor.text(".mp-tip")
    page.click(LEFT, position=spot)
    assert line in visitor.text("[data-part=buses]")
    page.keyboard.press("Escape")
    roads = visitor.text(".mp-charts")
    page.click("[data-layer=supply]")
    visitor.until(f"document.querySelector('{LEFT}').dataset.layer === 'supply'")
    stocks = visitor.text(".mp-charts")
    assert stocks != roads
    assert ("Minerals in stock" if lang == "en" else "鉱物の在庫") in stocks
    assert visitor.errors == []
    visitor.close()
