"""Measures on transport: what they put into the charter and what that does in the city."""

import numpy as np

from agentsim.charter import Charter
from agentsim.institutions.control_graph import ControlGraph
from agentsim.policies import enact
from agentsim.policies.transport import LocalRoads

SIEGE = {"attacker.first_hour": 24, "attacker.target": "Southshore", "bad_actor.action_chance": 1.0}
TARGET = 6


def reached_frac(society) -> float:
    """Share of the target's wanted trips that were made after the attack began."""
    at, hours = society.record.at, slice(24, society.record.lived)
    return at["trips_made"][hours, TARGET].sum() / at["trips_wanted"][hours, TARGET].sum()


def test_only_the_town_may_close_its_roads():
    control = ControlGraph(enact(["T-C1"]).control, ("North", "South"))
    assert control.holds("municipality:South", "road_closures:South")
    assert not control.holds("municipality:North", "road_closures:South")
    assert not control.holds("traffic_control_room", "road_closures:South")


def test_a_captured_centre_cannot_close_roads_under_local_roads(hamlet):
    plain, local = (hamlet(policies, "coercer", 1, 72, SIEGE) for policies in ((), ("T-C1",)))
    assert plain.last.permitted.roads_closed[TARGET]
    assert not local.last.permitted.roads_closed.any()
    assert reached_frac(local) > reached_frac(plain) + 0.1


def test_signals_of_their_own_stay_lit_in_the_dark(hamlet):
    # power is cut and roads are open: what differs is the capacity at dark signals
    dark = {**SIEGE, "attacker.foothold": ["power_control_room"]}
    plain, local = (hamlet(policies, "coercer", 1, 60, dark) for policies in ((), ("T-C1",)))
    delay = [run.record.city["delay_veh_h"][25:60].sum() for run in (plain, local)]
    assert delay[1] < delay[0]
    feeder = local.place.roads.signal_feeder
    assert (~local.service.power.energised[feeder]).any(), "some signals of the target hang on dark feeders"


def test_half_of_the_signals_is_half_of_the_cost(bay_city):
    from agentsim.equipment import install

    whole, half = (LocalRoads(signal_frac=share).enact(Charter()) for share in (1.0, 0.5))
    amount = [install(c.stock, Charter().stock, bay_city).quantity["local_signals"] for c in (whole, half)]
    assert np.isclose(amount[1], amount[0] / 2, atol=1.0)


def test_the_road_tax_pays():
    assert {charge.payer for charge in LocalRoads().enact(Charter()).costs} == {"road_tax"}
