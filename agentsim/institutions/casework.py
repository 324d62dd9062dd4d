"""Cases and verdicts of the monitor, and the log of true abuses that investigations search.

Everybody in the dark knows that it is dark: an admitted cut leads to a case in its first hour. What takes
time is proof, and an investigation may err: it finds somebody guilty of an abuse that did not happen, or
acquits who did it, with the chances of :class:`MonitorParameters`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from agentsim.core.messages import Finding, Permitted
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.institutions.control_graph import ABUSES, Asset
from agentsim.institutions.meters import normal

CITY = -1  # district of what serves the whole city
# where an admitted order shows: field of the orders in force, by class of assets
SHOWS = {
    "breakers": "power_cut_off_frac",
    "section_switches": "power_cut_off_frac",
    "inlet_valves": "water_cut_off_frac",
    "trunk_valves": "trunk_mains_shut",
    "road_closures": "roads_cut_off",
    "terminals": "withheld_frac",
}


@dataclass(frozen=True)
class MonitorParameters:
    """How long investigations, revocations and appeals take, and how often an investigation errs."""

    investigation_days: float = parameter(
        5.0, "d", "median, with records in hand, mechanisms S11; varied by a factor 0.25-4", "A", 0, 365
    )
    records_days: float = parameter(
        10.0,
        "d",
        "median, until an operator without a public log hands over records; varied 0-40",
        "A",
        0,
        365,
    )
    revocation_days: float = parameter(2.0, "d", "after the verdict, mechanisms S11", "A", 0, 365)
    delay_sigma: float = parameter(0.3, "1", "spread of the logarithm of all delays", "A", 0, 3)
    memory_days: float = parameter(7.0, "d", "how far back an investigation can prove abuse", "A", 0, 365)
    wrongly_charged: float = parameter(
        0.05, "1", "chance that a case without an abuse ends with a guilty verdict; varied 0-0.2", "A", 0, 1
    )
    wrongly_acquitted: float = parameter(
        0.1, "1", "chance that a case of abuse ends without proof; varied 0-0.5", "A", 0, 1
    )
    appeal_days: float = parameter(
        30.0, "d", "until a wrong verdict is set aside; varied 7-180", "A", 0, 3650
    )


@dataclass(frozen=True)
class Case:
    """A finding under investigation."""

    finding: Finding
    true: bool  # whether there was abuse when the case was opened, which nobody knows yet
    verdict_hour: float
    records: bool = True  # the records of the time are in hand
    number: int = 0  # of the case within its matter


@dataclass(frozen=True)
class Verdict:
    """Result of an investigation: who was found guilty, nobody if nothing was proven."""

    hour: int
    finding: Finding
    culprits: tuple[str, ...]
    wrong: bool = False  # somebody innocent was found guilty, or the guilty were acquitted
    since: float = 0.0  # the first hour that was investigated
    number: int = 0  # of the case within its matter

    @property
    def proven(self) -> bool:
        return bool(self.culprits)


def judged(
    hour: int, finding: Finding, culprits: tuple[str, ...], draw: float, sight: float, p: MonitorParameters
) -> Verdict:
    """The verdict on a finding. Without culprits the suspect is found guilty with chance ``wrongly_charged``;
    culprits are found guilty with chance (1 - ``wrongly_acquitted``) x *sight*.

    Parameters
    ----------
    culprits : who committed the abuse, () if there was none
    draw : uniform
    sight : share of the evidence that has not been destroyed
    """
    if not culprits:
        charged = draw < p.wrongly_charged and bool(finding.suspect)
        return Verdict(hour, finding, (finding.suspect,) if charged else (), wrong=charged)
    acquitted = draw >= (1.0 - p.wrongly_acquitted) * sight
    return Verdict(hour, finding, () if acquitted else culprits, wrong=acquitted)


def matter(finding: Finding) -> tuple[str, int, str]:
    """What a case is about: a network in a district, or one principal that serves the whole city."""
    return finding.network, finding.district, finding.suspect if finding.district == CITY else ""


def drawn(streams: Streams, what: str, finding: Finding, number: int) -> float:
    """A uniform draw that belongs to case *number* of the finding's matter.

    It does not depend on the hour or on the evidence, so that a case that begins sooner under another policy
    takes as long and ends alike.
    """
    network, district, suspect = matter(finding)
    return float(streams.uniform(f"{what}/{network}/{suspect}", number, district + 2)[district + 1])


def delay_days(
    streams: Streams, what: str, finding: Finding, number: int, median_days: float, sigma: float
) -> float:
    """A lognormal delay that belongs to case *number* of the finding's matter [d]."""
    return median_days * float(np.exp(sigma * normal(np.array([drawn(streams, what, finding, number)]))[0]))


def admitted(hour: int, permitted: Permitted, assets: Mapping[str, Asset]) -> list[Finding]:
    """Complaints about orders of the hour that cut people off and that no false figure denies."""
    if permitted.ordinary:
        return []
    cuts, denials = (
        [(order, assets[order.asset]) for order in permitted.applied if order.action in actions]
        for actions in (("restrict", "withhold"), ("forge",))
    )
    denied = {(asset.network, _place(asset)) for order, asset in denials if order.value}
    return [
        Finding(hour, "complaint", asset.network, asset.district, order.principal)
        for order, asset in cuts
        if order.is_on and _is_felt(asset, permitted) and (asset.network, _place(asset)) not in denied
    ]


def _place(asset: Asset) -> str:
    """The district or supplier of an asset, from its name."""
    return asset.name.partition(":")[2]


def _is_felt(asset: Asset, permitted: Permitted) -> bool:
    if asset.kind not in SHOWS:
        return False
    effect = getattr(permitted, SHOWS[asset.kind])
    return bool(effect.any() if asset.district == CITY else effect[asset.district])


@dataclass
class AbuseLog:
    """True abuses: last hour of each by network, district and principal."""

    last_hour: dict[tuple[str, int, str], int] = field(default_factory=dict)  # network, district, principal
    first_hour: int | None = None
    first_admitted_hour: int | None = None  # of an abuse that its author did not hide

    def note(self, hour: int, permitted: Permitted, assets: Mapping[str, Asset]) -> None:
        """Keep the principals whose orders of the hour turned an asset against people."""
        for order in permitted.applied:
            if order.action in ABUSES and order.is_on:
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
