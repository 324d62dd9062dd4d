"""An ordinary day in a city that was just built: what people there would meet before anything goes wrong.

The day is that of the year's largest load, without attacker and without random failures. After it the power
fails for half a day at all treatment works and pumps, which shows how long the tanks last.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from agentsim.core.calendar import Calendar
from agentsim.core.errors import NotConserved, NotSolved
from agentsim.core.units import HOURS_PER_DAY
from agentsim.place.build import Built
from agentsim.place.cases import Place
from agentsim.place.doubt_limits import ORDINARY_LIMITS, DoubtLimits
from agentsim.place.doubts import doubts
from agentsim.scenario.file import Scenario
from agentsim.society.society import Society
from agentsim.society.stages import STAGES, Draft, Stage, nature, stage

HOUSEHOLDS = 300  # simulated; each stands for many
DARK_H = 12
YEAR = 2030  # any one


@dataclass(frozen=True)
class OrdinaryDay:
    """What was served in the day, and while the works stood still, as shares of what was asked."""

    day: str  # date
    water_frac: float
    power_frac: float
    trips_frac: float
    pressure_m: float  # lowest at a tap with customers in the day
    pressure_junction: str
    pressure_hour: int
    dark_water_frac: float
    fault: str = ""  # why the day could not be lived to its end


def scenario_of(place: Mapping[str, Any], hours: int, households: int = HOUSEHOLDS) -> Scenario:
    """An ordinary time in a city: *place* holds keys of the scenario's table ``[place]``."""
    keys = {f"place.{name}": value for name, value in place.items()}
    return Scenario().with_changes({"hours": hours, "place.households": households} | keys, facing=())


def peak_day(place: Place) -> date:
    """The day of the year's largest load in the place's own load shape, the first of equals."""
    calendar, days = Calendar(date(YEAR, 1, 1)), range(0, 365 * HOURS_PER_DAY, HOURS_PER_DAY)
    highest = place.load_shape.max(axis=2)
    return calendar.date(max(days, key=lambda hour: highest[calendar.week(hour), calendar.weekday(hour)]))


def live_a_day(place: Mapping[str, Any]) -> OrdinaryDay:
    """Lives the day and the dark half day after it; *place* as in :func:`scenario_of`.

    Raises
    ------
    InvalidScenario, UnbuildablePlace : the city cannot be built
    """
    scenario = scenario_of(place, HOURS_PER_DAY + DARK_H)
    city = scenario.build_place()
    scenario = scenario.with_changes(
        {"start": peak_day(city), "mechanisms.failures": False, "mechanisms.forecast": False}, facing=()
    )
    society = Society(scenario, attacker="none", stages=_stages(city))
    lowest, fault = (np.inf, "", 0), ""
    try:
        for hour in range(scenario.hours):
            society.step()
            if hour < HOURS_PER_DAY:
                lowest = min(lowest, _lowest_pressure(society, hour))
    except (NotConserved, NotSolved) as error:
        said = str(error).splitlines()[0]
        fault = said if said.startswith("hour ") else f"hour {society.hour}: {said}"
    return _told(society, lowest, fault)


def _stages(place: Place) -> tuple[Stage, ...]:
    """The stages of an hour, the first of which fails the feeders of works and pumps after the day."""
    dark = np.zeros(len(place.feeders), dtype=bool)
    dark[np.concatenate([place.water.source_feeder, place.water.pump_feeder])] = True

    @stage("place", reads="", writes="weather damage")
    def nature_and_outage(society: Society, now: Draft) -> None:
        """The weather; once the ordinary day is over, no power at treatment works and pumps."""
        nature.act(society, now)
        if now.number >= HOURS_PER_DAY:
            now.damage = replace(now.damage, feeders_out=now.damage.feeders_out | dark)

    return tuple(nature_and_outage if one is nature else one for one in STAGES)


