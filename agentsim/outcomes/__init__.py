"""What is measured: each outcome is a function of a record, with its unit and definition."""

import pandas as pd

from agentsim.outcomes import environment, equity, exposure, money, reliability
from agentsim.outcomes.hourly import HourlyTotals
from agentsim.outcomes.record import OUTCOMES, Closing, Outcome, Record

__all__ = ["OUTCOMES", "Closing", "HourlyTotals", "Outcome", "Record", "measure"]
_MODULES = (equity, reliability, money, environment, exposure)  # each registers its own


def measure(record: Record) -> pd.Series:
    """All outcomes of a closed record, units in ``attrs["units"]``."""
    values = pd.Series({name: item.measure(record) for name, item in OUTCOMES.items()}, dtype=float)
    values.attrs["units"] = {name: item.unit for name, item in OUTCOMES.items()}
    return values
