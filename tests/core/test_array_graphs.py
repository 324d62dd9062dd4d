"""Graphs as arrays: SciPy's answers, and ours where SciPy's would differ, checked against networkx."""

import networkx as nx
import numpy as np
import pytest

from agentsim.core.numerics.graphs import (
    distances_from,
    is_connected,
    islands,
    joining_pairs,
    links_both_ways,
    neighbours,
    reached_from,
    shortest_times,
)

NODES = 12


@pytest.fixture(params=range(8))
def links(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Links from and to, some of them parallel, some from a node to itself, and their lengths."""
    draw = np.random.default_rng(request.param)
    return draw.integers(0, NODES, 14), draw.integers(0, NODES, 14), draw.uniform(1.0, 9.0, 14)


def graph_of(links: tuple[np.ndarray, ...], kind: type[nx.Graph]) -> nx.Graph:
    graph = kind()
    graph.add_nodes_from(range(NODES))
    graph.add_weighted_edges_from(zip(*(row.tolist() for row in links), strict=True))
    return graph


def test_distances_follow_the_shortest_of_parallel_links(links):
    found = distances_from(3, links_both_ways(NODES, *links))
    lengths = nx.single_source_dijkstra_path_length(graph_of(links, nx.MultiGraph), 3)
    assert found.tolist() == [lengths.get(node, np.inf) for node in range(NODES)]


def test_links_lead_one_way(links):
    reached = reached_from(NODES, 5, links[0], links[1])
    assert reached[0] == 5
    assert set(reached.tolist()) == {5} | nx.descendants(graph_of(links, nx.MultiDiGraph), 5)


def test_an_island_is_named_after_its_lowest_node(links):
    label = islands(NODES, links[0], links[1])
    for part in nx.connected_components(graph_of(links, nx.MultiGraph)):
        assert {int(label[node]) for node in part} == {min(part)}


def test_joined_parts_are_one_by_as_few_links_as_can_be(links):
    graph, pairs = graph_of(links, nx.MultiGraph), np.column_stack(links[:2])
    at = np.random.default_rng(1).uniform(0.0, 1.0, (NODES, 2))
    distance = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    extra = joining_pairs(pairs, distance)
    assert len(extra) == nx.number_connected_components(graph) - 1
    near = neighbours(np.vstack([pairs, extra]), NODES)
    assert is_connected(range(NODES), near)


def test_no_way_leads_through_a_node_before_the_first_through():
    start, end, time_h = np.array([0, 1, 0, 3]), np.array([1, 2, 3, 2]), np.array([1.0, 1.0, 2.0, 0.0])
    open_time, _ = shortest_times(4, start, end, time_h)
    time, first = shortest_times(4, start, end, time_h, first_through=3)
    assert (open_time[0, 2], time[0, 2], first[0, 2]) == (2.0, 2.0, 2)
    assert time[3, 2] == 0.0  # a link of no time is a link


def test_times_between_nodes_are_shortest_and_begin_with_the_first_link(links):
    start, end, time_h = (row[links[0] != links[1]] for row in links)  # a road leads to another node
    time, first = shortest_times(NODES, start, end, time_h)
    graph = graph_of((start, end, time_h), nx.MultiDiGraph)
    for here, expected in nx.all_pairs_dijkstra_path_length(graph):
        assert time[here] == pytest.approx([expected.get(node, np.inf) for node in range(NODES)])
        for goal in np.flatnonzero(first[here] >= 0).tolist():
            link = first[here, goal]
            assert start[link] == here
            assert time[here, goal] == pytest.approx(time_h[link] + time[end[link], goal])
