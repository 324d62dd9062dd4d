"""Bus lines over the roads: what they offer, whom they carry, and how crowded they are, hour by hour."""

from dataclasses import dataclass, replace

import numpy as np

from agentsim.core.messages import BusOffer, BusService
from agentsim.core.numerics.shares import share
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, KG_PER_T, KW_PER_MW, PETROL_KG_PER_L
from agentsim.networks.roads.bus_paths import Lines, Load, empty_paths, find_paths, put_on
from agentsim.place.cases import BusLines, Place

DETOUR = 1.3  # walking distance over the straight line [M], Newman grids 1.2-1.4


@dataclass(frozen=True)
class TransitParameters:
    """Bus lines: running times, vehicles and crowding."""

    first_headway_h: float = parameter(
        1.0 / 3.0, "h", "between buses in the peak, mean of all lines before the first revision", "A", 0.02, 4
    )
    timetable: tuple[float, ...] = parameter(
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.4, 0.8, 1.0, 1.0, 0.8, 0.7, 0.7)
        + (0.7, 0.7, 0.7, 0.8, 1.0, 1.0, 1.0, 0.8, 0.6, 0.5, 0.3, 0.0),
        "1",
        "buses on the road by hour, share of the peak; order of a Japanese regional city's timetables",
        "A",
        0,
        1,
    )
    stop_h_per_km: float = parameter(0.016, "h/km", "two stops a km, 30 s each", "A", 0, 1)
    layover_frac: float = parameter(0.1, "1", "rest at the terminals, share of the driving time", "M", 0, 1)
    change_h: float = parameter(0.08, "h", "trouble of a change besides waiting, 5 min", "A", 0, 2)
    walk_km_per_h: float = parameter(4.5, "km/h", "to a stop in another zone", "M", 1, 10)
    walk_most_h: float = parameter(0.4, "h", "nobody walks longer to a stop", "A", 0, 3)
    places: float = parameter(70.0, "persons", "a city bus, standing room included", "M", 5, 300)
    seats: float = parameter(28.0, "persons", "of them seats", "M", 0, 300)
    crowded_time_frac: float = parameter(
        1.7,
        "1",
        "an hour in a full bus over one in a bus with free seats; grows evenly from the last seat taken to "
        "the last place, and on beyond it. Order of the review by Wardman & Whelan 2011",
        "M",
        1,
        5,
    )
    crowding_memory: float = parameter(
        0.7, "1", "weight of earlier days in the crowding that riders expect at an hour", "A", 0, 0.999
    )
    spare_frac: float = parameter(0.1, "1", "buses in the garage besides those of the peak", "M", 0, 1)
    fuel_l_per_km: float = parameter(0.35, "L/km", "diesel bus in town, 2.9 km/L", "M", 0, 5)
    electric_frac: float = parameter(0.0, "1", "share of the buses that are electric", "A", 0, 1)
    kwh_per_km: float = parameter(1.2, "kWh/km", "electric city bus with heating", "M", 0, 5)
    battery_kwh: float = parameter(250.0, "kWh", "usable, of an electric bus", "M", 1, 2000)
    charger_kw: float = parameter(60.0, "kW", "for each electric bus in the garage", "M", 1, 1000)


