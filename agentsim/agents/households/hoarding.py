"""Hoarding: whoever met empty shelves wants more at home than before."""

from dataclasses import dataclass

import numpy as np

from agentsim.agents.households.population import Population
from agentsim.core.parameters import parameter


@dataclass(frozen=True)
class HoardingParameters:
    """How people buy when they fear that there will be nothing."""

    rise: float = parameter(
        1.0, "1", "chi: a home wants T0 (1 + chi S), S the shortage it perceives, mechanisms S9", "A", 0, 10
    )
    relief_per_day: float = parameter(
        0.2, "1/d", "share of the perceived shortage that a day of full shelves takes away", "A", 0.01, 1
    )
    rumour_frac: float = parameter(
        0.3, "1", "of the worst district's empty shelves, believed in all others", "A", 0, 1
    )


class Hoarding:
    """Targets of food at home that follow what people saw on the shelves.

    The perceived shortage S of a district is the emptiest shelf of the day, or a rumour of that of the worst
    district; it fades day by day: ``S' = max(S (1 - relief), seen, rumour x worst)``. Buying for the higher
    target empties shelves that would have sufficed, which is how orders upstream swing more than what is
    eaten (bullwhip).
    """

    def __init__(self, people: Population, parameters: HoardingParameters | None = None) -> None:
        self.people, self.parameters = people, parameters or HoardingParameters()
        self.perceived_frac = np.zeros(1)  # (districts,) once there was any

    def end_day(self) -> None:
        """Look back on the shelves of the day and set the targets of the next."""
        people, p = self.people, self.parameters
        seen = people.larder.empty_shelf_frac
        if not seen.any() and not self.perceived_frac.any():
            return
        faded = self.perceived_frac * (1.0 - p.relief_per_day)
        faded = np.where(faded < 0.01, 0.0, faded)  # a hundredth of a shelf is forgotten
        self.perceived_frac = np.maximum(np.maximum(faded, seen), p.rumour_frac * seen.max())
        rise = 1.0 + p.rise * self.perceived_frac[people.homes.district]
        people.larder.food_target_days = people.larder.usual_food_target_days * rise
        people.larder.empty_shelf_frac = np.zeros_like(seen)
