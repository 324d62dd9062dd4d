"""The edges between the networks, each by its rule, and each severed by its own switch."""

import numpy as np
import pytest

from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import BurstChange, Damage, Demand, Permitted, Weather
from agentsim.networks.coupling import Coupling, CouplingParameters, Operation
from agentsim.networks.power.grid import PowerGrid
from agentsim.networks.roads.network import RoadNetwork
from agentsim.networks.supply.network import SupplyNetwork, SupplyParameters
from agentsim.networks.water.network import WaterNetwork
from agentsim.networks.water.raw_water import RawWater, RawWaterParameters
from agentsim.place.cases import CRITICAL, FOOD, FUEL

WEATHER = Weather(28.0, 0.0, 0.0, 0.0, 1.0)
NOON = 12


class Town:
    """Bay City's four networks joined, with calm people and offices; what is written over is not calm."""

    def __init__(
        self, place, wells=0.0, local_signal=False, supply=None, dam_days=60.0, adaptive=False, **switches
    ):
        self.place, self.hour, self.weather = place, NOON, WEATHER
        live = Mechanisms(**switches)
        count = len(place.districts)
        demand = np.bincount(place.water.junction_district, place.water.junction_demand_m3_per_h, count)
        self.coupling = Coupling(
            place,
            PowerGrid(place.grid, place.feeders, count, mechanisms=live),
            WaterNetwork(place.water, count, wells * demand, 0.0 * demand, mechanisms=live),
            RoadNetwork(
                place.roads,
                mechanisms=live,
                adaptive_signal=np.full(len(place.roads.link_from), adaptive),
            ),
            SupplyNetwork(place.supply, supply or SupplyParameters(), live),
            RawWater(place.water.source_yield_m3_per_d, RawWaterParameters(storage_days=dam_days)),
            np.full(len(place.roads.link_from), local_signal),
            mechanisms=live,
        )

    def demand(self, load=0.8, traffic=0.5) -> Demand:
        place, zeros = self.place, np.zeros(len(self.place.feeders))
        power, water = load * place.feeders.peak_mw, place.water.junction_demand_m3_per_h
        trips = traffic * place.roads.od_veh_per_h
        goods = place.supply.depot_demand_t_per_d / 24.0
        return Demand(power, power, 0.3 * power, zeros, water, water, trips, goods)

    def permitted(self, **orders) -> Permitted:
        count, place = len(self.place.districts), self.place
        calm = {
            "power_cut_off_frac": np.zeros(count),
            "water_cut_off_frac": np.zeros(count),
            "trunk_mains_shut": np.zeros(count, bool),
            "roads_cut_off": np.zeros(count, bool),
            "islanded": np.zeros(count, bool),
            "wells_on": np.zeros(count, bool),
            "committed": np.ones(len(place.grid.unit_bus), bool),
            "pumps_on": np.zeros(len(place.water.pump_id), bool),
            "withheld_frac": np.zeros(len(place.supply.terminal_good)),
        }
        return Permitted(**(calm | orders))

    def damage(self, **broken) -> Damage:
        place = self.place
        sound = {
            "units_out": np.zeros(len(place.grid.unit_bus), bool),
            "lines_out": np.zeros(len(place.grid.line_from), bool),
            "feeders_out": np.zeros(len(place.feeders), bool),
            **dict.fromkeys(("new_bursts", "burst_size_frac"), np.zeros(len(place.water.junction_id))),
            "burst_hidden": np.zeros(len(place.water.junction_id), bool),
        }
        return Damage(**(sound | broken))

    def live(self, hours=1, demand=None, orders=None, broken=None, allowed_frac=1.0, bursts=None):
        """*hours* hours; the last one's service."""
        place, none = self.place, np.zeros(len(self.place.water.junction_id))
        bursts = none if bursts is None else bursts
        operation = Operation(
            store_plan_mw=np.zeros(len(place.grid.bus_id) + len(place.districts)),
            reserve_mw=0.0,
            bursts=BurstChange(bursts, bursts, none, none),
            allowed_frac=np.full(len(place.supply.terminal_good), allowed_frac),
            shed_weight=(2.0, 1.0, 0.9, 0.6),
        )
        for _ in range(hours):
            service = self.coupling.serve(
                self.hour,
                demand or self.demand(),
                orders or self.permitted(),
                broken or self.damage(),
                self.weather,
                operation,
            )
            self.hour += 1
        return service

    def dark(self, *feeders: int) -> Damage:
        """The damage in which these feeders are out."""
        return self.damage(feeders_out=np.isin(np.arange(len(self.place.feeders)), feeders))

    def where(self, *districts: int) -> np.ndarray:
        return np.isin(np.arange(len(self.place.districts)), districts)

    @property
    def everywhere(self) -> np.ndarray:
        return np.ones(len(self.place.districts))


