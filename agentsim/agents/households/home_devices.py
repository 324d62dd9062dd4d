"""Home devices connected to a maker's cloud: chargers, batteries and heat pumps switched together (A8)."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams


@dataclass(frozen=True)
class HomeDevicesParameters:
    """Share of homes that are connected, and the load of their heat pumps."""

    connected_frac: float = parameter(
        0.3, "1", "homes whose devices are connected to one maker's cloud", "A", 0.0, 1.0
    )
    heat_pump_kw: float = parameter(
        2.0, "kW", "air conditioner or heat pump at full output, above its usual load", "A", 0.0, 20.0
    )
    heat_pump_frac: float = parameter(
        0.3, "1", "share of a home's load that its heat pump takes", "A", 0.0, 1.0
    )


@dataclass(frozen=True, slots=True)
class Switch:
    """Homes whose devices are switched on or off this hour, bool arrays (households,)."""

    on: np.ndarray
    off: np.ndarray
    heat_pump_kw: float
    heat_pump_frac: float


class HomeDevices:
    """Homes connected to the cloud, and the order in which they are switched.

    The attack is MadIoT (Soltan et al. 2018, USENIX Security).

    Parameters
    ----------
    district : district of each household, array (households,)
    """

    def __init__(
        self, district: np.ndarray, streams: Streams, parameters: HomeDevicesParameters | None = None
    ) -> None:
        self.parameters = parameters or HomeDevicesParameters()
        rows = len(district)
        self._district = district
        self.connected = streams.uniform("home_devices", 0, rows) < self.parameters.connected_frac
        self._rank = streams.uniform("home_devices", 1, rows)

    def told(self, seized_frac: np.ndarray) -> Switch:
        """Switch a share of each district's connected devices together: on, or off where it is below 0.

        Parameters
        ----------
        seized_frac : array (districts,), within -1 and 1

        >>> everybody = HomeDevicesParameters(connected_frac=1.0)
        >>> devices = HomeDevices(np.zeros(4, dtype=int), Streams(1), everybody)
        >>> devices.told(np.array([1.0])).on.tolist(), devices.told(np.array([-1.0])).off.tolist()
        ([True, True, True, True], [True, True, True, True])
        """
        share, p = seized_frac[self._district], self.parameters
        switched = self.connected & (self._rank < np.abs(share))
        return Switch(switched & (share > 0.0), switched & (share < 0.0), p.heat_pump_kw, p.heat_pump_frac)
