"""Crews of the waterworks: bursts, alarms and surveys share them."""

import numpy as np

from agentsim.agents.officers.leak_repair import Burst, LeakRepair, change

DISTRICT = np.array([0, 0, 0, 1, 1, 1])


def crews(count=1) -> LeakRepair:
    return LeakRepair(awareness_h=36.0, location_h=12.0, crews=count)


def live(one: LeakRepair, hours, way_h=0.0) -> dict[int, list[Burst]]:
    """What is mended in each hour; repairs take 24 h and a search at one place 6 h."""
    done = {}
    for hour in hours:
        one.report(hour)
        mended = one.work(hour, lambda junction: way_h, 24.0, 6.0)
        if mended:
            done[hour] = mended
    return done


def test_a_hidden_burst_runs_until_it_is_surveyed():
    one, burst = crews(), Burst(2, 0.5, hidden=True, began=0)
    one.begin(0, burst)
    assert live(one, range(500)) == {}
    one.survey(500, [burst])
    assert live(one, range(500, 540)) == {524: [burst]}
    assert (burst.known, burst.found, burst.mended) == (500, 500, 524)


def test_an_alarm_sends_a_crew_from_place_to_place():
    one, burst = crews(), Burst(1, 0.5, hidden=True, began=0)
    one.begin(0, burst)
    one.suspect(10, 0, [2, 0, 1], DISTRICT)
    assert burst.known == 10
    assert live(one, range(10, 60)) == {10 + 3 * 6 + 24: [burst]}
    assert burst.found == 28
    assert one.inspections == 3
    assert one.ended == [(28, one.ended[0][1], True)]
    assert one.idle


def test_a_false_alarm_keeps_the_crew_from_a_reported_burst():
    free, busy = crews(), crews()
    for one in (free, busy):
        one.begin(0, Burst(4, began=0))
    busy.suspect(47, 0, [0, 1, 2], DISTRICT)
    assert list(live(free, range(120))) == [72]
    # the search began an hour before; its next place queues behind the burst
    assert list(live(busy, range(120))) == [77]
    assert (free.false_alarms, busy.false_alarms) == (0, 1)


def test_a_search_that_finds_nothing_is_given_up():
    one = crews()
    one.suspect(0, 1, [3, 4], DISTRICT)
    live(one, range(20))
    assert one.alarms == []
    assert [found for _, _, found in one.ended] == [False]


def test_a_burst_that_waits_for_its_crew_is_mended_once_when_a_survey_finds_it():
    one, seen = crews(), Burst(4, began=0)
    one.begin(0, seen)
    one.survey(8, [seen])
    assert live(one, range(120)) == {32: [seen]}
    assert one.open == []


def test_a_district_is_at_rest_again_when_what_was_found_there_is_mended():
    one = crews()
    for place in (0, 1):
        one.begin(0, Burst(place, 0.5, hidden=True, began=0))
    one.suspect(5, 0, [0], DISTRICT)
    assert one.suspected(DISTRICT) == {0}
    live(one, range(5, 40))
    assert one.suspected(DISTRICT) == set(), "one leak is left, which nobody has found"
    assert len(one.unknown) == 1


def test_the_network_is_told_numbers_and_sizes():
    told = change(6, [Burst(2, 0.5), Burst(2, 1.5)], [Burst(4, 0.25)])
    assert told.new.tolist() == [0, 0, 2, 0, 0, 0]
    assert told.new_size[2] == 2.0
    assert (told.mended[4], told.mended_size[4]) == (1.0, 0.25)
