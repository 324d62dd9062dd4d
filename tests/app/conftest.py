"""One server and one browser for all tests of the page in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from tests.app.browser import served

    with served(tmp_path_factory.mktemp("page")) as (url, _):
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from tests.app.browser import browser

    with browser() as started:
        yield started


@pytest.fixture
def visitor(chromium: Any, address: str) -> Iterator[Any]:
    from tests.app.browser import Visitor

    one = Visitor(chromium, address)
    yield one
    assert one.outside == [], "the page asked for something outside"
    assert one.errors == []
    one.close()
