"""What happened, told in order and in few lines."""

from agentsim.core.messages import Event
from agentsim.report.story import clock, story


def test_hours_are_days_and_clock_times():
    assert [clock(hour) for hour in (0, 23, 24, 77)] == [
        "day 1 00:00",
        "day 1 23:00",
        "day 2 00:00",
        "day 4 05:00",
    ]


def test_the_same_thing_in_several_places_is_one_line():
    events = [
        Event(5, "blackout", name, "load_shed", {"shed_mw": 4.2}) for name in ("Harbour", "Hill", "Old Town")
    ]
    assert story(events) == ["day 1 05:00  blackout: Harbour, Hill, Old Town: 4.2 MW of load shed (3 times)"]


def test_repeats_within_a_day_are_one_line_and_later_ones_another():
    events = [
        Event(hour, "blackout", "Hill", "load_shed", {"shed_mw": float(hour)}) for hour in (1, 2, 3, 30)
    ]
    assert story(events) == [
        "day 1 01:00 to day 1 03:00  blackout: Hill: 1.0 MW of load shed (and 2 more like it)",
        "day 2 06:00  blackout: Hill: 30.0 MW of load shed",
    ]


def test_what_follows_a_slash_tells_states_apart_and_is_not_told():
    events = [
        Event(3, f"shortage/food/{depot}", "Hill", "good_runs_out", {"good": "food"}) for depot in (11, 16)
    ]
    assert story(events) == ["day 1 03:00  shortage: Hill: out of food (2 times)"]


def test_a_long_story_is_cut_where_it_is_commonest_and_says_so():
    events = [Event(hour * 30, "cascade", f"line:{hour}", "line_tripped") for hour in range(100)]
    events.insert(50, Event(1490, "quit", "Hill", "attack_declined", {"attacker": "coercer"}))
    lines = story(events, lines=20)
    assert len(lines) == 21
    assert any("quit: Hill" in line for line in lines)
    assert "81 of kind cascade" in lines[-1]


def test_within_an_hour_the_attack_comes_before_the_cut_and_the_cut_before_the_alarm():
    cut = {"cut_frac": 1.0, "denied": False}
    events = [
        Event(3, "alarm", "Hill", "investigation_begins", {"evidence": "rule", "network": "power"}),
        Event(3, "restriction/power", "Hill", "power_cut_off", cut),
        Event(3, "attack", "Hill", "attack_begins", {"attacker": "coercer", "actions": ["A1"]}),
    ]
    lines = story(events)
    assert [line.split("  ")[1].split(":")[0] for line in lines] == ["attack", "restriction", "alarm"]


def test_a_running_total_is_told_as_it_stands_in_the_end():
    events = [
        Event(hour, "moved", "Hill", "households_left", {"households": 100.0 * hour}) for hour in (1, 2, 9)
    ]
    assert story(events) == [
        "day 1 01:00 to day 1 09:00  moved: Hill: 900 households have left the city so far"
    ]


def test_a_hidden_cut_that_no_alarm_told_of_ends_the_story():
    audit = {"evidence": "audit", "network": "water"}
    events = [
        Event(3, "restriction/power", "Hill", "power_cut_off", {"cut_frac": 0.2, "denied": True}),
        Event(9, "alarm", "Hill", "investigation_begins", audit),
    ]
    assert story(events)[-1] == "Until the end no alarm reported the hidden cut of power in Hill."
    found = Event(9, "alarm", "Hill", "investigation_begins", {"evidence": "meters", "network": "power"})
    assert "no alarm reported" not in story([*events, found])[-1]


def test_an_empty_story_says_so():
    assert story([]) == ["No unusual event happened."]
