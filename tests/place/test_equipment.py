"""Equipment: the charter's shares of a need become megawatt-hours, wells and signals of a place."""

from dataclasses import replace

import numpy as np
import pytest

from agentsim.core.charter import Charge, Stock
from agentsim.place import load_place
from agentsim.place.cases import CRITICAL
from agentsim.place.equipment import EquipmentParameters, install

BASE = Stock()


@pytest.fixture(scope="module")
def place():
    return load_place("bay_city")


def test_an_ordinary_city_has_none_of_it_and_pays_nothing(place):
    equipment = install(BASE, BASE, place)
    assert not equipment.stores.energy_mwh.any()
    assert not equipment.stores.power_mw.any()
    assert not equipment.has_microgrid.any()
    assert not equipment.well_m3_per_h.any()
    assert not equipment.local_signal.any()
    sizes = ("city", "districts", "households")
    installed = {name: amount for name, amount in equipment.quantity.items() if name not in sizes}
    assert set(installed.values()) == {0.0}
    assert equipment.quantity["districts"] == len(place.districts)


def test_every_candidate_stands_there_at_zero_size(place):
    # a policy changes numbers, never the shape of the problem
    bare = install(BASE, BASE, place).stores
    full = install(replace(BASE, li_ion_storage_h=2.0, microgrid_h=4.0), BASE, place).stores
    assert len(bare.energy_mwh) == len(full.energy_mwh) == len(place.grid.bus_id) + len(place.districts)


def test_storage_is_hours_of_the_peak_spread_like_the_load(place):
    stores = install(replace(BASE, flow_storage_h=3.0), BASE, place).stores
    buses, peak_mw = len(place.grid.bus_id), place.feeders.peak_mw.sum()
    at_bus = np.bincount(place.feeders.bus, place.feeders.peak_mw, buses)
    assert stores.energy_mwh[:buses] == pytest.approx(3.0 * at_bus)
    # vanadium flow: a quarter of the energy an hour
    assert stores.power_mw[:buses].sum() == pytest.approx(0.25 * 3.0 * peak_mw)
    assert stores.efficiency[:buses] == pytest.approx(0.70)


def test_technologies_stand_side_by_side(place):
    stores = install(replace(BASE, li_ion_storage_h=1.0, flow_storage_h=3.0), BASE, place).stores
    buses = len(place.grid.bus_id)
    li_ion, flow = slice(0, buses), slice(buses, 2 * buses)
    assert stores.efficiency[li_ion] == pytest.approx(0.85)
    assert stores.efficiency[flow] == pytest.approx(0.70)
    assert stores.energy_mwh[flow] == pytest.approx(3.0 * stores.energy_mwh[li_ion])
    assert stores.power_mw[flow].sum() == pytest.approx(3.0 * 0.25 / 0.4 * stores.power_mw[li_ion].sum())
    assert np.all(stores.cycle_life[flow] > stores.cycle_life[li_ion])
    assert len(stores.power_mw) == 2 * buses + len(place.districts)


def test_a_microgrid_is_sized_on_the_critical_load_of_its_district(place):
    equipment = install(replace(BASE, microgrid_h=4.0), BASE, place)
    feeders, districts = place.feeders, len(place.districts)
    critical = feeders.tier == CRITICAL
    critical_mw = np.bincount(feeders.district[critical], feeders.peak_mw[critical], districts)
    assert equipment.has_microgrid.all()
    assert equipment.stores.energy_mwh[-districts:] == pytest.approx(4.0 * critical_mw)
    assert equipment.stores.power_mw[-districts:] == pytest.approx(1.5 * critical_mw)
    assert equipment.quantity["microgrid_kwh"] == pytest.approx(4e3 * critical_mw.sum())


def test_wells_give_a_share_of_what_the_district_uses(place):
    equipment = install(replace(BASE, well_demand_frac=0.3, well_tank_h=6.0), BASE, place)
    demand = place.water.junction_demand_m3_per_h
    assert equipment.well_m3_per_h.sum() == pytest.approx(0.3 * demand.sum())
    assert equipment.well_tank_m3 == pytest.approx(6.0 * equipment.well_m3_per_h)
    assert equipment.quantity["well_m3_per_d"] == pytest.approx(24.0 * 0.3 * demand.sum())


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_local_signals_are_a_share_of_the_approaches(place, share):
    equipment = install(replace(BASE, local_signal_frac=share), BASE, place)
    links = len(place.roads.link_from)
    assert equipment.local_signal.sum() == equipment.quantity["local_signals"] == round(share * links)


def test_only_what_goes_beyond_an_ordinary_home_is_counted(place):
    stock = replace(BASE, home_food_days=BASE.home_food_days + 4.0, home_water_l_per_person=21.0)
    quantity = install(stock, BASE, place).quantity
    people = place.households * place.persons_per_household
    assert quantity["extra_food_person_days"] == pytest.approx(4.0 * people)
    assert quantity["extra_home_water_l"] == pytest.approx((21.0 - BASE.home_water_l_per_person) * people)


def test_yearly_cost_is_summed_by_payer(place):
    equipment = install(replace(BASE, energy_bank_kwh_per_household=1.0), BASE, place)
    charges = (
        Charge("bank", "local_tax", "bank_kwh", 0.0, 10.0, 5.0),
        Charge("office", "local_tax", "districts", 0.0, 10.0, 1000.0),
        Charge("room", "power_tariff", "districts", 0.0, 10.0, 7.0),
    )
    yearly = equipment.yearly_jpy(charges, interest=0.04)
    districts = len(place.districts)
    assert yearly == pytest.approx(
        {"local_tax": 5.0 * place.households + 1000.0 * districts, "power_tariff": 7.0 * districts}
    )


def test_the_technology_can_be_set(place):
    slow = EquipmentParameters(storage_c_rate_per_h=(0.1, 0.1, 0.1))
    peak_mw = place.feeders.peak_mw.sum()
    stores = install(replace(BASE, solid_state_storage_h=1.0), BASE, place, slow).stores
    assert stores.power_mw.sum() == pytest.approx(0.1 * peak_mw)
