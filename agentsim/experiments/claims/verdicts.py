"""Verdicts on a claimed change: from its interval, its p-value, and the margin below which it is none."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

SUPPORTED, REVERSED = "supported", "reversed"
NOT_SUPPORTED, UNDECIDED = "not supported", "undecided"
NOT_YET = "not judged yet"
VERDICTS = (SUPPORTED, REVERSED, NOT_SUPPORTED, UNDECIDED, NOT_YET)
LEVEL = 0.05  # of the p-values that are corrected for all claims judged together


@dataclass(frozen=True)
class Effect:
    """The change of one outcome that a claim speaks of: paired differences to no policy over *n* seeds.

    ``low`` and ``high`` bound the 95 % interval, ``base`` is the mean without the measures, and ``margin``
    the largest change that counts as none, in the unit of the outcome.
    """

    outcome: str
    unit: str
    claimed_sign: int
    base: float
    difference: float
    low: float
    high: float
    margin: float
    n: int
    method: str
    p_value: float
    p_adjusted: float = math.nan

    @property
    def verdict(self) -> str:
        """``not supported`` where the interval lies within the margin; then ``supported`` or ``reversed``
        where it excludes 0, also after the correction for all claims; else ``undecided``.
        """
        if -self.margin <= self.low and self.high <= self.margin:
            return NOT_SUPPORTED
        if not (self.low > 0.0 or self.high < 0.0) or not self.p_adjusted <= LEVEL:
            return UNDECIDED
        return SUPPORTED if (self.low > 0.0) == (self.claimed_sign > 0) else REVERSED


def together(verdicts: Sequence[str]) -> str:
    """The verdict on a claim of several changes, which holds only if each of them does.

    >>> together(["supported", "supported"]), together(["supported", "undecided", "reversed"])
    ('supported', 'reversed')
    """
    if all(one == SUPPORTED for one in verdicts):
        return SUPPORTED
    return next((one for one in (REVERSED, NOT_SUPPORTED) if one in verdicts), UNDECIDED)


def confirmed(first: str, second: str) -> str:
    """The verdict of two disjoint sets of seeds: the one that both give, else ``undecided``.

    >>> confirmed("supported", "supported"), confirmed("supported", "undecided")
    ('supported', 'undecided')
    """
    return first if first == second else UNDECIDED


def contradicts(first: str, second: str) -> bool:
    """Whether one set of seeds supports what the other reverses; then the method itself is in doubt."""
    return {first, second} == {SUPPORTED, REVERSED}


def deciding(effects: Sequence[Effect]) -> Effect:
    """The change that a claim of several is decided by: the first with the verdict of the whole; of several
    that are supported or undecided the least sure one.
    """
    whole = together([effect.verdict for effect in effects])
    alike = [effect for effect in effects if effect.verdict == whole]
    if whole in (SUPPORTED, UNDECIDED):
        return max(alike, key=lambda effect: 1.0 if math.isnan(effect.p_adjusted) else effect.p_adjusted)
    return alike[0]