@pytest.fixture
def town(bay_city):
    return lambda **made: Town(bay_city, **made)


on_and_off = pytest.mark.parametrize("on", [True, False])


# ---- power to water ---------------------------------------------------------------------------------


@on_and_off
def test_a_treatment_works_without_power_gives_no_water(town, bay_city, on):
    city = town(power_to_water=on)
    service = city.live(2, broken=city.dark(*bay_city.water.source_feeder))
    assert (service.water.source_m3.sum() > 100.0) != on
    assert (abs(service.water.source_m3.sum()) < 1e-6) == on


def test_only_the_works_whose_feeder_is_dark_stops(town, bay_city):
    city = town()
    running = city.permitted(pumps_on=np.ones(len(bay_city.water.pump_id), bool))
    service = city.live(2, orders=running, broken=city.dark(bay_city.water.source_feeder[0]))
    assert service.water.source_m3[0] == pytest.approx(0.0, abs=1e-6)
    assert service.water.source_m3[1] > 0.0


@on_and_off
def test_a_pump_needs_its_feeder(town, bay_city, on):
    city = town(power_to_water=on)
    running = city.permitted(pumps_on=np.ones(len(bay_city.water.pump_id), bool))
    lit = city.live(2, orders=running).water.pump_kw.sum()
    dark = city.live(2, orders=running, broken=city.dark(*bay_city.water.pump_feeder)).water.pump_kw.sum()
    assert lit > 1.0
    assert dark == pytest.approx(0.0, abs=1e-9) if on else dark > 1.0


@on_and_off
def test_a_well_needs_a_critical_feeder_of_its_district(town, bay_city, on):
    city = town(wells=0.3, power_to_water=on)
    running = city.permitted(wells_on=city.everywhere > 0)
    critical = np.flatnonzero((bay_city.feeders.tier == CRITICAL) & (bay_city.feeders.district == 2))
    service = city.live(1, orders=running, broken=city.dark(*critical))
    assert (service.water.well_m3[2] > 0.0) != on
    assert service.water.well_m3[3] > 0.0


def test_a_works_runs_as_long_as_its_feeder_gets_half(town, bay_city):
    # breakers of its district opened for a share of customers: 0.4 leaves more than half, 0.6 less
    district = bay_city.feeders.district[bay_city.water.source_feeder[0]]
    for share, runs in ((0.4, True), (0.6, False)):
        city = town()
        drawn = city.live(2, orders=city.permitted(power_cut_off_frac=share * city.where(district))).water
        assert (drawn.source_m3[0] > 1.0) == runs


def test_the_load_of_pumps_and_works_is_on_their_feeders_an_hour_later(town, bay_city):
    city = town()
    first = city.live()
    works = bay_city.water.source_feeder
    asked = city.demand().power_asked_mw
    second = city.live()
    got = second.power.delivered_mw + second.power.shed_mw
    assert first.power.delivered_mw[works] == pytest.approx(asked[works])
    assert (got - asked).sum() * 1e3 == pytest.approx(
        first.water.works_kw.sum() + first.water.pump_kw.sum() + first.water.well_kw.sum()
    )


