"""Measures on water: what they put into the charter and what that does in the city."""

from dataclasses import replace

import numpy as np
import pytest

from agentsim.core.charter import Charter
from agentsim.institutions.control_graph import ControlGraph
from agentsim.place.equipment import install
from agentsim.policies import enact
from agentsim.policies.water import Desalination, LocalWater, RainAndGroundwater

SIEGE = {
    "attacker.first_hour": 24,
    "attacker.target": "Southshore",
    "bad_actor.action_chance": 1.0,
}
TARGET = 6


def unserved_frac(society) -> float:
    """Share of the target's water that was asked from the first hour of attack and did not come."""
    at, hours = society.record.at, slice(24, society.record.lived)
    return at["water_unserved_m3"][hours, TARGET].sum() / at["water_asked_m3"][hours, TARGET].sum()


def test_inlet_valves_go_to_the_towns_and_trunk_valves_stay():
    control = ControlGraph(enact(["W-C1"]).control, ("North", "South"))
    assert not control.holds("water_control_room", "inlet_valves:North")
    assert control.holds("municipality:North", "inlet_valves:North")
    assert control.holds("water_control_room", "trunk_valves:North")


def test_a_captured_centre_turns_to_the_trunk_mains_and_neighbours_suffer(hamlet):
    plain, local = (hamlet(policies, "coercer", 1, 72, SIEGE) for policies in ((), ("W-C1",)))
    assert plain.outcomes["water_restricted_m3"] > 0 == local.outcomes["water_restricted_m3"]
    assert {event.kind for event in local.events} >= {"restriction/mains"}
    assert local.last.permitted.trunk_mains_shut[TARGET]
    others = np.arange(len(local.place.districts)) != TARGET
    harm = {run: run.record.at["water_unserved_m3"][24:72, others].sum() for run in (plain, local)}
    assert harm[plain] == pytest.approx(0.0, abs=1e-6)
    assert harm[local] >= 0.0


@pytest.mark.parametrize(
    ("foothold", "low", "high"),
    [
        (["water_control_room"], 0.57, 0.72),  # wells pump 30 % of demand, though not all of it at night
        (["water_control_room", "power_control_room"], 0.94, 0.98),  # only what the tanks held: six hours
    ],
)
def test_wells_hold_their_share_in_a_siege_as_long_as_they_have_power(hamlet, foothold, low, high):
    # the equipment without the control: the inlets stay with the centre
    siege = {**SIEGE, "attacker.foothold": foothold}
    plain, wells = hamlet([], "coercer", 1, 72, siege), hamlet(["W-C1"], "coercer", 1, 0, siege)
    wells.control = plain.control
    wells.run(72)
    assert unserved_frac(plain) == pytest.approx(1.0)
    assert low < unserved_frac(wells) < high


def test_wells_take_from_the_mains_on_ordinary_days(hamlet):
    plain, local = hamlet(hours=24), hamlet(["W-C1"], hours=24)
    assert plain.outcomes["local_water_share"] == 0.0
    # at most 30 % of demand; leakage comes on top of demand, and at night less is asked than wells could give
    assert 0.18 < local.outcomes["local_water_share"] < 0.30
    drawn = [
        run.record.total("water_input_m3") - run.record.total("water_local_m3") for run in (plain, local)
    ]
    assert drawn[1] < 0.85 * drawn[0]


def test_the_price_of_wells_is_in_the_water_tariff():
    charges = LocalWater().enact(Charter()).costs
    assert {charge.payer for charge in charges} == {"water_tariff"}
    assert {charge.quantity for charge in charges} == {"districts", "well_m3_per_d", "well_tank_m3"}


def test_the_water_price_rises_by_what_it_pays_for(hamlet):
    society = hamlet(["W-C1"])
    yearly = society.market.yearly_jpy["water_tariff"]
    sold_m3 = society.place.water.junction_demand_m3_per_h.sum() * 8760.0
    assert society.market.water_jpy_per_m3 == pytest.approx(187.0 + yearly / sold_m3)


# ---- W-S1


