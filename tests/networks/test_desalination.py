"""Desalination: water from the sea is conserved, spares the sources, and hangs on power."""

import numpy as np
import pytest

from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import BurstChange, Damage, Demand, Permitted, Weather
from agentsim.networks.coupling import Coupling, Operation
from agentsim.networks.power.grid import PowerGrid
from agentsim.networks.roads.network import RoadNetwork
from agentsim.networks.supply.network import SupplyNetwork
from agentsim.networks.water.network import WaterNetwork
from agentsim.networks.water.raw_water import RawWater, RawWaterParameters

PLANT_M3_PER_H = 240.0
NOON = 12


def sea_side(place):
    return next(site for site in place.sites if site.kind == "sea_side")


@pytest.fixture
def water(bay_city):
    return lambda: WaterNetwork(bay_city.water, len(bay_city.districts), sea_zone=sea_side(bay_city).zone)


@pytest.fixture
def asked(bay_city):
    return bay_city.water.junction_demand_m3_per_h


def test_the_plant_joins_the_widest_pipes_at_the_sea(water, bay_city):
    network = water()
    junction = network._inlet.junction
    assert bay_city.water.junction_zone[junction] == sea_side(bay_city).zone


def test_what_comes_from_the_sea_need_not_come_from_the_river(water, asked):
    plain, fed = water(), water()
    for _ in range(96):
        without = plain.serve(asked_m3_per_h=asked)
        service = fed.serve(asked_m3_per_h=asked, desalination_m3_per_h=PLANT_M3_PER_H)
        assert service.desalinated_m3 == PLANT_M3_PER_H
        assert service.desalination_kw == pytest.approx(3.6 * PLANT_M3_PER_H)
        assert abs(service.balance_m3) < 1e-3 * asked.sum()
        assert service.source_m3.min() > -1e-6, "nothing runs back into a source"
    assert without.desalinated_m3 == 0.0
    # once the tanks are as full as they get, the sources give as much less
    drawn = [float(hour.source_m3.sum()) for hour in (without, service)]
    assert drawn[0] - drawn[1] == pytest.approx(PLANT_M3_PER_H, rel=0.05)
    # the pipes by the sea carry it without a pressure that they would not stand
    assert service.pressure_m.max() < 1.1 * without.pressure_m.max() + 10.0


def test_when_all_works_are_shut_the_sea_still_serves_its_share(water, asked):
    network, shut = water(), np.zeros(2, dtype=bool)
    for _ in range(72):
        service = network.serve(asked_m3_per_h=asked, works_on=shut, desalination_m3_per_h=PLANT_M3_PER_H)
    assert service.source_m3 == pytest.approx(np.zeros(2), abs=1e-6)
    given = float(service.delivered_m3_per_h.sum()) + service.leakage_m3
    assert given == pytest.approx(PLANT_M3_PER_H, rel=0.01)


def test_an_offer_of_nothing_changes_nothing(bay_city, asked, water):
    without = WaterNetwork(bay_city.water, len(bay_city.districts))
    for network in (without, water()):
        network.services = [network.serve(asked_m3_per_h=asked, desalination_m3_per_h=0.0) for _ in range(6)]
        assert not any(service.desalinated_m3 for service in network.services)
    other = WaterNetwork(bay_city.water, len(bay_city.districts))
    # without a place at the sea an offer goes nowhere
    other.services = [other.serve(asked_m3_per_h=asked, desalination_m3_per_h=99.0) for _ in range(6)]
    told = [[s.pressure_m.tobytes() + s.source_m3.tobytes() for s in n.services] for n in (without, other)]
    assert told[0] == told[1]


def test_what_the_mains_cannot_take_is_not_made(water, asked, bay_city):
    # the trunk mains of the plant's district are shut: only that district can drink
    network, closed = water(), np.zeros(len(bay_city.districts), dtype=bool)
    closed[sea_side(bay_city).district] = True
    for _ in range(6):
        service = network.serve(
            asked_m3_per_h=asked, trunk_mains_shut=closed, desalination_m3_per_h=PLANT_M3_PER_H
        )
    there = np.asarray(bay_city.water.junction_district) == sea_side(bay_city).district
    assert 0.0 < service.desalinated_m3 <= 0.9 * asked[there].sum() + 1e-9
    assert abs(service.balance_m3) < 1e-3 * asked.sum()
    assert service.pressure_m.max() < 200.0


def test_a_zone_without_a_junction_is_refused(bay_city):
    with pytest.raises(ValueError, match="sea_zone 999"):
        WaterNetwork(bay_city.water, len(bay_city.districts), sea_zone=999)


def test_it_survives_a_copy(water, asked):
    import pickle

    network = water()
    network.serve(asked_m3_per_h=asked, desalination_m3_per_h=PLANT_M3_PER_H)
    copy = pickle.loads(pickle.dumps(network))
    assert copy.serve(asked_m3_per_h=asked, desalination_m3_per_h=50.0).desalinated_m3 == 50.0


# ---- in the city: when it runs, and on what


