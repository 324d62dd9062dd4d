"""Measures on energy: the smart grid, and distributed energy with trading run by the utility."""

from dataclasses import dataclass

from agentsim.core.charter import Charge, Charter
from agentsim.core.parameters import parameter
from agentsim.policies.policy import Policy


@dataclass(frozen=True)
class DistributedEnergy(Policy):
    """Homes and districts own panels, batteries and turbines, and trade next door (E-S2 分散型エネルギー).

    Acts on: stock (panels and batteries of homes, turbines of districts: at stated shares, or as homes would
             have bought them within so many years) and market (trade within a district, run by the utility at
             its ordinary grid fee).
    Costs:   panels and batteries are bought by their owners, turbines by a local tax that gets back what they
             earn, the trading desk is in the power tariff.
    Can fail: a contract reaches no district that is cut off unless it runs by itself; panels give nothing in
              the evening and make its ramp steeper; homes without panels do not get cheaper power.
    """

    pv_household_frac: float = parameter(0.3, "1", "homes with panels; varied 0.1-0.6", "A", 0, 1)
    battery_household_frac: float = parameter(0.15, "1", "homes with a battery; varied 0-0.4", "A", 0, 1)
    adoption_years: float = parameter(
        0.0, "y", "above 0: not those shares, but what homes buy within so many years (S4)", "A", 0, 50
    )
    subsidy_frac: float = parameter(
        0.0, "1", "of the price of panels and batteries, paid by a local tax; varied 0-0.7", "A", 0, 1
    )
    wind_frac: float = parameter(0.05, "1", "turbines, rated output over the city's peak load", "A", 0, 3)
    pv_home_jpy: float = parameter(1.17e6, "JPY", "4.5 kW at 260,000 JPY/kW with installation", "M", 0)
    pv_home_jpy_per_y: float = parameter(15e3, "JPY/y", "upkeep of a home's panels", "A", 0)
    battery_home_jpy: float = parameter(1.875e6, "JPY", "12.5 kWh at 150,000 JPY/kWh (S5)", "M", 0)
    wind_jpy_per_kw: float = parameter(350e3, "JPY/kW", "turbine on land, Japan", "M", 0)
    wind_jpy_per_kw_y: float = parameter(9e3, "JPY/kW/y", "upkeep of a turbine", "M", 0)
    trading_jpy_per_y: float = parameter(200.0, "JPY/y", "trading desk, per home of the city", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        if self.adoption_years > 0.0:
            charter = charter.with_stock(adoption_years=self.adoption_years)
        else:
            charter = charter.with_stock(
                rooftop_pv_household_frac=self.pv_household_frac,
                home_battery_household_frac=self.battery_household_frac,
            )
        charter = charter.with_stock(district_wind_frac=self.wind_frac)
        if charter.market.p2p_rule == "none":
            charter = charter.with_market(p2p_rule="mid_market")
        return charter.charge(
            *self._of_homes(),
            Charge(
                "district wind", "local_tax", "wind_kw", self.wind_jpy_per_kw, 20.0, self.wind_jpy_per_kw_y
            ),
            Charge("utility's local market", "power_tariff", "households", 0.0, 10.0, self.trading_jpy_per_y),
        )

    def _of_homes(self) -> tuple[Charge, ...]:
        """What owners pay for panels and batteries, and what a local tax pays of them."""
        left = 1.0 - self.subsidy_frac
        pv, battery = "added_pv_homes", "added_battery_homes"
        owners = (
            Charge("home solar", "owners", pv, left * self.pv_home_jpy, 20.0, self.pv_home_jpy_per_y),
            Charge("home battery", "owners", battery, left * self.battery_home_jpy, 15.0, 0.0),
        )
        if self.subsidy_frac <= 0.0:
            return owners
        paid = self.subsidy_frac
        return (
            *owners,
            Charge("subsidy of home solar", "local_tax", pv, paid * self.pv_home_jpy, 20.0, 0.0),
            Charge(
                "subsidy of home batteries", "local_tax", battery, paid * self.battery_home_jpy, 15.0, 0.0
            ),
        )


@dataclass(frozen=True)
class SmartGrid(Policy):
    """Feeders isolate faults and are fed back through ties; load follows prices (E-S3 スマートグリッド導入).

    Acts on: stock (sections and ties of feeders, their remote switches, controllable load of homes),
             information (meters that read every interval) and market (dear and cheap hours).
    Costs:   switches, their control system, meters and devices, in the power tariff.
    Can fail: every remote switch is an edge of the control graph: whoever captures the control room or the
              switching platform can open the sections of a district; without power for telecommunication a
              crew switches by hand; load that comes back all at once makes a new peak.
    """

    section_frac: float = parameter(1.0, "1", "feeders with sections and a tie; varied 0.2-1", "A", 0, 1)
    remote_frac: float = parameter(1.0, "1", "of those, switched from afar; 0: by hand", "A", 0, 1)
    controllable_frac: float = parameter(0.3, "1", "homes with controllable devices; varied 0-1", "A", 0, 1)
    metered_frac: float = parameter(0.9, "1", "homes with interval meters", "A", 0, 1)
    price_ratio: float = parameter(
        2.0, "1", "price of dear hours over that of others; 1: one price; varied 1-6", "A", 1, 20
    )
    section_jpy: float = parameter(6e6, "JPY", "a feeder's section switches and tie", "A", 0)
    remote_jpy: float = parameter(4e6, "JPY", "their drives, batteries and telecommunication", "A", 0)
    remote_jpy_per_y: float = parameter(200e3, "JPY/y", "upkeep of a feeder's remote switches", "A", 0)
    platform_jpy_per_y: float = parameter(30e6, "JPY/y", "control system that restores sections", "A", 0)
    meter_jpy: float = parameter(20e3, "JPY", "an interval meter with installation, Japan", "M", 0)
    device_jpy: float = parameter(30e3, "JPY", "control of a home's heat pump and charger", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        ratio = max(self.price_ratio, charter.market.peak_price_ratio)
        return (
            charter.with_stock(
                sectioned_feeder_frac=self.section_frac,
                remote_switch_frac=self.remote_frac,
                controllable_load_frac=self.controllable_frac,
            )
            .with_information(interval_meter_frac=self.metered_frac)
            .with_market(peak_price_ratio=ratio)
            .charge(*self._charges())
        )

    def _charges(self) -> tuple[Charge, ...]:
        tariff = "power_tariff"
        return (
            Charge("feeder sections", tariff, "sectioned_feeders", self.section_jpy, 25.0, 0.0),
            Charge("remote switches", tariff, "remote_feeders", self.remote_jpy, 15.0, self.remote_jpy_per_y),
            Charge("switching platform", tariff, "city", 0.0, 15.0, self.platform_jpy_per_y),
            Charge("interval meters", tariff, "households", self.meter_jpy * self.metered_frac, 10.0, 0.0),
            Charge("controllable devices", tariff, "controllable_homes", self.device_jpy, 10.0, 0.0),
        )
