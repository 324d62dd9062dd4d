"""Power at home: load, solar panels, batteries and the energy bank, as columns."""

import numpy as np

from agentsim.agents.households.cars import Cars
from agentsim.agents.households.deprivation import gap_frac
from agentsim.agents.households.home_devices import Switch
from agentsim.agents.households.homes import Homes
from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.core.charter import Stock
from agentsim.core.messages import Weather
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW


class HomePower:
    """Load, solar panels, batteries and energy bank accounts of homes.

    Columns are arrays (households,). ``wanted_kw`` is the load before it answers the price; ``asked_kw`` the
    load asked at the meter; ``offered_kw`` the power offered to the grid; ``used_kw`` the power used at home.

    Parameters
    ----------
    peak_kw : mean load of a home of average size in the evening of the peak day
    bank : whether accounts at the energy bank exist (mechanism ``household_stocks``)
    """

    def __init__(
        self,
        homes: Homes,
        cars: Cars,
        stock: Stock,
        streams: Streams,
        parameters: HouseholdsParameters,
        peak_kw: float,
        *,
        bank: bool,
    ) -> None:
        self._homes, self._cars, self._streams, self.parameters = homes, cars, streams, parameters
        p, rows = parameters, len(homes)
        self.peak_kw = peak_kw
        richer = 0.5 + homes.decile / 9.0  # mean 1: richer homes own more
        chance_pv = np.minimum(stock.rooftop_pv_household_frac * richer / max(p.roof_frac, 1e-9), 1.0)
        chance_battery = np.minimum(stock.home_battery_household_frac * richer, 1.0)
        self.pv_kw = p.pv_kw * (homes.roof & (homes.draw(7) < chance_pv))
        self.battery_kwh = p.battery_kwh * (homes.draw(8) < chance_battery)
        self.battery_kw = np.where(self.battery_kwh > 0, p.battery_kw, 0.0)
        self.soc_kwh = self.battery_kwh * p.battery_floor_frac
        self._battery_rows = np.flatnonzero(self.battery_kwh > 0.0)
        # accounts at the energy bank
        shares = 1.0 + p.bank_income_slope * (homes.decile - 4.5)
        self.bank_target_kwh = (stock.energy_bank_kwh_per_household if bank else 0.0) * shares
        self.bank_kwh = self.bank_target_kwh.copy()
        # flows of the hour
        self.charge_kw, self.discharge_kw, self.offered_kw = np.zeros((3, rows))
        self.wanted_kw, self.home_kw, self.asked_kw, self.own_sun_kw = np.zeros((4, rows))
        self.charging_kw, self.recharge_kw, self.metered_kw, self.used_kw = np.zeros((4, rows))
        self.gap_frac = np.zeros(rows)
        self.refill_kw: np.ndarray | float = 0.0  # from the grid into the home battery
        self.stored_kw = np.zeros(rows)  # offered to neighbours in an island
        self.lent_kw: np.ndarray | float = 0.0  # taken by neighbours in an island
        self.short_feeder: np.ndarray | None = None  # bool (feeders,) in the last hour; None: none was short
        # interruptions since the start
        self.dark_h = np.zeros(rows)
        self.interruptions = np.zeros(rows)
        self._was_dark = np.zeros(rows, dtype=bool)

    @property
    def prosumes(self) -> np.ndarray:
        """Households with panels or a battery, bool (households,)."""
        return (self.pv_kw > 0) | (self.battery_kwh > 0)

    # ---- demand -------------------------------------------------------------------------------------

    def temperature_frac(self, temperature_degc: np.ndarray | float) -> np.ndarray | float:
        """Load at this temperature as a share of the load on the peak day."""
        p = self.parameters
        cooling = np.maximum(np.asarray(temperature_degc) - 24.0, 0.0) * p.cooling_per_degc
        heating = np.maximum(16.0 - np.asarray(temperature_degc), 0.0) * p.heating_per_degc
        peak = 1.0 + max(p.peak_temperature_degc - 24.0, 0.0) * p.cooling_per_degc
        return (1.0 + cooling + heating) / peak

    def expected_mw(
        self, hours: np.ndarray, temperature_degc: np.ndarray, sun_frac: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Expected load of all homes at their meters and expected surplus of panels, arrays (hours,) [MW].

        Random variation, prices and batteries are left out; panels serve their owners first.
        """
        p, homes = self.parameters, self._homes
        shape = np.array(p.power_shape)[hours % HOURS_PER_DAY]
        home_kw = self.peak_kw * shape * self.temperature_frac(temperature_degc)
        own = self.pv_kw > 0
        size, own_size = homes.size_frac.sum() * homes.weight, homes.size_frac[own].sum() * homes.weight
        sun_kw = self.pv_kw.sum() * homes.weight * p.pv_performance * sun_frac
        used_kw = np.minimum(own_size * home_kw, sun_kw)
        return (size * home_kw - used_kw) / KW_PER_MW, (sun_kw - used_kw) / KW_PER_MW

    def ask(
        self, hour: int, weather: Weather, price_answer: np.ndarray | float, switch: Switch | None = None
    ) -> None:
        """Set the load that each home wants and asks at its meter this hour [kW], and what it offers.

        wanted = peak x size x shape(hour) x temperature x chance + charging of the car; *price_answer* is the
        share of the load that is left at today's price. Own solar power is used first, then the battery above
        its floor. A battery below its floor is recharged from the grid. A *switch* overrides devices on a
        maker's cloud. Sets ``wanted_kw``, ``asked_kw``, ``offered_kw`` and the battery's plan.
        """
        p = self.parameters
        clock = hour % HOURS_PER_DAY
        chance = self._streams.uniform("household_load", hour, len(self._homes))
        level = self.peak_kw * p.power_shape[clock] * float(self.temperature_frac(weather.temperature_degc))
        home_kw = self._homes.size_frac * (
            level * (1.0 - p.load_spread) + 2.0 * p.load_spread * level * chance
        )
        self.charging_kw = self._cars.charging_kw(clock)
        self.recharge_kw = np.minimum(self.bank_target_kwh - self.bank_kwh, p.bank_kw)
        self.wanted_kw = home_kw + self.charging_kw
        self.home_kw = home_kw * price_answer
        self.refill_kw, self.lent_kw = self._refill_kw(), 0.0
        appliance_kw = 0.0 if switch is None else self._switch_devices(switch)
        answered_kw = self.home_kw + self.charging_kw + self.recharge_kw + self.refill_kw + appliance_kw
        sun_kw = self.pv_kw * (p.pv_performance * weather.sun_frac)
        self.own_sun_kw = np.minimum(answered_kw, sun_kw)
        left_kw, spare_kw = answered_kw - self.own_sun_kw, sun_kw - self.own_sun_kw
        self._plan_battery(left_kw, spare_kw, switch)
        self.asked_kw = left_kw - self.discharge_kw
        self.offered_kw = spare_kw - self.charge_kw

    def _plan_battery(self, left_kw: np.ndarray, spare_kw: np.ndarray, switch: Switch | None) -> None:
        """Plan to charge from spare solar power and to discharge, down to the floor, for the other load."""
        p = self.parameters
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

    def _refill_kw(self) -> np.ndarray | float:
        """Power from the grid that brings batteries back to their floor [kW]; 0.0 if none is below it.

        No battery is refilled on a feeder that was short of power in the last hour.
        """
        p, rows = self.parameters, self._battery_rows
        missing_kwh = p.battery_floor_frac * self.battery_kwh[rows] - self.soc_kwh[rows]
        if not (missing_kwh > 1e-9).any():
            return 0.0
        refill_kw = np.zeros(len(self._homes))
        rate_kw = np.minimum(p.battery_refill_kw, self.battery_kw[rows])
        refill_kw[rows] = np.clip(missing_kwh / np.sqrt(p.battery_efficiency), 0.0, rate_kw)
        if self.short_feeder is not None:
            refill_kw[self.short_feeder[self._homes.feeder]] = 0.0
        return refill_kw

    def _switch_devices(self, switch: Switch) -> np.ndarray:
        """Override chargers and batteries; returns the change of load by heat pumps [kW], (households,)."""
        p = self.parameters
        all_kw = np.minimum(np.maximum(self._cars.room_kwh(), 0.0), p.ev_charger_kw)
        self.charging_kw = np.where(switch.on, all_kw, np.where(switch.off, 0.0, self.charging_kw))
        fill_kw = (self.battery_kwh - self.soc_kwh) / np.sqrt(p.battery_efficiency)
        fill_kw = np.clip(fill_kw, 0.0, self.battery_kw)
        self.refill_kw = np.where(switch.on, fill_kw, np.where(switch.off, 0.0, self.refill_kw))
        return switch.heat_pump_kw * switch.on - switch.heat_pump_frac * self.home_kw * switch.off

    # ---- neighbours in an island --------------------------------------------------------------------

    def offer_stored(self, islanded: np.ndarray) -> np.ndarray:
        """Power that batteries above their floor offer to neighbours in islands, array (feeders,) [MW].

        *islanded* is bool (districts,). Own use, planned by :meth:`ask`, comes first.
        """
        p, one_way = self.parameters, np.sqrt(self.parameters.battery_efficiency)
        above_kwh = self.soc_kwh - p.battery_floor_frac * self.battery_kwh
        after_kwh = above_kwh - self.discharge_kw / one_way
        rate_kw = np.minimum(after_kwh * one_way / p.battery_lend_h, self.battery_kw - self.discharge_kw)
        here = islanded[self._homes.district] & (self.charge_kw <= 0.0)
        self.stored_kw = np.where(here, np.maximum(rate_kw, 0.0), 0.0)
        return self._homes.by_feeder(self.stored_kw) / KW_PER_MW

    def lend(self, taken_frac: np.ndarray) -> None:
        """Discharge the share of the offer that neighbours took on each feeder, array (feeders,)."""
        self.lent_kw = self.stored_kw * taken_frac[self._homes.feeder]
        self.soc_kwh = self.soc_kwh - self.lent_kw / np.sqrt(self.parameters.battery_efficiency)

    # ---- use ----------------------------------------------------------------------------------------

    def use(self, unserved_kw: np.ndarray) -> None:
        """Use power from the grid, the panels, the battery and the energy bank.

        Unserved load reduces charging first (car, bank account, battery), then the home's own use. Without a
        battery a home's solar inverter stops with the grid. Sets ``metered_kw``, ``used_kw`` and
        ``gap_frac``.
        """
        p = self.parameters
        one_way = np.sqrt(p.battery_efficiency)
        self._count_interruptions(unserved_kw)
        self.soc_kwh = self.soc_kwh + self.charge_kw * one_way - self.discharge_kw / one_way
        self.metered_kw = self.asked_kw - unserved_kw
        inside_kw = self.own_sun_kw + self.discharge_kw
        if not unserved_kw.any():
            self._cars.ev_kwh = self._cars.ev_kwh + self.charging_kw
            self.bank_kwh = self.bank_kwh + self.recharge_kw
            self.soc_kwh = self.soc_kwh + self.refill_kw * one_way
            self.used_kw = self.metered_kw + inside_kw
        else:
            self._use_in_a_cut(unserved_kw, inside_kw)
        need_kw = np.minimum(p.need_power_kw * self._homes.size_frac, self.home_kw)
        self.gap_frac = gap_frac(self.used_kw, need_kw)

    def _use_in_a_cut(self, unserved_kw: np.ndarray, inside_kw: np.ndarray) -> None:
        """As :meth:`use`, when part of the load asked is not served."""
        p = self.parameters
        one_way = np.sqrt(p.battery_efficiency)
        charging_kw = self.charging_kw + self.recharge_kw + self.refill_kw
        part = np.maximum(charging_kw - unserved_kw, 0.0) / np.maximum(charging_kw, 1e-12)
        missing_kw = np.maximum(unserved_kw - charging_kw, 0.0)
        self.soc_kwh = self.soc_kwh + self.refill_kw * part * one_way
        spare_kw = np.maximum(self.battery_kw - self.discharge_kw - self.lent_kw, 0.0)
        backup_kw = np.minimum(np.minimum(missing_kw, spare_kw), np.maximum(self.soc_kwh, 0.0) * one_way)
        bank_kw = np.minimum(np.minimum(missing_kw - backup_kw, p.bank_kw), self.bank_kwh)
        self.soc_kwh = self.soc_kwh - backup_kw / one_way
        self._cars.ev_kwh = self._cars.ev_kwh + self.charging_kw * part
        self.bank_kwh = self.bank_kwh + self.recharge_kw * part - bank_kw
        holds = (unserved_kw <= 0.0) | (self.battery_kwh > 0.0)
        self.used_kw = self.metered_kw + np.where(holds, inside_kw, 0.0) + backup_kw + bank_kw

    def _count_interruptions(self, unserved_kw: np.ndarray) -> None:
        """Add up hours without power, and count interruptions as they begin."""
        if not unserved_kw.any():
            self._was_dark[:] = False
            return
        dark_frac = unserved_kw / np.maximum(self.asked_kw, 1e-12)
        dark = dark_frac > 1e-6
        self.dark_h += dark_frac
        self.interruptions += dark & ~self._was_dark
        self._was_dark = dark

    def leave(self, goes: np.ndarray) -> None:
        """Stop filling the energy bank accounts of homes that leave, bool (households,)."""
        self.bank_target_kwh = np.where(goes, self.bank_kwh, self.bank_target_kwh)
