"""Adoption of rain tanks: homes take what a programme pays for, as they hear of it from their neighbours."""

import numpy as np

from agentsim.agents.households.adoption import AdoptionParameters, Peers, considers
from agentsim.core.units import MONTHS_PER_YEAR


class TankAdoption:
    """Homes with a rain tank, and how that spreads.

    A tax pays for the tank, so that a home that considers one takes it if it has a roof. It considers it with
    the hazard by which it considers panels (mechanisms S4). The programme pays for a stated number of tanks.

    Parameters
    ----------
    peers : what homes see of each other
    roof : bool (households,)
    most : tanks that the programme pays for, in rows of homes
    """

    def __init__(self, peers: Peers, roof: np.ndarray, most: int, parameters: AdoptionParameters) -> None:
        self._peers, self._roof, self._most, self.parameters = peers, roof, most, parameters
        self.owns = np.zeros(len(roof), dtype=bool)

    def month(self, draws: np.ndarray) -> np.ndarray:
        """One month; *draws* is (households,) in [0, 1). Who gets a tank, bool (households,)."""
        p = self.parameters
        seen_frac = self._peers.neighbours_frac(self.owns)
        chance = considers(seen_frac, 1.0 / MONTHS_PER_YEAR, p.innovation_per_y, p.imitation_per_y)
        wants = self._roof & ~self.owns & (draws < chance)
        left = self._most - np.count_nonzero(self.owns)
        if np.count_nonzero(wants) > left:  # the keenest first
            keenest = np.argsort(np.where(wants, draws, 1.0), kind="stable")[:left]
            wants = np.isin(np.arange(len(wants)), keenest)
        self.owns = self.owns | wants
        return wants
