"""Larder: food and drinking water that homes store, buy and use."""

import numpy as np

from agentsim.agents.households import larder_rules as rules
from agentsim.agents.households.homes import Homes
from agentsim.agents.households.incomes import stock_frac
from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.agents.households.rain_tanks import RainTanks
from agentsim.core.charter import Stock
from agentsim.core.units import HOURS_PER_DAY, KG_PER_T

NOBODY = np.zeros(0, dtype=bool)  # in the place of a column that is not needed


class Larder:
    """Food and water at home as columns, arrays (households,); richer and larger homes store more a head.

    Without *stocks* (mechanism ``household_stocks``) a home holds a day's food and no water.
    """

    def __init__(self, homes: Homes, stock: Stock, parameters: HouseholdsParameters, stocks: bool) -> None:
        self._homes, self._parameters = homes, parameters
        mix = homes.mix
        usual = mix.mean(stock_frac(mix.decile, mix.persons, parameters), mix.persons)
        uneven = stock_frac(homes.decile, homes.first_persons, parameters) / usual  # mean over people 1
        self.food_target_days = (stock.home_food_days if stocks else 1.0) * uneven
        self.usual_food_target_days = self.food_target_days
        self.food_days = self.food_target_days.copy()
        water_l = stock.home_water_l_per_person if stocks else 0.0
        self.home_water_target_l = water_l * homes.persons * uneven
        self.home_water_l = self.home_water_target_l.copy()
        self.empty_shelf_frac = np.zeros(1)  # largest share of food not sold today, array (districts,)
        self.water_wanted_l_per_person = self.water_asked_l_per_person = 0.0
        self.tanks: RainTanks | None = None
        self.tap_l, self.food_asked_kg = np.zeros((2, len(homes)))
        self.water_gap, self.food_gap = np.zeros((2, len(homes)))
        self.water_unmet = self.food_unmet = False  # whether any home had a gap in this hour
        self._shops_open = False
        self._food_asked_kg = np.zeros(homes.districts)  # by district

    @property
    def water_wanted_l(self) -> np.ndarray:
        """Tap water that each home would use at the ordinary price this hour, array (households,) [L]."""
        return self._homes.persons * self.water_wanted_l_per_person

    @property
    def water_asked_l(self) -> np.ndarray:
        """Tap water that each home asks this hour, array (households,) [L]."""
        return self._homes.persons * self.water_asked_l_per_person

    def ask_water(self, hour: int, price_frac: float, answers_price: bool, busy_frac: float = 1.0) -> None:
        """Set the tap water wanted and asked a person [L]; what is asked falls as the price rises."""
        p = self._parameters
        shape = busy_frac * p.water_shape[hour % HOURS_PER_DAY] / HOURS_PER_DAY
        answered = p.water_l_per_person_day
        if answers_price:
            answered = max(answered * price_frac**p.water_elasticity, p.water_floor_l_per_person_day)
        self.water_wanted_l_per_person = p.water_l_per_person_day * shape
        self.water_asked_l_per_person = answered * shape

    def ask_food(self, hour: int) -> None:
        """Set the food that each home asks this hour to reach its target [kg]; shops open from 9 to 21."""
        was_open, self._shops_open = self._shops_open, 9 <= hour % HOURS_PER_DAY < 21
        if self._shops_open:
            homes = self._homes
            rules.ask_food(
                homes.persons,
                self.food_target_days,
                self.food_days,
                homes.district,
                self._parameters.food_kg_per_person_day / 6.0,
                self.food_asked_kg,
                self._food_asked_kg,
            )
        elif was_open:
            self.food_asked_kg[:] = self._food_asked_kg[:] = 0.0

    def food_asked_t(self) -> np.ndarray:
        """Food asked in each district this hour [t], array (districts,)."""
        return self._food_asked_kg * self._homes.weight / KG_PER_T

    def use_water(self, tap_frac: np.ndarray, undrinkable: np.ndarray | None = None) -> None:
        """Use tap water first, then bottles; where tap water is undrinkable, bottles only.

        *tap_frac* is the share of the water asked that is delivered, array (junctions,); *undrinkable* is
        bool (junctions,).
        """
        p, homes = self._parameters, self._homes
        self.water_unmet = rules.use_water(
            homes.persons,
            homes.junction,
            tap_frac,
            NOBODY if undrinkable is None else undrinkable,
            self.home_water_target_l,
            self.water_asked_l_per_person,
            p.need_water_l_per_person_day / HOURS_PER_DAY,
            p.home_water_ration_l_per_person_day / HOURS_PER_DAY,
            self.home_water_l,
            self.tap_l,
            self.water_gap,
            self.water_unmet,
        )
        if self.tanks is not None:
            self.tanks.spare(self.tap_l, tap_frac)

    def eat(self, food_frac: np.ndarray) -> None:
        """Buy the food that the district's shops sell, and eat.

        *food_frac* is the share of the food asked that is sold, array (districts,).
        """
        homes, p = self._homes, self._parameters
        self.food_unmet = rules.eat(
            homes.persons,
            homes.district,
            self.food_asked_kg,
            food_frac,
            self._shops_open,
            float(p.food_kg_per_person_day),
            1.0 / HOURS_PER_DAY,
            self.food_days,
            self.food_gap,
            self.food_unmet,
        )
        self.empty_shelf_frac = np.maximum(self.empty_shelf_frac, 1.0 - food_frac)
