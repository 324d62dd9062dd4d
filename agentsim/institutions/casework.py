"""Cases and verdicts of the monitor, and the log of true abuses that investigations search."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from agentsim.core.messages import Finding, Permitted
from agentsim.institutions.control_graph import ABUSES, Asset

CITY = -1  # district of what serves the whole city


@dataclass(frozen=True)
class Case:
    """A finding under investigation."""

    finding: Finding
    true: bool  # whether there was abuse when the case was opened, which nobody knows yet
    verdict_hour: float


@dataclass(frozen=True)
class Verdict:
    """Result of an investigation: the culprits, none if the alarm was false."""

    hour: int
    finding: Finding
    culprits: tuple[str, ...]

    @property
    def proven(self) -> bool:
        return bool(self.culprits)


@dataclass
class AbuseLog:
    """True abuses: last hour of each by network, district and principal."""

    last_hour: dict[tuple[str, int, str], int] = field(default_factory=dict)  # network, district, principal
    first_hour: int | None = None

    def note(self, hour: int, permitted: Permitted, assets: Mapping[str, Asset]) -> None:
        """Keep the principals whose orders of the hour turned an asset against people."""
        for order in permitted.applied:
            if order.action in ABUSES and np.any(order.value):
                asset = assets[order.asset]
                self.last_hour[asset.network, asset.district, order.principal] = hour
                self.first_hour = hour if self.first_hour is None else self.first_hour

    def culprits(self, network: str, district: int, since: float, suspect: str = "") -> tuple[str, ...]:
        """Principals who abused a network in a district since then; only *suspect*, if one is named."""
        return tuple(
            who
            for (where, row, who), hour in self.last_hour.items()
            if (where, row) == (network, district) and hour >= since and suspect in ("", who)
        )

    def places(self, network: str, districts: int, since: float) -> np.ndarray:
        """Where a network has been abused since then, bool (districts + 1,), city-wide assets last."""
        found = np.zeros(districts + 1, dtype=bool)
        for (where, row, _), hour in self.last_hour.items():
            if where == network and hour >= since:
                found[row] = True
        return found
