"""Measures on transport: virtual traffic management (VTM 仮想交通管理)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from agentsim.core.charter import Charge, Charter
from agentsim.core.parameters import parameter
from agentsim.policies.policy import MUNICIPAL, Policy, shared_with


@dataclass(frozen=True)
class AdaptiveSignals(Policy):
    """Green times of signals follow the traffic (T-S1 AIによる交通流の最適化).

    Acts on: stock (detectors and controllers at junctions, operated by the traffic control centre, which can
             also set them to red). ``plan`` says how green is shared.
    Costs:   detectors, controllers and the centre's computers, in a road tax.
    Can fail: drivers choose routes with more green and green follows the drivers, which can end worse than a
              fixed plan (Smith 1979); shorter travel times attract traffic; detectors fail; an attacker who
              has captured the centre can set the signals to red, or make detectors report what is not there.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {"signal_frac": (0.1, 1.0)}

    signal_frac: float = parameter(1.0, "1", "share of junctions equipped, the largest first", "A", 0, 1)
    plan: int = parameter(
        0,
        "1",
        "0 by the flows of the last hour (Webster 1958); 1 by the queues of the hour (Varaiya 2013)",
        "A",
        0,
        1,
    )
    capital_jpy: float = parameter(4e6, "JPY", "per approach: detectors, controller, link", "A", 0)
    life_y: float = parameter(10.0, "y", "lifetime of the electronics", "A", 1, 100)
    running_jpy_per_y: float = parameter(300e3, "JPY/y", "per approach: upkeep, data, staff", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        by_pressure_frac = self.signal_frac if self.plan else 0.0
        return charter.with_stock(
            adaptive_signal_frac=self.signal_frac, pressure_signal_frac=by_pressure_frac
        ).charge(
            Charge(
                "adaptive signals",
                payer="road_tax",
                quantity="adaptive_signals",
                capital_jpy=self.capital_jpy,
                life_y=self.life_y,
                running_jpy_per_y=self.running_jpy_per_y,
            )
        )


@dataclass(frozen=True)
class LocalRoads(Policy):
    """Municipalities control the traffic on their roads (T-C1 自律型移動ネットワークの開発).

    Acts on: control (the municipality may close its roads, the traffic control centre may not) and stock
             (signals with their own controller and battery, which work without grid power).
    Costs:   a local traffic control room and the signals, in a road tax.
    Can fail: a municipal control room is easier to capture; nobody coordinates the main roads.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {"signal_frac": (0.1, 1.0)}

    authority: int = parameter(
        0,
        "1",
        "0 municipality; 1 it and the centre must agree; 2 centre, it may undo cuts",
        "A",
        0,
        2,
    )
    signal_frac: float = parameter(1.0, "1", "share of signals with own controller and battery", "A", 0, 1)
    room_capital_jpy: float = parameter(80e6, "JPY", "a district's traffic control room", "A", 0)
    room_running_jpy_per_y: float = parameter(20e6, "JPY/y", "staff of a district's control room", "A", 0)
    signal_capital_jpy: float = parameter(
        3e6, "JPY", "signal with controller and battery, per approach", "A", 0
    )
    signal_running_jpy_per_y: float = parameter(150e3, "JPY/y", "per approach", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        control_room = Charge(
            "local traffic control room",
            payer="road_tax",
            quantity="districts",
            capital_jpy=self.room_capital_jpy,
            life_y=10.0,
            running_jpy_per_y=self.room_running_jpy_per_y,
        )
        signals = Charge(
            "signal logic and battery",
            payer="road_tax",
            quantity="local_signals",
            capital_jpy=self.signal_capital_jpy,
            life_y=10.0,
            running_jpy_per_y=self.signal_running_jpy_per_y,
        )
        return (
            charter.with_control(
                road_closures=shared_with("traffic_control_room", self.authority), roads_record=MUNICIPAL
            )
            .with_stock(local_signal_frac=self.signal_frac)
            .charge(control_room, signals)
        )
