"""The pages that are open in browsers, whose they are, and how many one visitor may have.

A browser chooses the id of its page, so that ids say nothing about who asks. Turns and limits go by address
and session instead: :mod:`agentsim.app.server.page_guard` tells this registry of every connection.
"""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

ABSENT_AFTER_S = 8.0  # a broken connection is usually there again in less
FORGOTTEN_AFTER_S = 1900.0  # a little longer than the server keeps it; see CULL_AFTER in serve.py
PAGES_PER_ADDRESS = 100
PAGES_PER_SESSION = 20


class Visitor(NamedTuple):
    """Who asks for runs: the address of a machine, and the session of one of its browsers."""

    address: str
    session: str


class OpenPage:
    """A page of a visitor. It is open while its browser is connected, and for some seconds after that.

    Parameters
    ----------
    visitor : whose it is
    now : seconds of a clock that never goes back
    """

    def __init__(self, visitor: Visitor, now: Callable[[], float] = time.monotonic) -> None:
        self.visitor = visitor
        self._now = now
        self._connections, self._since, self._closed = 0, now(), False

    @property
    def is_open(self) -> bool:
        """True while somebody may be looking at it."""
        return self._connections > 0 or (not self._closed and self.absent_s < ABSENT_AFTER_S)

    @property
    def absent_s(self) -> float:
        """Seconds since the last connection ended; 0 while there is one."""
        return 0.0 if self._connections else self._now() - self._since

    @property
    def is_forgotten(self) -> bool:
        """True once the server no longer keeps it."""
        return not self._connections and (self._closed or self.absent_s > FORGOTTEN_AFTER_S)

    def connect(self) -> None:
        """Its browser has opened a connection."""
        self._connections += 1

    def disconnect(self) -> None:
        """A connection has ended."""
        self._connections = max(0, self._connections - 1)
        self._since = self._now()

    def close(self) -> None:
        """The visitor has closed the page."""
        self._closed = True


class OpenPages:
    """All pages of a server, by the id that the browser chose."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._pages: dict[str, OpenPage] = {}

    def connect(self, page_id: str, visitor: Visitor) -> OpenPage | None:
        """The page of a new connection; None if it belongs to somebody else or the visitor has too many."""
        with self._lock:
            self._pages = {id: page for id, page in self._pages.items() if not page.is_forgotten}
            page = self._pages.get(page_id)
            if page is None and not self._too_many(visitor):
                page = self._pages[page_id] = OpenPage(visitor, self._now)
            elif page is None or not visitor.session or page.visitor.session != visitor.session:
                return None  # without a session nobody can show that a page is theirs
            page.connect()
            return page

    def _too_many(self, visitor: Visitor) -> bool:
        own = [page.visitor for page in self._pages.values() if page.visitor.address == visitor.address]
        return len(own) >= PAGES_PER_ADDRESS or own.count(visitor) >= PAGES_PER_SESSION

    def close(self, page_id: str, visitor: Visitor) -> bool:
        """Notes that a page was closed; False if it is not this visitor's."""
        with self._lock:
            page = self._pages.get(page_id)
            same = page is not None and page.visitor.session == visitor.session
            if page is None or not same or (not visitor.session and page.visitor != visitor):
                return False
            page.close()
            return True

    def open_now(self) -> list[OpenPage]:
        """All pages whose browser is connected, or was some seconds ago."""
        with self._lock:
            return [page for page in self._pages.values() if page.is_open]

    def page(self, page_id: str) -> OpenPage:
        """A page by its id. One that never connected through the guard is its own visitor, and stays open."""
        with self._lock:
            found = self._pages.get(page_id)
        if found is None:
            found = OpenPage(Visitor("", page_id), self._now)
            found.connect()
        return found


OPEN_PAGES = OpenPages()
