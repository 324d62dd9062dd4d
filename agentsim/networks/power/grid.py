"""The power grid of a city: dispatch, load shedding, microgrids, stores and line trips, hour by hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agentsim.core.errors import NotConserved
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import PowerService
from agentsim.core.parameters import parameter
from agentsim.core.units import KW_PER_MW
from agentsim.networks.power.cascade import susceptance_pu
from agentsim.networks.power.city_dispatch import CityDispatch, Values
from agentsim.networks.power.dispatch import BusDispatch, Dispatch
from agentsim.networks.power.hour import GridHour
from agentsim.networks.power.line_trips import LineTrips
from agentsim.networks.power.stores import StoreFleet
from agentsim.networks.power.wiring import Wiring, live_buses, wire
from agentsim.place.cases import CRITICAL, TIERS, Feeders, GridCase, Stores
from agentsim.place.readers.matpower import read_matpower

MW_TOLERANCE = 1e-6
PIECES_ALONE = 10  # linear segments of a quadratic cost in a grid that stands alone


@dataclass(frozen=True)
class PowerParameters:
    """Numbers of the power grid. Values in JPY/kWh have an order: store < reserve < shedding."""

    voll_jpy_per_kwh: float = parameter(
        560.0,
        "JPY/kWh",
        "Matsubara et al. 2025, Energies: residential, sudden, 2 h, summer",
        "V",
        200.0,
        5000.0,
    )
    shed_weight: tuple[float, ...] = parameter(
        (2.0, 1.0, 0.9, 0.6),
        "1",
        "relative value of serving critical, residential, commercial, bulk",
        "A",
        0.5,
        10.0,
    )
    basic_weight: float = parameter(
        1.5, "1", "least relative value of the lifeline part of a load", "A", 0.5, 10.0
    )
    limit_frac: float = parameter(
        0.9,
        "1",
        "share of line ratings that is used; 0.8 for a stressed grid",
        "A",
        0.6,
        1.0,
    )
    trip_frac: float = parameter(
        1.2,
        "1",
        "load over limit at which a line trips on overload",
        "A",
        1.05,
        2.0,
    )
    restoration_h: int = parameter(2, "h", "time until a tripped line is back", "A", 1, 24)
    reserve_minutes: float = parameter(
        10.0,
        "min",
        "time within which reserve must be available",
        "A",
        5.0,
        30.0,
    )
    reserve_penalty_jpy_per_kwh: float = parameter(
        100.0, "JPY/kWh", "price of a MW of reserve missing for an hour", "A", 50.0, 150.0
    )
    store_value_jpy_per_kwh: float = parameter(
        45.0, "JPY/kWh", "planned charging goes on while the price is below this", "A", 10.0, 49.0
    )
    must_run_value_jpy_per_kwh: float = parameter(
        1.0, "JPY/kWh", "negative price at which must-run units are curtailed", "A", 0.1, 10.0
    )
    emergency_frac: float = parameter(
        0.95,
        "1",
        "price of emptying a store in an emergency, over the lowest value of lost load",
        "A",
        0.6,
        0.99,
    )
    store_start_frac: float = parameter(0.5, "1", "charge of every store at the first hour", "A", 0.0, 1.0)
    ration_h: float = parameter(
        4.0, "h", "time that a microgrid's store is to last (mechanisms S6)", "A", 1.0, 72.0
    )
    cost_pieces: int = parameter(4, "1", "linear segments of a quadratic cost curve", "A", 1, 20)

    def values(self) -> Values:
        """The same in JPY/MWh, checked for their order.

        Raises
        ------
        ValueError : charging, reserve, emergency and shedding are not in this order
        """
        emergency = self.emergency_frac * min(self.shed_weight) * self.voll_jpy_per_kwh
        charging, reserve = self.store_value_jpy_per_kwh, self.reserve_penalty_jpy_per_kwh
        if not charging < reserve < emergency:
            raise ValueError(
                "power: store_value_jpy_per_kwh < reserve_penalty_jpy_per_kwh < emergency_frac x smallest "
                f"shed_weight x voll_jpy_per_kwh must hold, but they are {charging}, {reserve}, {emergency}; "
                "raise the value of lost load or lower the penalty"
            )
        return Values(
            voll=self.voll_jpy_per_kwh * KW_PER_MW,
            must_run=self.must_run_value_jpy_per_kwh * KW_PER_MW,
            charging=charging * KW_PER_MW,
            reserve=reserve * KW_PER_MW,
            emergency=emergency * KW_PER_MW,
        )


DEFAULTS = PowerParameters()
ALL_ON = Mechanisms()


class PowerGrid:
    """The grid of a city, or of a MATPOWER case.

    Standing alone, :meth:`dispatch` gives the least-cost dispatch with the load at the buses. In the
    city, every feeder is a leaf bus behind one breaker, every district has a microgrid (tied to its
    feeders only while it is islanded, to its largest transmission bus otherwise), every bus and microgrid
    has a store, possibly of zero size; :meth:`serve` gives one hour.

    Parameters
    ----------
    case : costs in JPY/MWh in the city (any currency for ``dispatch``)
    feeders, districts, stores : what the city adds; rows of ``stores`` are buses, then districts
    mechanisms : without ``storage`` the stores at buses, without ``islanding`` the microgrids behave as if
        they had zero size; without ``cascade`` no line trips on overload
    susceptance : ``"series"`` or ``"textbook"``, see :func:`agentsim.networks.power.cascade.susceptance_pu`

    Notes
    -----
    Minimum outputs hold for slow units on line only: a fast unit may be off within the hour, so the
    relaxation of its on/off choice has no minimum. A pickled grid resumes identically if it was pickled
    after a multiple of 24 hours (the solver then starts afresh anyway).
    """

    def __init__(
        self,
        case: GridCase,
        feeders: Feeders | None = None,
        districts: int = 0,
        stores: Stores | None = None,
        parameters: PowerParameters = DEFAULTS,
        mechanisms: Mechanisms = ALL_ON,
        susceptance: str = "series",
    ) -> None:
        self.case, self.districts = case, districts
        self.parameters, self.mechanisms = parameters, mechanisms
        self._susceptance_pu = susceptance_pu(case, susceptance)
        self._alone: tuple[float, BusDispatch] | None = None
        if feeders is not None:
            self.feeders = feeders
            self._install(stores or Stores.none(len(case.bus_id), districts))
            self._begin()

    @classmethod
    def from_matpower(cls, path: str | Path, susceptance: str = "series") -> "PowerGrid":
        """The grid of a MATPOWER case file; see :func:`agentsim.place.readers.matpower.read_matpower`."""
        return cls(read_matpower(path), susceptance=susceptance)

    def dispatch(
        self,
        load_mw: np.ndarray | None = None,
        out_of_service_lines: Sequence[int] = (),
        voll_per_mwh: float = 1e4,
    ) -> Dispatch:
        """Least-cost dispatch of the grid by itself: full line ratings, all units on line.

        Parameters
        ----------
        load_mw : array (buses,); the case's own load if not given
        out_of_service_lines : indices of lines that are out
        voll_per_mwh : cost of a MWh not served, in the currency of the case

        Notes
        -----
        Quadratic costs are cut into 10 linear segments; ``cost`` is the quadratic cost of the dispatch found.
        """
        if self._alone is None or self._alone[0] != voll_per_mwh:
            program = BusDispatch(self.case, self._susceptance_pu, PIECES_ALONE, voll_per_mwh)
            self._alone = voll_per_mwh, program
        out = np.zeros(len(self.case.line_from), dtype=bool)
        out[list(out_of_service_lines)] = True
        load = self.case.bus_load_mw if load_mw is None else np.asarray(load_mw, dtype=float)
        if load.shape != self.case.bus_load_mw.shape:
            raise ValueError(
                f"load_mw has shape {load.shape}; give one value for each of {len(self.case.bus_id)} buses"
            )
        return self._alone[1].dispatch(load, out)

    def _install(self, stores: Stores) -> None:
        """The city's dispatch program, its stores, and what does not change from hour to hour."""
        case, p, feeders = self.case, self.parameters, self.feeders
        buses, units = len(case.bus_id), len(case.unit_bus)
        peak = np.zeros((self.districts, buses))
        np.add.at(peak, (feeders.district, feeders.bus), feeders.peak_mw)
        self._main_bus = peak.argmax(axis=1) if self.districts else np.zeros(0, dtype=np.int64)
        self._limit_mw = case.line_limit_mw * p.limit_frac
        self._city = self._by_tier = self._program()
        self._by_feeder: CityDispatch | None = None  # made when feeders first differ in value
        self._has_microgrid = stores.power_mw[buses:] > 0.0
        at_bus = np.arange(len(stores.power_mw)) < buses
        alive = np.where(at_bus, self.mechanisms.storage, self.mechanisms.islanding)
        self.stores = StoreFleet(stores, buses, alive, p.store_start_frac)
        ramp = case.unit_ramp_mw_per_min
        self._reserve_limit_mw = case.unit_max_mw if ramp is None else ramp * p.reserve_minutes
        self._slow = np.zeros(units, dtype=bool) if case.unit_slow is None else case.unit_slow
        self._fuel_t_per_mwh = _or_zeros(case.unit_fuel_t_per_mwh, units)
        self._co2_t_per_mwh = _or_zeros(case.unit_co2_t_per_mwh, units)

    def _program(self, feeders: Feeders | None = None) -> CityDispatch:
        return CityDispatch(
            self.case,
            susceptance_pu=self._susceptance_pu,
            limit_mw=self._limit_mw,
            main_bus=self._main_bus,
            pieces=self.parameters.cost_pieces,
            values=self.parameters.values(),
            feeders=feeders,
        )

    def _begin(self) -> None:
        """The state before the first hour."""
        self._weights: tuple[float, ...] = ()
        self._turn, self._written_turn = 0, -1
        self._lines = LineTrips(
            self.case,
            self._susceptance_pu,
            self._limit_mw,
            trip_frac=self.parameters.trip_frac,
            restoration_h=self.parameters.restoration_h,
            cascades=self.mechanisms.cascade,
        )
        self._last: PowerService | None = None
        units = len(self.case.unit_bus)
        self._last_reach_mw = np.zeros(units)
        self.able_mw = self.offered_mw = np.zeros(units)  # of the last hour

    def serve(
        self,
        *,
        asked_mw: np.ndarray,
        basic_mw: np.ndarray,
        solar_mw: np.ndarray | None = None,
        power_cut_off_frac: np.ndarray | None = None,
        islanded: np.ndarray | None = None,
        committed: np.ndarray | None = None,
        units_out: np.ndarray | None = None,
        lines_out: np.ndarray | None = None,
        feeders_out: np.ndarray | None = None,
        unit_derating_frac: np.ndarray | None = None,
        fuel_mwh: np.ndarray | None = None,
        store_plan_mw: np.ndarray | None = None,
        shed_weight: np.ndarray | tuple[float, ...] | None = None,
        reserve_mw: float = 0.0,
        stored_mw: np.ndarray | None = None,
        offered_frac: np.ndarray | None = None,
    ) -> PowerService:
        """One hour of the city's grid. What is not given: nothing is out, nothing is ordered.

        Parameters
        ----------
        asked_mw, basic_mw : arrays (feeders,); the basic part is the lifeline within what is asked
        solar_mw : array (feeders,), surplus of homes; used only where the feeder is connected
        power_cut_off_frac : array (districts,), share of each feeder's customers cut off by order
        islanded : bool (districts,). With a microgrid the district runs alone; without one it has no power
        committed, units_out, unit_derating_frac, fuel_mwh : arrays (units,); derating 1 is full output,
            fuel is the energy that the available fuel allows this hour, inf for no limit
        lines_out, feeders_out : bool (lines,), bool (feeders,)
        store_plan_mw : array (stores,), + discharge, - charge; see :meth:`StoreFleet.limits`
        shed_weight : relative value of serving, array (tiers,) or (feeders,), or with two rows for basic
            part and rest; with one row, a basic part is worth at least ``basic_weight``
        reserve_mw : spinning reserve that is required
        stored_mw : array (feeders,), what homes' batteries offer to neighbours; used only where the feeder
            is tied to a microgrid that runs by itself, after solar surplus
        offered_frac : array (units,), share of what it is able to give that each unit's owner offers

        Raises
        ------
        NotConserved : generation, solar surplus and discharge differ from delivery + charge
        """
        tripped = self._lines.begin_hour(lines_out, units_out, self._last, self._last_reach_mw)
        self.able_mw = self._capability(units_out, committed, unit_derating_frac, fuel_mwh)
        self.offered_mw = self.able_mw if offered_frac is None else self.able_mw * offered_frac
        wiring = self._wiring(feeders_out, power_cut_off_frac, islanded)
        reserve_mw = max(reserve_mw, 0.0)
        hour = GridHour.reached(
            wiring,
            asked_mw=np.maximum(asked_mw, 0.0),
            basic_mw=basic_mw,
            solar_mw=_or_zeros(solar_mw, len(self.feeders)),
            stored_mw=stored_mw,
            capability_mw=self.offered_mw,
            slow=self._slow,
        )
        self._write_values(self.parameters.shed_weight if shed_weight is None else shed_weight)
        self._write_bounds(hour, reserve_mw, _or_zeros(store_plan_mw, len(self.stores.power_mw)))
        return self._account(self._city.program.solve(), hour, reserve_mw, tripped)

    def _wiring(
        self,
        feeders_out: np.ndarray | None,
        power_cut_off_frac: np.ndarray | None,
        islanded: np.ndarray | None,
    ) -> Wiring:
        """Which customers a wire reaches this hour, given damage and orders."""
        island, unit_bus = self._lines.island, self.case.unit_bus
        return wire(
            self.feeders,
            main_bus=self._main_bus,
            live=live_buses(island, unit_bus, self.offered_mw, self.stores.ready_mw()[: len(island)]),
            faulted=_or_false(feeders_out, len(self.feeders)),
            power_cut_off_frac=_or_zeros(power_cut_off_frac, self.districts),
            islanded=_or_false(islanded, self.districts),
            has_microgrid=self._has_microgrid,
            islanding=self.mechanisms.islanding,
        )

    def _capability(
        self,
        units_out: np.ndarray | None,
        committed: np.ndarray | None,
        derating_frac: np.ndarray | None,
        fuel_mwh: np.ndarray | None,
    ) -> np.ndarray:
        """What every unit can give this hour [MW], array (units,)."""
        capability = self.case.unit_max_mw * ~_or_false(units_out, len(self.case.unit_bus))
        if committed is not None:
            capability = capability * committed
        if derating_frac is not None:
            capability = capability * derating_frac
        return capability if fuel_mwh is None else np.minimum(capability, fuel_mwh)

    def _write_values(self, shed_weight: np.ndarray | tuple[float, ...]) -> None:
        """Values of serving, when they changed or when another node is to be first (after shedding)."""
        weights = tuple(np.ravel(shed_weight).tolist())
        if weights == self._weights and self._turn == self._written_turn:
            return
        self._weights, self._written_turn = weights, self._turn
        columns = np.shape(shed_weight)[-1]
        if columns == len(TIERS):
            self._city = self._by_tier
        else:
            self._by_feeder = self._by_feeder or self._program(self.feeders)
            self._city = self._by_feeder
        rows = np.reshape(weights, (-1, columns))
        basic = rows[0] if len(rows) == 2 else np.maximum(rows[0], self.parameters.basic_weight)
        self._city.write_values(basic, rows[-1], self._turn)

    def _write_bounds(self, hour: GridHour, reserve_mw: float, plan_mw: np.ndarray) -> None:
        """The hour's load, units, stores and lines, as bounds of the dispatch program."""
        city = self._city
        city.write_load(
            hour.wiring.node,
            self.feeders.tier,
            hour.basic_mw,
            hour.reachable_mw,
            hour.offered_by_homes_mw,
        )
        city.write_units(hour.capability_mw, hour.must_run, self._reserve_limit_mw, reserve_mw)
        if self.stores.any:
            self._write_stores(plan_mw, hour)
        city.grid.write_lines(city.program, self._lines.out)

    def _write_stores(self, plan_mw: np.ndarray, hour: GridHour) -> None:
        """Limits of the stores, given the plan and the critical load on each microgrid."""
        wiring, feeders = hour.wiring, self.feeders
        critical = hour.asked_mw * (wiring.tied & (feeders.tier == CRITICAL))
        critical_mw = np.bincount(feeders.district, critical, self.districts)
        limits = self.stores.limits(
            plan_mw,
            charging=wiring.tie_live | wiring.in_island,
            in_island=wiring.in_island,
            critical_mw=critical_mw,
            ration_h=self.parameters.ration_h,
        )
        self._city.write_stores(limits, self.stores.power_mw[self.stores.buses :] * wiring.tie_live)

    def _account(
        self, x: np.ndarray, hour: GridHour, reserve_mw: float, tripped: tuple[int, ...]
    ) -> PowerService:
        """What the optimum *x* means for people, stores, fuel and money; checks the energy balance."""
        city, grid = self._city, self._city.grid
        wiring, tier = hour.wiring, self.feeders.tier
        delivered = city.delivered_mw(x, wiring.node, tier, hour.basic_mw, hour.reachable_mw)
        unmet = hour.asked_mw - delivered
        restricted = np.minimum(unmet, wiring.cut_off_frac * hour.asked_mw)
        energised = (wiring.reach_frac > 0.0) & (
            (delivered > MW_TOLERANCE) | (hour.reachable_mw <= MW_TOLERANCE)
        )
        used = city.solar_used_mw(x, wiring.node, hour.offered_by_homes_mw)
        from_homes, peer = hour.solar_first(used)
        unused_solar = hour.solar_mw - (from_homes if peer is None else from_homes - peer)
        generation = np.maximum(grid.generation_mw(x), 0.0)
        must_run_curtailed = grid.curtailed_mw(x, hour.capability_mw, hour.must_run)
        gross = generation + must_run_curtailed
        charge = np.maximum(x[city.charge], 0.0)
        discharge = np.maximum(x[city.discharge] + x[city.emergency], 0.0)
        _check_balance(
            supply=float(generation.sum() + from_homes.sum() + discharge.sum()),
            use=float(delivered.sum() + charge.sum()),
        )
        loss = self.stores.move(charge, discharge)
        if (hour.reachable_mw - delivered).sum() > MW_TOLERANCE:
            self._turn += 1
        reserve_short = max(float(x[city.reserve_missing.start]), 0.0)
        self._last_reach_mw = np.minimum(hour.capability_mw, generation + self._reserve_limit_mw)
        self._last = PowerService(
            delivered_mw=delivered,
            shed_mw=unmet - restricted,
            restricted_mw=restricted,
            energised=energised,
            solar_used_mw=from_homes,
            curtailed_mw=float((unused_solar * energised).sum() + must_run_curtailed.sum()),
            generation_mw=generation,
            flow_mw=x[grid.flow],
            price_jpy_per_mwh=city.program.row_dual[grid.bus_rows] / city.scale,
            reserve_mw=reserve_mw - reserve_short,
            reserve_short_mw=reserve_short,
            store_charge_mw=charge,
            store_discharge_mw=discharge,
            store_energy_mwh=self.stores.energy_mwh,
            store_loss_mwh=loss,
            tripped=tripped,
            cost_jpy=grid.cost(gross, gross > MW_TOLERANCE),
            fuel_t=gross * self._fuel_t_per_mwh,
            co2_t=float(gross @ self._co2_t_per_mwh),
            lines_out=self._lines.out,
            energised_to_breaker=hour.wiring.energised_to_breaker,
            peer_mw=peer,
        )
        return self._last


def _check_balance(supply: float, use: float) -> None:
    if not abs(supply - use) <= MW_TOLERANCE * max(1.0, supply):  # so written, nan is caught too
        raise NotConserved(f"power: supply {supply!r} MW and use {use!r} MW differ in one hour")


def _or_zeros(values: np.ndarray | None, count: int) -> np.ndarray:
    return np.zeros(count) if values is None else values


def _or_false(values: np.ndarray | None, count: int) -> np.ndarray:
    return np.zeros(count, dtype=bool) if values is None else values
