"""Votes on how a shortage is shared: people choose the rule under which they expect least deprivation.

A voter's utility of a rule is ``u = -(own expected deprivation) - alpha (that of the others)``. Some voters
see little difference; where an AI proposes a rule, some of them follow it. No outcome is preset: a rule that
deprives a minority wins where a majority of voters prefers it.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams


@dataclass(frozen=True)
class VotingParameters:
    """How people vote."""

    decision_h: float = parameter(
        48.0, "h", "from the beginning of a shortage to the count, 24-72 h, mechanisms S13", "A", 0, 720
    )
    altruism: float = parameter(
        0.2, "1", "weight alpha of the others' deprivation, mechanisms S13", "A", 0, 1
    )
    undecided_frac: float = parameter(
        0.3, "1", "voters who see least difference between the best two rules", "A", 0, 1
    )
    follow_frac: float = parameter(0.7, "1", "of the undecided, who vote as the AI proposes", "A", 0, 1)
    recommender_bias: float = parameter(
        0.2, "1", "weight of the highest decile over the mean in what the AI learnt from", "A", -1, 1
    )
    recommender_noise: float = parameter(
        0.1, "1", "half-range of its error on the utility of a rule, in spreads of the rules", "A", 0, 10
    )


@dataclass(frozen=True, slots=True)
class Electorate:
    """Those who are called to vote; arrays (households,)."""

    persons: np.ndarray  # real people each row stands for
    district: np.ndarray
    decile: np.ndarray
    votes: np.ndarray  # bool: turns out
    water_stock_h: np.ndarray  # hours that bottles at home last
    power_stock_h: np.ndarray  # hours that batteries at home last

    def stock_h(self, network: str) -> np.ndarray:
        """Hours that stocks at home last in a cut of *network* [h]."""
        return self.water_stock_h if network == "water" else self.power_stock_h


@dataclass(frozen=True, slots=True)
class Count:
    """The result of a vote."""

    rule: str
    share: dict[str, float]  # of the votes, by rule, as cast
    turnout_frac: float  # of people
    proposed: str = ""  # by the AI
    forged: bool = False  # the count that was announced is not the one that was cast


def utilities(expected_h: np.ndarray, persons: np.ndarray, altruism: float) -> np.ndarray:
    """Utility of each rule to each home, ``-(own + alpha x mean of all)``, array (rules, households).

    Parameters
    ----------
    expected_h : deprivation-hours a head that each home expects under each rule, (rules, households)
    persons : weights, array (households,)

    >>> utilities(np.array([[0.0, 4.0], [2.0, 2.0]]), np.array([3.0, 1.0]), 0.5).tolist()
    [[-0.5, -4.5], [-3.0, -3.0]]
    """
    others = expected_h @ persons / max(float(persons.sum()), 1e-12)
    return -(expected_h + altruism * others[:, None])


class Ballot:
    """A vote among the rules of a charter.

    Parameters
    ----------
    rules : what is on the ballot, in this order
    subject : what it is about, which gives the vote its own chance
    advised : an AI proposes a rule to the undecided
    """

    def __init__(
        self,
        rules: tuple[str, ...],
        streams: Streams,
        subject: str,
        advised: bool,
        parameters: VotingParameters | None = None,
    ) -> None:
        self.rules, self.streams, self.subject, self.advised = rules, streams, subject, advised
        self.parameters = parameters or VotingParameters()

    def count(
        self,
        hour: int,
        expected_h: np.ndarray,
        electorate: Electorate,
        seized: tuple[str, ...] = (),
        seized_for: int = -1,
    ) -> Count:
        """Hold the vote.

        Parameters
        ----------
        expected_h : deprivation-hours that each home expects under each rule, (rules, households)
        seized : platforms that an attacker controls: ``recommender`` proposes, and ``vote`` announces, the
            rule that is worst for district *seized_for* (-1: for everybody)
        """
        p, people = self.parameters, electorate
        utility = utilities(expected_h, people.persons, p.altruism)
        choice = utility.argmax(axis=0)
        proposed = self._proposal(hour, utility, electorate, seized, seized_for) if self.advised else -1
        if proposed >= 0:
            choice = np.where(self._swayed(hour, utility, electorate), proposed, choice)
        weight = people.persons * people.votes
        cast = np.bincount(choice, weight, len(self.rules))
        total = max(float(cast.sum()), 1e-12)
        forged = "vote" in seized
        winner = self._worst_for(utility, electorate, seized_for) if forged else int(cast.argmax())
        return Count(
            rule=self.rules[winner],
            share={rule: float(cast[i] / total) for i, rule in enumerate(self.rules)},
            turnout_frac=total / max(float(people.persons.sum()), 1e-12),
            proposed=self.rules[proposed] if proposed >= 0 else "",
            forged=forged,
        )

    def _swayed(self, hour: int, utility: np.ndarray, electorate: Electorate) -> np.ndarray:
        """Undecided homes that follow the AI, bool (households,)."""
        p = self.parameters
        if len(self.rules) < 2:
            return np.zeros(utility.shape[1], dtype=bool)
        best_two = np.sort(utility, axis=0)[-2:]
        margin = np.where(electorate.votes, best_two[1] - best_two[0], np.inf)
        undecided = round(p.undecided_frac * int(electorate.votes.sum()))
        order = np.argsort(margin, kind="stable")
        follows = self.streams.uniform(f"follow/{self.subject}", hour, len(margin)) < p.follow_frac
        swayed = np.zeros(len(margin), dtype=bool)
        swayed[order[:undecided]] = True
        return swayed & follows

    def _proposal(
        self,
        hour: int,
        utility: np.ndarray,
        electorate: Electorate,
        seized: tuple[str, ...],
        seized_for: int,
    ) -> int:
        """The rule that the AI rates best: mean utility over people, weighted by income."""
        if "recommender" in seized:
            return self._worst_for(utility, electorate, seized_for)
        p = self.parameters
        heard = electorate.persons * (1.0 + p.recommender_bias * (electorate.decile - 4.5) / 4.5)
        mean = utility @ heard / max(float(heard.sum()), 1e-12)
        noise = 2.0 * self.streams.uniform(f"recommender/{self.subject}", hour, len(self.rules)) - 1.0
        return int((mean + p.recommender_noise * float(np.ptp(mean)) * noise).argmax())

    def _worst_for(self, utility: np.ndarray, electorate: Electorate, district: int) -> int:
        there = electorate.persons * ((electorate.district == district) | (district < 0))
        return int((utility @ there).argmin())
