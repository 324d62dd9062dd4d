"""An attacker's estimate of the chance of a sanction, and how heavy a sanction weighs (mechanisms S12)."""

from dataclasses import dataclass, field


@dataclass
class Episode:
    """Days of striking, for which a sanction is paid at most once."""

    first_hour: int
    last_hour: int
    days: int = 0
    over: bool = False
    judged: bool = False  # abuse in it was proven once; whether its sanction is carried out is decided
    sanctioned: bool = False
    weight: float = 1.0  # of this experience


@dataclass
class Belief:
    """Episodes with and without a sanction, Beta distributed; p-hat is the mean.

    The prior counts episodes that are proven. The share of sanctions that are carried out is public: before
    any experience a sanction is expected for that share of them. After that only experience counts. An
    episode that is over counts as one without a sanction until a sanction for it is paid.

    >>> knows = Belief(2.0, 8.0)
    >>> knows.p_hat(1.0), knows.p_hat(0.25)
    (0.2, 0.05)
    >>> for hour in range(10):
    ...     knows.begin(hour).sanctioned = True
    >>> knows.p_hat(1.0)
    0.6
    """

    prior_proven: float
    prior_unproven: float
    episodes: list[Episode] = field(default_factory=list)

    def p_hat(self, enforcement: float) -> float:
        """Expected chance that an episode of striking is sanctioned: proven, and the sanction carried out."""
        sanctioned = sum(one.weight for one in self.episodes if one.sanctioned)
        free = sum(one.weight for one in self.episodes if one.over and not one.sanctioned)
        seen = self.prior_proven + self.prior_unproven + sanctioned + free
        return (self.prior_proven * enforcement + sanctioned) / seen

    def begin(self, hour: int) -> Episode:
        """A new episode, under way from this hour on."""
        self.episodes.append(Episode(hour, hour))
        return self.episodes[-1]

    def within(self, since: float, hour: int) -> list[tuple[int, Episode]]:
        """Episodes with strikes from *since* to *hour* that have not been judged, and their numbers."""
        return [
            (number, one)
            for number, one in enumerate(self.episodes)
            if not one.judged and one.first_hour <= hour and one.last_hour >= since
        ]

    def fade(self, left: float) -> None:
        """Forget experience: the share *left* of each episode's weight remains, the prior stays."""
        for one in self.episodes:
            one.weight *= left


def felt_sanction(chance: float, size: float, loss_aversion: float, exponent: float) -> float:
    """Smallest gain that outweighs a sanction of *size* with this *chance*: F (lambda p)^(1/b) [units].

    Expected utility with loss aversion: u(x) = x^b of a gain, -lambda (-x)^b of a loss (Tversky and Kahneman
    1992). The sanction comes weeks after the gain and is weighed as a loss of its own, so that an attack pays
    if g^b > p lambda F^b. With b < 1 one per cent more certainty deters more than one per cent more severity;
    lambda = b = 1 is risk-neutral, p F.

    >>> felt_sanction(0.25, 80.0, 1.0, 1.0)
    20.0
    >>> felt_sanction(0.4, 100.0, 2.0, 0.5) > felt_sanction(0.2, 200.0, 2.0, 0.5)
    True
    """
    return size * (loss_aversion * chance) ** (1.0 / exponent)
