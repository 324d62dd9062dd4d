"""Outcomes of bills by who pays them: by income, and by whether a home makes power of its own."""

import numpy as np

from agentsim.core.units import HOURS_PER_MONTH
from agentsim.outcomes.record import Record, outcome

DECILES = 10


def monthly_bill_jpy(record: Record) -> np.ndarray:
    """Bill of each simulated home, array (households,) [JPY/month]."""
    return record.closing.bill_jpy * (HOURS_PER_MONTH / max(record.lived, 1))


def bills_by_decile_jpy(record: Record, rows: np.ndarray | None = None) -> np.ndarray:
    """Mean bill of each tenth of homes by income, poorest first, array (10,) [JPY/month]; nan: no home.

    *rows*, bool (households,), are the homes that count; None: all.
    """
    counts = np.ones(record.closing.decile.size) if rows is None else rows.astype(float)
    homes = np.bincount(record.closing.decile, counts, DECILES)
    total = np.bincount(record.closing.decile, counts * monthly_bill_jpy(record), DECILES)
    return np.divide(total, homes, out=np.full(DECILES, np.nan), where=homes > 0)


def _mean_over_deciles_jpy(record: Record, rows: np.ndarray) -> float:
    """Mean bill of some homes [JPY/month]; each tenth of incomes counts the same: richer ones own more."""
    bills = bills_by_decile_jpy(record, rows)
    return float(np.nanmean(bills)) if rows.any() else float("nan")


@outcome("JPY/month", "Bill of the poorest tenth", "光熱・水道代(所得下位10 %)", kind="balance")
def bill_lowest_decile_jpy_per_month(record: Record) -> float:
    """Bill of a home and month (see bill_jpy_per_household_month), mean over the tenth of homes with the
    lowest incomes.
    """
    return float(bills_by_decile_jpy(record)[0])


@outcome("JPY/month", "Bill of the richest tenth", "光熱・水道代(所得上位10 %)", kind="balance")
def bill_highest_decile_jpy_per_month(record: Record) -> float:
    """Bill of a home and month (see bill_jpy_per_household_month), mean over the tenth of homes with the
    highest incomes.
    """
    return float(bills_by_decile_jpy(record)[-1])


@outcome(
    "JPY/month", "Bill of homes with own power", "光熱・水道代(太陽光・蓄電池のある世帯)", kind="balance"
)
def bill_adopters_jpy_per_month(record: Record) -> float:
    """Bill of a home and month (see bill_jpy_per_household_month), mean over homes with panels or a battery,
    with what they pay off for those that a policy brought. Each tenth of incomes counts the same, because
    richer homes own more. It is undefined if no home has any.
    """
    return _mean_over_deciles_jpy(record, record.closing.prosumes)


@outcome(
    "JPY/month", "Bill of homes without own power", "光熱・水道代(太陽光・蓄電池のない世帯)", kind="balance"
)
def bill_others_jpy_per_month(record: Record) -> float:
    """Bill of a home and month (see bill_jpy_per_household_month), mean over homes with neither panels nor a
    battery; each tenth of incomes counts the same. It is undefined if every home has some.
    """
    return _mean_over_deciles_jpy(record, ~record.closing.prosumes)
