"""The four networks together: one hour served in order, and every coupling between them by name.

Roads, then supply, power and water. A coupling that would close a loop takes the service of the last hour.
Each coupling has a switch of its own name in :class:`~agentsim.core.mechanisms.Mechanisms`.
"""

from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np

from agentsim.core.mechanisms import Mechanisms
from agentsim.core.message import message
from agentsim.core.messages import (
    BurstChange,
    BusOffer,
    BusService,
    Damage,
    Demand,
    Groundwater,
    Permitted,
    PlantHour,
    PowerService,
    RoadService,
    SectionOutage,
    Service,
    SupplyService,
    WaterService,
    Weather,
)
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.shares import ratio
from agentsim.core.numerics.sums import total
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW
from agentsim.networks.power.grid import PowerGrid
from agentsim.networks.power.offers import largest_owner, markup
from agentsim.networks.power.sections import FeederSections
from agentsim.networks.roads.automated import AutomatedCarsParameters, capacity_factor
from agentsim.networks.roads.network import RoadNetwork
from agentsim.networks.roads.transit import BusNetwork
from agentsim.networks.supply.city_plants import CityPlants
from agentsim.networks.supply.network import SupplyNetwork
from agentsim.networks.water.aquifer import Aquifer
from agentsim.networks.water.network import WaterNetwork
from agentsim.networks.water.raw_water import RawWater
from agentsim.place.cases import CRITICAL, FUEL, RESIDENTIAL, Place, Site


@dataclass(frozen=True)
class CouplingParameters:
    """How strongly one network depends on another."""

    dark_signal_frac: float = parameter(
        0.4, "1", "capacity of a link whose signal has no power, 0.3-0.5", "A", 0.05, 1
    )
    cooling_frac: float = parameter(
        0.3, "1", "share of a thermal unit's output that depends on town water", "A", 0, 1
    )
    dam_low_frac: float = parameter(
        0.5,
        "1",
        "the desalination plant runs while the dam's fill is below this; above 1: always",
        "A",
        0,
        1.1,
    )
    tanks_low_frac: float = parameter(
        0.5, "1", "or while the mean fill of the tanks is below this", "A", 0, 1.1
    )
    served_frac: float = parameter(
        0.5, "1", "a works or pump runs when its feeder is served at least this share", "A", 0, 1
    )
    largest_owner_frac: float = parameter(
        0.35, "1", "share of generating capacity that the largest owner holds", "A", 0, 1
    )
    price_cap_jpy_per_kwh: float = parameter(
        80.0,
        "JPY/kWh",
        "cap on the hour's price; Japan's imbalance price has one",
        "M",
        10,
        1000,
    )


_NONE = np.zeros(0)  # load of works before the first hour


@message
class Operation:
    """What the utilities decide besides valves and breakers, and what customers have been told."""

    store_plan_mw: np.ndarray  # (stores,)
    reserve_mw: float
    bursts: BurstChange  # mains that burst, and those that were repaired this hour
    allowed_frac: np.ndarray  # (terminals,) share of capacity that may be sold
    shed_weight: tuple[float, ...] | np.ndarray  # (tiers,) or (feeders,), see ``PowerGrid.serve``
    warned: bool = False  # people have been told that tap water is not safe
    works_links: np.ndarray | None = None  # bool (links,) closed by works on the mains below; None: none
    bus_timetable: np.ndarray | None = None  # (lines,) buses on the road in the peak; None: as it was


