"""Homes: where households live, as columns, and totals by feeder, junction, district and zone."""

import numpy as np

from agentsim.agents.households import incomes
from agentsim.agents.households.incomes import Mix, decile_of, pick
from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.core.numerics.totals import add_up_products, look_up, total_by
from agentsim.core.streams import Streams
from agentsim.core.units import LITRES_PER_M3
from agentsim.place.cases import RESIDENTIAL, Feeders, Place

GOLDEN = 0.6180339887498949  # the golden ratio's fraction: rows spread evenly for any number of them
# The same for three attributes at once: multiples of the inverse powers of the root of x^4 = x + 1
ROOT = 1.2207440846057596

INDEX = np.int32  # half of the memory: rows are read by the million


class Homes:
    """Where households live: one row for each simulated household, which stands for ``weight`` real ones.

    Columns are arrays (households,). A smaller number of households is a prefix of the same rows. When homes
    move away, the people and the load of their row fall by their share.
    """

    def __init__(self, place: Place, rows: int, streams: Streams, parameters: HouseholdsParameters) -> None:
        p, water = parameters, place.water
        self.weight = place.households / rows
        self._rows, self._streams = rows, streams
        self.feeders, self.junctions = len(place.feeders), len(water.junction_id)
        self.districts, self._zones = len(place.districts), len(place.zone_x_km)
        homes_at = water.junction_demand_m3_per_h * (1.0 - water.junction_bulk_frac)
        spread = (streams.uniform("household", 0, 1) + GOLDEN * np.arange(rows)) % 1.0
        self.junction = pick(spread, homes_at).astype(INDEX)
        self.zone = water.junction_zone[self.junction].astype(INDEX)
        self.district = water.junction_district[self.junction].astype(INDEX)
        rank = self._even(2)  # of the income among the homes of the district
        self.decile = decile_of(rank, place.decile_frac, self.district)
        size = np.where(self._even(3) < p.size_income_link, rank, self._even(1))
        self.first_persons = 1 + pick(size, np.array(p.persons_frac))
        self.persons = self.first_persons.astype(float)
        self.feeder = _pick_within(self.draw(10), self.district, place.feeders).astype(INDEX)
        self.roof = self.draw(4) < p.roof_frac
        self.sector = pick(self.draw(6), place.districts.jobs.sum(axis=0))
        self.size_frac = self.persons / place.persons_per_household
        self.mix = Mix(place, p)
        usual = self.mix.mean(incomes.load_frac(self.mix.decile, self.mix.persons, p))
        self.load_frac = incomes.load_frac(self.decile, self.first_persons, p) / usual  # of the mean home's
        self.stay_frac = np.ones(rows)  # of the homes of each row that have not left
        self.left_people = 0.0  # real people who have left the city
        self.count()

    def __len__(self) -> int:
        return self._rows

    def draw(self, attribute: int) -> np.ndarray:
        """Uniform draws of one attribute, array (households,); draw *i* belongs to household *i*."""
        return self._streams.uniform("household", attribute, self._rows)

    def _even(self, attribute: int) -> np.ndarray:
        """Numbers from 0 to 1, even over the homes of each district in attributes 1 to 3, (households,).

        Few rows have the means of many, so that outcomes depend little on how many rows stand for the city.
        """
        first = self._streams.uniform("household", attribute, self.districts)[self.district]
        return (first + count_before(self.district) / ROOT**attribute) % 1.0

    def count(self) -> None:
        """Add up people in all, by zone, junction and district; again only after people have moved."""
        self.people = float(self.persons.sum() * self.weight)
        self.persons_in_zone = np.maximum(np.bincount(self.zone, self.persons, self._zones), 1e-9)
        self._persons_at_junction = self.by_junction(self.persons)
        self.persons_in_district = np.bincount(self.district, self.persons, self.districts) * self.weight

    def leave(self, goes_frac: np.ndarray) -> None:
        """Remove the people of homes that leave the city: a share of those left, array (households,)."""
        goes = np.asarray(goes_frac, dtype=float)
        self.left_people += float((self.persons * goes).sum()) * self.weight
        stay = 1.0 - goes
        self.stay_frac, self.persons = self.stay_frac * stay, self.persons * stay
        self.size_frac, self.load_frac = self.size_frac * stay, self.load_frac * stay
        self.count()

    def by_feeder(self, column: np.ndarray) -> np.ndarray:
        """Real total of a column on each feeder, array (feeders,)."""
        return total_by(self.feeder, column, self.feeders) * self.weight

    def by_junction(self, column: np.ndarray) -> np.ndarray:
        """Real total of a column at each junction, array (junctions,)."""
        return total_by(self.junction, column, self.junctions) * self.weight

    def by_district(self, column: np.ndarray) -> np.ndarray:
        """Real total of a column in each district, array (districts,)."""
        return total_by(self.district, column, self.districts) * self.weight

    def persons_by_district(self, column: np.ndarray) -> np.ndarray:
        """Real total of a column times the persons of each home in each district, array (districts,)."""
        total = np.empty(self.districts)
        add_up_products(self.district, column, self.persons, total)
        return total * self.weight

    def of_district(self, by_district: np.ndarray) -> np.ndarray:
        """What belongs to each home's district, array (households,), of an array (districts,)."""
        column = np.empty(len(self))
        look_up(self.district, by_district, column)
        return column

    def by_zone_and_district(self, column: np.ndarray) -> np.ndarray:
        """Simulated total of a column by zone and district, array (zones, districts)."""
        total = np.zeros((self._zones, self.districts))
        np.add.at(total, (self.zone, self.district), column)
        return total

    def section(self, sections: int) -> np.ndarray:
        """The section of its feeder on which each home is, array (households,): its homes in order."""
        size = np.bincount(self.feeder, minlength=self.feeders)
        return count_before(self.feeder) * sections // size[self.feeder]

    def water_m3(self, litres_per_person: float) -> np.ndarray:
        """Water at each junction when every person uses so many litres, array (junctions,) [m3]."""
        return self._persons_at_junction * (litres_per_person / LITRES_PER_M3)


def count_before(group: np.ndarray) -> np.ndarray:
    """How many earlier rows are in the same group, array (rows,).

    >>> count_before(np.array([1, 0, 1, 1])).tolist()
    [0, 0, 1, 2]
    """
    order = np.argsort(group, kind="stable")
    size = np.bincount(group)
    place = np.empty(len(group), dtype=np.int64)
    place[order] = np.arange(len(group)) - np.repeat(np.cumsum(size) - size, size)
    return place


def _pick_within(draw: np.ndarray, district: np.ndarray, feeders: Feeders) -> np.ndarray:
    """A residential feeder of the household's own district, in proportion to the feeders' peaks."""
    chosen = np.zeros(len(draw), dtype=int)
    for d in np.unique(district):
        own = np.flatnonzero((feeders.district == d) & (feeders.tier == RESIDENTIAL))
        rows = district == d
        chosen[rows] = own[pick(draw[rows], feeders.peak_mw[own])]
    return chosen
