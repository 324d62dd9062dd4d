"""Households of a place: what they ask of the networks each hour, and what unmet needs do to them.

One row is one simulated household and stands for ``weight`` real ones. Rules are written once over the
columns; :class:`~agentsim.agents.households.household.Household` gives access to one row as a Mesa agent.
"""

import numpy as np

from agentsim.agents.households.cars import Cars
from agentsim.agents.households.deprivation import DeprivationParameters, gap_frac
from agentsim.agents.households.hardship import Hardship
from agentsim.agents.households.home_devices import Switch
from agentsim.agents.households.homes import Homes
from agentsim.agents.households.larder import Larder
from agentsim.agents.households.load_shifting import LoadShift
from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.agents.households.power import HomePower
from agentsim.agents.households.power_rules import ASKED
from agentsim.agents.households.price_answer import PriceAnswer
from agentsim.agents.households.turns import Turns
from agentsim.core.charter import Stock
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.message import message
from agentsim.core.messages import HomeMeters, SectionOutage, Weather
from agentsim.core.numerics.totals import look_up
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW
from agentsim.place.cases import RESIDENTIAL, Place


@message
class HomeSupply:
    """What the networks deliver to homes in one hour."""

    unserved_kw: np.ndarray | None  # (households,) part of what was asked at the meter; None: all was served
    tap_frac: np.ndarray  # (junctions,) share of residential water asked
    food_frac: np.ndarray  # (districts,) share of food asked
    trips_made_frac: np.ndarray  # (zones,) share of the trips that residents want
    undrinkable: np.ndarray | None = None  # bool (junctions,) where a warning is out


