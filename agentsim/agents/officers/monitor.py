"""The monitor: complaints, audits, inspections and alarms, then investigations and verdicts.

People complain of an admitted cut in its first hour; a hidden one must be found. An investigation needs the
records of the time: a public log holds them, auditors and inspectors bring them, and an operator without a
log takes its time to hand them over. What follows from a verdict is in ``sentences.py``.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import mesa
import numpy as np

from agentsim.agents.officers.sentences import Sentences, place_of
from agentsim.core.agent import Agent
from agentsim.core.messages import Finding, Permitted
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.casework import (
    CITY,
    AbuseLog,
    Case,
    MonitorParameters,
    Verdict,
    admitted,
    delay_days,
    drawn,
    judged,
    matter,
)
from agentsim.institutions.detection import DetectionParameters, audited
from agentsim.institutions.deterrence import Inspectorate, Visit

AUDITED = ("power", "water", "roads", "supply", "institutions")


class Monitor(Agent):
    """Domestic auditors, and inspectors from outside where the charter invites them.

    ``verdicts`` of all cases; ``false_alarms`` counts cases without abuse; ``first_alarm_hour`` is that of
    the first case with abuse, None before; ``truth.first_hour`` is that of the first abuse. ``sentences`` are
    what follows from verdicts.
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
        self.sentences = Sentences(model, parameters)
        self._judged: dict[tuple[str, int, str], int] = {}  # hour up to which a matter has been judged
        self._opened: Counter[tuple[tuple[str, int, str], bool]] = (
            Counter()
        )  # cases so far, by matter and truth
        self._districts = len(model.place.districts)
        self._chain_broken = self._announced = False

    @property
    def known_hour(self) -> int | None:
        """First hour in which anybody knew of an abuse: an admitted one at once, a hidden one by an alarm."""
        hours = (self.first_alarm_hour, self.truth.first_admitted_hour)
        return min((hour for hour in hours if hour is not None), default=None)

    def step(self) -> None:
        """One hour: verdicts and revocations now due, noticed intruders; daily audits and inspections."""
        hour, model = self.model.hour, self.model
        if not self._announced:
            self._announce(hour)
        for key, case in [item for item in self.cases.items() if item[1].verdict_hour <= hour]:
            del self.cases[key]
            self._judge(hour, case)
            self._judged[key] = hour
        self.sentences.step(hour)
        for actor in model.attackers:
            self.take_up(actor.noticed)
        if hour % HOURS_PER_DAY == 0:
            found = self._audit(hour) if model.mechanisms.detection else []
            found += self._inspect(hour) if model.mechanisms.deterrence else []
            found += self._compare_heads(hour)
            self.take_up(found)

    def witness(self, hour: int, permitted: Permitted) -> None:
        """Keep the abuses of the hour, which investigations may prove; people complain of admitted ones."""
        assets = self.model.control.assets
        self.truth.note(hour, permitted, assets)
        complaints = admitted(hour, permitted, assets)
        if complaints and self.truth.first_admitted_hour is None:
            self.truth.first_admitted_hour = hour
        if self.model.mechanisms.detection:
            self.take_up(complaints)

    # ---- what is noticed ----------------------------------------------------------------------------

    def take_up(self, findings: Iterable[Finding]) -> None:
        """Open a case for each finding whose matter is not under investigation already."""
        for finding in findings:
            key = matter(finding)
            if key in self.cases:
                self._add_evidence(key, finding)
                continue
            true = bool(self._culprits(finding))
            if self._sentence_pending(finding):
                continue
            if finding.kind == "intrusion" and not true:
                continue  # the intruder was thrown out before it could abuse anything
            self._open(key, finding, true)

    def _open(self, key: tuple[str, int, str], finding: Finding, true: bool) -> None:
        self.false_alarms += not true
        if true and self.first_alarm_hour is None:
            self.first_alarm_hour = finding.hour
        number = self._opened[key, true]  # true cases by themselves: a false alarm leaves their draws alone
        self._opened[key, true] += 1
        days = self._delay_days("investigation", finding, number, self.parameters.investigation_days)
        records = self._brings_records(finding)
        if not records:
            days += self._delay_days("records", finding, number, self.parameters.records_days)
        self.cases[key] = Case(finding, true, finding.hour + HOURS_PER_DAY * days, records, number)
        self._log(
            finding.hour,
            "alarm",
            place_of(self.model, finding),
            "investigation_begins",
            evidence=finding.kind,
            network=finding.network,
        )

    def _add_evidence(self, key: tuple[str, int, str], finding: Finding) -> None:
        """Records that a new finding brings shorten an investigation that still waits for them."""
        case = self.cases[key]
        if case.records or not self._brings_records(finding):
            return
        days = self._delay_days("investigation", finding, case.number, self.parameters.investigation_days)
        sooner = min(case.verdict_hour, finding.hour + HOURS_PER_DAY * days)
        self.cases[key] = replace(case, verdict_hour=sooner, records=True)

    def _brings_records(self, finding: Finding) -> bool:
        """Whether records of the time are at hand: all findings but complaints rest on some, and a public
        log holds them unless whoever operates it may rewrite it unseen.
        """
        if finding.kind != "complaint":
            return True
        information, last = self.model.charter.information, self.model.last
        open_to_all = self.model.publishing.exists and finding.network in information.ledger_networks
        seized = last is not None and "ledger" in last.permitted.seized and not information.verifiers
        return open_to_all and not seized

    def _since(self, finding: Finding) -> float:
        """The first hour that an investigation covers: nobody is judged twice for the same hours."""
        memory_h = HOURS_PER_DAY * self.parameters.memory_days
        return max(finding.hour - memory_h, self._judged.get(matter(finding), -1))

    def _culprits(self, finding: Finding) -> tuple[str, ...]:
        """Principals that committed the abuse; () if there was none."""
        if finding.kind == "chain":
            return (finding.suspect,)  # bytes that do not match are their own proof
        if finding.kind == "intrusion":
            caught = any(finding.suspect in actor.captured for actor in self.model.attackers)
            return (finding.suspect,) if caught else ()
        network, district, suspect = matter(finding)
        return self.truth.culprits(network, district, self._since(finding), suspect)

    def _sentence_pending(self, finding: Finding) -> bool:
        """Whether a revocation of all culprits is pending already."""
        pending = self.sentences.pending(finding.network)
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

    # ---- verdicts ------------------------------------------------------------------------------------

    def _judge(self, hour: int, case: Case) -> None:
        """End an investigation: somebody is found guilty of an abuse, or nothing is proven."""
        finding = case.finding
        verdict = self._verdict(hour, case, self._culprits(finding) if case.true else ())
        verdict = replace(verdict, since=self._since(finding), number=case.number)
        self.verdicts.append(verdict)
        if verdict.proven:
            self.sentences.follow(hour, verdict)
        else:
            where = place_of(self.model, finding)
            self._log(hour, "verdict", where, "abuse_not_proven", network=finding.network)

    def _verdict(self, hour: int, case: Case, culprits: tuple[str, ...]) -> Verdict:
        """Who is found guilty; an investigation errs, except about a log whose bytes do not match."""
        finding = case.finding
        if finding.kind == "chain":
            return Verdict(hour, finding, culprits)
        destroyed = bool(self._records_falsified(finding.network)[finding.district])
        sight = 1.0 - self.detection.hidden_frac * destroyed
        draw = drawn(self.model.streams, f"verdict/{case.true}", finding, case.number)
        return judged(hour, finding, culprits, draw, sight, self.parameters)

    # ---- chance and events ---------------------------------------------------------------------------

    def _delay_days(self, what: str, finding: Finding, number: int, median_days: float) -> float:
        return delay_days(self.model.streams, what, finding, number, median_days, self.parameters.delay_sigma)

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
