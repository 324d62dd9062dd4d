"""The actions of an attacker (A1 to A9), the orders they consist of, and what each costs.

An action is a row of :data:`ACTIONS`: which orders to which assets it needs (of each group of assets the
first that can be operated), what its target is, and which kinds of attacker use it.
"""

from dataclasses import dataclass

from agentsim.core.messages import Order
from agentsim.core.parameters import parameter
from agentsim.institutions.capture import Contest
from agentsim.institutions.control_graph import NETWORK_OF, Asset, ControlGraph

CITY = "city"  # target of an action that affects the whole city


@dataclass(frozen=True)
class BadActorParameters:
    """Running cost and strength of the actions, the random mind's habit, and what each kind wants."""

    cost_per_day: tuple[float, ...] = parameter(
        (2.0, 3.0, 1.0, 2.0, 6.0, 2.0, 4.0, 5.0, 8.0),
        "units/d",
        "A1 to A9: open cut, hidden cut, withholding (a unit), valves, dosing, closure, embargo and"
        " hoarding, home devices, platforms",
        "A",
        0,
        1000,
    )
    action_chance: float = parameter(0.5, "1", "random mind: each action each day", "A", 0, 1)
    hidden_cut_fracs: tuple[float, ...] = parameter(
        (0.2, 0.1, 0.4), "1", "share that a hidden cut takes, the usual one first", "A", 0, 1
    )
    withheld_unit_fracs: tuple[float, ...] = parameter(
        (0.5, 1.0), "1", "share of its units that their owner does not offer, the usual one first", "A", 0, 1
    )
    hoarding_frac: float = parameter(0.5, "1", "share of capacity that hoarding withholds", "A", 0, 1)
    overdose_frac: float = parameter(
        100.0, "1", "chemicals over the right dose; Oldsmar 2021: 100 to 11,100 ppm", "V2", 1, 1e6
    )
    deprivation_weight: tuple[float, ...] = parameter(
        (0.02, 0.0, 1.0, 0.0),
        "units",
        "worth of a weighted deprivation-hour per person, to coercer (in its district, beside a concession),"
        " rent_seeker, saboteur (in the city), cartel",
        "A",
        0,
        1000,
    )
    campaign_weight: float = parameter(
        0.1,
        "units",
        "worth of a weighted deprivation-hour per person in its district to a coercer to whom nobody"
        " concedes; a siege of 16 days is then worth about five concessions",
        "A",
        0,
        1000,
    )
    output_weight: tuple[float, ...] = parameter(
        (0.0, 0.0, 1.0, 0.0), "units", "worth of an hour of the city's whole output lost", "A", 0, 1000
    )
    profit_weight: tuple[float, ...] = parameter(
        (0.0, 1.0, 0.0, 1.0), "units", "worth of a million JPY more income of its own", "A", 0, 1000
    )
    concession_value: float = parameter(60.0, "units", "V, of a district that gives in to a coercer", "A", 0)
    prize: tuple[float, ...] = parameter(
        (60.0, 60.0, 200.0, 200.0), "units", "what a campaign seems worth before it begins", "A", 0
    )
    prior_proven: float = parameter(
        2.0, "episodes", "Beta prior of p-hat, before the share that is enforced, mechanisms S12", "A", 0.01
    )
    prior_unproven: float = parameter(8.0, "episodes", "Beta prior of p-hat", "A", 0.01)
    loss_aversion: float = parameter(
        2.25, "1", "lambda: a loss weighs so much more, Tversky & Kahneman 1992; varied 1-3", "A", 0.1, 10
    )
    value_exponent: float = parameter(
        0.88, "1", "b: of gains and losses in utility, Tversky & Kahneman 1992; varied 0.5-1.2", "A", 0.1, 3
    )
    memory_per_day: float = parameter(0.98, "1", "what is left of experience after a day's rest", "A", 0, 1)
    episode_days: int = parameter(7, "d", "of striking, after which it draws a lesson", "A", 1, 365)
    return_days: int = parameter(14, "d", "rest after it has won or given up", "A", 1, 3650)
    threshold_h: float = parameter(
        36.0, "h", "what it believes a district can bear, weighted deprivation-hours per person", "A", 0
    )
    revocation_belief: float = parameter(
        0.2, "1", "chance that a monitor ends its captor's powers in an episode, where it may", "A", 0, 1
    )
    recall_belief: float = parameter(
        0.2, "1", "chance that citizens turn a captor out in an episode, where they may", "A", 0, 1
    )

    def of(self, kind: str, until_concession: bool = False) -> tuple[float, float, float]:
        """Weights of deprivation, of lost output and of profit in the gains of a kind."""
        k = KINDS.index(kind) - 1
        campaign = kind == "coercer" and not until_concession
        deprivation = self.campaign_weight if campaign else self.deprivation_weight[k]
        return deprivation, self.output_weight[k], self.profit_weight[k]

    def prize_of(self, kind: str) -> float:
        """What a campaign seems worth to a kind before it begins [units]."""
        return self.prize[KINDS.index(kind) - 1]


