"""The monitor: audits, inspections and alarms, then investigations, verdicts, revocations and sanctions.

Detection alone changes nothing. A verdict becomes a revocation only on networks on which the charter lets an
international monitor revoke control, and only if the monitor is independent enough to use that power
(mechanisms S11, S12). A proven abuse is public in any case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import mesa
import numpy as np

from agentsim.core.messages import Finding, Permitted
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.casework import CITY, AbuseLog, Case, Verdict
from agentsim.institutions.detection import DetectionParameters, audited
from agentsim.institutions.deterrence import Inspectorate, Visit
from agentsim.institutions.meters import normal

AUDITED = ("power", "water", "roads", "supply", "institutions")


@dataclass(frozen=True)
class MonitorParameters:
    """Durations of investigations and revocations."""

    investigation_days: float = parameter(
        5.0, "d", "median, mechanisms S11; varied by a factor 0.25-4", "A", 0, 365
    )
    revocation_days: float = parameter(2.0, "d", "after the verdict, mechanisms S11", "A", 0, 365)
    delay_sigma: float = parameter(0.3, "1", "spread of the logarithm of both delays", "A", 0, 3)
    memory_days: float = parameter(7.0, "d", "how far back an investigation can prove abuse", "A", 0, 365)


class Monitor(mesa.Agent):
    """Domestic auditors, and inspectors from outside where the charter invites them.

    ``verdicts`` of all cases; ``false_alarms`` counts cases without abuse; ``first_alarm_hour`` is that of
    the first case with abuse, None before; ``truth.first_hour`` is that of the first abuse. Revocations are
    kept in the control graph.
    """

    def __init__(
        self,
        model: mesa.Model,
        inspectorate: Inspectorate,
        detection: DetectionParameters,
        parameters: MonitorParameters,
    ) -> None:
        super().__init__(model)
        self.inspectorate, self.detection, self.parameters = inspectorate, detection, parameters
        self.truth = AbuseLog()
        self.cases: dict[tuple[str, int, str], Case] = {}
        self.verdicts: list[Verdict] = []
        self.false_alarms = 0
        self.first_alarm_hour: int | None = None
        self._revocations: list[tuple[float, str, str]] = []  # hour, principal, network
        self._judged: dict[tuple[str, int, str], int] = {}  # hour up to which a matter has been judged
        self._districts = len(model.place.districts)
        self._chain_broken = self._announced = False

    def step(self) -> None:
        """One hour: verdicts and revocations now due, noticed intruders; daily audits and inspections."""
        hour, model = self.model.hour, self.model
        if not self._announced:
            self._announce(hour)
        for key, case in [item for item in self.cases.items() if item[1].verdict_hour <= hour]:
            del self.cases[key]
            self._judge(hour, case)
            self._judged[key] = hour
        for due in [due for due in self._revocations if due[0] <= hour]:
            self._revocations.remove(due)
            _, principal, network = due
            self._revoke(hour, principal, network)
        for actor in model.attackers:
            self.take_up(actor.noticed)
        if hour % HOURS_PER_DAY == 0:
            found = self._audit(hour) if model.mechanisms.detection else []
            found += self._inspect(hour) if model.mechanisms.deterrence else []
            found += self._compare_heads(hour)
            self.take_up(found)

    def witness(self, hour: int, permitted: Permitted) -> None:
        """Keep the abuses of the hour, which investigations may prove."""
        self.truth.note(hour, permitted, self.model.control.assets)

    # ---- what is noticed ----------------------------------------------------------------------------

    def take_up(self, findings: Iterable[Finding]) -> None:
        """Open a case for each finding whose matter is not under investigation already."""
        for finding in findings:
            key, true = _matter(finding), bool(self._culprits(finding))
            if key in self.cases or self._sentence_pending(finding):
                continue
            if finding.kind == "intrusion" and not true:
                continue  # the intruder was thrown out before it could abuse anything
            self.false_alarms += not true
            if true and self.first_alarm_hour is None:
                self.first_alarm_hour = finding.hour
            days = self._delay_days("investigation", finding, self.parameters.investigation_days)
            self.cases[key] = Case(finding, true, finding.hour + HOURS_PER_DAY * days)
            self._log(
                finding.hour,
                "alarm",
                self._place(finding),
                "investigation_begins",
                evidence=finding.kind,
                network=finding.network,
            )

    def _culprits(self, finding: Finding) -> tuple[str, ...]:
        """Principals that committed the abuse; () if there was none."""
        if finding.kind == "chain":
            return (finding.suspect,)  # bytes that do not match are their own proof
        if finding.kind == "intrusion":
            caught = any(finding.suspect in actor.captured for actor in self.model.attackers)
            return (finding.suspect,) if caught else ()
        key = _matter(finding)
        since = finding.hour - HOURS_PER_DAY * self.parameters.memory_days
        # nobody is judged twice for the same hours
        since = max(since, self._judged.get(key, -1))
        network, district, suspect = key
        return self.truth.culprits(network, district, since, suspect)

    def _sentence_pending(self, finding: Finding) -> bool:
        """Whether a revocation of all culprits is pending already."""
        pending = {who for _, who, network in self._revocations if network == finding.network}
        return bool(pending) and pending >= set(self._culprits(finding))

    def _audit(self, hour: int) -> list[Finding]:
        """Findings of today's domestic audits."""
        findings: list[Finding] = []
        since = hour - HOURS_PER_DAY
        for network in AUDITED:
            abused = self.truth.places(network, self._districts, since)
            hidden = self._records_falsified(network)
            draw = self.model.streams.uniform(f"audit/{network}", hour // HOURS_PER_DAY, self._districts + 1)
            seen, _ = audited(draw, abused, hidden, self.detection)
            for row in np.flatnonzero(seen).tolist():
                district = row if row < self._districts else CITY
                findings += self._findings(hour, "audit", network, district, since)
        return findings

    def _records_falsified(self, network: str) -> np.ndarray:
        """Where records were falsified and no outside copy exists, bool (districts + 1,)."""
        information, last = self.model.charter.information, self.model.last
        falsified = np.zeros(self._districts + 1, dtype=bool)
        if last is None or (network in information.ledger_networks and information.verifiers > 0):
            return falsified
        permitted = last.permitted
        forged = permitted.forged.get(network)
        if forged is not None:
            where = slice(CITY, None) if network == "supply" else slice(0, CITY)
            falsified[where] = forged.any() if network == "supply" else forged
        if "ledger" in permitted.seized and network in information.ledger_networks:
            falsified[permitted.seized_for] = True
        return falsified

    def _inspect(self, hour: int) -> list[Finding]:
        """Findings that inspectors from outside report today."""
        payoffs = self.inspectorate.payoffs
        if not payoffs.inspections_per_month or not payoffs.inspected_networks:
            return []
        since = hour - HOURS_PER_DAY
        abused = {n: self.truth.places(n, self._districts, since) for n in payoffs.inspected_networks}
        findings: list[Finding] = []
        for visit in self.inspectorate.visits(hour, abused):
            self._log_visit(hour, visit)
            for district in visit.reported:
                findings += self._findings(hour, "inspection", visit.network, district, since)
        return findings

    def _findings(self, hour: int, kind: str, network: str, district: int, since: float) -> list[Finding]:
        """A finding about each culprit; about the principal in charge, if there is none."""
        guilty = self.truth.culprits(network, district, since)
        suspects = guilty or self._responsible(network, district)
        suspects = suspects if district == CITY and guilty else suspects[:1]
        return [Finding(hour, kind, network, district, who) for who in suspects]

    def _responsible(self, network: str, district: int) -> tuple[str, ...]:
        assets = self.model.control.assets.values()
        own = [asset for asset in assets if asset.network == network and asset.district == district]
        return own[0].holding.holders if own else ()

    def _compare_heads(self, hour: int) -> list[Finding]:
        """Findings of verifiers whose kept heads are no longer in the log."""
        record = self.model.public_record
        broken = bool(record is not None and self.model.mechanisms.detection and record.broken())
        new, self._chain_broken = broken and not self._chain_broken, broken
        holders = self.model.control.assets["ledger"].holding.holders if new else ()
        return [Finding(hour, "chain", "institutions", CITY, who) for who in holders]

    # ---- what follows -------------------------------------------------------------------------------

    def _judge(self, hour: int, case: Case) -> None:
        """End an investigation: the abuse is proven, or the alarm was false."""
        finding = case.finding
        culprits = self._culprits(finding) if case.true else ()
        verdict = Verdict(hour, finding, culprits)
        self.verdicts.append(verdict)
        where, network = self._place(finding), finding.network
        if not verdict.proven:
            self._log(hour, "verdict", where, "false_alarm", network=network)
            return
        self._log(hour, "verdict", where, "abuse_proven", network=network, culprits=list(culprits))
        self._make_public(finding)
        self._sanction(hour, verdict)
        control = self.model.charter.control
        if not self.model.mechanisms.revocation or network not in control.revocable_networks:
            self._log(hour, "verdict", where, "nobody_may_revoke", network=network)
            return
        if finding.kind != "inspection" and not self._acts(finding):
            self._log(hour, "verdict", where, "monitor_does_not_revoke", network=network)
            return
        days = self._delay_days("revocation", finding, self.parameters.revocation_days)
        self._revocations += [(hour + HOURS_PER_DAY * days, who, network) for who in culprits]

    def _acts(self, finding: Finding) -> bool:
        """Whether the monitor is independent enough to use its power to revoke."""
        draw = self._draw("independence", finding)
        return draw < self.model.charter.payoffs.independence

    def _make_public(self, finding: Finding) -> None:
        """Tell people of a proven abuse."""
        where = np.arange(self._districts)
        self.model.civics.abuse_proven((where == finding.district) | (finding.district == CITY))
        self.model.recall.prove(finding.suspect, finding.network, self.model.hour)

    def _revoke(self, hour: int, principal: str, network: str) -> None:
        if (principal, network) in self.model.control.revoked:
            return
        self.model.control.revoke(principal, network, hour)
        self._log(hour, "revocation", principal, "revoked_by_monitor", network=network)
        for actor in self._behind(principal):
            actor.lost(principal, network)

    def _sanction(self, hour: int, verdict: Verdict) -> None:
        """The attackers behind the culprits pay, if the sanction is carried out."""
        payoffs = self.model.charter.payoffs
        if not self.model.mechanisms.deterrence or not payoffs.punish(verdict.finding.network):
            return
        where = self._place(verdict.finding)
        if self._draw("sanction", verdict.finding) >= payoffs.enforcement:
            self._log(hour, "sanction", where, "sanction_not_carried_out")
            return
        actors = dict.fromkeys(actor for who in verdict.culprits for actor in self._behind(who))
        for actor in actors:
            actor.pay_sanction(payoffs.sanction)
            actor.learn(sanctioned=True)
            size = float(payoffs.sanction)
            self._log(hour, "sanction", where, "sanction_paid", attacker=actor.kind, units=size)

    def _behind(self, principal: str) -> list:
        return [actor for actor in self.model.attackers if principal in actor.captured]

    # ---- chance and events ---------------------------------------------------------------------------

    def _draw(self, what: str, finding: Finding) -> float:
        """A uniform draw that belongs to this finding alone."""
        name, row = f"{what}/{finding.kind}/{finding.network}", finding.district + 1
        return float(self.model.streams.uniform(name, finding.hour, row + 1)[row])

    def _delay_days(self, what: str, finding: Finding, median_days: float) -> float:
        draw = np.array([self._draw(what, finding)])
        return median_days * float(np.exp(self.parameters.delay_sigma * normal(draw)[0]))

    def _place(self, finding: Finding) -> str:
        return (
            finding.suspect if finding.district == CITY else self.model.place.districts.name[finding.district]
        )

    def _log(self, hour: int, kind: str, where: str, what: str, **fields: Any) -> None:
        self.model.event_log.add(hour, kind, where, what, **fields)

    def _announce(self, hour: int) -> None:
        """Log once what is published at all."""
        self._announced = True
        if self.model.publishing.publisher is not None:
            networks = list(self.model.publishing.publisher.networks)
            share = float(self.model.charter.information.reporting_household_frac)
            self._log(hour, "published", "city", "figures_published", networks=networks, reporting_frac=share)

    def _log_visit(self, hour: int, visit: Visit) -> None:
        if visit.turned_away:
            self._log(hour, "inspection", visit.network, "inspection_turned_away")
            return
        districts = [self.model.place.districts.name[d] for d in visit.districts]
        what = "inspection_reports_abuse" if visit.reported else "inspection_reports_nothing"
        self._log(hour, "inspection", visit.network, what, districts=districts)


def _matter(finding: Finding) -> tuple[str, int, str]:
    """What a case is about: a network in a district, or one principal that serves the whole city."""
    return finding.network, finding.district, finding.suspect if finding.district == CITY else ""
