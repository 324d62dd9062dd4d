"""Outcomes of the attack: its course, gain and detection, and how concentrated control is."""

import math

from agentsim.outcomes.record import Record, outcome


@outcome("1", "Attacks begun", "攻撃の開始回数", kind="count")
def attacks_begun(record: Record) -> float:
    """Times that an attacker began to attack after a rest."""
    return float(record.closing.attacks_begun)


@outcome("1", "Principals to capture, fewest", "乗っ取りが必要な相手の最少数", better=1)
def smallest_capture_set(record: Record) -> float:
    """Smallest number of principals (control rooms, municipalities, companies) that an attacker must capture
    to be able to cut a district off from at least two of power, water and roads; mean over districts.
    """
    return record.closing.smallest_capture_set["all"]


@outcome("1", "Principals to capture, fewest, power", "乗っ取りが必要な相手の最少数(電力)", better=1)
def smallest_capture_set_power(record: Record) -> float:
    """Smallest number of principals that an attacker must capture to be able to cut a district off from
    power; mean over districts.
    """
    return record.closing.smallest_capture_set["power"]


@outcome("1", "Principals to capture, fewest, water", "乗っ取りが必要な相手の最少数(水道)", better=1)
def smallest_capture_set_water(record: Record) -> float:
    """Smallest number of principals that an attacker must capture to be able to cut a district off from
    water; mean over districts.
    """
    return record.closing.smallest_capture_set["water"]


@outcome("1", "Principals to capture, fewest, roads", "乗っ取りが必要な相手の最少数(道路)", better=1)
def smallest_capture_set_roads(record: Record) -> float:
    """Smallest number of principals that an attacker must capture to be able to close a district's roads;
    mean over districts.
    """
    return record.closing.smallest_capture_set["roads"]


@outcome("1", "Principals that alone can cut off water", "単独で断水させられる相手の数")
def single_captors_water(record: Record) -> float:
    """Number of principals (control rooms, municipalities, vendors) each of which alone could cut a district
    off from water, once captured; mean over districts.
    """
    return record.closing.single_captors_water


@outcome("1", "Controls of the water network that can harm", "悪用され得る水道設備の操作権の数", kind="count")
def water_control_edges(record: Record) -> float:
    """Pairs of a principal and an asset of the water network (valves, pumps, wells, dosing) that it may
    operate and could turn against people. Every remote device, well and plant with dosing adds some.
    """
    return float(record.closing.water_control_edges)


@outcome("1", "Concentration of control (HHI)", "操作権の集中度(HHI)", kind="share")
def reach_hhi(record: Record) -> float:
    """Concentration (Herfindahl-Hirschman index) of what each principal alone could cut off. All districts
    and networks count the same. The index is 1 if one principal could cut off everything, near 0 if many
    principals could each cut off a little.
    """
    return record.closing.reach_hhi


@outcome("units", "Payoff of the attack", "攻撃者の利得", kind="balance")
def attack_payoff(record: Record) -> float:
    """What attackers gained minus their spending and their fines, in their own units of value."""
    return record.closing.attack_payoff


@outcome("1", "Concessions", "屈服の回数", kind="count")
def conceded(record: Record) -> float:
    """Times that a district gave in to a coercer's demand. It is always 0 where nobody concedes
    (attacker.persistence = "campaign").
    """
    return float(record.closing.concessions)


@outcome("1", "Chance of a concession", "屈服の確率", kind="count")
def concession_chance(record: Record) -> float:
    """1 if a district gave in during the run, else 0; its mean over runs is the chance of a concession. It is
    undefined where no district may give in: without a coercer, or with attacker.persistence = "campaign".
    """
    closing = record.closing
    return math.nan if math.isnan(closing.waiting_from_hour) else float(closing.concessions > 0)


@outcome("h", "Time to concession", "屈服までの時間", better=1)
def time_to_concession_h(record: Record) -> float:
    """Hours from the first hour in which the coercer may act to the first concession. Times are censored at
    the end of the run: a run without a concession counts all hours up to its end, so that the mean is a
    restricted mean. It is undefined where no district may give in (see concession_chance).
    """
    closing = record.closing
    until = record.lived if math.isnan(closing.conceded_hour) else closing.conceded_hour
    return max(until - closing.waiting_from_hour, 0.0)


@outcome("JPY", "Handed over in concessions", "屈服による支払額")
def concession_loss_jpy(record: Record) -> float:
    """Money that the households of districts that gave in paid to the coercer. Such a district also loses
    trust for good, which trust_end shows.
    """
    return record.closing.concession_loss_jpy


@outcome("MWh", "Hidden loss before the alarm", "警報までの隠れた電力制限量")
def hidden_loss_mwh(record: Record) -> float:
    """Electricity cut by order in districts whose published figures were false at the time. It is counted up
    to the hour in which an abuse becomes known, or up to the end of the run if none does.
    """
    known = record.closing.known_hour
    until = record.lived if math.isnan(known) else min(int(known), record.lived)
    return float(record.at["power_hidden_mwh"][:until].sum())


@outcome("1", "False alarms", "誤報の回数", kind="count")
def false_alarms(record: Record) -> float:
    """Alarms about an abuse that had not happened. Each counts in the hour when it was raised."""
    return float(record.closing.false_alarms)


@outcome("1", "Innocent found guilty", "無実の運用者への誤った有罪認定", kind="count")
def wrongly_charged(record: Record) -> float:
    """Investigations that ended with a verdict against an operator that had abused nothing. Its people lose
    trust, and it loses its powers until an appeal where somebody may revoke them.
    """
    return float(record.closing.wrongly_charged)


def _delay_h(record: Record, until: float) -> float:
    """Hours from the first abuse to *until*, or to the end of the run; undefined without abuse. It is 0 if an
    intruder was found before it could abuse anything.
    """
    begun = record.closing.abuse_hour
    if math.isnan(begun):
        return math.nan
    return max((record.lived if math.isnan(until) else until) - begun, 0.0)


@outcome("h", "Time until an abuse is known", "権限濫用が知られるまでの時間", kind="delay")
def time_to_detection_h(record: Record) -> float:
    """Hours from the first abuse until anybody knows of one: 0 for an admitted cut, which everybody in the
    dark knows in its first hour. A hidden one becomes known by an alarm: from reporting meters, an audit, an
    inspection, a test of the declared rule, the log's hashes, or an intruder who is noticed. Counted to the
    end of the run if nobody finds out (a restricted mean in comparisons); undefined if there was no abuse.
    """
    return _delay_h(record, record.closing.known_hour)


@outcome("h", "Time to proof", "首謀者が立証されるまでの時間", kind="delay")
def time_to_proof_h(record: Record) -> float:
    """Hours from the first abuse until an investigation first proves who committed it. A verdict against
    somebody innocent does not count. Counted to the end of the run if nothing is proven (a restricted mean in
    comparisons); undefined if there was no abuse.
    """
    return _delay_h(record, record.closing.proof_hour)


@outcome("h", "Time to revocation", "操作権剥奪までの時間", kind="delay")
def time_to_revocation_h(record: Record) -> float:
    """Hours from the first abuse until the monitor or a recall first removes the authority over a network
    from somebody who abused it. Counted to the end of the run if this never happens (a restricted mean in
    comparisons); undefined without an abuse.
    """
    return _delay_h(record, record.closing.revoked_hour)
