"""What is measured: each outcome is a function of a record, with its unit and definition."""

import math
from typing import TYPE_CHECKING

from agentsim.outcomes import (
    adoption,
    bills,
    environment,
    equity,
    exposure,
    industry,
    mains,
    money,
    reliability,
    resources,
    social_cost,
    stability,
    traffic,
    transit,
)
from agentsim.outcomes.hourly import HourlyTotals
from agentsim.outcomes.record import OUTCOMES, Closing, Outcome, Record

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "OUTCOMES",
    "Closing",
    "HourlyTotals",
    "Outcome",
    "Record",
    "finite",
    "measure",
    "measured",
    "units",
]
# each registers its own
_MODULES = (
    *(equity, reliability, stability, adoption, mains, transit, traffic, money, bills, industry, social_cost),
    *(environment, exposure, resources),
)


def measured(record: Record) -> dict[str, float]:
    """All outcomes of a closed record, by name."""
    return {name: float(item.measure(record)) for name, item in OUTCOMES.items()}


def finite(value: float) -> float | None:
    """A value for JSON: None where it is not finite."""
    return float(value) if math.isfinite(value) else None


def units() -> dict[str, str]:
    """The unit of every outcome, by name."""
    return {name: item.unit for name, item in OUTCOMES.items()}


def measure(record: Record) -> "pd.Series":
    """All outcomes of a closed record, units in ``attrs["units"]``."""
    import pandas as pd  # here, because its import takes longer than a day of the model

    values = pd.Series(measured(record), dtype=float)
    values.attrs["units"] = units()
    return values
