"""Power at home: load, solar panels, batteries and the energy bank, as columns."""

import numpy as np

from agentsim.agents.households import power_rules as rules
from agentsim.agents.households.cars import Cars
from agentsim.agents.households.home_devices import Switch
from agentsim.agents.households.homes import Homes
from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.core.charter import Stock
from agentsim.core.messages import Weather
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW

NOBODY, NOTHING = np.zeros(0, dtype=bool), np.zeros(0)  # in the place of a column that is not needed


def _rows_of_eight(rows: int) -> np.ndarray:
    """Zeros, array (rows, 8), each row in one cache line of the processor and not in two."""
    space = np.zeros(8 * rows + 7)
    first = -space.ctypes.data % 64 // 8
    return space[first : first + 8 * rows].reshape(rows, 8)


class HomePower:
    """Load, solar panels, batteries and energy bank accounts of homes.

    Columns are arrays (households,). ``wanted_kw`` is the load before it answers the price; ``asked_kw`` the
    load asked at the meter; ``offered_kw`` the power offered to the grid; ``used_kw`` the power used at home.
    The flows of an hour are written into the same arrays in the next one. ``total_kw`` (4, feeders) holds the
    hour's totals of simulated homes: wanted, asked, needed and offered.

    Parameters
    ----------
    peak_kw : mean load of a home in the evening of the peak day
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
        self.peak_kw = float(peak_kw)
        self.usual_shift_frac = np.ones(HOURS_PER_DAY)  # of the load by hour, where prices differ by the hour
        self.own(*self.drawn(stock))
        self.added: dict[str, np.ndarray] = {}  # owners beyond an ordinary city's, see ``setup.people``
        numbers = rules.PowerNumbers(
            need_kw=float(p.need_power_kw),
            one_way=float(np.sqrt(p.battery_efficiency)),
            floor_frac=float(p.battery_floor_frac),
            refill_kw=float(p.battery_refill_kw),
            ev_battery_kwh=float(p.ev_battery_kwh),
            ev_charger_kw=float(p.ev_charger_kw),
            bank_kw=float(p.bank_kw),
        )
        self._numbers = tuple(numbers)
        # accounts at the energy bank
        shares = 1.0 + p.bank_income_slope * (homes.decile - 4.5)
        self.bank_target_kwh = (stock.energy_bank_kwh_per_household if bank else 0.0) * shares
        self.bank_kwh = self.bank_target_kwh.copy()
        self._accounts = bool(self.bank_target_kwh.any())
        # flows of the hour; only equipped homes have others than their load
        flows = self._flows_kw = _rows_of_eight(rows)
        self.charge_kw, self.discharge_kw, self.offered_kw, self.own_sun_kw = flows.T[:4]
        self.charging_kw, self.recharge_kw, self.refill_kw = flows.T[4:7]  # car, bank account, home battery
        self.asked_kw, self.inside_kw, self.gap_frac = np.zeros((3, rows))  # inside: own sun and discharge
        self._chance, self._price_answer = np.zeros(rows), np.ones(rows)
        self._least_kw = self._spread_kw = 0.0  # load of the mean home
        self._equipped, self._before = np.zeros((2, rows), dtype=np.int64)  # in this hour, and in the last
        self._is_equipped, self._active = np.zeros(rows, dtype=bool), np.zeros(rows, dtype=np.int64)
        self._listed = self._acting = 0  # rows that are equipped, and active
        self.total_kw = np.zeros((4, homes.feeders))
        self._in_a_cut_kw = np.zeros((2, rows))  # metered and used
        self._found = np.zeros(2, dtype=bool)  # whether load was unserved, whether a home had a gap
        self._cut = False  # whether load was unserved in this hour
        self._sold_kw = np.zeros(rows)
        self.stored_kw = np.zeros(rows)  # offered to neighbours in an island
        self.lent_kw: np.ndarray | float = 0.0  # taken by neighbours in an island
        self.short_feeder: np.ndarray | None = None  # bool (feeders,) in the last hour; None: none was short
        # interruptions since the start
        self.dark_h = np.zeros(rows)
        self.interruptions = np.zeros(rows)
        self._was_dark = np.zeros(rows, dtype=bool)
        self.momentary = np.zeros(rows)  # interruptions of some minutes, which are no part of the others

    def drawn(self, stock: Stock) -> tuple[np.ndarray, np.ndarray]:
        """Homes that own panels, and a battery, under the shares of a *stock*, bool arrays (households,)."""
        homes, roof_frac = self._homes, max(self.parameters.roof_frac, 1e-9)
        richer = 0.5 + homes.decile / 9.0  # mean 1: richer homes own more
        chance_pv = np.minimum(stock.rooftop_pv_household_frac * richer / roof_frac, 1.0)
        chance_battery = np.minimum(stock.home_battery_household_frac * richer, 1.0)
        return homes.roof & (homes.draw(7) < chance_pv), homes.draw(8) < chance_battery

    def own(self, panels: np.ndarray, battery: np.ndarray) -> None:
        """Give homes panels and batteries, bool arrays (households,), in the place of what they had."""
        p = self.parameters
        self.pv_kw = p.pv_kw * panels
        self.battery_kwh = p.battery_kwh * battery
        self.battery_kw = np.where(self.battery_kwh > 0, p.battery_kw, 0.0)
        self.soc_kwh = self.battery_kwh * p.battery_floor_frac
        self._battery_rows = np.flatnonzero(self.battery_kwh > 0.0)

    @property
    def prosumes(self) -> np.ndarray:
        """Households with panels or a battery, bool (households,)."""
        return (self.pv_kw > 0) | (self.battery_kwh > 0)

    # ---- the hour in columns ------------------------------------------------------------------------

    @property
    def wanted_kw(self) -> np.ndarray:
        """Load before it answers the price, with charging of the car, array (households,)."""
        return self._load_kw() + self.charging_kw

    @property
    def home_kw(self) -> np.ndarray:
        """Load of the home alone at today's price, array (households,)."""
        return self._load_kw() * self._price_answer

    def _load_kw(self) -> np.ndarray:
        return self._homes.load_frac * (self._least_kw + self._spread_kw * self._chance)

    @property
    def metered_kw(self) -> np.ndarray:
        """Power from the grid through the home's meter, array (households,)."""
        return self._in_a_cut_kw[0] if self._cut else self.asked_kw

    @property
    def used_kw(self) -> np.ndarray:
        """Power used at home or charged, array (households,)."""
        return self._in_a_cut_kw[1] if self._cut else self.asked_kw + self.inside_kw

    @property
    def unmet(self) -> bool:
        """Whether any home had a gap in this hour."""
        return bool(self._found[1])

    @property
    def offers(self) -> bool:
        """Whether any home offers sun to the grid in this hour."""
        return bool(np.count_nonzero(self.total_kw[rules.SPARE]))

    # ---- demand -------------------------------------------------------------------------------------

    def temperature_frac(self, temperature_degc: np.ndarray | float) -> np.ndarray | float:
        """Load at this temperature as a share of the load on the peak day."""
        p = self.parameters
        cooling = (temperature_degc > 24.0) * (temperature_degc - 24.0) * p.cooling_per_degc
        heating = (temperature_degc < 16.0) * (16.0 - temperature_degc) * p.heating_per_degc
        peak = 1.0 + max(p.peak_temperature_degc - 24.0, 0.0) * p.cooling_per_degc
        return (1.0 + cooling + heating) / peak

    def level_kw(self, hour: int, weather: Weather, busy_frac: float = 1.0) -> float:
        """Load that the mean home wants this hour, without its car."""
        shape = self.parameters.power_shape[hour % HOURS_PER_DAY]
        return self.peak_kw * shape * float(self.temperature_frac(weather.temperature_degc)) * busy_frac

    def expected_mw(
        self,
        hours: np.ndarray,
        temperature_degc: np.ndarray,
        sun_frac: np.ndarray,
        busy_frac: np.ndarray | float = 1.0,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Expected load of homes at their meters and surplus of panels, arrays (hours, districts) [MW].

        Random variation, prices and batteries are left out; panels serve their owners first. *busy_frac*
        (hours, 1) is the common part of behaviour.
        """
        p, homes = self.parameters, self._homes
        shape = (np.array(p.power_shape) * self.usual_shift_frac)[hours % HOURS_PER_DAY]
        home_kw = (self.peak_kw * shape * self.temperature_frac(temperature_degc))[:, None] * busy_frac
        own = self.pv_kw > 0
        size, own_size = homes.by_district(homes.load_frac), homes.by_district(homes.load_frac * own)
        sun_kw = homes.by_district(self.pv_kw) * (p.pv_performance * sun_frac)[:, None]
        used_kw = np.minimum(own_size * home_kw, sun_kw)
        return (size * home_kw - used_kw) / KW_PER_MW, (sun_kw - used_kw) / KW_PER_MW

    def ask(
        self,
        hour: int,
        weather: Weather,
        price_answer: np.ndarray,
        switch: Switch | None = None,
        busy_frac: float = 1.0,
    ) -> None:
        """Set the load that each home wants and asks at its meter this hour [kW], and what it offers.

        wanted = peak x load of the home over the mean x shape(hour) x temperature x common behaviour
        (*busy_frac*) x chance + charging of the car; *price_answer* (households,) is the share of the load
        that is left at today's price. Own solar power is used first, then the battery above its floor. A
        battery below its floor is recharged from the grid. A *switch* overrides devices on a maker's cloud.
        Sets ``asked_kw``, ``offered_kw``, ``total_kw`` and the battery's plan.
        """
        p, homes, cars = self.parameters, self._homes, self._cars
        clock = hour % HOURS_PER_DAY
        self._streams.uniform("household_load", hour, len(homes), out=self._chance)
        level = self.level_kw(hour, weather, busy_frac)
        self._least_kw, self._spread_kw = level * (1.0 - p.load_spread), 2.0 * p.load_spread * level
        self._price_answer, self.lent_kw = price_answer, 0.0
        self._cut = False
        self._equipped, self._before = self._before, self._equipped
        self._listed, self._acting = rules.ask(
            self._numbers,
            homes.load_frac,
            homes.size_frac,
            self._chance,
            price_answer,
            homes.feeder,
            self.pv_kw,
            self.battery_kwh,
            self.battery_kw,
            self.soc_kwh,
            cars.electric,
            cars.ev_kwh,
            self.bank_target_kwh if self._accounts else NOTHING,
            self.bank_kwh,
            self._battery_rows,
            NOBODY if self.short_feeder is None else self.short_feeder,
            NOBODY if switch is None else switch.on,
            NOBODY if switch is None else switch.off,
            0.0 if switch is None else float(switch.heat_pump_kw),
            0.0 if switch is None else float(switch.heat_pump_frac),
            self._least_kw,
            self._spread_kw,
            float(p.pv_performance * weather.sun_frac),
            cars.plugged(clock),
            self.asked_kw,
            self.inside_kw,
            self._flows_kw,
            self.total_kw,
            self._before,
            self._listed,
            self._equipped,
            self._is_equipped,
            self._active,
        )

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

    def use(self, unserved_kw: np.ndarray | None) -> None:
        """Use power from the grid, the panels, the battery and the energy bank.

        *unserved_kw* (households,) is None where all load was served. Unserved load reduces charging first
        (car, bank account, battery), then the home's own use. Without a battery a home's solar inverter stops
        with the grid. Sets ``metered_kw``, ``used_kw`` and ``gap_frac``, and adds up hours without power and
        interruptions as they begin.
        """
        self._cut = unserved_kw is not None and bool(np.count_nonzero(unserved_kw))
        if not self._cut:
            self._fill()
            return
        rules.use(
            self._numbers,
            unserved_kw,
            self.asked_kw,
            self.inside_kw,
            self._flows_kw,
            self._is_equipped,
            self._active,
            self._acting,
            self._homes.size_frac,
            self.battery_kwh,
            self.battery_kw,
            NOTHING if isinstance(self.lent_kw, float) else self.lent_kw,
            self.soc_kwh,
            self._cars.ev_kwh,
            self.bank_kwh,
            *self._in_a_cut_kw,
            self.gap_frac,
            self._was_dark,
            self.dark_h,
            self.interruptions,
            self._found,
        )

    def _fill(self) -> None:
        """The same where all load was served."""
        rules.fill(
            self._numbers,
            self.asked_kw,
            self.inside_kw,
            self._flows_kw,
            self._active,
            self._acting,
            self._homes.size_frac,
            self.battery_kwh,
            self.soc_kwh,
            self._cars.ev_kwh,
            self.bank_kwh,
            self.gap_frac,
            self._was_dark,
            self._found,
        )

    def sold_kw(self, taken_frac: np.ndarray) -> np.ndarray:
        """Power that each home sold, array (households,), until the next hour: lent in an island, and sun.

        *taken_frac* (feeders,) is the share of the surplus offered that the grid took.
        """
        sold_kw = self._sold_kw
        sold_kw[:] = 0.0
        rules.sell(self._equipped, self._listed, self._flows_kw, self._homes.feeder, taken_frac, sold_kw)
        return sold_kw if isinstance(self.lent_kw, float) else self.lent_kw + sold_kw

    def leave(self, goes_frac: np.ndarray) -> None:
        """Fill the energy bank accounts less by the share of a row that leaves, array (households,)."""
        room_kwh = self.bank_target_kwh - self.bank_kwh
        self.bank_target_kwh = self.bank_kwh + room_kwh * (1.0 - goes_frac)
