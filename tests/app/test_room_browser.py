"""A class in real browsers that have no network but this machine: a leader and groups, in both languages."""

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.browser import Visitor, room_served

RIGHT, LEFT = "canvas[data-side=right]", "canvas[data-side=left]"
SHORT = "short_siege"  # computed in seconds
RECORDED = "replay_ukraine_2015"  # a week whose runs are shipped
LABELS = {"en": ("Room", "Group"), "ja": ("教室", "班")}


class Classroom:
    """A server with a room, and the browsers of a leader and of groups."""

    def __init__(self, chromium: Any, url: str, log: Path) -> None:
        self.chromium, self.url = chromium, url
        told = log.read_text()
        self.secret, self.code = re.search(r"leader=(\S+)", told)[1], re.search(r"code (\w+)", told)[1]
        self.visitors: list[Visitor] = []

    def open(self, query: str, width: int = 1280, height: int = 720) -> Visitor:
        one = Visitor(self.chromium, f"{self.url}?{query}", width, height, wait=False)
        self.visitors.append(one)
        return one

    def leader(self, lang: str = "en") -> Visitor:
        one = self.open(f"leader={self.secret}&l={lang}")
        one.until("document.querySelector('[data-part=code]')")
        return one

    def group(self, lang: str = "en", width: int = 1280) -> Visitor:
        one = self.open(f"r={self.code}&l={lang}", width)
        one.page.click("[data-part=join]")
        one.until("document.querySelector('.rb')")
        return one

    def close(self) -> None:
        for one in self.visitors:
            assert one.outside == [], "the page asked for something outside"
            assert one.errors == []
            one.close()
        self.visitors = []


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, subprocess.Popen]]:
    with room_served(tmp_path_factory.mktemp("room")) as found:
        yield found


@pytest.fixture
def classroom(chromium: Any, place: tuple[str, Path, subprocess.Popen]) -> Iterator[Classroom]:
    one = Classroom(chromium, place[0], place[1])
    yield one
    one.close()


def begin(leader: Visitor, kind: str, scenario: str = RECORDED, **fields: str) -> None:
    """Begin a round from the leader's form."""
    page = leader.page
    if not page.locator("[data-part=begin]").is_visible():
        page.click(".le-next summary")
    page.click(f".le-seg [data-kind={kind}]")
    leader.until(f"document.querySelector('.le-seg [data-kind={kind}].on')")
    page.select_option(".le-form [data-part=scenario]", scenario)
    leader.until(f"document.querySelector('.le').__vue__.scenario === '{scenario}'")
    for part, value in fields.items():
        field = page.locator(f".le-form [data-part={part}]")
        field.select_option(value) if part == "case" else field.fill(value)
    page.click("[data-part=begin]")
    leader.until("document.querySelector('.le[data-open=yes]')")


def end(leader: Visitor) -> None:
    leader.page.click("[data-part=stop]")
    leader.until("document.querySelector('[data-part=results]')")


def opened(group: Visitor, kind: str) -> None:
    group.until(f"document.querySelector('.rb[data-kind={kind}][data-open=yes]')")


def handed(group: Visitor) -> str:
    group.until("document.querySelector('[data-part=handed]')")
    return group.text("[data-part=handed]")


def guess(group: Visitor, value: str) -> str:
    group.until("document.querySelector('[data-part=slider]')")
    group.page.locator("[data-part=slider]").fill(value)
    group.page.click("[data-part=hand-in]")
    return handed(group)