class BusNetwork:
    """Bus lines of a place under a timetable.

    ``buses`` (lines,) are on the road in the peak; :meth:`set_timetable` changes them. The buses of a line
    run as often as traffic lets them: buses an hour and way = buses / time of a round trip. ``round_trip_h``
    and ``round_trip_km`` (lines,) are those on empty roads, by which a timetable is planned.
    """

    def __init__(self, place: Place, parameters: TransitParameters | None = None) -> None:
        assert place.bus_lines is not None
        self.parameters = p = parameters or TransitParameters()
        self.case: BusLines = place.bus_lines
        self._zones, stops = len(place.zone_x_km), len(self.case.stop_zone)
        self._served, row = np.unique(self.case.stop_zone, return_inverse=True)
        self._lines = _lines_of(self.case, place.roads.link_length_km, row.ravel())
        self._line_of_stop = np.repeat(np.arange(len(self.case)), np.diff(self.case.first_stop))
        zone_row, walk_h = _nearest_stop(place, self._served, p)
        self._pair = (zone_row[:, None] * len(self._served) + zone_row).ravel()  # rows of a pair of zones
        self._walk_both_h = walk_h[:, None] + walk_h
        self._segment_at, self._segment_link = _links_of_segments(self.case)
        self._rest_h = p.stop_h_per_km * self._lines.km
        self._paths, self._sum_h = empty_paths(len(self._served)), np.empty((len(self._served),) * 2)
        self._load = Load(np.zeros((2, stops)), np.zeros(len(self.case)))
        self._all_room = np.ones((2, stops))
        self.expected_load_frac = np.zeros(
            (HOURS_PER_DAY, 2, stops)
        )  # persons over places, by riders' memory
        self.round_trip_h = self._round_h(self._segment_h(place.roads.link_free_time_h))
        self.round_trip_km = np.add.reduceat(self._lines.km.sum(axis=0), self.case.first_stop[:-1])
        self.set_timetable(self.round_trip_h / p.first_headway_h)
        self.fleet = float(self.buses.sum()) * (1.0 + p.spare_frac)
        self.stored_kwh = self._full_kwh = self.fleet * p.electric_frac * p.battery_kwh

    def __len__(self) -> int:
        return len(self.case)

    def set_timetable(self, buses: np.ndarray) -> None:
        """Put so many buses on each line in the peak, array (lines,)."""
        self.buses = np.asarray(buses, dtype=float)

    @property
    def hours_a_day(self) -> float:
        """Bus-hours a day of each bus that is on the road in the peak."""
        return float(sum(self.parameters.timetable))

    def planned_fuel_t(self, hour: int) -> float:
        """Fuel of the diesel buses for the timetable of an hour [t]."""
        p = self.parameters
        litres = self._planned_km(hour) * (1.0 - p.electric_frac) * p.fuel_l_per_km
        return litres * PETROL_KG_PER_L / KG_PER_T

    def _planned_km(self, hour: int) -> float:
        """Distance of all buses by the timetable of an hour, on empty roads."""
        km_per_h = float(self.buses @ (self.round_trip_km / self.round_trip_h))
        return km_per_h * self.parameters.timetable[hour % HOURS_PER_DAY]

    def planned_kwh(self, hour: int) -> float:
        """Energy of the electric buses for the timetable of an hour."""
        return self._planned_km(hour) * self.parameters.electric_frac * self.parameters.kwh_per_km

    def _driven_kwh(self, hour: int) -> float:
        return min(self.planned_kwh(hour), self.stored_kwh)

    def running_frac(self, hour: int, fuel_frac: float) -> float:
        """Share of the buses of an hour that can run, where *fuel_frac* of the diesel buses have fuel."""
        electric, needed_kwh = self.parameters.electric_frac, self.planned_kwh(hour)
        charged_frac = min(self.stored_kwh / needed_kwh, 1.0) if needed_kwh > 0.0 else 1.0
        return (1.0 - electric) * fuel_frac + electric * charged_frac

    def charge_asked_mw(self, hour: int) -> float:
        """Load of the garage: its electric buses charge until they are full."""
        p = self.parameters
        parked = self.fleet - float(self.buses.sum()) * p.timetable[hour % HOURS_PER_DAY]
        room_kwh = self._full_kwh - self.stored_kwh + self._driven_kwh(hour)
        return max(min(room_kwh, parked * p.electric_frac * p.charger_kw), 0.0) / KW_PER_MW

    def charge(self, hour: BusService, charged_kwh: float) -> BusService:
        """The hour *hour* with what the garage's feeder delivered to the electric buses."""
        self.stored_kwh += charged_kwh
        return replace(hour, charged_kwh=charged_kwh, stored_kwh=self.stored_kwh)

    def _segment_h(self, link_time_h: np.ndarray) -> np.ndarray:
        """Riding time of each segment, stops included, array (2, stops); inf where a link is closed."""
        time_h = np.empty_like(self._rest_h)
        for way in range(2):
            run_h = np.concatenate([link_time_h[self._segment_link[way]], [0.0]])
            time_h[way] = np.add.reduceat(run_h, self._segment_at[way])
        time_h[:, self.case.first_stop[1:] - 1] = 0.0  # the last stop of a line has no segment
        return time_h + self._rest_h

    def _by_line(self, rows: np.ndarray) -> np.ndarray:
        """Both ways of all segments added up by line: (2, stops) to (lines,)."""
        return np.add.reduceat(rows.sum(axis=0), self.case.first_stop[:-1])

    def _round_h(self, segment_h: np.ndarray) -> np.ndarray:
        """Time of a round trip over the open part of each line, rest included, array (lines,)."""
        open_h = np.where(np.isfinite(segment_h), segment_h, 0.0).sum(axis=0)
        return np.add.reduceat(open_h, self.case.first_stop[:-1]) * (1.0 + self.parameters.layover_frac)

    def _per_h(self, hour: int, segment_h: np.ndarray, running_frac: float) -> np.ndarray:
        """Buses an hour and way on each line, array (lines,)."""
        out = self.buses * self.parameters.timetable[hour % HOURS_PER_DAY] * running_frac
        round_h = self._round_h(segment_h)
        return np.divide(out, round_h, out=np.zeros(len(out)), where=round_h > 0.0)

    def _weighed_h(self, hour: int, segment_h: np.ndarray) -> np.ndarray:
        """Riding time weighed by the crowding that riders expect, array (2, stops)."""
        p = self.parameters
        standing = self.expected_load_frac[hour % HOURS_PER_DAY] - p.seats / p.places
        room = max(1.0 - p.seats / p.places, 1e-9)
        return segment_h * (1.0 + (p.crowded_time_frac - 1.0) * np.maximum(standing / room, 0.0))

    def _find(self, ride_h: np.ndarray, per_h: np.ndarray) -> np.ndarray:
        """Finds the quickest ways; time of trips from door to door, array (zones, zones) [h]."""
        find_paths(self._lines, ride_h, per_h, float(self.parameters.change_h), self._sum_h, self._paths)
        trip_h = self._paths.trip_h.ravel()[self._pair].reshape(self._zones, self._zones)
        return trip_h + self._walk_both_h

    def offer(
        self, hour: int, link_time_h: np.ndarray, fuel_frac: float = 1.0, *, crowding: bool = True
    ) -> BusOffer:
        """What the lines offer at *hour* on roads with these times, array (links,); inf: closed.

        *fuel_frac* of the diesel buses have fuel; *crowding* False gives times by the clock.
        """
        running_frac = self.running_frac(hour, fuel_frac)
        segment_h = self._segment_h(link_time_h)
        ride_h = self._weighed_h(hour, segment_h) if crowding else segment_h
        return BusOffer(self._find(ride_h, self._per_h(hour, segment_h, running_frac)))

    def serve(
        self,
        hour: int,
        persons: np.ndarray,
        link_time_h: np.ndarray,
        fuel_frac: float = 1.0,
        memory: float | None = None,
    ) -> BusService:
        """One hour: carry *persons* (zones, zones) who came to the stops, as far as there is room.

        Whoever finds no room, or no way because a road is closed, does not travel this hour. *memory* is the
        weight of earlier days in the crowding that riders expect; None: as in the parameters.
        """
        running_frac = self.running_frac(hour, fuel_frac)
        segment_h = self._segment_h(link_time_h)
        ride_h, per_h = self._weighed_h(hour, segment_h), self._per_h(hour, segment_h, running_frac)
        can = np.isfinite(self._find(ride_h, per_h))
        places = self.parameters.places * per_h[self._line_of_stop]
        weights, rows = np.where(can, persons, 0.0).ravel(), len(self._served)
        asked = np.bincount(self._pair, weights, rows * rows).reshape(rows, rows)
        self._put_on(ride_h, per_h, asked, self._all_room)
        wanted = self._load.persons.copy()
        room = np.divide(places, wanted, out=np.ones_like(wanted), where=wanted > places)
        carried = np.where(can, persons, 0.0)
        if (room < 1.0).any():
            frac = self._put_on(ride_h, per_h, asked, room)
            self._put_on(ride_h, per_h, asked * frac, self._all_room)
            carried = carried * frac.ravel()[self._pair].reshape(carried.shape)
        self._remember(hour, wanted, places, self.parameters.crowding_memory if memory is None else memory)
        told = self._told(hour, running_frac, per_h, places, persons, carried, can)
        if memory is None:
            self.stored_kwh = told.stored_kwh
        return replace(told, fuel_t=self.planned_fuel_t(hour) * fuel_frac)

    def _put_on(
        self, ride_h: np.ndarray, per_h: np.ndarray, persons: np.ndarray, room: np.ndarray
    ) -> np.ndarray:
        """Fills the load; share of the passengers between rows who have room, array (rows, rows)."""
        frac = np.empty_like(persons)
        put_on(self._lines, ride_h, per_h, self._paths, room, persons, frac, self._load)
        return frac

    def _remember(self, hour: int, wanted: np.ndarray, places: np.ndarray, memory: float) -> None:
        """Riders learn how crowded each part of a line is at this hour of the day."""
        seen = np.divide(wanted, places, out=np.zeros_like(wanted), where=places > 0.0)
        expected = self.expected_load_frac[hour % HOURS_PER_DAY]
        expected *= memory
        expected += (1.0 - memory) * seen

    def _told(
        self,
        hour: int,
        running_frac: float,
        per_h: np.ndarray,
        places: np.ndarray,
        persons: np.ndarray,
        carried: np.ndarray,
        can: np.ndarray,
    ) -> BusService:
        """The hour in numbers."""
        p, load = self.parameters, self._load.persons
        person_km = load * self._lines.km
        load_frac = np.divide(load, places, out=np.zeros_like(load), where=places > 0.0)
        out = float(self.buses.sum()) * p.timetable[hour % HOURS_PER_DAY]
        bus_km = float((per_h[self._line_of_stop] * self._lines.km).sum())
        asked, arrived, cut = float(persons.sum()), float(carried.sum()), float(persons[~can].sum())
        whole = float(person_km.sum())
        crowded_km, ridden_km = (self._by_line(rows) for rows in (person_km * load_frac, person_km))
        driven_kwh = self._driven_kwh(hour)
        return BusService(
            carried_persons=carried,
            asked=asked,
            carried=arrived,
            left=float((persons - carried)[can].sum()),
            cut=cut,
            person_km=whole,
            bus_km=bus_km,
            bus_h=out,
            fuel_t=self.planned_fuel_t(hour),
            crowding_frac=float((person_km * load_frac).sum()) / whole if whole > 0.0 else 0.0,
            per_h=per_h,
            boardings=self._load.boardings.copy(),
            line_crowding_frac=share(crowded_km, ridden_km),
            buses_fleet=self.fleet,
            buses_out=out * running_frac,
            buses_stopped=out * (1.0 - running_frac),
            buses_garage=self.fleet - out,
            driven_kwh=driven_kwh,
            charged_kwh=0.0,
            stored_kwh=self.stored_kwh - driven_kwh,
        )


