"""Capture: how an attacker gains control of a principal (mechanisms S1).

Effort *e* against security *s* wins with probability ``q = e / (e + s)`` (Tullock 1980, contest success
function). Principals that use one vendor's system are captured together with probability beta: once one of
them is captured, so are all. A capture takes days (:mod:`agentsim.institutions.kill_chain`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter


@dataclass(frozen=True)
class CaptureParameters:
    """Security of the principals, in units of effort, and the common mode of a shared vendor."""

    security_control_room: float = parameter(4.0, "effort", "central room, mechanisms S1", "A", 0.01, 100)
    security_municipality: float = parameter(1.5, "effort", "mechanisms S1", "A", 0.01, 100)
    security_supplier: float = parameter(2.0, "effort", "mechanisms S1", "A", 0.01, 100)
    common_mode: float = parameter(0.3, "1", "beta: systems of one vendor are captured together", "A", 0, 1)
    security_vendor: float = parameter(
        3.0, "effort", "makers' clouds, AI vendors, generation companies", "A", 0.01, 100
    )
    security_platform: float = parameter(5.0, "effort", "record and vote platforms", "A", 0.01, 100)
    security_home_device: float = parameter(
        0.3, "effort", "devices that hang on no cloud, mechanisms S1", "A", 0.01, 100
    )
    step_days: tuple[int, ...] = parameter(
        (4, 2, 2), "d", "reconnaissance, foothold, privilege; Ukraine 2015 took over six months", "A", 0, 400
    )
    notice_chance: tuple[float, ...] = parameter(
        (0.02, 0.1, 0.1), "1", "that the step is noticed, and the attempt fails", "A", 0, 1
    )
    recon_effort_frac: float = parameter(0.3, "1", "of the effort goes into reconnaissance", "A", 0, 1)
    open_data_discount: float = parameter(
        0.3, "1", "r_pub: of reconnaissance, where the network's data are public", "A", 0, 1
    )
    alert_factor: float = parameter(2.0, "1", "security of a principal that noticed an attempt", "A", 1, 100)
    alert_days: int = parameter(14, "d", "for so long", "A", 0, 1000)


def capture_probability(effort: float, security: float) -> float:
    """Chance that *effort* wins against *security*, q = e / (e + s).

    >>> capture_probability(4.0, 4.0), round(capture_probability(4.0, 1.5), 2), capture_probability(0.0, 1.0)
    (0.5, 0.73, 0.0)
    """
    return effort / (effort + security) if effort > 0 else 0.0


def joint_probability(
    efforts: Mapping[str, float], security: Mapping[str, float], vendor: Mapping[str, str], common_mode: float
) -> float:
    """Chance that all *efforts* succeed; systems of one vendor are captured together with probability beta.

    For each vendor ``(1 - beta) prod q + beta (1 - prod (1 - q))``; vendors are independent.

    >>> towns = {"A": 1.0, "B": 1.0}
    >>> [joint_probability(towns, towns, dict.fromkeys(towns, "maker"), beta) for beta in (0.0, 1.0)]
    [0.25, 0.75]
    """
    groups: dict[str, list[float]] = {}
    for name, effort in efforts.items():
        groups.setdefault(vendor.get(name, name), []).append(capture_probability(effort, security[name]))
    chance = 1.0
    for each in groups.values():
        apart, none = math.prod(each), math.prod(1.0 - q for q in each)
        chance *= (1.0 - common_mode) * apart + common_mode * (1.0 - none) if len(each) > 1 else apart
    return chance


class Contest:
    """Which principals are captured by an attacker's efforts.

    Parameters
    ----------
    principals : all of them, in the order of the draws
    vendor : principal -> vendor of its system; principals without an entry have one of their own
    """

    def __init__(
        self,
        principals: tuple[str, ...],
        vendor: Mapping[str, str],
        parameters: CaptureParameters | None = None,
    ) -> None:
        self.principals = principals
        self.vendor = dict(vendor)
        self.parameters = parameters or CaptureParameters()
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
        if principal.endswith("_platform"):
            return p.security_platform
        if principal.endswith(("_vendor", "_cloud", "_company")):
            return p.security_vendor
        return p.security_home_device if principal == "households" else p.security_control_room

    def fallen(
        self, efforts: Mapping[str, float], draw: np.ndarray, alerted: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """Principals captured by *efforts*, with uniform draws, array (:attr:`draws`,).

        Those who are *alerted*, because they noticed an attempt, are the more secure.
        """
        chance = {
            name: capture_probability(
                effort, self.security(name) * (self.parameters.alert_factor if name in alerted else 1.0)
            )
            for name, effort in efforts.items()
        }
        taken = {
            principal
            for row, principal in enumerate(self.principals, start=len(self._vendors))
            if draw[row] < chance.get(principal, 0.0)
        }
        for row, vendor in enumerate(self._vendors):
            own = {principal for principal in self.principals if self.vendor.get(principal) == vendor}
            if taken & own and draw[row] < self.parameters.common_mode:
                taken |= own
        return tuple(principal for principal in self.principals if principal in taken)
