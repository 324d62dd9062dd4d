"""The outlook: what can be known at the start of an hour, from forecasts and from the hour before."""

import numpy as np

from agentsim.agents.households.population import Population
from agentsim.core.messages import (
    BusOffer,
    Foreseen,
    Hour,
    Outlook,
    Permitted,
    PowerService,
    RideOffer,
)
from agentsim.core.numerics.sums import total
from agentsim.core.units import KG_PER_T, PETROL_KG_PER_L
from agentsim.institutions.load_forecast import Forecaster
from agentsim.institutions.load_record import grid_load_mw
from agentsim.institutions.market import Treasury
from agentsim.networks.roads.network import RoadNetwork
from agentsim.place.cases import FUEL, Place, SupplyCase


class OutlookMaker:
    """Makes the outlook of each hour. ``forecaster`` makes the load forecast that it hands on."""

    def __init__(
        self, place: Place, *, population: Population, roads: RoadNetwork, forecaster: Forecaster
    ) -> None:
        self._place, self._population, self._roads = place, population, roads
        self.forecaster = forecaster
        self._peak_mw = np.bincount(place.feeders.district, place.feeders.peak_mw, len(place.districts))
        self._none_cut = np.zeros(len(place.districts)) / self._peak_mw
        self._first_fuel_jpy_per_l = first_fuel_jpy_per_l(place.supply)

    def make(
        self,
        hour: int,
        last: Hour | None,
        market: Treasury,
        buses: BusOffer | None = None,
        rides: RideOffer | None = None,
    ) -> Outlook:
        """The outlook of *hour*; *last* is the hour before, None in the first; *buses*, *rides*: offers."""
        roads = self._roads
        if last is None:
            skim_h, skim_km = roads.free_skim_h.copy(), roads.free_skim_km.copy()
        else:
            skim_h, skim_km = last.service.roads.skim_h, last.service.roads.skim_km
        return Outlook(
            load_mw=self.forecaster.ahead_mw(hour),
            load_sigma_mw=self.forecaster.sigma_mw(hour),
            power_price_frac=market.power_price_frac,
            water_price_frac=market.water_price_frac,
            fuel_jpy_per_l=self._fuel_jpy_per_l(last),
            skim_h=skim_h,
            skim_km=skim_km,
            power_cut_frac=self._power_cut_frac(last),
            buses=buses,
            rides=rides,
        )

    def learn(self, hour: int, power: PowerService, permitted: Permitted) -> Foreseen:
        """Publish the load of the hour, let the forecaster learn it; what had been foreseen of it."""
        true_mw, stated_mw = grid_load_mw(power, permitted, self._place.feeders.district)
        said_mw = self.forecaster.learn(hour, stated_mw).tolist()
        return Foreseen(
            load_mw=total(true_mw),
            hour_ahead_mw=said_mw[0],
            day_ahead_mw=next(mw for mw in reversed(said_mw) if mw == mw),  # nan: nothing was said yet
        )

    def _power_cut_frac(self, last: Hour | None) -> np.ndarray:
        """Share of each district's load that no live wire reaches from outside, array (districts,)."""
        feeders, count = self._place.feeders, len(self._place.districts)
        if last is None:
            return np.zeros(count)
        cut_off_frac, alive = last.permitted.power_cut_off_frac, last.service.power.energised_to_breaker
        if last.permitted.ordinary and np.count_nonzero(alive) == len(alive):
            return self._none_cut
        reached = alive * (1.0 - cut_off_frac[feeders.district])
        return np.bincount(feeders.district, feeders.peak_mw * (1.0 - reached), count) / self._peak_mw

    def _fuel_jpy_per_l(self, last: Hour | None) -> float:
        if last is None:
            return self._first_fuel_jpy_per_l
        return float(last.service.supply.price_jpy_per_t[FUEL]) * PETROL_KG_PER_L / KG_PER_T


def first_fuel_jpy_per_l(case: SupplyCase) -> float:
    """Petrol before the first delivery, at the price of the cheapest supplier outside the city [JPY/L]."""
    fuel = case.terminal_good == FUEL
    outside = fuel & ~case.terminal_own if len(case.terminal_own) else fuel
    cheapest = case.terminal_price_jpy_per_t[outside].min()
    return float(cheapest) * PETROL_KG_PER_L / KG_PER_T
