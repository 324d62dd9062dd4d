"""A household as a Mesa agent: a face on one row of the population's columns."""

from typing import Any

import mesa

from agentsim.agents.households.deprivation import NEEDS
from agentsim.agents.households.population import Population


class Column:
    """An attribute that reads and writes one row of a column of the population, of its own name or *of*."""

    def __init__(self, statement: str, of: str = "") -> None:
        self.__doc__ = statement
        self.name = of

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name

    def __get__(self, household: "Household | None", owner: type | None = None) -> Any:
        if household is None:
            return self
        return getattr(household.population, self.name)[household.row].item()

    def __set__(self, household: "Household", value: Any) -> None:
        getattr(household.population, self.name)[household.row] = value


class Household(mesa.Agent):
    """People under one roof. Made when somebody looks; a run without a look pays nothing.

    Whatever is read is the state of the columns now; whatever is written is written there.
    """

    district_index = Column("index of the district", of="district")
    zone = Column("index of the zone")
    junction = Column("index of the junction whose water it drinks")
    feeder = Column("index of the feeder that lights it")
    persons = Column("people")
    decile = Column("income decile, 0 the poorest")
    sector = Column("index of the sector in which it works")
    car = Column("owns a car")
    electric_car = Column("the car is electric")
    pv_kw = Column("solar panels [kW]")
    battery_kwh = Column("home battery [kWh]")
    soc_kwh = Column("energy in the battery [kWh]")
    food_days = Column("food at home [d]")
    home_water_l = Column("drinking water at home [L]")
    bank_kwh = Column("account at the energy bank [kWh]")
    trust = Column("trust in institutions, 0 to 1")
    deprivation_h = Column("weighted deprivation-hours a head since the start")
    bill_jpy = Column("bills since the start [JPY]")

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
        return {need: float(self.population.clock_h[i, self.row]) for i, need in enumerate(NEEDS)}


class Prosumer(Household):
    """A household with solar panels or a battery: it stores, sells its surplus and holds out in the dark."""

    charge_kw = Column("into the battery this hour [kW]")
    discharge_kw = Column("out of the battery this hour [kW]")
    offered_kw = Column("offered to the grid this hour [kW]")


def faces(model: mesa.Model, population: Population) -> list[Household]:
    """A face for every row, prosumers as such, in the order of the rows."""
    prosumes = population.prosumes
    return [
        (Prosumer if prosumes[row] else Household)(model, population, row) for row in range(len(population))
    ]
