"""Households as plain Mesa agents: the documented rules in scalars, one ``step`` at a time.

Reference for the columns, written to be read beside mechanisms S5, S14 and S15, without array arithmetic.
It takes the streams of a seed and, hour by hour, the weather and the supply of the networks.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

import mesa
import numpy as np

from agentsim.agents.households.deprivation import DeprivationParameters
from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.core.charter import Stock
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.streams import Streams
from agentsim.place.cases import RESIDENTIAL, Place

GOLDEN = (sqrt(5.0) - 1.0) / 2.0
ROOT = 1.2207440846057596  # of x^4 = x + 1
ROUNDING = 1e-6  # a gap smaller than this is none


@dataclass(frozen=True)
class Given:
    """Inputs of one hour: weather, prices, and supply by feeder, junction, district and zone."""

    hour: int
    temperature_degc: float
    sun_frac: float
    power_price_frac: float
    water_price_frac: float
    unserved_mw: np.ndarray  # (feeders,)
    tap_frac: np.ndarray  # (junctions,)
    food_frac: np.ndarray  # (districts,)
    trips_made_frac: np.ndarray  # (zones,)
    brought_car_kwh: float = HouseholdsParameters().ev_kwh_per_day  # a day's driving of cars of a policy

    @property
    def clock(self) -> int:
        return self.hour % 24


class PlainTown(mesa.Model):
    """A town of plain households and the feeders that they share."""

    def __init__(
        self,
        place: Place,
        rows: int,
        stock: Stock,
        streams: Streams,
        parameters: HouseholdsParameters | None = None,
        deprivation: DeprivationParameters | None = None,
        mechanisms: Mechanisms | None = None,
    ) -> None:
        super().__init__(rng=streams.seed)
        self.place, self.stock, self.streams = place, stock, streams
        self.numbers = parameters or HouseholdsParameters()
        self.deprivation = deprivation or DeprivationParameters()
        self.alive = mechanisms or Mechanisms()
        self.weight = place.households / rows
        tier, peak_mw = place.feeders.tier, place.feeders.peak_mw
        homes_mw = sum(float(mw) for mw, t in zip(peak_mw, tier, strict=True) if t == RESIDENTIAL)
        self.peak_kw = 1000.0 * homes_mw / place.households
        draws = [streams.uniform("household", attribute, rows) for attribute in range(14)]
        self.usual_load, self.usual_stock = self._means()
        self.turns = [PlainTurns() for _ in range(len(place.feeders))]
        self.settled: dict[int, int] = {}  # homes of each district so far
        self.homes = [PlainHousehold(self, row, [float(d[row]) for d in draws]) for row in range(rows)]
        self.given: Given | None = None
        self.chance = [0.5] * rows

    def _means(self) -> tuple[float, float]:
        """Mean load of homes, and mean stock a head, each over that of the rules, for the mix of the city."""
        p, people = self.numbers, self.place.districts.people
        homes = heads = load = stock = 0.0
        for district in range(len(people)):
            for rank in [(i + 0.5) / 1000 for i in range(1000)]:
                decile = decile_of(rank, self.place, district)
                sizes = [(1.0 - p.size_income_link) * share / sum(p.persons_frac) for share in p.persons_frac]
                sizes[pick(rank, p.persons_frac)] += p.size_income_link
                for persons, share in enumerate(sizes, 1):
                    weight = share * float(people[district])
                    homes, heads = homes + weight, heads + weight * persons
                    load += weight * load_frac(p, decile, persons)
                    stock += weight * persons * stock_frac(p, decile, persons)
        return load / homes, stock / heads

    def live_hour(self, given: Given) -> None:
        """One hour with what is *given*."""
        self.given = given
        self.chance = self.streams.uniform("household_load", given.hour, len(self.homes)).tolist()
        self.step()

    def step(self) -> None:
        self.agents.do("ask")
        for feeder, unserved_mw in zip(self.turns, self.given.unserved_mw, strict=True):
            if self.given.hour % self.numbers.rotation_h == 0:
                feeder.next_turn()
            feeder.share_out(1000.0 * float(unserved_mw) / self.weight)
        self.agents.do("step")
        if self.given.clock == 23:
            self.agents.do("end_day")


class PlainTurns:
    """The homes of a feeder on a circle, each as wide as its load; an arc of the circle is without power.

    Each turn begins where the longest arc of the turn before ended.
    """

    def __init__(self) -> None:
        self.homes: list[PlainHousehold] = []
        self.begins_frac = 0.0
        self.widest_frac = 0.0

    def next_turn(self) -> None:
        self.begins_frac = (self.begins_frac + self.widest_frac) % 1.0
        self.widest_frac = 0.0

    def share_out(self, unserved_kw: float) -> None:
        lap_kw = sum(home.asked_kw for home in self.homes)
        dark_kw = min(unserved_kw, lap_kw)
        if lap_kw > 0:
            self.widest_frac = max(self.widest_frac, dark_kw / lap_kw)
        begins_kw = self.begins_frac * lap_kw
        beyond_kw = max(begins_kw + dark_kw - lap_kw, 0.0)  # part of the arc beyond the end of the circle
        here_kw = 0.0
        for home in self.homes:
            there_kw = here_kw + home.asked_kw
            dark = max(min(there_kw, begins_kw + dark_kw) - max(here_kw, begins_kw), 0.0)
            dark += max(min(there_kw, beyond_kw) - here_kw, 0.0)
            home.unserved_kw = min(dark, home.asked_kw)
            home.feeder_short = unserved_kw > 0
            here_kw = there_kw


class PlainHousehold(mesa.Agent):
    """The people of one home, as an ordinary Mesa agent."""

    def __init__(self, model: PlainTown, row: int, draw: list[float]) -> None:
        super().__init__(model)
        self.row = row
        self._settle(draw)
        self._equip(draw)
        self._fill_larder()
        self.clock_h = [0.0, 0.0, 0.0, 0.0]
        self.gap = [0.0, 0.0, 0.0, 0.0]
        self.deprivation_h = 0.0
        self.trust = model.numbers.trust_start
        self.good_day = True
        self.unserved_kw = 0.0
        self.feeder_short = False

    # ---- homes and equipment ------------------------------------------------------------------------

    def _settle(self, draw: list[float]) -> None:
        """Place homes where residential water is used, spread evenly over the rows."""
        place, p = self.model.place, self.model.numbers
        water, feeders = place.water, place.feeders
        homes_at = [
            float(all_m3) * (1.0 - float(bulk))
            for all_m3, bulk in zip(water.junction_demand_m3_per_h, water.junction_bulk_frac, strict=True)
        ]
        first = float(self.model.streams.uniform("household", 0, 1)[0])
        self.junction = pick((first + GOLDEN * self.row) % 1.0, homes_at)
        self.zone = int(water.junction_zone[self.junction])
        self.district = int(water.junction_district[self.junction])
        self.earlier = self.model.settled.get(self.district, 0)  # homes of the district
        self.model.settled[self.district] = self.earlier + 1
        rank = self._spread(2)
        self.persons = 1 + pick(
            rank if self._spread(3) < p.size_income_link else self._spread(1), p.persons_frac
        )
        self.decile = decile_of(rank, place, self.district)
        own = [
            f
            for f in range(len(feeders))
            if feeders.tier[f] == RESIDENTIAL and feeders.district[f] == self.district
        ]
        self.feeder = own[pick(draw[10], [float(feeders.peak_mw[f]) for f in own])]
        self.model.turns[self.feeder].homes.append(self)
        self.sector = pick(draw[6], [float(jobs) for jobs in place.districts.jobs.sum(axis=0)])
        self.size = self.persons / place.persons_per_household
        self.load = load_frac(p, self.decile, self.persons) / self.model.usual_load

    def _spread(self, attribute: int) -> float:
        """Evenly spread numbers of an attribute, those of neighbouring rows far from each other."""
        districts = len(self.model.place.districts.people)
        first = float(self.model.streams.uniform("household", attribute, districts)[self.district])
        return (first + self.earlier / ROOT**attribute) % 1.0

    def _equip(self, draw: list[float]) -> None:
        """Richer homes own more; panels need a roof of one's own."""
        stock, p = self.model.stock, self.model.numbers
        richer = 0.5 + self.decile / 9.0
        roof = draw[4] < p.roof_frac
        usual_car = p.car_frac_single if self.persons == 1 else p.car_frac_family
        logit = log(usual_car / (1.0 - usual_car)) + p.car_income_weight * log(income_frac(p, self.decile))
        self.car = draw[5] < 1.0 / (1.0 + exp(-logit))
        has_pv = roof and draw[7] < min(stock.rooftop_pv_household_frac / p.roof_frac * richer, 1.0)
        has_battery = draw[8] < min(stock.home_battery_household_frac * richer, 1.0)
        self.pv_kw = p.pv_kw if has_pv else 0.0
        self.battery_kwh = p.battery_kwh if has_battery else 0.0
        self.battery_kw = p.battery_kw if has_battery else 0.0
        self.soc_kwh = p.battery_floor_frac * self.battery_kwh
        self.electric_car = self.car and draw[9] < stock.electric_car_frac
        brought = self.electric_car and draw[9] >= Stock().electric_car_frac
        self.charges_at_once = brought and draw[13] >= stock.controlled_charging_frac
        self.ev_kwh = p.ev_battery_kwh if self.electric_car else 0.0

    def _fill_larder(self) -> None:
        stock, alive = self.model.stock, self.model.alive.household_stocks
        uneven = stock_frac(self.model.numbers, self.decile, self.persons) / self.model.usual_stock
        self.food_target_days = uneven * (stock.home_food_days if alive else 1.0)
        self.water_target_l = uneven * self.persons * (stock.home_water_l_per_person if alive else 0.0)
        self.bank_target_kwh = stock.energy_bank_kwh_per_household if alive else 0.0
        self.food_days = self.food_target_days
        self.home_water_l = self.water_target_l
        self.bank_kwh = self.bank_target_kwh

    # ---- an hour ------------------------------------------------------------------------------------

    def ask(self) -> None:
        self._ask_power()
        self._ask_water()
        self._ask_food()

    def step(self) -> None:
        """Use what was delivered."""
        p, given = self.model.numbers, self.model.given
        made = float(given.trips_made_frac[self.zone])
        self.gap = [self._power_gap(), self._water_gap(), self._food_gap(), gap(made, p.need_mobility_frac)]
        self._suffer()

    def end_day(self) -> None:
        """Change trust after the day; take the day's driving from the car's battery."""
        p = self.model.numbers
        self.trust += p.trust_gain_per_day if self.good_day else -p.trust_loss_per_day
        self.trust = min(max(self.trust, 0.0), 1.0)
        self.good_day = True
        if self.electric_car and not self.charges_at_once:
            self.ev_kwh = max(self.ev_kwh - p.ev_kwh_per_day, 0.0)

    # ---- power (S5) ---------------------------------------------------------------------------------

    def _ask_power(self) -> None:
        """Own sun first, then the battery above its floor, the rest from the feeder."""
        p, given = self.model.numbers, self.model.given
        chance = 1.0 + p.load_spread * (2.0 * self.model.chance[self.row] - 1.0)
        ordinary_kw = self.model.peak_kw * self.load * p.power_shape[given.clock]
        load_kw = ordinary_kw * self._temperature() * chance
        self.home_kw = load_kw * self._price_answer()
        self.car_kw = self._car_kw()
        self.bank_fill_kw = min(self.bank_target_kwh - self.bank_kwh, p.bank_kw)
        self.wanted_kw = load_kw + self.car_kw
        one_way = sqrt(p.battery_efficiency)
        kept_kw = max(p.battery_floor_frac * self.battery_kwh - self.soc_kwh, 0.0) / one_way
        refills = kept_kw > 1e-9 and not self.feeder_short
        self.refill_kw = min(kept_kw, p.battery_refill_kw) if refills else 0.0
        use_kw = self.home_kw + self.car_kw + self.bank_fill_kw + self.refill_kw
        sun_kw = self.pv_kw * p.pv_performance * given.sun_frac

        self.own_sun_kw = min(sun_kw, use_kw)
        still_kw, surplus_kw = use_kw - self.own_sun_kw, sun_kw - self.own_sun_kw
        can_take_kw = (self.battery_kwh - self.soc_kwh) / one_way
        can_give_kw = max(self.soc_kwh - p.battery_floor_frac * self.battery_kwh, 0.0) * one_way
        self.charge_kw = min(surplus_kw, self.battery_kw - self.refill_kw, can_take_kw - self.refill_kw)
        self.discharge_kw = min(still_kw, self.battery_kw, can_give_kw)
        self.asked_kw = still_kw - self.discharge_kw
        self.offered_kw = surplus_kw - self.charge_kw

    def _temperature(self) -> float:
        """Load over that of the peak day's evening."""
        p, degc = self.model.numbers, self.model.given.temperature_degc
        peak = 1.0 + p.cooling_per_degc * (p.peak_temperature_degc - 24.0)
        if degc > 24.0:
            return (1.0 + p.cooling_per_degc * (degc - 24.0)) / peak
        if degc < 16.0:
            return (1.0 + p.heating_per_degc * (16.0 - degc)) / peak
        return 1.0 / peak

    def _price_answer(self) -> float:
        """Constant elasticity, in proportion to trust."""
        p, alive = self.model.numbers, self.model.alive
        if not alive.demand_response:
            return 1.0
        trust = self.trust / p.trust_start if alive.trust else 1.0
        return self.model.given.power_price_frac ** (p.power_elasticity * trust)

    def _car_kw(self) -> float:
        """Electric cars charge from the evening to six in the morning."""
        p, clock = self.model.numbers, self.model.given.clock
        if self.charges_at_once and clock == p.ev_first_hour:  # the day's driving is behind it
            self.ev_kwh = max(self.ev_kwh - self.model.given.brought_car_kwh, 0.0)
        at_the_plug = self.electric_car and (clock >= p.ev_first_hour or clock < 6)
        return min(p.ev_battery_kwh - self.ev_kwh, p.ev_charger_kw) if at_the_plug else 0.0

    def _power_gap(self) -> float:
        """In a cut: reduce charging first, then use the battery, then the energy bank."""
        p, one_way = self.model.numbers, sqrt(self.model.numbers.battery_efficiency)
        self.soc_kwh += self.charge_kw * one_way - self.discharge_kw / one_way
        self.metered_kw = self.asked_kw - self.unserved_kw
        charging_kw = self.car_kw + self.bank_fill_kw + self.refill_kw
        not_charged_kw = min(self.unserved_kw, charging_kw)
        missing_kw = self.unserved_kw - not_charged_kw
        if charging_kw > 0:
            self.soc_kwh += (1.0 - not_charged_kw / charging_kw) * self.refill_kw * one_way
        backup_kw = min(missing_kw, self.battery_kw - self.discharge_kw, self.soc_kwh * one_way)
        lent_kw = min(missing_kw - backup_kw, p.bank_kw, self.bank_kwh)
        self.soc_kwh -= backup_kw / one_way
        self.bank_kwh -= lent_kw
        if charging_kw > 0:
            charged = 1.0 - not_charged_kw / charging_kw
            self.ev_kwh += charged * self.car_kw
            self.bank_kwh += charged * self.bank_fill_kw
        used_kw = self.metered_kw + backup_kw + lent_kw
        if self.unserved_kw == 0 or self.battery_kwh > 0:  # alone, an inverter stops with the grid
            used_kw += self.own_sun_kw + self.discharge_kw
        return gap(used_kw, min(p.need_power_kw * self.size, self.home_kw))

    # ---- water and food (S7, S14) -------------------------------------------------------------------

    def _ask_water(self) -> None:
        p, given = self.model.numbers, self.model.given
        day_l = p.water_l_per_person_day
        self.water_wanted_l = self.persons * day_l / 24.0 * p.water_shape[given.clock]
        if self.model.alive.demand_response:
            day_l = max(day_l * given.water_price_frac**p.water_elasticity, p.water_floor_l_per_person_day)
        self.water_asked_l = self.persons * day_l / 24.0 * p.water_shape[given.clock]

    def _water_gap(self) -> float:
        """Use bottled water at the ration when the tap gives less than the need; refill it from the tap."""
        p = self.model.numbers
        self.tap_l = self.water_asked_l * float(self.model.given.tap_frac[self.junction])
        need_l = self.persons * p.need_water_l_per_person_day / 24.0
        ration_l = self.persons * p.home_water_ration_l_per_person_day / 24.0
        from_bottles_l = min(max(need_l - self.tap_l, 0.0), ration_l, self.home_water_l)
        to_spare_l = min(self.tap_l / 10.0, max(self.tap_l - need_l, 0.0))
        into_bottles_l = min(self.water_target_l - self.home_water_l, to_spare_l)
        self.home_water_l += into_bottles_l - from_bottles_l
        return gap(self.tap_l + from_bottles_l - into_bottles_l, need_l)

    def _ask_food(self) -> None:
        """Shops open from 9 to 21; a sixth of what is missing goes into the basket each hour."""
        open_now = 9 <= self.model.given.clock < 21
        missing_days = max(self.food_target_days - self.food_days, 0.0)
        day_kg = self.persons * self.model.numbers.food_kg_per_person_day
        self.food_asked_kg = day_kg * missing_days / 6.0 if open_now else 0.0

    def _food_gap(self) -> float:
        day_kg = self.persons * self.model.numbers.food_kg_per_person_day
        self.food_days += self.food_asked_kg * float(self.model.given.food_frac[self.district]) / day_kg
        eaten_days = min(1.0 / 24.0, self.food_days)
        self.food_days -= eaten_days
        return gap(eaten_days, 1.0 / 24.0)

    # ---- deprivation (S15) --------------------------------------------------------------------------

    def _suffer(self) -> None:
        d = self.model.deprivation
        for need in range(4):
            relieved_h = (1.0 - self.gap[need]) * d.relief_frac_per_h * self.clock_h[need]
            self.clock_h[need] = min(self.clock_h[need] - relieved_h + self.gap[need], d.clock_cap_h)
            if self.gap[need] > 0:
                convex = exp(d.growth_per_h[need] * self.clock_h[need]) - 1.0
                self.deprivation_h += d.weight[need] * self.gap[need] * convex
                self.good_day = False


