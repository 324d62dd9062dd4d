"""The power grid of a city: dispatch, load shedding, microgrids, stores and line trips, hour by hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agentsim.core.errors import NotConserved
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import PowerService, SectionOutage
from agentsim.core.parameters import parameter
from agentsim.core.units import KW_PER_MW
from agentsim.networks.power.cascade import susceptance_pu
from agentsim.networks.power.city_dispatch import CityDispatch, Values
from agentsim.networks.power.dispatch import BusDispatch, Dispatch
from agentsim.networks.power.hour import MW_TOLERANCE, Plant, Reached, reach, share_out, solar_first
from agentsim.networks.power.line_trips import LineTrips
from agentsim.networks.power.stores import StoreFleet, nodes_of_stores
from agentsim.place.cases import CRITICAL, TIERS, Feeders, GridCase, Stores
from agentsim.place.readers.matpower import read_matpower

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
    has a store, possibly of zero size and of several kinds; :meth:`serve` gives one hour.

    Parameters
    ----------
    case : costs in JPY/MWh in the city (any currency for ``dispatch``)
    feeders, districts, stores : what the city adds; rows of ``stores`` are buses, for each kind of storage,
        then districts
    mechanisms : without ``storage`` the stores at buses, without ``islanding`` the microgrids behave as if
        they had zero size; without ``cascade`` no line trips on overload
    susceptance : ``"series"`` or ``"textbook"``, see :func:`agentsim.networks.power.cascade.susceptance_pu`

    Notes
    -----
    Minimum outputs hold for slow units on line only: a fast unit may be off within the hour, so the
    relaxation of its on/off choice has no minimum. A pickled grid goes on to the same bytes.
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
        self._store_node = nodes_of_stores(len(stores.power_mw), buses, self.districts)
        self._city = self._by_tier = self._program()
        self._by_feeder: CityDispatch | None = None  # made when feeders first differ in value
        at_bus = np.arange(len(stores.power_mw)) < len(stores.power_mw) - self.districts
        self._has_microgrid = stores.power_mw[~at_bus] > 0.0
        alive = np.where(at_bus, self.mechanisms.storage, self.mechanisms.islanding)
        self.stores = StoreFleet(stores, alive, p.store_start_frac)
        ramp = case.unit_ramp_mw_per_min
        self._reserve_limit_mw = case.unit_max_mw if ramp is None else ramp * p.reserve_minutes
        self._slow = np.zeros(units, dtype=bool) if case.unit_slow is None else case.unit_slow
        rows = feeders.bus, feeders.district, feeders.tier, self._main_bus
        bus, district, tier, main_bus = (np.ascontiguousarray(part, dtype=np.int64) for part in rows)
        unit_bus = np.ascontiguousarray(case.unit_bus, dtype=np.int64)
        self._plant = Plant(bus, district, tier, main_bus, self._has_microgrid, unit_bus)
        self._is_critical = feeders.tier == CRITICAL
        self._all_sound, self._none_ready_mw = np.ones(len(feeders)), np.zeros(buses + self.districts)
        self._no_load_mw = np.zeros(self.districts)

    def _program(self, feeders: Feeders | None = None) -> CityDispatch:
        return CityDispatch(
            self.case,
            susceptance_pu=self._susceptance_pu,
            limit_mw=self._limit_mw,
            main_bus=self._main_bus,
            store_node=self._store_node,
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
            reserve_limit_mw=self._reserve_limit_mw,
            cascades=self.mechanisms.cascade,
        )
        self._last: PowerService | None = None
        units = len(self.case.unit_bus)
        self._reached = Reached.empty(len(self.feeders), self.districts, len(self.case.bus_id))
        self._work = np.empty(len(self.feeders))
        self.able_mw = self.offered_mw = np.zeros(units)  # of the last hour
        self._must_run = np.zeros(units, dtype=bool)
        self._on_line: tuple[bytes, bytes] | None = None  # for which ``able_mw`` holds, by itself

    def serve(
        self,
        *,
        asked_mw: np.ndarray,
        basic_mw: np.ndarray,
        solar_mw: np.ndarray | None = None,
        power_cut_off_frac: np.ndarray | None = None,
        sections_opened_frac: np.ndarray | None = None,
        islanded: np.ndarray | None = None,
        committed: np.ndarray | None = None,
        units_out: np.ndarray | None = None,
        lines_out: np.ndarray | None = None,
        feeders_out: np.ndarray | None = None,
        sections: SectionOutage | None = None,
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
        power_cut_off_frac : array (districts,), share of each feeder's customers cut off by order, in all
        sections_opened_frac : array (districts,), share of each feeder's sections opened by order; they lie
            between customers and any source, their own microgrid too
        islanded : bool (districts,). With a microgrid the district runs alone; without one it has no power
        committed, units_out, unit_derating_frac, fuel_mwh : arrays (units,); derating 1 is full output,
            fuel is the energy that the available fuel allows this hour, inf for no limit
        lines_out, feeders_out : bool (lines,), bool (feeders,)
        sections : of the feeders that are out, where these have sections
        store_plan_mw : array (stores,), + discharge, - charge; see :meth:`StoreFleet.limit`
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
        count, units = len(self.feeders), len(self.case.unit_bus)
        cut_off_frac = _floats(power_cut_off_frac, self.districts)
        reserve_mw = max(reserve_mw, 0.0)
        tripped = self._lines.begin_hour(lines_out, units_out, self._last, self.offered_mw)
        self._offer(
            _flags(units_out, units),
            _flags(np.ones(units) if committed is None else committed, units),
            unit_derating_frac,
            fuel_mwh,
            offered_frac,
        )
        self._write_values(self.parameters.shed_weight if shed_weight is None else shed_weight)
        energised_to_breaker = np.empty(count, dtype=bool)
        any_tied = reach(
            *self._plant,
            *self._reached,
            *self._city.load,
            self._city.program.upper,
            self._lines.island,
            self.offered_mw,
            self._ready_mw(),
            self._sound_frac(feeders_out, sections, sections_opened_frac),
            _behind_breakers(cut_off_frac, sections_opened_frac),
            _flags(islanded, self.districts),
            self.mechanisms.islanding,
            _floats(asked_mw, count),
            _floats(basic_mw, count),
            _floats(solar_mw, count),
            _floats(stored_mw, count),
            energised_to_breaker,
        )
        city = self._city
        city.write_units(self.offered_mw, self._must_run, self._reserve_limit_mw, reserve_mw)
        city.grid.write_lines(city.program, self._lines.out)
        if self.stores.any:
            self._write_stores(_floats(store_plan_mw, len(self.stores.power_mw)), any_tied)
        city.program.solve()
        self._last = self._account(
            cut_off_frac,
            reserve_mw,
            tripped,
            energised_to_breaker,
            lends=any_tied and stored_mw is not None,
            sections=sections,
        )
        return self._last

    def _ready_mw(self) -> np.ndarray:
        """Power that the stores at each node could give for an hour, array (nodes,)."""
        if not self.stores.any:
            return self._none_ready_mw
        return np.bincount(self._store_node, self.stores.ready_mw())

    def _sound_frac(
        self,
        feeders_out: np.ndarray | None,
        sections: SectionOutage | None,
        opened_frac: np.ndarray | None,
    ) -> np.ndarray:
        """Share of each feeder's customers whom wires without fault and closed switches reach, (feeders,)."""
        sound_frac = self._all_sound
        if sections is not None:
            sound_frac = sections.sound_frac
        elif feeders_out is not None and np.count_nonzero(feeders_out):
            sound_frac = 1.0 - feeders_out
        if opened_frac is not None and np.count_nonzero(opened_frac):
            sound_frac = sound_frac * (1.0 - opened_frac[self._plant.district])
        return sound_frac

    def _offer(
        self,
        units_out: np.ndarray,
        committed: np.ndarray,
        derating_frac: np.ndarray | None,
        fuel_mwh: np.ndarray | None,
        offered_frac: np.ndarray | None,
    ) -> None:
        """What every unit can give and what of it is offered this hour [MW], arrays (units,).

        As long as nothing but outages and commitment counts, and these stay, so do the arrays.
        """
        on_line = units_out.tobytes(), committed.tobytes()
        if derating_frac is not None or fuel_mwh is not None or on_line != self._on_line:
            able = self.case.unit_max_mw * ~units_out * committed
            if derating_frac is not None:
                able = able * derating_frac
            self.able_mw = able if fuel_mwh is None else np.minimum(able, fuel_mwh)
            self._on_line = on_line if derating_frac is None and fuel_mwh is None else None
        elif offered_frac is None and self.offered_mw is self.able_mw:
            return
        self.offered_mw = self.able_mw if offered_frac is None else self.able_mw * offered_frac
        # a slow unit on line must run at its minimum output
        self._must_run = self._slow & (self.offered_mw > 0.0)

    def _write_values(self, shed_weight: np.ndarray | tuple[float, ...]) -> None:
        """Values of serving, when they changed or when another node is to be first (after shedding)."""
        weights = shed_weight if isinstance(shed_weight, tuple) else tuple(np.ravel(shed_weight).tolist())
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

    def _write_stores(self, plan_mw: np.ndarray, any_tied: bool) -> None:
        """Limits of the stores, given the plan and the critical load on each microgrid, if *any_tied*."""
        reached = self._reached
        critical_mw: np.ndarray = self._no_load_mw
        if any_tied:
            critical = reached.asked_mw * (reached.tied & self._is_critical)
            critical_mw = np.bincount(self._plant.district, critical, self.districts)
        self.stores.limit(
            plan_mw,
            in_island=reached.in_island,
            tie_live=reached.tie_live,
            critical_mw=critical_mw,
            ration_h=self.parameters.ration_h,
            into=self._city.store_bounds(),
        )

    def _account(
        self,
        cut_off_frac: np.ndarray,
        reserve_mw: float,
        tripped: tuple[int, ...],
        energised_to_breaker: np.ndarray,
        lends: bool,
        sections: SectionOutage | None,
    ) -> PowerService:
        """What the optimum means for people, stores, fuel and money; checks the energy balance.

        With *lends* homes' batteries serve neighbours.
        """
        city, reached = self._city, self._reached
        x = city.program.x
        count, peer = len(self.feeders), None
        delivered, shed, restricted = np.empty(count), np.empty(count), np.empty(count)
        from_homes, energised = np.empty(count), np.empty(count, dtype=bool)
        delivered_mw, from_homes_mw, missing_mw, unused_mw = share_out(
            reached.reach_frac,
            reached.node,
            reached.group,
            reached.asked_mw,
            reached.reachable_mw,
            reached.basic_mw,
            reached.solar_mw,
            reached.offered_mw,
            self._plant.district,
            cut_off_frac,
            city.load.basic,
            city.load.rest,
            city.load.solar,
            city.program.upper,
            x,
            delivered,
            shed,
            restricted,
            from_homes,
            energised,
            self._work,
        )
        if lends:
            from_homes, peer = solar_first(reached.node, reached.solar_mw, reached.stored_mw, from_homes)
            from_homes_mw = float(from_homes.sum())
            unused_mw = float(((reached.solar_mw - (from_homes - peer)) * energised).sum())
        run = city.run(self.offered_mw, self._must_run)
        _check_balance(
            supply=run.generated_mw + from_homes_mw + run.discharged_mw, use=delivered_mw + run.charged_mw
        )
        loss = self.stores.move(run.charge_mw, run.discharge_mw, run.charged_mw - run.discharged_mw)
        if missing_mw > MW_TOLERANCE:
            self._turn += 1
        reserve_short = max(run.reserve_missing_mw, 0.0)
        return PowerService(
            delivered_mw=delivered,
            shed_mw=shed,
            restricted_mw=restricted,
            energised=energised,
            solar_used_mw=from_homes,
            curtailed_mw=unused_mw + run.curtailed_mw,
            generation_mw=run.generation_mw,
            flow_mw=x[city.grid.flow],
            price_jpy_per_mwh=run.price_jpy_per_mwh,
            reserve_mw=reserve_mw - reserve_short,
            reserve_short_mw=reserve_short,
            store_charge_mw=run.charge_mw,
            store_discharge_mw=run.discharge_mw,
            store_energy_mwh=self.stores.energy_mwh,
            store_loss_mwh=loss,
            tripped=tripped,
            cost_jpy=run.cost,
            fuel_t=run.fuel_t,
            co2_t=run.co2_t,
            lines_out=self._lines.out,
            energised_to_breaker=energised_to_breaker,
            peer_mw=peer,
            sections=sections,
        )


def _check_balance(supply: float, use: float) -> None:
    if not abs(supply - use) <= MW_TOLERANCE * max(1.0, supply):  # so written, nan is caught too
        raise NotConserved(f"power: supply {supply!r} MW and use {use!r} MW differ in one hour")


def _behind_breakers(cut_off_frac: np.ndarray, opened_frac: np.ndarray | None) -> np.ndarray:
    """Share of customers cut off at breakers, so that with opened sections *cut_off_frac* are, (districts,).

    >>> _behind_breakers(np.array([0.5, 0.2]), np.array([0.2, 0.2])).round(3).tolist()
    [0.375, 0.0]
    """
    if opened_frac is None or not np.count_nonzero(opened_frac):
        return cut_off_frac
    left = np.maximum(1.0 - opened_frac, 1e-12)
    return np.clip(1.0 - (1.0 - cut_off_frac) / left, 0.0, 1.0)


def _floats(values: np.ndarray | None, count: int) -> np.ndarray:
    return np.zeros(count) if values is None else np.ascontiguousarray(values, dtype=float)


def _flags(values: np.ndarray | None, count: int) -> np.ndarray:
    return np.zeros(count, dtype=bool) if values is None else np.ascontiguousarray(values, dtype=bool)
