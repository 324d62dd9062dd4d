"""Outcomes of adoption: how many homes own what, and whether owners live near each other."""

from agentsim.outcomes.record import Record, outcome


@outcome("1", "Homes with solar panels", "太陽光パネルのある家庭の割合", better=0, kind="share")
def pv_homes_frac(record: Record) -> float:
    """Share of homes with solar panels in the run: those of an ordinary city, those that a policy brings, and
    after years_before those that homes have bought.
    """
    return record.closing.pv_homes_frac


@outcome("1", "Homes with a battery", "蓄電池のある家庭の割合", better=0, kind="share")
def battery_homes_frac(record: Record) -> float:
    """Share of homes with a battery in the run, see pv_homes_frac."""
    return record.closing.battery_homes_frac


@outcome("1", "Homes with a rain tank", "雨水タンクのある家庭の割合", better=0, kind="share")
def rain_tank_homes_frac(record: Record) -> float:
    """Share of homes with a rain tank in the run."""
    return record.closing.rain_tank_homes_frac


@outcome(
    "1",
    "Clustering of solar panels (Moran's I)",
    "太陽光パネルの地域的な偏り(モランのI)",
    better=0,
    kind="balance",
)
def adoption_morans_i(record: Record) -> float:
    """Moran's I of the share of homes with solar panels over the zones of the city, near being zones that a
    road joins. Above its expectation -1/(zones - 1), owners live near each other. It is undefined where all
    zones have the same share.
    """
    return record.closing.adoption_morans_i
