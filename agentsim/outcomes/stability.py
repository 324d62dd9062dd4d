"""Outcomes of how the loss of power is spread over outages: many small ones, or few large ones.

Mitigation of small outages can make large ones more frequent (Dobson et al. 2007, Chaos 17), so that a mean
alone does not say whether supply became more stable. An outage is a run of successive hours in which some
customer in the city got less than was asked.
"""

import math

import numpy as np

from agentsim.outcomes.record import Record, outcome, share

LARGEST_FRAC = 0.1  # of the outages


def outage_sizes_mwh(unserved_mwh: np.ndarray) -> np.ndarray:
    """Energy not supplied in each outage, array (outages,) [MWh], from that of each hour, (hours,).

    >>> outage_sizes_mwh(np.array([0.0, 2.0, 3.0, 0.0, 1.0])).tolist()
    [5.0, 1.0]
    """
    dark = unserved_mwh > 0.0
    begins = dark & ~np.concatenate([[False], dark[:-1]])
    if not begins.any():
        return np.zeros(0)
    number = np.cumsum(begins)[dark] - 1
    return np.bincount(number, unserved_mwh[dark])


def _sizes(record: Record) -> np.ndarray:
    return outage_sizes_mwh(record.at["power_unserved_mwh"][: record.lived].sum(axis=1))


@outcome("1", "Outages", "停電の発生件数", kind="count")
def outages(record: Record) -> float:
    """Outages in the city: runs of successive hours in which some customer got less power than was asked,
    for lack of power or by order.
    """
    return float(_sizes(record).size)


@outcome("MWh", "Largest outage", "最大の停電の供給支障電力量")
def largest_outage_mwh(record: Record) -> float:
    """Energy not supplied in the largest outage of the run (see outages); 0 without any."""
    return float(_sizes(record).max(initial=0.0))


@outcome("1", "Share of the largest outages", "大規模停電の占める割合", better=0, kind="share")
def ens_largest_tenth_frac(record: Record) -> float:
    """Share of all energy not supplied that was lost in the largest tenth of outages, at least one. Near 1:
    rare large outages do the harm; near 0.1: all outages are alike. It is undefined without any.
    """
    sizes = np.sort(_sizes(record))[::-1]
    if not sizes.size:
        return math.nan
    return share(float(sizes[: math.ceil(LARGEST_FRAC * sizes.size)].sum()), float(sizes.sum()))


@outcome("h", "Length of an interruption (CAIDI)", "停電1回あたりの停電時間(CAIDI)")
def caidi_h(record: Record) -> float:
    """Hours without power per interruption of a household: saidi_h over saifi (CAIDI, IEEE 1366, homes only).
    It is undefined if no home was interrupted.
    """
    interruptions = float(np.mean(record.closing.interruptions))
    return float(np.mean(record.closing.dark_h)) / interruptions if interruptions > 0.0 else math.nan
