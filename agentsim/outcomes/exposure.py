"""Outcomes of attack and control: what was tried, what it brought, how soon it was found out, and how few
hands would have to be turned."""

import math

from agentsim.outcomes.record import Record, outcome


@outcome("1", "Attacks begun", "攻撃回数")
def attacks_begun(record: Record) -> float:
    """Times that the bad actor went from rest to attack."""
    return float(record.closing.attacks_begun)


@outcome("1", "Smallest capture set", "乗っ取りが必要な最少の主体数", better=1)
def smallest_capture_set(record: Record) -> float:
    """K_d: how few principals must be captured to cut more than half of a district's need (power, water and
    roads alike), mean over districts."""
    return record.closing.smallest_capture_set["all"]


@outcome("1", "Smallest capture set, power", "乗っ取りが必要な最少の主体数(電力)", better=1)
def smallest_capture_set_power(record: Record) -> float:
    """As ``smallest_capture_set``, for power alone."""
    return record.closing.smallest_capture_set["power"]


@outcome("1", "Smallest capture set, water", "乗っ取りが必要な最少の主体数(水)", better=1)
def smallest_capture_set_water(record: Record) -> float:
    """As ``smallest_capture_set``, for water alone."""
    return record.closing.smallest_capture_set["water"]


@outcome("1", "Smallest capture set, roads", "乗っ取りが必要な最少の主体数(交通)", better=1)
def smallest_capture_set_roads(record: Record) -> float:
    """As ``smallest_capture_set``, for roads alone."""
    return record.closing.smallest_capture_set["roads"]


@outcome("1", "Concentration of control (HHI)", "支配の集中度(HHI)")
def reach_hhi(record: Record) -> float:
    """Herfindahl-Hirschman index of reach over principals: 1 where one of them could cut everything."""
    return record.closing.reach_hhi


@outcome("units", "Payoff of the attack", "攻撃の利得")
def attack_payoff(record: Record) -> float:
    """What the bad actor gained by its own weights, less what it spent and was fined."""
    return record.closing.attack_payoff


@outcome("1", "Concessions", "譲歩の回数")
def conceded(record: Record) -> float:
    """Times that a district could bear no more and gave a coercer what it wanted."""
    return float(record.closing.concessions)


@outcome("MWh", "Hidden loss before the alarm", "警報までの隠れた損失")
def hidden_loss_mwh(record: Record) -> float:
    """Electricity withheld by orders that the published figures denied, up to the first true alarm."""
    alarm = record.closing.alarm_hour
    until = record.lived if math.isnan(alarm) else min(int(alarm), record.lived)
    return float(record.at["power_hidden_mwh"][:until].sum())


@outcome("1", "False alarms", "誤警報")
def false_alarms(record: Record) -> float:
    """Alarms of meters, audits and tests behind which there is no abuse, counted when they are raised."""
    return float(record.closing.false_alarms)


def _delay_h(record: Record, until: float) -> float:
    """Hours from the first abuse to *until*, censored at the end of the run; undefined without abuse."""
    begun = record.closing.abuse_hour
    if math.isnan(begun):
        return math.nan
    return (record.lived if math.isnan(until) else until) - begun


@outcome("h", "Time to detection", "検知までの時間")
def time_to_detection_h(record: Record) -> float:
    """From the first abuse to the first true finding by meters, audit, inspection or test of the declared
    rule; where there is none it is censored at the end of the run, and undefined without an abuse."""
    return _delay_h(record, record.closing.alarm_hour)


@outcome("h", "Time to revocation", "権限剥奪までの時間")
def time_to_revocation_h(record: Record) -> float:
    """From the first abuse to the hour in which a captor lost an edge, by the monitor or by recall; censored
    at the end of the run where it never did, and undefined without an abuse."""
    return _delay_h(record, record.closing.revoked_hour)
