"""The numbers of a place: their units, sources and admissible ranges.

A place is a folder with a ``place.toml``; what the file does not say is taken from here. A number that
is ``None`` is derived from the place's own files by the rule that its source states.
"""

from dataclasses import dataclass

from agentsim.core.parameters import parameter


@dataclass(frozen=True)
class PlaceParameters:
    """Every number of a place, in the order in which the builder needs it."""

    # the map
    map_scale_m: float | None = parameter(
        None, "m per map unit", "derived: median over pipes of length / drawn length", "A", 1e-9, 1e9
    )
    zones: int | None = parameter(None, "1", "derived: zones_per_junction x junctions", "A", 1, 400)
    zones_per_junction: float = parameter(0.39, "1", "36 zones for 92 junctions", "A", 0.01, 1)
    zones_most: int = parameter(40, "1", "hourly assignment costs a few ms up to about 40 zones", "A", 2, 400)
    zone_cover: float = parameter(
        0.3,
        "1",
        "weight of a junction without customers, in mean junctions, when zones are drawn",
        "A",
        0.001,
        10,
    )
    district_compactness: float = parameter(
        0.15, "1", "weight of a district's spread against the balance of population", "A", 0, 10
    )
    # water and people
    persons_per_household: float = parameter(2.2, "persons", "Japan, census 2020: 2.21", "M", 1, 10)
    water_l_per_person_day: float = parameter(284.0, "L/d", "Japan 2015, domestic use", "V2", 20, 1000)
    households: int | None = parameter(
        None, "1", "derived: domestic demand / (persons x litres a head)", "A", 1, 1e8
    )
    bulk_junctions: tuple[str, ...] | None = parameter(
        None, "id", "derived: junctions whose demand pattern nobody else shares", "A"
    )
    bulk_factor: float | None = parameter(
        None, "1", "derived: leaves domestic_share of all demand to homes, at most 1", "A", 0, 1
    )
    domestic_share: float = parameter(0.64, "1", "share of homes in all water demand", "A", 0.05, 1)
    source_yield_factor: float = parameter(1.6, "1", "raw-water yield over mean draw", "A", 1, 20)
    source_least_share: float = parameter(
        0.05, "1", "of the city's draw that a source is fit for, where its share is derived", "A", 0, 1
    )
    survey_h: int = parameter(
        72, "h", "length of the EPANET run from which pressures and draws are derived", "A", 24, 1000
    )
    ordinary_pressure_m: float | None = parameter(
        None,
        "m",
        "derived: lowest 5 % over customers and hours, EPANET on the file's own controls; where it is below "
        "water.required_pressure_m, taps here give all that is asked at this pressure already",
        "A",
        1,
        1000,
    )
    # work
    jobs_per_person: float = parameter(0.5, "1", "employed persons over population", "M", 0, 2)
    sector_share: tuple[float, ...] = parameter(
        (0.17, 0.19, 0.14, 0.16, 0.14, 0.20), "1", "of all jobs", "A", 0, 1
    )
    sector_at_bulk_frac: tuple[float, ...] = parameter(
        (0.7, 0.0, 0.0, 0.0, 0.0, 0.2), "1", "share of jobs beside bulk users of water", "A", 0, 1
    )
    sector_central_frac: tuple[float, ...] = parameter(
        (0.0, 0.5, 0.2, 0.6, 0.8, 0.3),
        "1",
        "share of jobs drawn to the centre; the rest live with people",
        "A",
        0,
        1,
    )
    centre_decay_km: float = parameter(
        1.5, "km", "distance at which the pull of the centre has fallen to 1/e", "A", 0.1, 50
    )
    value_added_jpy_per_job_h: tuple[float, ...] = parameter(
        (5700.0, 4000.0, 3900.0, 2800.0, 7500.0, 4600.0),
        "JPY/h",
        "mean 4,700; Japan 2021 about 5,000 (JPC); split by sector assumed",
        "M",
        0,
        1e6,
    )
    # electricity
    peak_mw: float | None = parameter(None, "MW", "derived: peak_kw_per_person x people", "A", 0.001, 1e6)
    peak_kw_per_person: float = parameter(2.05, "kW", "135 MW for 66,000 persons", "A", 0.05, 20)
    base_mva: float = parameter(100.0, "MVA", "per-unit base of the grid's tables", "V", 0.001, 1e5)
    tier_share: tuple[float, ...] = parameter(
        (0.08, 0.25, 0.43, 0.24),
        "1",
        "of the peak: critical, residential, commercial, bulk; homes as in power statistics of Japan, where "
        "they use about 0.28 of all power",
        "A",
        0,
        1,
    )
    fuel_name: tuple[str, ...] = parameter(
        ("oil", "coal", "nuclear", "hydro", "gas", "wind", "solar"), "1", "fuels known", "A"
    )
    fuel_price_jpy_per_gj: tuple[float, ...] = parameter(
        (1780.0, 700.0, 142.0, 0.0, 1300.0, 0.0, 0.0),
        "JPY/GJ",
        "18, 7, 1.5, 0 JPY/kWh in the best unit; gas 10",
        "M",
        0,
        1e5,
    )
    fuel_gj_per_t: tuple[float, ...] = parameter(
        (40.4, 25.7, 0.0, 0.0, 0.0, 0.0, 0.0),
        "GJ/t",
        "heavy oil, steam coal; 0: no tonnes counted",
        "M",
        0,
        200,
    )
    fuel_co2_t_per_gj: tuple[float, ...] = parameter(
        (0.0741, 0.0906, 0.0, 0.0, 0.0509, 0.0, 0.0),
        "t/GJ",
        "residual oil, steam coal, natural gas (IPCC default order)",
        "M",
        0,
        1,
    )
    fuel_heat_gj_per_mwh: tuple[float, ...] = parameter(
        (10.1, 10.1, 10.6, 0.0, 7.7, 0.0, 0.0),
        "GJ/MWh",
        "of units from a MATPOWER case: RTS-79's best of each fuel; gas: combined cycle",
        "M",
        0,
        30,
    )
    fuel_cost_floor_jpy_per_mwh: float = parameter(
        50.0, "JPY/MWh", "running cost where the fuel is free, so that merit order is strict", "A", 0, 1e4
    )
    marginal_rise_frac: float = parameter(
        0.04, "1", "rise of marginal cost from zero to full output", "A", 0, 1
    )
    merit_step_frac: float = parameter(0.001, "1", "cost step between units alike: no ties", "A", 0, 0.1)
    slow_unit_mw: float = parameter(
        76.0, "MW before scaling", "units from this size on are committed ahead", "A", 0, 1e5
    )
    # a MATPOWER case, which has no outage rates, ramps, starting times and often no fuels
    jpy_per_usd: float = parameter(150.0, "JPY/USD", "gencost counts in dollars", "A", 1, 1e4)
    unit_costs: str | None = parameter(
        None, "1", "derived: 'file' if gencost tells units apart, else 'fuel' by price and heat rate", "A"
    )
    unit_fuels: tuple[str, ...] | None = parameter(
        None,
        "1",
        "derived: mpc.genfuel; else the fuels of the unit classes, at their shares of all capacity, in order "
        "of merit",
        "A",
    )
    unit_starts: str | None = parameter(
        None,
        "1",
        "derived: 'ahead' (large units are committed ahead by a priority list) unless branch ratings keep "
        "the list's units from serving what all could: then 'at_once', every unit starts within the hour",
        "A",
    )
    branch_use_frac: float = parameter(
        0.9, "1", "share of branch ratings in that test, as power.limit_frac", "A", 0.1, 1
    )
    line_failures_per_year: float = parameter(0.39, "1/y", "mean of RTS-79's lines", "M", 0, 100)
    line_repair_h: float = parameter(11.6, "h", "mean of RTS-79's lines", "M", 0.1, 1e4)
    transformer_failures_per_year: float = parameter(
        0.02, "1/y", "RTS-79's transformers; a branch with a tap is one", "M", 0, 100
    )
    transformer_repair_h: float = parameter(768.0, "h", "RTS-79's transformers", "M", 0.1, 1e4)
    bus_pull_frac: float = parameter(
        0.7, "1", "how far a bus moves to the load it feeds, from where the wires put it", "A", 0, 1
    )
    layout_rounds: int = parameter(4, "1", "transport problems and barycentres by turns", "A", 1, 50)
    buses_per_district: tuple[int, int] = parameter((2, 6), "1", "admitted range", "A", 1, 100)
    feeder_detour: float = parameter(1.3, "1", "cable length over straight line", "M", 1, 3)
    feeder_least_km: float = parameter(0.3, "km", "shortest feeder", "A", 0, 10)
    peak_week_shift: int = parameter(
        19, "weeks", "week 51 of the table becomes week 32: a summer peak in early August", "A", 0, 51
    )
    summer_weeks: tuple[int, int] = parameter((23, 39), "week", "June to September", "A", 1, 52)
    winter_weeks: tuple[int, int] = parameter((49, 9), "week", "December to February", "A", 1, 52)
    # roads
    arterial_mm: float = parameter(400.0, "mm", "a street over a main this wide is an arterial", "A", 0, 1e4)
    road_detour: float = parameter(1.2, "1", "road length over straight line", "M", 1, 3)
    road_least_km: float = parameter(0.2, "km", "shortest link", "A", 0.01, 10)
    lanes: tuple[int, int] = parameter((1, 2), "1", "one way: local street, arterial", "A", 1, 10)
    speed_km_per_h: tuple[float, float] = parameter((30.0, 45.0), "km/h", "local, arterial", "A", 5, 130)
    bpr_alpha: float = parameter(0.15, "1", "US Bureau of Public Roads 1964", "M", 0, 10)
    bpr_beta: float = parameter(4.0, "1", "US Bureau of Public Roads 1964", "M", 1, 12)
    lane_capacity_veh_per_h: float | None = parameter(
        None, "veh/h", "derived: vehicles meet a mean v/c of mean_vc at the peak", "A", 1, 3000
    )
    lane_capacity_most_veh_per_h: float = parameter(
        1900.0,
        "veh/h",
        "base saturation flow of a lane (Highway Capacity Manual); where streets need more, lanes are added",
        "M",
        100,
        3000,
    )
    street_lanes: tuple[int, ...] | None = parameter(
        None,
        "1",
        "derived where `lanes` do not carry the peak at lane_capacity_most_veh_per_h: one way, of each "
        "street over the mains, added where volume over capacity is above mean_vc",
        "A",
        1,
        1000,
    )
    mean_vc: float = parameter(
        0.60, "1", "volume over capacity at the peak hour, mean over vehicles", "A", 0.05, 1.5
    )
    peak_trips_veh_per_h: float | None = parameter(
        None, "veh/h", "derived: peak_trips_per_person x people", "A", 0, 1e7
    )
    peak_trips_per_person: float = parameter(0.106, "1/h", "7,000 vehicles for 66,000 persons", "A", 0, 2)
    trip_decay_h: float = parameter(0.08, "h", "gravity falls to 1/e over this free-flow time", "A", 0.005, 5)
    outward_frac: float = parameter(0.65, "1", "share of peak trips from homes to jobs", "A", 0, 1)
    # a road file, TNTP or GMNS
    road_time_unit_h: float = parameter(
        1.0 / 60.0, "h", "unit of TNTP's free-flow times, which the file does not say: minutes", "A", 1e-5, 24
    )
    road_length_unit_km: float = parameter(
        1.609344, "km", "unit of TNTP's lengths, which the file does not say: miles", "A", 1e-6, 10
    )
    road_od_hours: float = parameter(
        1.0, "h", "hours to which a TNTP file's trips and capacities refer", "A", 0.1, 24
    )
    gmns_length_unit: str | None = parameter(
        None, "1", "derived: config.csv of a GMNS folder, or what fits the links as they are drawn", "A"
    )
    gmns_speed_unit: str | None = parameter(
        None, "1", "derived: config.csv of a GMNS folder, else mph with miles and feet, km/h with others", "A"
    )
    road_scale: float | None = parameter(
        None,
        "1",
        "derived: trips and capacities of the road file grow alike, until peak_trips_veh_per_h are made",
        "A",
        1e-6,
        1e6,
    )
    road_fit: str | None = parameter(
        None,
        "1",
        "derived: 'map' if the road file's coordinates lie on the water map, 'box' if they have to be moved "
        "onto it, 'layout' if there are none: then free-flow times say who is near to whom",
        "A",
    )
    road_nodes_most: int = parameter(3000, "1", "larger road files take seconds an hour", "A", 2, 20000)
    # incomes
    median_income_jpy_per_month: float = parameter(
        350e3, "JPY/month", "median household, to which a district's median is compared", "M", 1, 1e8
    )
    income_gini_within: float = parameter(
        0.33,
        "1",
        "Gini coefficient of household incomes in a district, and in the country that a table of districts "
        "is compared to; deciles of Japan's Comprehensive Survey of Living Conditions give 0.36 to 0.40",
        "A",
        0.03,
        0.9,
    )
    income_gini_between: float = parameter(
        0.06,
        "1",
        "Gini coefficient of the districts' mean incomes, where no table gives incomes; municipalities of a "
        "Japanese prefecture: about 0.05 to 0.1",
        "A",
        0,
        0.5,
    )
    # supply
    peak_hours_per_day: float = parameter(10.0, "h", "day's trips over the peak hour's", "M", 1, 24)
    vehicle_fuel_t_per_km: float = parameter(6.0e-5, "t/km", "0.08 L/km of 0.75 kg/L", "M", 0, 0.01)
    other_fuel_t_per_person_day: float = parameter(
        2.0e-4, "t/d", "lorries and machines that the roads do not carry", "A", 0, 0.1
    )
    food_t_per_person_day: float = parameter(1.0e-3, "t/d", "1 kg a head", "M", 0, 0.01)
    minerals_t_per_person_day: float = parameter(
        1.0e-5, "t/d", "critical minerals in equipment and spare parts", "A", 0, 0.01
    )
    depot_days: tuple[float, ...] = parameter(
        (10.0, 60.0, 6.0), "d", "stock a full depot holds: fuel, minerals, food", "A", 0.1, 400
    )
    power_oil_least_h_per_day: float = parameter(
        3.0, "h/d", "full output that oil is fetched for at least: such units stand in for others", "A", 0, 24
    )
    mains_detour: float = parameter(
        1.3,
        "1",
        "way along mains over straight line, to size a map that the water file does not draw",
        "M",
        1,
        3,
    )
    power_depot_days: float = parameter(10.0, "d", "stock for power stations in the peak week", "A", 0.1, 400)


