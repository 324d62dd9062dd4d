"""Households as Mesa agents: each gives access to one row of the population's columns."""

from typing import Any

import mesa
import numpy as np

from agentsim.agents.households.deprivation import NEEDS
from agentsim.agents.households.population import Population


class Column:
    """An attribute that reads and writes one row of a column of the population.

    *part* is the part of the population that holds the column, ``""`` for the population itself; *column* is
    its name there, by default the attribute's own.
    """

    def __init__(self, statement: str, part: str, column: str = "") -> None:
        self.__doc__ = statement
        self.part, self.column = part, column

    def __set_name__(self, owner: type, name: str) -> None:
        self.column = self.column or name

    def values(self, population: Population) -> np.ndarray:
        """The whole column, array (households,)."""
        return getattr(getattr(population, self.part) if self.part else population, self.column)

    def __get__(self, household: "Household | None", owner: type | None = None) -> Any:
        if household is None:
            return self
        return self.values(household.population)[household.row].item()

    def __set__(self, household: "Household", value: Any) -> None:
        self.values(household.population)[household.row] = value


class Household(mesa.Agent):
    """People under one roof. Made when somebody looks; a run without a look pays nothing.

    Whatever is read is the state of the columns now; whatever is written is written there.
    """

    district_index = Column("index of the district", "homes", "district")
    zone = Column("index of the zone", "homes")
    junction = Column("index of the junction whose water it drinks", "homes")
    feeder = Column("index of the feeder that lights it", "homes")
    persons = Column("people", "homes")
    decile = Column("income decile, 0 the poorest", "homes")
    sector = Column("index of the sector in which it works", "homes")
    car = Column("owns a car", "cars", "owned")
    electric_car = Column("the car is electric", "cars", "electric")
    pv_kw = Column("solar panels [kW]", "power")
    battery_kwh = Column("home battery [kWh]", "power")
    soc_kwh = Column("energy in the battery [kWh]", "power")
    food_days = Column("food at home [d]", "larder")
    home_water_l = Column("drinking water at home [L]", "larder")
    bank_kwh = Column("account at the energy bank [kWh]", "power")
    trust = Column("trust in institutions, 0 to 1", "")
    deprivation_h = Column("weighted deprivation-hours a head since the start", "hardship")
    bill_jpy = Column("bills since the start [JPY]", "")

    def __init__(self, model: mesa.Model, population: Population, row: int) -> None:
        super().__init__(model)
        self.population = population
        self.row = row

    @property
    def district(self) -> str:
        """Name of the municipality it lives in."""
        return self.model.place.districts.name[self.district_index]

    @property
    def clocks_h(self) -> dict[str, float]:
        """Hours it has gone without each need."""
        return {need: float(self.population.hardship.clock_h[i, self.row]) for i, need in enumerate(NEEDS)}


class Prosumer(Household):
    """A household with solar panels or a battery: it stores, sells its surplus and holds out in the dark."""

    charge_kw = Column("into the battery this hour [kW]", "power")
    discharge_kw = Column("out of the battery this hour [kW]", "power")
    offered_kw = Column("offered to the grid this hour [kW]", "power")


def household_agents(model: mesa.Model, population: Population) -> list[Household]:
    """A Mesa agent for every row, prosumers as such, in the order of the rows."""
    prosumes = population.power.prosumes
    return [
        (Prosumer if prosumes[row] else Household)(model, population, row) for row in range(len(population))
    ]
