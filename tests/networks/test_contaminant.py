"""A wrong dose: how long it is under way, whom it reaches, and that water itself does not notice."""

import pickle

import numpy as np
import pytest

from agentsim.core.messages import Order
from agentsim.networks.water.network import WaterNetwork, WaterParameters

DOSE = 111.0  # Oldsmar 2021: 100 -> 11,100 ppm
SHAPE = np.array([0.35, 0.25, 0.2, 0.2, 0.3, 0.6, 1.2, 1.75, 1.7, 1.35, 1.1, 1.0] * 2)
TAMPER = Order("water_control_room", "dosing", "dose", DOSE)
UNSEEN = {"utilities.dose_seen_per_h": 0.0, "utilities.dose_sensed_per_h": 0.0}
CALM = {"mechanisms.failures": False}


def waterworks(bay_city, **numbers) -> WaterNetwork:
    return WaterNetwork(bay_city.water, len(bay_city.districts), parameters=WaterParameters(**numbers))


def hour(network, bay_city, number: int, dose: float = 1.0):
    asked = bay_city.water.junction_demand_m3_per_h * SHAPE[number % 24]
    return network.serve(asked_m3_per_h=asked, hour_of_day=number % 24, dose_frac=dose)


def tamper(society, order: Order = TAMPER, first: int = 24):
    """The order is given every hour from *first* on."""
    usual = society.orders
    society.orders = lambda: [*usual(), *([order] if society.hour >= first else [])]
    return society


def test_a_dose_is_at_the_taps_after_a_day_and_the_hydraulics_are_the_same(bay_city):
    dosed, plain = waterworks(bay_city), waterworks(bay_city)
    reached = []
    for number in range(48):
        one = hour(dosed, bay_city, number, DOSE)
        other = hour(plain, bay_city, number)
        for name in ("delivered_m3_per_h", "pressure_m", "tank_level_m", "source_m3"):
            assert (getattr(one, name) == getattr(other, name)).all()
        reached.append(0.0 if one.unsafe is None else one.unsafe.mean())
    begins = int(np.flatnonzero(reached)[0])
    half = int(np.flatnonzero(np.array(reached) > 0.5)[0])
    assert begins >= 18, "nothing is at taps while the clear wells hold it back"
    assert 22 <= half <= 36
    assert one.dose_frac.max() == pytest.approx(DOSE, rel=1e-6)
    assert plain.safe_to_drink


def test_nothing_in_the_mains_can_harm_some_days_later(bay_city):
    water = waterworks(bay_city, clear_well_h=2)
    for number in range(6):
        service = hour(water, bay_city, number, DOSE if number < 3 else 1.0)
    assert not water.safe_to_drink
    assert service.unsafe is not None
    for number in range(6, 400):
        service = hour(water, bay_city, number)
        if water.safe_to_drink:
            break
    assert not service.unsafe.any()
    assert service.dose_frac[service.delivered_m3_per_h > 0.0].max() < 5.0
    assert 10 < number < 200
    assert hour(water, bay_city, number).unsafe is None


def test_doses_that_come_again_and_again_leave_the_hydraulics_as_they_are(bay_city):
    """A thousand hours in which EPANET also has warnings to report; it ended the process there."""
    dosed, plain = waterworks(bay_city, clear_well_h=0), waterworks(bay_city, clear_well_h=0)
    districts, junctions = len(bay_city.districts), len(bay_city.water.junction_demand_m3_per_h)
    rng, traces, was = np.random.default_rng(1), 0, True
    for number in range(1000):
        asked = bay_city.water.junction_demand_m3_per_h * SHAPE[number % 24]
        asks = {"asked_m3_per_h": asked, "new_bursts": np.zeros(junctions)}
        asks["new_bursts"][rng.integers(junctions)] = rng.random() < 0.1
        if number % 60 > 40:  # between the doses, districts with burst mains are shut off
            asks["trunk_mains_shut"] = rng.random(districts) < 0.5
        one = dosed.serve(**asks, dose_frac=8.0 if number % 60 < 3 else 1.0)
        other = plain.serve(**asks)
        assert one.pressure_m.tobytes() == other.pressure_m.tobytes()
        assert one.delivered_m3_per_h.tobytes() == other.delivered_m3_per_h.tobytes()
        traces += was and not dosed.safe_to_drink
        was = dosed.safe_to_drink
    assert traces >= 5