KINDS = ("none", "coercer", "rent_seeker", "saboteur", "cartel")
DISTRICT, SUPPLIER = "district", "supplier"
HARM = ("coercer", "saboteur")


@dataclass(frozen=True)
class Action:
    """One row of the table: the orders that are needed, the target, and the kinds of attacker that use it.

    ``needs`` is (order, classes of assets) for each group, of which the first possible asset is enough.
    """

    needs: tuple[tuple[str, tuple[str, ...]], ...]
    kinds: tuple[str, ...] = HARM
    at: str = DISTRICT
    usual: bool = True  # the random mind uses it


def _hidden(network: str, *assets: str) -> Action:
    return Action((("restrict", assets), ("forge", (f"{network}_record",))))


def _platform(name: str) -> Action:
    return Action((("seize", (name,)),))


# In the order of the random mind's draws, so new actions come last. A name begins with its code.
ACTIONS: dict[str, Action] = {
    "A1": Action((("restrict", ("breakers", "section_switches")),), ("coercer", "rent_seeker", "saboteur")),
    "A4": Action((("restrict", ("inlet_valves", "trunk_valves")),)),
    "A6": Action((("restrict", ("road_closures", "signals")),)),
    "A7": Action((("withhold", ("terminals",)),), ("rent_seeker", "saboteur", "cartel"), SUPPLIER),
    "A2 power": _hidden("power", "breakers", "section_switches"),
    "A2 water": _hidden("water", "inlet_valves"),
    "A3": Action((("withhold", ("generators",)),), ("rent_seeker", "saboteur"), CITY),
    "A5": Action((("dose", ("dosing",)),), ("saboteur",), CITY),
    "A8": Action((("switch", ("home_devices",)),)),
    "A9 ledger": _platform("ledger"),
    "A9 vote": _platform("vote"),
    "A9 recommender": _platform("recommender"),
    "A7 hidden": Action(
        (("withhold", ("terminals",)), ("forge", ("supply_record",))),
        ("rent_seeker", "saboteur", "cartel"),
        SUPPLIER,
        usual=False,
    ),
    "A6 fleet": Action((("restrict", ("automated_cars",)),), at=CITY),
    "A6 spoof": Action((("spoof", ("detectors",)),), usual=False),
    "A5 wells": Action((("dose", ("well_dosing",)),), ("saboteur",)),
    "A5 plant": Action((("dose", ("plant_dosing",)),), ("saboteur",), CITY),
}


