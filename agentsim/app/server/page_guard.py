"""What the page's server answers, and to whom: a layer around Solara's own web application.

Only the paths that the page needs are answered. A connection is accepted from the page's own origin, belongs
to the session and address that opened it, and hands on only messages that the page itself sends. Files of
other projects come from what is installed, never from outside.
"""

import ipaddress
import re
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, urlsplit

from agentsim.app.server.message_checks import is_usual
from agentsim.app.server.open_pages import OpenPages, Visitor

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIES = ("solara-session-id", "solara-session-id-lax")
CDN, CLOSE = "/_solara/cdn/", "/_solara/api/close/"
PAGES = ("/", "/readyz", "/favicon.ico")
FILES = ("/static/", "/jupyter/nbextensions/", "/jupyter/api/kernels/")
CONNECTION = re.compile(r"/jupyter/api/kernels/([0-9a-fA-F-]{8,64})/channels")
# headers by which a proxy says where it stands; Solara believes them of anybody, and for all visitors
NOT_HANDED_ON = (b"script-name", b"x-script-name", b"x-forwarded-host", b"x-forwarded-proto")
LONGEST_PATH = 1000
NOT_FOUND, NOT_ALLOWED, FORBIDDEN, WRONG_HOST = 404, 405, 403, 421
TEXTS = {
    NOT_FOUND: "There is no such page.",
    NOT_ALLOWED: "This page can only be read.",
    FORBIDDEN: "This belongs to another visitor.",
    WRONG_HOST: "This server answers to localhost only; start it with --host to open it to others.",
}


class PageGuard:
    """An ASGI application that hands on what the page needs and refuses everything else.

    Parameters
    ----------
    page : Solara's application
    host : name or address that the server listens on
    installed : folder of the files of other projects that the page uses
    open_pages : told of every connection
    """

    def __init__(self, page: Application, host: str, installed: Path, open_pages: OpenPages) -> None:
        self._page, self._installed, self._open_pages = page, installed.resolve(), open_pages
        self._only_here = is_loopback(host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._page(scope, receive, send)
        elif scope["type"] == "http":
            refused = self._refused(scope)
            await (_answer(send, refused) if refused else self._page(_plain(scope), receive, send))
        elif scope["type"] == "websocket":
            await self._connect(scope, receive, send)

    # ---- plain requests -----------------------------------------------------------------------------

    def _refused(self, scope: Scope) -> int:
        """The status with which a request is refused; 0 if it is handed on."""
        path, method = scope["path"], scope["method"]
        if not self._host_is_right(scope):
            return WRONG_HOST
        if len(path) > LONGEST_PATH or re.search(r"[\x00-\x1f\x7f\\]", path) or ".." in path:
            return NOT_FOUND
        if path.startswith(CLOSE):
            return self._close(path.removeprefix(CLOSE), scope) if method == "POST" else NOT_ALLOWED
        if not self._is_known(path):
            return NOT_FOUND
        return 0 if method in ("GET", "HEAD") else NOT_ALLOWED

    def _is_known(self, path: str) -> bool:
        if path.startswith(CDN):
            return self._is_installed(path.removeprefix(CDN))
        return path in PAGES or path.startswith(FILES)

    def _is_installed(self, name: str) -> bool:
        """True if a file of another project is here. Solara would fetch it otherwise, or delete a folder."""
        parts = PurePosixPath(name).parts
        file = self._installed.joinpath(*parts) if len(parts) != 1 else self._installed / name / "__main.js"
        try:
            return file.resolve().is_relative_to(self._installed) and file.is_file()
        except (OSError, ValueError):
            return False

    def _close(self, page_id: str, scope: Scope) -> int:
        """A page that is closed is the visitor's own."""
        if not parse_qs(scope["query_string"].decode("latin-1")).get("session_id"):
            return NOT_FOUND
        return 0 if self._open_pages.close(page_id, visitor_of(scope)) else FORBIDDEN

    def _host_is_right(self, scope: Scope) -> bool:
        """A server for this machine alone answers to its names, so that no other site can pose as it."""
        return not self._only_here or is_loopback(_host_of(_header(scope, b"host")))

    # ---- connections --------------------------------------------------------------------------------

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = CONNECTION.fullmatch(scope["path"])
        query = parse_qs(scope["query_string"].decode("latin-1"))
        right = found and query.get("session_id") and self._host_is_right(scope) and is_own_origin(scope)
        page = self._open_pages.connect(found[1], visitor_of(scope)) if found and right else None
        if page is None:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            await self._page(_plain(scope), _checked(receive), send)
        finally:
            page.disconnect()


def _checked(receive: Receive) -> Receive:
    """Messages of a browser without those that the page never sends."""

    async def next_usual() -> MutableMapping[str, Any]:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            text = message.get("text")
            if is_usual(text if text is not None else message.get("bytes") or b""):
                return message

    return next_usual


def visitor_of(scope: Scope) -> Visitor:
    """Who sends a request: its address, and the session in its cookie."""
    address = (scope.get("client") or ("", 0))[0]
    try:
        cookies = SimpleCookie(_header(scope, b"cookie"))
    except CookieError:
        return Visitor(address, "")
    return Visitor(address, next((cookies[name].value for name in COOKIES if name in cookies), ""))


def is_own_origin(scope: Scope) -> bool:
    """True if the script that opens a connection comes from this server's own page.

    Browsers always say the origin of a script, and a script cannot change it.
    """
    scheme, _, host = _header(scope, b"origin").partition("://")
    return scheme in ("http", "https") and host.lower() == _header(scope, b"host").lower()


def is_loopback(host: str) -> bool:
    """True for names and addresses of this machine that no other can reach.

    >>> is_loopback("localhost"), is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("192.168.1.5")
    (True, True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host_of(header: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")


def _plain(scope: Scope) -> Scope:
    kept = [(key, value) for key, value in scope["headers"] if key.lower() not in NOT_HANDED_ON]
    return {**scope, "headers": kept}


async def _answer(send: Send, status: int) -> None:
    body = TEXTS[status].encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