def test_two_groups_predict_and_the_leader_sees_both(classroom: Classroom) -> None:
    leader = classroom.leader()
    assert classroom.secret not in leader.page.url  # the screen of a projector shows the address
    groups = {"en": classroom.group("en"), "ja": classroom.group("ja", 390)}
    for lang, group in groups.items():
        assert all(word in group.text(".hd-fixed") for word in LABELS[lang])
    leader.until("+document.querySelector('[data-part=group-count]').innerText >= 2")
    begin(leader, "predict")
    for group in groups.values():
        opened(group, "predict")
    guess(groups["en"], "10")
    guess(groups["ja"], "20")
    for group in groups.values():  # nothing of the result is in the browser
        group.until(f"document.querySelector('{RIGHT}') && !document.querySelector('{RIGHT}').dataset.key")
        assert group.page.locator("[data-part=own-results]").count() == 0
        assert group.page.locator("[data-tab]").count() == 0
        assert group.page.evaluate("document.documentElement.scrollWidth") <= (
            390 if group is groups["ja"] else 1280
        )
    leader.until("document.querySelector('[data-part=handed-count]').innerText.includes('2 of')")
    assert leader.page.locator("[data-part=histogram]").count() == 0
    end(leader)
    leader.until("document.querySelector('[data-part=truth]')")
    assert leader.page.locator("[data-standing]").count() == 2
    for group in groups.values():
        group.until("document.querySelector('[data-part=own-results]')")
        group.until(f"document.querySelector('{RIGHT}').dataset.key")
    english, japanese = (group.text("[data-part=own-results]") for group in groups.values())
    assert "Result" in english
    assert "結果" in japanese
    assert re.findall(r"[A-Za-z]{3,}", japanese) == []


def test_locks_hold_whatever_the_browser_sends(classroom: Classroom) -> None:
    leader, group = classroom.leader(), classroom.group()
    begin(leader, "defend", limit="100000")
    opened(group, "defend")
    group.until("document.querySelector('.ra') && document.querySelectorAll('.ra-policy.on').length === 0")
    group.page.check("[data-policy=E-C2]")
    group.until(f"document.querySelector('{LEFT}')?.dataset.key")
    group.drawn(not_key=group.data(LEFT, "key"))
    key, page = group.data(RIGHT, "key"), group.page
    assert page.locator(".hd select, .hd input, [data-part=kind], [data-part=hours]").count() == 0
    # as the page's own parts would send it
    sent = {"scenario": "drought", "seed": 7, "hours": 24, "kind": "none", "budget": 5, "tab": "rank"}
    page.evaluate("sent => document.querySelector('.ra').__vue__.choose(sent)", sent)
    page.evaluate(
        "document.querySelector('.ra').__vue__.choose({ link: 's=drought&n=7&h=24&c=attacker.budget*1' })"
    )
    page.evaluate("document.querySelector('.ra').__vue__.choose({ package: 'none' })")
    group.drawn(not_key=key)
    assert f"s={RECORDED}" in page.url
    assert "n=1&h=168" in page.url
    page.evaluate("document.querySelector('.ra').__vue__.choose({ package: 'all' })")
    group.until("document.querySelectorAll('.ra-policy.on').length > 10")
    page.click("[data-part=hand-in]")
    group.until("document.querySelector('[data-part=refused]')")
    assert "the limit is 100,000" in group.text("[data-part=refused]")
    assert page.locator("[data-part=handed]").count() == 0
    page.evaluate("document.querySelector('.ra').__vue__.choose({ package: 'none' })")
    group.until("document.querySelectorAll('.ra-policy.on').length === 0")
    page.check("[data-policy=E-C2]")
    group.until("document.querySelector('.rb-hand').innerText.includes('E-C2')")
    page.click("[data-part=hand-in]")
    assert "E-C2" in handed(group)
    end(leader)
    group.until("document.querySelector('.rb[data-open=no]')")
    bar = "document.querySelector('.rb').__vue__"
    page.evaluate(f"{bar}.hand(0)")  # the button is gone; the message is not
    group.until("document.querySelector('[data-part=refused]')")
    assert "ended" in group.text("[data-part=refused]")
    begin(leader, "defend", limit="0")  # what was refused belongs to the round before
    opened(group, "defend")
    assert page.locator("[data-part=refused]").count() == 0
    end(leader)
    stranger = classroom.open("leader=guess")
    stranger.until("document.querySelector('.jo')")
    stranger.page.fill("[data-part=code]", "0000")
    stranger.page.click("[data-part=join]")
    stranger.until("document.querySelector('.jo-bad')")


