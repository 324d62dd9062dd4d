"""People, jobs by sector and water use, by junction and zone."""

from dataclasses import dataclass, replace

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.units import HOURS_PER_DAY, LITRES_PER_M3
from agentsim.place.cases import SECTORS
from agentsim.place.parameters import PlaceParameters
from agentsim.place.readers.inp import InpNetwork


@dataclass(frozen=True)
class Customers:
    """Customers of the waterworks at each junction."""

    households: int
    people: np.ndarray  # (junctions,)
    domestic_m3_per_h: np.ndarray  # (junctions,) mean
    bulk_m3_per_h: np.ndarray  # (junctions,) mean, scaled


def bulk_users(network: InpNetwork) -> tuple[str, ...]:
    """Junctions that are one large customer: their demand pattern is theirs alone, others share one."""
    drawing = [(name, own) for name, own, q in _draws(network) if own]
    patterns = [own for _, own in drawing]
    if all(patterns.count(own) == 1 for own in patterns):
        return ()
    return tuple(name for name, own in drawing if patterns.count(own) == 1)


def _draws(network: InpNetwork) -> list[tuple[str, str, float]]:
    demand = network.demand_m3_per_h.tolist()
    rows = zip(network.junction_id, network.junction_pattern, demand, strict=True)
    return [row for row in rows if row[2] > 0]


def counted(network: InpNetwork, p: PlaceParameters) -> PlaceParameters:
    """The numbers with households, bulk users and their factor derived from what the network draws.

    Raises
    ------
    UnbuildablePlace : a bulk user that is no junction, or no demand at all
    """
    bulk_id = bulk_users(network) if p.bulk_junctions is None else p.bulk_junctions
    for name in bulk_id:
        if name not in network.junction_id:
            raise UnbuildablePlace(
                network.path, f"bulk user {name!r} is no junction", "correct bulk_junctions"
            )
    drawn = np.maximum(network.demand_m3_per_h, 0.0)  # an inflow in the file is no customer
    is_bulk = np.isin(network.junction_id, bulk_id)
    rest = np.where(is_bulk, 0.0, drawn)
    if rest.sum() <= 0:
        raise UnbuildablePlace(network.path, "no junction draws water", "give base demands in [JUNCTIONS]")
    households = round(float(rest.sum()) / _household_m3_per_h(p)) if p.households is None else p.households
    if households < 1:
        raise UnbuildablePlace(
            network.path, "all demands together are less than one household's", "check the flow unit"
        )
    factor = p.bulk_factor
    if factor is None:
        wanted = households * _household_m3_per_h(p) * (1.0 - p.domestic_share) / p.domestic_share
        factor = min(1.0, wanted / float(drawn[is_bulk].sum())) if is_bulk.any() else 0.0
    return replace(p, bulk_junctions=tuple(bulk_id), households=households, bulk_factor=factor)


def _household_m3_per_h(p: PlaceParameters) -> float:
    return p.persons_per_household * p.water_l_per_person_day / LITRES_PER_M3 / HOURS_PER_DAY


def settle(network: InpNetwork, p: PlaceParameters) -> Customers:
    """Households spread over the junctions in proportion to what is drawn there beside bulk users.

    Raises
    ------
    UnbuildablePlace : as in :func:`counted`
    """
    p = counted(network, p)
    assert p.households is not None
    assert p.bulk_factor is not None
    drawn = np.maximum(network.demand_m3_per_h, 0.0)
    is_bulk = np.isin(network.junction_id, p.bulk_junctions or ())
    rest = np.where(is_bulk, 0.0, drawn)
    domestic = p.households * _household_m3_per_h(p) * rest / rest.sum()
    people = p.households * p.persons_per_household * rest / rest.sum()
    return Customers(p.households, people, domestic, np.where(is_bulk, p.bulk_factor * drawn, 0.0))


def rehouse(customers: Customers, junction_district: np.ndarray, households: np.ndarray) -> Customers:
    """The same customers with so many *households* (districts,) in each district, spread as before."""
    count = len(households)
    now = np.bincount(junction_district, customers.people, count)
    total = float(now.sum()) / customers.households * households  # persons
    times = np.divide(total, now, out=np.zeros(count), where=now > 0)[junction_district]
    return replace(
        customers,
        households=int(households.sum()),
        people=customers.people * times,
        domestic_m3_per_h=customers.domestic_m3_per_h * times,
    )


def jobs_of_zones(
    x_km: np.ndarray, y_km: np.ndarray, people: np.ndarray, bulk_m3_per_h: np.ndarray, p: PlaceParameters
) -> np.ndarray:
    """Jobs by zone and sector, array (zones, sectors).

    Of a sector's jobs one part stands beside the bulk users of water, one is drawn to the centre (people x
    exp(-d / centre_decay_km), d from the people's mean place), and the rest lies where people live.
    """
    share = np.array(p.sector_share)
    total = p.jobs_per_person * float(people.sum()) * share / share.sum()
    centre_x, centre_y = np.average(x_km, weights=people), np.average(y_km, weights=people)
    home = people / people.sum()
    central = people * np.exp(-np.hypot(x_km - centre_x, y_km - centre_y) / p.centre_decay_km)
    central = central / central.sum()
    beside = bulk_m3_per_h / bulk_m3_per_h.sum() if bulk_m3_per_h.sum() > 0 else home
    at_bulk, pulled = np.array(p.sector_at_bulk_frac), np.array(p.sector_central_frac)
    mix = np.outer(beside, at_bulk) + np.outer(central, pulled) + np.outer(home, 1.0 - at_bulk - pulled)
    assert mix.shape[1] == len(SECTORS)
    return mix * total


def tier_load(people: np.ndarray, jobs: np.ndarray, peak_mw: float, p: PlaceParameters) -> np.ndarray:
    """Electric load at the city's peak by district and tier [MW], array (districts, tiers).

    Critical and residential load follow people, commercial load the jobs outside manufacturing, bulk load
    those in manufacturing.
    """
    share = np.array(p.tier_share) / sum(p.tier_share)
    factory = jobs[:, SECTORS.index("manufacturing")]
    service = jobs.sum(axis=1) - factory
    key = np.column_stack([people, people, service, factory])
    return peak_mw * share * key / np.maximum(key.sum(axis=0), 1e-12)