def _lowest_pressure(society: Society, hour: int) -> tuple[float, str, int]:
    """Lowest pressure at a tap where water was asked: pressure [m], junction and hour."""
    assert society.last is not None
    case, service = society.place.water, society.last.service.water
    taps = np.where(case.junction_demand_m3_per_h > 0, service.pressure_m, np.inf)
    at = int(np.argmin(taps))
    return float(taps[at]), case.junction_id[at], hour


def _told(society: Society, lowest: tuple[float, str, int], fault: str) -> OrdinaryDay:
    by_district, city, lived = society.record.at, society.record.city, society.record.lived
    day, dark = slice(0, min(lived, HOURS_PER_DAY)), slice(min(lived, HOURS_PER_DAY), lived)

    def served(asked: np.ndarray, missing: np.ndarray, hours: slice) -> float:
        whole = float(asked[hours].sum())
        return 1.0 - float(missing[hours].sum()) / whole if whole > 0 else 1.0

    water = (by_district["water_asked_m3"], by_district["water_unserved_m3"])
    return OrdinaryDay(
        day=society.setting.start.isoformat(),
        water_frac=served(*water, day),
        power_frac=served(by_district["power_asked_mwh"], by_district["power_unserved_mwh"], day),
        trips_frac=served(city["trips_asked_veh"], city["trips_stranded_veh"], day),
        pressure_m=lowest[0],
        pressure_junction=lowest[1],
        pressure_hour=lowest[2],
        dark_water_frac=served(*water, dark),
        fault=fault,
    )


def doubts_of_day(day: OrdinaryDay, limits: DoubtLimits = ORDINARY_LIMITS) -> list[str]:
    """What of the day speaks against living in the city, each with what to do."""
    said = []
    if day.fault:
        said.append(
            f"an ordinary day could not be lived to its end ({day.fault}): run the water file in EPANET and "
            "mend what it warns of there"
        )
    if day.water_frac < limits.water_served_frac:
        said.append(
            f"on an ordinary day {100 * (1 - day.water_frac):.1f} % of the water asked for is missing; "
            f"lowest pressure {day.pressure_m:.4g} m at junction {day.pressure_junction} in hour "
            f"{day.pressure_hour}: check diameters, pumps and the yields under [sources], or lower the "
            "demands"
        )
    if day.power_frac < limits.power_served_frac:
        said.append(
            f"on an ordinary day {100 * (1 - day.power_frac):.1f} % of the electricity asked for is missing: "
            "add units or raise branch ratings, or lower numbers.peak_mw"
        )
    if day.trips_frac < limits.trips_served_frac:
        said.append(
            f"on an ordinary day {100 * (1 - day.trips_frac):.1f} % of the trips find no way: check that the "
            "roads join all zones"
        )
    return said


def all_doubts(built: Built, day: OrdinaryDay) -> list[str]:
    """Doubts about what was built, and about what was lived."""
    return doubts(built) + doubts_of_day(day, built.given.doubt_limits)


def as_text(day: OrdinaryDay, limits: DoubtLimits = ORDINARY_LIMITS) -> str:
    """The day in some lines."""
    more = ""
    if day.dark_water_frac < limits.little_stored_frac:
        more = "        hardly any water is stored; if the real network has more tanks, add them\n"
    return (
        f"Lived   24 ordinary hours ({day.day}, the peak day): served {100 * day.water_frac:.1f} % of water, "
        f"{100 * day.power_frac:.1f} % of electricity, {100 * day.trips_frac:.1f} % of trips\n"
        f"        lowest pressure {day.pressure_m:.4g} m (junction {day.pressure_junction}, hour "
        f"{day.pressure_hour}); then {DARK_H} hours without power at works and pumps: "
        f"{100 * day.dark_water_frac:.0f} % of water\n"
    ) + more


def as_data(day: OrdinaryDay) -> dict[str, Any]:
    """The day as plain data."""
    return asdict(day)
