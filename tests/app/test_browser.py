"""The page in a real browser that has no network but this machine."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.app.browser import LEFT, RIGHT, Visitor


def test_first_look_shows_two_maps_charts_and_the_table_and_needs_no_scrolling(visitor: Visitor) -> None:
    page = visitor.page
    assert page.locator("canvas").count() == 5
    rows = page.locator(".oc tbody tr")
    assert rows.nth(2).bounding_box()["y"] + 20 < 720  # outcomes without scrolling
    assert page.locator(".mp-charts").bounding_box()["y"] < 680
    assert page.locator(".ra-policy:visible").count() in range(6, 11)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    # something is painted: many colours, not one
    colours = page.evaluate(
        "() => { const c = document.querySelector('canvas[data-side=left]');"
        " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; const s = new Set();"
        " for (let i = 0; i < d.length; i += 4) s.add(d[i] << 16 | d[i+1] << 8 | d[i+2]); return s.size }"
    )
    assert colours > 20


def test_a_countermeasure_changes_the_right_map_alone_and_the_cost(visitor: Visitor) -> None:
    left, right = visitor.data(LEFT, "key"), visitor.data(RIGHT, "key")
    before = visitor.text(".ra-total b")
    visitor.page.click("[data-policy=X-C5]")
    visitor.drawn(not_key=right)
    assert visitor.data(LEFT, "key") == left
    assert "X-C5" in visitor.text(".mp-map.right figcaption")
    assert visitor.text(".ra-total b") != before


def test_every_layer_has_a_legend_and_paints_another_picture(visitor: Visitor) -> None:
    shot = "() => document.querySelector('canvas[data-side=left]').toDataURL()"
    pictures, legends = set(), set()
    for layer in ("districts", "grid", "water", "roads", "supply"):
        visitor.page.click(f"[data-layer={layer}]")
        visitor.until(f"document.querySelector('{LEFT}').dataset.layer === '{layer}'")
        pictures.add(visitor.page.evaluate(shot))
        legends.add(visitor.text(".mp-legend"))
    assert len(pictures) == 5
    assert len(legends) == 5
    assert "%" in "".join(legends)


def test_playing_moves_the_clock_and_keys_step_it(visitor: Visitor) -> None:
    page = visitor.page
    page.select_option(".mp-speed select", "72")
    begin = int(visitor.data(LEFT, "hour"))
    page.click(".mp-play")
    visitor.until(f"+document.querySelector('{LEFT}').dataset.hour > {begin} + 30")
    page.click(".mp-play")
    page.evaluate("document.activeElement.blur()")
    at = int(visitor.data(RIGHT, "hour"))
    page.keyboard.press("ArrowRight")
    visitor.until(f"+document.querySelector('{RIGHT}').dataset.hour === {at} + 1")
    page.keyboard.press("Shift+ArrowLeft")
    visitor.until(f"+document.querySelector('{LEFT}').dataset.hour === {at} - 23")
    page.keyboard.press(" ")
    visitor.until(f"+document.querySelector('{LEFT}').dataset.hour > {at} - 10")


def test_scrubbing_sets_both_maps_to_one_hour(visitor: Visitor) -> None:
    visitor.page.locator(".mp-track input").fill("100")
    for side in (LEFT, RIGHT):
        visitor.until(f"document.querySelector('{side}').dataset.hour === '100'")
    assert "Day 5" in visitor.text(".mp-when")
    assert "04:00" in visitor.text(".mp-when")


def test_hovering_tells_numbers_and_a_click_who_may_operate(visitor: Visitor) -> None:
    page = visitor.page
    box = page.locator(LEFT).bounding_box()
    spot = {"x": box["width"] / 2, "y": box["height"] / 2}
    page.hover(LEFT, position=spot)
    assert "%" in visitor.text(".mp-tip")
    page.click(LEFT, position=spot)
    card = visitor.text(".mp-card")
    assert "control room" in card
    assert "municipality" in card  # W-C1, which the page opens with, hands over the valves
    page.keyboard.press("Escape")
    visitor.until("!document.querySelector('.mp-card')")


@pytest.mark.parametrize(("lang", "said"), [("en", "Your guess"), ("ja", "あなたの予想")])
def test_nothing_is_shown_before_the_guess(chromium: Any, address: str, lang: str, said: str) -> None:
    visitor = Visitor(chromium, f"{address}?l={lang}&t=predict")
    page = visitor.page
    visitor.until("document.querySelector('.mp-cover') && document.querySelector('[data-guess]')")
    page.click("[data-policy=X-C5]")  # another measure does not give its answer away either
    visitor.until("document.querySelector('[data-part=reveal]:not([disabled])')")
    assert page.locator(".mp-cover").count() == 1
    assert visitor.data(RIGHT, "key") == ""  # the browser does not have what it hides
    assert "X-C5" not in visitor.text("[data-part=headline]")
    assert "?" in visitor.text(".mp-now >> nth=0")
    slider = page.locator("[data-guess] input").first
    slider.focus()
    for _ in range(30):  # faster than the server answers: every key press counts
        page.keyboard.press("ArrowRight")
    step = float(slider.get_attribute("step"))
    start = float(slider.get_attribute("max")) / 2
    assert float(slider.input_value()) > start + 20 * step
    kept = slider.input_value()
    page.click("[data-tab=outcomes]")  # a guess that has begun hides the result everywhere
    visitor.until("document.querySelector('.oc')")
    cells = page.locator("[data-outcome=ens_mwh] td").all_inner_texts()
    assert cells[2] == cells[3] == "?"
    page.click("[data-tab=predict]")
    visitor.until("document.querySelector('[data-guess] input')")
    assert page.locator("[data-guess] input").first.input_value() == kept
    page.click("[data-part=reveal]")
    visitor.until("!document.querySelector('.mp-cover') && document.querySelector('.pr-marks .truth')")
    assert said in page.locator("[data-guess] output").first.inner_text()
    assert page.locator(".wy li").count() > 0  # the explanation is below
    assert visitor.errors == []
    visitor.close()


def test_the_trail_leads_back_to_an_hour(visitor: Visitor) -> None:
    page = visitor.page
    page.click("[data-tab=why]")
    page.click("[data-span='0-0']")
    visitor.until(f"+document.querySelector('{LEFT}').dataset.hour !== 60")
    assert "%" in visitor.text(".wy >> nth=1")


def test_a_visitors_own_attack_strikes_where_it_says(visitor: Visitor) -> None:
    page = visitor.page
    page.click("[data-tab=attack]")
    place = page.locator("[data-place]").first.get_attribute("data-place")
    old = visitor.data(RIGHT, "key")
    page.check(f"[data-place='{place}']")
    page.check("[data-action=A4]")
    page.click("[data-part=strike]")
    visitor.drawn(not_key=old)
    visitor.until("document.querySelector('[data-rival]')")
    assert page.is_checked("[data-action=A4]")
    page.click("[data-tab=why]")
    page.select_option("[data-part=outcome]", "water_unserved_m3")
    visitor.until("document.querySelector('.wy li')")
    assert place in visitor.text(".wy")


def test_a_share_link_brings_everything_back_in_a_fresh_browser(
    visitor: Visitor, chromium: Any, address: str
) -> None:
    page = visitor.page
    key = visitor.data(RIGHT, "key")
    page.click("[data-policy=X-C5]")
    visitor.drawn(not_key=key)
    page.click("[data-layer=water]")
    page.locator(".mp-track input").fill("90")
    visitor.until("window.location.search.includes('at=90')")
    page.click(".hd-share")
    other = Visitor(chromium, page.url)
    try:
        assert other.data(RIGHT, "key") == visitor.data(RIGHT, "key")
        assert other.page.is_checked("[data-policy=X-C5]")
        assert other.data(LEFT, "layer") == "water"
        assert other.data(LEFT, "hour") == "90"
    finally:
        other.close()


def test_a_link_of_rubbish_opens_the_usual_page(chromium: Any, address: str) -> None:
    one = Visitor(
        chromium, address + "?s=../../etc/passwd&p=%3Cscript%3E+W-C1&n=-9e99&h=x&l=zz&x=;;&at=1e400"
    )
    try:
        assert one.page.is_checked("[data-policy=W-C1]")
        assert "passwd" not in one.page.content()
        assert one.errors == []
    finally:
        one.close()


def test_language_switch_leaves_no_english_in_countermeasures_tabs_and_legend(visitor: Visitor) -> None:
    visitor.page.click("button[lang=ja]")
    visitor.until("document.documentElement.lang === 'ja' && document.querySelector('.tb').lang === 'ja'")
    assert "地域ごとの水管理強化" in visitor.text(".ra")
    assert "W-C1" in visitor.text(".ra")
    for part in (".tb", ".mp-legend", ".ra h2"):
        words = [word for word in visitor.text(part).replace("\n", " ").split() if word.isascii()]
        assert not [word for word in words if any(letter.isalpha() for letter in word)], part


def test_downloads_open_and_hold_what_the_page_shows(visitor: Visitor, tmp_path: Path) -> None:
    import json
    import tomllib
    from xml.etree import ElementTree

    page = visitor.page
    shown = page.locator("[data-outcome=ens_mwh] td").all_inner_texts()
    page.click("[data-tab=save]")
    files = {}
    for kind in ("series", "outcomes", "toml", "svg", "geojson", "png"):
        with page.expect_download() as waiting:
            page.click(f"[data-save={kind}]")
        files[kind] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(files[kind])
    text = {kind: file.read_bytes().decode("utf-8-sig") for kind, file in files.items() if kind != "png"}
    for kind, content in text.items():  # each says what it is
        for word in ("Short siege", "W-C1", "Coercer", "Seed", "144", "does not forecast"):
            assert word in content, (kind, word)
    rows = list(csv.DictReader(_without_comments(text["series"])))
    assert {row["run"] for row in rows} == {"without", "with"}
    table = {row["outcome"]: row for row in csv.DictReader(_without_comments(text["outcomes"]))}
    assert float(table["ens_mwh"]["without_policies"]) == pytest.approx(
        float(shown[1].replace(",", "")), rel=0.01
    )
    assert tomllib.loads(text["toml"])["policies"]["adopt"] == ["W-C1"]
    assert ElementTree.fromstring(text["svg"]).tag.endswith("svg")
    assert len(json.loads(text["geojson"])["features"]) == 8
    assert files["png"].read_bytes()[:4] == b"\x89PNG"


def _without_comments(text: str) -> io.StringIO:
    return io.StringIO("".join(line for line in text.splitlines(True) if not line.startswith("#")))


def test_two_browsers_do_not_see_each_other(visitor: Visitor, chromium: Any, address: str) -> None:
    other = Visitor(chromium, address)
    try:
        mine = visitor.data(RIGHT, "key")
        other.page.click("[data-policy=X-C5]")
        other.page.click("button[lang=ja]")
        other.drawn(not_key=mine)
        assert not visitor.page.is_checked("[data-policy=X-C5]")
        assert visitor.data(RIGHT, "key") == mine
        assert "Countermeasures" in visitor.text(".ra")
    finally:
        other.close()


def test_a_run_that_is_not_recorded_shows_progress_and_can_be_cancelled(visitor: Visitor) -> None:
    page = visitor.page
    page.locator(".ra details summary").last.click()
    page.fill("[data-part=hours]", "2016")
    page.press("[data-part=hours]", "Tab")
    visitor.until("document.querySelector('.ra-run[data-state=running]')")
    page.click("[data-layer=water]")  # it stays responsive meanwhile
    visitor.until(f"document.querySelector('{LEFT}').dataset.layer === 'water'")
    for run in (0, 1):
        page.click(f"[data-run='{run}'] [data-part=cancel]")
        visitor.until(f"document.querySelector('[data-run=\"{run}\"]').dataset.state === 'cancelled'")
    visitor.until("document.querySelectorAll('.ra-run[data-state=cancelled]').length === 2")
    assert page.locator("[data-part=again]").count() == 2


def test_a_number_that_is_set_changes_the_right_run_alone_and_is_in_the_link(visitor: Visitor) -> None:
    page = visitor.page
    left, right = visitor.data(LEFT, "key"), visitor.data(RIGHT, "key")
    page.click("[data-tab=expert]")
    page.fill("[data-part=search]", "well tank")
    visitor.until("document.querySelectorAll('.ex-row').length === 1")
    field = page.locator("[data-key='policy.W-C1.well_tank_h']")
    field.fill("24")
    field.press("Tab")
    visitor.drawn(not_key=right)
    assert visitor.data(LEFT, "key") == left
    visitor.until("decodeURIComponent(window.location.search).includes('policy.W-C1.well_tank_h*24')")
    page.click("[data-part=usual]")
    visitor.until(f"document.querySelector('{RIGHT}').dataset.key === '{right}'")


def test_more_seeds_bring_intervals(visitor: Visitor) -> None:
    page = visitor.page
    page.locator(".ra details summary").last.click()
    page.fill("[data-part=hours]", "96")  # short, and not shipped
    page.press("[data-part=hours]", "Tab")
    visitor.until("document.querySelectorAll('.ra-run[data-state=done]').length === 2")
    page.select_option("[data-part=seeds]", "3")
    page.click("[data-part=more-seeds]")
    visitor.until("/\\[.*\\]/.test(document.querySelector('[data-outcome=ens_mwh]').innerText)")
    visitor.until("document.querySelector('.oc-bar').innerText.includes('3 seeds')")
    visitor.until("document.querySelector('[data-part=headline]').innerText.includes('3 repetitions')")


def test_two_groups_play_and_nothing_is_seen_before_the_reveal(visitor: Visitor) -> None:
    page = visitor.page
    page.click("[data-tab=attack]")
    page.click("[data-play=a]")
    page.click("[data-play=handover]")
    page.click("[data-play=b]")
    visitor.until("document.querySelector('[data-policy=X-C5]').disabled")
    page.check("[data-place=Harbour]")
    assert "municipality of Harbour" in visitor.text("[data-needs='A2 water']")  # under the locked W-C1
    page.check("[data-action=A4]")
    page.fill("[data-effort='municipality:Harbour']", "12")
    page.press("[data-effort='municipality:Harbour']", "Tab")
    visitor.until("document.querySelector('[data-part=bill]').innerText.includes('12')")
    old = visitor.data(RIGHT, "key")
    page.click("[data-part=strike]")
    visitor.until("document.querySelector('[data-game=sent] [data-play=reveal]:not([disabled])')")
    shown = "document.querySelector('.mp-now').innerText"
    visitor.until(f"({shown}.match(/\\?/g) || []).length === 2")
    assert page.locator("[data-tab]").count() == 1
    read_out = page.locator(".mp-charts canvas").first.get_attribute("aria-label")
    assert not any(sign.isdigit() for sign in read_out)  # a screen reader does not lift the veil
    page.click("[data-play=reveal]")
    visitor.drawn(not_key=old)
    visitor.until("document.querySelectorAll('[data-rival]').length === 4")
    visitor.until(f"!{shown}.includes('?')")


@pytest.mark.slow
def test_thirty_browsers_fit_on_a_laptop() -> None:
    """As `make bench` measures it."""
    from benchmarks.page import measure

    figures = measure(sessions=30, clicks=5)
    assert figures["sessions"] == 30
    assert figures["server_mb"] < 2000
    assert figures["response_median_s"] < 2.0
