"""Deterrence: inspections from outside (mechanisms S12).

An inspection reports abuse only in districts that it visits, if the host grants access, if it sees the abuse
and if it is independent enough to report it: ``P(report) = access x hit x independence``. A sanction is
carried out with the charter's enforcement. Whether its certainty or its severity deters more depends on how
an attacker weighs losses (:mod:`agentsim.agents.attacker.belief`; Nagin 2013 finds certainty).
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.charter import Payoffs
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_MONTH


@dataclass(frozen=True)
class DeterrenceParameters:
    """What an inspection covers and sees."""

    districts_per_visit: int = parameter(3, "districts", "an inspection of a network goes to", "A", 1, 1000)
    inspection_hit: float = parameter(0.8, "1", "inspectors see abuse where they go", "A", 0, 1)


@dataclass(frozen=True)
class Visit:
    """An inspection of a network: districts visited, abuse reported, or that it was turned away."""

    network: str
    districts: tuple[int, ...]
    reported: tuple[int, ...] = ()  # places where abuse was seen and written down; -1: city-wide assets
    turned_away: bool = False


class Inspectorate:
    """Delegations of an international monitor, the month's inspections spread over the networks.

    Parameters
    ----------
    payoffs : the charter's: which networks, how often, how free
    districts : how many there are to visit
    """

    def __init__(
        self,
        payoffs: Payoffs,
        districts: int,
        streams: Streams,
        parameters: DeterrenceParameters | None = None,
    ) -> None:
        self.payoffs, self.streams, self._districts = payoffs, streams, districts
        self.parameters = parameters or DeterrenceParameters()

    def visits(self, hour: int, abused: dict[str, np.ndarray]) -> list[Visit]:
        """Inspections of this day.

        Parameters
        ----------
        hour : any hour of the day; chance belongs to the day
        abused : network -> bool (districts + 1,) where there is abuse to see, city-wide assets last
        """
        day, networks = hour // HOURS_PER_DAY, self.payoffs.inspected_networks
        chance = self.payoffs.inspections_per_month * HOURS_PER_DAY / HOURS_PER_MONTH / max(len(networks), 1)
        visits = []
        for network in networks:
            draw = self.streams.uniform(f"inspection/{network}", day, 2 * self._districts + 4)
            if draw[0] < chance:
                visits.append(self._visit(network, abused[network], draw[1:]))
        return visits

    def _visit(self, network: str, abused: np.ndarray, draw: np.ndarray) -> Visit:
        """One inspection; only a host with abuse to hide may turn it away."""
        p, count = self.parameters, self._districts
        where = np.sort(np.argsort(draw[2 : 2 + count], kind="stable")[: p.districts_per_visit])
        if abused.any() and draw[0] >= self.payoffs.access_frac:
            return Visit(network, tuple(where.tolist()), turned_away=True)
        look = np.append(where, count)
        seen = look[abused[look] & (draw[2 + count :][look] < p.inspection_hit)]
        written = seen if draw[1] < self.payoffs.independence else seen[:0]
        return Visit(
            network, tuple(where.tolist()), tuple(row if row < count else -1 for row in written.tolist())
        )
