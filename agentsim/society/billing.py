"""Billing: what was delivered in an hour as the networks meter it, and each home's bill."""

import numpy as np

from agentsim.agents.households.population import Population
from agentsim.agents.households.travel import Travel
from agentsim.agents.officers.bus_operator import BusContract
from agentsim.core.messages import BusCosts, Demand, PowerService, Sales, Service, Travelled
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.shares import ratio, share
from agentsim.core.numerics.sums import pairwise_sum, total
from agentsim.core.units import KW_PER_MW
from agentsim.institutions.market import Treasury
from agentsim.institutions.p2p import LocalMarket
from agentsim.institutions.time_of_use import TimeOfUse
from agentsim.place.cases import FOOD, FUEL, RESIDENTIAL, Place
from agentsim.society.depots import Depots

_NOTHING = np.zeros(0)  # in the place of a column that is not needed
_NOBODY = np.zeros(0, dtype=bool)


class Billing:
    """Reads the meters of an hour.

    Parameters
    ----------
    local_market : None where homes may not trade with homes
    time_of_use : None where a kWh costs the same in all hours
    bus_contract : None where there are no bus lines
    owner_jpy_per_h : array (households,), what homes pay for what they bought themselves; None: nothing
    """

    def __init__(
        self,
        place: Place,
        *,
        population: Population,
        travel: Travel,
        depots: Depots,
        market: Treasury,
        local_market: LocalMarket | None,
        time_of_use: TimeOfUse | None = None,
        owner_jpy_per_h: np.ndarray | None = None,
        bus_contract: BusContract | None = None,
    ) -> None:
        self._population, self._travel, self._depots = population, travel, depots
        self._market, self._local_market = market, local_market
        self._time_of_use, self._owner_jpy_per_h = time_of_use, owner_jpy_per_h
        self._bus_contract = bus_contract
        self._home_feeder = np.flatnonzero(place.feeders.tier == RESIDENTIAL)
        self._firm_feeder = np.flatnonzero(place.feeders.tier != RESIDENTIAL)
        # homes with panels that a policy brought, and those with a battery alone
        self._new_rows: tuple[np.ndarray, np.ndarray] | None = None
        if added := population.power.added:
            panels, battery = added["added_pv_homes"], added["added_battery_homes"]
            self._new_rows = np.flatnonzero(panels), np.flatnonzero(battery & ~panels)
            self._used_kw, self._sold_kw = np.zeros(len(population)), np.empty(len(population))

    def sell(self, hour: int, demand: Demand, travelled: Travelled, service: Service) -> Sales:
        """What was sold this hour; each home gets its bill."""
        power, water, supply = service.power, service.water, service.supply
        people = self._population
        exported_kw = self._exported_kw(demand, service)
        peer_mwh, peer_fee_jpy, peer_saving_jpy = self._trade_locally(hour, exported_kw)
        self._market.charge(people.bill_jpy, people.power.metered_kw, exported_kw, people.larder.tap_l)
        wind_mwh = wind_sold_mw(demand, power)
        time_of_use_jpy = self._add_own_prices(hour, wind_mwh)
        home_m3 = total(np.minimum(water.delivered_m3_per_h, demand.home_water_asked_m3_per_h))
        new_own_mwh, new_sold_mwh = self._new_power_mwh(exported_kw)
        return Sales(
            home_mwh=total(power.delivered_mw[self._home_feeder]),
            firm_mwh=total(power.delivered_mw[self._firm_feeder]),
            exported_mwh=total(power.solar_used_mw) - wind_mwh,
            home_m3=home_m3,
            firm_m3=total(water.delivered_m3_per_h) - home_m3,
            generation_jpy=power.cost_jpy,
            fare_persons=travelled.bus_persons,
            petrol_t=float(self._travel.petrol_t(service.roads.vehicle_km)),
            petrol_jpy_per_t=float(supply.price_jpy_per_t[FUEL]),
            food_t=total(supply.delivered_t[self._depots.food]),
            food_jpy_per_t=float(supply.price_jpy_per_t[FOOD]),
            peer_mwh=peer_mwh,
            peer_fee_jpy=peer_fee_jpy,
            peer_saving_jpy=peer_saving_jpy,
            markup_jpy_per_mwh=service.markup_jpy_per_mwh,
            wind_mwh=wind_mwh,
            time_of_use_jpy=time_of_use_jpy,
            buses=self._bus_costs(service),
            new_own_mwh=new_own_mwh,
            new_sold_mwh=new_sold_mwh,
        )

    def _bus_costs(self, service: Service) -> BusCosts | None:
        """What bus lines cost this hour; None without lines."""
        if self._bus_contract is None or service.buses is None:
            return None
        fuel_jpy_per_t = float(service.supply.price_jpy_per_t[FUEL])
        return self._bus_contract.costs(service.buses, fuel_jpy_per_t, self._market.firm_jpy_per_kwh)

    def _new_power_mwh(self, exported_kw: np.ndarray | None) -> tuple[float, float]:
        """What panels and batteries that a policy brought gave their own homes, and what those sold [MWh]."""
        if self._new_rows is None:
            return 0.0, 0.0
        power = self._population.power
        own_kw, sold_kw = of_new_power(
            *self._new_rows,
            power.inside_kw,
            power.discharge_kw,
            _NOTHING if exported_kw is None else exported_kw,
            self._used_kw,
            self._sold_kw,
        )
        scale = self._population.weight / KW_PER_MW
        return own_kw * scale, sold_kw * scale

    def _add_own_prices(self, hour: int, wind_mwh: float) -> float:
        """Add to bills what homes pay besides the tariff; what all pay for the hour of the day [JPY]."""
        people, market, owner, plan = self._population, self._market, self._owner_jpy_per_h, self._time_of_use
        if owner is None and plan is None and not wind_mwh:
            return 0.0
        # what the districts' turbines earn goes to all homes alike
        earned_jpy = wind_mwh * KW_PER_MW * market.market.export_jpy_per_kwh / market.households
        tariff = float(market.power_jpy_per_kwh)
        jpy = add_own_prices(
            _NOTHING if owner is None else owner,
            float(earned_jpy),
            people.power.metered_kw,
            _NOBODY if plan is None else plan.metered,
            0.0 if plan is None else plan.above_tariff_jpy_per_kwh(hour, tariff),
            people.bill_jpy,
        )
        return jpy * people.weight

    def _exported_kw(self, demand: Demand, service: Service) -> np.ndarray | None:
        """What each home sold: batteries lent in an island, and sun that the grid took, (households,)."""
        homes, power = self._population.power, service.power
        if homes.offers and np.count_nonzero(demand.solar_mw):
            sun_mw = power.solar_used_mw if power.peer_mw is None else power.solar_used_mw - power.peer_mw
            return homes.sold_kw(ratio(sun_mw, demand.solar_mw))
        return None if isinstance(homes.lent_kw, float) else homes.lent_kw

    def _trade_locally(self, hour: int, exported_kw: np.ndarray | None) -> tuple[float, float, float]:
        """Homes settle with homes: MWh traded, fees to the utility and what both sides save [JPY]."""
        if self._local_market is None or exported_kw is None:
            return 0.0, 0.0, 0.0
        people, market = self._population, self._market
        trades = self._local_market.trade(
            hour,
            exported_kw,
            people.power.metered_kw,
            market.power_jpy_per_kwh,
            market.market.export_jpy_per_kwh,
        )
        if trades is None:
            return 0.0, 0.0, 0.0
        people.bill_jpy += trades.bill_jpy
        return float(trades.traded_kwh.sum()) / KW_PER_MW, trades.fee_jpy, trades.saving_jpy


