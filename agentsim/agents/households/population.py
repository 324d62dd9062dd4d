"""Households as columns: who lives where with what, what they ask each hour, and what they live through.

One row is one simulated household and stands for ``weight`` real ones. Rules are written once over the
columns; :class:`~agentsim.agents.households.household.Household` gives access to one row as an agent.
Fewer households are a prefix of the same rows.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.agents.households.deprivation import (
    FOOD_NEED,
    MOBILITY,
    POWER,
    WATER,
    DeprivationParameters,
    deprivation_h,
    gap_frac,
    run_clock,
)
from agentsim.agents.households.home_devices import Switch
from agentsim.core.charter import Stock
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import Weather
from agentsim.core.numerics.totals import total_by
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY, KG_PER_T, KW_PER_MW, LITRES_PER_M3
from agentsim.place.cases import RESIDENTIAL, Feeders, Place

GOLDEN = 0.6180339887498949  # the golden ratio's fraction: rows spread evenly for any number of them


@dataclass(frozen=True)
class HouseholdsParameters:
    """What an ordinary household has and does."""

    persons_frac: tuple[float, ...] = parameter(
        (0.38, 0.28, 0.17, 0.12, 0.05), "1", "households of 1 to 5 persons, census 2020 Japan", "M", 0, 1
    )
    power_shape: tuple[float, ...] = parameter(
        (0.40, 0.35, 0.31, 0.29, 0.29, 0.32, 0.42, 0.52, 0.50, 0.45, 0.43, 0.43)
        + (0.45, 0.44, 0.43, 0.44, 0.50, 0.62, 0.80, 0.95, 1.00, 0.95, 0.78, 0.55),
        "1",
        "hourly load of a home, share of its evening peak",
        "A",
        0,
        2,
    )
    load_spread: float = parameter(0.3, "1", "half-range of the hourly chance in a home's load", "A", 0, 0.9)
    cooling_per_degc: float = parameter(0.035, "1/degC", "load above 24 degC", "A", 0, 0.3)
    heating_per_degc: float = parameter(0.020, "1/degC", "load below 16 degC", "A", 0, 0.3)
    peak_temperature_degc: float = parameter(30.0, "degC", "evening of the peak day", "A", 0, 45)
    power_elasticity: float = parameter(-0.13, "1", "short run, Labandeira et al. 2017", "M", -2, 0)
    water_l_per_person_day: float = parameter(284.0, "L/d", "Japan 2015, mechanisms S7", "V2", 20, 1000)
    water_shape: tuple[float, ...] = parameter(
        (0.35, 0.25, 0.20, 0.20, 0.30, 0.60, 1.20, 1.75, 1.70, 1.35, 1.10, 1.00)
        + (1.00, 0.90, 0.85, 0.90, 1.05, 1.30, 1.60, 1.75, 1.70, 1.45, 0.95, 0.55),
        "1",
        "hourly use, share of the mean; peaks 07-09 and 18-21",
        "A",
        0,
        5,
    )
    water_elasticity: float = parameter(-0.4, "1", "Dalhuisen et al. 2003", "M", -2, 0)
    water_floor_l_per_person_day: float = parameter(50.0, "L/d", "no price brings it lower", "M", 0, 300)
    need_power_kw: float = parameter(0.4, "kW", "lifeline of a household, mechanisms S6", "A", 0, 5)
    need_water_l_per_person_day: float = parameter(15.0, "L/d", "survival, Sphere standard", "V", 1, 300)
    need_mobility_frac: float = parameter(0.8, "1", "share of ordinary trips that a life needs", "A", 0, 1)
    home_water_ration_l_per_person_day: float = parameter(
        7.5, "L/d", "use of bottles when taps are dry: Sphere's minimum", "V", 0.5, 50
    )
    food_kg_per_person_day: float = parameter(1.0, "kg/d", "food bought, as the depots count on", "M", 0.2, 5)
    stock_income_slope: float = parameter(
        0.08, "1", "stocks at home rise by this share of the median a decile", "A", 0, 0.2
    )
    roof_frac: float = parameter(0.55, "1", "households with a roof of their own", "M", 0, 1)
    pv_kw: float = parameter(4.5, "kW", "home solar", "M", 0, 50)
    pv_performance: float = parameter(0.8, "1", "losses of a solar system", "M", 0, 1)
    battery_kwh: float = parameter(12.5, "kWh", "NREL ATB 2024 home battery", "V", 0, 100)
    battery_kw: float = parameter(5.0, "kW", "NREL ATB 2024 home battery", "V", 0, 50)
    battery_efficiency: float = parameter(0.85, "1", "round trip", "M", 0.3, 1)
    battery_floor_frac: float = parameter(0.3, "1", "kept for a cut", "A", 0, 1)
    car_frac: tuple[float, ...] = parameter(
        (0.45, 0.52, 0.58, 0.64, 0.69, 0.74, 0.79, 0.83, 0.87, 0.90), "1", "by income decile", "A", 0, 1
    )
    battery_refill_kw: float = parameter(
        1.0, "kW", "from the grid, until what is kept for a cut is there again", "A", 0, 50
    )
    battery_lend_h: float = parameter(
        4.0,
        "h",
        "over which a home sells what is above the floor to neighbours in an island, as S6",
        "A",
        1,
        72,
    )
    ev_kwh_per_day: float = parameter(3.4, "kWh/d", "21 km at 0.16 kWh/km, mechanisms S8", "M", 0, 50)
    ev_battery_kwh: float = parameter(40.0, "kWh", "a small electric car", "M", 5, 200)
    ev_charger_kw: float = parameter(3.0, "kW", "200 V, 15 A", "M", 0.5, 50)
    ev_first_hour: int = parameter(19, "h", "charging begins", "A", 0, 23)
    bank_kw: float = parameter(
        0.15, "kW", "a portable unit lent by the energy bank: light, phone, fan", "A", 0, 5
    )
    bank_income_slope: float = parameter(
        0.0, "1", "accounts at the energy bank rise by this share of the mean a decile", "A", 0, 0.2
    )
    rotation_h: int = parameter(2, "h", "length of a turn of rotating outages", "M", 1, 24)
    trust_start: float = parameter(0.6, "1", "trust in institutions", "A", 0, 1)
    trust_gain_per_day: float = parameter(0.02, "1/d", "mechanisms S15", "A", 0, 1)
    trust_loss_per_day: float = parameter(0.06, "1/d", "mechanisms S15", "A", 0, 1)


@dataclass(frozen=True, slots=True)
class HomeSupply:
    """What reaches homes this hour, as shares and amounts by where they hang."""

    unserved_kw: np.ndarray  # (households,) of what was asked at the meter
    tap_frac: np.ndarray  # (junctions,) of residential water asked
    food_frac: np.ndarray  # (districts,) of food asked
    trips_made_frac: np.ndarray  # (zones,) of wanted trips of residents
    undrinkable: np.ndarray | None = None  # bool (junctions,) where people are warned of their tap


class Population:
    """The households of a place as numpy columns.

    Parameters
    ----------
    place : the city
    households : number of simulated rows; each stands for ``place.households / households``
    stock : the charter's stock (homes' solar, batteries, food, water)
    streams : random streams of the seed
    """

    def __init__(
        self,
        place: Place,
        households: int,
        stock: Stock,
        streams: Streams,
        parameters: HouseholdsParameters | None = None,
        deprivation: DeprivationParameters | None = None,
        mechanisms: Mechanisms | None = None,
    ) -> None:
        self.parameters = parameters or HouseholdsParameters()
        self.deprivation_parameters = deprivation or DeprivationParameters()
        self.mechanisms = mechanisms or Mechanisms()
        self.streams = streams
        self.weight = place.households / households
        self._draw_homes(place, households)
        self._draw_equipment(stock)
        self._start_clocks()
        self._order_feeders(len(place.feeders))
        self._size_loads(place)

    def __len__(self) -> int:
        return len(self.district)

    # ---- who lives where with what ------------------------------------------------------------------

    def _draw_homes(self, place: Place, rows: int) -> None:
        p, draw = self.parameters, self._draw
        water = place.water
        homes_at = water.junction_demand_m3_per_h * (1.0 - water.junction_bulk_frac)
        spread = (self.streams.uniform("household", 0, 1) + GOLDEN * np.arange(rows)) % 1.0
        self.junction = _pick(spread, homes_at)
        self.zone = water.junction_zone[self.junction]
        self.district = water.junction_district[self.junction]
        self.persons = 1 + _pick(draw(1, rows), np.array(p.persons_frac))
        self.decile = _decile(draw(2, rows), place.decile_frac, self.district)
        self.feeder = _pick_within(draw(3, rows), self.district, place.feeders)
        self.roof = draw(4, rows) < p.roof_frac
        self.car = draw(5, rows) < np.array(p.car_frac)[self.decile]
        self.sector = _pick(draw(6, rows), place.districts.jobs.sum(axis=0))
        self.size_frac = self.persons / place.persons_per_household
        # who lives here at the first hour; whoever moves away later keeps a row without people
        self.first_persons = self.persons.copy()
        self.moved = np.zeros(rows, dtype=bool)
        self.reports = np.ones(rows, dtype=bool)  # would let their meters report to a public log

    def _draw(self, attribute: int, rows: int) -> np.ndarray:
        """Uniform draws of one attribute; draw *i* belongs to household *i*."""
        return self.streams.uniform("household", attribute, rows)

    def _draw_equipment(self, stock: Stock) -> None:
        p, rows = self.parameters, len(self)
        richer = 0.5 + self.decile / 9.0  # mean 1: those who earn more own more
        chance_pv = np.minimum(stock.rooftop_pv_household_frac * richer / max(p.roof_frac, 1e-9), 1.0)
        chance_battery = np.minimum(stock.home_battery_household_frac * richer, 1.0)
        self.pv_kw = p.pv_kw * (self.roof & (self._draw(7, rows) < chance_pv))
        self.battery_kwh = p.battery_kwh * (self._draw(8, rows) < chance_battery)
        self.battery_kw = np.where(self.battery_kwh > 0, p.battery_kw, 0.0)
        self.soc_kwh = self.battery_kwh * p.battery_floor_frac
        self.electric_car = self.car & (self._draw(9, rows) < stock.electric_car_frac)
        self.ev_kwh = np.where(self.electric_car, p.ev_battery_kwh, 0.0)
        self._fill_larders(stock)

    def _fill_larders(self, stock: Stock) -> None:
        """Food, water and energy kept for a cut, more with the rich (mechanism ``household_stocks``).

        Without the mechanism a home holds a day's food, no water and no account at the energy bank.
        """
        live = self.mechanisms.household_stocks
        uneven = np.maximum(1.0 + self.parameters.stock_income_slope * (self.decile - 4.5), 0.1)
        self.food_target_days = (stock.home_food_days if live else 1.0) * uneven
        self.usual_food_target_days = self.food_target_days
        self.food_days = self.food_target_days.copy()
        water_l = stock.home_water_l_per_person if live else 0.0
        self.home_water_target_l = water_l * self.persons * uneven
        self.home_water_l = self.home_water_target_l.copy()
        bank_kwh = stock.energy_bank_kwh_per_household if live else 0.0
        shares = 1.0 + self.parameters.bank_income_slope * (self.decile - 4.5)
        self.bank_target_kwh = bank_kwh * shares
        self.bank_kwh = self.bank_target_kwh.copy()

    def _start_clocks(self) -> None:
        rows = len(self)
        self.clock_h = np.zeros((4, rows))
        self.deprivation_h = np.zeros(rows)  # weighted deprivation-hours a head since the start
        self.deprivation_by_need_h = np.zeros((4, rows))
        self.worse_today = np.zeros(rows, dtype=bool)
        self.empty_shelf_frac = np.zeros(1)  # (districts,) the worst of today
        self.trust = np.full(rows, self.parameters.trust_start)
        self.bill_jpy = np.zeros(rows)
        self.dark_h = np.zeros(rows)
        self.interruptions = np.zeros(rows)
        self._was_dark = np.zeros(rows, dtype=bool)
        self.charge_kw, self.discharge_kw, self.offered_kw = np.zeros((3, rows))
        self._battery_rows = np.flatnonzero(self.battery_kwh > 0.0)
        self.refill_kw: np.ndarray | float = 0.0  # from the grid into the home battery
        self._short_of_power: np.ndarray | None = None  # bool (feeders,) in the last hour
        self.stored_kw = np.zeros(rows)  # offered to neighbours in an island
        self.lent_kw: np.ndarray | float = 0.0  # and taken

    def _order_feeders(self, feeders: int) -> None:
        """Rows in the order of their feeders, for rotating outages."""
        self._by_feeder = np.argsort(self.feeder, kind="stable")
        self._feeder_sorted = self.feeder[self._by_feeder]
        self._first_row = np.searchsorted(self._feeder_sorted, np.arange(feeders))
        self._turn = -1
        self._turn_frac = np.zeros(feeders)  # where on the feeder's round the turn begins
        self._arc_frac = np.zeros(feeders)  # how far the arc of this turn has reached

    def _size_loads(self, place: Place) -> None:
        """Mean home peak so that all homes together peak at the residential feeders' share."""
        feeders = place.feeders
        residential_mw = feeders.peak_mw[feeders.tier == RESIDENTIAL].sum()
        self.peak_kw = residential_mw * KW_PER_MW / place.households
        self._feeders, self._junctions = len(feeders), len(place.water.junction_id)
        self._districts = len(place.districts)
        self._zones = len(place.zone_x_km)
        self.left_people = self.left_vehicles = 0.0  # real ones, gone from the city
        self.count_people()

    def count_people(self) -> None:
        """Totals of who lives where, which change only when somebody moves."""
        zones = self._zones
        self._electric_rows = np.flatnonzero(self.electric_car)
        # people with a petrol car, (zones, districts)
        self._petrol_persons = np.zeros((zones, self._districts))
        np.add.at(
            self._petrol_persons, (self.zone, self.district), self.persons * (self.car & ~self.electric_car)
        )
        self._persons_in_zone = np.maximum(np.bincount(self.zone, self.persons, zones), 1e-9)
        self._persons_at_junction = self.by_junction(self.persons)
        self.persons_in_district = np.bincount(self.district, self.persons, self._districts) * self.weight
        self.persons_total = float(self.persons.sum() * self.weight)
        self.vehicles = float(self.car.sum() * self.weight)

    # ---- what they ask ------------------------------------------------------------------------------

    def temperature_frac(self, temperature_degc: np.ndarray | float) -> np.ndarray | float:
        """Load at this temperature as a share of the load on the peak day."""
        p = self.parameters
        cooling = np.maximum(np.asarray(temperature_degc) - 24.0, 0.0) * p.cooling_per_degc
        heating = np.maximum(16.0 - np.asarray(temperature_degc), 0.0) * p.heating_per_degc
        peak = 1.0 + max(p.peak_temperature_degc - 24.0, 0.0) * p.cooling_per_degc
        return (1.0 + cooling + heating) / peak

    def ask_power(self, hour: int, weather: Weather, price_frac: float, switch: Switch | None = None) -> None:
        """What each home wants and asks at its meter this hour [kW], and what it offers.

        wanted = peak x size x shape(hour) x temperature x chance + charging of the car; the price
        answers with a constant elasticity, weighted by trust; own sun first, then the battery above its
        floor. What is kept for a cut and was used comes back from the grid. With a *switch*, devices on a
        maker's cloud do as they are told. Sets ``wanted_kw asked_kw offered_kw`` and the battery's plan.
        """
        p = self.parameters
        clock = hour % HOURS_PER_DAY
        chance = self.streams.uniform("household_load", hour, len(self))
        level = self.peak_kw * p.power_shape[clock] * float(self.temperature_frac(weather.temperature_degc))
        home_kw = self.size_frac * (level * (1.0 - p.load_spread) + 2.0 * p.load_spread * level * chance)
        self.charging_kw = self._charging_kw(clock)
        self.recharge_kw = np.minimum(self.bank_target_kwh - self.bank_kwh, p.bank_kw)
        self.wanted_kw = home_kw + self.charging_kw
        self.home_kw = home_kw * self._price_answer(price_frac)
        self.refill_kw, self.lent_kw = self._refill_kw(), 0.0
        appliance_kw = 0.0 if switch is None else self._obey(switch)
        answered_kw = self.home_kw + self.charging_kw + self.recharge_kw + self.refill_kw + appliance_kw
        sun_kw = self.pv_kw * (p.pv_performance * weather.sun_frac)
        self.own_sun_kw = np.minimum(answered_kw, sun_kw)
        left_kw, spare_kw = answered_kw - self.own_sun_kw, sun_kw - self.own_sun_kw
        one_way = np.sqrt(p.battery_efficiency)
        room_kwh = self.battery_kwh - self.soc_kwh
        self.charge_kw = np.minimum(np.minimum(spare_kw, self.battery_kw), room_kwh / one_way)
        above_kwh = np.maximum(self.soc_kwh - p.battery_floor_frac * self.battery_kwh, 0.0)
        if not isinstance(self.refill_kw, float):
            room_kw = np.minimum(self.battery_kw, room_kwh / one_way) - self.refill_kw
            self.charge_kw = np.minimum(self.charge_kw, np.maximum(room_kw, 0.0))
        if switch is not None:
            held = switch.on | switch.off
            self.charge_kw = np.where(held, 0.0, self.charge_kw)
            above_kwh = np.where(held, 0.0, above_kwh)
        self.discharge_kw = np.minimum(np.minimum(left_kw, self.battery_kw), above_kwh * one_way)
        self.asked_kw = left_kw - self.discharge_kw
        self.offered_kw = spare_kw - self.charge_kw

    def _refill_kw(self) -> np.ndarray | float:
        """Drawn from the grid to bring home batteries back to what is kept for a cut; 0 where all are.

        Nobody does so on a feeder that was short of power in the last hour.
        """
        p, rows = self.parameters, self._battery_rows
        missing_kwh = p.battery_floor_frac * self.battery_kwh[rows] - self.soc_kwh[rows]
        if not (missing_kwh > 1e-9).any():
            return 0.0
        refill_kw = np.zeros(len(self))
        rate_kw = np.minimum(p.battery_refill_kw, self.battery_kw[rows])
        refill_kw[rows] = np.clip(missing_kwh / np.sqrt(p.battery_efficiency), 0.0, rate_kw)
        if self._short_of_power is not None:
            refill_kw[self._short_of_power[self.feeder]] = 0.0
        return refill_kw

    def _obey(self, switch: Switch) -> np.ndarray:
        """Chargers and batteries as they are told; what heat pumps add or leave out [kW], (households,)."""
        p = self.parameters
        room_kwh = np.where(self.electric_car, p.ev_battery_kwh, 0.0) - self.ev_kwh
        all_kw = np.minimum(np.maximum(room_kwh, 0.0), p.ev_charger_kw)
        self.charging_kw = np.where(switch.on, all_kw, np.where(switch.off, 0.0, self.charging_kw))
        fill_kw = (self.battery_kwh - self.soc_kwh) / np.sqrt(p.battery_efficiency)
        fill_kw = np.clip(fill_kw, 0.0, self.battery_kw)
        self.refill_kw = np.where(switch.on, fill_kw, np.where(switch.off, 0.0, self.refill_kw))
        return switch.heat_pump_kw * switch.on - switch.heat_pump_frac * self.home_kw * switch.off

    def offer_stored(self, islanded: np.ndarray) -> np.ndarray:
        """What batteries above their floor offer to neighbours in islands, array (feeders,) [MW].

        *islanded* is bool (districts,). Own use, planned by :meth:`ask_power`, comes first.
        """
        p, one_way = self.parameters, np.sqrt(self.parameters.battery_efficiency)
        above_kwh = self.soc_kwh - p.battery_floor_frac * self.battery_kwh
        after_kwh = above_kwh - self.discharge_kw / one_way
        rate_kw = np.minimum(after_kwh * one_way / p.battery_lend_h, self.battery_kw - self.discharge_kw)
        here = islanded[self.district] & (self.charge_kw <= 0.0)
        self.stored_kw = np.where(here, np.maximum(rate_kw, 0.0), 0.0)
        return self.by_feeder(self.stored_kw) / KW_PER_MW

    def lend(self, taken_frac: np.ndarray) -> None:
        """Neighbours took this share of what was offered on each feeder, array (feeders,)."""
        self.lent_kw = self.stored_kw * taken_frac[self.feeder]
        self.soc_kwh = self.soc_kwh - self.lent_kw / np.sqrt(self.parameters.battery_efficiency)

    @property
    def prosumes(self) -> np.ndarray:
        """Households with panels or a battery, bool (households,)."""
        return (self.pv_kw > 0) | (self.battery_kwh > 0)

    def expected_mw(
        self, hours: np.ndarray, temperature_degc: np.ndarray, sun_frac: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Load of all homes at their meters and their surplus that one expects, arrays (hours,) [MW].

        Chance, prices and batteries are left out; panels serve the homes that own them first.
        """
        p = self.parameters
        shape = np.array(p.power_shape)[hours % HOURS_PER_DAY]
        home_kw = self.peak_kw * shape * self.temperature_frac(temperature_degc)
        own = self.pv_kw > 0
        size, own_size = self.size_frac.sum() * self.weight, self.size_frac[own].sum() * self.weight
        sun_kw = self.pv_kw.sum() * self.weight * p.pv_performance * sun_frac
        used_kw = np.minimum(own_size * home_kw, sun_kw)
        return (size * home_kw - used_kw) / KW_PER_MW, (sun_kw - used_kw) / KW_PER_MW

    def _price_answer(self, price_frac: float) -> np.ndarray | float:
        """(p / p0) ** elasticity, where those who trust answer more (mechanisms S5, S15)."""
        if not self.mechanisms.demand_response or price_frac == 1.0:
            return 1.0
        p = self.parameters
        trust = self.trust / p.trust_start if self.mechanisms.trust else 1.0
        return price_frac ** (p.power_elasticity * trust)

    def _charging_kw(self, clock: int) -> np.ndarray:
        p = self.parameters
        if p.ev_first_hour <= clock or clock < 6:
            room_kwh = np.where(self.electric_car, p.ev_battery_kwh, 0.0) - self.ev_kwh
            return np.minimum(room_kwh, p.ev_charger_kw)
        return np.zeros(len(self))

    def ask_water(self, hour: int, price_frac: float) -> None:
        """What people want and ask from the tap this hour [L]: two peaks a day, answering the price."""
        p = self.parameters
        shape = p.water_shape[hour % HOURS_PER_DAY] / HOURS_PER_DAY
        answered = p.water_l_per_person_day
        if self.mechanisms.demand_response:
            answered = max(answered * price_frac**p.water_elasticity, p.water_floor_l_per_person_day)
        self.water_wanted_l_per_person = p.water_l_per_person_day * shape
        self.water_asked_l_per_person = answered * shape
        self.water_wanted_l = self.persons * self.water_wanted_l_per_person
        self.water_asked_l = self.persons * self.water_asked_l_per_person

    def ask_food(self, hour: int) -> None:
        """What each home buys this hour to come back to its target [kg]; shops open from 9 to 21."""
        if 9 <= hour % HOURS_PER_DAY < 21:
            missing_days = np.maximum(self.food_target_days - self.food_days, 0.0)
            self.food_asked_kg = self.persons * (self.parameters.food_kg_per_person_day / 6.0) * missing_days
        else:
            self.food_asked_kg = np.zeros(len(self))

    def by_feeder(self, column: np.ndarray) -> np.ndarray:
        """Real total of a column on each feeder, array (feeders,)."""
        return total_by(self.feeder, column, self._feeders) * self.weight

    def by_junction(self, column: np.ndarray) -> np.ndarray:
        """Real total of a column at each junction, array (junctions,)."""
        return total_by(self.junction, column, self._junctions) * self.weight

    def water_m3(self, litres_per_person: float) -> np.ndarray:
        """Water of so much a head at each junction, array (junctions,) [m3]."""
        return self._persons_at_junction * (litres_per_person / LITRES_PER_M3)

    def by_district(self, column: np.ndarray) -> np.ndarray:
        """Real total of a column in each district, array (districts,)."""
        return total_by(self.district, column, self._districts) * self.weight

    # ---- what they live through ---------------------------------------------------------------------

    def rotate(self, hour: int, unserved_mw: np.ndarray) -> np.ndarray:
        """Each home's share of its feeder's unserved load [kW], array (households,), in turns.

        A feeder's homes stand on a round, each as wide as what it asks; the unserved load is an arc of
        it. Each turn of ``rotation_h`` begins where the arc of the last one ended, so that turns are fair
        and energy is exact.
        """
        if not unserved_mw.any():
            self._short_of_power = None
            return np.zeros(len(self))
        self._short_of_power = unserved_mw > 0.0
        self._next_turn(hour // self.parameters.rotation_h)
        asked_kw = self.asked_kw[self._by_feeder]
        end_kw = np.cumsum(asked_kw)
        round_kw = np.bincount(self._feeder_sorted, asked_kw, self._feeders)
        first = np.minimum(self._first_row, len(self) - 1)
        start_kw = end_kw - asked_kw - (end_kw - asked_kw)[first][self._feeder_sorted]
        dark_kw = np.minimum(unserved_mw * (KW_PER_MW / self.weight), round_kw)
        from_kw = (self._turn_frac * round_kw)[self._feeder_sorted]
        width_kw, lap_kw = dark_kw[self._feeder_sorted], round_kw[self._feeder_sorted]
        lost_kw = _overlap(start_kw, asked_kw, from_kw, width_kw)
        lost_kw += _overlap(start_kw, asked_kw, from_kw - lap_kw, width_kw)
        self._arc_frac = np.maximum(self._arc_frac, dark_kw / np.maximum(round_kw, 1e-12))
        unserved_kw = np.empty(len(self))
        unserved_kw[self._by_feeder] = np.minimum(lost_kw, asked_kw)
        return unserved_kw

    def _next_turn(self, turn: int) -> None:
        if turn != self._turn:
            self._turn_frac = (self._turn_frac + self._arc_frac) % 1.0
            self._arc_frac = np.zeros(self._feeders)
            self._turn = turn

    def live(self, supply: HomeSupply) -> np.ndarray:
        """One hour of life with what was delivered; deprivation-hours a head added, array (households,)."""
        self._use_power(supply.unserved_kw)
        self._use_water(supply.tap_frac, supply.undrinkable)
        self._eat(supply.food_frac)
        made = supply.trips_made_frac[self.zone]
        needed = np.full(len(self), max(self.parameters.need_mobility_frac, 1e-9))
        self.gap: tuple[np.ndarray, ...] = (
            self.power_gap,
            self.water_gap,
            self.food_gap,
            gap_frac(made, needed),
        )
        if self.left_people:
            self.gap = tuple(np.where(self.moved, 0.0, gap) for gap in self.gap)
        return self._deprive()

    def _use_power(self, unserved_kw: np.ndarray) -> None:
        """What each home can use of the grid, its roof, its battery and the energy bank.

        What is missing is taken first from charging (car and bank), then from the home. Without a battery
        a home's solar inverter stops with the grid.
        """
        p = self.parameters
        one_way = np.sqrt(p.battery_efficiency)
        self._count_interruptions(unserved_kw)
        self.soc_kwh = self.soc_kwh + self.charge_kw * one_way - self.discharge_kw / one_way
        self.metered_kw = self.asked_kw - unserved_kw
        inside_kw = self.own_sun_kw + self.discharge_kw
        charging_kw = self.charging_kw + self.recharge_kw + self.refill_kw
        if not unserved_kw.any():
            self.ev_kwh = self.ev_kwh + self.charging_kw
            self.bank_kwh = self.bank_kwh + self.recharge_kw
            self.soc_kwh = self.soc_kwh + self.refill_kw * one_way
            self.used_kw = self.metered_kw + inside_kw
        else:
            part = np.maximum(charging_kw - unserved_kw, 0.0) / np.maximum(charging_kw, 1e-12)
            missing_kw = np.maximum(unserved_kw - charging_kw, 0.0)
            self.soc_kwh = self.soc_kwh + self.refill_kw * part * one_way
            spare_kw = np.maximum(self.battery_kw - self.discharge_kw - self.lent_kw, 0.0)
            backup_kw = np.minimum(np.minimum(missing_kw, spare_kw), np.maximum(self.soc_kwh, 0.0) * one_way)
            bank_kw = np.minimum(np.minimum(missing_kw - backup_kw, p.bank_kw), self.bank_kwh)
            self.soc_kwh = self.soc_kwh - backup_kw / one_way
            self.ev_kwh = self.ev_kwh + self.charging_kw * part
            self.bank_kwh = self.bank_kwh + self.recharge_kw * part - bank_kw
            holds = (unserved_kw <= 0.0) | (self.battery_kwh > 0.0)
            self.used_kw = self.metered_kw + np.where(holds, inside_kw, 0.0) + backup_kw + bank_kw
        need_kw = np.minimum(p.need_power_kw * self.size_frac, self.home_kw)
        self.power_gap = gap_frac(self.used_kw, need_kw)

    def _count_interruptions(self, unserved_kw: np.ndarray) -> None:
        if not unserved_kw.any():
            self._was_dark[:] = False
            return
        dark_frac = unserved_kw / np.maximum(self.asked_kw, 1e-12)
        dark = dark_frac > 1e-6
        self.dark_h += dark_frac
        self.interruptions += dark & ~self._was_dark
        self._was_dark = dark

    def _use_water(self, tap_frac: np.ndarray, undrinkable: np.ndarray | None = None) -> None:
        """Taps first, then bottles; who is warned of the tap lives on bottles."""
        p = self.parameters
        tap = tap_frac[self.junction]
        self.tap_l = self.water_asked_l * tap
        need_l = self.persons * (p.need_water_l_per_person_day / HOURS_PER_DAY)
        ration_l = self.persons * (p.home_water_ration_l_per_person_day / HOURS_PER_DAY)
        safe_l = self.tap_l if undrinkable is None else np.where(undrinkable[self.junction], 0.0, self.tap_l)
        missing_l = np.maximum(need_l - safe_l, 0.0)
        draw_l = np.minimum(np.minimum(missing_l, ration_l), self.home_water_l)
        spare_l = np.minimum(0.1 * safe_l, np.maximum(safe_l - need_l, 0.0))
        refill_l = np.minimum(self.home_water_target_l - self.home_water_l, spare_l)
        self.home_water_l = self.home_water_l + refill_l - draw_l
        self.water_gap = gap_frac(safe_l - refill_l + draw_l, need_l)

    def _eat(self, food_frac: np.ndarray) -> None:
        p = self.parameters
        bought_kg = self.food_asked_kg * food_frac[self.district]
        # an empty home eats nothing and buys nothing
        eaters = np.maximum(self.persons, 1) if self.left_people else self.persons
        stock_days = self.food_days + bought_kg / (eaters * p.food_kg_per_person_day)
        self.empty_shelf_frac = np.maximum(self.empty_shelf_frac, 1.0 - food_frac)
        meal_days = 1.0 / HOURS_PER_DAY
        eaten_days = np.minimum(stock_days, meal_days)
        self.food_days = stock_days - eaten_days
        self.food_gap = gap_frac(eaten_days, np.full(len(self), meal_days))

    def _deprive(self) -> np.ndarray:
        d = self.deprivation_parameters
        added_h = np.zeros(len(self))
        for need in (POWER, WATER, FOOD_NEED, MOBILITY):
            gap = self.gap[need]
            if not gap.any() and not self.clock_h[need].any():
                continue
            self.clock_h[need] = run_clock(self.clock_h[need], gap, d.clock_cap_h, d.relief_frac_per_h)
            cost_h = deprivation_h(gap, self.clock_h[need], d.weight[need], d.growth_per_h[need])
            self.deprivation_by_need_h[need] += cost_h
            added_h += cost_h
        self.deprivation_h += added_h
        self.worse_today |= added_h > 0
        return added_h

    def end_day(self) -> None:
        """Trust rises after a good day and falls three times as fast after a bad one (mechanisms S15)."""
        p = self.parameters
        step = np.where(self.worse_today, -p.trust_loss_per_day, p.trust_gain_per_day)
        self.trust = np.clip(self.trust + step * ~self.moved, 0.0, 1.0)
        self.worse_today[:] = False
        self.ev_kwh = np.where(self.electric_car, np.maximum(self.ev_kwh - p.ev_kwh_per_day, 0.0), 0.0)

    def car_frac_by_zone(self, zones: int, fuel_frac: np.ndarray) -> np.ndarray:
        """Share of each zone's people with a car that can run, array (zones,).

        *fuel_frac* (districts,) is the share of petrol asked that the district's pumps hand out; an
        electric car with less than a tenth of a day's charge stays at home.
        """
        petrol = self._petrol_persons @ fuel_frac
        rows = self._electric_rows
        charged = self.ev_kwh[rows] >= 0.1 * self.parameters.ev_kwh_per_day
        electric = np.bincount(self.zone[rows], self.persons[rows] * charged, zones)
        return (petrol + electric) / self._persons_in_zone

    def food_asked_t(self) -> np.ndarray:
        """Food asked in each district this hour [t], array (districts,)."""
        return self.by_district(self.food_asked_kg) / KG_PER_T


def _pick(draw: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Index drawn in proportion to *weight* by inversion, array as *draw*."""
    edge = np.cumsum(weight) / np.sum(weight)
    return np.minimum(np.searchsorted(edge, draw, side="right"), len(weight) - 1)


def _decile(draw: np.ndarray, decile_frac: np.ndarray | None, district: np.ndarray) -> np.ndarray:
    """Income decile of each household: a tenth in each, or as its district's incomes are."""
    if decile_frac is None:
        return np.minimum((draw * 10).astype(int), 9)
    edge = np.cumsum(decile_frac, axis=1)[:, :-1]
    return (draw[:, None] >= edge[district]).sum(axis=1)


def _pick_within(draw: np.ndarray, district: np.ndarray, feeders: Feeders) -> np.ndarray:
    """A residential feeder of the household's own district, in proportion to the feeders' peaks."""
    chosen = np.zeros(len(draw), dtype=int)
    for d in np.unique(district):
        own = np.flatnonzero((feeders.district == d) & (feeders.tier == RESIDENTIAL))
        rows = district == d
        chosen[rows] = own[_pick(draw[rows], feeders.peak_mw[own])]
    return chosen


def _overlap(start: np.ndarray, width: np.ndarray, other: np.ndarray, other_width: np.ndarray) -> np.ndarray:
    """Length that two intervals share, elementwise."""
    shared = np.minimum(start + width, other + other_width) - np.maximum(start, other)
    return np.maximum(shared, 0.0)