class Coupling:
    """Four networks and the couplings between them."""

    def __init__(
        self,
        place: Place,
        power: PowerGrid,
        water: WaterNetwork,
        roads: RoadNetwork,
        supply: SupplyNetwork,
        raw_water: RawWater,
        local_signal: np.ndarray,
        parameters: CouplingParameters | None = None,
        mechanisms: Mechanisms | None = None,
        desalination_m3_per_h: float = 0.0,
        sea_side: Site | None = None,
        aquifer: Aquifer | None = None,
        sections: FeederSections | None = None,
        automated_cars: AutomatedCarsParameters | None = None,
        buses: BusNetwork | None = None,
        plants: CityPlants | None = None,
    ) -> None:
        self.place, self.power, self.water, self.roads, self.supply = place, power, water, roads, supply
        self.raw_water, self.aquifer, self.sections, self.buses = raw_water, aquifer, sections, buses
        self.plants = plants
        self.parameters = parameters or CouplingParameters()
        self.automated_cars = automated_cars or AutomatedCarsParameters()
        self.mechanisms = mechanisms or Mechanisms()
        self.last: Service | None = None
        self.offered_frac: np.ndarray | None = None  # (units,) of its capacity, None: all is offered
        self._local_signal = local_signal & self.mechanisms.local_signals
        live = self.mechanisms.desalination and sea_side is not None
        self._desalination_m3_per_h = desalination_m3_per_h if live else 0.0
        self._sea_district = sea_side.district if sea_side else 0
        self._find_rows()

    def _find_rows(self) -> None:
        """Which feeder, unit and depot each coupling joins."""
        place, feeders = self.place, self.place.feeders
        districts = len(place.districts)
        critical = feeders.tier == CRITICAL
        self._well_feeder = np.array(
            [np.flatnonzero(critical & (feeders.district == d))[0] for d in range(districts)]
        )
        at_bus = np.zeros((len(place.grid.bus_id), districts))
        np.add.at(at_bus, (feeders.bus, feeders.district), feeders.peak_mw)
        self._bus_district = at_bus.argmax(axis=1)
        self._head_district = place.zone_district[np.minimum(place.roads.link_to, len(place.zone_x_km) - 1)]
        self._thermal = np.isin(np.array(place.grid.unit_fuel), ("oil", "coal", "nuclear"))
        self._oil = np.array(place.grid.unit_fuel) == "oil"
        self._oil_units = np.flatnonzero(self._oil)
        self._oil_mw = np.where(self._oil, place.grid.unit_max_mw, 0.0)
        per_mwh = place.grid.unit_fuel_t_per_mwh
        self._oil_most_t = 0.0 if per_mwh is None else float((self._oil_mw * per_mwh).sum())  # in an hour
        fuel_depots = np.flatnonzero(place.supply.depot_good == FUEL)
        self._power_station_depot = int(fuel_depots[-1])
        self._garage_depot = self.garage_feeder = -1
        if self.buses is not None:
            own = np.flatnonzero(
                (feeders.district == self.buses.case.garage_district) & (feeders.tier != RESIDENTIAL)
            )
            self.garage_feeder = int(own[feeders.peak_mw[own].argmax()])
            near = fuel_depots[place.supply.depot_district[fuel_depots] == self.buses.case.garage_district]
            self._garage_depot = int(near[0])
        grid, water = place.grid, place.water
        self._marginal_cost = grid.unit_cost[:, 1] + grid.unit_cost[:, 0] * grid.unit_max_mw
        self._owned = largest_owner(self._marginal_cost, grid.unit_max_mw, self.parameters.largest_owner_frac)
        self._home_m3_per_h = water.junction_demand_m3_per_h * (1.0 - water.junction_bulk_frac)
        self._works_feeder = np.concatenate(  # of the desalination plant, pumps, treatment works and wells
            [
                self._well_feeder[[self._sea_district]],
                water.pump_feeder,
                water.source_feeder,
                self._well_feeder,
            ]
        )
        ends = (1 + np.cumsum([0, len(water.pump_feeder), len(water.source_feeder), districts])).tolist()
        self._works_kinds = tuple(slice(*part) for part in pairwise(ends))  # pumps, treatment works, wells

    def serve(
        self,
        hour: int,
        demand: Demand,
        permitted: Permitted,
        damage: Damage,
        weather: Weather,
        operation: Operation,
    ) -> Service:
        """One hour of roads, supply, power and water, in this order."""
        roads = self._serve_roads(demand, permitted, damage, operation.works_links)
        supply = self._serve_supply(demand, permitted, roads, operation.allowed_frac, hour)
        buses = self._serve_buses(hour, demand, roads, supply, operation.bus_timetable)
        desalination_m3 = self._desalination_plan_m3(demand, permitted)
        works_mw = basic_works_mw = self._works_mw(desalination_m3)
        planned_t = None
        if self.plants is not None:
            planned_t = self.plants.planned_t()
            works_mw = works_mw + self.plants.load_mw(len(works_mw))
        fuel_mwh = self._fuel_mwh(supply.stock_t[self._power_station_depot])
        sections = self._section_outage(hour, demand, damage, works_mw)
        power = self._serve_power(
            demand,
            permitted,
            damage,
            sections,
            operation,
            works_mw=works_mw,
            basic_works_mw=basic_works_mw,
            fuel_mwh=fuel_mwh,
        )
        water = self._serve_water(
            demand,
            permitted,
            operation,
            powered=self._powered(power),
            desalination_m3=desalination_m3 * self._plant_powered_frac(power) if desalination_m3 > 0 else 0.0,
            hour_of_day=hour % HOURS_PER_DAY,
        )
        self.raw_water.flow(weather.inflow_frac, total(water.source_m3))
        groundwater = self._pump_groundwater(demand, water, weather)
        made = self._run_plants(planned_t, power, water, supply)
        self.last = Service(
            power=power,
            water=water,
            roads=roads,
            supply=supply,
            works_mw=works_mw,
            markup_jpy_per_mwh=self._markup(power),
            groundwater=groundwater,
            buses=self._charge_buses(buses, demand, power),
            plants=made,
        )
        return self.last

    def _pump_groundwater(self, demand: Demand, water: WaterService, weather: Weather) -> Groundwater | None:
        """All wells, municipal and private, draw on one aquifer (mechanism ``aquifer``)."""
        if self.aquifer is None:
            return None
        private = demand.private_well_m3_per_h
        pumped_m3 = total(water.well_m3) + (0.0 if private is None else total(private))
        return self.aquifer.flow(weather.rain_mm, pumped_m3)

    def _serve_roads(
        self, demand: Demand, permitted: Permitted, damage: Damage, works_links: np.ndarray | None
    ) -> RoadService:
        """Coupling mains_to_roads: works on a main close the road above it."""
        closed_links = self.roads.links_cut_by(permitted.roads_cut_off)
        if works_links is not None:
            closed_links = works_links if closed_links is None else closed_links | works_links
        signals = self.roads.signals
        answers = self.last is not None and signals is not None and signals.within_the_hour
        roads = self.roads.serve(
            demand.trips_asked_veh_per_h,
            closed_links,
            self._capacity_frac(demand, permitted, damage),
            answer=partial(self._capacity_frac, demand, permitted, damage) if answers else None,
        )
        if works_links is None:
            return roads
        return replace(roads, works_links=int(np.count_nonzero(works_links)))

    # ---- buses --------------------------------------------------------------------------------------------

    def bus_offer(self, hour: int) -> BusOffer | None:
        """What bus lines offer at *hour*, by the roads of the hour before; None without lines."""
        if self.buses is None:
            return None
        free_h = self.place.roads.link_free_time_h
        link_h = free_h if self.last is None else self.last.roads.time_h
        return self.buses.offer(hour, link_h, self._bus_fuel_frac())

    def bus_clock(self, hour: int) -> BusOffer | None:
        """The same by the clock, without the weight of crowding, on the roads of the hour just served."""
        if self.buses is None or self.last is None:
            return None
        return self.buses.offer(hour, self.last.roads.time_h, self._bus_fuel_frac(), crowding=False)

    def _bus_fuel_frac(self, supply: SupplyService | None = None) -> float:
        """Coupling fuel_to_vehicles: share of the diesel buses that the garage's depot has fuel for.

        That of the hour of *supply*; None: of the last hour, by which people know which buses run.
        """
        if supply is None and self.last is not None:
            supply = self.last.supply
        if supply is None or self._garage_depot < 0 or not self.mechanisms.fuel_to_vehicles:
            return 1.0
        handed_t = float(supply.delivered_t[self._garage_depot])
        asked_t = handed_t + float(supply.short_t[self._garage_depot])
        return handed_t / asked_t if asked_t > 0.0 else 1.0

    def _serve_buses(
        self,
        hour: int,
        demand: Demand,
        roads: RoadService,
        supply: SupplyService,
        timetable: np.ndarray | None,
    ) -> BusService | None:
        """Bus lines on the roads and with the fuel of this hour; a new timetable begins with the next one."""
        if self.buses is None or demand.bus_persons is None:
            return None
        fuel_frac = self._bus_fuel_frac(supply)
        served = self.buses.serve(hour, demand.bus_persons, roads.time_h, fuel_frac)
        if timetable is not None:
            self.buses.set_timetable(timetable)
        return served

    def _charge_buses(
        self, buses: BusService | None, demand: Demand, power: PowerService
    ) -> BusService | None:
        """Electric buses charge with their share of what the garage's feeder gets."""
        if self.buses is None or buses is None or demand.bus_charge_mw <= 0.0:
            return buses
        row = self.garage_feeder
        asked_mw = power.delivered_mw[row] + power.shed_mw[row] + power.restricted_mw[row]
        served_frac = float(power.delivered_mw[row] / asked_mw) if asked_mw > 0.0 else 0.0
        return self.buses.charge(buses, demand.bus_charge_mw * served_frac * KW_PER_MW)

    def _serve_supply(
        self, demand: Demand, permitted: Permitted, roads: RoadService, allowed_frac: np.ndarray, hour: int
    ) -> SupplyService:
        """Coupling roads_to_deliveries: lorries need this hour's travel times and an open district."""
        case, reviews = self.place.supply, self.supply.reviews(hour)
        if reviews and self.plants is not None:
            allowed_frac = allowed_frac * self.plants.offered_frac(len(case.terminal_good))
        return self.supply.serve(
            self._goods_t(demand),
            skim_h=roads.skim_h[np.ix_(case.terminal_zone, case.depot_zone)] if reviews else None,
            closed=permitted.roads_cut_off[case.depot_district] if reviews else None,
            embargoed=permitted.withheld_frac,
            allowed_frac=allowed_frac,
            hour=hour,
        )

    def _section_outage(
        self, hour: int, demand: Demand, damage: Damage, works_mw: np.ndarray
    ) -> SectionOutage | None:
        """Sections that faults leave dark (mechanism fault_isolation), by the last hour's power."""
        if self.sections is None:
            return None
        self.sections.hear(self.last.power.energised if self.last else None)
        asked_mw = demand.power_asked_mw + works_mw
        return self.sections.outage(hour, damage.feeders_out, asked_mw, demand.section_frac)

    def _serve_power(
        self,
        demand: Demand,
        permitted: Permitted,
        damage: Damage,
        sections: SectionOutage | None,
        operation: Operation,
        *,
        works_mw: np.ndarray,
        basic_works_mw: np.ndarray,
        fuel_mwh: np.ndarray | None,
    ) -> PowerService:
        """Works are a load like any other; that of the waterworks is lifeline, that of other plants not."""
        self.offered_frac = self._offered_frac(permitted.generators_withheld_frac)
        return self.power.serve(
            asked_mw=demand.power_asked_mw + works_mw,
            basic_mw=demand.power_basic_mw + basic_works_mw,
            solar_mw=demand.solar_mw,
            power_cut_off_frac=permitted.power_cut_off_frac,
            sections_opened_frac=permitted.sections_opened_frac,
            islanded=permitted.islanded,
            committed=permitted.committed,
            units_out=damage.units_out,
            lines_out=damage.lines_out,
            feeders_out=damage.feeders_out,
            sections=sections,
            unit_derating_frac=self._derating_frac(),
            offered_frac=self.offered_frac,
            fuel_mwh=fuel_mwh,
            store_plan_mw=operation.store_plan_mw,
            shed_weight=operation.shed_weight,
            reserve_mw=operation.reserve_mw,
            stored_mw=demand.stored_mw,
        )

    def _serve_water(
        self,
        demand: Demand,
        permitted: Permitted,
        operation: Operation,
        *,
        powered: tuple[np.ndarray, np.ndarray, np.ndarray],
        desalination_m3: float,
        hour_of_day: int,
    ) -> WaterService:
        """Pumps, treatment works and wells run where they are ordered to and their feeder is *powered*."""
        aquifer, (pumps, works, wells) = self.aquifer, powered
        water = self.water.serve(
            asked_m3_per_h=demand.water_asked_m3_per_h,
            water_cut_off_frac=permitted.water_cut_off_frac,
            trunk_mains_shut=permitted.trunk_mains_shut,
            works_on=works,
            pumps_on=permitted.pumps_on & pumps,
            pumps_powered=pumps,
            wells_on=permitted.wells_on & wells,
            yield_frac=self.raw_water.yield_frac(),
            new_bursts=operation.bursts.new,
            mended=operation.bursts.mended,
            new_burst_size=operation.bursts.new_size,
            mended_size=operation.bursts.mended_size,
            hour_of_day=hour_of_day,
            desalination_m3_per_h=desalination_m3,
            rationed_frac=permitted.rationed_frac,
            dose_frac=permitted.dose_frac if self.mechanisms.contamination else 1.0,
            plant_dose_frac=permitted.plant_dose_frac if self.mechanisms.contamination else 1.0,
            well_dose_frac=permitted.well_dose_frac if self.mechanisms.contamination else None,
            well_output_frac=aquifer.well_frac(aquifer.parameters.municipal_well_m) if aquifer else 1.0,
            well_more_kwh_per_m3=aquifer.more_kwh_per_m3() if aquifer else 0.0,
        )
        if water.unsafe is not None and not operation.warned:
            water = replace(water, contaminated_person_h=self._drinking_unsafe(water))
        return water

    # ---- generators that withhold, water that is unsafe ---------------------------------------------

    def _offered_frac(self, withheld_frac: float) -> np.ndarray | None:
        """Share of its capacity that each unit's owner offers, (units,); None when nothing is withheld."""
        return 1.0 - withheld_frac * self._owned if withheld_frac > 0.0 else None

    def _markup(self, power: PowerService) -> float:
        """What withheld capacity adds to the price of the hour [JPY/MWh] (mechanism ``market_power``)."""
        if self.offered_frac is None or not self.mechanisms.market_power:
            return 0.0
        load_mw = float(power.generation_mw.sum() + power.shed_mw.sum())
        cap = self.parameters.price_cap_jpy_per_kwh * KW_PER_MW
        return markup(load_mw, self._marginal_cost, self.power.offered_mw, self.power.able_mw, cap)

    def _drinking_unsafe(self, water: WaterService) -> np.ndarray:
        """People with unsafe water at their tap, (districts,)."""
        place, count = self.place, len(self.place.districts)
        rows = place.water.junction_district
        assert water.unsafe is not None
        unsafe = np.bincount(rows, self._home_m3_per_h * water.unsafe, count)
        return (
            place.districts.people * unsafe / np.maximum(np.bincount(rows, self._home_m3_per_h, count), 1e-9)
        )

    # ---- the couplings ----------------------------------------------------------------------------------

    def _capacity_frac(self, demand: Demand, permitted: Permitted, damage: Damage) -> np.ndarray | None:
        """Share of its capacity that signals, crashes and automated cars leave each link, (links,).

        None: all of it. Automated cars are mixed alike on all links.
        """
        left, blocked = self._signal_frac(permitted, damage), damage.road_blocked_frac
        if blocked is not None:
            left = 1.0 - blocked if left is None else left * (1.0 - blocked)
        if demand.automated_frac <= 0.0:
            return left
        factor = capacity_factor(demand.automated_frac, self.automated_cars)
        return np.full(len(self._head_district), factor) if left is None else left * factor

    def _signal_frac(self, permitted: Permitted, damage: Damage) -> np.ndarray | None:
        """Share of its capacity that signals leave each link: adaptive green, red by order, or no power.

        Whoever controls an adaptive signal may set it to red, or turn round what its detectors report, unless
        it has a controller of its own. At a red signal drivers pass as at one without power. Power is that
        of the last hour.
        """
        if self.last is None:
            return None
        signals, ordered = self.roads.signals, permitted.signals_red_frac
        left = self.roads.signal_frac(damage.detectors_out, self._spoofed_frac(permitted))
        if left is not None and signals is not None and ordered is not None and ordered.any():
            red = np.where(signals.adaptive & ~self._local_signal, ordered[self._head_district], 0.0)
            left = left * (1.0 - red) + red * np.minimum(left, self.parameters.dark_signal_frac)
        unpowered = self._unpowered_signals()
        if unpowered is None:
            return left
        return np.where(unpowered, self.parameters.dark_signal_frac, 1.0 if left is None else left)

    def _spoofed_frac(self, permitted: Permitted) -> np.ndarray | None:
        """Share of what the detectors of each approach report that is false, (links,); None: all is true."""
        told = permitted.detectors_spoofed_frac
        if told is None or not np.count_nonzero(told):
            return None
        return np.where(self._local_signal, 0.0, told[self._head_district])

    def _unpowered_signals(self) -> np.ndarray | None:
        """Coupling power_to_roads: signals without power last hour, bool (links,); None if none."""
        feeder = self.place.roads.signal_feeder
        if self.last is None or feeder is None or not self.mechanisms.power_to_roads:
            return None
        energised = self.last.power.energised
        if np.count_nonzero(energised) == len(energised):
            return None
        return (feeder >= 0) & ~energised[feeder] & ~self._local_signal

    def _goods_t(self, demand: Demand) -> np.ndarray:
        """Coupling fuel_to_power: goods asked for, with the oil that power stations burnt last hour [t]."""
        if self.last is None or not self.mechanisms.fuel_to_power:
            return demand.goods_asked_t
        asked_t = demand.goods_asked_t.copy()
        asked_t[self._power_station_depot] += total(self.last.power.fuel_t.take(self._oil_units))
        return asked_t

    def _fuel_mwh(self, stock_t: float) -> np.ndarray | None:
        """Coupling fuel_to_power: energy that oil-fired units can make of their stock, (units,) [MWh]."""
        if not self.mechanisms.fuel_to_power or self.place.grid.unit_fuel_t_per_mwh is None:
            return None
        if stock_t >= self._oil_most_t:
            return None
        return np.where(self._oil, self._oil_mw * stock_t / max(self._oil_most_t, 1e-12), np.inf)

    def _derating_frac(self) -> np.ndarray | None:
        """Coupling water_to_power: output left to thermal units short of water last hour, (units,) [1]."""
        if self.last is None or not self.mechanisms.water_to_power:
            return None
        water = self.last.water
        missing = water.short_m3_per_h + water.restricted_m3_per_h
        if not np.count_nonzero(missing):
            return None
        rows, count = self.place.water.junction_district, len(self.place.districts)
        asked = np.bincount(rows, water.delivered_m3_per_h + missing, count)
        dry = np.bincount(rows, missing, count) / np.maximum(asked, 1e-12)
        at_unit = dry[self._bus_district[self.place.grid.unit_bus]]
        return np.where(self._thermal, 1.0 - self.parameters.cooling_frac * at_unit, 1.0)

    def _desalination_plan_m3(self, demand: Demand, permitted: Permitted) -> float:
        """Water that the desalination plant is to make this hour: all it can while water is scarce [m3]."""
        if self._desalination_m3_per_h <= 0.0:
            return 0.0
        low = self.raw_water.fill_frac < self.parameters.dam_low_frac
        if not low and self.water.tank_fill_frac >= self.parameters.tanks_low_frac:
            return 0.0
        open_frac = 1.0 - permitted.water_cut_off_frac[self.place.water.junction_district]
        open_m3 = float(demand.water_asked_m3_per_h @ open_frac)
        return min(self._desalination_m3_per_h, self.water.parameters.desalination_most_frac * open_m3)

    def _plant_powered_frac(self, power: PowerService) -> float:
        """Coupling power_to_water: share of its load, and so of its output, that the plant gets."""
        row = self._well_feeder[self._sea_district]
        if not self.mechanisms.power_to_water:
            return 1.0
        asked = power.delivered_mw[row] + power.shed_mw[row] + power.restricted_mw[row]
        return float(power.delivered_mw[row] / asked) if power.energised[row] and asked > 0 else 0.0

    def _run_plants(
        self, planned_t: np.ndarray | None, power: PowerService, water: WaterService, supply: SupplyService
    ) -> PlantHour | None:
        """Coupling power_to_plants: plants make the share for which they get power, and water."""
        if self.plants is None or planned_t is None:
            return None
        rows, served_frac = self.plants.junction, 1.0
        if self.mechanisms.power_to_plants:
            asked_mw = power.delivered_mw + power.shed_mw + power.restricted_mw
            served_frac = ratio(power.delivered_mw * power.energised, asked_mw)[self.plants.feeder]
        got_m3 = water.delivered_m3_per_h
        asked_m3 = got_m3 + water.short_m3_per_h + water.restricted_m3_per_h
        served_frac = np.minimum(served_frac, ratio(got_m3[rows], asked_m3[rows]))
        return self.plants.run(supply.imported_t[self.plants.terminal], planned_t, served_frac)

    def _works_mw(self, desalination_m3: float = 0.0) -> np.ndarray:
        """Load of pumps, treatment works and wells, planned as in the last hour, (feeders,) [MW].

        The desalination plant's is that of its plan for this hour.
        """
        works_mw, plant_kw = np.empty(len(self.place.feeders)), 0.0
        if desalination_m3 > 0:
            plant_kw = float(desalination_m3 * self.water.parameters.desalination_kwh_per_m3)
        water = self.last.water if self.last else None
        each_kw = (water.pump_kw, water.works_kw, water.well_kw) if water else (_NONE,) * 3
        load_of_works(self._works_feeder, plant_kw, *each_kw, works_mw)
        return works_mw

    def _powered(self, power: PowerService) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Coupling power_to_water: pumps, treatment works and wells with enough power, bool arrays."""
        enough = np.empty(len(self._works_feeder), dtype=bool)
        if self.mechanisms.power_to_water:
            served_enough(
                self._works_feeder,
                power.delivered_mw,
                power.shed_mw,
                power.restricted_mw,
                power.energised,
                float(self.parameters.served_frac),
                enough,
            )
        else:
            enough[:] = True
        pumps, works, wells = self._works_kinds
        return enough[pumps], enough[works], enough[wells]


@kernel
def load_of_works(
    feeder: np.ndarray,
    plant_kw: float,
    pump_kw: np.ndarray,
    works_kw: np.ndarray,
    well_kw: np.ndarray,
    load_mw: np.ndarray,
) -> None:
    """Load of the desalination plant, pumps, treatment works and wells on each feeder, into *load_mw* [MW].

    *feeder* holds the feeder of each of them, in this order.
    """
    load_mw[:] = 0.0
    load_mw[feeder[0]] += plant_kw
    row = 1
    for each_kw in (pump_kw, works_kw, well_kw):
        for kw in each_kw:
            load_mw[feeder[row]] += kw
            row += 1
    for f in range(load_mw.size):
        load_mw[f] /= KW_PER_MW


@kernel
def served_enough(
    feeder: np.ndarray,
    delivered_mw: np.ndarray,
    shed_mw: np.ndarray,
    restricted_mw: np.ndarray,
    energised: np.ndarray,
    least_frac: float,
    enough: np.ndarray,
) -> None:
    """Whether each *feeder* gets at least this share of what it asks, into *enough*, as long as *feeder*."""
    for i in range(feeder.size):
        f = feeder[i]
        asked = delivered_mw[f] + shed_mw[f] + restricted_mw[f]
        enough[i] = energised[f] and delivered_mw[f] >= least_frac * asked - 1e-9
