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


@dataclass(frozen=True)
class LeakFinding(Policy):
    """Metered balances and pressure loggers find leaks as they begin (W-S2 AIによる水管理システム).

    Acts on: information (each district's night flow is tested against what is metered there) and stock
             (meters of homes that are read every hour, pressure loggers on the mains).
    Costs:   meters, loggers and staff in the water tariff.
    Can fail: with little leakage there is little to find, and background leakage is untouched; false alarms
              keep the same crews busy; in a network of wide mains pressures hardly tell where a leak is; the
              vendor's remote line to valves and dosing is one more way to attack them.
    """

    smart_meter_frac: float = parameter(0.3, "1", "homes whose meter is read every hour", "A", 0.01, 1)
    loggers_per_district: int = parameter(3, "1", "pressure loggers", "A", 1, 100)
    false_alarms_per_month: float = parameter(
        1.0, "1/month", "of all districts, that the test is set to", "A", 1e-3, 100
    )
    meter_capital_jpy: float = parameter(20e3, "JPY", "a smart water meter over a plain one", "A", 0)
    logger_capital_jpy: float = parameter(300e3, "JPY", "a logger with modem and manhole", "A", 0)
    logger_running_jpy_per_y: float = parameter(30e3, "JPY/y", "a logger's line and battery", "A", 0)
    renewal_frac_per_y: float = parameter(
        0.0, "1/y", "share of the mains renewed in a year besides, swept 0-0.02", "A", 0, 0.2
    )
    renewal_jpy_per_m: float = parameter(150e3, "JPY", "a metre of main replaced under a road", "M", 0)
    office_capital_jpy: float = parameter(100e6, "JPY", "inflow meters and software of the city", "A", 0)
    office_running_jpy_per_y: float = parameter(20e6, "JPY/y", "staff and licences", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        meters = Charge(
            "smart water meters",
            payer="water_tariff",
            quantity="smart_water_meters",
            capital_jpy=self.meter_capital_jpy,
            life_y=8.0,
            running_jpy_per_y=0.0,
        )
        loggers = Charge(
            "leak loggers",
            payer="water_tariff",
            quantity="leak_loggers",
            capital_jpy=self.logger_capital_jpy,
            life_y=10.0,
            running_jpy_per_y=self.logger_running_jpy_per_y,
        )
        office = Charge(
            "leak finder",
            payer="water_tariff",
            quantity="city",
            capital_jpy=self.office_capital_jpy,
            life_y=10.0,
            running_jpy_per_y=self.office_running_jpy_per_y,
        )
        charter = (
            charter.with_information(false_leak_alarms_per_month=self.false_alarms_per_month)
            .with_stock(
                smart_water_meter_frac=self.smart_meter_frac,
                leak_loggers_per_district=self.loggers_per_district,
            )
            .charge(meters, loggers, office)
        )
        return self._renew(charter) if self.renewal_frac_per_y > 0 else charter

    def _renew(self, charter: Charter) -> Charter:
        """A yearly budget for new mains, paid as it is spent."""
        renewal = Charge(
            "renewal of mains",
            payer="water_tariff",
            quantity="renewed_mains_m_per_y",
            capital_jpy=0.0,
            life_y=60.0,
            running_jpy_per_y=self.renewal_jpy_per_m,
        )
        return charter.with_stock(mains_renewal_frac_per_y=self.renewal_frac_per_y).charge(renewal)


@dataclass(frozen=True)
class RainAndGroundwater(Policy):
    """Homes use rain, firms pump groundwater, and basins recharge it (W-S3 雨水・地下水リサイクルの拡充).

    Acts on: stock (rain tanks of homes, private wells of firms, basins in which rain seeps into the aquifer).
    Costs:   tanks and private wells in a local tax that subsidises them, basins in the water tariff.
    Can fail: in a drought tanks and basins are empty; private wells lower the water table for everybody, so
              that pumping takes more power and wells fail, those of the municipalities too; rain tanks give
              no drinking water.
    """

    rain_tank_frac: float = parameter(0.2, "1", "homes with a rain tank", "A", 0, 1)
    recharge_demand_frac: float = parameter(
        0.05, "1", "basins' capacity, share of the city's mean demand", "A", 0, 2
    )
    private_well_frac: float = parameter(
        0.1, "1", "private wells' capacity, share of the mean demand of firms", "A", 0, 2
    )
    tank_capital_jpy: float = parameter(300e3, "JPY", "tank of 3 m3 with pump, filter and pipes", "A", 0)
    tank_running_jpy_per_y: float = parameter(3e3, "JPY/y", "a tank's filter and pump", "A", 0)
    basin_capital_jpy: float = parameter(100e3, "JPY", "recharge basin, per m3/d", "A", 0)
    basin_running_jpy_per_y: float = parameter(3e3, "JPY/y", "cleaning, per m3/d", "A", 0)
    well_capital_jpy: float = parameter(60e3, "JPY", "private well without treatment, per m3/d", "A", 0)
    well_running_jpy_per_y: float = parameter(2e3, "JPY/y", "per m3/d, without electricity", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        amounts = {
            "rain_tank_household_frac": self.rain_tank_frac,
            "recharge_demand_frac": self.recharge_demand_frac,
            "private_well_demand_frac": self.private_well_frac,
        }
        charter = charter.with_stock(**amounts)
        bought = [charge for charge, amount in zip(self._charges(), amounts.values(), strict=True) if amount]
        return charter.charge(*bought)

    def _charges(self) -> tuple[Charge, Charge, Charge]:
        tanks = Charge(
            "rain tanks",
            payer="local_tax",
            quantity="rain_tanks",
            capital_jpy=self.tank_capital_jpy,
            life_y=20.0,
            running_jpy_per_y=self.tank_running_jpy_per_y,
        )
        basins = Charge(
            "recharge basins",
            payer="water_tariff",
            quantity="recharge_m3_per_d",
            capital_jpy=self.basin_capital_jpy,
            life_y=30.0,
            running_jpy_per_y=self.basin_running_jpy_per_y,
        )
        wells = Charge(
            "private wells",
            payer="local_tax",
            quantity="private_well_m3_per_d",
            capital_jpy=self.well_capital_jpy,
            life_y=25.0,
            running_jpy_per_y=self.well_running_jpy_per_y,
        )
        return tanks, basins, wells
