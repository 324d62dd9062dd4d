"""Larder: food and drinking water that homes store, buy and use."""

import numpy as np

from agentsim.agents.households.deprivation import gap_frac
from agentsim.agents.households.homes import Homes
from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.core.charter import Stock
from agentsim.core.units import HOURS_PER_DAY, KG_PER_T


class Larder:
    """Food and water at home as columns, arrays (households,); richer homes store more.

    Without *stocks* (mechanism ``household_stocks``) a home holds a day's food and no water.
    """

    def __init__(self, homes: Homes, stock: Stock, parameters: HouseholdsParameters, stocks: bool) -> None:
        self._homes, self._parameters = homes, parameters
        uneven = np.maximum(1.0 + parameters.stock_income_slope * (homes.decile - 4.5), 0.1)
        self.food_target_days = (stock.home_food_days if stocks else 1.0) * uneven
        self.usual_food_target_days = self.food_target_days
        self.food_days = self.food_target_days.copy()
        water_l = stock.home_water_l_per_person if stocks else 0.0
        self.home_water_target_l = water_l * homes.persons * uneven
        self.home_water_l = self.home_water_target_l.copy()
        self.empty_shelf_frac = np.zeros(1)  # largest share of food not sold today, array (districts,)
        self.water_wanted_l_per_person = self.water_asked_l_per_person = 0.0
        self.water_wanted_l, self.water_asked_l, self.tap_l, self.food_asked_kg = np.zeros((4, len(homes)))
        self.water_gap, self.food_gap = np.zeros((2, len(homes)))

    def ask_water(self, hour: int, price_frac: float, answers_price: bool) -> None:
        """Set the tap water wanted and asked this hour [L]; what is asked falls as the price rises."""
        p, persons = self._parameters, self._homes.persons
        shape = p.water_shape[hour % HOURS_PER_DAY] / HOURS_PER_DAY
        answered = p.water_l_per_person_day
        if answers_price:
            answered = max(answered * price_frac**p.water_elasticity, p.water_floor_l_per_person_day)
        self.water_wanted_l_per_person = p.water_l_per_person_day * shape
        self.water_asked_l_per_person = answered * shape
        self.water_wanted_l = persons * self.water_wanted_l_per_person
        self.water_asked_l = persons * self.water_asked_l_per_person

    def ask_food(self, hour: int) -> None:
        """Set the food that each home asks this hour to reach its target [kg]; shops open from 9 to 21."""
        if 9 <= hour % HOURS_PER_DAY < 21:
            missing_days = np.maximum(self.food_target_days - self.food_days, 0.0)
            kg_per_h = self._homes.persons * (self._parameters.food_kg_per_person_day / 6.0)
            self.food_asked_kg = kg_per_h * missing_days
        else:
            self.food_asked_kg = np.zeros(len(self._homes))

    def food_asked_t(self) -> np.ndarray:
        """Food asked in each district this hour [t], array (districts,)."""
        return self._homes.by_district(self.food_asked_kg) / KG_PER_T

    def use_water(self, tap_frac: np.ndarray, undrinkable: np.ndarray | None = None) -> None:
        """Use tap water first, then bottles; where tap water is undrinkable, bottles only.

        *tap_frac* is the share of the water asked that is delivered, array (junctions,); *undrinkable* is
        bool (junctions,).
        """
        p, persons, junction = self._parameters, self._homes.persons, self._homes.junction
        self.tap_l = self.water_asked_l * tap_frac[junction]
        need_l = persons * (p.need_water_l_per_person_day / HOURS_PER_DAY)
        ration_l = persons * (p.home_water_ration_l_per_person_day / HOURS_PER_DAY)
        safe_l = self.tap_l if undrinkable is None else np.where(undrinkable[junction], 0.0, self.tap_l)
        missing_l = np.maximum(need_l - safe_l, 0.0)
        draw_l = np.minimum(np.minimum(missing_l, ration_l), self.home_water_l)
        spare_l = np.minimum(0.1 * safe_l, np.maximum(safe_l - need_l, 0.0))
        refill_l = np.minimum(self.home_water_target_l - self.home_water_l, spare_l)
        self.home_water_l = self.home_water_l + refill_l - draw_l
        self.water_gap = gap_frac(safe_l - refill_l + draw_l, need_l)

    def eat(self, food_frac: np.ndarray) -> None:
        """Buy the food that the district's shops sell, and eat.

        *food_frac* is the share of the food asked that is sold, array (districts,).
        """
        homes, p = self._homes, self._parameters
        bought_kg = self.food_asked_kg * food_frac[homes.district]
        # an empty home buys nothing: one person keeps the division finite
        eaters = np.maximum(homes.persons, 1) if homes.left_people else homes.persons
        stock_days = self.food_days + bought_kg / (eaters * p.food_kg_per_person_day)
        self.empty_shelf_frac = np.maximum(self.empty_shelf_frac, 1.0 - food_frac)
        meal_days = 1.0 / HOURS_PER_DAY
        eaten_days = np.minimum(stock_days, meal_days)
        self.food_days = stock_days - eaten_days
        self.food_gap = gap_frac(eaten_days, np.full(len(homes), meal_days))