def wind_sold_mw(demand: Demand, power: PowerService) -> float:
    """What the districts' turbines sold: their part of what was taken of the offers of a feeder [MW]."""
    if demand.wind_mw is None:
        return 0.0
    taken_mw = power.solar_used_mw if power.peer_mw is None else power.solar_used_mw - power.peer_mw
    return float((taken_mw * share(demand.wind_mw, demand.solar_mw)).sum())


@kernel
def add_own_prices(
    owner_jpy: np.ndarray,
    earned_jpy: float,
    metered_kwh: np.ndarray,
    with_plan: np.ndarray,
    above_tariff_jpy_per_kwh: float,
    bill_jpy: np.ndarray,
) -> float:
    """Add to each bill what its home pays for what it owns, less what all earn, and the price of the hour.

    Arrays are (households,). *owner_jpy* is empty where nobody pays, and *with_plan*, homes whose price
    differs by the hour, where there are none; returned is what these pay beyond the tariff [JPY].
    """
    above_jpy = 0.0
    for row in range(bill_jpy.size):
        jpy = bill_jpy[row]
        if owner_jpy.size > 0:
            jpy += owner_jpy[row]
        jpy -= earned_jpy
        if with_plan.size > 0 and with_plan[row]:
            priced_jpy = metered_kwh[row] * above_tariff_jpy_per_kwh
            jpy += priced_jpy
            above_jpy += priced_jpy
        bill_jpy[row] = jpy
    return above_jpy


@kernel
def of_new_power(
    panels: np.ndarray,
    battery: np.ndarray,
    inside_kw: np.ndarray,
    discharge_kw: np.ndarray,
    exported_kw: np.ndarray,
    used_kw: np.ndarray,
    sold_kw: np.ndarray,
) -> tuple[float, float]:
    """What homes with new *panels*, or with a new *battery* alone, used of it and sold [kW]; both are rows.

    *inside_kw*, *discharge_kw* and *exported_kw* are (households,), the last one empty where nobody sold any.
    *used_kw* (households,) is filled in these rows and 0 in all others; *sold_kw* is work space as long.
    """
    for i in range(panels.size):
        used_kw[panels[i]] = inside_kw[panels[i]]
    for i in range(battery.size):
        used_kw[battery[i]] = discharge_kw[battery[i]]
    used = pairwise_sum(used_kw, 0, used_kw.size)
    if exported_kw.size == 0:
        return used, 0.0
    for i in range(panels.size):
        sold_kw[i] = exported_kw[panels[i]]
    return used, pairwise_sum(sold_kw, 0, panels.size) if panels.size else 0.0
