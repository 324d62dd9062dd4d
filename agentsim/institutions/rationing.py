"""Rationing: how a foreseen shortage is shared by a declared rule.

Without a ballot the operators share at their own discretion: by the weights of the charter and by the layout
of the mains. A ballot of one rule is a rule decided on beforehand; among several rules the citizens vote, and
operators use their discretion until the vote. The rules:

* ``proportional``: everybody gets the same share of what they ask;
* ``lifeline_first``: what lives need comes first, the rest is shared alike;
* ``majority``: some districts bear the shortage and the others do not, by a vote of all on which.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from agentsim.core.charter import Allocation
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import EventLog, Order
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW, LITRES_PER_M3
from agentsim.institutions.control_graph import ControlGraph
from agentsim.institutions.voting import Ballot, Count, Electorate, utilities
from agentsim.place.cases import CRITICAL, RESIDENTIAL, Place

RULES = ("lifeline_first", "majority", "proportional")
MOST_ENUMERATED = 10  # districts up to which every set of them is put to the vote


@dataclass(frozen=True)
class RationingParameters:
    """When a shortage is foreseen, and what people expect of it."""

    dam_horizon_days: float = parameter(30.0, "d", "for which the dam is to last", "A", 1, 1000)
    least_cut_frac: float = parameter(0.02, "1", "shortages below this are not worth a rule", "A", 0, 1)
    tanks_low_frac: float = parameter(0.5, "1", "fill of the mains' tanks below which it is", "A", 0, 1)
    tanks_most_cut_frac: float = parameter(
        0.6, "1", "of demand held back when the mains' tanks are empty", "A", 0, 1
    )
    power_margin_frac: float = parameter(
        0.0, "1", "capacity over the peak ahead that counts as enough", "A", -0.2, 1
    )
    shed_least_frac: float = parameter(
        0.002, "1", "share of load shed in the last day that is a shortage", "A", 0, 1
    )
    rule_days: float = parameter(30.0, "d", "a rule that was voted holds so long", "A", 1, 3650)
    foreseen_h: float = parameter(72.0, "h", "length of the shortage that voters expect", "A", 1, 2000)
    comfort_per_h: float = parameter(
        0.05, "1", "an hour without anything above the need, in deprivation-hours", "A", 0, 1
    )


@dataclass(frozen=True)
class Claims:
    """What each district asks of a network in an ordinary hour, arrays (districts,) in one unit."""

    asked: np.ndarray
    home: np.ndarray  # the part of homes
    lifeline: np.ndarray  # what lives need, within the homes' part


def share_out(rule: str, claims: Claims, cut_frac: float, burdened: np.ndarray | None = None) -> np.ndarray:
    """What each district is given when *cut_frac* of all that is asked is missing, array (districts,).

    Parameters
    ----------
    burdened : bool (districts,), who bears it under ``majority``; what they cannot bear falls on the others

    Raises
    ------
    ValueError : the rule is unknown

    >>> claims = Claims(np.array([10.0, 30.0]), np.array([10.0, 10.0]), np.array([4.0, 4.0]))
    >>> share_out("proportional", claims, 0.5).tolist()
    [5.0, 15.0]
    >>> share_out("lifeline_first", claims, 0.5).tolist()
    [6.25, 13.75]
    >>> share_out("majority", claims, 0.5, np.array([True, False])).round(6).tolist()
    [0.0, 20.0]
    """
    asked, lifeline = claims.asked, claims.lifeline
    there, need = (1.0 - cut_frac) * asked.sum(), lifeline.sum()
    if rule == "proportional":
        return asked * (1.0 - cut_frac)
    if rule == "lifeline_first":
        if there <= need:
            return lifeline * there / max(need, 1e-12)
        return lifeline + (asked - lifeline) * (there - need) / max(asked.sum() - need, 1e-12)
    if rule == "majority":
        bears = np.zeros(len(asked), dtype=bool) if burdened is None else burdened
        missing, theirs = cut_frac * asked.sum(), asked[bears].sum()
        own = min(missing / theirs, 1.0) if theirs > 0 else 0.0
        rest = (missing - own * theirs) / max(asked[~bears].sum(), 1e-12)
        return asked * (1.0 - np.where(bears, own, rest))
    raise ValueError(f"rule {rule!r} is unknown; known: {', '.join(RULES)}")


def home_share(claims: Claims, given: np.ndarray) -> np.ndarray:
    """Share of homes' demand that is served when homes come before firms, array as *given*."""
    return np.clip(given / np.maximum(claims.home, 1e-12), 0.0, 1.0)


