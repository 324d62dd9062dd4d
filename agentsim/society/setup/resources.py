"""Builders of what measures on resources bring: plants, mines, and the build-up of equipment."""

from dataclasses import replace
from typing import Any

import numpy as np

from agentsim.core.charter import Charge, Charter, Stock
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.streams import Streams
from agentsim.core.units import DAYS_PER_YEAR, HOURS_PER_DAY, MONTHS_PER_YEAR
from agentsim.institutions.exploration import Portfolio, explore
from agentsim.networks.supply.build_up import BuiltUp, build_up
from agentsim.networks.supply.city_plants import CityPlants
from agentsim.networks.supply.materials_market import MaterialsMarket
from agentsim.networks.supply.metals import EquipmentMetals, capital_by_quantity
from agentsim.place.cases import FUEL, MINERALS, Place, SupplyCase
from agentsim.place.equipment import ASSETS, Equipment, install
from agentsim.place.layout.city_plants import Plant, site_depot, with_plants
from agentsim.place.layout.substitutes import ordinary_t_per_d
from agentsim.society.own_water import firm_feeders
from agentsim.society.years.lived import OF_MINERALS, TURBINES

# shares of the charter's stock that contain mined metals, and are cut where the build-up could not buy them
OF_METAL = ("rooftop_pv_household_frac", "home_battery_household_frac", TURBINES, *OF_MINERALS)


def plants_of(
    charter: Charter,
    case: SupplyCase,
    equipment: Equipment,
    parameters: Any,
    mechanisms: Mechanisms,
    mines: Portfolio | None,
) -> tuple[Plant, ...]:
    """Plants and mines that the charter brings, in the order of their terminals."""
    cheapest = [case.terminal_price_jpy_per_t[case.terminal_good == good].min() for good in (FUEL, MINERALS)]
    found: list[Plant] = []
    if mechanisms.new_fuels:
        found += _new_fuels(equipment, parameters.new_fuels, cheapest[0])
    if mechanisms.oil_recovery and equipment.enhanced_oil_t_per_d > 0:
        found.append(_old_field(charter.stock, equipment, parameters, cheapest[0]))
    if mechanisms.scrap and equipment.scrap_people > 0:
        found.append(_smelter(equipment, parameters.scrap, cheapest[1]))
    if mines is not None:
        found += _mines(charter.stock, mines, case, parameters.exploration, cheapest[1])
    return tuple(found)


def _new_fuels(equipment: Equipment, p: Any, cheapest_jpy_per_t: float) -> list[Plant]:
    """Works of biofuel and of synthetic fuel, those that have a size (R-S4)."""
    bio = Plant(
        name="Biofuel plant",
        kind="bio_fuel",
        good=FUEL,
        capacity_t_per_d=equipment.bio_fuel_t_per_d,
        price_jpy_per_t=p.bio_price_ratio * cheapest_jpy_per_t,
        power_kwh_per_t=p.bio_kwh_per_t,
        water_m3_per_t=p.bio_water_m3_per_t,
        co2_t_per_t=-(1.0 - p.bio_upstream_co2_frac) * p.fossil_co2_t_per_t,
        waste_t_per_t=p.bio_residue_t_per_t,
        land_ha=p.bio_land_ha(equipment.bio_fuel_t_per_d),
    )
    synthetic = Plant(
        name="Synthetic fuel plant",
        kind="synthetic_fuel",
        good=FUEL,
        capacity_t_per_d=equipment.synthetic_fuel_t_per_d,
        price_jpy_per_t=p.synthetic_price_ratio * cheapest_jpy_per_t,
        power_kwh_per_t=p.synthetic_kwh_per_t(),
        water_m3_per_t=p.synthetic_water_m3_per_t,
        co2_t_per_t=-p.fossil_co2_t_per_t,
    )
    return [plant for plant in (bio, synthetic) if plant.capacity_t_per_d > 0]


def _old_field(stock: Stock, equipment: Equipment, parameters: Any, cheapest_jpy_per_t: float) -> Plant:
    """The old oil field that is flooded with carbon dioxide (R-S2)."""
    p, captured_frac = parameters.oil_recovery, stock.recovery_captured_frac
    return Plant(
        name="Old oil field",
        kind="enhanced_oil",
        good=FUEL,
        capacity_t_per_d=equipment.enhanced_oil_t_per_d,
        price_jpy_per_t=p.price_ratio * cheapest_jpy_per_t,
        power_kwh_per_t=p.power_kwh_per_t(captured_frac),
        co2_t_per_t=p.net_co2_t_per_t(captured_frac, parameters.supply.elasticities(FUEL)),
    )


