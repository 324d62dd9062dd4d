"""The water network lives a day as EPANET itself runs the unchanged file.

``python -m benchmarks.epanet_agreement FOLDER`` does the same with every file of a folder.
"""

import importlib.util
from pathlib import Path

import pytest

from benchmarks.epanet_agreement import agrees, day_of_epanet, day_of_network

ROOT = Path(__file__).parents[2]
SHIPPED = [
    ROOT / "agentsim/place/data/bay_city/Net3.inp",
    ROOT / "agentsim/place/data/river_town/river_town.inp",
]
wntr_spec = importlib.util.find_spec("wntr")
LIBRARY = Path(wntr_spec.origin).parent / "library" / "networks" if wntr_spec else Path()
FROM_WNTR = [LIBRARY / f"{name}.inp" for name in ("Net1", "Net2", "ky4")]
OF_LOW_PRESSURE = [LIBRARY / "Net6.inp"]  # taps below the required pressure get less than in its demand model


def found(file: Path, pressure_driven: bool) -> tuple[float, float]:
    if not file.exists():
        pytest.skip("needs WNTR's networks")
    return day_of_network(file).differs(day_of_epanet(file, pressure_driven))


@pytest.mark.slow
@pytest.mark.parametrize("file", SHIPPED + FROM_WNTR, ids=lambda file: file.stem)
def test_a_day_is_that_of_epanet_in_the_files_own_demand_model(file: Path) -> None:
    assert agrees(*found(file, pressure_driven=False))


@pytest.mark.slow
@pytest.mark.parametrize("file", SHIPPED + FROM_WNTR + OF_LOW_PRESSURE, ids=lambda file: file.stem)
def test_a_day_is_that_of_epanet_with_pressure_driven_demand(file: Path) -> None:
    pressure_m, volume_frac = found(file, pressure_driven=True)
    assert pressure_m < 0.5
    assert volume_frac < 0.01


def test_a_difference_is_seen() -> None:
    assert not agrees(2.1, 0.0)
    assert not agrees(0.0, 0.06)
    assert agrees(1.9, 0.04)
