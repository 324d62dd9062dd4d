"""Open pages: whose they are, how many one visitor may have, and when nobody looks at one any more."""

import pytest

from agentsim.app.server.open_pages import (
    ABSENT_AFTER_S,
    FORGOTTEN_AFTER_S,
    PAGES_PER_ADDRESS,
    PAGES_PER_SESSION,
    OpenPages,
    Visitor,
)

ME, OTHER = Visitor("10.0.0.1", "me"), Visitor("10.0.0.2", "other")


class Clock:
    """A clock that stands until it is set."""

    s = 0.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pages(clock: Clock) -> OpenPages:
    return OpenPages(clock)


def test_a_page_is_its_visitors_own(pages: OpenPages) -> None:
    assert pages.connect("page", ME)
    assert pages.connect("page", OTHER) is None
    assert not pages.close("page", OTHER)
    assert not pages.close("unknown", ME)
    moved = pages.connect("page", Visitor("10.0.0.9", "me"))  # a laptop in another network
    assert moved is pages.page("page")
    assert moved.visitor == ME


def test_without_a_session_nobody_can_take_a_page(pages: OpenPages) -> None:
    nobody = Visitor("10.0.0.3", "")
    assert pages.connect("page", nobody)
    assert pages.connect("page", nobody) is None
    assert not pages.close("page", Visitor("10.0.0.4", ""))
    assert pages.close("page", nobody)


def test_a_page_is_open_until_some_seconds_after_its_last_connection(pages: OpenPages, clock: Clock) -> None:
    page = pages.connect("page", ME)
    assert page
    pages.connect("page", ME)
    page.disconnect()
    clock.s = 100.0
    assert page.is_open  # the second connection is still there
    page.disconnect()
    assert page.is_open
    clock.s += ABSENT_AFTER_S
    assert not page.is_open
    assert pages.connect("page", ME) is page
    assert page.is_open


def test_a_page_that_was_closed_is_closed_at_once(pages: OpenPages) -> None:
    page = pages.connect("page", ME)
    assert page
    assert pages.close("page", ME)
    page.disconnect()
    assert not page.is_open


def test_nobody_opens_pages_without_end(pages: OpenPages, clock: Clock) -> None:
    mine = [pages.connect(f"mine {k}", ME) for k in range(PAGES_PER_SESSION + 1)]
    assert mine[-2]
    assert mine[-1] is None
    for k in range(PAGES_PER_ADDRESS):
        pages.connect(f"made up {k}", Visitor(ME.address, f"made up {k}"))
    assert pages.connect("one more", Visitor(ME.address, "one more")) is None
    assert pages.connect("of another", OTHER)
    for page in mine[:-1]:
        assert page
        page.disconnect()
    clock.s = FORGOTTEN_AFTER_S + 1.0
    assert pages.connect("mine again", ME)


def test_a_page_that_nobody_announced_is_open_and_its_own_visitor(pages: OpenPages) -> None:
    """As in a notebook, where no guard stands before the page."""
    assert pages.page("x").is_open
    assert pages.page("x").visitor != pages.page("y").visitor
