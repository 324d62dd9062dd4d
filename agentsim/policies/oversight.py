"""Measures of oversight: international inspections, sanctions, and withdrawal of authority."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from agentsim.core.charter import Charge, Charter
from agentsim.core.parameters import parameter
from agentsim.policies.policy import Policy
from agentsim.policies.transparency import PublicLog

ALL = ("power", "water", "roads", "supply")


@dataclass(frozen=True)
class Monitoring(Policy):
    """International inspectors visit the operators of some networks; proven abuse is sanctioned and ended."""

    inspected: ClassVar[tuple[str, ...]] = ()
    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {"inspections_per_month": (0.5, 10.0)}

    inspections_per_month: float = parameter(2.0, "1/month", "visits, varied 0-10", "A", 0, 100)
    independence: float = parameter(0.8, "1", "chance that an inspector reports what was seen", "A", 0, 1)
    access_frac: float = parameter(
        0.7, "1", "chance that the operator cannot refuse an inspection", "A", 0, 1
    )
    sanction: float = parameter(80.0, "units", "for a proven abuse, varied 0-400", "A", 0, 10000)
    enforcement: float = parameter(
        0.34, "1", "share of sanctions that take effect, Hufbauer et al.", "V", 0, 1
    )
    inspection_jpy: float = parameter(1e6, "JPY", "one inspection", "A", 0)
    office_jpy_per_y: float = parameter(20e6, "JPY/y", "the monitor's office", "A", 0)
    inspections: int = parameter(1, "1", "1: inspectors come; 0: nobody comes to look", "A", 0, 1)
    revocation: int = parameter(1, "1", "1: the monitor may withdraw authority; 0: it may not", "A", 0, 1)

    def enact(self, charter: Charter) -> Charter:
        visits = self.inspections * self.inspections_per_month
        monitoring = Charge(
            "international monitoring",
            payer="local_tax",
            quantity="city",
            capital_jpy=0.0,
            life_y=10.0,
            running_jpy_per_y=self.office_jpy_per_y + 12.0 * visits * self.inspection_jpy,
        )
        return (
            charter.with_payoffs(
                inspected_networks=self.inspected,
                inspections_per_month=visits,
                independence=self.independence,
                access_frac=self.access_frac,
                sanction=self.sanction,
                enforcement=self.enforcement,
            )
            .with_revocation(*(self.inspected if self.revocation else ()))
            .charge(monitoring)
        )


@dataclass(frozen=True)
class WaterMonitoring(Monitoring):
    """WHO and others inspect the waterworks (W-C3 国際機関の監視).

    Acts on: payoffs (inspections, sanctions on proven abuse of water) and control (the monitor may withdraw
             the authority of whoever abuses it).
    Costs:   the monitor's office and inspections, in a local tax.
    Can fail: the operator refuses inspectors; inspections come too late; the attacker moves to networks that
              are not inspected; an attacker who does not fear sanctions is not deterred.
    """

    inspected: ClassVar[tuple[str, ...]] = ("water",)


@dataclass(frozen=True)
class StrongerLaw(Monitoring):
    """All networks are monitored, and no operator may control all districts (X-C4 国際監視と法規制の強化).

    Its three parts can be switched off one by one: ``cap``, ``inspections`` and ``revocation``.

    Acts on: payoffs and control, as W-C3 for all four networks; one operator controls at most a share of the
             districts.
    Costs:   the monitor's office and inspections, and one more control room for each network.
    Can fail: the chance of a sanction is too low to deter; the same few inspections are spread over four
              networks; a second operator is a second target for the attacker.
    """

    inspected: ClassVar[tuple[str, ...]] = ALL

    cap: int = parameter(1, "1", "1: one operator holds at most a share of the districts; 0: all", "A", 0, 1)
    max_reach_share: float = parameter(0.5, "1", "of the districts, under one operator", "A", 0.1, 1)
    room_capital_jpy: float = parameter(1e9, "JPY", "second control rooms of the networks", "A", 0)
    room_running_jpy_per_y: float = parameter(200e6, "JPY/y", "staff of the second control rooms", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        charter = super().enact(charter)
        if not self.cap:
            return charter
        share = min(self.max_reach_share, charter.control.max_reach_share)
        control_rooms = Charge(
            "more control rooms",
            payer="local_tax",
            quantity="city",
            capital_jpy=self.room_capital_jpy,
            life_y=15.0,
            running_jpy_per_y=self.room_running_jpy_per_y,
        )
        return charter.with_control(max_reach_share=share).charge(control_rooms)


@dataclass(frozen=True)
class TransparentRoads(Policy):
    """Traffic data are public, and international inspectors monitor the roads (T-C2 国際監視と透明な運用).

    Acts on: information (a public log of travel), payoffs (inspections, sanctions) and control (the monitor
             may withdraw the authority of whoever abuses the roads).
    Costs:   log, meters and the monitor's office, in taxes.
    Can fail: as E-C3 and W-C3; data on who travels where become public.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {"inspections_per_month": (0.5, 10.0)}

    reporting_frac: float = parameter(
        0.3, "1", "share of homes that report their trips, varied 0.01-1", "A", 0, 1
    )
    inspections_per_month: float = parameter(2.0, "1/month", "visits, varied 0-10", "A", 0, 100)

    def enact(self, charter: Charter) -> Charter:
        charter = _RoadLog(reporting_frac=self.reporting_frac).enact(charter)
        return _RoadMonitoring(inspections_per_month=self.inspections_per_month).enact(charter)


class _RoadLog(PublicLog):
    networks: ClassVar[tuple[str, ...]] = ("roads",)


class _RoadMonitoring(Monitoring):
    inspected: ClassVar[tuple[str, ...]] = ("roads",)
