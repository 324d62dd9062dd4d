"""The page's server with visitors that behave badly; a browser without a screen looks at what it answers."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

pytest.importorskip("solara", reason="the page's packages are not installed: pip install 'agentsim[app]'")
pytest.importorskip("websockets", reason="the page's packages are not installed: pip install 'agentsim[app]'")

from websockets.exceptions import InvalidStatus

from agentsim.app.server.open_pages import ABSENT_AFTER_S
from app.page_client import Browser, PageServer

RAIL = ("kinds", "minds")  # the widget with countermeasures and attacker
LONG = "s=hostile_operator&p=&a=coercer:best_response&n=77&h=1008"
SHORT = "s=ordinary_fortnight&p=&a=none&n=78&h=24"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    with PageServer(tmp_path_factory.mktemp("server"), "--workers", "1") as one:
        yield one


@pytest.fixture(scope="module")
def visitor(server: PageServer) -> Iterator[Browser]:
    browser = Browser(server)
    browser.until(lambda: browser.runs() == ["done", "done"])
    yield browser
    browser.close()


@pytest.mark.parametrize(
    "query",
    [
        "c=attacker.budget*50",
        "c=%00;;**;capture.step_days*1+x;bad_actor.concession_value*1e999;households.trust_start*nan",
        "s=../../etc/passwd&p=%F0%9F+E-C2&a=%3Cscript%3E&n=inf&h=nan&at=1e309&l=xx&t=__class__",
        "x=A1@a*nan;;1*0&a=coercer:random",
        "x=" + ";" * 3000,
    ],
)
def test_a_link_with_rubbish_opens_the_page(server: PageServer, visitor: Browser, query: str) -> None:
    browser = Browser(server, query, visitor.session)
    try:
        browser.until(lambda: len(browser.runs()) == 2)
        for word in ("Traceback", "site-packages", "ag-error"):
            assert word not in browser.texts()
    finally:
        browser.close()


def test_nonsense_raises_nothing_and_the_page_goes_on(server: PageServer, visitor: Browser) -> None:
    for event, data in (
        *(("cancel", wrong) for wrong in ("x", None, 99, {})),
        *(("choose", wrong) for wrong in (None, [1], {"toggle": [1]}, {"hours": {}}, {"package": []}, "x")),
        ("choose", {"number": {"key": 1, "text": None}}),
        ("nothing of the kind", 1),
    ):
        visitor.click(RAIL, event, data)
    id, _ = visitor.widget(*RAIL)
    for data in (
        {"method": "custom", "content": {"create_widget": ["antigravity", "x"], "props": {}, "id": "x"}},
        {"method": "update", "state": {"layout": "IPY_MODEL_x", "tabbable": "x"}},
    ):
        visitor.send("comm_msg", {"comm_id": id, "data": data})
    visitor.send("execute_request", {"code": "1"})
    for frame in ("{", "[" * 50_000, b"\x00"):
        visitor.connection.send(frame)
    visitor.click(RAIL, "choose", {"lang": "ja"})
    visitor.until(lambda: visitor.widget(*RAIL)[1]["lang"] == "ja")
    assert "Traceback" not in server.log()


def test_nobody_else_gets_in(server: PageServer, visitor: Browser) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        visitor.connect(origin="http://evil.example")
    stranger = Browser(server, "s=drought")
    try:
        stranger.id = visitor.id
        with pytest.raises(InvalidStatus, match="403"):
            stranger.connect()
        close = f"/_solara/api/close/{visitor.id}?session_id={visitor.page_id}"
        assert server.get(close, "POST", Cookie=f"solara-session-id={stranger.session}")[0] == 403
    finally:
        stranger.close()
    assert server.get("/", Host="evil.example")[0] == 421
    assert "Traceback" not in server.log()


def test_a_port_that_is_taken_is_said_in_one_line(server: PageServer) -> None:
    command = [sys.executable, "-m", "agentsim", "app", "--port", str(server.port), "--no-browser"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"localhost:{server.port}: Address already in use; take another --port or --host"
    ]


def test_the_inner_state_is_closed_and_nothing_comes_from_outside(server: PageServer) -> None:
    for path in (
        "/resourcez",
        "/resourcez?verbose=",
        "/_solara/cdn/left-pad@1.3.0/index.js",
        "/static/%00",
        "/x",
    ):
        assert server.get(path)[0] == 404, path
    page = server.get("/")[1]
    for line in page.splitlines():  # scripts and styles that the page names are here
        if "/_solara/cdn/" in line and ("src=" in line or "href=" in line):
            name = line.split("/_solara/cdn/")[1].split('"')[0]
            assert server.get(f"/_solara/cdn/{name}")[0] == 200, name


def test_a_page_that_is_gone_makes_way_within_seconds(server: PageServer) -> None:
    """The only worker computes a long run; its page loses the connection without a word."""
    gone = Browser(server, LONG)
    gone.until(lambda: "running" in gone.runs())
    here = Browser(server, SHORT)
    here.until(lambda: "waiting" in here.runs())
    begin = time.monotonic()
    gone.close()
    here.until(lambda: here.runs() == ["done", "done"])
    spent_s = time.monotonic() - begin
    assert ABSENT_AFTER_S - 1.0 < spent_s < ABSENT_AFTER_S + 30.0  # the short run too, on a busy machine
    gone.states.clear()
    gone.connection = gone.connect()  # back again: the run is asked for once more
    gone.until(lambda: "waiting" in gone.runs() or "running" in gone.runs())
    gone.close()
    here.close()
