"""Outcomes of road traffic: crashes and who is hurt, and what fleets drive."""

from agentsim.outcomes.record import Record, outcome, share

KM_PER_MILLION = 1e6


@outcome("1", "Crashes with injuries", "人身事故件数")
def crashes(record: Record) -> float:
    """Crashes with injuries that are expected of the kilometres driven by each kind of driver. What happens
    in a run of weeks (crashes_happened) differs from it by chance, by far more than a measure changes it.
    """
    return record.total("crashes_expected")


@outcome("1", "Crashes that happened", "実際に起きた人身事故件数", kind="count")
def crashes_happened(record: Record) -> float:
    """Crashes with injuries that were drawn in this run; each blocks a part of its road where
    crashes.blocked_capacity_frac is above 0.
    """
    return record.total("crashes_happened")


@outcome("persons", "Killed and injured in traffic", "交通事故の死傷者数")
def casualties(record: Record) -> float:
    """People killed or injured in the crashes that are expected (casualties per crash as in Japan, 2022)."""
    return record.closing.casualties_per_crash * record.total("crashes_expected")


@outcome("1/(10^6 km)", "Crashes per million vehicle-km", "走行百万台キロあたり人身事故件数")
def crashes_per_million_km(record: Record) -> float:
    """Crashes with injuries that are expected, over the distance driven by all vehicles."""
    return share(record.total("crashes_expected"), record.total("vehicle_km") / KM_PER_MILLION)


@outcome("h", "Hours with a road blocked by a crash", "事故で道路が塞がれた時間")
def crashes_blocked_h(record: Record) -> float:
    """Hours of crashes that were not yet cleared, summed over crashes (whole hours)."""
    return record.total("crashes_open")
