"""Parameters of households: equipment, stocks, use of power and water, and trust."""

from dataclasses import dataclass

from agentsim.core.parameters import parameter


@dataclass(frozen=True)
class HouseholdsParameters:
    """Equipment, stocks, use of power and water, and trust of households."""

    persons_frac: tuple[float, ...] = parameter(
        (0.38, 0.28, 0.17, 0.12, 0.05), "1", "households of 1 to 5 persons, census 2020 Japan", "M", 0, 1
    )
    income_jpy_per_month: tuple[float, ...] = parameter(
        (125e3, 190e3, 235e3, 280e3, 325e3, 375e3, 435e3, 510e3, 620e3, 950e3),
        "JPY/month",
        "household income by decile, order of Japanese surveys",
        "M",
        1,
    )
    size_income_link: float = parameter(
        0.5,
        "1",
        "share of homes whose size follows their income's rank: 1.6 persons in the poorest fifth and 3.1 in "
        "the richest, as in Japan's Comprehensive Survey of Living Conditions (1.5 and 3.1)",
        "M",
        0,
        1,
    )
    load_by_persons: tuple[float, ...] = parameter(
        (1.0, 1.8, 2.1, 2.3, 2.6),
        "1",
        "electricity of homes of 1 to 5 persons over that of one; order of Japan's survey of CO2 from homes "
        "(Ministry of the Environment)",
        "M",
        0.1,
        20,
    )
    load_income_elasticity: float = parameter(
        0.2,
        "1",
        "electricity by income among homes of a size; reviews give 0.2 to 0.4 with size left in",
        "A",
        0,
        2,
    )
    power_shape: tuple[float, ...] = parameter(
        (0.40, 0.35, 0.31, 0.29, 0.29, 0.32, 0.42, 0.52, 0.50, 0.45, 0.43, 0.43)
        + (0.45, 0.44, 0.43, 0.44, 0.50, 0.62, 0.80, 0.95, 1.00, 0.95, 0.78, 0.55),
        "1",
        "hourly load of a home, share of its evening peak",
        "A",
        0,
        2,
    )
    load_spread: float = parameter(0.3, "1", "half-range of the hourly chance in a home's load", "A", 0, 0.9)
    cooling_per_degc: float = parameter(
        0.07,
        "1/degC",
        "load above 24 degC: August a seventh above May and October",
        "A",
        0,
        0.3,
    )
    heating_per_degc: float = parameter(
        0.03, "1/degC", "load below 16 degC; much heat comes from gas and kerosene", "A", 0, 0.3
    )
    peak_temperature_degc: float = parameter(30.0, "degC", "evening of the peak day", "A", 0, 45)
    power_elasticity: float = parameter(-0.13, "1", "short run, Labandeira et al. 2017", "M", -2, 0)
    water_l_per_person_day: float = parameter(284.0, "L/d", "Japan 2015, mechanisms S7", "V2", 20, 1000)
    water_shape: tuple[float, ...] = parameter(
        (0.35, 0.25, 0.20, 0.20, 0.30, 0.60, 1.20, 1.75, 1.70, 1.35, 1.10, 1.00)
        + (1.00, 0.90, 0.85, 0.90, 1.05, 1.30, 1.60, 1.75, 1.70, 1.45, 0.95, 0.55),
        "1",
        "hourly use, share of the mean; peaks 07-09 and 18-21",
        "A",
        0,
        5,
    )
    water_elasticity: float = parameter(-0.4, "1", "Dalhuisen et al. 2003", "M", -2, 0)
    water_floor_l_per_person_day: float = parameter(50.0, "L/d", "no price lowers use further", "M", 0, 300)
    need_power_kw: float = parameter(0.4, "kW", "lifeline of a household, mechanisms S6", "A", 0, 5)
    need_water_l_per_person_day: float = parameter(15.0, "L/d", "survival, Sphere standard", "V", 1, 300)
    need_mobility_frac: float = parameter(0.8, "1", "share of ordinary trips that is needed", "A", 0, 1)
    home_water_ration_l_per_person_day: float = parameter(
        7.5, "L/d", "use of bottles when taps are dry: Sphere's minimum", "V", 0.5, 50
    )
    food_kg_per_person_day: float = parameter(1.0, "kg/d", "food bought; depots plan with it", "M", 0.2, 5)
    stock_income_slope: float = parameter(
        0.08, "1", "stocks at home rise by this share of the median a decile", "A", 0, 0.2
    )
    stock_single_frac: float = parameter(
        0.8, "1", "stock a head of a person who lives alone over that of other homes", "A", 0.01, 2
    )
    roof_frac: float = parameter(0.55, "1", "households with a roof of their own", "M", 0, 1)
    pv_kw: float = parameter(4.5, "kW", "home solar", "M", 0, 50)
    pv_performance: float = parameter(0.8, "1", "losses of a solar system", "M", 0, 1)
    battery_kwh: float = parameter(12.5, "kWh", "NREL ATB 2024 home battery", "V", 0, 100)
    battery_kw: float = parameter(5.0, "kW", "NREL ATB 2024 home battery", "V", 0, 50)
    battery_efficiency: float = parameter(0.85, "1", "round trip", "M", 0.3, 1)
    battery_floor_frac: float = parameter(0.3, "1", "share of the battery kept for a cut", "A", 0, 1)
    car_frac_single: float = parameter(
        0.55,
        "1",
        "persons living alone with the median income who own a car, Japanese regional city",
        "M",
        0,
        0.999,
    )
    car_frac_family: float = parameter(
        0.88, "1", "homes of two and more with the median income that own a car, as above", "M", 0, 0.999
    )
    car_income_weight: float = parameter(
        0.8, "1", "weight of the income's logarithm in the logit of owning a car", "A", 0, 10
    )
    battery_refill_kw: float = parameter(
        1.0, "kW", "from the grid, until the share kept for a cut is restored", "A", 0, 50
    )
    battery_lend_h: float = parameter(
        4.0,
        "h",
        "over which a home sells the energy above its floor to neighbours in an island, as S6",
        "A",
        1,
        72,
    )
    ev_kwh_per_day: float = parameter(3.4, "kWh/d", "21 km at 0.16 kWh/km, mechanisms S8", "M", 0, 50)
    ev_kwh_per_km: float = parameter(
        0.16, "kWh/km", "of the electric cars that a policy brings, mechanisms S8", "M", 0, 2
    )
    ev_battery_kwh: float = parameter(40.0, "kWh", "a small electric car", "M", 5, 200)
    ev_charger_kw: float = parameter(3.0, "kW", "200 V, 15 A", "M", 0.5, 50)
    ev_first_hour: int = parameter(19, "h", "charging begins", "A", 0, 23)
    bank_kw: float = parameter(
        0.15, "kW", "a portable unit lent by the energy bank: light, phone, fan", "A", 0, 5
    )
    bank_income_slope: float = parameter(
        0.0, "1", "accounts at the energy bank rise by this share of the mean a decile", "A", 0, 0.2
    )
    rotation_h: int = parameter(2, "h", "length of a turn of rotating outages", "M", 1, 24)
    trust_start: float = parameter(0.6, "1", "trust in institutions", "A", 0, 1)
    trust_gain_per_day: float = parameter(0.02, "1/d", "mechanisms S15", "A", 0, 1)
    trust_loss_per_day: float = parameter(0.06, "1/d", "mechanisms S15", "A", 0, 1)
