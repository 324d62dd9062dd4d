"""The bus operator: it pays drivers and fuel out of fares and a subsidy, and plans the timetable."""

from dataclasses import dataclass

import mesa
import numpy as np

from agentsim.core.agent import Agent
from agentsim.core.messages import BusCosts, BusService
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_MONTH

TINY = 1e-9  # riders x hours: less is nobody, and too small to be divided


@dataclass(frozen=True)
class BusOperatorParameters:
    """Costs of bus lines, and how the timetable follows the budget."""

    driver_jpy_per_bus_h: float = parameter(
        3800.0, "JPY/h", "wages, half of the cost of 450 to 500 JPY/km of Japanese operators", "M", 0, 1e5
    )
    upkeep_jpy_per_bus_h: float = parameter(
        2700.0, "JPY/h", "vehicles, workshop, garage, management; the rest of that cost but fuel", "M", 0, 1e5
    )
    driver_h_per_month: float = parameter(
        120.0, "h", "bus-hours of a full-time driver, rests and ways to the bus apart", "M", 10, 400
    )
    deficit_paid_frac: float = parameter(
        1.0,
        "1",
        "the city's subsidy over the deficit of the first timetable in an ordinary month; the sum is then "
        "fixed, whatever the deficit is later",
        "A",
        0,
        5,
    )
    timetable_days: int = parameter(28, "d", "between revisions of the timetable", "A", 1, 366)
    cut_most_frac: float = parameter(0.3, "1", "of the bus-hours, the most that a revision cuts", "A", 0, 1)
    add_most_frac: float = parameter(
        0.1, "1", "the most that a revision adds: drivers must be found and trained", "A", 0, 1
    )
    balance_frac: float = parameter(
        0.1, "1", "of the account's balance that a revision spends, or of a debt that it pays back", "A", 0, 1
    )
    least_per_h: float = parameter(
        0.5, "1/h", "a line that would run less often in the peak is closed, the emptiest first", "A", 0, 20
    )


@dataclass(frozen=True)
class BusContract:
    """What an ordinary month brings under the first timetable."""

    buses: np.ndarray  # (lines,) on the road in the peak
    boardings: np.ndarray  # (lines,) a day
    riders_per_h: float  # mean over all hours of the week
    cost_jpy_per_h: float
    subsidy_jpy_per_h: float
    parameters: BusOperatorParameters

    def costs(self, buses: BusService, fuel_jpy_per_t: float, power_jpy_per_kwh: float) -> BusCosts:
        """What an hour costs, by the timetable: drivers are paid whether their bus has fuel or not."""
        p = self.parameters
        return BusCosts(
            wages_jpy=buses.bus_h * p.driver_jpy_per_bus_h,
            fuel_jpy=buses.fuel_t * fuel_jpy_per_t,
            power_jpy=buses.charged_kwh * power_jpy_per_kwh,
            upkeep_jpy=buses.bus_h * p.upkeep_jpy_per_bus_h,
            subsidy_jpy=self.subsidy_jpy_per_h,
        )


def shared_out(
    bus_h: float, boardings: np.ndarray, round_trip_h: np.ndarray, least_per_h: float
) -> np.ndarray:
    """Buses on each line in the peak, array (lines,), together *bus_h* [bus-hours an hour].

    With n buses a line runs n / T times an hour, and its q riders wait T / 2n on the mean. All riders
    together wait least where n is in proportion to sqrt(q T) (square-root rule, Mohring 1972). A line that
    would run less often than *least_per_h* is closed, that with the fewest riders a bus-hour first.

    >>> shared_out(5.0, np.array([100.0, 400.0, 1.0]), np.ones(3), 0.5).round(2).tolist()
    [1.67, 3.33, 0.0]
    """
    open_lines = boardings * round_trip_h > TINY
    while open_lines.any():
        weight = np.sqrt(boardings * round_trip_h) * open_lines
        buses = bus_h * weight / weight.sum()
        if not (buses[open_lines] < least_per_h * round_trip_h[open_lines]).any():
            return buses
        worth = np.where(open_lines, boardings / round_trip_h, np.inf)
        open_lines = open_lines & (np.arange(len(worth)) != int(np.argmin(worth)))
    return np.zeros(len(boardings))


