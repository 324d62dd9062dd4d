"""What offices build over the years: in equal parts each month, and what lacks metals they catch up."""

from dataclasses import dataclass

from agentsim.core.units import MONTHS_PER_YEAR
from agentsim.networks.supply.mineral_path import MineralMonth
from agentsim.society.years.city import TURBINES, City, Programme


@dataclass
class Progress:
    """How far offices have built something with metals in it; what is missing they catch up."""

    built_frac: float = 0.0
    behind_frac: float = 0.0  # planned so far and not built

    def due_frac(self, part: float, pace_most_ratio: float) -> float:
        """What they build this month if all of it is delivered; *part* is planned for a month."""
        return min(part + self.behind_frac, pace_most_ratio * part)

    def build(self, part: float, built_frac: float) -> None:
        """So much was built in a month for which *part* was planned."""
        self.behind_frac = max(self.behind_frac + part - built_frac, 0.0)
        self.built_frac = _grown(self.built_frac, built_frac)


class Programmes:
    """All programmes of a *city*, and how far they have come.

    While the utility *delays* them no turbines are built, which sell in its place.
    """

    def __init__(self, city: City) -> None:
        self._city, self._part = city, 1.0 / (city.years * MONTHS_PER_YEAR)
        self.built_frac = 0.0  # of what has no metals in it
        self.of_minerals, self.turbines = Progress(), Progress()

    def needed_t(self, delayed: bool) -> float:
        """Metals in what offices build this month if all of it is delivered [t]."""
        others_frac, turbines_frac = self._due(delayed)
        return sum(
            each_t * (turbines_frac if quantity == TURBINES else others_frac)
            for quantity, each_t in self._city.metals.programmes_t.items()
        )

    def build(self, month: int, minerals: MineralMonth, delayed: bool) -> float:
        """Build a month's part; returns the capital [JPY]."""
        city, part = self._city, self._part
        of_minerals, of_turbines = (due * minerals.delivered_frac for due in self._due(delayed))
        capital = 0.0
        for one in city.programmes:
            share = self._share(one, month, of_minerals, of_turbines)
            price = city.metals.price_frac(one.charge, minerals)
            capital += city.investment.buy(one.charge, month, one.aim * share, price)
        self.built_frac = _grown(self.built_frac, part)
        self.of_minerals.build(part, of_minerals)
        self.turbines.build(0.0 if delayed else part, of_turbines)
        return capital

    @property
    def metals_built_frac(self) -> float:
        """Share of all that has metals in it that stands, by tonnes; 1 where offices want none of it."""
        wanted_t = self._city.metals.programmes_t
        whole_t, of_turbines_t = sum(wanted_t.values()), wanted_t.get(TURBINES, 0.0)
        if whole_t <= 0.0:
            return 1.0
        others_t = (whole_t - of_turbines_t) * self.of_minerals.built_frac
        return (of_turbines_t * self.turbines.built_frac + others_t) / whole_t

    def _due(self, delayed: bool) -> tuple[float, float]:
        """Shares of what has metals in it, and of turbines, that are built if all of it is delivered."""
        pace = self._city.metals.pace_most_ratio
        turbines_frac = 0.0 if delayed else self.turbines.due_frac(self._part, pace)
        return self.of_minerals.due_frac(self._part, pace), turbines_frac

    def _share(self, one: Programme, month: int, of_minerals: float, of_turbines: float) -> float:
        """Share of a programme that is built in a month."""
        if one.charge.capital_jpy <= 0.0:  # a running cost alone
            return 1.0 if month == 0 else 0.0
        if one.charge.quantity == TURBINES:
            return of_turbines
        return of_minerals if self._city.metals.in_programme(one) else self._part


def _grown(frac: float, part: float) -> float:
    """What is built of a programme after one more part; complete where only an error of rounding is left."""
    return 1.0 if frac + part > 1.0 - 1e-9 else frac + part
