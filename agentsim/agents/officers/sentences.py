"""What follows from a verdict: sanctions, loss of powers, and appeals of those who were innocent.

Detection alone changes nothing. A verdict takes away powers only on networks on which the charter lets an
international monitor revoke control, and only if the monitor is independent enough to use that power
(mechanisms S11, S12). It is public in any case, right or wrong: people lose trust, and may recall whom it
names. A wrong verdict stands until an appeal.
"""

from typing import Any

import mesa
import numpy as np

from agentsim.core.messages import Finding
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.casework import CITY, MonitorParameters, Verdict, delay_days, drawn


class Sentences:
    """The sentences of a run.

    ``first_proof_hour`` is that of the first verdict against who committed the abuse, None before;
    ``wronged`` are (principal, network) whose wrong verdict has not been set aside yet.
    """

    def __init__(self, model: mesa.Model, parameters: MonitorParameters) -> None:
        self.model, self.parameters = model, parameters
        self.first_proof_hour: int | None = None
        self.wronged: set[tuple[str, str]] = set()
        self._revocations: list[tuple[float, str, str]] = []  # hour, principal, network
        self._appeals: list[tuple[float, str, str]] = []

    def step(self, hour: int) -> None:
        """Carry out the revocations and decide the appeals that are now due."""
        for due in [due for due in self._revocations if due[0] <= hour]:
            self._revocations.remove(due)
            self._revoke(hour, *due[1:])
        for due in [due for due in self._appeals if due[0] <= hour]:
            self._appeals.remove(due)
            self._set_aside(hour, *due[1:])

    def pending(self, network: str) -> set[str]:
        """Principals that are about to lose their powers over a network."""
        return {who for _, who, where in self._revocations if where == network}

    def follow(self, hour: int, verdict: Verdict) -> None:
        """Start what follows from a verdict by which somebody is guilty."""
        where, network = place_of(self.model, verdict.finding), verdict.finding.network
        self._note(hour, verdict)
        self._log(hour, "verdict", where, "abuse_proven", network=network, culprits=list(verdict.culprits))
        self._make_public(hour, verdict)
        self._sanction(hour, verdict)
        if not self.model.mechanisms.revocation or network not in self._revocable:
            self._log(hour, "verdict", where, "nobody_may_revoke", network=network)
            return
        if verdict.finding.kind != "inspection" and not self._acts(verdict):
            self._log(hour, "verdict", where, "monitor_does_not_revoke", network=network)
            return
        p, streams = self.parameters, self.model.streams
        finding, number = verdict.finding, verdict.number
        days = delay_days(streams, "revocation", finding, number, p.revocation_days, p.delay_sigma)
        self._revocations += [(hour + HOURS_PER_DAY * days, who, network) for who in verdict.culprits]

    @property
    def _revocable(self) -> tuple[str, ...]:
        networks: tuple[str, ...] = self.model.charter.control.revocable_networks
        return networks

    def _note(self, hour: int, verdict: Verdict) -> None:
        """Keep when the first verdict was right, and whom a wrong one concerns, until an appeal."""
        matters = {(who, verdict.finding.network) for who in verdict.culprits}
        if not verdict.wrong:
            self.wronged -= matters
            self.first_proof_hour = hour if self.first_proof_hour is None else self.first_proof_hour
            return
        due = hour + HOURS_PER_DAY * self.parameters.appeal_days
        new = sorted(matters - self.wronged - self.model.control.revoked.keys())
        self.wronged |= set(new)
        self._appeals += [(due, *matter) for matter in new]

    def _set_aside(self, hour: int, principal: str, network: str) -> None:
        """A wrong verdict is set aside, unless its principal has rightly been found guilty since."""
        if (principal, network) not in self.wronged:
            return
        self.wronged.discard((principal, network))
        self._revocations = [due for due in self._revocations if due[1:] != (principal, network)]
        self.model.control.reinstate(principal, network)
        self._log(hour, "verdict", principal, "cleared_on_appeal", network=network)

    def _acts(self, verdict: Verdict) -> bool:
        """Whether the monitor is independent enough to use its power to revoke."""
        draw = drawn(self.model.streams, "independence", verdict.finding, verdict.number)
        return bool(draw < self.model.charter.payoffs.independence)

    def _make_public(self, hour: int, verdict: Verdict) -> None:
        """Tell people of an abuse that counts as proven."""
        where, finding = np.arange(len(self.model.place.districts)), verdict.finding
        self.model.civics.abuse_proven((where == finding.district) | (finding.district == CITY))
        for who in verdict.culprits:
            self.model.recall.prove(who, finding.network, hour)

    def _revoke(self, hour: int, principal: str, network: str) -> None:
        if (principal, network) in self.model.control.revoked:
            return
        self.model.control.revoke(principal, network, hour)
        self._log(hour, "revocation", principal, "revoked_by_monitor", network=network)
        for actor in self._behind(principal):
            actor.lost(principal, network)

    def _sanction(self, hour: int, verdict: Verdict) -> None:
        """The attackers behind the culprits pay for each episode that the verdict covers, once."""
        payoffs, finding = self.model.charter.payoffs, verdict.finding
        if not self.model.mechanisms.deterrence or not payoffs.punish(finding.network):
            return
        where = place_of(self.model, finding)
        for actor in dict.fromkeys(actor for who in verdict.culprits for actor in self._behind(who)):
            for number, episode in actor.knows.within(verdict.since, hour):
                episode.judged = True
                draw = drawn(self.model.streams, f"sanction {number}", finding, verdict.number)
                if actor.rehearsal:
                    mean = payoffs.enforcement * payoffs.sanction
                    actor.reckon_with_sanction(episode, mean, draw < payoffs.enforcement)
                    continue
                if draw >= payoffs.enforcement:
                    self._log(hour, "sanction", where, "sanction_not_carried_out")
                    continue
                actor.pay_sanction(episode, payoffs.sanction)
                size = float(payoffs.sanction)
                self._log(hour, "sanction", where, "sanction_paid", attacker=actor.kind, units=size)

    def _behind(self, principal: str) -> list:
        return [actor for actor in self.model.attackers if principal in actor.captured]

    def _log(self, hour: int, kind: str, where: str, what: str, **fields: Any) -> None:
        self.model.event_log.add(hour, kind, where, what, **fields)


def place_of(model: mesa.Model, finding: Finding) -> str:
    """The district of a finding, or who is suspected if it concerns the whole city."""
    return str(finding.suspect if finding.district == CITY else model.place.districts.name[finding.district])
