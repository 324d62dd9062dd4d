"""Measures of transparency: a public log of supply figures, in which every later change is visible."""

from dataclasses import dataclass
from typing import ClassVar

from agentsim.core.charter import Charge, Charter
from agentsim.core.parameters import parameter
from agentsim.policies.policy import Policy

PAYER = {"power": "power_tariff", "water": "water_tariff", "roads": "road_tax", "supply": "local_tax"}


@dataclass(frozen=True)
class PublicLog(Policy):
    """Operators and homes' meters report to a public, hash-chained log of some networks."""

    networks: ClassVar[tuple[str, ...]] = ()

    reporting_frac: float = parameter(
        0.3, "1", "share of homes whose meters report, varied 0.01-1", "A", 0, 1
    )
    verifiers: int = parameter(
        3, "1", "independent parties that keep the latest hash of the log", "A", 0, 1000
    )
    meter_backup_h: float = parameter(24.0, "h", "battery of a reporting meter", "A", 0, 1000)
    meter_capital_jpy: float = parameter(3e3, "JPY", "modem and battery per home of the city", "A", 0)
    meter_running_jpy_per_y: float = parameter(120.0, "JPY/y", "connection per home of the city", "A", 0)
    log_running_jpy_per_y: float = parameter(8e6, "JPY/y", "servers and verifiers of a network", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        charter = charter.with_information(
            ledger_networks=self.networks,
            reporting_household_frac=self.reporting_frac,
            verifiers=self.verifiers,
            meter_backup_h=self.meter_backup_h,
        )
        for network in self.networks:
            charter = charter.charge(self._log(network))
            if network != "supply":  # depots report what they receive without meters
                charter = charter.charge(self._meters(network))
        return charter

    def _log(self, network: str) -> Charge:
        return Charge(
            f"public log, {network}",
            payer=PAYER[network],
            quantity="city",
            capital_jpy=0.0,
            life_y=10.0,
            running_jpy_per_y=self.log_running_jpy_per_y,
        )

    def _meters(self, network: str) -> Charge:
        return Charge(
            f"reporting meters, {network}",
            payer=PAYER[network],
            quantity="households",
            capital_jpy=self.meter_capital_jpy,
            life_y=10.0,
            running_jpy_per_y=self.meter_running_jpy_per_y,
        )


@dataclass(frozen=True)
class PowerLog(PublicLog):
    """Supply of electricity is recorded in a public log, with meters (E-C3 ブロックチェーン記録).

    Acts on: information (a public log of power, homes that report, verifiers, meters with a battery).
    Costs:   meters and log, in the power tariff.
    Can fail: false entries are not noticed where no meter reports; an alarm changes nothing if nobody has the
              authority to act on it; public data show an attacker where to strike.
    """

    networks: ClassVar[tuple[str, ...]] = ("power",)


@dataclass(frozen=True)
class WaterLog(PublicLog):
    """Supply of water is recorded in a public log, with meters (W-C2 透明な水供給データ管理).

    Acts on: information (a public log of water, homes that report, verifiers, meters with a battery).
    Costs:   meters and log, in the water tariff.
    Can fail: as E-C3.
    """

    networks: ClassVar[tuple[str, ...]] = ("water",)


@dataclass(frozen=True)
class SupplyLog(PublicLog):
    """Suppliers record offers and deliveries in a log (R-C1 ブロックチェーンによるサプライチェーン監視).

    Acts on: information (a public log of the supply chain and verifiers).
    Costs:   the log, in a local tax.
    Can fail: a supplier abroad need not report, and the city's law does not bind it.
    """

    networks: ClassVar[tuple[str, ...]] = ("supply",)


@dataclass(frozen=True)
class LogOfAllNetworks(PublicLog):
    """Supply of all four networks is recorded in public logs (X-C2 ブロックチェーンによる透明性確保).

    Acts on: information (as E-C3, W-C2 and R-C1 together, and the roads).
    Costs:   those of the four logs, each counted once.
    Can fail: as E-C3; by itself it proves an abuse sooner but does not stop it.
    """

    networks: ClassVar[tuple[str, ...]] = ("power", "water", "roads", "supply")