class BusOperator(Agent):
    """Keeps the account of the bus lines and plans the timetable once a month.

    It expects as many riders as in the period before; that they answer to its own timetable it does not
    foresee. What it may spend is the fares of that period, the subsidy, and part of what its account holds:

        bus-hours = (fares + subsidy + balance_frac x balance) / cost of a bus-hour.

    Parameters
    ----------
    round_trip_h : by which lines are planned, array (lines,)
    hours_a_day : bus-hours a day of a bus that is on the road in the peak
    fleet : buses that there are
    revises : whether the timetable ever changes (mechanism ``bus_budget``)
    """

    def __init__(
        self,
        model: mesa.Model,
        *,
        contract: BusContract,
        round_trip_h: np.ndarray,
        hours_a_day: float,
        fleet: float,
        revises: bool,
    ) -> None:
        super().__init__(model)
        self.parameters, self.contract = contract.parameters, contract
        self.buses = contract.buses
        self.closed_lines = 0
        self._round_trip_h, self._hours_a_day, self._fleet = round_trip_h, hours_a_day, fleet
        self._revises = revises
        self._begin_period()

    def _begin_period(self) -> None:
        self._hours, self._fares_jpy, self._costs_jpy, self._bus_h = 0, 0.0, 0.0, 0.0
        self._boardings = np.zeros(len(self.buses))

    @property
    def mean_per_h(self) -> float:
        """Buses an hour and way in the peak, mean over lines."""
        return float((self.buses / self._round_trip_h).mean())

    @property
    def drivers(self) -> float:
        """Full-time drivers of the timetable."""
        bus_h_per_day = float(self.buses.sum()) * self._hours_a_day
        days = HOURS_PER_MONTH / HOURS_PER_DAY
        return bus_h_per_day * days / self.parameters.driver_h_per_month

    def step(self) -> None:
        """Enter the hour before; at the end of a period, plan the next one."""
        last = self.model.last
        if last is None:
            return
        costs, buses = last.sales.buses, last.service.buses
        self._hours += 1
        self._fares_jpy += last.sales.fare_persons * self.model.charter.market.bus_fare_jpy
        self._costs_jpy += costs.wages_jpy + costs.fuel_jpy + costs.power_jpy + costs.upkeep_jpy
        self._bus_h += buses.bus_h
        self._boardings += buses.boardings
        if self._hours >= self.parameters.timetable_days * HOURS_PER_DAY:
            if self._revises and self._bus_h > 0.0:
                self._revise()
            self._begin_period()

    def _revise(self) -> None:
        p, before = self.parameters, self.buses
        balance = self.model.market.balance_jpy.get("transit", 0.0)
        means_jpy = self._fares_jpy + self.contract.subsidy_jpy_per_h * self._hours
        means_jpy += p.balance_frac * balance
        affordable = max(means_jpy, 0.0) / (self._costs_jpy / self._bus_h)
        bus_h = np.clip(
            affordable, (1.0 - p.cut_most_frac) * self._bus_h, (1.0 + p.add_most_frac) * self._bus_h
        )
        peak_buses = min(bus_h / self._bus_h * float(before.sum()), self._fleet)
        self.buses = shared_out(peak_buses, self._boardings, self._round_trip_h, p.least_per_h)
        closed = np.flatnonzero((before > 0.0) & (self.buses <= 0.0))
        self._tell(float(before.sum()), closed)

    def _tell(self, before: float, closed: np.ndarray) -> None:
        """Log the new timetable, if it differs by a hundredth or more, and lines that are closed."""
        log, hour, now = self.model.event_log, self.model.hour, float(self.buses.sum())
        names = self.model.place.bus_lines.name
        for line in closed.tolist():
            log.add(hour, "transit", "bus_operator", "bus_line_closed", line=names[line])
        if abs(now / before - 1.0) >= 0.01:
            what = "bus_service_cut" if now < before else "bus_service_added"
            fields = {name: one * self._hours_a_day for name, one in (("bus_h", now), ("was_bus_h", before))}
            log.add(hour, "transit", "bus_operator", what, **fields)
