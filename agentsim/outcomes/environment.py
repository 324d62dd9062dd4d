"""Outcomes of the environment."""

from agentsim.outcomes.record import Record, outcome

PETROL_CO2_T_PER_T = 3.1  # 2.32 kg/L over 0.74 kg/L, Japan's Ministry of the Environment [M]


@outcome("t", "CO2", "CO2排出量")
def co2_t(record: Record) -> float:
    """Carbon dioxide from the generation that serves the city and from the petrol that its cars burn.
    Emissions from making equipment are left out. What the city's own plants of fuel add or spare
    (see resource_co2_t) is counted.
    """
    burnt_t = record.total("power_co2_t") + PETROL_CO2_T_PER_T * record.total("road_fuel_t")
    return burnt_t + record.total("plants_co2_t")