@pytest.mark.slow
def test_a_role_chooses_its_own_measures_and_an_attacker_attacks_what_was_chosen(
    classroom: Classroom,
) -> None:
    leader = classroom.leader("ja")
    defender, attacker = classroom.group("ja"), classroom.group("en")
    numbers = [re.search(r"\d+", one.text(".hd-fixed").split("·")[1])[0] for one in (defender, attacker)]
    for number, role in zip(numbers, ("mayor", "attacker"), strict=True):
        leader.until(f"document.querySelector('[data-group=\"{number}\"]')")
        leader.page.select_option(f"[data-group='{number}'] [data-part=role]", role)
    defender.until("document.querySelector('.rb').innerText.includes('市長')")
    begin(leader, "defend", SHORT)
    for group in (defender, attacker):
        opened(group, "defend")
    assert attacker.page.locator("[data-part=hand-in]").count() == 0
    assert defender.page.locator("[data-policy=X-C5]").count() == 0  # the residents'
    defender.page.check("[data-policy=X-C1]")
    defender.until("document.querySelector('.rb-hand').innerText.includes('X-C1')")
    defender.page.click("[data-part=hand-in]")
    handed(defender)
    end(leader)
    begin(leader, "attack", SHORT, case="groups")
    opened(attacker, "attack")
    attacker.until("document.querySelector('[data-action=A4]')")
    assert f"group {numbers[0]}" in attacker.text(".rb-task")
    assert "Payoff" in attacker.text(".rb-task")  # the goal is said beforehand
    page = attacker.page
    page.check("[data-place=Harbour]")
    page.check("[data-action=A1]")
    page.click("[data-part=strike]")
    assert "A1" in handed(attacker)
    assert defender.page.locator("[data-part=own-results]").count() == 0
    page.reload()  # in mid-round: the group and what it has handed in are there again
    opened(attacker, "attack")
    assert "A1" in handed(attacker)
    attacker.until(
        "document.querySelector('[data-action=A1]') && document.querySelector('[data-action=A1]').checked"
    )
    end(leader)
    attacker.until("document.querySelector('[data-part=own-results]')")
    score = attacker.text("[data-part=own-results]")
    assert "Score, %" in score
    assert "Payoff of the planning attacker" in score
    defender.until(f"document.querySelector('.rb').innerText.includes('{numbers[1]}班に攻撃されました')")
    leader.until("document.querySelector('[data-standing]')")


@pytest.mark.slow  # two servers of its own
def test_a_restart_keeps_the_room_and_a_late_group_joins(chromium: Any, tmp_path: Path) -> None:
    with room_served(tmp_path) as (url, log, server):
        one = Classroom(chromium, url, log)
        leader, group = one.leader(), one.group("ja")
        begin(leader, "predict", minutes="60")
        opened(group, "predict")
        before = guess(group, "10")
        server.send_signal(signal.SIGKILL)  # as when a laptop loses its power
        server.wait(20)
        for visitor, text in ((leader, "Reload"), (group, "再読み込み")):
            visitor.until("document.querySelector('[data-part=reload]')")
            assert visitor.text("[data-part=reload]") == text
        with room_served(tmp_path, url):
            for visitor in (leader, group):
                visitor.page.click("[data-part=reload]")
            opened(group, "predict")
            assert handed(group) == before
            late = one.group()
            opened(late, "predict")
            guess(late, "30")
            leader.until("document.querySelector('[data-part=handed-count]')?.innerText.includes('2 of 2')")
            end(leader)
            leader.until("document.querySelectorAll('[data-standing]').length === 2")
            with leader.page.expect_download() as waiting:
                leader.page.click("[data-part=csv]")
            file = tmp_path / "room.csv"
            waiting.value.save_as(file)
            assert f"predict,{RECORDED},1,168" in file.read_text("utf-8-sig")
            one.close()
