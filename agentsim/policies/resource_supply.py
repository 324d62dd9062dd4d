"""Measures that raise the supply of resources: exploration, oil recovery, urban mining, new fuels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from agentsim.core.charter import Charge, Charter
from agentsim.core.parameters import parameter
from agentsim.policies.policy import Policy


@dataclass(frozen=True)
class LearnedExploration(Policy):
    """A regression on past prospects chooses where the city has ore looked for (R-S1 AIを活用した鉱物探査).

    Acts on: stock (targets that are drilled each year) and information (how they are chosen).
    Costs:   drilling, data and staff, in a local tax.
    Can fail: metal comes 10 to 16 years after a find, so that a shorter programme gives exactly nothing;
              noisy measurements and few past results teach little; a poor find is left in the ground.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {"targets_per_y": (1.0, 20.0)}

    targets_per_y: float = parameter(
        4.0, "1/y", "prospects drilled each year, the city's share; rounded", "A", 1, 1000
    )
    years: float = parameter(
        0.0, "y", "for so long the programme has run before the first hour; varied 0-40", "A", 0, 200
    )
    learned: int = parameter(1, "1", "1: a regression chooses; 0: the order of proposals", "A", 0, 1)
    target_jpy: float = parameter(50e6, "JPY/y", "drilling and assays of one target a year", "M", 0)
    learning_jpy: float = parameter(10e6, "JPY/y", "data, computing and staff, per target a year", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        charter = charter.with_stock(
            exploration_targets_per_y=self.targets_per_y, exploration_years=self.years
        ).charge(Charge("exploration", "local_tax", "exploration_targets_per_y", 0.0, 10.0, self.target_jpy))
        if not self.learned:
            return charter
        return charter.with_information(learned_targeting=True).charge(
            Charge(
                "learned targeting", "local_tax", "exploration_targets_per_y", 0.0, 10.0, self.learning_jpy
            )
        )


@dataclass(frozen=True)
class OilRecovery(Policy):
    """Carbon dioxide drives more oil out of an old field (R-S2 EOR 石油増産技術).

    Acts on: stock (the flooded field, and how much of its gas is captured instead of pumped from nature).
    Costs:   wells and pipelines, and capture plants, in a local tax; the oil at its running cost.
    Can fail: with gas from natural reservoirs nothing is stored that was in the air, and the additional oil
              is burnt; compressors stand still without power.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {"oil_frac": (0.02, 0.5)}

    oil_frac: float = parameter(0.1, "1", "oil, share of the city's use of fuel", "A", 0.001, 2)
    captured_frac: float = parameter(
        0.3, "1", "of its gas, captured; more than 70 % is natural in the US (S9)", "V2", 0, 1
    )
    field_jpy: float = parameter(300e6, "JPY", "wells, pipeline, separation, per t/d of oil", "A", 0)
    capture_jpy: float = parameter(350e6, "JPY", "capture at a stack, per t/d of oil that it serves", "A", 0)
    life_y: float = parameter(20.0, "y", "lifetime of both", "A", 1, 100)
    running_frac_per_y: float = parameter(0.04, "1/y", "upkeep, share of the capital", "A", 0, 1)

    def enact(self, charter: Charter) -> Charter:
        charter = charter.with_stock(
            enhanced_oil_frac=self.oil_frac, recovery_captured_frac=self.captured_frac
        ).charge(self._works("flooded oil field", "enhanced_oil_t_per_d", self.field_jpy))
        if self.captured_frac > 0:
            charter = charter.charge(
                self._works("capture of carbon dioxide", "captured_oil_t_per_d", self.capture_jpy)
            )
        return charter

    def _works(self, item: str, quantity: str, capital_jpy: float) -> Charge:
        return Charge(
            item, "local_tax", quantity, capital_jpy, self.life_y, self.running_frac_per_y * capital_jpy
        )


@dataclass(frozen=True)
class UrbanMining(Policy):
    """More of retired equipment is collected, and its metals won back in the city (R-S3 都市鉱山).

    Acts on: stock (share of retired equipment that is collected).
    Costs:   collection and the smelter, in a local tax; the metal at its running cost.
    Can fail: what is collected anyway gives nothing more; equipment holds little of the rare metals, and a
              smelter recovers still less of them; it needs power.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {"collection_frac": (0.25, 0.9)}

    collection_frac: float = parameter(
        0.5, "1", "of retired equipment; world 0.223, the EU asks 0.65; varied 0.223-0.9", "A", 0, 1
    )
    collection_jpy: float = parameter(
        1500.0, "JPY/y", "collecting and sorting what one person retires in a year", "A", 0
    )
    smelter_jpy: float = parameter(10e3, "JPY", "smelter, per person whose equipment it takes", "A", 0)
    life_y: float = parameter(20.0, "y", "lifetime of the smelter", "A", 1, 100)

    def enact(self, charter: Charter) -> Charter:
        return charter.with_stock(scrap_collection_frac=self.collection_frac).charge(
            Charge(
                "collection and smelter",
                payer="local_tax",
                quantity="scrap_people",
                capital_jpy=self.smelter_jpy,
                life_y=self.life_y,
                running_jpy_per_y=self.collection_jpy,
            )
        )


@dataclass(frozen=True)
class NewFuels(Policy):
    """Works in the city make fuel from biomass and electricity (R-S4 バイオベースプラスチック・合成燃料).

    Acts on: stock (works of biofuel and of synthetic fuel).
    Costs:   the works, in a local tax; their fuel is mixed in, and its price is paid with every tonne.
    Can fail: synthetic fuel takes about 24 MWh a tonne: where coal makes the electricity CO2 rises, and in a
              shortage of power the works stand still; biofuel takes land and emits on its farms.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {
        "bio_frac": (0.01, 0.3),
        "synthetic_frac": (0.005, 0.1),
    }

    bio_frac: float = parameter(0.05, "1", "biofuel, share of the city's use of fuel", "A", 0, 2)
    synthetic_frac: float = parameter(0.02, "1", "synthetic fuel, likewise", "A", 0, 2)
    bio_jpy: float = parameter(75e6, "JPY", "biofuel works, per t/d (150 JPY per L/y)", "A", 0)
    synthetic_jpy: float = parameter(
        600e6, "JPY", "electrolysers and synthesis, per t/d (1 MW at 400,000 JPY/kW)", "A", 0
    )
    life_y: float = parameter(20.0, "y", "lifetime of the works", "A", 1, 100)
    running_frac_per_y: float = parameter(0.04, "1/y", "upkeep, share of the capital", "A", 0, 1)

    def enact(self, charter: Charter) -> Charter:
        for name in ("bio", "synthetic"):
            share, capital_jpy = getattr(self, f"{name}_frac"), getattr(self, f"{name}_jpy")
            if share > 0:
                charter = charter.with_stock(**{f"{name}_fuel_frac": share}).charge(
                    Charge(
                        f"{name} fuel works",
                        payer="local_tax",
                        quantity=f"{name}_fuel_t_per_d",
                        capital_jpy=capital_jpy,
                        life_y=self.life_y,
                        running_jpy_per_y=self.running_frac_per_y * capital_jpy,
                    )
                )
        return charter
