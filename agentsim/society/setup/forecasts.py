"""Builders of what is foreseen: the expected load, the published record, and who forecasts from it."""

import numpy as np

from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_WEEK
from agentsim.institutions.learned_forecast import LearnedForecast
from agentsim.institutions.load_forecast import Forecaster, Method, PerfectForecast, SimilarDay
from agentsim.institutions.load_record import LoadRecord
from agentsim.networks.roads.network import RoadNetwork
from agentsim.society.expected_load import ExpectedLoad
from agentsim.society.outlook import OutlookMaker
from agentsim.society.setup.ground import Ground
from agentsim.society.setup.nature import past_weather, weather_forecasts
from agentsim.society.setup.people import People
from agentsim.society.setup.resources import city_plants


def expected_load(ground: Ground, people: People) -> ExpectedLoad:
    """What calendar, weather and common behaviour make one expect."""
    return ExpectedLoad(
        weather=past_weather(ground),
        population=people.population,
        firms=people.firms,
        calendar=people.calendar,
        behaviour=people.behaviour,
        feeder_district=ground.place.feeders.district,
        wind_mw=ground.equipment.wind_mw,
        plants_mw=_plants_mw(ground),
    )


def _plants_mw(ground: Ground) -> np.ndarray | None:
    """Load of the city's plants of fuel and metals while they run, (districts,) [MW]; None without any."""
    place = ground.place
    plants = city_plants(place, ground.plants, ground.parameters.city_plants)
    if plants is None:
        return None
    return plants.expected_mw(len(place.districts), place.feeders.district)


def usual_load_mw(ground: Ground, expected: ExpectedLoad) -> np.ndarray:
    """Load of the city in the first week, which tariffs and attackers take for ordinary, array (168,)."""
    return ground.once("usual load", lambda: expected.usual_mw(HOURS_PER_WEEK))


def outlook_maker(
    ground: Ground, people: People, roads: RoadNetwork, expected: ExpectedLoad, first_hour: int
) -> OutlookMaker:
    """The maker of each hour's outlook, for a society whose first hour is *first_hour*."""
    return OutlookMaker(
        ground.place,
        population=people.population,
        roads=roads,
        forecaster=forecaster(ground, people, expected, first_hour),
    )


def past_hours(ground: Ground) -> int:
    """Hours of published load before the first hour: those learnt from, and a week and a day to look back."""
    return (ground.parameters.forecast.history_weeks + 1) * HOURS_PER_WEEK + HOURS_PER_DAY


def forecaster(ground: Ground, people: People, expected: ExpectedLoad, first_hour: int) -> Forecaster:
    """Who forecasts the load of a society whose first hour is *first_hour*."""
    hours = past_hours(ground)

    def record() -> LoadRecord:
        return record_of(ground, first_hour - hours, expected.net_mw(first_hour - hours, hours))

    past = ground.once(f"load published before hour {first_hour}", record)
    return forecaster_from(ground, people, past.again(), expected)


def record_of(ground: Ground, first_hour: int, stated_mw: np.ndarray) -> LoadRecord:
    """The published record of stated load from *first_hour* on, array (hours, districts)."""
    return LoadRecord(first_hour, stated_mw, ground.streams, ground.parameters.load_record)


def forecaster_from(
    ground: Ground, people: People, record: LoadRecord, expected: ExpectedLoad | None = None
) -> Forecaster:
    """Who forecasts the load from *record*: by the similar day, unless the charter has it learnt.

    *expected* is what a perfect forecast knows (mechanism ``forecast`` off).
    """
    method = _method(ground, people, expected, record)
    return Forecaster(method, record, ground.parameters.forecast, errs=ground.mechanisms.forecast)


def _method(ground: Ground, people: People, expected: ExpectedLoad | None, record: LoadRecord) -> Method:
    if expected is not None and not ground.mechanisms.forecast:
        return PerfectForecast(record, expected.net_mw, ground.parameters.forecast.level_memory)
    if ground.charter.information.learned_forecast and ground.mechanisms.learned_forecast:
        return _learned(ground, people, record)
    return SimilarDay(record, people.calendar)


def _learned(ground: Ground, people: People, record: LoadRecord) -> LearnedForecast:
    weather, numbers = past_weather(ground), ground.parameters
    foreseen, turbines = weather_forecasts(ground), bool(ground.equipment.wind_mw.any())
    return LearnedForecast(
        record,
        people.calendar,
        seen=weather.rows,
        foreseen=foreseen.ahead,
        wind=(weather.wind_frac, foreseen.wind_ahead) if turbines else None,
        history_h=numbers.forecast.history_weeks * HOURS_PER_WEEK,
        one_for_all=ground.charter.information.one_model_for_all,
        parameters=numbers.learned_forecast,
    )
