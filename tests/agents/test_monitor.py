"""The monitor: from a finding to a verdict, and the effect of a verdict on control and sanctions."""

import numpy as np
import pytest

from agentsim import Society, load
from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.core.messages import Finding
from agentsim.institutions.casework import AbuseLog
from tests.conftest import CONTROL_ROOMS, ORDINARY

TARGET, ROOM = 6, "power_control_room"
SWIFT = {
    "monitor.investigation_days": 1.0,
    "monitor.revocation_days": 0.5,
    "monitor.delay_sigma": 0.0,
    "monitor.wrongly_charged": 0.0,
    "monitor.wrongly_acquitted": 0.0,
}
NO_AUDITS = {"detection.audits_per_day": 0.0}
SETTING = load(ORDINARY).with_changes(
    {
        "place.households": 200,
        "hours": 96,
        "attacker.foothold": CONTROL_ROOMS,
        "attacker.first_hour": 24,
        "attacker.budget": 1e6,
        "mechanisms.failures": False,
    }
)
OPEN_CUT = Strike("A1", "Southshore")
HIDDEN_CUT = Strike("A2 power", "Southshore", 0.2)


def live(hours: int, policies=("X-C2",), strikes=(OPEN_CUT,), attacker="saboteur", **changes) -> Society:
    setting = SETTING.with_changes({**SWIFT, **NO_AUDITS, **changes})
    return Society(setting, policies, attacker, plan=Plan(strikes=tuple(strikes))).run(hours)


def told(society: Society, kind: str) -> list[tuple[int, str]]:
    return [(event.hour, event.where) for event in society.events if event.kind == kind]


def physical(society: Society) -> dict[str, np.ndarray]:
    record = society.record
    return {name: table[: record.lived] for name, table in {**record.at, **record.city}.items()}


def same(one: Society, other: Society) -> bool:
    mine, yours = physical(one), physical(other)
    return all(np.array_equal(mine[name], yours[name]) for name in mine)


TO_THE_END = 96
MONITORED = {"policy.X-C4.independence": 1.0, "policy.X-C4.inspections_per_month": 0.0}


@pytest.fixture(scope="module")
def unmonitored() -> Society:
    return live(TO_THE_END)


@pytest.fixture(scope="module")
def monitored() -> Society:
    return live(TO_THE_END, ("X-C2", "X-C4"), **MONITORED)


# ---- from a finding to a verdict ----------------------------------------------------------------------


def test_an_alarm_leads_to_an_investigation_and_that_to_a_verdict_on_who_did_it(unmonitored):
    monitor = unmonitored.monitor
    assert monitor.first_alarm_hour == 24, "everybody in the dark knows of an open cut in its first hour"
    first = monitor.verdicts[0]
    assert (first.hour, first.proven, first.culprits) == (48, True, (ROOM,))
    assert first.finding.suspect == ROOM
    assert monitor.false_alarms == 0
    for kind in ("alarm", "verdict"):
        assert told(unmonitored, kind)[0][1] == "Southshore"


def test_a_hidden_cut_is_found_by_meters_and_only_where_they_are():
    assert live(30, strikes=(HIDDEN_CUT,)).monitor.first_alarm_hour == 24
    assert live(30, ("W-C2",), (HIDDEN_CUT,)).monitor.first_alarm_hour is None
    assert live(30, (), (HIDDEN_CUT,)).monitor.first_alarm_hour is None


def test_a_false_alarm_is_counted_and_ends_without_culprits():
    society = live(24)
    society.monitor.take_up([Finding(24, "meters", "water", 2, "water_control_room")])
    society.run(30)
    assert society.monitor.false_alarms == 1
    false = [verdict for verdict in society.monitor.verdicts if verdict.finding.network == "water"]
    assert [verdict.culprits for verdict in false] == [()]


def test_an_open_case_is_not_opened_twice():
    society = live(24)
    finding = Finding(24, "meters", "water", 2, "water_control_room")
    society.monitor.take_up([finding, finding])
    assert (society.monitor.false_alarms, len(society.monitor.cases)) == (1, 1)


def test_nobody_is_judged_twice_for_the_same_hours():
    society = live(48)
    society.attackers.clear()  # the captor stops just before the verdict
    society.run(2)
    assert [verdict.proven for verdict in society.monitor.verdicts] == [True]
    society.monitor.take_up([Finding(society.hour, "meters", "power", TARGET, ROOM)])
    assert society.monitor.false_alarms == 1
    assert society.monitor.truth.culprits("power", TARGET, 24) == (ROOM,), "it did it, and was judged for it"


def test_chance_in_a_delay_belongs_to_the_finding():
    hours = [live(56, **{"monitor.delay_sigma": 0.5}).monitor.verdicts for _ in range(2)]
    assert [verdict.hour for verdict in hours[0]] == [verdict.hour for verdict in hours[1]]


