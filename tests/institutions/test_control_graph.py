"""The control graph: who may cut off whom, and how few hands that takes."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from agentsim.core.charter import Charter, Control, Holding
from agentsim.core.messages import Order
from agentsim.institutions.control_graph import NETWORKS, PLATFORMS, RESTRICTS, ControlGraph
from agentsim.policies import enact

TOWNS = ("North", "South", "East", "West")
LOCAL = Holding(("municipality",))


def graph(needs_edge: bool = True, **holdings: Holding) -> ControlGraph:
    return ControlGraph(Charter().with_control(**holdings).control, TOWNS, needs_edge)


def permit(control: ControlGraph, *orders: Order):
    return control.permit(orders, units=2, pumps=3)


def cut(principal: str, town: str = "North", kind: str = "breakers", value: float = 1.0, action="restrict"):
    return Order(principal, f"{kind}:{town}", action, value)


# ---- orders take effect only through an edge --------------------------------------------------------


def test_an_order_without_an_edge_is_refused():
    order = cut("traffic_control_room")
    permitted = permit(graph(), order)
    assert permitted.refused == (order,)
    assert permitted.applied == ()
    assert not permitted.power_cut_off_frac.any()


def test_an_order_through_an_edge_reaches_its_district_and_no_other():
    order = cut("power_control_room", value=0.4)
    permitted = permit(graph(), order)
    assert permitted.applied == (order,)
    assert permitted.power_cut_off_frac.tolist() == [0.4, 0.0, 0.0, 0.0]
    assert not permitted.water_cut_off_frac.any()


def test_without_the_mechanism_anybody_is_obeyed():
    permitted = permit(graph(needs_edge=False), cut("traffic_control_room"))
    assert permitted.refused == ()
    assert permitted.power_cut_off_frac[0] == 1.0


def test_silence_leaves_everything_open_and_running():
    permitted = permit(graph())
    assert not permitted.power_cut_off_frac.any()
    assert not (permitted.trunk_mains_shut | permitted.roads_cut_off | permitted.islanded).any()
    assert permitted.committed.all()
    assert permitted.pumps_on.all()


def test_daily_work_is_ordinary_and_a_cut_is_not():
    control = graph()
    work = Order("water_control_room", "pumps", "run", np.ones(3, bool))
    wells = Order("municipality:North", "wells:North", "run", 1.0)
    assert permit(control, work, wells).ordinary
    for order in (cut("power_control_room"), Order("power_control_room", "generators", "withhold", 0.3)):
        assert permit(graph(needs_edge=False), work, order).ordinary is False
    assert permit(control, work, cut("traffic_control_room")).ordinary, "it was refused"


def test_orders_that_stand_are_answered_once_and_new_ones_anew():
    control = graph()
    cuts = cut("power_control_room", value=0.4)
    first = permit(control, Order("water_control_room", "pumps", "run", np.array([True, False, True])), cuts)
    again = permit(control, *first.applied)
    assert again is first
    pumps = Order("water_control_room", "pumps", "run", np.array([False, False, True]))
    second = permit(control, pumps, cuts)
    assert second.pumps_on.tolist() == [False, False, True]
    assert second.applied == (pumps, cuts)
    assert second.power_cut_off_frac.tolist() == first.power_cut_off_frac.tolist()
    assert permit(control, pumps).power_cut_off_frac.tolist() == [0.0] * 4
    control.revoke("power_control_room", "power", 5)
    revoked = permit(control, pumps, cuts)
    assert revoked.refused == (cuts,)
    assert not revoked.power_cut_off_frac.any()


def test_a_city_wide_asset_takes_the_order_as_it_is():
    pumps = np.array([True, False, True])
    permitted = permit(graph(), Order("water_control_room", "pumps", "run", pumps))
    assert permitted.pumps_on.tolist() == [True, False, True]
    refused = permit(graph(), Order("municipality:North", "pumps", "run", np.zeros(3, bool)))
    assert refused.pumps_on.all()


def test_an_asset_that_does_not_exist_is_an_error():
    with pytest.raises(KeyError, match="Atlantis"):
        permit(graph(), cut("power_control_room", town="Atlantis"))


@pytest.mark.parametrize(
    ("kind", "field", "principal"),
    [
        ("breakers", "power_cut_off_frac", "power_control_room"),
        ("inlet_valves", "water_cut_off_frac", "water_control_room"),
        ("trunk_valves", "trunk_mains_shut", "water_control_room"),
        ("road_closures", "roads_cut_off", "traffic_control_room"),
        ("microgrid_ties", "islanded", "municipality:South"),
        ("wells", "wells_on", "municipality:South"),
    ],
)
def test_each_class_of_assets_moves_its_own_lever(kind, field, principal):
    permitted = permit(graph(), cut(principal, "South", kind))
    assert getattr(permitted, field).astype(float).tolist() == [0.0, 1.0, 0.0, 0.0]


# ---- authority: how several holders of one asset combine --------------------------------------------

BOTH_HANDS = ("power_control_room", "municipality")


def test_any_holder_is_enough_and_the_strongest_order_counts():
    control = graph(breakers=Holding(BOTH_HANDS, "any"))
    orders = cut("power_control_room", value=0.3), cut("municipality:North", value=0.8)
    assert permit(control, orders[0]).power_cut_off_frac[0] == 0.3
    assert permit(control, *orders).power_cut_off_frac[0] == 0.8
    assert permit(control, *reversed(orders)).power_cut_off_frac[0] == 0.8


def test_two_keys_turn_only_together_and_the_weakest_order_counts():
    control = graph(breakers=Holding(BOTH_HANDS, "both"))
    orders = cut("power_control_room", value=0.3), cut("municipality:North", value=0.8)
    assert permit(control, orders[0]).power_cut_off_frac[0] == 0.0
    assert permit(control, orders[1]).power_cut_off_frac[0] == 0.0
    assert permit(control, *orders).power_cut_off_frac[0] == 0.3


def test_the_second_key_is_that_of_the_district_itself():
    control = graph(breakers=Holding(BOTH_HANDS, "both"))
    permitted = permit(control, cut("power_control_room"), cut("municipality:South"))
    assert permitted.power_cut_off_frac[0] == 0.0
    assert len(permitted.refused) == 1


def test_what_is_cut_can_be_restored_by_hand_where_the_rule_says_so():
    restore = cut("municipality:North", action="restore", value=0.0)
    by_hand = graph(breakers=Holding(BOTH_HANDS, "local_restore"))
    assert permit(by_hand, cut("power_control_room")).power_cut_off_frac[0] == 1.0
    assert permit(by_hand, cut("power_control_room"), restore).power_cut_off_frac[0] == 0.0
    without_rule = graph(breakers=Holding(BOTH_HANDS))
    assert permit(without_rule, cut("power_control_room"), restore).power_cut_off_frac[0] == 1.0


def test_the_municipality_restores_what_it_does_not_hold():
    by_hand = graph(breakers=Holding(("power_control_room",), "local_restore"))
    restore = cut("municipality:North", action="restore", value=0.0)
    assert permit(by_hand, cut("power_control_room"), restore).power_cut_off_frac[0] == 0.0


@pytest.mark.parametrize("holders", [BOTH_HANDS, ("power_control_room",)])
@pytest.mark.parametrize("other", ["municipality:South", "power_control_room", "traffic_control_room"])
def test_nobody_else_restores(holders, other):
    by_hand = graph(breakers=Holding(holders, "local_restore"))
    permitted = permit(by_hand, cut("power_control_room"), cut(other, action="restore", value=0.0))
    assert permitted.power_cut_off_frac[0] == 1.0
    assert [order.principal for order in permitted.refused] == [other]


def test_what_was_restored_in_one_district_stays_cut_in_the_next():
    by_hand = graph(breakers=Holding(("power_control_room",), "local_restore"))
    cuts = [cut("power_control_room", town) for town in ("North", "South")]
    permitted = permit(by_hand, *cuts, cut("municipality:North", action="restore", value=0.0))
    assert permitted.power_cut_off_frac.tolist() == [0.0, 1.0, 0.0, 0.0]


# ---- reach, concentration, smallest capture set: by hand --------------------------------------------


def test_in_the_plain_charter_three_rooms_share_all_reach():
    control = graph()
    reach = dict(zip(control.principals, control.reach().tolist(), strict=True))
    for room in ("power_control_room", "water_control_room", "traffic_control_room"):
        assert reach[room] == pytest.approx([1 / 3] * 4)
    for town in TOWNS:
        assert reach[f"municipality:{town}"] == [0.0] * 4
    assert control.reach_hhi() == pytest.approx(1 / 3)


def test_one_room_that_holds_everything_is_full_concentration():
    hand = Holding(("the_captain",))
    control = graph(breakers=hand, inlet_valves=hand, trunk_valves=hand, road_closures=hand)
    assert control.reach_hhi() == 1.0
    assert [control.smallest_capture_set(d) for d in range(4)] == [1.0] * 4


def test_all_local_is_an_equal_share_for_each_town():
    control = graph(breakers=LOCAL, inlet_valves=LOCAL, trunk_valves=LOCAL, road_closures=LOCAL)
    assert control.reach_hhi() == pytest.approx(1 / 4)
    assert control.reach()[control.principals.index("municipality:East")].tolist() == [0.0, 0.0, 1.0, 0.0]


def test_trunk_valves_left_with_the_centre_weigh_as_much_as_they_reach():
    # totals: four towns 1 each, the water room 1/3 of each of four districts = 4/3; sum 16/3
    control = graph(breakers=LOCAL, inlet_valves=LOCAL, road_closures=LOCAL)
    assert control.reach_hhi() == pytest.approx(4 * (3 / 16) ** 2 + (4 / 16) ** 2)


def test_more_than_half_of_three_networks_takes_two_rooms():
    control = graph()
    assert control.smallest_capture_set(0) == 2.0
    assert [control.smallest_capture_set(0, (network,)) for network in NETWORKS] == [1.0, 1.0, 1.0]


def test_two_keys_double_what_must_be_captured():
    control = graph(breakers=Holding(BOTH_HANDS, "both"))
    assert control.smallest_capture_set(0, ("power",)) == 2.0
    assert not control.can_cut(["power_control_room"], 0, "power")
    assert control.can_cut(["power_control_room", "municipality:North"], 0, "power")
    assert not control.can_cut(["power_control_room", "municipality:South"], 0, "power")


def test_three_keys_need_three_hands():
    control = graph(breakers=Holding(("power_control_room", "regulator", "municipality"), "both"))
    assert control.smallest_capture_set(2, ("power",)) == 3.0


def test_what_nobody_can_cut_takes_no_number_of_hands():
    nobody = Holding(())
    control = graph(breakers=nobody)
    assert control.smallest_capture_set(0, ("power",)) == float("inf")


@pytest.mark.parametrize("authority", ["any", "both", "local_restore"])
def test_an_asset_without_holders_is_cut_by_nobody(authority):
    # "all of no keys" must not read as turned
    control = graph(breakers=Holding((), authority))
    assert not control.can_cut([], 0, "power")
    assert not control.can_cut(control.principals, 0, "power")
    assert control.can_cut(control.principals, 0, "water")


def test_the_captured_centre_cuts_all_and_a_captured_town_only_itself():
    central, local = graph(), graph(breakers=LOCAL)
    assert [central.can_cut(["power_control_room"], d, "power") for d in range(4)] == [True] * 4
    assert [local.can_cut(["power_control_room"], d, "power") for d in range(4)] == [False] * 4
    assert [d for d in range(4) if local.can_cut(["municipality:South"], d, "power")] == [1]


def test_the_capture_of_all_towns_is_the_capture_of_the_city():
    local = graph(breakers=LOCAL)
    towns = [f"municipality:{town}" for town in TOWNS]
    assert all(local.can_cut(towns, d, "power") for d in range(4))
    assert not all(local.can_cut(towns[:3], d, "power") for d in range(4))


def test_edges_are_those_of_the_captured():
    control = graph(breakers=LOCAL)
    assert {asset.kind for asset in control.edges(["power_control_room"])} == {"units", "power_record"}
    own = control.edges(["municipality:West"])
    assert {asset.district for asset in own} == {3}
    assert {asset.kind for asset in own} == {"breakers", "microgrid_ties", "wells"}


@pytest.mark.parametrize("policy", ["E-C2", "W-C1", "T-C1"])
def test_decentralising_lowers_concentration(policy):
    assert (
        ControlGraph(enact([policy]).control, TOWNS).reach_hhi() < ControlGraph(Control(), TOWNS).reach_hhi()
    )


# ---- the same questions, answered on the networkx graph ---------------------------------------------

CHARTERS = {
    "plain": Charter(),
    "local": Charter().with_control(breakers=LOCAL, inlet_valves=LOCAL),
    "both": Charter().with_control(breakers=Holding(BOTH_HANDS, "both"), trunk_valves=Holding(())),
    "restore": Charter().with_control(breakers=Holding(BOTH_HANDS, "local_restore")),
    "X-C1": enact(["X-C1"]),
    "X-C4": enact(["X-C4", "E-C2"]),
}


def cuts(found: nx.DiGraph, captured: set[str], town: str, network: str) -> bool:
    """Whether the captured principals can cut a town off, by the edges of the networkx graph."""
    for asset, row in found.nodes(data=True):
        if row["kind"] == "asset" and row["asset_class"] in RESTRICTS:
            holders = set(found.predecessors(asset))
            enough = holders <= captured if row["authority"] == "both" else holders & captured
            if (row["district"], row["network"]) == (town, network) and holders and enough:
                return True
    return False


@pytest.fixture(params=CHARTERS)
def any_control(request) -> ControlGraph:
    return ControlGraph(
        CHARTERS[request.param].control, TOWNS, terminal_owner=("A", "B"), platforms=PLATFORMS
    )


def test_the_networkx_graph_gives_the_same_reach(any_control):
    found = any_control.graph
    reach = [
        [np.mean([cuts(found, {who}, town, network) for network in NETWORKS]) for town in TOWNS]
        for who in any_control.principals
    ]
    assert any_control.reach().tolist() == reach


def test_the_networkx_graph_gives_the_same_smallest_capture_sets(any_control):
    found, principals = any_control.graph, any_control.principals
    for networks in (NETWORKS, ("power",), ("water",), ("roads",)):
        for d, town in enumerate(TOWNS):
            sizes = (
                size
                for size in range(1, 4)
                for captured in combinations(principals, size)
                if np.mean([cuts(found, set(captured), town, network) for network in networks]) > 0.5
            )
            assert any_control.smallest_capture_set(d, networks) == next(sizes, float("inf"))


def test_the_networkx_graph_leads_from_principals_to_assets(any_control):
    found = any_control.graph
    kind = nx.get_node_attributes(found, "kind")
    assert [name for name in found if kind[name] == "principal"] == list(any_control.principals)
    assert {name for name in found if kind[name] == "asset"} == set(any_control.assets)
    assert nx.bipartite.is_bipartite(found)
    assert {(kind[a], kind[b]) for a, b in found.edges} == {("principal", "asset")}
    for who in any_control.principals:
        assert set(found.successors(who)) == {asset.name for asset in any_control.edges([who])}
        for _, asset, row in found.out_edges(who, data=True):
            assert row["network"] == any_control.assets[asset].network
            assert row["asset_class"] == any_control.assets[asset].kind


def test_the_networkx_graph_names_districts_and_authorities():
    found = graph(breakers=Holding(BOTH_HANDS, "both")).graph
    assert found.nodes["breakers:East"] == {
        "kind": "asset",
        "asset_class": "breakers",
        "network": "power",
        "district": "East",
        "authority": "both",
    }
    assert found.nodes["pumps"]["district"] == ""
    assert set(found.predecessors("breakers:East")) == {"power_control_room", "municipality:East"}


def test_the_networkx_graph_shows_what_is_revoked():
    control = graph()
    control.revoke("power_control_room", "power", 3)
    for who, asset, revoked in control.graph.edges(data="revoked"):
        assert revoked == (who == "power_control_room")
        assert revoked != control.may_abuse(who, asset)


def test_changes_to_the_networkx_graph_change_nothing_in_the_model():
    control = graph()
    control.graph.remove_node("power_control_room")
    assert "power_control_room" in control.graph
    assert control.can_cut(["power_control_room"], 0, "power")