def _lines_of(case: BusLines, length_km: np.ndarray, row: np.ndarray) -> Lines:
    """The lines as the kernels read them; *row* of each stop's zone."""
    stop_at = np.full((len(case), int(row.max(initial=-1)) + 1), -1, dtype=np.int64)
    km = np.zeros((2, len(row)))
    for line in range(len(case)):
        for stop in range(case.first_stop[line], case.first_stop[line + 1]):
            stop_at[line, row[stop]] = stop
            for way in range(2):
                km[way, stop] = length_km[case.links(way, stop)].sum()
    return Lines(np.asarray(case.first_stop), row.astype(np.int64), stop_at, km)


def _links_of_segments(case: BusLines) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """By way: where the links of each segment begin, array (stops,), and all links, row after row."""
    ends = case.first_link[:, -1]
    return [case.first_link[way, :-1] for way in range(2)], [case.link[way, : ends[way]] for way in range(2)]


def _nearest_stop(place: Place, served: np.ndarray, p: TransitParameters) -> tuple[np.ndarray, np.ndarray]:
    """Row of the stop that each zone uses, and the walk to it, arrays (zones,) [h]; inf: too far.

    A zone with a stop has no walk: the way to it within the zone is in the bus's constant of the choice.
    """
    dx = place.zone_x_km[:, None] - place.zone_x_km[served]
    dy = place.zone_y_km[:, None] - place.zone_y_km[served]
    walk_h = DETOUR * np.hypot(dx, dy) / p.walk_km_per_h
    walk_h[served, np.arange(len(served))] = 0.0
    row = walk_h.argmin(axis=1)
    nearest_h = walk_h.min(axis=1)
    return row, np.where(nearest_h <= p.walk_most_h, nearest_h, np.inf)
