"""Limits beyond which the builder of a place has a doubt: ``[doubts]`` of a place.toml."""

from dataclasses import dataclass

from agentsim.core.parameters import parameter


@dataclass(frozen=True)
class DoubtLimits:
    """What an ordinary city keeps to. A doubt says so where a place does not; it forbids nothing."""

    least_pressure_m: float = parameter(
        15.0,
        "m",
        "0.15 MPa, the least that Japan asks for at a connection; one tap in twenty may be below it",
        "M",
        0,
        1000,
    )
    most_pressure_m: float = parameter(
        150.0, "m", "1.5 MPa: mains are ordinarily made for half of it; half of the taps", "A", 1, 10_000
    )
    home_peak_factor: float = parameter(
        1.75,
        "1",
        "busiest hour of homes' use of water over its mean, as in water_shape of [households]",
        "A",
        1,
        10,
    )
    many_zones: int = parameter(60, "1", "with more an hour of traffic takes tens of ms", "A", 2, 400)
    many_lanes: int = parameter(6, "1", "one way: no street of a town has more", "A", 1, 100)
    few_households: int = parameter(
        500, "1", "below it a household is more than 0.2 % of the city", "A", 1, 1_000_000
    )
    high_income_factor: float = parameter(
        4.0, "1", "a district's median over the country's; districts lie well below", "A", 1, 1000
    )
    low_income_factor: float = parameter(
        0.1, "1", "a district's median over the country's; districts lie well above", "A", 0, 1
    )
    same_sum_frac: float = parameter(
        1e-3, "1", "a row within this share of the sum of all others may be their total", "A", 0, 0.1
    )
    water_served_frac: float = parameter(
        0.98, "1", "of the water asked for on an ordinary day; below it a doubt", "A", 0, 1
    )
    power_served_frac: float = parameter(
        0.98, "1", "of the electricity asked for on an ordinary day; below it a doubt", "A", 0, 1
    )
    trips_served_frac: float = parameter(
        0.95, "1", "of the trips asked for on an ordinary day; below it a doubt", "A", 0, 1
    )
    little_stored_frac: float = parameter(
        0.25, "1", "of the water asked for while the works stand still; below it a remark", "A", 0, 1
    )


ORDINARY_LIMITS = DoubtLimits()