class Population:
    """The households of a place as numpy columns.

    Each part holds the columns of its subject: ``homes`` (where households live), ``cars``, ``power`` (load,
    panels, batteries), ``larder`` (food and water at home), ``turns`` (rotating outages) and ``hardship``
    (deprivation). The columns ``trust``, ``bill_jpy`` and ``reports`` belong to the population itself.

    Parameters
    ----------
    place : the city
    households : number of simulated rows; each stands for ``place.households / households``
    stock : the charter's stock: solar panels, batteries, food and water of homes
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
        *,
        mechanisms: Mechanisms | None = None,
    ) -> None:
        self.parameters = p = parameters or HouseholdsParameters()
        self.mechanisms = mechanisms or Mechanisms()
        stocks, feeders = self.mechanisms.household_stocks, place.feeders
        # mean home peak so that all homes together peak at the residential feeders' share
        residential_mw = feeders.peak_mw[feeders.tier == RESIDENTIAL].sum()
        peak_kw = residential_mw * KW_PER_MW / place.households
        self.homes = Homes(place, households, streams, p)
        self.cars = Cars(self.homes, stock, p)
        self.power = HomePower(self.homes, self.cars, stock, streams, p, peak_kw, bank=stocks)
        self.larder = Larder(self.homes, stock, p, stocks)
        self.turns = Turns(self.homes, len(feeders), p.rotation_h)
        self.hardship = Hardship(households, deprivation or DeprivationParameters())
        self.trust = np.full(households, p.trust_start)
        self.trust_most = np.ones(households)  # that it can rise to; a concession lowers it for good
        self.bill_jpy = np.zeros(households)
        self._price_answer = PriceAnswer(households, p)
        self.shift: LoadShift | None = None  # where prices differ by the hour or load is controllable
        self._mobility_gap, self._stranded = np.zeros(households), False
        self.reports = np.ones(households, dtype=bool)  # consent to public meter readings
        self._section: tuple[int, np.ndarray] | None = None  # number of sections, and that of each home

    def __len__(self) -> int:
        return len(self.homes)

    @property
    def added(self) -> dict[str, np.ndarray]:
        """Homes that a policy gave something to, by what is charged for it, bool arrays (households,)."""
        return {**self.power.added, **self.cars.added}

    @property
    def weight(self) -> float:
        """Real households that one row stands for."""
        return self.homes.weight

    # ---- demand -------------------------------------------------------------------------------------

    def ask_power(
        self,
        hour: int,
        weather: Weather,
        price_frac: float,
        switch: Switch | None = None,
        busy_frac: float = 1.0,
        called: bool = False,
    ) -> None:
        """Set the load that each home wants and asks at its meter this hour.

        *price_frac* is the tariff over the tariff at which loads are stated, *busy_frac* the common part of
        behaviour; *called*: the utility asks controllable devices to wait.
        """
        alive = self.mechanisms
        self.cars.come_home(hour % HOURS_PER_DAY)
        price_frac = price_frac if alive.demand_response else 1.0
        answer = self._price_answer.at(price_frac, self.trust if alive.trust else None)
        if self.shift is not None:
            level_kw = self.power.level_kw(hour, weather, busy_frac)
            answer = self.shift.answered(answer, hour % HOURS_PER_DAY, level_kw, called)
        self.power.ask(hour, weather, answer, switch, busy_frac)

    def ask_water(self, hour: int, price_frac: float, busy_frac: float = 1.0) -> None:
        """Set the tap water that people want and ask this hour; *busy_frac*: the common part of behaviour."""
        self.larder.ask_water(hour, price_frac, self.mechanisms.demand_response, busy_frac)

    def meters(self) -> HomeMeters:
        """Meter readings of the hour."""
        power = self.power
        return HomeMeters(
            district=self.homes.district,
            reports=self.reports,
            asked_kw=power.asked_kw,
            metered_kw=power.metered_kw,
            weight=self.weight,
        )

    # ---- supply and its effects ---------------------------------------------------------------------

    def section_frac(self, sections: int) -> np.ndarray:
        """Share of each feeder's homes' load that is asked on each section, array (feeders, sections).

        The shares of a feeder without homes are equal.
        """
        homes = self.homes
        row = homes.feeder * np.int64(sections) + self._section_of(sections)
        load_kw = np.bincount(row, self.power.asked_kw, homes.feeders * sections).reshape(-1, sections)
        whole = load_kw.sum(axis=1, keepdims=True)
        return np.where(whole > 0.0, load_kw / np.where(whole > 0.0, whole, 1.0), 1.0 / sections)

    def _section_of(self, sections: int) -> np.ndarray:
        if self._section is None or self._section[0] != sections:
            self._section = sections, self.homes.section(sections)
        return self._section[1]

    def rotate(
        self, hour: int, unserved_mw: np.ndarray, outage: SectionOutage | None = None
    ) -> np.ndarray | None:
        """Each home's part of its feeder's unserved load [kW], array (households,); None: no load.

        *unserved_mw* is an array (feeders,). Homes on sections that are dark in an *outage* lose their
        load, what is missing beyond that falls on the others in turns. Feeders that are short are noted for
        the next hour.
        """
        if outage is not None:
            return self._lose_sections(hour, unserved_mw, outage)
        if not np.count_nonzero(unserved_mw):
            self.power.short_feeder = None
            return None
        self.power.short_feeder = unserved_mw > 0.0
        power = self.power
        return self.turns.unserved_kw(hour, unserved_mw, power.asked_kw, power.total_kw[ASKED])

    def _lose_sections(self, hour: int, unserved_mw: np.ndarray, outage: SectionOutage) -> np.ndarray | None:
        sections = outage.dark_frac.shape[1]
        feeder, section, asked_kw = self.homes.feeder, self._section_of(sections), self.power.asked_kw
        self.power.momentary += outage.momentary[feeder, section]
        if not np.count_nonzero(unserved_mw):
            self.power.short_feeder = None
            return None
        self.power.short_feeder = unserved_mw > 0.0
        dark_kw = asked_kw * outage.dark_frac[feeder, section]
        dark_mw = self.homes.by_feeder(dark_kw) / KW_PER_MW
        left_mw = np.where(unserved_mw - dark_mw > 1e-9 * unserved_mw, unserved_mw - dark_mw, 0.0)
        return dark_kw + self.turns.unserved_kw(hour, left_mw, asked_kw - dark_kw)

    def live(self, supply: HomeSupply) -> np.ndarray:
        """Use what was delivered in the hour and add up unmet needs.

        Returns the deprivation-hours a person that the hour added, array (households,).
        """
        self.power.use(supply.unserved_kw)
        self.larder.use_water(supply.tap_frac, supply.undrinkable)
        self.larder.eat(supply.food_frac)
        power, larder = self.power, self.larder
        self._travel(supply.trips_made_frac)
        gap = (power.gap_frac, larder.water_gap, larder.food_gap, self._mobility_gap)
        unmet = (power.unmet, larder.water_unmet, larder.food_unmet, self._stranded)
        return self.hardship.add(gap, unmet, self.homes.stay_frac)

    def _travel(self, made_frac: np.ndarray) -> None:
        """Set each home's gap in mobility from the trips of its zone that were made, array (zones,)."""
        need_frac = max(self.parameters.need_mobility_frac, 1e-9)
        if not self._stranded and min(made_frac.tolist()) >= need_frac:
            return
        in_zone = gap_frac(made_frac, need_frac)
        was_stranded, self._stranded = self._stranded, bool(np.count_nonzero(in_zone))
        if self._stranded or was_stranded:
            look_up(self.homes.zone, in_zone, self._mobility_gap)

    def end_day(self) -> None:
        """Raise trust after a day without deprivation, lower it after a day with some (mechanisms S15)."""
        p = self.parameters
        step = np.where(self.hardship.worse_today, -p.trust_loss_per_day, p.trust_gain_per_day)
        self.trust = np.clip(self.trust + step, 0.0, self.trust_most)
        self.hardship.worse_today[:] = False
        self.cars.end_day()

    def lose_trust_for_good(self, who: np.ndarray, loss: float) -> None:
        """Lower the trust of homes *who*, bool (households,), and the most that it can rise to again."""
        if self.mechanisms.trust:
            self.trust_most = np.maximum(self.trust_most - loss * who, 0.0)
            self.trust = np.clip(self.trust - loss * who, 0.0, self.trust_most)

    def leave(self, goes_frac: np.ndarray) -> None:
        """Let a share of each row's homes, array (households,), leave the city; panels and larders remain.

        People, load and cars fall by the share. Homes that left count on with the deprivation of those who
        stay (:meth:`Hardship.count_on`) and still owe their standing charges: the columns of deprivation and
        bills are means over all homes of the row.
        """
        goes = np.asarray(goes_frac, dtype=float)
        self.homes.leave(goes)
        self.cars.count()
        self.power.leave(goes)
