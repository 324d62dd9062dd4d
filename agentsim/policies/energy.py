"""Measures on energy: the virtual power plant (VPP 仮想発電所)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from agentsim.core.charter import Charge, Charter
from agentsim.core.parameters import parameter
from agentsim.policies.policy import MUNICIPAL, Policy, shared_with, switches_shared


@dataclass(frozen=True)
class LearnedForecasting(Policy):
    """A regression forecasts the load, and plans are renewed within the day (E-S1 AIによる電力需要予測).

    Acts on: information (what is expected of the next 24 hours, and how often it is planned for).
    Costs:   software, data and staff, in the power tariff.
    Can fail: it learns from what is published, so a forged record misleads it; ordinary weeks teach it
              nothing about a curfew; where there is plenty of plant, a better forecast saves only reserve.
    """

    one_model_for_all: int = parameter(
        0, "1", "1: one regression for all districts; 0: one for each", "A", 0, 1
    )
    plans_per_day: int = parameter(6, "1/d", "storage is planned anew so often", "A", 1, 24)
    capital_jpy: float = parameter(60e6, "JPY", "software and its introduction", "A", 0)
    life_y: float = parameter(5.0, "y", "until it is replaced", "A", 1, 100)
    running_jpy_per_y: float = parameter(30e6, "JPY/y", "weather data, computing and staff", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        return charter.with_information(
            learned_forecast=True,
            one_model_for_all=bool(self.one_model_for_all),
            plans_per_day=self.plans_per_day,
            replans_after_outage=True,
        ).charge(
            Charge(
                "load forecasting",
                payer="power_tariff",
                quantity="city",
                capital_jpy=self.capital_jpy,
                life_y=self.life_y,
                running_jpy_per_y=self.running_jpy_per_y,
            )
        )


@dataclass(frozen=True)
class NextGenerationStorage(Policy):
    """Batteries in the grid shift energy to the evening peak (E-S4 次世代蓄電技術).

    Acts on: stock (li-ion, flow or solid-state batteries at the substations).
    Costs:   capital and upkeep per kWh, in the power tariff.
    Can fail: with little surplus to store it only costs; it is behind the same breakers, so that it cannot
              supply a district that is cut off.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {"li_ion_h": (0.05, 2.0)}

    li_ion_h: float = parameter(0.2, "h", "hours of the city's peak load", "A", 0, 24)
    flow_h: float = parameter(0.0, "h", "hours of the city's peak load", "A", 0, 24)
    solid_state_h: float = parameter(0.0, "h", "hours of the city's peak load", "A", 0, 24)
    li_ion_capital_jpy: float = parameter(150e3, "JPY", "per kWh (mechanisms S5)", "M", 0)
    li_ion_life_y: float = parameter(15.0, "y", "lifetime (mechanisms S5)", "M", 1, 100)
    flow_capital_jpy: float = parameter(120e3, "JPY", "per kWh at 4 h (mechanisms S5)", "M", 0)
    flow_life_y: float = parameter(20.0, "y", "lifetime (mechanisms S5)", "M", 1, 100)
    solid_state_capital_jpy: float = parameter(225e3, "JPY", "per kWh, no field experience yet", "A", 0)
    solid_state_life_y: float = parameter(15.0, "y", "lifetime, no field experience yet", "A", 1, 100)
    running_jpy_per_y: float = parameter(2e3, "JPY/y", "upkeep per kWh", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        for technology in ("li_ion", "flow", "solid_state"):
            hours = getattr(self, f"{technology}_h")
            if hours > 0:
                charter = charter.with_stock(**{f"{technology}_storage_h": hours}).charge(
                    Charge(
                        f"{technology} storage",
                        payer="power_tariff",
                        quantity=f"{technology}_kwh",
                        capital_jpy=getattr(self, f"{technology}_capital_jpy"),
                        life_y=getattr(self, f"{technology}_life_y"),
                        running_jpy_per_y=self.running_jpy_per_y,
                    )
                )
        return charter


@dataclass(frozen=True)
class LocalPower(Policy):
    """Municipalities open and close their own breakers and run a microgrid (E-C2 分散型エネルギー管理).

    Acts on: control (the municipality operates the breakers, not the power control centre) and stock (a
             battery with a grid-forming inverter for the district's critical load).
    Costs:   a local control room and the battery, in the power tariff.
    Can fail: a municipal control room is easier to capture; the battery is empty after some hours, and on
              most days it is not used.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {"microgrid_h": (1.0, 48.0)}

    authority: int = parameter(
        0,
        "1",
        "0 municipality; 1 it and the centre must agree; 2 centre, it may undo cuts",
        "A",
        0,
        2,
    )
    microgrid_h: float = parameter(4.0, "h", "battery, hours of critical load (mechanisms S6)", "A", 0, 240)
    room_capital_jpy: float = parameter(250e6, "JPY", "a district's control room", "A", 0)
    room_running_jpy_per_y: float = parameter(40e6, "JPY/y", "staff of a district's control room", "A", 0)
    battery_capital_jpy: float = parameter(150e3, "JPY", "per kWh with inverter (mechanisms S5)", "M", 0)
    battery_running_jpy_per_y: float = parameter(2e3, "JPY/y", "per kWh", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        control_room = Charge(
            "local power control room",
            payer="power_tariff",
            quantity="districts",
            capital_jpy=self.room_capital_jpy,
            life_y=15.0,
            running_jpy_per_y=self.room_running_jpy_per_y,
        )
        battery = Charge(
            "microgrid battery",
            payer="power_tariff",
            quantity="microgrid_kwh",
            capital_jpy=self.battery_capital_jpy,
            life_y=15.0,
            running_jpy_per_y=self.battery_running_jpy_per_y,
        )
        return (
            charter.with_control(
                breakers=shared_with("power_control_room", self.authority),
                section_switches=switches_shared(self.authority),
                power_record=MUNICIPAL,
            )
            .with_stock(microgrid_h=self.microgrid_h)
            .charge(control_room, battery)
        )


@dataclass(frozen=True)
class PeerTrading(Policy):
    """Homes may sell power to homes of their district (E-C1 P2P電力取引の合法化).

    Acts on: market (contracts between homes, independent of the utility, and a cap on the grid fee).
    Costs:   the trading platform, in the power tariff.
    Can fail: a contract delivers nothing without a live wire: in a district that is cut off homes can trade
              only inside an energised island; homes without solar panels pay for the platform too.
    """

    pay_as_clear: int = parameter(
        0, "1", "1: one clearing price for all trades; 0: mid-market price", "A", 0, 1
    )
    max_fee_frac: float = parameter(0.1, "1", "grid fee of a local trade, share of the tariff", "A", 0, 1)
    platform_jpy_per_y: float = parameter(300.0, "JPY/y", "platform, per home of the city", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        rule = "pay_as_clear" if self.pay_as_clear else "mid_market"
        platform = Charge(
            "peer trading",
            payer="power_tariff",
            quantity="households",
            capital_jpy=0.0,
            life_y=10.0,
            running_jpy_per_y=self.platform_jpy_per_y,
        )
        fee = min(self.max_fee_frac, charter.market.p2p_max_fee_frac)
        return charter.with_market(p2p_rule=rule, p2p_max_fee_frac=fee).charge(platform)