def test_audits_find_cuts_that_are_not_published():
    society = live(
        48,
        (),
        (HIDDEN_CUT,),
        **{
            "detection.audits_per_day": 1.0,
            "detection.audit_coverage": 1.0,
            "detection.audit_hit": 1.0,
            "detection.hidden_frac": 0.0,
        },
    )
    assert told(society, "alarm") == []  # the first day of the strike has not been audited yet
    society.run(1)
    assert told(society, "alarm") == [(48, "Southshore")]
    blind = {"detection.audits_per_day": 1.0, "detection.audit_coverage": 1.0, "detection.hidden_frac": 1.0}
    assert told(live(49, (), (HIDDEN_CUT,), **blind), "alarm") == []


def test_log_heads_that_do_not_match_are_a_finding_against_the_platform():
    society = live(30)
    society.public_record.rewrite("power", TARGET, 24, 29, 1.0)
    society.run(19)
    chain = [case.finding for case in society.monitor.cases.values() if case.finding.kind == "chain"]
    assert [(one.network, one.suspect) for one in chain] == [("institutions", "record_platform")]


# ---- detection is not protection ----------------------------------------------------------------------


def test_detection_without_power_to_revoke_changes_nothing_physical(unmonitored):
    level_trust = {"mechanisms.trust": False}  # people would hear of it and answer prices less
    watched = live(TO_THE_END, **level_trust)
    blind = live(TO_THE_END, **level_trust, **{"mechanisms.detection": False})
    assert len(watched.monitor.verdicts) >= 1
    assert not blind.monitor.verdicts
    assert same(watched, blind), "bit for bit"


def test_after_revocation_a_principal_restricts_nothing_and_goes_on_operating(monitored):
    hour = monitored.control.revoked[ROOM, "power"]
    assert hour == 48 + 12
    restricted = monitored.record.at["power_restricted_mwh"][:, TARGET]
    assert (restricted[24:hour] > 0).all()
    assert not restricted[hour : monitored.record.lived].any()
    room = [order for order in monitored.last.permitted.applied if order.principal == ROOM]
    assert [order.action for order in room] == ["commit"]
    assert monitored.last.service.power.generation_mw.sum() > 0


def test_verdicts_of_a_dependent_monitor_have_no_effect():
    society = live(TO_THE_END, ("X-C2", "X-C4"), **{**MONITORED, "policy.X-C4.independence": 0.0})
    assert society.monitor.verdicts[0].proven
    assert not society.control.revoked


def test_control_is_revoked_only_over_networks_that_the_charter_names():
    society = live(TO_THE_END, ("X-C2", "W-C3"), **{"policy.W-C3.independence": 1.0})
    assert society.monitor.verdicts[0].proven
    assert not society.control.revoked


def test_without_the_mechanism_of_revocation_control_stays():
    society = live(TO_THE_END, ("X-C2", "X-C4"), **MONITORED, **{"mechanisms.revocation": False})
    assert society.monitor.verdicts
    assert not society.control.revoked


def test_an_enforced_sanction_costs_the_attacker():
    paid = {}
    for enforcement in (0.0, 1.0):
        numbers = {**MONITORED, "policy.X-C4.enforcement": enforcement, "policy.X-C4.sanction": 40.0}
        society = live(56, ("X-C2", "X-C4"), **numbers)
        paid[enforcement] = society.attackers[0].sanctions_paid
    assert paid == {0.0: 0.0, 1.0: 40.0}


def test_inspectors_report_cuts_that_are_not_published():
    daily = {
        "policy.W-C3.inspections_per_month": 100.0,
        "policy.W-C3.independence": 1.0,
        "policy.W-C3.access_frac": 1.0,
        "deterrence.districts_per_visit": 8,
        "deterrence.inspection_hit": 1.0,
    }
    hidden = (Strike("A2 water", "Southshore", 0.2),)
    cases = live(49, ("W-C3",), hidden, **daily).monitor.cases.values()
    assert [(case.finding.kind, case.finding.district, case.true) for case in cases] == [
        ("inspection", TARGET, True)
    ]
    assert not live(49, ("W-C3",), hidden, **daily, **{"mechanisms.deterrence": False}).monitor.cases


def test_proven_abuse_lowers_trust_in_its_district():
    kept = live(54, **{"monitor.investigation_days": 100.0})
    trust = [
        society.population.trust[society.population.homes.district == TARGET].mean()
        for society in (live(54), kept)
    ]
    assert trust[0] < trust[1] - 0.05


def test_an_expelled_intruder_holds_nothing_to_be_judged():
    society = live(24)
    society.monitor.take_up([Finding(24, "intrusion", "power", 3, "municipality:Westfield")])
    assert (society.monitor.false_alarms, len(society.monitor.cases)) == (0, 0)


def test_the_abuse_log_gives_culprits_since_an_hour_by_network_and_district():
    log = AbuseLog({("power", 2, ROOM): 30, ("water", -1, "water_control_room"): 10})
    assert log.culprits("power", 2, 30) == (ROOM,)
    assert log.culprits("power", 2, 31) == ()
    assert log.culprits("power", 2, 0, "someone else") == ()
    assert log.places("water", 4, 5).tolist() == [False, False, False, False, True]
