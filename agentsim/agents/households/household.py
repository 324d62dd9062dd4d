"""Households as Mesa agents: each gives access to one row of the population's columns."""

from typing import Any

import mesa
import numpy as np

from agentsim.agents.households.deprivation import NEEDS
from agentsim.agents.households.population import Population
from agentsim.core.agent import Agent


class Column:
    """An attribute that reads and writes one row of a column of the population.

    *part* names the part of the population that holds the column, ``""`` the population itself; *column* is
    the column's name there, by default that of the attribute.
    """

    def __init__(self, meaning: str, part: str, column: str = "") -> None:
        self.__doc__ = meaning
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


class Household(Agent):
    """The people of one home. Agents are made on first access, so that a run that never asks pays nothing.

    Reading an attribute gives the current value of the column; writing changes the column.
    """

    district_index = Column("index of the district", "homes", "district")
    zone = Column("index of the zone", "homes")
    junction = Column("index of the junction that supplies its water", "homes")
    feeder = Column("index of the feeder that supplies its power", "homes")
    persons = Column("people", "homes")
    decile = Column("income decile, 0 the poorest", "homes")
    sector = Column("index of the sector that it works in", "homes")
    car = Column("whether it owns a car", "cars", "owned")
    electric_car = Column("whether its car is electric", "cars", "electric")
    pv_kw = Column("solar panels [kW]", "power")
    battery_kwh = Column("home battery [kWh]", "power")
    soc_kwh = Column("energy in the battery [kWh]", "power")
    food_days = Column("food at home [d]", "larder")
    home_water_l = Column("drinking water at home [L]", "larder")
    bank_kwh = Column("account at the energy bank [kWh]", "power")
    trust = Column("trust in institutions, 0 to 1", "")
    deprivation_h = Column("weighted deprivation-hours a person since the start", "hardship")
    bill_jpy = Column("bills since the start [JPY]", "")

    def __init__(self, model: mesa.Model, population: Population, row: int) -> None:
        super().__init__(model)
        self.population = population
        self.row = row

    @property
    def district(self) -> str:
        """Name of the district that it lives in."""
        return self.model.place.districts.name[self.district_index]

    @property
    def clocks_h(self) -> dict[str, float]:
        """Clock of each need [h]."""
        return {need: float(self.population.hardship.clock_h[i, self.row]) for i, need in enumerate(NEEDS)}


class Prosumer(Household):
    """A household with solar panels or a battery: it stores energy and sells its surplus."""

    charge_kw = Column("charged into the battery this hour [kW]", "power")
    discharge_kw = Column("discharged from the battery this hour [kW]", "power")
    offered_kw = Column("offered to the grid this hour [kW]", "power")


def household_agents(model: mesa.Model, population: Population) -> list[Household]:
    """Mesa agents of all rows, in the order of the rows: prosumers where there are panels or a battery."""
    prosumes = population.power.prosumes
    return [
        (Prosumer if prosumes[row] else Household)(model, population, row) for row in range(len(population))
    ]