def expected_deprivation_h(
    share: np.ndarray,
    need_frac: np.ndarray,
    stock_h: np.ndarray | float,
    weight: float,
    growth_per_h: float,
    hours: float,
    comfort_per_h: float,
) -> np.ndarray:
    """Deprivation-hours a head that people expect of a shortage of so many *hours*.

    With gap g = 1 - min(1, share / need) and t hours left when stocks at home are used up:
    ``kappa g ((exp(b t) - 1) / b - t) + c (1 - share) hours``, the integral of the deprivation cost
    (:mod:`agentsim.agents.households.deprivation`) and a small cost for demand above the need.

    Parameters
    ----------
    share, need_frac : what one gets, and needs, as shares of what one asks
    """
    gap = 1.0 - np.minimum(share / np.maximum(need_frac, 1e-12), 1.0)
    bare_h = np.maximum(hours - stock_h, 0.0)
    hardship = weight * gap * (np.expm1(growth_per_h * bare_h) / growth_per_h - bare_h)
    return hardship + comfort_per_h * (1.0 - share) * hours


def proposals(claims: Claims, voters: np.ndarray) -> np.ndarray:
    """Sets of districts that might be made to bear it, bool (proposals, districts).

    Every set of them in a city of few districts; in others single districts, pairs, and those with
    the fewest *voters* (districts,) for what they ask, one after the other.
    """
    count = len(claims.asked)
    if count <= MOST_ENUMERATED:
        sets = [chosen for size in range(1, count) for chosen in combinations(range(count), size)]
    else:
        order = np.argsort(voters / np.maximum(claims.asked, 1e-12), kind="stable").tolist()
        sets = [chosen for size in (1, 2) for chosen in combinations(range(count), size)]
        sets += [tuple(order[:size]) for size in range(3, count)]
    table = np.zeros((len(sets), count), dtype=bool)
    for row, chosen in enumerate(sets):
        table[row, list(chosen)] = True
    return table


