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


@outcome("h", "Delay per person trip", "1人1トリップあたりの遅れ時間")
def delay_h_per_person_trip(record: Record) -> float:
    """Time spent in traffic above that on empty roads, queues included, per person trip made by any mode.
    Empty vehicles cause delay and carry nobody, so that it rises where they do.
    """
    return share(record.total("delay_veh_h"), record.total("trips_made"))


@outcome("1", "Kilometres driven empty", "空車走行の割合", kind="share")
def empty_km_share(record: Record) -> float:
    """Distance that automated cars drive home without anybody and vehicles for hire drive to their riders, as
    a share of all distance driven.
    """
    return min(share(record.total("empty_km"), record.total("vehicle_km")), 1.0)


@outcome("1", "Kilometres driven by automated cars", "自動運転車の走行割合", better=0, kind="share")
def automated_km_share(record: Record) -> float:
    """Distance driven by automated cars, empty ones among them, as a share of all distance driven."""
    return min(share(record.total("automated_km"), record.total("vehicle_km")), 1.0)


@outcome("1", "Share of trips by matched rides", "ライドシェア分担率", better=0, kind="share")
def ride_mode_share(record: Record) -> float:
    """Person trips begun by a matched ride, as a share of those begun by any mode."""
    return share(record.total("ride_persons"), record.total("mode_persons"))


@outcome("1", "Kilometres without a rider", "ライドシェア車両の空車率", kind="share")
def ride_empty_km_share(record: Record) -> float:
    """Distance that vehicles for hire drive on the way to riders, as a share of all that they drive. What
    drivers drive while they look for riders without a request is not in the model.
    """
    return share(record.total("ride_empty_km"), record.total("ride_km"))


@outcome("1", "Riders who found no vehicle", "配車できなかった利用者の割合", kind="share")
def rides_left_share(record: Record) -> float:
    """People who asked for a matched ride and found neither a driver nor a vehicle near enough, as a share of
    those who asked.
    """
    return share(record.total("rides_left"), record.total("ride_persons"))


@outcome("1", "Driving jobs displaced", "失われた運転職の割合", kind="share")
def driving_jobs_displaced_share(record: Record) -> float:
    """Driving jobs that go because vehicles drive themselves or riders are matched, as a share of the jobs of
    drivers of buses, taxis and deliveries in an ordinary city.
    """
    closing = record.closing
    return min(share(closing.jobs_displaced_by.get("transport", 0.0), closing.driving_jobs), 1.0)
