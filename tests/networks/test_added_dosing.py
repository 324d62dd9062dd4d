"""Dosing at added sources, wells and a desalination plant: one more way to harm, where there is one."""

import numpy as np
import pytest

from agentsim.core.messages import Order
from agentsim.networks.water.contaminant import mixed_dose

CALM = {"mechanisms.failures": False, "hours": 72}
UNSEEN = {"utilities.dose_seen_per_h": 0.0, "utilities.dose_sensed_per_h": 0.0}
ALWAYS_RUNS = {"coupling.dam_low_frac": 1.1}  # the desalination plant runs however full the dam is
DOSE = 100.0


def struck(hamlet, policies, order: Order, hours: int = 48, changes=None):
    """A city in which *order* is given every hour from the twelfth on."""
    society = hamlet(policies, changes={**CALM, **UNSEEN, **(changes or {})})
    usual = society.orders
    society.orders = lambda: [*usual(), *([order] if society.hour >= 12 else [])]
    return society.run(hours)


def exposed(society) -> np.ndarray:
    """Person-hours with unsafe water by district, array (districts,)."""
    return society.record.at["contamination_person_h"][: society.record.lived].sum(axis=0)


def test_well_water_mixes_into_what_its_district_drinks():
    district = np.array([0, 0, 1])
    dose = mixed_dose(
        mains_frac=np.ones(3),
        well_frac=np.array([100.0, 1.0]),
        well_m3=np.array([10.0, 5.0]),
        delivered_m3=np.array([60.0, 40.0, 20.0]),
        district=district,
    )
    assert dose == pytest.approx([10.9, 10.9, 1.0])


def test_a_city_without_added_sources_has_no_dosing_there(calm_hamlet, hamlet):
    assert not any("_dosing" in name for name in calm_hamlet.control.assets)
    wells, plant = hamlet(["W-C1"]).control, hamlet(["W-S1"]).control
    assert "well_dosing:Harbour" in wells.assets
    assert "plant_dosing" not in wells.assets
    assert "plant_dosing" in plant.assets
    assert "well_dosing:Harbour" not in plant.assets
    assert wells.assets["well_dosing:Harbour"].holding.holders == ("municipality:Harbour",)


def test_whoever_runs_a_districts_wells_can_poison_that_district_and_no_other(hamlet):
    order = Order("municipality:Southshore", "well_dosing:Southshore", "dose", DOSE)
    society = struck(hamlet, ["W-C1"], order)
    harmed = exposed(society)
    target = society.place.districts.name.index("Southshore")
    assert harmed[target] > 0.0
    assert np.delete(harmed, target).sum() == 0.0
    foreign = Order("municipality:Harbour", "well_dosing:Southshore", "dose", DOSE)
    assert exposed(struck(hamlet, ["W-C1"], foreign, hours=24)).sum() == 0.0


def test_an_overdose_at_the_desalination_plant_travels_with_its_water(hamlet):
    order = Order("water_control_room", "plant_dosing", "dose", DOSE)
    society = struck(hamlet, ["W-S1"], order, changes=ALWAYS_RUNS)
    assert exposed(society).sum() > 0.0
    assert not society.coupling.water.safe_to_drink


def test_a_wrong_dose_at_wells_that_is_seen_is_set_right_by_hand(hamlet):
    order = Order("municipality:Southshore", "well_dosing:Southshore", "dose", DOSE)
    society = struck(hamlet, ["W-C1"], order, changes={"utilities.dose_seen_per_h": 1.0})
    assert exposed(society).sum() == 0.0
    assert society.coupling.water.safe_to_drink


def test_contamination_switched_off_holds_for_added_sources_too(hamlet):
    order = Order("municipality:Southshore", "well_dosing:Southshore", "dose", DOSE)
    assert exposed(struck(hamlet, ["W-C1"], order, changes={"mechanisms.contamination": False})).sum() == 0.0


def test_added_dosing_and_remote_devices_are_more_controls_that_can_harm(calm_hamlet, hamlet):
    few = calm_hamlet.measured["water_control_edges"]
    for policies in (["W-C1"], ["W-S1"], ["W-S2"]):
        assert hamlet(policies, hours=1).measured["water_control_edges"] > few, policies