@dataclass(frozen=True, order=True)
class Strike:
    """One action against one place (a district, a supplier's terminals, the city), at a strength."""

    action: str
    where: str
    value: float = 1.0

    @property
    def code(self) -> str:
        """A1 to A9."""
        return self.action[:2]

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks that it abuses.

        >>> Strike("A2 water", "Harbour").networks, Strike("A9 ledger", "Harbour").networks
        (('water',), ('institutions',))
        """
        return tuple(dict.fromkeys(NETWORK_OF[kinds[0]] for _, kinds in ACTIONS[self.action].needs))

    @property
    def grip(self) -> tuple[str, tuple[str, ...]]:
        """Place and first asset: two strikes with the same grip operate the same asset."""
        return self.where, ACTIONS[self.action].needs[0][1][:1]


def parse_strike(text: str) -> Strike:
    """A strike as a scenario writes it: action, place and, unless it is 1, strength.

    Raises
    ------
    ValueError : no action of that name, or no place

    >>> parse_strike("A2 power Old Town 0.2")
    Strike(action='A2 power', where='Old Town', value=0.2)
    """
    for action in sorted(ACTIONS, key=len, reverse=True):
        if text.startswith(f"{action} "):
            words = text[len(action) :].split()
            value = 1.0
            if len(words) > 1 and words[-1].replace(".", "", 1).isdigit():
                value = float(words.pop())
            return Strike(action, " ".join(words), value)
    known = ", ".join(ACTIONS)
    raise ValueError(f"{text!r} is no strike; write an action, a place and a strength; actions: {known}")


def strengths(action: str, numbers: BadActorParameters) -> tuple[float, ...]:
    """How strongly an action may be carried out, the usual strength first."""
    if action.startswith("A2"):
        return numbers.hidden_cut_fracs
    if action == "A3":
        return numbers.withheld_unit_fracs
    if action.startswith("A5"):
        return (numbers.overdose_frac,)
    return (1.0, numbers.hoarding_frac) if action == "A7" else (1.0,)


def cost_per_day(strike: Strike, numbers: BadActorParameters, units_owned: int = 1) -> float:
    """What a day of a strike costs; withholding by the generating unit that is held back [units/d].

    >>> cost_per_day(Strike("A3", "city", 0.5), BadActorParameters(), units_owned=8)
    4.0
    """
    cost = numbers.cost_per_day[int(strike.code[1]) - 1]
    return cost * strike.value * units_owned if strike.code == "A3" else cost


def without_clashes(strikes: tuple[Strike, ...]) -> tuple[Strike, ...]:
    """Strikes of which no two operate the same asset: the first of each.

    >>> [s.action for s in without_clashes((Strike("A1", "North"), Strike("A2 power", "North", 0.2)))]
    ['A1']
    """
    return tuple({strike.grip: strike for strike in reversed(strikes)}.values())[::-1]


class Arsenal:
    """The assets of a city that an attacker could operate.

    Parameters
    ----------
    absent : classes of assets of which the city has none
    """

    def __init__(self, control: ControlGraph, contest: Contest, absent: frozenset[str] = frozenset()) -> None:
        self.control, self.contest, self.absent = control, contest, absent

    def assets(self, classes: tuple[str, ...], where: str) -> list[Asset]:
        """The assets of these classes at a place or city-wide, in the order of the classes."""
        known = self.control.assets
        names = [(kind, f"{kind}:{where}") for kind in classes if kind not in self.absent]
        return [known[n] if n in known else known[kind] for kind, n in names if n in known or kind in known]

    def missing(self, strike: Strike, held: frozenset[str]) -> tuple[str, ...] | None:
        """Principals that must still be captured to carry out a strike; None where it is impossible."""
        missing: dict[str, None] = {}
        for _, classes in ACTIONS[strike.action].needs:
            ways = [self._missing(asset, held) for asset in self.assets(classes, strike.where)]
            open_ways = [way for way in ways if way is not None]
            if not open_ways:
                return None
            shortest: tuple[str, ...] = min(open_ways, key=len)
            missing |= dict.fromkeys(shortest)
        return tuple(missing)

    def _missing(self, asset: Asset, held: frozenset[str]) -> tuple[str, ...] | None:
        """Principals that must still be captured to operate the asset: all holders, or the least secure."""
        if not self.control.needs_edge:
            return ()
        holders = asset.holding.holders
        usable = [who for who in holders if self.control.may_abuse(who, asset.name)]
        if asset.holding.authority == "both":
            return tuple(who for who in holders if who not in held) if usable == list(holders) else None
        if not usable:
            return None
        return () if held & set(usable) else (min(usable, key=self.contest.security),)

    def orders(self, strike: Strike, captured: tuple[str, ...]) -> list[Order]:
        """Orders that carry out a strike with the first assets possible; none if an edge is missing."""
        orders: list[Order] = []
        for verb, classes in ACTIONS[strike.action].needs:
            found = self._order(verb, classes, strike, captured)
            if not found:
                return []
            orders += found
        return orders

    def _order(
        self, verb: str, classes: tuple[str, ...], strike: Strike, captured: tuple[str, ...]
    ) -> list[Order]:
        held = frozenset(captured)
        for asset in self.assets(classes, strike.where):
            if self._missing(asset, held) == ():
                able = [who for who in asset.holding.holders if who in held]
                able = [who for who in able if self.control.may_abuse(who, asset.name)] or list(captured[:1])
                return [Order(who, asset.name, verb, self._value(verb, strike)) for who in able]
        return []

    def _value(self, verb: str, strike: Strike) -> float:
        if verb == "forge":
            return 1.0
        # a platform is turned against a district
        return float(self.control.districts.index(strike.where)) if verb == "seize" else strike.value