# ---- water to power ---------------------------------------------------------------------------------


@on_and_off
def test_thermal_units_derate_with_the_town_water_they_miss(town, bay_city, on):
    city = town(water_to_power=on)
    thermal = np.isin(bay_city.grid.unit_fuel, ("oil", "coal", "nuclear"))
    peak = city.demand(load=1.15)  # more than is left: every unit that may gives all it has
    dry = city.permitted(water_cut_off_frac=city.everywhere)
    first = city.live(demand=peak, orders=dry)
    assert first.power.generation_mw[thermal].sum() > 0.8 * bay_city.grid.unit_max_mw[thermal].sum()
    used = (
        city.live(demand=peak, orders=dry).power.generation_mw[thermal] / bay_city.grid.unit_max_mw[thermal]
    )
    cooling = CouplingParameters().cooling_frac
    assert (used.max() <= 1.0 - cooling + 1e-6) == on
    # a full hour of water later they are whole again
    city.live(demand=peak)
    assert city.live(demand=peak).power.generation_mw[thermal].sum() == pytest.approx(
        first.power.generation_mw[thermal].sum(), rel=0.02
    )


# ---- power to roads ---------------------------------------------------------------------------------


@on_and_off
def test_dark_signals_cost_time_an_hour_later(town, bay_city, on):
    city = town(power_to_roads=on)
    lit = city.live(2).roads
    dark = city.dark(*np.unique(bay_city.roads.signal_feeder))
    same_hour = city.live(broken=dark).roads
    later = city.live(broken=dark).roads
    assert same_hour.delay_veh_h == pytest.approx(lit.delay_veh_h, rel=0.05)
    assert (later.delay_veh_h > 2.0 * lit.delay_veh_h) == on


@on_and_off
def test_signals_with_their_own_logic_stay_lit(town, bay_city, on):
    city = town(local_signal=True, local_signals=on)
    lit = city.live(2).roads.delay_veh_h
    dark = city.live(2, broken=city.dark(*np.unique(bay_city.roads.signal_feeder))).roads.delay_veh_h
    assert (dark < 1.1 * lit) == on


# ---- fuel to power ----------------------------------------------------------------------------------


@on_and_off
def test_without_oil_the_oil_fired_units_stand_still(town, bay_city, on):
    oil = np.array(bay_city.grid.unit_fuel) == "oil"
    city = town(fuel_to_power=on)
    peak = city.demand(load=1.15)
    with_oil = city.live(demand=peak).power.generation_mw[oil].sum()
    assert with_oil > 1.0
    station = np.flatnonzero(bay_city.supply.depot_good == FUEL)[-1]
    city.coupling.supply.stock_t = np.where(
        np.arange(len(bay_city.supply.depot_good)) == station, 0.0, city.coupling.supply.stock_t
    )
    without = city.live(demand=peak).power.generation_mw[oil].sum()
    assert without == pytest.approx(0.0, abs=1e-6) if on else without == pytest.approx(with_oil, rel=0.2)


@on_and_off
def test_power_stations_fetch_the_oil_that_they_burnt(town, bay_city, on):
    oil = np.array(bay_city.grid.unit_fuel) == "oil"
    station = np.flatnonzero(bay_city.supply.depot_good == FUEL)[-1]
    city = town(fuel_to_power=on)
    peak = city.demand(load=1.15)
    burnt = city.live(demand=peak).power.fuel_t[oil].sum()
    fetched = city.live(demand=peak).supply.delivered_t[station]
    by_others = city.demand().goods_asked_t[station]
    assert burnt > 0.1
    assert fetched == pytest.approx(by_others + (burnt if on else 0.0))


# ---- roads to deliveries ----------------------------------------------------------------------------


