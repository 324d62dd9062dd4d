"""Load and supply of one hour of the city's grid, once orders and damage are resolved (pure)."""

from dataclasses import dataclass

import numpy as np

from agentsim.networks.power.wiring import Wiring


@dataclass(frozen=True, slots=True)
class GridHour:
    """What is asked and what is on offer where a wire reaches [MW]."""

    wiring: Wiring
    asked_mw: np.ndarray  # (feeders,)
    reachable_mw: np.ndarray  # (feeders,) asked by customers whom a wire reaches
    basic_mw: np.ndarray  # (feeders,) the lifeline within it
    solar_mw: np.ndarray  # (feeders,) solar surplus of their homes
    stored_mw: np.ndarray | None  # (feeders,) homes' batteries that neighbours in an island may use
    capability_mw: np.ndarray  # (units,)
    must_run: np.ndarray  # bool (units,)

    @classmethod
    def reached(
        cls,
        wiring: Wiring,
        *,
        asked_mw: np.ndarray,
        basic_mw: np.ndarray,
        solar_mw: np.ndarray,
        stored_mw: np.ndarray | None,
        capability_mw: np.ndarray,
        slow: np.ndarray,
    ) -> "GridHour":
        """The hour under *wiring*; a slow unit on line must run at its minimum output."""
        return cls(
            wiring=wiring,
            asked_mw=asked_mw,
            reachable_mw=asked_mw * wiring.reach_frac,
            basic_mw=np.minimum(basic_mw, asked_mw) * wiring.reach_frac,
            solar_mw=solar_mw * wiring.reach_frac,
            stored_mw=None if stored_mw is None or not wiring.tied.any() else stored_mw * wiring.tied,
            capability_mw=capability_mw,
            must_run=slow & (capability_mw > 0.0),
        )

    @property
    def offered_by_homes_mw(self) -> np.ndarray:
        """(feeders,) solar surplus and batteries that others may use."""
        return self.solar_mw if self.stored_mw is None else self.solar_mw + self.stored_mw

    def solar_first(self, used_mw: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """What homes gave, and the part of it from batteries, given what was *used_mw* of their offers.

        At each node solar surplus is used before batteries. Arrays (feeders,); None without batteries.
        """
        if self.stored_mw is None:
            return used_mw, None
        node = self.wiring.node
        stored, solar, taken = (np.bincount(node, mw) for mw in (self.stored_mw, self.solar_mw, used_mw))
        of_store = np.maximum(taken - solar, 0.0) / np.maximum(stored, 1e-12)
        of_solar = np.minimum(taken, solar) / np.maximum(solar, 1e-12)
        from_batteries = self.stored_mw * np.minimum(of_store, 1.0)[node]
        return from_batteries + self.solar_mw * np.minimum(of_solar, 1.0)[node], from_batteries
