"""Measures across all networks: distributed control, votes of citizens, stocks at home."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from agentsim.core.charter import Charge, Charter
from agentsim.core.parameters import parameter
from agentsim.policies.energy import LocalPower
from agentsim.policies.policy import Policy
from agentsim.policies.transport import LocalRoads
from agentsim.policies.water import LocalWater


@dataclass(frozen=True)
class DistributedInfrastructure(Policy):
    """Municipalities control power, water and roads of their own district (X-C1 分散型インフラの導入).

    Acts on: control and stock, as E-C2, W-C1 and T-C1 together.
    Costs:   the costs of the three, each counted once.
    Can fail: one municipal control room is easier to capture than three central ones; control rooms with
              systems of the same maker may be captured together; trunk mains and power stations stay with
              the centre.
    """

    authority: int = parameter(
        0,
        "1",
        "0 municipality; 1 it and the centre must agree; 2 centre, it may undo cuts",
        "A",
        0,
        2,
    )
    vendors: int = parameter(1, "1", "makers of the municipalities' systems", "A", 1, 100)

    def enact(self, charter: Charter) -> Charter:
        for part in (LocalPower, LocalWater, LocalRoads):
            charter = part(authority=self.authority).enact(charter)
        vendors = max(self.vendors, charter.control.municipal_vendors)
        return charter.with_control(municipal_vendors=vendors)


@dataclass(frozen=True)
class DemocraticManagement(Policy):
    """Citizens vote how a shortage is shared, and can recall an operator (X-C3 民主的管理（AI民主主義）).

    Acts on: allocation (a vote on the rule of rationing, a recall, an AI adviser).
    Costs:   the voting platform, in a local tax.
    Can fail: a majority may put the whole shortage on a minority; votes take days; turnout and adviser may
              favour one side; the voting platform and the adviser may be captured.
    """

    proportional: int = parameter(1, "1", "on the ballot: every district bears the same share", "A", 0, 1)
    lifeline_first: int = parameter(1, "1", "on the ballot: basic needs come first", "A", 0, 1)
    majority: int = parameter(1, "1", "on the ballot: the fewest districts bear the shortage", "A", 0, 1)
    recall: int = parameter(1, "1", "citizens may recall the operator of a network", "A", 0, 1)
    recommender: int = parameter(1, "1", "an AI advises voters who are undecided", "A", 0, 1)
    platform_capital_jpy: float = parameter(2e3, "JPY", "voting platform, per home of the city", "A", 0)
    platform_running_jpy_per_y: float = parameter(
        300.0, "JPY/y", "voting platform, per home of the city", "A", 0
    )

    def enact(self, charter: Charter) -> Charter:
        rules = ("lifeline_first", "majority", "proportional")
        ballot = {rule for rule in rules if getattr(self, rule)} | {*charter.allocation.ballot}
        platform = Charge(
            "citizens' votes",
            payer="local_tax",
            quantity="households",
            capital_jpy=self.platform_capital_jpy,
            life_y=10.0,
            running_jpy_per_y=self.platform_running_jpy_per_y,
        )
        return charter.with_allocation(
            ballot=tuple(sorted(ballot)),
            recall=bool(self.recall) or charter.allocation.recall,
            recommender=bool(self.recommender) or charter.allocation.recommender,
        ).charge(platform)


@dataclass(frozen=True)
class SelfReliance(Policy):
    """Households store food and water and can borrow from an energy bank (X-C5 市民の自立支援).

    Acts on: stock (food and water at home, portable batteries lent by the energy bank).
    Costs:   the stocks and their renewal, in a local tax.
    Can fail: it only buys time; poor households store less; a long cut-off outlasts the stocks.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {
        "food_days": (1.0, 21.0),
        "water_l_per_person": (3.0, 63.0),
        "energy_kwh": (0.2, 5.0),
    }

    food_days: float = parameter(7.0, "d", "goal of Japanese guidance (mechanisms S14)", "M", 0, 365)
    water_l_per_person: float = parameter(21.0, "L", "3 L a day for 7 days", "M", 0, 1000)
    energy_kwh: float = parameter(2.0, "kWh", "one portable battery per household", "A", 0, 50)
    food_capital_jpy: float = parameter(700.0, "JPY", "per extra person-day of food", "A", 0)
    food_running_jpy_per_y: float = parameter(70.0, "JPY/y", "waste at renewal, per person-day", "A", 0)
    water_capital_jpy: float = parameter(60.0, "JPY", "per extra litre, bottled", "A", 0)
    water_running_jpy_per_y: float = parameter(10.0, "JPY/y", "renewal, per litre", "A", 0)
    bank_capital_jpy: float = parameter(120e3, "JPY", "per kWh of portable battery", "A", 0)
    bank_running_jpy_per_y: float = parameter(2e3, "JPY/y", "lending and repair, per kWh", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        return charter.with_stock(
            home_food_days=self.food_days,
            home_water_l_per_person=self.water_l_per_person,
            energy_bank_kwh_per_household=self.energy_kwh,
        ).charge(
            Charge(
                "food kept at home",
                payer="local_tax",
                quantity="extra_food_person_days",
                capital_jpy=self.food_capital_jpy,
                life_y=3.0,
                running_jpy_per_y=self.food_running_jpy_per_y,
            ),
            Charge(
                "water kept at home",
                payer="local_tax",
                quantity="extra_home_water_l",
                capital_jpy=self.water_capital_jpy,
                life_y=5.0,
                running_jpy_per_y=self.water_running_jpy_per_y,
            ),
            Charge(
                "energy bank",
                payer="local_tax",
                quantity="bank_kwh",
                capital_jpy=self.bank_capital_jpy,
                life_y=10.0,
                running_jpy_per_y=self.bank_running_jpy_per_y,
            ),
        )
