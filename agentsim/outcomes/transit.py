"""Outcomes of public transport: cost, crowding, service, subsidy, and who can reach work without a car."""

from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_YEAR
from agentsim.outcomes.record import Record, outcome, share

_UNDEFINED = float("nan")


@outcome("JPY/km", "Cost of bus travel per passenger-km", "バスの運行費用(1人キロあたり)")
def transit_cost_jpy_per_pkm(record: Record) -> float:
    """Wages, fuel and upkeep of the bus lines per kilometre that a passenger rode. It is undefined where
    buses have no lines (bus_lines.lines = 0) or nobody rode.
    """
    return share(record.total("transit_cost_jpy"), record.total("transit_person_km"), empty=_UNDEFINED)


@outcome("1", "Crowding of buses", "バスの混雑率", kind="share")
def transit_crowding_frac(record: Record) -> float:
    """Passengers over places in the bus, as a passenger meets it: mean over passenger-kilometres. It is
    undefined where buses have no lines or nobody rode.
    """
    return share(record.total("transit_crowded_km"), record.total("transit_person_km"), empty=_UNDEFINED)


@outcome("persons", "Passengers who found no room or no bus", "満員・運休でバスに乗れなかった人数")
def transit_left_persons(record: Record) -> float:
    """People who came to a bus stop and could not ride, because the bus was full, had no fuel, or its road
    was closed in this hour.
    """
    return record.total("transit_left_persons")


@outcome("h/d", "Bus service", "バスの運行時間(1日あたり)", better=1)
def transit_bus_h_per_day(record: Record) -> float:
    """Hours that buses are on the road by the timetable, all buses together, per day; mean over the run. It
    is 0 where buses have no lines.
    """
    return record.mean("transit_bus_h") * HOURS_PER_DAY


@outcome("1/h", "Buses an hour in the peak", "バスの運行本数(ピーク時、1時間あたり)", better=1)
def transit_frequency_per_h(record: Record) -> float:
    """Buses an hour and way in the peak by the timetable at the end of the run, mean over lines; a closed
    line counts 0. It is undefined where buses have no lines.
    """
    return record.closing.bus_frequency_per_h


@outcome("JPY/y", "Subsidy for buses per household", "バスへの補助金(1世帯・1年あたり)")
def transit_subsidy_jpy_per_household_year(record: Record) -> float:
    """What the city pays to the bus operator per household and year, by a tax that is part of every bill."""
    a_year = record.mean("transit_subsidy_jpy") * HOURS_PER_YEAR
    return a_year / record.closing.households


@outcome("jobs", "Jobs of bus drivers", "バス運転手の雇用", better=1)
def bus_drivers(record: Record) -> float:
    """Full-time drivers whom the timetable employs at the end of the run."""
    return record.closing.bus_drivers


@outcome("1", "Jobs in reach without a car", "車を持たない人が通える職場の割合", better=1, kind="share")
def carless_jobs_reached_frac(record: Record) -> float:
    """Share of the city's jobs that people without a car reach within travel.job_reach_h by bus or on foot at
    8 in the morning; mean over these people and the mornings of the run. It is undefined without a morning.
    """
    return record.closing.carless_jobs_frac


@outcome(
    "1",
    "Jobs in reach without a car, poorest fifth",
    "車を持たない人が通える職場の割合(所得下位20 %)",
    better=1,
    kind="share",
)
def carless_jobs_reached_frac_poorest(record: Record) -> float:
    """As carless_jobs_reached_frac, among the fifth of households with the lowest incomes."""
    return record.closing.carless_jobs_poorest_frac
