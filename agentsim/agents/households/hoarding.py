"""Hoarding: after empty shelves households want more food at home."""

from dataclasses import dataclass

import numpy as np

from agentsim.agents.households.population import Population
from agentsim.core.parameters import parameter


@dataclass(frozen=True)
class HoardingParameters:
    """How strongly targets rise, how fast they fall back, and how far rumours reach."""

    rise: float = parameter(
        1.0, "1", "chi: target of food T0 (1 + chi S), S the perceived shortage, mechanisms S9", "A", 0, 10
    )
    relief_per_day: float = parameter(
        0.2, "1/d", "share of the perceived shortage that a day of full shelves takes away", "A", 0.01, 1
    )
    rumour_frac: float = parameter(
        0.3, "1", "share of the worst district's shortage that all other districts perceive", "A", 0, 1
    )


class Hoarding:
    """Targets of food at home, raised by the shortage that each district perceives.

    The perceived shortage S of a district is the largest unsold share of the day, or a rumour of the worst
    district's; it fades day by day: ``S' = max(S (1 - relief), seen, rumour x worst)``. Buying for the higher
    target empties shelves that would have sufficed, so that orders vary more than consumption (bullwhip
    effect).
    """

    def __init__(self, people: Population, parameters: HoardingParameters | None = None) -> None:
        self.people, self.parameters = people, parameters or HoardingParameters()
        self.perceived_frac = np.zeros(1)  # (districts,) after the first shortage

    def end_day(self) -> None:
        """Update the perceived shortage from the day's shelves and set tomorrow's targets."""
        people, p = self.people, self.parameters
        seen = people.larder.empty_shelf_frac
        if not seen.any() and not self.perceived_frac.any():
            return
        faded = self.perceived_frac * (1.0 - p.relief_per_day)
        faded = np.where(faded < 0.01, 0.0, faded)  # less than a hundredth counts as none
        self.perceived_frac = np.maximum(np.maximum(faded, seen), p.rumour_frac * seen.max())
        rise = 1.0 + p.rise * self.perceived_frac[people.homes.district]
        people.larder.food_target_days = people.larder.usual_food_target_days * rise
        people.larder.empty_shelf_frac = np.zeros_like(seen)
