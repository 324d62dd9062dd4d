"""Outcomes of the environment."""

from agentsim.outcomes.record import Record, outcome

PETROL_CO2_T_PER_T = 3.1  # 2.32 kg/L over 0.74 kg/L, Japan's Ministry of the Environment [M]


@outcome("t", "CO2", "CO2排出量")
def co2_t(record: Record) -> float:
    """Carbon dioxide of generation that serves the city and of petrol burnt by its cars; what is embodied
    in equipment is left out."""
    return record.total("power_co2_t") + PETROL_CO2_T_PER_T * record.total("road_fuel_t")
