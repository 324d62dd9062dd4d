"""The page in Firefox: it opens, a countermeasure changes the map, the language switches, Back undoes."""

from collections.abc import Iterator

import pytest

from tests.app.firefox import FirefoxPage, firefox

DRAWN = "(() => { const [a, b] = document.querySelectorAll('canvas[data-side]');" + (
    " return a && b && a.dataset.key && b.dataset.key && (a.dataset.drawn > 0) && (b.dataset.drawn > 0) })()"
)
RIGHT = "document.querySelector('canvas[data-side=right]').dataset.key"
HEADLINE = "document.querySelector('[data-part=headline]').innerText"


@pytest.fixture(scope="module")
def fox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirefoxPage]:
    with firefox(tmp_path_factory.mktemp("firefox")) as page:
        yield page


@pytest.mark.parametrize(
    ("lang", "lacked", "other", "lacked_then"),
    [("en", "went without", "ja", "生活の不自由さ"), ("ja", "生活の不自由さ", "en", "went without")],
)
def test_the_page_works_in_firefox(
    fox: FirefoxPage, address: str, lang: str, lacked: str, other: str, lacked_then: str
) -> None:
    fox.open(f"{address}?l={lang}")
    fox.until(DRAWN)
    assert lacked in fox.value(HEADLINE)
    before = fox.value(RIGHT)
    fox.click("[data-policy=X-C5]")
    fox.until(f"{RIGHT} && {RIGHT} !== {before!r}")
    fox.until(f"{HEADLINE}.includes('X-C5')")
    fox.click(f".hd-seg button[lang={other}]")
    fox.until(f"{HEADLINE}.includes({lacked_then!r})")
    fox.value("history.back()")
    fox.value("history.back()")
    fox.until(f"{RIGHT} === {before!r}")
    assert fox.errors == []
    assert fox.outside == []


def test_a_map_is_painted_in_firefox(fox: FirefoxPage, address: str) -> None:
    fox.open(address)
    fox.until(DRAWN)
    colours = fox.value(
        "(() => { const one = document.querySelector('canvas[data-side=right]');"
        " const all = one.getContext('2d').getImageData(0, 0, one.width, one.height).data, seen = new Set();"
        " for (let k = 0; k < all.length; k += 4000) seen.add(all.slice(k, k + 3).join());"
        " return seen.size })()"
    )
    assert colours > 5
