"""The networks are usable one by one, on the formats of their fields, without the model of people."""

import subprocess
import sys


def test_a_network_loads_neither_mesa_nor_pandas() -> None:
    says = (
        "from agentsim.networks import PowerGrid, RoadNetwork, SupplyNetwork, WaterNetwork\n"
        "import sys; print([name for name in ('mesa', 'pandas') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_an_unknown_network_is_an_attribute_error() -> None:
    import agentsim.networks

    assert not hasattr(agentsim.networks, "GasGrid")
