"""Home devices on a maker's cloud: chargers, batteries, heat pumps that somebody may switch at once (A8)."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams


@dataclass(frozen=True)
class HomeDevicesParameters:
    """What hangs on the cloud."""

    connected_frac: float = parameter(
        0.3, "1", "homes whose devices hang on one maker's cloud", "A", 0.0, 1.0
    )
    heat_pump_kw: float = parameter(
        2.0, "kW", "air conditioner or heat pump at full output, over what it runs anyhow", "A", 0.0, 20.0
    )
    heat_pump_frac: float = parameter(
        0.3, "1", "share of a home's load that goes when its heat pump is switched off", "A", 0.0, 1.0
    )


@dataclass(frozen=True, slots=True)
class Switch:
    """What homes' devices were told this hour, bool arrays (households,)."""

    on: np.ndarray
    off: np.ndarray
    heat_pump_kw: float
    heat_pump_frac: float


class HomeDevices:
    """Which homes are connected, and in which order they obey (MadIoT: Soltan et al. 2018, USENIX Security).

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
        """The hour's switch: a share of each district's connected devices on together, off where below 0.

        Parameters
        ----------
        seized_frac : array (districts,), within -1 and 1

        >>> everybody = HomeDevicesParameters(connected_frac=1.0)
        >>> devices = HomeDevices(np.zeros(4, dtype=int), Streams(1), everybody)
        >>> devices.told(np.array([1.0])).on.tolist(), devices.told(np.array([-1.0])).off.tolist()
        ([True, True, True, True], [True, True, True, True])
        """
        share, p = seized_frac[self._district], self.parameters
        obeys = self.connected & (self._rank < np.abs(share))
        return Switch(obeys & (share > 0.0), obeys & (share < 0.0), p.heat_pump_kw, p.heat_pump_frac)
