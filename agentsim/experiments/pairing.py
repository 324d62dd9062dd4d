"""Which value of a run enters a comparison, and which runs are paired.

What was prevented counts as prevented. A delay (time to detection, time to revocation) begins with an abuse
and has no value in a run without one. Leaving such a run out would hide that a policy prevented the abuse. So
the *restricted mean* is compared: the hours within the run during which an abuse stood undetected, or its
author kept the authority. A run without an abuse has 0 such hours; a run in which nobody found the abuse has
all hours up to its end. Where no run has an abuse, delays stay undefined. A run in which an outcome of
another kind has no value is left out, with its pair. The table says how many runs had no value.
"""

from collections.abc import Iterable, Mapping

from agentsim.experiments.statistics.intervals import kind_of

Outcomes = Mapping[str, float | None]


def delays_that_began(runs: Iterable[Outcomes]) -> set[str]:
    """The delays that have a value in at least one of the runs that are compared with one another."""
    return {
        name
        for outcomes in runs
        for name, value in outcomes.items()
        if value is not None and kind_of(name) == "delay"
    }


def compared(outcomes: Outcomes, name: str, began: set[str]) -> float | None:
    """The value of a run that is compared: 0 h for a delay that did not begin here but did elsewhere."""
    value = outcomes.get(name)
    return 0.0 if value is None and name in began else value