DRY = {"weather.rain_factor": 0.0, "weather.warm_up_days": 120, "raw_water.start_frac": 0.02}


def test_desalination_in_a_drought(hamlet):
    plain, sea = (hamlet(policies, hours=120, changes=DRY) for policies in ((), ("W-S1",)))
    dry, spared = (run.outcomes["water_unserved_m3"] for run in (plain, sea))
    assert dry > 0.0
    # it makes a fifth of the mean demand, and what people miss is less by no more than that and what they no
    # longer ask, because water that pays for the plant is dearer
    made_m3 = 120 * 0.2 * plain.place.water.junction_demand_m3_per_h.sum()
    saved_m3 = plain.record.total("water_asked_m3") - sea.record.total("water_asked_m3")
    assert 0.0 < saved_m3 < 0.05 * plain.record.total("water_asked_m3")
    assert 0.5 * made_m3 < dry - spared - saved_m3 <= made_m3
    assert sea.outcomes["deprivation_mean"] <= plain.outcomes["deprivation_mean"]


def test_in_a_wet_year_the_plant_stands_idle_and_is_paid_for(hamlet):
    plain, sea = (hamlet(policies, hours=48) for policies in ((), ("W-S1",)))
    assert sea.service.water.desalinated_m3 == 0.0
    assert sea.outcomes["water_unserved_m3"] == plain.outcomes["water_unserved_m3"] == 0.0
    assert sea.market.water_jpy_per_m3 > plain.market.water_jpy_per_m3


def test_the_size_of_the_plant_is_a_share_of_demand(bay_city):
    stock = enact(["W-S1"], {"W-S1": Desalination(share_of_demand=0.5)}).stock
    equipment = install(stock, Charter().stock, bay_city)
    assert equipment.desalination_m3_per_h == pytest.approx(
        0.5 * bay_city.water.junction_demand_m3_per_h.sum()
    )
    assert equipment.sea_side.kind == "sea_side"


def test_a_city_without_a_sea_builds_nothing_and_pays_nothing(bay_city):
    inland = replace(bay_city, sites=())
    charter = enact(["W-S1"])
    equipment = install(charter.stock, Charter().stock, inland)
    assert equipment.desalination_m3_per_h == 0.0
    assert sum(equipment.yearly_jpy(charter.costs, 0.04).values()) == 0.0


# ---- W-S2

LEAKY = {"water.leakage_frac": 0.3, "mains.age_scale_y": 50.0, "mains.survey_interval_d": 730.0}
LEAKY |= {"failures.main_bursts_per_km_year": 0.4}


def test_leaks_are_found_where_much_leaks_and_little_is_gained_where_little_does(hamlet):
    tight = {"water.leakage_frac": 0.03, "mains.age_scale_y": 15.0, "mains.survey_interval_d": 180.0}
    gained = []
    for changes in (LEAKY, tight):
        plain, found = (hamlet(policies, seed=3, hours=240, changes=changes) for policies in ([], ["W-S2"]))
        gained.append(plain.outcomes["leakage_share"] - found.outcomes["leakage_share"])
        assert found.outcomes["leaks_not_found"] <= plain.outcomes["leaks_not_found"]
        assert plain.outcomes["leaks_not_found"] == len(plain.water_utility.mains_office.leak_repair.unknown)
    assert gained[0] > 0.01
    assert gained[1] < 0.3 * gained[0]


def test_background_leakage_is_untouched(hamlet):
    changes = {"water.leakage_frac": 0.3, "mechanisms.hidden_bursts": False, "mechanisms.charges": False}
    plain, found = (hamlet(policies, hours=96, changes=changes) for policies in ([], ["W-S2"]))
    leaked = [run.record.city["water_leakage_m3"] for run in (plain, found)]
    assert (leaked[0] == leaked[1]).all()


def test_the_search_is_told_as_it_goes(hamlet):
    found = hamlet(["W-S2"], hours=120, changes=LEAKY)
    told = [event.what for event in found.events if event.kind == "leak"]
    assert told[0] == "leak_suspected"
    assert "leak_found" in told
    assert told.count("leak_found") + told.count("leak_not_found") <= told.count("leak_suspected")
    assert found.outcomes["leak_inspections"] >= told.count("leak_found")


