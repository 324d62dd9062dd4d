"""Outcomes of attack and control: how often, and how few hands would have to be turned."""

from agentsim.outcomes.record import Record, outcome


@outcome("1", "Attacks begun", "攻撃回数")
def attacks_begun(record: Record) -> float:
    """Times that the bad actor went from rest to attack."""
    return float(record.closing.attacks_begun)


@outcome("1", "Smallest capture set", "最小掌握主体数", better=1)
def smallest_capture_set(record: Record) -> float:
    """K_d: how few principals must be captured to cut more than half of a district's need (power, water and
    roads alike), mean over districts."""
    return record.closing.smallest_capture_set["all"]


@outcome("1", "Smallest capture set, power", "最小掌握主体数(電力)", better=1)
def smallest_capture_set_power(record: Record) -> float:
    """As ``smallest_capture_set``, for power alone."""
    return record.closing.smallest_capture_set["power"]


@outcome("1", "Smallest capture set, water", "最小掌握主体数(水)", better=1)
def smallest_capture_set_water(record: Record) -> float:
    """As ``smallest_capture_set``, for water alone."""
    return record.closing.smallest_capture_set["water"]


@outcome("1", "Smallest capture set, roads", "最小掌握主体数(交通)", better=1)
def smallest_capture_set_roads(record: Record) -> float:
    """As ``smallest_capture_set``, for roads alone."""
    return record.closing.smallest_capture_set["roads"]


@outcome("1", "Concentration of control (HHI)", "支配の集中度(HHI)")
def reach_hhi(record: Record) -> float:
    """Herfindahl-Hirschman index of reach over principals: 1 where one of them could cut everything."""
    return record.closing.reach_hhi
