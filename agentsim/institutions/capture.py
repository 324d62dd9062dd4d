"""Capture: how a bad actor gets hold of a principal (mechanisms S1).

Effort *e* against security *s* wins with probability ``q = e / (e + s)`` (Tullock 1980, contest success
function). Principals whose rooms run one vendor's system fall together with probability beta: once one of
them is taken, so are all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from agentsim.parameters import parameter


@dataclass(frozen=True)
class Parameters:
    """Security of the principals, in units of effort, and the common mode of a shared vendor."""

    security_control_room: float = parameter(4.0, "effort", "central room, mechanisms S1", "A", 0.01, 100)
    security_municipality: float = parameter(1.5, "effort", "mechanisms S1", "A", 0.01, 100)
    security_supplier: float = parameter(2.0, "effort", "mechanisms S1", "A", 0.01, 100)
    common_mode: float = parameter(0.3, "1", "beta: one vendor's rooms fall together", "A", 0, 1)


def capture_probability(effort: float, security: float) -> float:
    """Chance that *effort* wins against *security*, q = e / (e + s).

    >>> capture_probability(4.0, 4.0), round(capture_probability(4.0, 1.5), 2), capture_probability(0.0, 1.0)
    (0.5, 0.73, 0.0)
    """
    return effort / (effort + security) if effort > 0 else 0.0


def expected_loss_frac(principals: int, attacked: int, probability: float, common_mode: float) -> float:
    """Share of equal principals that is lost when *attacked* of them, one vendor's all, are tried.

    With beta = 0 it is m q / N, with beta = 1 it is 1 - (1 - q)^m (mechanisms S1, analytic check).

    >>> [round(expected_loss_frac(8, 8, 0.5, beta), 3) for beta in (0.0, 1.0)]
    [0.5, 0.996]
    """
    apart = attacked * probability / principals
    together = 1.0 - (1.0 - probability) ** attacked
    return (1.0 - common_mode) * apart + common_mode * together


class Contest:
    """Who falls when a bad actor spends its efforts.

    Parameters
    ----------
    principals : all of them, in the order of the draws
    vendor : principal -> vendor of its system; principals without an entry have one of their own
    """

    def __init__(
        self, principals: tuple[str, ...], vendor: Mapping[str, str], parameters: Parameters | None = None
    ) -> None:
        self.principals = principals
        self.vendor = dict(vendor)
        self.parameters = parameters or Parameters()
        self._vendors = tuple(sorted(set(self.vendor.values())))

    @property
    def draws(self) -> int:
        """Uniform draws that :meth:`fallen` takes: one for each vendor, then one for each principal."""
        return len(self.principals) + len(self._vendors)

    def security(self, principal: str) -> float:
        """Security of a principal by its kind [effort]."""
        p = self.parameters
        if principal.startswith("municipality:"):
            return p.security_municipality
        if principal.startswith("supplier:"):
            return p.security_supplier
        return p.security_control_room

    def fallen(self, efforts: Mapping[str, float], draw: np.ndarray) -> tuple[str, ...]:
        """Principals taken by *efforts*, with uniform draws, array (:attr:`draws`,)."""
        taken = {
            principal
            for row, principal in enumerate(self.principals, start=len(self._vendors))
            if draw[row] < capture_probability(efforts.get(principal, 0.0), self.security(principal))
        }
        for row, vendor in enumerate(self._vendors):
            own = {principal for principal in self.principals if self.vendor.get(principal) == vendor}
            if taken & own and draw[row] < self.parameters.common_mode:
                taken |= own
        return tuple(principal for principal in self.principals if principal in taken)
