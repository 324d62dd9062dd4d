"""Measures on transport: virtual traffic management (VTM 仮想交通管理)."""

from dataclasses import dataclass

from agentsim.core.charter import Charge, Charter
from agentsim.core.parameters import parameter
from agentsim.policies.policy import LOCAL, Policy, shared_with


@dataclass(frozen=True)
class AdaptiveSignals(Policy):
    """Signals give green where traffic was in the last hour (T-S1 AI交通流).

    Acts on: stock (detectors and controllers at junctions; they hang on the traffic centre, so that whoever
             holds it can withhold their green).
    Costs:   detectors, controllers and the centre's computers, in a road tax.
    Can fail: drivers follow the green and green follows the drivers, which can settle worse than a fixed
              plan (Smith 1979); shorter trips draw traffic; a captured centre has one more handle.
    """

    signal_frac: float = parameter(1.0, "1", "junctions equipped, the largest first", "A", 0, 1)
    capital_jpy: float = parameter(4e6, "JPY", "per approach: detectors, controller, link", "A", 0)
    life_y: float = parameter(10.0, "y", "electronics", "A", 1, 100)
    running_jpy_per_y: float = parameter(300e3, "JPY/y", "per approach: upkeep, data, staff", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        return charter.with_stock(adaptive_signal_frac=self.signal_frac).charge(
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
    """Municipalities hold the traffic control of their roads (T-C1 自律型移動ネットワークの開発).

    Acts on: control (only the municipality may close its roads) and stock (signals with their own logic and
             a battery, which stay lit when their feeder is dark).
    Costs:   a local traffic room and the signals, in a road tax.
    Can fail: a municipal room is easier to capture; nobody coordinates the arterials.
    """

    authority: int = parameter(
        0, "1", "0 municipality alone, 1 two keys with the centre, 2 undoes cuts by hand", "A", 0, 2
    )
    signal_frac: float = parameter(1.0, "1", "signals with own logic and battery", "A", 0, 1)
    room_capital_jpy: float = parameter(80e6, "JPY", "traffic room of a district", "A", 0)
    room_running_jpy_per_y: float = parameter(20e6, "JPY/y", "staff", "A", 0)
    signal_capital_jpy: float = parameter(3e6, "JPY", "per approach", "A", 0)
    signal_running_jpy_per_y: float = parameter(150e3, "JPY/y", "per approach", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        control_room = Charge(
            "local traffic room",
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
                road_closures=shared_with("traffic_control_room", self.authority), roads_record=LOCAL
            )
            .with_stock(local_signal_frac=self.signal_frac)
            .charge(control_room, signals)
        )