def test_crews_drive_to_the_places_that_they_search(hamlet):
    """Edge roads_to_crews: nobody reaches a district whose roads are closed, and its leaks run on."""
    siege = LEAKY | {"attacker.first_hour": 3, "attacker.strikes": ["A6 Southshore"]}
    siege |= {"attacker.mind": "scripted", "attacker.budget": 1000.0, "hours": 96}
    cut, free = (
        hamlet(["W-S2"], "coercer:scripted", 1, 96, siege | {"mechanisms.roads_to_crews": on})
        for on in (True, False)
    )
    district = cut.place.water.junction_district
    mended = [
        sum(district[one.junction] == TARGET for one in run.water_utility.mains_office.leak_repair.mended)
        for run in (cut, free)
    ]
    assert mended[0] == 0 < mended[1]


def test_remote_devices_are_one_more_way_to_cut_off_water(hamlet):
    plain, found = hamlet(), hamlet(["W-S2"])
    assert plain.outcomes["single_captors_water"] == 1.0
    assert found.outcomes["single_captors_water"] == 2.0
    assert found.control.holds("leak_detection_vendor", "inlet_valves:Southshore")
    assert found.control.holds("leak_detection_vendor", "dosing")
    assert found.control.principals[-1] == "leak_detection_vendor", "it moves nobody else's draws"
    assert "leak_detection_vendor" not in plain.control.principals


def test_two_keys_keep_the_vendor_out(hamlet):
    both = hamlet(["W-C1", "W-S2"], changes={"policy.W-C1.authority": 1})
    assert not both.control.holds("leak_detection_vendor", "inlet_valves:Southshore")


def test_a_captured_vendor_shuts_valves_that_it_could_not_reach_before(hamlet):
    siege = {"attacker.foothold": ["leak_detection_vendor"], "attacker.strikes": ["A4 Southshore"]}
    siege |= {"attacker.mind": "scripted", "attacker.first_hour": 24}
    plain, found = (hamlet(policies, "coercer:scripted", 1, 48, siege) for policies in ([], ["W-S2"]))
    assert plain.outcomes["water_restricted_m3"] == 0.0 < found.outcomes["water_restricted_m3"]


def test_a_budget_for_new_mains_is_paid_and_spent(hamlet):
    changes = {"policy.W-S2.renewal_frac_per_y": 0.2}
    plain, new = hamlet(["W-S2"]), hamlet(["W-S2"], hours=96, changes=changes)
    assert new.water_utility.mains_office.renewal.frac_per_y == pytest.approx(0.2)
    yearly = [run.market.yearly_jpy["water_tariff"] for run in (plain, new)]
    metres = 0.2 * 1000.0 * new.mains.km.sum()
    assert yearly[1] - yearly[0] == pytest.approx(150e3 * metres)


# ---- W-S3


def test_rain_and_groundwater_take_the_place_of_tap_water(hamlet):
    plain, own = (hamlet(policies, hours=72) for policies in ([], ["W-S3"]))
    assert plain.outcomes["local_water_share"] == plain.outcomes["rain_used_m3"] == 0.0
    assert 0.02 < own.outcomes["local_water_share"] < 0.2
    assert own.record.total("water_input_m3") < plain.record.total("water_input_m3")


def test_without_rain_and_wells_nothing_is_gained(hamlet):
    changes = DRY | {"rain_tanks.start_frac": 0.0, "policy.W-S3.private_well_frac": 0.0}
    changes |= {"mechanisms.charges": False}
    plain, own = (hamlet(policies, hours=72, changes=changes) for policies in ([], ["W-S3"]))
    assert plain.outcomes["water_unserved_m3"] == own.outcomes["water_unserved_m3"] > 0.0
    assert own.record.total("recharged_m3") == 0.0


def test_each_part_is_paid_for_only_where_it_is_bought():
    some = RainAndGroundwater(private_well_frac=0.0).enact(Charter())
    assert {charge.item for charge in some.costs} == {"rain tanks", "recharge basins"}
