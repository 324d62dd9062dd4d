"""Recall: citizens revoke the control of a principal that cuts them off, once most have lost their trust."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.messages import EventLog, Permitted
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.control_graph import RESTRICTS, ControlGraph


@dataclass(frozen=True)
class RecallParameters:
    """When a petition begins and when it succeeds (mechanisms S13)."""

    low_trust: float = parameter(0.3, "1", "trust below which somebody wants them gone", "A", 0, 1)
    majority_frac: float = parameter(0.5, "1", "of the electorate that must want it", "A", 0, 1)
    procedure_days: float = parameter(14.0, "d", "t_rec: petition, campaign and vote", "A", 0, 365)
    blame_days: float = parameter(
        30.0, "d", "how long people remember whose order it was, once it has ended", "A", 0, 365
    )


class Recall:
    """Petitions against principals in whose name people were cut off, and the votes on them.

    People blame the principal that gave an admitted order; a falsified record hides whose order it was until
    it is proven (:meth:`prove`). A central control room answers to all districts whose assets it holds, a
    municipality to its own. The petition begins when most of that electorate trusts too little; after the
    procedure the same majority must still be there.

    Parameters
    ----------
    log : to which events are added
    """

    def __init__(
        self,
        control: ControlGraph,
        parameters: RecallParameters | None = None,
        log: EventLog | None = None,
    ) -> None:
        self.control, self.parameters = control, parameters or RecallParameters()
        self.log = log or EventLog()
        self.blamed: dict[tuple[str, str], int] = {}  # (principal, network) -> last hour of its restriction
        self.petitions: dict[tuple[str, str], int] = {}  # -> hour at which the petition began
        self.recalled: dict[tuple[str, str], int] = {}

    def note(self, hour: int, permitted: Permitted) -> None:
        """Keep in whose name people were cut off this hour, where the published figures do not deny it."""
        cut = permitted
        if cut.ordinary:
            return
        hit = cut.power_cut_off_frac.any() or cut.water_cut_off_frac.any()
        if not (hit or cut.trunk_mains_shut.any() or cut.roads_cut_off.any()):
            return
        for order in cut.applied:
            asset = self.control.assets[order.asset]
            if order.action != "restrict" or asset.kind not in RESTRICTS or not order.is_on:
                continue
            denied = cut.forged.get(asset.network)
            if denied is None or not denied[asset.district]:
                self.blamed[order.principal, asset.network] = hour

    def prove(self, principal: str, network: str, hour: int) -> None:
        """Keep whose hidden order it was, once a verdict has made it public."""
        self.blamed[principal, network] = hour

    def electorate(self, principal: str, network: str) -> np.ndarray:
        """Districts that *principal* answers to: those whose assets it may cut, bool (districts,)."""
        districts = np.zeros(len(self.control.districts), dtype=bool)
        for asset in self.control.edges([principal]):
            if asset.kind in RESTRICTS and asset.network == network and asset.district >= 0:
                districts[asset.district] = True
        return districts

    def end_day(
        self,
        hour: int,
        trust: np.ndarray,
        persons: np.ndarray,
        district: np.ndarray,
        seized: tuple[str, ...] = (),
    ) -> list[tuple[str, str]]:
        """Petitions of the day, and the recalls that succeed: (principal, network), whose abuses end now.

        Parameters
        ----------
        trust, persons, district : arrays (households,)
        seized : platforms that an attacker controls; with ``vote`` every recall is announced as failed
        """
        p, out = self.parameters, []
        for (principal, network), last in self.blamed.items():
            case = principal, network
            if case in self.recalled or hour - last > p.blame_days * HOURS_PER_DAY:
                self.petitions.pop(case, None)
                continue
            wanted = self._wanted(principal, network, trust, persons, district)
            begun = self.petitions.get(case)
            if begun is None:
                if wanted:
                    self.petitions[case] = hour
                    self._log(hour, principal, "recall_petition_begins", network)
            elif hour - begun >= p.procedure_days * HOURS_PER_DAY:
                del self.petitions[case]
                if wanted and "vote" not in seized:
                    self.recalled[case] = hour
                    self.control.revoke(principal, network, hour)
                    out.append(case)
                    self._log(hour, principal, "recalled_by_citizens", network)
                else:
                    self._log(hour, principal, "recall_fails", network)
        return out

    def _log(self, hour: int, principal: str, what: str, network: str) -> None:
        self.log.add(hour, "recall", principal, what, network=network)

    def _wanted(
        self, principal: str, network: str, trust: np.ndarray, persons: np.ndarray, district: np.ndarray
    ) -> bool:
        """Whether most people of its electorate trust too little."""
        p = self.parameters
        own = persons * self.electorate(principal, network)[district]
        total = float(own.sum())
        return total > 0 and float(own[trust < p.low_trust].sum()) > p.majority_frac * total
