"""The guard before the page: which requests and connections it hands on, and to whom a page belongs."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agentsim.app.server.open_pages import OpenPages, Visitor
from agentsim.app.server.page_guard import PageGuard, visitor_of

pytest.importorskip("solara", reason="the page's packages are not installed: pip install 'agentsim[app]'")

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
CHANNEL = f"/jupyter/api/kernels/{ID}/channels"


class Page:
    """In the place of Solara's application: notes what was handed on."""

    def __init__(self) -> None:
        self.scopes: list[Any] = []
        self.messages: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            return
        while (message := await receive())["type"] != "websocket.disconnect":
            self.messages.append(message)


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def guard(page: Page, tmp_path: Path) -> PageGuard:
    (tmp_path / "require@1" / "dist").mkdir(parents=True)
    (tmp_path / "require@1" / "dist" / "require.js").write_text("1")
    (tmp_path / "single").mkdir()
    (tmp_path / "single" / "__main.js").write_text("1")
    (tmp_path.parent / "secret.js").write_text("1")
    return PageGuard(page, "localhost", tmp_path, OpenPages())


def _scope(kind: str, path: str, **headers: str) -> dict[str, Any]:
    given = {"host": "localhost:8765"} | {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    path, _, query = path.partition("?")
    return {"type": kind, "path": path, "query_string": query.encode(), "headers": pairs} | {
        "client": ("10.0.0.1", 5), "method": "GET", "scheme": "http",
    }  # fmt: skip


def _finish(answer: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: Playwright's event loop may run in this one since an earlier test."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, answer).result()


def _status(guard: PageGuard, path: str, method: str = "GET", **headers: str) -> int:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    _finish(guard(_scope("http", path, **headers) | {"method": method}, None, send))  # type: ignore[arg-type]
    return sent[0]["status"]


def _connect(guard: PageGuard, path: str, *frames: str, **headers: str) -> list[Any]:
    """What is sent back on a connection that ends after some frames."""
    coming = [
        {"type": "websocket.connect"},
        *({"type": "websocket.receive", "text": text} for text in frames),
    ]
    coming.append({"type": "websocket.disconnect"})
    sent: list[Any] = []

    async def receive() -> Any:
        return coming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    _finish(guard(_scope("websocket", path, **headers), receive, send))
    return sent


OWN = {"origin": "http://localhost:8765", "cookie": "solara-session-id=me"}


@pytest.mark.parametrize(
    "path",
    ["/", "/?s=drought", "/readyz", "/static/main-vuetify.js", "/_solara/cdn/require@1/dist/require.js"]
    + ["/_solara/cdn/single", "/jupyter/nbextensions/jupyter-vue/nodeps.js"],
)
def test_what_the_page_needs_is_answered(guard: PageGuard, path: str) -> None:
    assert _status(guard, path) == 200


@pytest.mark.parametrize(
    "path",
    [
        "/resourcez",
        "/resourcez?verbose=",
        "/_solara/api/evict/" + ID,
        "/_solara/auth/login",
        "/_solara/cdn/left-pad@1.3.0/index.js",  # Solara would fetch it from outside
        "/_solara/cdn/require@1/dist",  # Solara would delete the folder
        "/_solara/cdn/require@1",
        "/_solara/cdn/",
        "/_solara/cdn//etc/passwd",
        "/_solara/cdn/../secret.js",
        "/_solara/cdn/require@1/\x00",
        "/_solara/cdn/" + "x" * 300,
        "/static/..\\..\\x",
        "/static/" + "x" * 2000,
        "/docs",
        "/jupyter/api/sessions",
    ],
)
def test_everything_else_is_not_there(guard: PageGuard, page: Page, path: str) -> None:
    assert _status(guard, path) == 404
    assert page.scopes == []


def test_the_page_can_only_be_read(guard: PageGuard) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert _status(guard, "/", method) == 405
    assert _status(guard, f"/_solara/api/close/{ID}?session_id=1") == 405


def test_only_its_visitor_closes_a_page(guard: PageGuard) -> None:
    close = f"/_solara/api/close/{ID}?session_id=1"
    assert _status(guard, close, "POST", cookie=OWN["cookie"]) == 403  # there is no such page yet
    _connect(guard, f"{CHANNEL}?session_id=1", **OWN)
    assert _status(guard, close, "POST", cookie="solara-session-id=another") == 403
    assert _status(guard, close, "POST", cookie=OWN["cookie"]) == 200
    assert _status(guard, f"/_solara/api/close/{ID}", "POST", cookie=OWN["cookie"]) == 404


def test_a_server_for_this_machine_answers_to_its_own_names(
    guard: PageGuard, page: Page, tmp_path: Path
) -> None:
    """Another site could give its own name this machine's address, and read the page."""
    for host in ("localhost:8765", "127.0.0.1:8765", "[::1]:8765"):
        assert _status(guard, "/", host=host) == 200
    for host in ("evil.example", "localhost.evil.example", "", "[", "10.0.0.5:8765"):
        assert _status(guard, "/", host=host) == 421
    assert _status(PageGuard(page, "0.0.0.0", tmp_path, OpenPages()), "/", host="10.0.0.5:8765") == 200


def test_nobody_tells_the_page_where_it_stands(guard: PageGuard, page: Page) -> None:
    """Solara would load its scripts from there, for all visitors."""
    _status(guard, "/", x_script_name="//evil.example", x_forwarded_host="evil.example", script_name="//evil")
    assert {name for name, _ in page.scopes[0]["headers"]} == {b"host"}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"{CHANNEL}?session_id=1", OWN | {"origin": "http://evil.example"}),
        (f"{CHANNEL}?session_id=1", OWN | {"origin": "http://localhost:9999"}),
        (f"{CHANNEL}?session_id=1", OWN | {"origin": "null"}),
        (f"{CHANNEL}?session_id=1", OWN | {"origin": "http://[::"}),
        (f"{CHANNEL}?session_id=1", {"cookie": OWN["cookie"]}),
        (f"{CHANNEL}?session_id=1", OWN | {"host": "evil.example", "origin": "http://evil.example"}),
        (CHANNEL, OWN),
        ("/jupyter/api/kernels/../channels?session_id=1", OWN),
        ("/jupyter/api/kernels/short/channels?session_id=1", OWN),
        (f"/jupyter/api/kernels/{ID}/shell?session_id=1", OWN),
        ("/elsewhere?session_id=1", OWN),
    ],
)
def test_a_connection_comes_from_the_pages_own_origin(
    guard: PageGuard, page: Page, path: str, headers: dict[str, str]
) -> None:
    assert _connect(guard, path, **headers) == [{"type": "websocket.close", "code": 1008}]
    assert page.scopes == []


def test_nobody_connects_to_anothers_page(guard: PageGuard, page: Page) -> None:
    assert _connect(guard, f"{CHANNEL}?session_id=1", **OWN) == []
    assert _connect(guard, f"{CHANNEL}?session_id=1", **OWN | {"cookie": "solara-session-id=another"})
    assert len(page.scopes) == 1


def test_only_messages_of_the_page_arrive(guard: PageGuard, page: Page) -> None:
    header = {"msg_id": "1", "msg_type": "kernel_info_request", "session": "s"}
    good = json.dumps({"channel": "shell", "header": header, "content": {}})
    _connect(
        guard, f"{CHANNEL}?session_id=1", "{", good, "[1]", good.replace("kernel_info", "execute"), **OWN
    )
    assert [message.get("text") for message in page.messages] == [None, good]  # the first opens it


def test_a_visitor_is_an_address_and_a_session() -> None:
    assert visitor_of(_scope("http", "/", cookie="a=1; solara-session-id-lax=x")) == Visitor("10.0.0.1", "x")
    assert visitor_of(_scope("http", "/", cookie='\x01=;;="')) == Visitor("10.0.0.1", "")
    assert visitor_of(_scope("http", "/") | {"client": None}) == Visitor("", "")
