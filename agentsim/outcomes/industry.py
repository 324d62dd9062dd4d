"""Outcomes of the old industry and of work: the power utility, its stations, and jobs (E-D2)."""

from dataclasses import dataclass

from agentsim.core.parameters import parameter
from agentsim.core.units import KW_PER_MW
from agentsim.outcomes.record import Record, outcome, share


@dataclass(frozen=True)
class StationsParameters:
    """What stations are worth in the books."""

    book_jpy_per_kw: float = parameter(
        80e3, "JPY/kW", "half of what a new thermal station costs is written off", "A", 0, 1e7
    )


def replaced_frac(generation_mwh: float, replaced_mwh: float) -> float:
    """Share of what stations would make that new power of homes and districts makes instead.

    >>> replaced_frac(900.0, 100.0), replaced_frac(0.0, 0.0)
    (0.1, 0.0)
    """
    return share(replaced_mwh, generation_mwh + replaced_mwh)


def stranded_jpy(replaced_mwh: float, hours: int, p: StationsParameters) -> float:
    """Book value of the stations that make no money any more: of as much as stands idle on the mean [JPY].

    >>> stranded_jpy(240.0, 24, StationsParameters())
    800000000.0
    """
    return p.book_jpy_per_kw * KW_PER_MW * replaced_mwh / hours if hours else 0.0


@outcome("JPY", "Profit of the power utility", "既存電力会社の利益", better=0, kind="balance")
def incumbent_profit_jpy(record: Record) -> float:
    """Margin of the power utility over the run (see incumbent_margin_jpy), less levy and tax, less the fixed
    costs of its wires, stations and staff, and less what it spends on lobbying. The fixed costs are those
    that ordinary sales recover; over a year without measures a profit of 5 % is left.
    """
    return record.total("utility_profit_jpy")


@outcome("JPY", "Profit lost to new power", "分散型電源による利益の喪失", better=0, kind="balance")
def incumbent_lost_jpy(record: Record) -> float:
    """What the power utility lost over the run because homes and districts made power of their own with what
    a policy brought, and traded it, less what its tariff recovered of that from all.
    """
    return record.total("utility_profit_lost_jpy")


@outcome("months", "Months of lobbying", "ロビー活動による遅延月数")
def lobbying_months(record: Record) -> float:
    """Months by which the power utility delays the next roll-out: in proportion to the share of its ordinary
    profit that it lost (see incumbent_lost_jpy), at most 24. What stands in this run is not delayed.
    """
    return record.closing.lobbying_months


@outcome("JPY", "Spent on lobbying", "ロビー活動費")
def lobbying_jpy(record: Record) -> float:
    """What the power utility paid agencies over the run to delay what takes its profit away."""
    return record.total("lobbying_jpy")


@outcome("JPY", "Stranded stations", "座礁資産(発電所)")
def stranded_assets_jpy(record: Record) -> float:
    """Book value of the power stations that no longer earn: of as much capacity as stands idle, on the mean
    over the run, because homes and districts make that power with what a policy brought. It is the least
    that is stranded, because a station that stands idle by day may still be needed in the evening.
    """
    return record.closing.stranded_jpy


def _jobs_in(branch: str, title: str, title_ja: str) -> None:
    """Register the change of jobs in one branch, as an outcome of its own."""

    def jobs(record: Record) -> float:
        closing = record.closing
        return closing.jobs_brought.get(branch, 0.0) - closing.jobs_displaced_by.get(branch, 0.0)

    jobs.__name__ = f"jobs_{branch}"
    jobs.__doc__ = (
        f"Jobs in {title} that the measures bring, less those that they displace, as full-time jobs over the "
        "life of what they install. They are wages in its cost over the wage of a year."
    )
    outcome("jobs", f"Jobs, {title}", f"雇用の増減({title_ja})", better=1, kind="balance")(jobs)


for _branch, _title, _title_ja in (
    ("power", "power supply", "電力"),
    ("water", "water supply", "水道"),
    ("transport", "transport", "交通"),
    ("public", "public services", "公共サービス"),
    ("construction", "construction and installation", "建設・設置工事"),
):
    _jobs_in(_branch, _title, _title_ja)


@outcome("jobs", "Jobs displaced", "失われた雇用")
def jobs_displaced(record: Record) -> float:
    """Jobs that go because of the measures: staff of power stations whose output is replaced by new power of
    homes and districts; drivers of buses, taxis and deliveries that drive themselves; drivers of taxis whose
    passengers take matched rides.
    """
    return float(sum(record.closing.jobs_displaced_by.values()))


@outcome("persons", "Displaced and without work", "離職後に再就職していない人")
def jobs_not_found(record: Record) -> float:
    """Of those whose job went (see jobs_displaced), how many have found no other by the end of the run, at a
    hazard of 0.12 a month.
    """
    return record.closing.without_work


@outcome("JPY", "Wages lost", "失われた賃金")
def wages_lost_jpy(record: Record) -> float:
    """Wages that those whose job went (see jobs_displaced) miss over the run: all of them while they look for
    another job, 15 % once they have one.
    """
    return record.closing.wages_lost_jpy
