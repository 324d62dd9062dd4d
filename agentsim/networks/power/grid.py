"""The power grid: dispatch, load shedding, microgrids, stores and cascades of one city, hour by hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agentsim.core.errors import NotConserved
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import PowerService
from agentsim.core.parameters import parameter
from agentsim.core.units import KW_PER_MW
from agentsim.networks.power.cascade import cascade, islands, susceptance_pu
from agentsim.networks.power.city_dispatch import CityDispatch, Values
from agentsim.networks.power.dispatch import BusDispatch, Dispatch
from agentsim.networks.power.stores import StoreFleet
from agentsim.networks.power.wiring import Wiring, live_buses, wire
from agentsim.place.cases import CRITICAL, TIERS, Feeders, GridCase, Stores
from agentsim.place.readers.matpower import read_matpower

MW_TOLERANCE = 1e-6
PIECES_ALONE = 10  # straight pieces of a quadratic cost in a grid that stands alone


@dataclass(frozen=True)
class PowerParameters:
    """Numbers of the power grid. Values in JPY/kWh keep an order: store < reserve < shedding."""

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
        1.5, "1", "relative value of the part of a load that a life needs, at least", "A", 0.5, 10.0
    )
    limit_frac: float = parameter(0.9, "1", "share of line ratings that is used; stressed 0.8", "A", 0.6, 1.0)
    trip_frac: float = parameter(1.2, "1", "load over limit at which a line trips by itself", "A", 1.05, 2.0)
    restoration_h: int = parameter(2, "h", "a tripped line is back after so many hours", "A", 1, 24)
    reserve_minutes: float = parameter(10.0, "min", "time in which reserve must be there", "A", 5.0, 30.0)
    reserve_penalty_jpy_per_kwh: float = parameter(
        100.0, "JPY/kWh", "price of a missing MW of reserve for an hour", "A", 50.0, 150.0
    )
    store_value_jpy_per_kwh: float = parameter(
        45.0, "JPY/kWh", "charging that was planned goes on below this price", "A", 10.0, 49.0
    )
    must_run_value_jpy_per_kwh: float = parameter(
        1.0, "JPY/kWh", "price below 0 at which must-run units give way", "A", 0.1, 10.0
    )
    emergency_frac: float = parameter(
        0.95, "1", "price of emptying a store, over the cheapest customer's value of a kWh", "A", 0.6, 0.99
    )
    store_start_frac: float = parameter(0.5, "1", "charge of every store at the first hour", "A", 0.0, 1.0)
    ration_h: float = parameter(
        4.0, "h", "hours a microgrid's store is to last (mechanisms S6, H_min)", "A", 1.0, 72.0
    )
    cost_pieces: int = parameter(4, "1", "straight pieces of a quadratic cost curve", "A", 1, 20)

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


@dataclass(frozen=True, slots=True)
class _Hour:
    """What the grid faces this hour, once orders and damage are resolved."""

    wiring: Wiring
    asked_mw: np.ndarray  # (feeders,)
    reachable_mw: np.ndarray  # (feeders,) asked by customers whom a wire reaches
    basic_mw: np.ndarray  # (feeders,) the lifeline within it
    sun_mw: np.ndarray  # (feeders,) surplus of theirs
    capability_mw: np.ndarray  # (units,)
    must_run: np.ndarray  # bool (units,)
    reserve_mw: float
    tripped: tuple[int, ...]
    stored_mw: np.ndarray | None  # (feeders,) homes' batteries that neighbours in an island may use


class PowerGrid:
    """The grid of a city, or of a MATPOWER case.

    Standing alone, :meth:`dispatch` gives the least-cost dispatch with the load at the buses. In the
    city, every feeder is a leaf bus behind one breaker, every district has a microgrid (tied to its
    feeders only while it is islanded, to its largest transmission bus otherwise), every bus and microgrid
    has a store, possibly of zero size; :meth:`serve` lives one hour.

    Parameters
    ----------
    case : costs in JPY/MWh in the city (any currency for ``dispatch``)
    feeders, districts, stores : what the city adds; rows of ``stores`` are buses, then districts
    mechanisms : ``storage`` stills the stores at buses, ``islanding`` the microgrids, ``cascade`` the
        overload trips; what is stilled behaves as if it had zero size
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
        Quadratic costs are cut into 10 straight pieces; ``cost`` is the quadratic cost of what is found.
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
        self._by_feeder: CityDispatch | None = None  # made when feeders are first told apart
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
        p, numbers = self.parameters, (self.case, self._susceptance_pu, self._limit_mw, self._main_bus)
        return CityDispatch(*numbers, p.cost_pieces, p.values(), feeders)

    def _begin(self) -> None:
        """The state before the first hour."""
        case = self.case
        buses, lines, units = len(case.bus_id), len(case.line_from), len(case.unit_bus)
        self._weights: tuple[float, ...] = ()
        self._turn, self._written_turn = 0, -1
        self._trip_left_h = np.zeros(lines, dtype=np.int64)
        self._lines_out, self._units_out = np.zeros(lines, dtype=bool), np.zeros(units, dtype=bool)
        self._island = islands(buses, case.line_from, case.line_to, ~self._lines_out)
        self._last: PowerService | None = None
        self._last_reach_mw = np.zeros(units)
        self.able_mw = self.offered_mw = np.zeros(units)  # of the last hour
        self._none = {
            "feeders": np.zeros(len(self.feeders)),
            "districts": np.zeros(self.districts),
            "stores": np.zeros(buses + self.districts),
            "no_feeders": np.zeros(len(self.feeders), dtype=bool),
            "no_districts": np.zeros(self.districts, dtype=bool),
            "no_lines": np.zeros(lines, dtype=bool),
            "no_units": np.zeros(units, dtype=bool),
        }

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
        """One hour of the city's grid; what is not given is calm (nothing out, nothing ordered).

        Parameters
        ----------
        asked_mw, basic_mw : arrays (feeders,); the basic part is the lifeline within what is asked
        solar_mw : array (feeders,), surplus of homes; used only where the feeder is connected
        power_cut_off_frac : array (districts,), share of each feeder's customers cut off by order
        islanded : bool (districts,). With a microgrid the district runs by itself; without one it is dark
        committed, units_out, unit_derating_frac, fuel_mwh : arrays (units,); derating 1 is full output,
            fuel is the energy that the fuel at hand allows this hour, inf for no limit
        lines_out, feeders_out : bool (lines,), bool (feeders,)
        store_plan_mw : array (stores,), + discharge, - charge; see :meth:`StoreFleet.limits`
        shed_weight : relative value of serving, array (tiers,) or (feeders,), or with two rows for basic
            part and rest; with one row, a basic part is worth at least ``basic_weight``
        reserve_mw : spinning reserve that is required
        stored_mw : array (feeders,), what homes' batteries offer to neighbours; used only where the feeder
            hangs on a microgrid that runs by itself, after the sun
        offered_frac : array (units,), share of what it is able to give that each unit's owner offers

        Raises
        ------
        NotConserved : generation + sun + discharge differ from delivery + charge
        """
        none = self._none
        units_out = none["no_units"] if units_out is None else units_out
        tripped = self._trip(none["no_lines"] if lines_out is None else lines_out, units_out)
        self.able_mw = self._capability(units_out, committed, unit_derating_frac, fuel_mwh)
        self.offered_mw = self.able_mw if offered_frac is None else self.able_mw * offered_frac
        capability = self.offered_mw
        islanded = none["no_districts"] if islanded is None else islanded
        faulted = none["no_feeders"] if feeders_out is None else feeders_out
        closed = none["districts"] if power_cut_off_frac is None else power_cut_off_frac
        solar = none["feeders"] if solar_mw is None else solar_mw
        plan = none["stores"] if store_plan_mw is None else store_plan_mw

        live = live_buses(
            self._island, self.case.unit_bus, capability, self.stores.ready_mw()[: len(self._island)]
        )
        wiring = wire(
            self.feeders,
            self._main_bus,
            live,
            faulted,
            closed,
            islanded,
            self._has_microgrid,
            self.mechanisms.islanding,
        )
        asked = np.maximum(asked_mw, 0.0)
        hour = _Hour(
            wiring=wiring,
            asked_mw=asked,
            reachable_mw=asked * wiring.reach_frac,
            basic_mw=np.minimum(basic_mw, asked) * wiring.reach_frac,
            sun_mw=solar * wiring.reach_frac,
            capability_mw=capability,
            must_run=self._slow & (capability > 0.0),
            reserve_mw=max(reserve_mw, 0.0),
            tripped=tripped,
            stored_mw=None if stored_mw is None or not wiring.tied.any() else stored_mw * wiring.tied,
        )
        self._write_values(self.parameters.shed_weight if shed_weight is None else shed_weight)
        self._city.write_load(
            wiring.node, self.feeders.tier, hour.basic_mw, hour.reachable_mw, _offered_mw(hour)
        )
        self._city.write_units(capability, hour.must_run, self._reserve_limit_mw, hour.reserve_mw)
        if self.stores.any:
            self._write_stores(plan, hour)
        self._city.grid.write_lines(self._city.program, self._lines_out)
        return self._account(self._city.program.solve(), hour)

    def _trip(self, failed: np.ndarray, units_out: np.ndarray) -> tuple[int, ...]:
        """Lines that trip because others, or units, have just gone; updates which lines are out."""
        case, last = self.case, self._last
        self._trip_left_h = np.maximum(self._trip_left_h - 1, 0)
        out = failed | (self._trip_left_h > 0)
        tripped: tuple[int, ...] = ()
        news = bool((out & ~self._lines_out).any() or (units_out & ~self._units_out).any())
        if news and self.mechanisms.cascade and last is not None:
            buses = len(case.bus_id)
            running = last.generation_mw * ~units_out
            outflow = np.bincount(case.line_from, last.flow_mw, buses)
            outflow -= np.bincount(case.line_to, last.flow_mw, buses)
            end = cascade(
                load_mw=np.bincount(case.unit_bus, last.generation_mw, buses) - outflow,
                generation_mw=np.bincount(case.unit_bus, running, buses),
                capability_mw=np.bincount(case.unit_bus, self._last_reach_mw * ~units_out, buses),
                line_from=case.line_from,
                line_to=case.line_to,
                susceptance_mw=self._susceptance_pu * case.base_mva,
                limit_mw=self._limit_mw,
                in_service=~out,
                trip_frac=self.parameters.trip_frac,
                shift_rad=np.deg2rad(case.line_shift_deg),
            )
            tripped = end.tripped
            self._trip_left_h[list(tripped)] = self.parameters.restoration_h
            out = ~end.in_service
        if (out != self._lines_out).any():
            self._island = islands(len(case.bus_id), case.line_from, case.line_to, ~out)
        self._lines_out, self._units_out = out, units_out.copy()
        return tripped

    def _capability(
        self,
        units_out: np.ndarray,
        committed: np.ndarray | None,
        derating_frac: np.ndarray | None,
        fuel_mwh: np.ndarray | None,
    ) -> np.ndarray:
        """What every unit can give this hour [MW], array (units,)."""
        capability = self.case.unit_max_mw * ~units_out
        if committed is not None:
            capability = capability * committed
        if derating_frac is not None:
            capability = capability * derating_frac
        return capability if fuel_mwh is None else np.minimum(capability, fuel_mwh)

    def _write_values(self, shed_weight: np.ndarray | tuple[float, ...]) -> None:
        """Values of serving, when they changed or when shedding hands on the turn."""
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

    def _write_stores(self, plan_mw: np.ndarray, hour: _Hour) -> None:
        """Limits of the stores, given the plan and the critical load on each microgrid."""
        wiring, feeders = hour.wiring, self.feeders
        critical = hour.asked_mw * (wiring.tied & (feeders.tier == CRITICAL))
        critical_mw = np.bincount(feeders.district, critical, self.districts)
        charging = wiring.fed | wiring.parted
        limits = self.stores.limits(plan_mw, charging, wiring.parted, critical_mw, self.parameters.ration_h)
        self._city.write_stores(limits, self.stores.power_mw[self.stores.buses :] * wiring.fed)

    def _account(self, x: np.ndarray, hour: _Hour) -> PowerService:
        """What the optimum means for people, stores, fuel and money; checks the energy balance."""
        city, grid = self._city, self._city.grid
        wiring, tier = hour.wiring, self.feeders.tier
        delivered = city.delivered_mw(x, wiring.node, tier, hour.basic_mw, hour.reachable_mw)
        unmet = hour.asked_mw - delivered
        restricted = np.minimum(unmet, wiring.cut_off_frac * hour.asked_mw)
        energised = (wiring.reach_frac > 0.0) & (
            (delivered > MW_TOLERANCE) | (hour.reachable_mw <= MW_TOLERANCE)
        )
        sun_used, peer = self._used_of_homes(x, hour)
        left_mw = hour.sun_mw - sun_used if peer is None else hour.sun_mw - (sun_used - peer)
        generation = np.maximum(grid.generation_mw(x), 0.0)
        spilled = grid.spilled_mw(x, hour.capability_mw, hour.must_run)
        gross = generation + spilled
        charge = np.maximum(x[city.charge], 0.0)
        discharge = np.maximum(x[city.discharge] + x[city.emergency], 0.0)
        supply = float(generation.sum() + sun_used.sum() + discharge.sum())
        use = float(delivered.sum() + charge.sum())
        if not abs(supply - use) <= MW_TOLERANCE * max(1.0, supply):  # so written, nan is caught too
            raise NotConserved(f"power: supply {supply!r} MW and use {use!r} MW differ in one hour")
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
            solar_used_mw=sun_used,
            curtailed_mw=float((left_mw * energised).sum() + spilled.sum()),
            generation_mw=generation,
            flow_mw=x[grid.flow],
            price_jpy_per_mwh=city.program.row_dual[grid.bus_rows] / city.scale,
            reserve_mw=hour.reserve_mw - reserve_short,
            reserve_short_mw=reserve_short,
            store_charge_mw=charge,
            store_discharge_mw=discharge,
            store_energy_mwh=self.stores.energy_mwh,
            store_loss_mwh=loss,
            tripped=hour.tripped,
            cost_jpy=grid.cost(gross, gross > MW_TOLERANCE),
            fuel_t=gross * self._fuel_t_per_mwh,
            co2_t=float(gross @ self._co2_t_per_mwh),
            lines_out=self._lines_out,
            wire_live=hour.wiring.wire_live,
            peer_mw=peer,
        )
        return self._last

    def _used_of_homes(self, x: np.ndarray, hour: _Hour) -> tuple[np.ndarray, np.ndarray | None]:
        """What homes gave, and the part of it from batteries: at each node the sun goes first."""
        node = hour.wiring.node
        used = self._city.solar_used_mw(x, node, _offered_mw(hour))
        if hour.stored_mw is None:
            return used, None
        stored, sun, taken = (np.bincount(node, mw) for mw in (hour.stored_mw, hour.sun_mw, used))
        of_store = np.maximum(taken - sun, 0.0) / np.maximum(stored, 1e-12)
        of_sun = np.minimum(taken, sun) / np.maximum(sun, 1e-12)
        peer = hour.stored_mw * np.minimum(of_store, 1.0)[node]
        return peer + hour.sun_mw * np.minimum(of_sun, 1.0)[node], peer


def _offered_mw(hour: _Hour) -> np.ndarray:
    return hour.sun_mw if hour.stored_mw is None else hour.sun_mw + hour.stored_mw


def _or_zeros(values: np.ndarray | None, count: int) -> np.ndarray:
    return np.zeros(count) if values is None else values
