"""The build-up of equipment before the first hour: what the market of metals lets a city install (S9).

A city that wants to install equipment needs metals for it, month by month. An embargo makes them dear and
scarce, so that less is installed by the first hour, and what is installed cost more.
"""

from dataclasses import dataclass

from agentsim.core.parameters import parameter
from agentsim.networks.supply.materials_market import MaterialsMarket, buy_metals


@dataclass(frozen=True)
class BuildUpParameters:
    """When the measures' equipment is built, and an embargo on minerals meanwhile."""

    months: int = parameter(
        0, "months", "in which it is built before the first hour; 0: it stands there at once", "A", 0, 600
    )
    embargo_from_month: int = parameter(0, "months", "after the beginning of the build-up", "A", 0, 600)
    embargo_months: int = parameter(0, "months", "for so long the embargo lasts; 0: none", "A", 0, 600)
    pace_most_ratio: float = parameter(
        1.5, "1", "installers work at most so much faster than planned to catch up", "A", 1, 100
    )

    def embargoed(self, month: int) -> bool:
        """Whether there is an embargo in a month of the build-up."""
        return 0 <= month - self.embargo_from_month < self.embargo_months


@dataclass(frozen=True, slots=True)
class BuiltUp:
    """What stands when the first hour begins."""

    installed_frac: float  # of what was wanted
    price_ratio: float  # of metals when they were bought, weighted by tonnes
    path: tuple[float, ...]  # price over the ordinary one, of each month


def build_up(
    wanted_t: float, market: MaterialsMarket, parameters: BuildUpParameters, own_t: float = 0.0
) -> BuiltUp:
    """Install what needs *wanted_t* of metals in equal parts a month; catch up what a month could not buy.

    The city recovers and mines *own_t* a month itself. What is not bought by the first hour is not installed.
    """
    months, p = parameters.months, parameters
    if months == 0:
        return BuiltUp(1.0, 1.0, ())
    bought_t = paid_t = 0.0
    path = []
    for month in range(months):
        behind_t = wanted_t * (month + 1) / months - bought_t
        due_t = max(0.0, min(behind_t, p.pace_most_ratio * wanted_t / months))
        now = buy_metals(market, due_t, own_t, p.embargoed(month))
        bought_t += now.got_t
        paid_t += now.own_t + now.bought_t * now.price_ratio
        path.append(now.price_ratio)
    installed_frac = bought_t / wanted_t if wanted_t > 0.0 else 1.0
    return BuiltUp(installed_frac, paid_t / bought_t if bought_t > 0.0 else 1.0, tuple(path))
