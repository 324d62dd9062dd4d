"""Renewal of water mains: sites that close the road above them, the oldest main first."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from agentsim.core.numerics.graphs import islands
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_YEAR
from agentsim.place.cases import RoadCase
from agentsim.place.mains import Mains


@dataclass(frozen=True)
class Site:
    """Works on a main."""

    ends: float  # hour
    junction: int
    km: float
    links: tuple[int, ...]  # road links that it closes


@dataclass
class Renewal:
    """Works that replace mains out of a yearly budget.

    Parameters
    ----------
    mains : are renewed
    roads : above them
    streets : road links above the main of each junction, (junctions,) tuples
    frac_per_y : share of all mains that is renewed in a year
    saved_km : budget at hand when the run begins
    """

    mains: Mains
    roads: RoadCase
    streets: Sequence[tuple[int, ...]]
    frac_per_y: float
    saved_km: float = 0.0
    sites: list[Site] = field(default_factory=list)

    @property
    def exists(self) -> bool:
        """Whether anything is renewed at all."""
        return self.frac_per_y > 0.0

    def step(self, hour: int) -> tuple[list[Site], list[Site]]:
        """Sites that begin and that end this hour; the mains of those that end are new."""
        p, begun = self.mains.parameters, []
        self.saved_km += self.frac_per_y * float(self.mains.km.sum()) / HOURS_PER_YEAR
        ended = [site for site in self.sites if site.ends <= hour]
        self.sites = [site for site in self.sites if site.ends > hour]
        while self.saved_km >= p.works_site_km:
            site = self._next_site(hour)
            if site is None:
                break
            self.saved_km -= site.km
            self.sites.append(site)
            begun.append(site)
        return begun, ended

    def _next_site(self, hour: int) -> Site | None:
        """Works on the oldest main that nobody works on; None if there is none."""
        p, mains = self.mains.parameters, self.mains
        free = mains.km > 0
        free[[site.junction for site in self.sites]] = False
        if not free.any():
            return None
        junction = int(np.argmax(np.where(free, mains.age_y, -1.0)))
        km = min(p.works_site_km, float(mains.km[junction]))
        links = self.streets[junction]
        if self._parts_the_city(links):
            links = ()  # the only road: one lane stays open
        return Site(hour + HOURS_PER_DAY * 1000.0 * km / p.works_m_per_day, junction, km, links)

    def closed_links(self) -> np.ndarray | None:
        """Road links that are closed by works, bool (links,); None if none is."""
        closed = {link for site in self.sites for link in site.links}
        if not closed:
            return None
        return np.isin(np.arange(len(self.roads.link_from)), list(closed))

    def _parts_the_city(self, links: tuple[int, ...]) -> bool:
        closed = self.closed_links()
        is_open = np.ones(len(self.roads.link_from), bool) if closed is None else ~closed
        nodes = max(self.roads.nodes, len(self.roads.zone_x_km))
        before = _parts(nodes, self.roads, is_open)
        is_open = is_open.copy()
        is_open[list(links)] = False
        return _parts(nodes, self.roads, is_open) > before


def _parts(nodes: int, roads: RoadCase, is_open: np.ndarray) -> int:
    return len(np.unique(islands(nodes, roads.link_from[is_open], roads.link_to[is_open])))


def streets_over(
    pipe_from: np.ndarray, pipe_to: np.ndarray, junction_zone: np.ndarray, roads: RoadCase
) -> list[tuple[int, ...]]:
    """Road links above the mains of each junction: those between the zones that its pipes join.

    *pipe_from*, *pipe_to* are junctions, arrays (pipes,). A pipe inside a zone lies under a street that the
    road network does not hold, and so do all pipes where roads come from a file with nodes of its own.
    """
    over: list[set[int]] = [set() for _ in junction_zone]
    between: dict[tuple[int, int], list[int]] = {}
    for link, pair in enumerate(zip(roads.link_from.tolist(), roads.link_to.tolist(), strict=True)):
        between.setdefault(pair, []).append(link)
    if roads.nodes <= len(roads.zone_x_km):
        for one, other in zip(pipe_from.tolist(), pipe_to.tolist(), strict=True):
            a, b = int(junction_zone[one]), int(junction_zone[other])
            links = [*between.get((a, b), ()), *between.get((b, a), ())]
            over[one].update(links)
            over[other].update(links)
    return [tuple(sorted(links)) for links in over]