class Coast:
    """Bay City's four networks with a plant at the sea, and a dam filled to *dam_frac*."""

    def __init__(self, place, dam_frac: float, **switches):
        live, count = Mechanisms(**switches), len(place.districts)
        self.place, self.clock = place, NOON
        self.coupling = Coupling(
            place,
            PowerGrid(place.grid, place.feeders, count, mechanisms=live),
            WaterNetwork(place.water, count, mechanisms=live, sea_zone=sea_side(place).zone),
            RoadNetwork(place.roads, mechanisms=live),
            SupplyNetwork(place.supply, mechanisms=live),
            RawWater(place.water.source_yield_m3_per_d, RawWaterParameters(start_frac=dam_frac)),
            np.zeros(len(place.roads.link_from), dtype=bool),
            mechanisms=live,
            desalination_m3_per_h=PLANT_M3_PER_H,
            sea_side=sea_side(place),
        )
        self.feeder = int(self.coupling._well_feeder[sea_side(place).district])

    def hour(self, cut_frac: float = 0.0):
        """One hour; the breaker of the sea side's feeders is opened for a share of its customers."""
        place, count = self.place, len(self.place.districts)
        power, water = 0.8 * place.feeders.peak_mw, place.water.junction_demand_m3_per_h
        trips, none = np.zeros_like(place.roads.od_veh_per_h), np.zeros(len(place.feeders))
        goods = place.supply.depot_demand_t_per_d / 24.0
        cut = np.zeros(count)
        cut[sea_side(place).district] = cut_frac
        calm, zero = np.zeros(count, dtype=bool), np.zeros(count)
        units, terminals = len(place.grid.unit_bus), len(place.supply.terminal_good)
        permitted = Permitted(
            power_cut_off_frac=cut,
            water_cut_off_frac=zero,
            trunk_mains_shut=calm,
            roads_cut_off=calm,
            islanded=calm,
            wells_on=calm,
            committed=np.ones(units, dtype=bool),
            pumps_on=np.zeros(len(place.water.pump_id), dtype=bool),
            withheld_frac=np.zeros(terminals),
        )
        damage = Damage(
            units_out=np.zeros(units, dtype=bool),
            lines_out=np.zeros(len(place.grid.line_from), dtype=bool),
            feeders_out=np.zeros(len(place.feeders), dtype=bool),
            new_bursts=np.zeros(len(water)),
            burst_size_frac=np.zeros(len(water)),
            burst_hidden=np.zeros(len(water), dtype=bool),
        )
        stores = len(place.grid.bus_id) + count
        operation = Operation(
            np.zeros(stores),
            0.0,
            BurstChange(*np.zeros((4, len(water)))),
            np.ones(terminals),
            (2.0, 1.0, 0.9, 0.6),
        )
        demand = Demand(power, power, 0.3 * power, none, water, water, trips, goods)
        self.clock += 1
        return self.coupling.serve(
            self.clock, demand, permitted, damage, Weather(28.0, 0.0, 0.0, 0.0, 1.0), operation
        )


def test_it_rests_while_the_dam_is_full_and_runs_when_it_is_low(bay_city):
    assert Coast(bay_city, dam_frac=0.9).hour().water.desalinated_m3 == 0.0
    assert Coast(bay_city, dam_frac=0.3).hour().water.desalinated_m3 == PLANT_M3_PER_H
    assert Coast(bay_city, dam_frac=0.3, desalination=False).hour().water.desalinated_m3 == 0.0


def test_it_is_a_load_at_the_sea_side(bay_city):
    rests, runs = (Coast(bay_city, dam_frac=fill) for fill in (0.9, 0.3))
    idle, busy = (coast.hour().power.delivered_mw[coast.feeder] for coast in (rests, runs))
    assert busy - idle == pytest.approx(3.6 * PLANT_M3_PER_H / 1000.0)


@pytest.mark.parametrize(("cut_frac", "share"), [(1.0, 0.0), (0.4, 0.6)])
def test_a_power_cut_is_now_a_water_cut(bay_city, cut_frac, share):
    fed = Coast(bay_city, dam_frac=0.3).hour(cut_frac).water.desalinated_m3
    assert fed == pytest.approx(share * PLANT_M3_PER_H)
    blind = Coast(bay_city, dam_frac=0.3, power_to_water=False)
    assert blind.hour(cut_frac).water.desalinated_m3 == PLANT_M3_PER_H


def test_what_the_sea_gives_stays_behind_the_dam(bay_city):
    coasts = [Coast(bay_city, dam_frac=0.3, desalination=on) for on in (False, True)]
    for coast in coasts:
        for _ in range(48):
            coast.hour()
    spared_m3 = coasts[1].coupling.raw_water.volume_m3 - coasts[0].coupling.raw_water.volume_m3
    more_in_tanks_m3 = coasts[1].coupling.water._stored_m3 - coasts[0].coupling.water._stored_m3
    assert spared_m3 > 0.5 * 48 * PLANT_M3_PER_H
    # a higher pressure loses a little more in leaks
    assert 0.9 < (spared_m3 + more_in_tanks_m3) / (48 * PLANT_M3_PER_H) <= 1.001
