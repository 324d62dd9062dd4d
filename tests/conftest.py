"""The hamlet: the smallest real society, two hundred simulated households on Bay City's networks."""

import os

# as in the worker processes of a comparison: for arrays of this size a second thread only costs. It is set
# before NumPy is imported, and processes that tests start inherit it
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from agentsim.place.cases import Place
    from agentsim.society.society import Society

# what the model keeps between processes, it keeps here while it is tested
os.environ["AGENTSIM_CACHE_DIR"] = str(Path(__file__).parent.parent / ".pytest_cache" / "agentsim")

ORDINARY = Path(__file__).parent.parent / "scenarios" / "ordinary_fortnight.toml"
# files of half a minute and more, longest first: begun last, one of them would keep one process alone
LONG_FILES = (
    "tests/app/test_browser.py",
    "tests/verification/test_containment.py",
    "tests/app/test_browser_lessons.py",
    "tests/policies/test_shared.py",
    "tests/society/test_mechanisms.py",
    "tests/app/test_room_browser.py",
    "tests/notebooks/test_notebooks.py",
)
CONTROL_ROOMS = ["power_control_room", "water_control_room", "traffic_control_room"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files come first; the tests of a file stay together and in order."""
    place = {name: k for k, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, Any, Any]:
    """Numbers print as usual after each test: WNTR, once imported, shortens all that NumPy shows."""
    with np.printoptions():
        return (yield)


@pytest.fixture(scope="session")
def bay_city() -> "Place":
    """The place alone, before any household is drawn. Frozen; for reading."""
    from agentsim.place.build import load_place

    return load_place("bay_city", 8)


@pytest.fixture(scope="session")
def hamlet() -> "Callable[..., Society]":
    """Builds a hamlet, fresh at each call: ``hamlet(["E-C2"], "coercer:random", seed=2, hours=24)``.

    *hours* are lived before it is handed over; *changes* are scenario keys, ``{"place.households": 50}``.
    An attacker holds the three control rooms unless *changes* say otherwise. About 0.1 s to build, 3 ms an
    hour; whoever needs its scenario alone takes ``hamlet.setting``.
    """
    from agentsim import Society, load

    scenario = load(ORDINARY).with_changes(
        {"place.households": 200, "hours": 48, "attacker.foothold": CONTROL_ROOMS}
    )

    def build(
        policies: Sequence[str] = (),
        attacker: str = "none",
        seed: int = 1,
        hours: int = 0,
        changes: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> "Society":
        setting = scenario.with_changes(changes) if changes else scenario
        return Society(setting, policies=policies, attacker=attacker, seed=seed, **more).run(hours)

    build.setting = scenario  # type: ignore[attr-defined]
    return build


@pytest.fixture(scope="session")
def calm_hamlet(hamlet: "Callable[..., Society]") -> "Society":
    """Two days in which nothing breaks and nobody attacks. Shared by all tests: read, do not step."""
    return hamlet(hours=48, changes={"mechanisms.failures": False})