@on_and_off
def test_a_depot_that_no_road_reaches_receives_nothing(town, bay_city, on):
    city = town(roads_to_deliveries=on)
    siege = city.permitted(roads_cut_off=city.where(6))
    own = bay_city.supply.depot_district == 6
    received = np.zeros(len(own))
    for _ in range(48):
        received += city.live(orders=siege).supply.received_t
    food = bay_city.supply.depot_good == FOOD
    assert (received[own & food].sum() == 0.0) == on
    assert (received[~own & food] > 0.0).all()


# ---- what the mechanisms of a single network do in the city -----------------------------------------


@on_and_off
def test_mains_leak(town, bay_city, on):
    city = town(leakage=on)
    leaked = city.live(2).water.leakage_m3
    burst = city.live(bursts=np.eye(len(bay_city.water.junction_id))[10] * 3.0).water
    assert (leaked > 1.0) == on
    assert (burst.leakage_m3 > leaked + 1.0) == on


@on_and_off
def test_wells_pump(town, on):
    city = town(wells=0.3, local_wells=on)
    running = city.permitted(wells_on=city.everywhere > 0)
    assert (city.live(orders=running).water.well_m3.sum() > 100.0) == on


@on_and_off
def test_vehicles_above_capacity_wait(town, on):
    city = town(residual_queues=on)
    roads = city.live(2, demand=city.demand(traffic=2.5)).roads
    assert (roads.queued_veh > 10.0) == on
    assert (roads.carried_in_veh > 0.0) == on


@on_and_off
def test_prices_answer_shortage(town, on):
    city = town(scarcity_price=on, supply=SupplyParameters(cover_days=(0.5, 0.5, 0.5)))
    before = city.live().supply.price_jpy_per_t.copy()
    after = city.live(96, allowed_frac=0.2).supply.price_jpy_per_t
    assert (after > 1.05 * before).any() == on
    assert on or (after == before).all()


@on_and_off
def test_overloads_trip_lines(bay_city, on):
    # half of the lines fail in one hour at full load: what remains is overloaded
    city = Town(bay_city, cascade=on)
    peak = city.demand(load=1.0)
    city.live(demand=peak)
    half = np.arange(len(bay_city.grid.line_from)) % 2 == 0
    tripped = city.live(demand=peak, broken=city.damage(lines_out=half)).power.tripped
    assert (len(tripped) > 0) == on


# ---- the dam ----------------------------------------------------------------------------------------


def test_from_a_dry_dam_comes_no_more_than_flows_in(town, bay_city):
    drawn = {}
    for volume_frac in (1.0, 0.0):
        city = town()
        city.weather = Weather(28.0, 0.0, 0.0, 0.0, inflow_frac=0.1)
        dam = city.coupling.raw_water
        dam.volume_m3 = volume_frac * dam.capacity_m3
        drawn[volume_frac] = sum(city.live().water.source_m3.sum() for _ in range(48))
    flowed_in = 2.0 * 0.1 * bay_city.water.source_yield_m3_per_d.sum()
    assert drawn[0.0] < 1.2 * flowed_in < drawn[1.0]


def test_the_dam_keeps_its_books():
    dam = RawWater(np.array([2400.0, 2400.0]), RawWaterParameters(storage_days=10.0, start_frac=0.5))
    assert dam.volume_m3 == 24_000.0
    for _ in range(24):
        dam.flow(inflow_frac=0.5, drawn_m3=150.0)
    assert dam.volume_m3 == pytest.approx(24_000.0 + 0.5 * 4800.0 - 3600.0)
    dam.flow(inflow_frac=1000.0, drawn_m3=0.0)
    assert dam.volume_m3 == dam.capacity_m3 == 48_000.0, "what comes on top spills"
    dam.flow(inflow_frac=0.0, drawn_m3=1e9)
    assert dam.volume_m3 == 0.0
    assert dam.yield_frac() == 0.0