class Rationing:
    """The rule by which the shortages of one network are shared, and its effect this hour.

    Parameters
    ----------
    network : ``water`` or ``power``
    claims : what districts ordinarily ask
    allocation : the charter's; its ``ballot`` holds the rules to choose from
    ballot : the vote; None where nobody votes
    weight, growth_per_h : of the deprivation of this need
    log : to which events are added
    """

    def __init__(
        self,
        network: str,
        claims: Claims,
        allocation: Allocation,
        ballot: Ballot | None,
        weight: float,
        growth_per_h: float,
        mechanisms: Mechanisms,
        parameters: RationingParameters | None = None,
        log: EventLog | None = None,
    ) -> None:
        unknown = [rule for rule in allocation.ballot if rule not in RULES]
        if unknown:
            raise ValueError(f"allocation.ballot: unknown {unknown}; known: {', '.join(RULES)}")
        self.network, self.claims, self.ballot = network, claims, ballot
        self.parameters = parameters or RationingParameters()
        self.weight, self.growth_per_h = weight, growth_per_h
        self.log = log or EventLog()
        rules = allocation.ballot if mechanisms.rationing else ()
        self.rules = rules if mechanisms.voting or len(rules) == 1 else ()
        self.rule = ""  # in force; "" is the operator's discretion
        self.voted_hour = -1
        self.counts: list[Count] = []
        self.cut_frac = 0.0
        self.short_since = self._last_short = -1
        self.burdened = np.zeros(len(claims.asked), dtype=bool)

    @property
    def exists(self) -> bool:
        """Whether any rule could ever be declared."""
        return bool(self.rules)

    def step(
        self,
        hour: int,
        cut_frac: float,
        electorate: Callable[[], Electorate],
        seized: tuple[str, ...] = (),
        seized_for: int = -1,
    ) -> None:
        """One hour in which *cut_frac* of all that is asked is foreseen to be missing; 0: no shortage."""
        self.cut_frac = cut_frac
        if cut_frac <= 0.0:
            # a quiet night does not end a shortage
            if hour - self._last_short >= HOURS_PER_DAY:
                self.short_since = -1
            return
        self._last_short = hour
        if self.short_since < 0:
            self.short_since = hour
        held = self.rule and hour - self.voted_hour < self.parameters.rule_days * HOURS_PER_DAY
        if held:
            return
        if len(self.rules) == 1:
            self._declare(hour, self.rules[0], electorate())
        elif self.rules and self.ballot is not None and self._is_time(hour, self.ballot):
            people = electorate()
            count = self.ballot.count(hour, self.expected_h(people), people, seized, seized_for)
            self.counts.append(count)
            self._log_count(hour, count)
            self._declare(hour, count.rule, people)

    def _is_time(self, hour: int, ballot: Ballot) -> bool:
        return hour - self.short_since >= ballot.parameters.decision_h

    def _declare(self, hour: int, rule: str, electorate: Electorate) -> None:
        self.rule, self.voted_hour = rule, hour
        if rule == "majority":
            self.burdened = self.outvoted(electorate)
        self.log.add(hour, "rationing", self.network, "shortage_shared_by_rule", rule=rule)

    def _log_count(self, hour: int, count: Count) -> None:
        self.log.add(
            hour,
            "vote",
            self.network,
            "shortage_vote",
            votes_frac={rule: float(share) for rule, share in count.share.items()},
            turnout_frac=float(count.turnout_frac),
            proposed=count.proposed or "",
        )

    # ---- effects of a rule --------------------------------------------------------------------------

    def given(self, rule: str | None = None) -> np.ndarray:
        """Share of what it asks that each district gets under a rule, the one in force by default."""
        rule = self.rule if rule is None else rule
        if not rule or self.cut_frac <= 0.0:
            return np.ones(len(self.claims.asked))
        given = share_out(rule, self.claims, self.cut_frac, self.burdened)
        return np.clip(given / np.maximum(self.claims.asked, 1e-12), 0.0, 1.0)

    def orders(self, control: ControlGraph) -> list[Order]:
        """Orders to hold water back at the inlet valves, in the name of each valve's holder."""
        if not self.rule or self.cut_frac <= 0.0:
            return []
        back = 1.0 - self.given()
        orders = []
        for d in np.flatnonzero(back > 0.0):
            asset = control.assets[f"inlet_valves:{control.districts[d]}"]
            for holder in asset.holding.holders[:1]:
                orders.append(Order(holder, asset.name, "ration", float(back[d])))
        return orders

    def expected_h(self, electorate: Electorate) -> np.ndarray:
        """Deprivation-hours a head that each home expects under each rule, (rules, households)."""
        rows = []
        for rule in self.rules:
            burdened = self.outvoted(electorate) if rule == "majority" else None
            given = share_out(rule, self.claims, self.cut_frac, burdened)
            rows.append(self._expected_at_home(given, electorate))
        return np.array(rows)

    def _expected_at_home(self, given: np.ndarray, electorate: Electorate) -> np.ndarray:
        d = electorate.district
        stock_h = electorate.stock_h(self.network)
        return self._expected(home_share(self.claims, given)[d], self._need_frac()[d], stock_h)

    def _expected(self, share: np.ndarray, need: np.ndarray, stock_h: np.ndarray | float) -> np.ndarray:
        p = self.parameters
        return expected_deprivation_h(
            share=share,
            need_frac=need,
            stock_h=stock_h,
            weight=self.weight,
            growth_per_h=self.growth_per_h,
            hours=p.foreseen_h,
            comfort_per_h=p.comfort_per_h,
        )

    def _need_frac(self) -> np.ndarray:
        return self.claims.lifeline / np.maximum(self.claims.home, 1e-12)

    def outvoted(self, electorate: Electorate) -> np.ndarray:
        """Districts that bear the shortage by majority vote, bool (districts,).

        Every proposal stands against sharing alike. A district votes for it when its people, stocks at home
        counted, would be better off; the proposal with most votes wins if it has more than half of them,
        else all share alike and nobody is burdened.
        """
        claims, count = self.claims, len(self.claims.asked)
        persons = np.bincount(electorate.district, electorate.persons, count)
        voters = np.bincount(electorate.district, electorate.persons * electorate.votes, count)
        stock = np.bincount(
            electorate.district, electorate.persons * electorate.stock_h(self.network), count
        ) / np.maximum(persons, 1e-12)
        table = proposals(claims, voters)
        alike = share_out("proportional", claims, self.cut_frac)
        given = np.array([alike] + [share_out("majority", claims, self.cut_frac, row) for row in table])
        expected = self._expected(home_share(claims, given), self._need_frac(), stock)
        altruism = self.ballot.parameters.altruism if self.ballot is not None else 0.0
        utility = utilities(expected, persons, altruism)
        yes = (utility[1:] > utility[0] + 1e-9) @ voters
        best = int(yes.argmax()) if len(yes) else 0
        if not len(yes) or yes[best] <= 0.5 * voters.sum():
            return np.zeros(count, dtype=bool)
        return table[best]