def _smelter(equipment: Equipment, p: Any, cheapest_jpy_per_t: float) -> Plant:
    """The smelter for what is collected beyond the usual share (R-S3)."""
    return Plant(
        name="Urban mine",
        kind="scrap",
        good=MINERALS,
        capacity_t_per_d=float(p.metal_t_per_d(equipment.scrap_people).sum()),
        price_jpy_per_t=p.price_ratio * cheapest_jpy_per_t,
        power_kwh_per_t=p.power_kwh_per_t,
    )


def mines_found(
    charter: Charter, parameters: Any, mechanisms: Mechanisms, streams: Streams
) -> Portfolio | None:
    """What the city's programme of exploration has found by the first hour (R-S1); None without one."""
    stock = charter.stock
    if not mechanisms.exploration or stock.exploration_targets_per_y <= 0:
        return None
    return explore(
        int(stock.exploration_years),
        max(1, round(stock.exploration_targets_per_y)),
        charter.information.learned_targeting,
        streams,
        parameters.prospects,
        parameters.exploration,
    )


def _mines(stock: Stock, found: Portfolio, case: SupplyCase, p: Any, cheapest: float) -> list[Plant]:
    """Mines that produce in the first hour, one plant for all; their metal is bought at its mean cost."""
    open_ = found.producing(stock.exploration_years, p.mine_life_y)
    if not open_.any():
        return []
    grade = found.grade[open_]
    each_t = p.mine_use_frac * grade * float(ordinary_t_per_d(case)[MINERALS])
    cost = float(p.cost_ratio(grade) @ each_t / each_t.sum())
    return [
        Plant(
            name="New mines",
            kind="mine",
            good=MINERALS,
            capacity_t_per_d=float(each_t.sum()),
            price_jpy_per_t=cost * cheapest,
        )
    ]


def city_plants(place: Place, plants: tuple[Plant, ...], parameters: Any) -> CityPlants | None:
    """The plants at work: each on a feeder of firms and at a junction of the district where it stands."""
    if not plants:
        return None
    case, water = place.supply, place.water
    depots = np.array([site_depot(case, plant.good) for plant in plants])
    district = case.depot_district[depots]
    feeder = firm_feeders(place.feeders, len(place.districts))
    bulk_m3 = water.junction_demand_m3_per_h * (1.0 + water.junction_bulk_frac)
    junction = [
        int(np.where(water.junction_district == d, bulk_m3, -1.0).argmax()) for d in district.tolist()
    ]
    first = len(case.terminal_good) - len(plants)
    return CityPlants(
        plants,
        terminal=np.arange(first, first + len(plants)),
        feeder=feeder[district],
        junction=np.array(junction),
        parameters=parameters,
    )


def place_with_plants(place: Place, plants: tuple[Plant, ...]) -> Place:
    """The place with plants and mines among its terminals."""
    return replace(place, supply=with_plants(place.supply, plants)) if plants else place


# ---- what is told of them at the end of a run ---------------------------------------------------------


def reserves_t(ground: Any) -> float:
    """Metal left in finds of the city's programme that are worth mining [t]."""
    found, p = ground.mines, ground.parameters.exploration
    if found is None:
        return 0.0
    year = ground.charter.stock.exploration_years
    known = found.known(year, p.mine_life_y)
    left_y = p.mine_life_y - np.maximum(year - found.opens_y, 0.0)
    use_t_per_y = float(ordinary_t_per_d(ground.place.supply)[MINERALS]) * DAYS_PER_YEAR
    return float((p.mine_use_frac * found.grade * use_t_per_y * left_y)[known].sum())


def yearly_jpy(ground: Any) -> float:
    """Annuities and running costs of all that a charter installs for the supply network [JPY/y]."""
    charged = {asset.charged for asset in ASSETS if asset.owner == "supply"}
    live = ground.mechanisms.charges
    costs = tuple(one for one in ground.charter.costs if live and one.quantity in charged)
    return sum(ground.equipment.yearly_jpy(costs, ground.parameters.market.interest_per_y).values())