def test_a_town_without_a_dam_draws_from_an_endless_source():
    assert RawWater(np.array([100.0]), RawWaterParameters(storage_days=0.0)).yield_frac() == 1.0


# ---- order and repetition ---------------------------------------------------------------------------


def test_the_same_hours_twice_are_the_same_to_the_bit(town):
    def hours():
        city = town(wells=0.2)
        return [city.live(orders=city.permitted(water_cut_off_frac=0.5 * city.where(1))) for _ in range(6)]

    for one, other in zip(hours(), hours(), strict=True):
        assert one.power.flow_mw.tobytes() == other.power.flow_mw.tobytes()
        assert one.water.pressure_m.tobytes() == other.water.pressure_m.tobytes()
        assert one.roads.flow_veh_per_h.tobytes() == other.roads.flow_veh_per_h.tobytes()
        assert one.supply.stock_t.tobytes() == other.supply.stock_t.tobytes()


def test_asked_is_delivered_shed_or_restricted_on_every_feeder(town):
    city = town()
    service = city.live(3, orders=city.permitted(power_cut_off_frac=0.5 * city.where(3)))
    power = service.power
    works = (power.delivered_mw + power.shed_mw + power.restricted_mw) - city.demand().power_asked_mw
    assert (works >= -1e-9).all()
    assert power.restricted_mw[city.place.feeders.district == 3].sum() > 1.0
    assert power.restricted_mw[city.place.feeders.district != 3].sum() == 0.0


def test_an_hour_says_what_the_networks_did(town):
    city = town()
    service = city.live()
    assert city.coupling.last is service


# ---- signals that answer traffic, and suppliers that do not sell ------------------------------------


def head_district(place) -> np.ndarray:
    return place.zone_district[place.roads.link_to]


def test_an_order_withholds_the_green_of_adaptive_signals_of_one_district(town, bay_city):
    red = np.zeros(len(bay_city.districts))
    red[3] = 1.0
    there = head_district(bay_city) == 3
    calm, stopped, own_logic, fixed = (
        town(adaptive=True),
        town(adaptive=True),
        town(adaptive=True, local_signal=True),
        town(),
    )
    left = {}
    for one, order in ((calm, None), (stopped, red), (own_logic, red), (fixed, red)):
        one.live()
        left[one] = one.coupling._signal_frac(one.permitted(signals_red_frac=order), one.damage())
    assert (left[stopped][there] <= 0.4 + 1e-12).all(), "drivers feel their way through, as in the dark"
    assert left[stopped][~there] == pytest.approx(left[calm][~there])
    assert left[own_logic] == pytest.approx(left[calm]), "a signal with its own logic takes no orders"
    assert left[fixed] is None, "a signal that hangs on no centre cannot be switched from there"


def test_a_dark_adaptive_signal_is_a_dark_signal(town, bay_city):
    feeder = int(bay_city.roads.signal_feeder[0])
    dark = bay_city.roads.signal_feeder == feeder
    one = town(adaptive=True)
    one.live(broken=one.dark(feeder))
    left = one.coupling._signal_frac(one.permitted(), one.damage())
    assert left[dark] == pytest.approx(np.full(dark.sum(), 0.4))
    assert left[~dark] == pytest.approx(one.coupling.roads.signal_frac()[~dark])


def test_what_suppliers_withhold_leaves_no_terminal_and_is_booked_as_withheld(town, bay_city):
    suppliers = np.array(bay_city.supply.terminal_supplier)
    withheld = (suppliers == "Overseas Grain").astype(float)
    one = town()
    one.hour = 0
    left, restricted = np.zeros(len(suppliers)), 0.0
    for _ in range(48):
        service = one.live(orders=one.permitted(withheld_frac=withheld)).supply
        left += service.imported_t
        restricted += service.restricted_t.sum()
    assert left[withheld > 0].sum() == 0.0 < left.sum()
    assert restricted >= 0.0
