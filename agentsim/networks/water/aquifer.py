"""The aquifer under a city: wells lower the water table, rain and recharge raise it."""

from dataclasses import dataclass

from agentsim.core.messages import Groundwater
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_YEAR

GRAVITY_KWH_PER_M3_M = 9.81 / 3600.0  # to lift a cubic metre by a metre


@dataclass(frozen=True)
class AquiferParameters:
    """Size of the aquifer, its wells and its recharge (mechanisms S7)."""

    m2_per_person: float = parameter(300.0, "m2", "area of the aquifer, built-up land of a city", "A", 1, 1e5)
    specific_yield: float = parameter(
        0.05, "1", "water per volume of ground that drains; confined: below 0.001", "A", 1e-5, 0.4
    )
    depth_m: float = parameter(15.0, "m", "water table under the ground at the first hour", "A", 0, 500)
    drained_depth_m: float = parameter(
        40.0, "m", "depth of the water table at which no more flows off to the river", "A", 0, 1000
    )
    recharge_frac: float = parameter(0.15, "1", "rain that reaches the aquifer by itself", "A", 0, 1)
    municipal_well_m: float = parameter(60.0, "m", "depth of municipal wells", "A", 1, 1000)
    private_well_m: float = parameter(35.0, "m", "depth of private wells", "A", 1, 1000)
    failing_m: float = parameter(
        5.0, "m", "water above a well's foot at which it begins to fail", "A", 0.1, 100
    )
    pump_efficiency: float = parameter(0.55, "1", "of well pumps", "A", 0.05, 1)
    private_head_m: float = parameter(20.0, "m", "that private wells lift above the ground", "A", 0, 200)
    catchment_m2: float = parameter(
        300.0, "m2", "roofs and streets that drain to a recharge basin, per m3/d of its capacity", "A", 0, 1e5
    )
    catchment_frac: float = parameter(0.7, "1", "rain that runs off them", "A", 0, 1)
    basin_days: float = parameter(3.0, "d", "that a full basin takes to seep away", "A", 0.05, 365)


class Aquifer:
    """A bucket in common for all wells: ``S' = S + recharge + managed recharge - pumping - outflow``.

    The water table sinks by a metre for each ``area x specific yield`` m3. What flows off to the river is
    proportional to the height of the water table over ``drained_depth_m``, and balances the recharge of an
    ordinary year at the table of the first hour. Wells fail as the table sinks to their foot, the shallow
    private ones first.

    Parameters
    ----------
    people : of the city
    rain_mm_per_y : of a normal year
    basin_m3_per_h : capacity of managed recharge
    """

    def __init__(
        self,
        people: float,
        rain_mm_per_y: float,
        basin_m3_per_h: float = 0.0,
        parameters: AquiferParameters | None = None,
    ) -> None:
        self.parameters = p = parameters or AquiferParameters()
        self.area_m2 = p.m2_per_person * people
        self.m3_per_m = self.area_m2 * p.specific_yield
        self._ordinary_m3 = p.recharge_frac * rain_mm_per_y / 1000.0 / HOURS_PER_YEAR * self.area_m2
        self.basin_m3_per_h, self._basin_m3 = basin_m3_per_h, 0.0
        self.now = Groundwater(0.0, 0.0, 0.0, 0.0, 0.0, p.depth_m)

    @property
    def depth_m(self) -> float:
        """Depth of the water table."""
        return self.now.depth_m

    def well_frac(self, well_m: float) -> float:
        """Share of its output that a well of this depth still gives."""
        return min(max((well_m - self.depth_m) / self.parameters.failing_m, 0.0), 1.0)

    def more_kwh_per_m3(self) -> float:
        """Electricity for a cubic metre of a municipal well beyond that at the table of the first hour."""
        p = self.parameters
        return GRAVITY_KWH_PER_M3_M * (self.depth_m - p.depth_m) / p.pump_efficiency

    def private_kwh_per_m3(self) -> float:
        """Electricity for a cubic metre of a private well."""
        p = self.parameters
        return GRAVITY_KWH_PER_M3_M * (self.depth_m + p.private_head_m) / p.pump_efficiency

    def flow(self, rain_mm: float, pumped_m3: float) -> Groundwater:
        """One hour of rain and pumping.

        >>> aquifer = Aquifer(1000.0, 0.0, parameters=AquiferParameters(specific_yield=0.1))
        >>> round(aquifer.flow(rain_mm=0.0, pumped_m3=30_000.0).depth_m, 9)
        16.0
        """
        p, stored = self.parameters, self.now.stored_m3
        natural = p.recharge_frac * rain_mm / 1000.0 * self.area_m2
        over = (p.drained_depth_m - self.depth_m) / max(p.drained_depth_m - p.depth_m, 1e-9)
        outflow, managed = self._ordinary_m3 * max(over, 0.0), self._seep(rain_mm)
        stored += natural + managed - pumped_m3 - outflow
        depth = p.depth_m - stored / self.m3_per_m
        self.now = Groundwater(stored, natural, managed, pumped_m3, outflow, depth)
        return self.now

    def _seep(self, rain_mm: float) -> float:
        """What seeps from the recharge basin in an hour; rain that it cannot hold is lost [m3]."""
        if self.basin_m3_per_h <= 0:
            return 0.0
        p, per_day = self.parameters, self.basin_m3_per_h * HOURS_PER_DAY
        caught = per_day * p.catchment_m2 * p.catchment_frac * rain_mm / 1000.0
        held = min(self._basin_m3 + caught, p.basin_days * per_day)
        seeped = min(held, self.basin_m3_per_h)
        self._basin_m3 = held - seeped
        return seeped