def usual_sales_jpy_per_h(case: SupplyCase) -> float:
    """Ordinary sales of fuel and minerals by suppliers outside, all at the cheapest price [JPY/h]."""
    need_t, own = ordinary_t_per_d(case), case.terminal_own
    outside = ~own if len(own) else np.ones(len(case.terminal_good), dtype=bool)
    price = [
        case.terminal_price_jpy_per_t[outside & (case.terminal_good == good)].min()
        for good in (FUEL, MINERALS)
    ]
    return float(need_t[[FUEL, MINERALS]] @ price) / HOURS_PER_DAY


# ---- the build-up --------------------------------------------------------------------------------------


def built_up(
    charter: Charter, place: Place, parameters: Any, mechanisms: Mechanisms, mines: Portfolio | None
) -> tuple[Charter, BuiltUp | None]:
    """The charter with what the market of metals let the city install before the first hour (S9, S10).

    Shares with metals in them are cut to what could be bought, and what was bought is charged at its price.
    The city's own smelter and mines, of the measures that stand in the first hour, serve it first.
    """
    if not mechanisms.minerals_to_equipment or parameters.build_up.months == 0:
        return charter, None
    metal_t = metals_wanted_t(charter, place, parameters)
    equipment = install(charter.stock, Charter().stock, place, parameters.equipment)
    quantity, own = (
        equipment.quantity,
        plants_of(charter, place.supply, equipment, parameters, mechanisms, mines),
    )
    own_t_per_d = sum(plant.capacity_t_per_d for plant in own if plant.good == MINERALS)
    own_t = own_t_per_d * DAYS_PER_YEAR / MONTHS_PER_YEAR
    market = metals_market(place, parameters)
    built = build_up(sum(metal_t.values()), market, parameters.build_up, own_t)
    ordinary = Charter().stock
    cut = {
        name: base + built.installed_frac * (getattr(charter.stock, name) - base)
        for name in OF_METAL
        for base in (getattr(ordinary, name),)
    }
    capital_jpy = {name: jpy * quantity[name] for name, jpy in capital_by_quantity(charter.costs).items()}
    whole = EquipmentMetals(metal_t, capital_jpy, parameters.metals)
    costs = tuple(_dearer(charge, whole, built.price_ratio) for charge in charter.costs)
    return replace(charter, stock=replace(charter.stock, **cut), costs=costs), built


def metals_market(place: Place, parameters: Any) -> MaterialsMarket:
    """The market of metals, scaled to the ordinary use of this city."""
    use_t = float(ordinary_t_per_d(place.supply)[MINERALS]) * DAYS_PER_YEAR / MONTHS_PER_YEAR
    return MaterialsMarket(use_t, parameters.supply.elasticities(MINERALS), parameters.materials)


def own_metal_t(ground: Any, month: int, built_frac: float) -> float:
    """Metals that the city recovers and mines itself in a month of the years before the first hour [t].

    Of the smelter stands *built_frac*. The programme of exploration is as many years old in the first hour as
    the charter says, so that its mines open when they were to.
    """
    numbers, stock = ground.parameters, ground.charter.stock
    year = stock.exploration_years - ground.scenario.years_before + month / MONTHS_PER_YEAR
    then = replace(ground.charter, stock=replace(stock, exploration_years=year))
    plants = plants_of(then, ground.place.supply, ground.equipment, numbers, ground.mechanisms, ground.mines)
    of_kind = {"scrap": built_frac, "mine": 1.0}
    t_per_d = sum(plant.capacity_t_per_d * of_kind.get(plant.kind, 0.0) for plant in plants)
    return t_per_d * DAYS_PER_YEAR / MONTHS_PER_YEAR


def metals_wanted_t(charter: Charter, place: Place, parameters: Any) -> dict[str, float]:
    """Metals [t] in all that the charter would install beyond an ordinary city, by what is charged for it."""
    homes = parameters.households
    equipment = install(charter.stock, Charter().stock, place, parameters.equipment)
    return parameters.metals.metal_t(equipment.quantity, homes.pv_kw, homes.battery_kwh)


def _dearer(charge: Charge, whole: EquipmentMetals, price_ratio: float) -> Charge:
    """The charge at what its equipment cost with metals at *price_ratio* of their ordinary price."""
    factor = whole.price_frac(charge.quantity, price_ratio)
    return charge if factor == 1.0 else replace(charge, capital_jpy=charge.capital_jpy * factor)
