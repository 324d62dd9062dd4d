"""Measures on water: the virtual water pipeline (VWP 仮想水道網)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from agentsim.core.charter import Charge, Charter
from agentsim.core.parameters import parameter
from agentsim.policies.policy import MUNICIPAL, Policy, shared_with


@dataclass(frozen=True)
class Desalination(Policy):
    """Reverse osmosis at the sea side adds drinking water (W-S1 海水淡水化技術の進化).

    Acts on: stock (a reverse-osmosis plant at the sea side, run while the dam or the tanks are low).
    Costs:   capital, membranes and staff in the water tariff; it buys its electricity as any other customer.
    Can fail: without power it gives nothing, and in hours of power shortage its load is missing elsewhere; in
              a wet year it stands idle and still costs.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {"share_of_demand": (0.05, 0.5)}

    share_of_demand: float = parameter(0.2, "1", "capacity, share of the city's mean demand", "A", 0.05, 0.5)
    capital_jpy: float = parameter(300e3, "JPY", "per m3/d; 1,500-2,500 USD common, Fukuoka above", "A", 0)
    life_y: float = parameter(25.0, "y", "plant and intake; membranes are in the running cost", "A", 1, 100)
    running_jpy_per_y: float = parameter(
        16e3, "JPY/y", "per m3/d: membranes, chemicals, staff, 45 JPY/m3, without power", "A", 0
    )

    def enact(self, charter: Charter) -> Charter:
        return charter.with_stock(desalination_demand_frac=self.share_of_demand).charge(
            Charge(
                "desalination plant",
                payer="water_tariff",
                quantity="desalination_m3_per_d",
                capital_jpy=self.capital_jpy,
                life_y=self.life_y,
                running_jpy_per_y=self.running_jpy_per_y,
            )
        )


@dataclass(frozen=True)
class LocalWater(Policy):
    """Municipalities operate their own inlet valves and wells (W-C1 地域ごとの水管理強化).

    Acts on: control (the municipality operates the inlet valves; the trunk mains, which serve several
             districts, stay with the water control centre) and stock (wells with a tank).
    Costs:   a local control room, wells and tanks, in the water tariff.
    Can fail: whoever controls the trunk valves can still cut the mains; wells need power; a municipal control
              room is easier to capture.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {
        "well_demand_frac": (0.05, 1.0),
        "well_tank_h": (1.0, 48.0),
    }

    authority: int = parameter(
        0,
        "1",
        "0 municipality; 1 it and the centre must agree; 2 centre, it may undo cuts",
        "A",
        0,
        2,
    )
    well_demand_frac: float = parameter(0.3, "1", "wells' output, share of demand", "A", 0, 2)
    well_tank_h: float = parameter(6.0, "h", "tank, hours of the wells' output", "A", 0, 240)
    room_capital_jpy: float = parameter(120e6, "JPY", "a district's control room", "A", 0)
    room_running_jpy_per_y: float = parameter(25e6, "JPY/y", "staff of a district's control room", "A", 0)
    well_capital_jpy: float = parameter(120e3, "JPY", "well with treatment, per m3/d", "A", 0)
    well_running_jpy_per_y: float = parameter(6e3, "JPY/y", "well, per m3/d, without electricity", "A", 0)
    tank_capital_jpy: float = parameter(60e3, "JPY", "tank, per m3", "A", 0)
    tank_running_jpy_per_y: float = parameter(600.0, "JPY/y", "tank, per m3", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        control_room = Charge(
            "local water control room",
            payer="water_tariff",
            quantity="districts",
            capital_jpy=self.room_capital_jpy,
            life_y=15.0,
            running_jpy_per_y=self.room_running_jpy_per_y,
        )
        wells = Charge(
            "municipal wells",
            payer="water_tariff",
            quantity="well_m3_per_d",
            capital_jpy=self.well_capital_jpy,
            life_y=30.0,
            running_jpy_per_y=self.well_running_jpy_per_y,
        )
        tanks = Charge(
            "well tanks",
            payer="water_tariff",
            quantity="well_tank_m3",
            capital_jpy=self.tank_capital_jpy,
            life_y=40.0,
            running_jpy_per_y=self.tank_running_jpy_per_y,
        )
        return (
            charter.with_control(
                inlet_valves=shared_with("water_control_room", self.authority), water_record=MUNICIPAL
            )
            .with_stock(well_demand_frac=self.well_demand_frac, well_tank_h=self.well_tank_h)
            .charge(control_room, wells, tanks)
        )
