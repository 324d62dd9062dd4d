"""Devices on a maker's cloud switched together, and batteries refilled after a cut."""

import numpy as np
import pytest
from small_town import PROSUMERS, SUMMER_NIGHT, all_served, ask, people_of

from agentsim.agents.households.home_devices import HomeDevices, HomeDevicesParameters
from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.core.charter import Stock
from agentsim.core.streams import Streams

EVERYWHERE = np.ones(8)


def devices(people, **numbers) -> HomeDevices:
    return HomeDevices(people.homes.district, Streams(1), HomeDevicesParameters(**numbers))


def test_switching_on_adds_the_devices_of_each_connected_home(bay_city):
    people, usual = people_of(bay_city, 300, PROSUMERS), people_of(bay_city, 300, PROSUMERS)
    for town in (people, usual):
        town.cars.ev_kwh *= 0.5
    told = devices(people, connected_frac=0.4).told(EVERYWHERE)
    people.ask_power(3, SUMMER_NIGHT, 1.0, told)
    usual.ask_power(3, SUMMER_NIGHT, 1.0)
    added = people.power.asked_kw - usual.power.asked_kw
    assert told.on.mean() == pytest.approx(0.4, abs=0.08)
    assert (added[told.on] >= 2.0 - 1e-9).all(), "a heat pump in each home, and chargers"
    assert (added[~told.on] == 0.0).all()
    with_battery = told.on & (people.power.battery_kwh > 0)
    assert (people.power.refill_kw[with_battery] > 0.0).all()


def test_what_was_charged_is_in_the_batteries_afterwards(bay_city):
    people = people_of(bay_city, 200, PROSUMERS)
    told = devices(people, connected_frac=1.0).told(EVERYWHERE)
    before = people.power.soc_kwh.copy()
    people.ask_power(3, SUMMER_NIGHT, 1.0, told)
    people.ask_water(3, 1.0)
    people.larder.ask_food(3)
    people.live(all_served(people))
    gained = people.power.soc_kwh - before
    assert gained == pytest.approx(people.power.refill_kw * np.sqrt(0.85))
    assert (people.power.soc_kwh <= people.power.battery_kwh + 1e-9).all()


def test_a_share_of_one_district_is_switched_and_no_home_elsewhere(bay_city):
    people = people_of(bay_city, 2000)
    share = np.zeros(8)
    share[2] = 0.5
    told = devices(people, connected_frac=1.0).told(share)
    assert not told.on[people.homes.district != 2].any()
    assert told.on[people.homes.district == 2].mean() == pytest.approx(0.5, abs=0.1)


def test_switching_off_lowers_the_load(bay_city):
    people, usual = people_of(bay_city, 300, PROSUMERS), people_of(bay_city, 300, PROSUMERS)
    for town in (people, usual):
        town.cars.ev_kwh *= 0.5
    told = devices(people, connected_frac=1.0).told(-EVERYWHERE)
    people.ask_power(20, SUMMER_NIGHT, 1.0, told)
    usual.ask_power(20, SUMMER_NIGHT, 1.0)
    assert not people.power.charging_kw.any()
    assert (people.power.asked_kw <= usual.power.asked_kw + usual.power.discharge_kw + 1e-9).all()
    assert people.power.asked_kw.sum() < 0.75 * usual.power.asked_kw.sum()


# ---- a battery without panels -----------------------------------------------------------------------


def test_a_battery_without_panels_is_ready_again_after_a_cut(bay_city):
    people = people_of(bay_city, 100, Stock(0.0, 1.0, 0.0))
    own = people.power.battery_kwh > 0
    kept = people.power.soc_kwh.copy()
    for hour in range(5):
        ask(people, hour)
        people.live(all_served(people, unserved_kw=people.power.asked_kw))
    assert (people.power.soc_kwh[own] < kept[own] - 0.1).all()
    for hour in range(5, 17):
        ask(people, hour)
        people.live(all_served(people))
    assert people.power.soc_kwh == pytest.approx(kept)
    ask(people, 17)
    assert not people.power.refill_kw.any(), "a full battery draws nothing"


def test_accounts_at_the_energy_bank_may_be_unequal(bay_city):
    bank = Stock(energy_bank_kwh_per_household=2.0)
    equal = people_of(bay_city, 2000, bank)
    uneven = people_of(bay_city, 2000, bank, parameters=HouseholdsParameters(bank_income_slope=0.1))
    assert (equal.power.bank_target_kwh == 2.0).all()
    target_kwh, decile = uneven.power.bank_target_kwh, uneven.homes.decile
    assert target_kwh[decile == 0] == pytest.approx(2.0 * 0.55)
    assert target_kwh[decile == 9] == pytest.approx(2.0 * 1.45)
    assert target_kwh.mean() == pytest.approx(2.0, rel=0.05)
