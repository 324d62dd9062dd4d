"""An attacker's estimate of the chance of a sanction: p-hat, by counts (mechanisms S12)."""

from dataclasses import dataclass


@dataclass
class Belief:
    """Episodes with and without a sanction, Beta distributed; p-hat is the mean.

    >>> knows = Belief(2.0, 8.0)
    >>> knows.p_hat
    0.2
    >>> for _ in range(10):
    ...     knows.learn(sanctioned=True)
    >>> knows.p_hat
    0.6
    """

    prior_sanctioned: float
    prior_unsanctioned: float
    sanctioned: float = 0.0
    unsanctioned: float = 0.0

    @property
    def p_hat(self) -> float:
        """Expected chance that an episode of striking is sanctioned."""
        bad = self.prior_sanctioned + self.sanctioned
        return bad / (bad + self.prior_unsanctioned + self.unsanctioned)

    def learn(self, sanctioned: bool) -> None:
        """One more episode."""
        if sanctioned:
            self.sanctioned += 1.0
        else:
            self.unsanctioned += 1.0

    def fade(self, left: float) -> None:
        """Forget experience: the share *left* of the counts remains, the prior stays."""
        self.sanctioned *= left
        self.unsanctioned *= left
