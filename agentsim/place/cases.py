"""What a place is made of: districts and zones, and the four cases from which its networks are built.

Everything here is frozen data, arrays in the order of their ids. A reader or the builder makes them;
the networks, the households and the control graph are made from them.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import networkx

TIERS = ("critical", "residential", "commercial", "bulk")
CRITICAL, RESIDENTIAL, COMMERCIAL, BULK = range(4)
SECTORS = (
    "manufacturing",
    "retail",
    "health",
    "lodging_and_food",
    "information",
    "construction_and_transport",
)
GOODS = ("fuel", "minerals", "food")
FUEL, MINERALS, FOOD = range(3)


@dataclass(frozen=True)
class GridCase:
    """A transmission grid: buses, lines, generating units. All powers in MW, impedances per unit.

    ``bus_x_km`` and ``bus_y_km`` lie on the map of the city (zeros for a grid that stands alone).
    """

    base_mva: float
    bus_id: tuple[str, ...]
    bus_load_mw: np.ndarray  # (buses,) at the peak
    bus_shunt_mw: np.ndarray  # (buses,) conductance at 1 pu voltage
    line_from: np.ndarray  # (lines,) bus index
    line_to: np.ndarray
    line_r_pu: np.ndarray
    line_x_pu: np.ndarray
    line_tap: np.ndarray  # 1 where no transformer
    line_shift_deg: np.ndarray
    line_limit_mw: np.ndarray  # inf where unlimited
    unit_bus: np.ndarray  # (units,) bus index
    unit_max_mw: np.ndarray
    unit_min_mw: np.ndarray
    unit_cost: np.ndarray  # (units, 3): c2, c1, c0 per MW2 h, MWh, h
    line_failures_per_year: np.ndarray | None = None
    line_repair_h: np.ndarray | None = None
    unit_fuel: tuple[str, ...] = ()  # oil | coal | hydro | nuclear | ...
    unit_mttf_h: np.ndarray | None = None
    unit_mttr_h: np.ndarray | None = None
    unit_ramp_mw_per_min: np.ndarray | None = None
    unit_min_up_h: np.ndarray | None = None
    unit_min_down_h: np.ndarray | None = None
    unit_slow: np.ndarray | None = None  # bool: needs to be committed ahead
    unit_fuel_t_per_mwh: np.ndarray | None = None
    unit_co2_t_per_mwh: np.ndarray | None = None
    bus_x_km: np.ndarray | None = None
    bus_y_km: np.ndarray | None = None
    # cost curves of several slopes: unit, width [MW], slope [per MWh], in order, from the minimum output on
    unit_slopes: np.ndarray | None = None  # (segments, 3); ``unit_cost`` then holds a quadratic through them
    dc_from: np.ndarray | None = None  # (dc lines,) bus index
    dc_to: np.ndarray | None = None
    dc_min_mw: np.ndarray | None = None
    dc_max_mw: np.ndarray | None = None


@dataclass(frozen=True)
class Feeders:
    """Feeders: one leaf bus behind one breaker for each bus x district x tier that carries load."""

    bus: np.ndarray  # (feeders,) bus index
    district: np.ndarray
    tier: np.ndarray  # index into TIERS
    peak_mw: np.ndarray  # share of the city's peak
    length_km: np.ndarray  # for everyday faults

    def __len__(self) -> int:
        return len(self.bus)


@dataclass(frozen=True)
class WaterCase:
    """A water network for EPANET and what the city adds to it.

    A *source* is an EPANET reservoir: it has a raw-water yield and a treatment works on a feeder, and is
    shut when that feeder is dark. ``trunk_pipes[d]`` are the boundary pipes of district *d*.
    """

    inp_file: Path
    junction_id: tuple[str, ...]
    junction_x_km: np.ndarray  # (junctions,)
    junction_y_km: np.ndarray
    junction_zone: np.ndarray
    junction_district: np.ndarray
    junction_demand_m3_per_h: np.ndarray  # mean over the day, all customers at the junction, scaled
    junction_bulk_frac: np.ndarray  # share of that demand that is a bulk user's
    source_id: tuple[str, ...]
    source_yield_m3_per_d: np.ndarray  # raw-water yield in a normal year; below 0: it only receives water
    source_feeder: np.ndarray  # feeder index of the treatment works
    pump_id: tuple[str, ...]
    pump_feeder: np.ndarray
    trunk_pipes: tuple[tuple[str, ...], ...]  # (districts)
    well_junction: np.ndarray  # (districts,) where a municipal well injects
    # length of main that belongs to each junction; empty where bursts do not matter
    junction_pipe_km: np.ndarray = field(default_factory=lambda: np.zeros(0))
    # what nearly all taps ordinarily have; none here needs more to give all that is asked
    ordinary_pressure_m: float = float("inf")


@dataclass(frozen=True)
class RoadCase:
    """Directed links between zones and the demand at the peak hour."""

    zone_x_km: np.ndarray  # (zones,)
    zone_y_km: np.ndarray
    link_from: np.ndarray  # (links,) node index; zones are the first nodes
    link_to: np.ndarray
    link_length_km: np.ndarray
    link_free_time_h: np.ndarray
    link_capacity_veh_per_h: np.ndarray
    link_bpr_alpha: np.ndarray  # usually 0.15
    link_bpr_beta: np.ndarray  # usually 4
    od_veh_per_h: np.ndarray  # (zones, zones) at the peak hour, diagonal 0
    link_arterial: np.ndarray | None = None  # bool
    link_district: np.ndarray | None = None  # (links, 2): districts of both ends
    signal_feeder: np.ndarray | None = None  # (links,) feeder of the signal at the link's head, -1 none
    nodes: int = 0  # zones plus plain nodes; 0 means zones only
    through_zones: bool = True  # False: centroids are not passed through (TNTP's first-thru-node)


@dataclass(frozen=True)
class BusLines:
    """Bus lines and their stops, one zone each; line *l* has the rows from ``first_stop[l]`` on.

    A *segment* is the way from a stop to the next one: row *s* leads from stop *s* to *s + 1* outward
    (way 0), and from *s + 1* to *s* back (way 1). The last stop of a line has no segment, an empty row.
    """

    name: tuple[str, ...]  # (lines,)
    first_stop: np.ndarray  # (lines + 1,)
    stop_zone: np.ndarray  # (stops,)
    first_link: np.ndarray  # (2, stops + 1) where the links of a segment begin in ``link``, by way
    link: np.ndarray  # (2, links of the longer way) road links; -1 beyond the end of the shorter one
    garage_district: int = 0

    def __len__(self) -> int:
        return len(self.name)

    def stops(self, line: int) -> np.ndarray:
        """Zones at which a line stops, in the order of the way out."""
        return self.stop_zone[self.first_stop[line] : self.first_stop[line + 1]]

    def links(self, way: int, row: int) -> np.ndarray:
        """Road links of a segment."""
        return self.link[way, self.first_link[way, row] : self.first_link[way, row + 1]]


@dataclass(frozen=True)
class SupplyCase:
    """Terminals that bring goods into the city and the depots of its districts.

    Every good in ``GOODS`` has its own rows; quantities in tonnes.
    """

    terminal_name: tuple[str, ...]
    terminal_good: np.ndarray  # (terminals,) index into GOODS
    terminal_supplier: tuple[str, ...]
    terminal_zone: np.ndarray  # zone of the map, for road access
    terminal_capacity_t_per_d: np.ndarray
    terminal_price_jpy_per_t: np.ndarray
    terminal_lead_days: np.ndarray  # int
    depot_good: np.ndarray  # (depots,)
    depot_district: np.ndarray
    depot_zone: np.ndarray
    depot_demand_t_per_d: np.ndarray  # ordinary daily demand
    depot_capacity_t: np.ndarray
    # bool (terminals,); empty: none. Bought before others, whatever it costs; the city's own; makes fuel
    # without pumped oil
    terminal_bought_first: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    terminal_own: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    terminal_without_oil: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))


@dataclass(frozen=True)
class Site:
    """A named place on the map: a power station, a control room, a hospital, the sea side."""

    name: str
    kind: str
    district: int
    zone: int
    x_km: float
    y_km: float


@dataclass(frozen=True)
class Districts:
    """The municipalities. ``people`` and ``jobs`` are of the real city, not of the simulated sample."""

    name: tuple[str, ...]
    name_ja: tuple[str, ...]
    x_km: np.ndarray
    y_km: np.ndarray
    people: np.ndarray
    jobs: np.ndarray  # (districts, sectors)
    value_added_jpy_per_h: np.ndarray  # (districts, sectors)

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True)
class Place:
    """A city: its map and its four networks, before any household is drawn."""

    name: str
    title: str
    title_ja: str
    districts: Districts
    zone_x_km: np.ndarray  # (zones,)
    zone_y_km: np.ndarray
    zone_district: np.ndarray
    zone_people: np.ndarray
    zone_jobs: np.ndarray
    grid: GridCase
    feeders: Feeders
    water: WaterCase
    roads: RoadCase
    supply: SupplyCase
    households: int  # real ones
    persons_per_household: float
    load_shape: np.ndarray  # (52, 7, 24) non-residential load by week, weekday and hour, share of its peak
    normals: dict[str, np.ndarray]  # monthly (12,): mean_temperature_degc precipitation_mm sunshine_h
    latitude_deg: float
    sites: tuple[Site, ...] = ()
    provenance: dict[str, str] = field(default_factory=dict)
    # (districts, 10) share of households in each income decile; None: a tenth in each
    decile_frac: np.ndarray | None = None
    pipe_age_y: np.ndarray | None = None  # (districts,) mean age of the water mains; None: not known
    bus_lines: BusLines | None = None  # None: a bus every so often between all zones, without lines

    @property
    def water_graph(self) -> "networkx.MultiGraph":
        """The water network as a networkx graph, see :func:`agentsim.place.graphs.water_graph`."""
        from agentsim.place.graphs import water_graph

        return water_graph(self)

    @property
    def road_graph(self) -> "networkx.MultiDiGraph":
        """The roads as a networkx graph, see :func:`agentsim.place.graphs.road_graph`."""
        from agentsim.place.graphs import road_graph

        return road_graph(self)

    @property
    def grid_graph(self) -> "networkx.MultiGraph":
        """The transmission grid as a networkx graph, see :func:`agentsim.place.graphs.grid_graph`."""
        from agentsim.place.graphs import grid_graph

        return grid_graph(self)


@dataclass(frozen=True)
class Stores:
    """Electricity stores in the grid: one for each bus, then one for each municipal microgrid.

    Where there are several kinds of storage, each kind has a row at every bus, one kind after the other:
    all arrays are (kinds x buses + districts,). A store of zero size is an empty row, so that a policy that
    adds storage of one kind changes numbers and never the shape of the problem.
    """

    power_mw: np.ndarray
    energy_mwh: np.ndarray
    efficiency: np.ndarray  # AC round trip
    floor_frac: np.ndarray  # kept for emergencies
    cycle_life: np.ndarray | float = np.inf  # full cycles, and years, after which a store has lost ...
    calendar_life_y: np.ndarray | float = np.inf
    end_loss_frac: float = 0.0  # ... this share of its energy
    age_y: float = 0.0  # in the first hour

    @classmethod
    def none(cls, buses: int, districts: int) -> "Stores":
        rows = buses + districts
        return cls(np.zeros(rows), np.zeros(rows), np.ones(rows), np.zeros(rows))
