"""Outcomes of the water mains: bursts, how they are found, their age and renewal."""

from agentsim.outcomes.record import Record, outcome


@outcome("1", "Bursts of mains", "配水管の破裂件数", kind="count")
def bursts(record: Record) -> float:
    """Water mains that burst during the run, seen or hidden."""
    return float(record.closing.bursts)


@outcome("1", "Bursts running", "漏水中の破裂箇所数", kind="count")
def bursts_open(record: Record) -> float:
    """Burst mains that leak, seen or hidden, found or not; mean over the hours of the run."""
    return record.mean("bursts_open")


@outcome("1", "Leaks not found", "場所が未特定の漏水箇所数", kind="count")
def leaks_not_found(record: Record) -> float:
    """Burst mains that leak at the end of the run, and of which nobody knows where they are."""
    return float(record.closing.leaks_not_found)


@outcome("h", "Time until a leak is known", "漏水に気づくまでの時間", kind="delay")
def leak_awareness_h(record: Record) -> float:
    """Hours from a burst until the waterworks know that there is a leak in the district, by a report, an
    alarm of a leak finder or a survey; mean over the bursts of the run, counted to its end for those that
    stay unknown (a restricted mean). It is undefined if no main burst.
    """
    return record.closing.leak_awareness_h


@outcome("h", "Time until a known leak is found", "漏水箇所の特定にかかる時間", kind="delay")
def leak_location_h(record: Record) -> float:
    """Hours from the first knowledge of a leak until a crew has found its place; mean over the leaks that
    became known during the run, counted to its end for those that are not found. It is undefined if none
    became known.
    """
    return record.closing.leak_location_h


@outcome("1", "False leak alarms", "漏水の誤報", kind="count")
def false_leak_alarms(record: Record) -> float:
    """Alarms of a leak finder in a district in which no unknown leak was running."""
    return float(record.closing.false_leak_alarms)


@outcome("1", "Places searched for leaks", "漏水調査で掘削した箇所数", kind="count")
def leak_inspections(record: Record) -> float:
    """Places at which a crew listened and dug for a leak after an alarm, with or without success."""
    return float(record.closing.leak_inspections)


@outcome("y", "Mean age of water mains", "配水管の平均経年数")
def pipe_age_y(record: Record) -> float:
    """Mean age of the water mains at the end of the run, by length."""
    return record.closing.pipe_age_y


@outcome("1", "Mains past their service life", "管路経年化率", kind="share")
def mains_overdue_frac(record: Record) -> float:
    """Share of the length of all water mains that is older than its service life (mains.service_life_y) at
    the end of the run: the backlog of renewal.
    """
    return record.closing.mains_overdue_frac


@outcome("h", "Hours of roads closed by works", "水道工事による道路の通行止め時間")
def road_works_h(record: Record) -> float:
    """Road links closed by works on the water mains under them, times the hours for which they are closed.
    Both directions of a road count as two links.
    """
    return record.total("road_works_links")
