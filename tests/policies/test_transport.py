"""Measures on transport: what they put into the charter and what that does in the city."""

from dataclasses import replace

import numpy as np
import pytest

from agentsim.core.charter import Charter
from agentsim.institutions.control_graph import ControlGraph
from agentsim.policies import enact
from agentsim.policies.transport import AdaptiveSignals, LocalRoads

SIEGE = {
    "attacker.first_hour": 24,
    "attacker.target": "Southshore",
    "bad_actor.action_chance": 1.0,
}
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
    assert plain.last.permitted.roads_cut_off[TARGET]
    assert not local.last.permitted.roads_cut_off.any()
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
    from agentsim.place.equipment import install

    whole, half = (LocalRoads(signal_frac=share).enact(Charter()) for share in (1.0, 0.5))
    amount = [install(c.stock, Charter().stock, bay_city).quantity["local_signals"] for c in (whole, half)]
    assert np.isclose(amount[1], amount[0] / 2, atol=1.0)


def test_the_road_tax_pays():
    assert {charge.payer for charge in LocalRoads().enact(Charter()).costs} == {"road_tax"}


# ---- T-S1


def test_adaptive_signals_cut_delay_and_leave_the_number_of_trips(hamlet):
    free = {"mechanisms.charges": False}
    plain, adaptive = (hamlet(policies, hours=72, changes=free) for policies in ((), ("T-S1",)))
    assert adaptive.outcomes["delay_h_per_trip"] < 0.9 * plain.outcomes["delay_h_per_trip"]
    assert adaptive.outcomes["vehicle_km"] == pytest.approx(plain.outcomes["vehicle_km"], rel=0.01)


def test_road_times_hardly_move_how_much_is_driven(calm_hamlet):
    # Elasticity of vehicle-km to travel time; literature has -0.5 in the short run. Here the matrix of
    # trips is given, few stay at home, and slower roads cost the bus, which stops on the way, more than the
    # car: mode choice almost cancels. What adaptive signals gain is therefore not eaten up by new traffic.
    society = calm_hamlet
    cars = society.population.cars.running_frac_by_zone(np.ones(len(society.place.districts)))
    km = []
    for factor in (1.0, 1.1):
        outlook = replace(society.outlook, skim_h=factor * society.coupling.roads.free_skim_h)
        trips = society.travel.ask(8, 1, outlook, cars)
        km.append(float((trips.vehicles * society.coupling.roads.free_skim_km).sum()))
    elasticity = np.log(km[1] / km[0]) / np.log(1.1)
    assert -0.1 < elasticity < 0.02


def test_junctions_of_three_roads_and_more_are_equipped_the_largest_first(bay_city):
    from agentsim.place.equipment import install

    base, approaches = Charter().stock, np.bincount(bay_city.roads.link_to)
    some, every = (
        install(AdaptiveSignals(signal_frac=share).enact(Charter()).stock, base, bay_city).adaptive_signal
        for share in (0.3, 1.0)
    )
    head = bay_city.roads.link_to
    assert set(approaches[head[~every]]) == {1, 2}
    assert approaches[head[every]].min() == 3
    assert 0 < some.sum() < every.sum()
    assert approaches[head[some]].min() >= approaches[head[every & ~some]].max()


def test_the_traffic_room_holds_the_signals():
    control = ControlGraph(enact(["T-S1"]).control, ("North", "South"))
    assert control.holds("traffic_control_room", "signals:North")
    assert not control.holds("municipality:North", "signals:North")


CENTRE_SPOOFS = {
    "attacker.kind": "saboteur",
    "attacker.strikes": ["A6 spoof Southshore", "A6 spoof Harbour", "A6 spoof Old Town"],
    "attacker.first_hour": 0,
    "attacker.budget": 1000,
}


def test_spoofed_detectors_make_adaptive_signals_worse_than_a_fixed_plan(hamlet):
    free = {"mechanisms.charges": False, **CENTRE_SPOOFS}
    plain, adaptive = (
        hamlet(policies, "saboteur:scripted", 1, 48, free).outcomes["delay_h_per_trip"]
        for policies in ((), ("T-S1",))
    )
    assert adaptive > 1.5 * plain


def test_there_are_no_detectors_to_spoof_without_adaptive_signals(hamlet):
    without, with_ = (hamlet(policies).control.assets for policies in ((), ("T-S1",)))
    assert "detectors:Southshore" in with_
    assert "detectors:Southshore" not in without
    assert "detectors:Southshore" not in hamlet(("T-S1", "T-C1")).control.assets, (
        "their own logic listens to none"
    )
