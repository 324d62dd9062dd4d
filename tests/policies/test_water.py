"""Measures on water: what they put into the charter and what that does in the city."""

import numpy as np
import pytest

from agentsim.charter import Charter
from agentsim.institutions.control_graph import ControlGraph
from agentsim.policies import enact
from agentsim.policies.water import LocalWater

SIEGE = {"attacker.first_hour": 24, "attacker.target": "Southshore", "bad_actor.action_chance": 1.0}
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
    assert local.last.permitted.trunk_closed[TARGET]
    others = np.arange(len(local.place.districts)) != TARGET
    harm = {run: run.record.at["water_unserved_m3"][24:72, others].sum() for run in (plain, local)}
    assert harm[plain] == pytest.approx(0.0, abs=1e-6)
    assert harm[local] >= 0.0


@pytest.mark.parametrize(
    ("foothold", "low", "high"),
    [
        (["water_control_room"], 0.60, 0.75),  # wells pump 30 % of demand, though not all of it at night
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