def decile_of(rank: float, place: Place, district: int) -> int:
    """The decile in which a home with this rank among its district's incomes is."""
    return pick(rank, place.decile_frac[district].tolist())


def income_frac(p: HouseholdsParameters, decile: int) -> float:
    """Income over the median, which lies between the fifth and the sixth decile's."""
    return p.income_jpy_per_month[decile] / sqrt(p.income_jpy_per_month[4] * p.income_jpy_per_month[5])


def load_frac(p: HouseholdsParameters, decile: int, persons: int) -> float:
    return p.load_by_persons[persons - 1] * income_frac(p, decile) ** p.load_income_elasticity


def stock_frac(p: HouseholdsParameters, decile: int, persons: int) -> float:
    richer = 1.0 + p.stock_income_slope * (decile - 4.5)
    return richer * (p.stock_single_frac if persons == 1 else 1.0)


def pick(draw: float, weights: list[float] | tuple[float, ...]) -> int:
    """The index on which a uniform draw falls, in proportion to *weights*.

    >>> [pick(u, [1.0, 3.0]) for u in (0.0, 0.2, 0.3, 0.99)]
    [0, 0, 1, 1]
    """
    mark, passed = draw * sum(weights), 0.0
    for index, weight in enumerate(weights):
        passed += weight
        if mark < passed:
            return index
    return len(weights) - 1


def gap(served: float, need: float) -> float:
    """Share of a need that is not met; rounding does not count.

    >>> gap(1.0, 4.0), gap(4.0 - 1e-9, 4.0)
    (0.75, 0.0)
    """
    missing = 1.0 - min(1.0, served / need) if need > 0 else 0.0
    return missing if missing > ROUNDING else 0.0
