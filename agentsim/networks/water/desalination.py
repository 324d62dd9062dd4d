"""Where desalinated water enters the mains, and how much of it they take."""

import numpy as np

from agentsim.networks.water.epanet_file import EpanetFile
from agentsim.place.cases import WaterCase


class DesalinationInlet:
    """The junction at which a desalination plant feeds the mains.

    The plant's water enters as a negative demand, and the junction's own customers drink of it first. It is
    never more than a share of the demand that open mains join to the plant, because EPANET would press any
    surplus in at whatever pressure that takes.

    Parameters
    ----------
    case, file : the network
    rows : array (junctions,), position of each junction of the case in the file
    zone : the inlet is the junction of this zone with the widest pipes
    most_frac : of the demand that is joined to the plant

    Raises
    ------
    ValueError : no junction lies in the zone
    """

    def __init__(
        self, case: WaterCase, file: EpanetFile, rows: np.ndarray, zone: int, most_frac: float
    ) -> None:
        self._rows, self._most_frac = rows, most_frac
        self.junction = _widest(case, file, rows, zone)  # in the order of the case
        self.row = int(rows[self.junction])  # in the order of the file
        self.node = self.row + 1  # EPANET's number

    def taken_m3_per_h(
        self, mains_m3_per_h: np.ndarray, offered_m3_per_h: float, joined: np.ndarray
    ) -> float:
        """What the mains take of the plant's offer.

        *mains_m3_per_h* (junctions,) is asked of the mains; *joined* is bool by EPANET's node number, see
        :meth:`Valves.joined`.
        """
        most = self._most_frac * float(mains_m3_per_h @ joined[self._rows + 1])
        return min(offered_m3_per_h, most)

    def serve_own(self, delivered: np.ndarray, mains_m3_per_h: np.ndarray, taken_m3_per_h: float) -> None:
        """Add to *delivered* (junctions,) what customers at the inlet drink of the plant's water."""
        asked = mains_m3_per_h[self.junction]
        delivered[self.junction] = min(delivered[self.junction] + min(taken_m3_per_h, asked), asked)


def _widest(case: WaterCase, file: EpanetFile, rows: np.ndarray, zone: int) -> int:
    """The junction of *zone* with the widest pipes, because all of the plant's water passes there."""
    junctions = np.flatnonzero(np.asarray(case.junction_zone) == zone)
    if not len(junctions):
        raise ValueError(f"sea_zone {zone}: no junction lies there; give a zone of WaterCase.junction_zone")
    bore = [
        sum(file.link_diameter[link] ** 2 for link in file.links_at(int(rows[junction]) + 1))
        for junction in junctions
    ]
    return int(junctions[np.argmax(bore)])