def test_water_without_its_chlorine_is_unsafe_too(bay_city):
    water = waterworks(bay_city, clear_well_h=0)
    for number in range(24):
        service = hour(water, bay_city, number, 0.0)
    runs = service.delivered_m3_per_h > 0.0
    assert (service.unsafe == (service.dose_frac < 0.2) & runs).all()
    assert service.unsafe[runs].mean() > 0.5


def test_a_pickled_waterworks_takes_its_dose_along(bay_city):
    water = waterworks(bay_city, clear_well_h=1)
    for number in range(12):
        before = hour(water, bay_city, number, DOSE)
    again = pickle.loads(pickle.dumps(water))
    assert list(again.works.clear_wells.waiting) == list(water.works.clear_wells.waiting)
    after = hour(again, bay_city, 12, DOSE)
    assert after.unsafe[before.unsafe].mean() > 0.9


# ---- the replay of Oldsmar, in the city -------------------------------------------------------------


def exposed(society) -> float:
    return society.outcomes["contamination_person_h"]


def test_reversed_within_minutes_it_reaches_nobody(hamlet):
    society = tamper(hamlet(changes={**CALM, "hours": 96, "utilities.dose_seen_per_h": 1.0})).run(72)
    assert exposed(society) == 0.0
    assert society.coupling.water.safe_to_drink
    assert not society.water_utility.warned
    assert society.water_utility.by_hand_until > 72


def test_not_reversed_it_reaches_most_people_in_about_a_day(hamlet):
    society = tamper(hamlet(changes={**CALM, **UNSEEN, "hours": 96})).run(72)
    by_hour = society.record.at["contamination_person_h"][:72].sum(axis=1)
    first = int(np.flatnonzero(by_hour)[0]) - 24
    assert 18 <= first <= 30
    assert by_hour.max() > 0.5 * society.place.districts.people.sum()


def test_who_is_warned_drinks_no_more_from_the_tap_and_goes_short(hamlet):
    alarm = {**CALM, "hours": 96, "utilities.dose_seen_per_h": 0.0, "utilities.dose_sensed_per_h": 1.0}
    society = tamper(hamlet(changes=alarm)).run(72)
    unwarned = tamper(hamlet(changes={**CALM, **UNSEEN, "hours": 96})).run(72)
    assert 0.0 < exposed(society) < 0.1 * exposed(unwarned)
    assert society.outcomes["deprivation_mean"] > unwarned.outcomes["deprivation_mean"] == 0.0
    told = np.flatnonzero(society.record.at["contamination_person_h"][:72].sum(axis=1))
    assert len(told) <= 3, "an hour to notice, an hour to tell everybody"


def test_rationed_water_counts_as_short_and_not_as_restricted(bay_city):
    water, districts = waterworks(bay_city), len(bay_city.districts)
    asked = bay_city.water.junction_demand_m3_per_h
    ordered, rationed = np.zeros(districts), np.zeros(districts)
    ordered[0], rationed[:2] = 0.5, 0.2
    service = water.serve(asked_m3_per_h=asked, water_cut_off_frac=ordered, rationed_frac=rationed)
    rows = bay_city.water.junction_district
    here, there = rows == 0, rows == 1
    assert service.restricted_m3_per_h[here] == pytest.approx(0.5 * asked[here])
    assert service.short_m3_per_h[here] == pytest.approx(0.5 * 0.2 * asked[here], abs=1e-6)
    assert service.short_m3_per_h[there] == pytest.approx(0.2 * asked[there], abs=1e-6)
    assert not service.restricted_m3_per_h[~here].any()
    parts = service.delivered_m3_per_h + service.short_m3_per_h + service.restricted_m3_per_h
    assert parts == pytest.approx(asked)


def test_no_ration_changes_no_byte(bay_city):
    one, other = waterworks(bay_city), waterworks(bay_city)
    none = np.zeros(len(bay_city.districts))
    asked = bay_city.water.junction_demand_m3_per_h
    first, second = one.serve(asked_m3_per_h=asked), other.serve(asked_m3_per_h=asked, rationed_frac=none)
    assert first.delivered_m3_per_h.tobytes() == second.delivered_m3_per_h.tobytes()
    assert first.short_m3_per_h.tobytes() == second.short_m3_per_h.tobytes()