@dataclass(frozen=True)
class Terminal:
    """One way by which a good enters the city."""

    name: str = parameter("", "1", "invented", "A")
    good: str = parameter("", "1", "fuel, minerals or food", "A")
    supplier: str = parameter("", "1", "invented", "A")
    site: str = parameter("gateway", "1", "port, refinery, gateway or centre", "A")
    capacity_share: float = parameter(1.0, "1", "of the city's ordinary demand for the good", "A", 0, 10)
    price_jpy_per_t: float = parameter(1.0, "JPY/t", "wholesale", "A", 0, 1e9)
    lead_days: int = parameter(1, "d", "order to arrival", "A", 0, 365)


@dataclass(frozen=True)
class DistrictName:
    """A name for the district that lies nearest to a point of the map.

    West is -1 and east 1, south -1 and north 1.
    """

    name: str = parameter("", "1", "invented", "A")
    name_ja: str = parameter("", "1", "invented", "A")
    x: float = parameter(0.0, "1", "share of the map's half width", "A", -1, 1)
    y: float = parameter(0.0, "1", "share of the map's half height", "A", -1, 1)


# Suppliers and prices are invented; their order of magnitude is from memory [M].
ORDINARY_TERMINALS = (
    Terminal(
        name="Refinery",
        good="fuel",
        supplier="Gulf Petroleum",
        site="refinery",
        capacity_share=0.9,
        price_jpy_per_t=110000.0,
        lead_days=2,
    ),
    Terminal(
        name="Tank wagons",
        good="fuel",
        supplier="Pacific Fuels",
        site="gateway",
        capacity_share=0.6,
        price_jpy_per_t=118000.0,
        lead_days=5,
    ),
    Terminal(
        name="Ore yard",
        good="minerals",
        supplier="Continental Minerals",
        site="gateway",
        capacity_share=1.35,
        price_jpy_per_t=4.0e6,
        lead_days=21,
    ),
    Terminal(
        name="Air freight",
        good="minerals",
        supplier="Southern Metals",
        site="port",
        capacity_share=0.15,
        price_jpy_per_t=6.0e6,
        lead_days=14,
    ),
    Terminal(
        name="Grain store",
        good="food",
        supplier="Overseas Grain",
        site="port",
        capacity_share=0.6,
        price_jpy_per_t=300000.0,
        lead_days=3,
    ),
    Terminal(
        name="Growers' market",
        good="food",
        supplier="Valley Cooperative",
        site="gateway",
        capacity_share=0.5,
        price_jpy_per_t=360000.0,
        lead_days=1,
    ),
    Terminal(
        name="Wholesale market",
        good="food",
        supplier="City Wholesale",
        site="centre",
        capacity_share=0.4,
        price_jpy_per_t=380000.0,
        lead_days=2,
    ),
)
