"""What is known, proven and ended, and when: investigations take time and err in both directions."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from agentsim import Society
from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.core.messages import Finding, Order
from agentsim.core.streams import Streams
from agentsim.institutions.casework import MonitorParameters, admitted, drawn, judged
from agentsim.institutions.control_graph import ControlGraph
from tests.agents.test_monitor import (
    HIDDEN_CUT,
    NO_AUDITS,
    OPEN_CUT,
    ROOM,
    SETTING,
    SWIFT,
    TARGET,
    live,
    told,
)

WEEKS = 24 * 24
FALLIBLE = {"monitor.wrongly_charged": 1.0, "monitor.appeal_days": 2.0}
POWERFUL = {"policy.X-C4.independence": 1.0, "policy.X-C4.inspections_per_month": 0.0}


def watched(hours: int, policies=(), strike=OPEN_CUT, **changes) -> Society:
    """With the delays as they are by default, but all of their median."""
    certain = {"monitor.delay_sigma": 0.0, "monitor.wrongly_acquitted": 0.0, "monitor.wrongly_charged": 0.0}
    setting = SETTING.with_changes({"hours": WEEKS, **NO_AUDITS, **certain, **changes})
    return Society(setting, policies, "saboteur", plan=Plan(strikes=(strike,))).run(hours)


def times(society: Society) -> list[float]:
    return [float(society.outcomes[f"time_to_{what}_h"]) for what in ("detection", "proof", "revocation")]


# ---- chance ------------------------------------------------------------------------------------------


def test_a_case_keeps_its_draws_whenever_and_by_whatever_evidence_it_begins():
    streams, early = Streams(1), Finding(5, "alarm", "power", 2, ROOM)
    usual = drawn(streams, "verdict", early, 0)
    assert drawn(streams, "verdict", replace(early, hour=900, kind="audit", suspect="x"), 0) == usual
    others = [
        drawn(streams, "verdict", early, 1),
        drawn(streams, "independence", early, 0),
        drawn(streams, "verdict", replace(early, district=3), 0),
        drawn(streams, "verdict", replace(early, network="water"), 0),
        drawn(Streams(2), "verdict", early, 0),
    ]
    assert len({usual, *others}) == 6


# ---- what is known, and when --------------------------------------------------------------------------


def test_an_open_cut_is_known_in_its_first_hour_and_proof_takes_weeks():
    society = watched(400)
    assert times(society) == [0.0, 24.0 * (10 + 5), 400.0 - 24.0], "nobody may revoke: the end of the run"
    assert told(society, "alarm")[0] == (24, "Southshore")
    assert society.monitor.verdicts[0].culprits == (ROOM,)


def test_an_open_cut_is_known_although_nobody_investigates():
    society = watched(60, **{"mechanisms.detection": False})
    assert times(society) == [0.0, 36.0, 36.0]
    assert not society.monitor.cases


def test_a_hidden_cut_that_nobody_looks_for_is_known_to_nobody():
    assert times(watched(100, (), HIDDEN_CUT)) == [76.0, 76.0, 76.0]


def test_a_public_log_holds_the_records_that_an_operator_takes_its_time_to_hand_over():
    with_log, monitored, both = (
        watched(420, policies, **POWERFUL) for policies in (("X-C2",), ("X-C4",), ("X-C2", "X-C4"))
    )
    assert times(with_log) == [0.0, 24.0 * 5, 396.0]
    assert times(monitored) == [0.0, 24.0 * 15, 396.0], "two days later it would be revoked"
    assert times(both) == [0.0, 24.0 * 5, 24.0 * 7]


def test_without_that_delay_a_log_proves_an_open_cut_no_sooner():
    at_once = {"monitor.records_days": 0.0}
    assert times(watched(200, **at_once)) == times(watched(200, ("X-C2",), **at_once))


def test_a_log_whose_keeper_may_rewrite_it_holds_no_records():
    society = watched(1, ("X-C2",))
    complaint = Finding(24, "complaint", "power", TARGET, ROOM)
    assert society.monitor._brings_records(complaint)
    society.last = SimpleNamespace(permitted=SimpleNamespace(seized=("ledger",)))
    assert society.monitor._brings_records(complaint), "verifiers keep its heads"
    trusting = replace(society.charter.information, verifiers=0)
    society.charter = replace(society.charter, information=trusting)
    assert not society.monitor._brings_records(complaint)


def test_inspectors_bring_the_records_that_an_investigation_waits_for():
    society = watched(48)
    (case,) = society.monitor.cases.values()
    assert (case.records, case.verdict_hour) == (False, 24 + 24 * 15)
    society.monitor.take_up([Finding(72, "inspection", "power", TARGET, ROOM)])
    (case,) = society.monitor.cases.values()
    assert (case.records, case.verdict_hour) == (True, 72 + 24 * 5)
    society.monitor.take_up([Finding(73, "audit", "power", TARGET, ROOM)])
    assert society.monitor.cases.popitem()[1].verdict_hour == 72 + 24 * 5, "it waits for nothing more"


def test_people_complain_of_what_an_order_does_and_its_author_does_not_deny(hamlet):
    society = hamlet()
    control: ControlGraph = society.control
    shut = Order("traffic_control_room", "road_closures:Harbour", "restrict", 1.0)
    cut = Order(ROOM, "breakers:Southshore", "restrict", 0.2)
    false = Order(ROOM, "power_record:Southshore", "forge", 1.0)
    elsewhere = Order(ROOM, "power_record:Harbour", "forge", 1.0)
    red = Order("traffic_control_room", "signals:Harbour", "restrict", 1.0)

    def complaints(*orders):
        units, pumps = len(society.place.grid.unit_bus), len(society.place.water.pump_id)
        found = admitted(5, control.permit(list(orders), units, pumps), control.assets)
        return [(one.network, one.suspect) for one in found]

    assert complaints(cut, shut, elsewhere) == [("power", ROOM), ("roads", "traffic_control_room")]
    assert complaints(cut, false) == [], "the operator says that all are served"
    assert complaints(red) == [], "a jam names nobody"
    assert complaints(Order("nobody", "breakers:Southshore", "restrict", 1.0)) == [], "no edge, no cut"


# ---- errors of investigations -------------------------------------------------------------------------


def verdicts(rate: float, culprits: tuple[str, ...], sight: float = 1.0) -> float:
    """Share of guilty verdicts, over uniform draws."""
    numbers = MonitorParameters(wrongly_charged=rate, wrongly_acquitted=rate)
    finding = Finding(0, "audit", "power", 1, "who")
    draws = (np.arange(1000) + 0.5) / 1000
    return float(np.mean([judged(0, finding, culprits, draw, sight, numbers).proven for draw in draws]))


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.3])
def test_investigations_err_in_both_directions_at_the_stated_rates(rate):
    assert verdicts(rate, ()) == pytest.approx(rate)
    assert verdicts(rate, ("who",)) == pytest.approx(1.0 - rate)
    assert verdicts(rate, ("who",), sight=0.4) == pytest.approx(0.4 * (1.0 - rate))


def test_innocent_operators_are_found_guilty_at_the_stated_rate_in_a_run():
    rate, cases = 0.2, 0
    society = live(0, attacker="none", strikes=(), **{"monitor.wrongly_charged": rate})
    society.monitor.parameters = MonitorParameters(
        investigation_days=0.0, wrongly_charged=rate, delay_sigma=0.0
    )
    for _ in range(60):
        found = [
            Finding(society.hour, "audit", network, district, f"{network}_control_room")
            for network in ("power", "water")
            for district in range(8)
        ]
        society.monitor.take_up(found)
        cases += len(found)
        society.run(1)
    guilty = society.outcomes["wrongly_charged"]
    assert society.outcomes["false_alarms"] == cases
    assert guilty / cases == pytest.approx(rate, abs=4 * (rate * (1 - rate) / cases) ** 0.5)


def test_an_innocent_operator_loses_trust_and_its_powers_until_an_appeal():
    def accused(**changes) -> Society:
        society = live(24, ("X-C4",), (), "none", **POWERFUL, **changes)
        society.monitor.take_up([Finding(24, "meters", "power", TARGET, ROOM)])
        return society.run(24 + 18)

    society, fair = accused(**FALLIBLE), accused()
    assert (society.outcomes["wrongly_charged"], fair.outcomes["wrongly_charged"]) == (1.0, 0.0)
    here = society.population.homes.district == TARGET
    assert society.population.trust[here].mean() < fair.population.trust[here].mean() - 0.05
    assert (ROOM, "power") in society.control.revoked
    assert not society.control.may_abuse(ROOM, "breakers:Southshore")
    assert np.isnan(society.outcomes["time_to_revocation_h"]), "there was no abuse to end"
    society.run(48)
    assert society.events[-1].what == "cleared_on_appeal"
    assert society.control.may_abuse(ROOM, "breakers:Southshore")
    assert not society.control.revoked


def test_who_is_rightly_found_guilty_later_does_not_get_its_powers_back():
    society = live(23, ("X-C4",), **POWERFUL, **FALLIBLE, **{"monitor.records_days": 0.0})
    society.monitor.take_up([Finding(22, "meters", "power", 2, ROOM)])
    society.run(24 * 3)
    assert [verdict.wrong for verdict in society.monitor.verdicts] == [True, False]
    assert society.control.revoked == {(ROOM, "power"): 22 + 24 + 12}
    assert not [event for event in society.events if event.what == "cleared_on_appeal"]


def test_the_guilty_are_acquitted_and_the_abuse_goes_on():
    society = live(24 * 4, ("X-C2", "X-C4"), **POWERFUL, **{"monitor.wrongly_acquitted": 1.0})
    assert [verdict.wrong for verdict in society.monitor.verdicts] == [True] * 2
    assert not society.control.revoked
    assert society.outcomes["wrongly_charged"] == 0.0
    assert times(society) == [0.0, 72.0, 72.0]


def test_who_hides_and_has_no_outside_copy_to_fear_is_acquitted_more_often():
    sure = {"detection.hidden_frac": 1.0, "detection.audits_per_day": 0.0}
    society = live(30, (), (Strike("A2 power", "Southshore", 0.2),), **SWIFT, **sure)
    society.monitor.take_up([Finding(29, "audit", "power", TARGET, ROOM)])
    society.run(25)
    assert [verdict.culprits for verdict in society.monitor.verdicts] == [()]