def water_cut_frac(
    dam_m3: float,
    coming_m3_per_d: float,
    asked_m3_per_d: float,
    tanks_frac: float,
    parameters: RationingParameters,
) -> float:
    """Share of water demand to hold back so that the dam lasts, or that the mains' tanks do not run dry [1].

    The dam is drawn down over a horizon T: ``1 - (coming + dam / T) / asked``; tanks below their mark ask for
    more the lower they are.

    Parameters
    ----------
    coming_m3_per_d : inflow of late, wells and desalination
    tanks_frac : usable water in the mains' tanks over their volume

    >>> round(water_cut_frac(3000.0, 60.0, 200.0, 1.0, RationingParameters(dam_horizon_days=30.0)), 3)
    0.2
    >>> water_cut_frac(90_000.0, 60.0, 200.0, 1.0, RationingParameters(dam_horizon_days=30.0))
    0.0
    """
    p = parameters
    of_dam = 1.0 - (coming_m3_per_d + dam_m3 / p.dam_horizon_days) / max(asked_m3_per_d, 1e-12)
    low = 1.0 - tanks_frac / max(p.tanks_low_frac, 1e-12)
    cut = max(min(of_dam, 1.0), p.tanks_most_cut_frac * low)
    return cut if cut >= p.least_cut_frac else 0.0


def power_cut_frac(
    peak_ahead_mw: float, able_mw: float, shed_frac: float, parameters: RationingParameters
) -> float:
    """Share of load that will be missing: the peak ahead above what can run, or what was shed of late [1].

    >>> round(power_cut_frac(120.0, 108.0, 0.0, RationingParameters()), 3)
    0.1
    >>> power_cut_frac(90.0, 100.0, 0.0, RationingParameters())
    0.0
    """
    p = parameters
    missing = 1.0 - able_mw / max(peak_ahead_mw * (1.0 + p.power_margin_frac), 1e-12)
    late = shed_frac if shed_frac >= p.shed_least_frac else 0.0
    cut = max(missing, late)
    return cut if cut >= p.least_cut_frac or late > 0.0 else 0.0


def shed_weights(
    rationing: Rationing, feeder_district: np.ndarray, feeder_tier: np.ndarray, weights: tuple[float, ...]
) -> np.ndarray | tuple[float, ...]:
    """Relative value of serving each feeder's basic part and rest under the rule in force, (2, feeders).

    *weights* (tiers,) are the charter's, returned as they are while the operator decides. Critical
    customers keep theirs under every rule. ``proportional``: all others count alike, so that shedding goes
    round; ``lifeline_first``: every basic part before every rest; ``majority``: the burdened last.
    """
    if not rationing.rule or rationing.cut_frac <= 0.0:
        return weights
    low, high = min(weights), max(weights)
    alike = np.ones(len(feeder_district))
    if rationing.rule == "lifeline_first":
        value = np.stack([high * alike, low * alike])
    elif rationing.rule == "majority":
        one = np.where(rationing.burdened[feeder_district], low, 1.0)
        value = np.stack([one, one])
    else:
        value = np.stack([alike, alike])
    return np.where(feeder_tier == CRITICAL, weights[CRITICAL], value)


def water_claims(place: Place, persons: np.ndarray, need_l_per_person_day: float) -> Claims:
    """Water that districts ask in a mean hour [m3/h]; *persons* (districts,)."""
    case, count = place.water, len(place.districts)
    asked = np.bincount(case.junction_district, case.junction_demand_m3_per_h, count)
    homes = case.junction_demand_m3_per_h * (1.0 - case.junction_bulk_frac)
    home = np.bincount(case.junction_district, homes, count)
    lifeline = persons * need_l_per_person_day / HOURS_PER_DAY / LITRES_PER_M3
    return Claims(asked, home, np.minimum(lifeline, home))


def power_claims(place: Place, households: np.ndarray, need_kw: float) -> Claims:
    """Load that districts ask at the peak [MW]; *households* (districts,)."""
    feeders, count = place.feeders, len(place.districts)
    asked = np.bincount(feeders.district, feeders.peak_mw, count)
    at_home = feeders.tier == RESIDENTIAL
    home = np.bincount(feeders.district, feeders.peak_mw * at_home, count)
    return Claims(asked, home, np.minimum(households * need_kw / KW_PER_MW, home))
