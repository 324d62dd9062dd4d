"""Electricity that can be withheld unnoticed before an alarm, by the number of reporting meters (S11).

Simulated with the whole model: an attacker who has captured the power control room cuts one district's power
by a share and forges its figures. Of several shares it uses the one that withholds most before meters reveal
it, given the number of reporters. With independent meter noise the loss should fall as
1 / sqrt(reporters), a slope of -1/2 in logarithms; an error that all meters share should set a lower
limit to it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.core.units import HOURS_PER_DAY
from agentsim.experiments.statistics.intervals import mean_interval
from agentsim.scenario.file import Scenario
from agentsim.society.society import Society

COLUMNS = (
    "reporting_frac",
    "cut_frac",
    "seed",
    "hours_to_alarm",
    "hidden_h",
    "hidden_mwh",
    "reporters",
    "found",
)


@dataclass(frozen=True)
class Scaling:
    """Slope of log loss against log reporters over so many seeds, with its 95 % interval."""

    slope: float
    low: float
    high: float
    n: int


def hidden_losses(
    scenario: Scenario,
    reporting_fracs: Iterable[float],
    cut_fracs: Sequence[float],
    seeds: Iterable[int] = (1,),
    district: str = "",
    policy: str = "E-C3",
) -> pd.DataFrame:
    """One row for each number of reporters, cut and seed: what was withheld up to the first true alarm.

    Parameters
    ----------
    reporting_fracs : shares of homes whose meters report, above 0
    cut_fracs : shares of the district's power that are cut and hidden. They are tried from the largest on;
        where no seed raises an alarm the smaller ones are left out, because they withhold less
    seeds : the same for each number of reporters and each cut, so that the noise is paired
    district : that is cut; the first one if empty
    policy : that brings the log and has a number ``reporting_frac``

    Returns
    -------
    DataFrame with ``COLUMNS``; ``hidden_h`` is in hours of the district's whole load, ``reporters`` the mean
    number of meters heard in the district, ``found`` whether there was an alarm; without one everything up to
    the end of the run counts
    """
    rows, seeds = [], tuple(seeds)
    for reporting_frac in reporting_fracs:
        setting = scenario.with_changes(
            {
                f"policy.{policy}.reporting_frac": reporting_frac,
                "attacker.foothold": ["power_control_room"],
                "attacker.first_hour": HOURS_PER_DAY,
                "attacker.budget": 1e9,
                "detection.audits_per_day": 0.0,  # meters alone are to find it
            }
        )
        for cut_frac in sorted(cut_fracs, reverse=True):
            answers = [_one(setting, cut_frac, seed, district, policy) for seed in seeds]
            found = zip(seeds, answers, strict=True)
            rows += [(reporting_frac, cut_frac, seed, *answer) for seed, answer in found]
            if not any(alarmed for *_, alarmed in answers):
                break
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _one(
    setting: Scenario, cut_frac: float, seed: int, district: str, policy: str
) -> tuple[int, float, float, float, bool]:
    """Hours to the alarm, loss by then in hours of load and in MWh, reporters, whether there was an alarm."""
    where = district or setting.build_place().districts.name[0]
    plan = Plan(strikes=(Strike("A2 power", where, cut_frac),))
    # a saboteur does not stop because somebody gave in
    society = Society(setting, (policy,), "saboteur", seed, plan=plan)
    row, first = society.place.districts.name.index(where), setting.attacker.first_hour
    heard = []
    while society.hour < setting.hours and society.monitor.first_alarm_hour is None:
        published = society.live_hour().published
        if published is not None:
            heard.append(float(published.reporters["power"][row]))
    struck = slice(first, society.hour)
    cut_mwh = society.record.at["power_restricted_mwh"][struck, row]
    asked_mwh = society.record.at["power_asked_mwh"][struck, row]
    hidden_h, hidden_mwh = float((cut_mwh / asked_mwh).sum()), float(cut_mwh.sum())
    found = society.monitor.first_alarm_hour is not None
    return society.hour - first, hidden_h, hidden_mwh, float(np.mean(heard)), found


def best_cuts(losses: pd.DataFrame) -> pd.DataFrame:
    """For each number of reporters the cut that withholds most on the mean of seeds, and how much.

    ``inside`` says that larger and smaller cuts were tried or are known to withhold less: the best is not at
    the edge of the grid.
    """
    measured = ["hours_to_alarm", "hidden_h", "reporters"]
    mean = losses.groupby(["reporting_frac", "cut_frac"], as_index=False)[measured + ["found"]].mean()
    best = mean.loc[mean.groupby("reporting_frac")["hidden_h"].idxmax()].reset_index(drop=True)
    largest = mean.groupby("reporting_frac")["cut_frac"].max().to_numpy()
    smallest = mean.groupby("reporting_frac")["cut_frac"].min().to_numpy()
    smaller_known = (best["cut_frac"] > smallest) | (best["found"] == 0.0)
    return best.assign(inside=smaller_known & (best["cut_frac"] < largest)).drop(columns="found")


def scaling(losses: pd.DataFrame, least_reporters: float = 0.0) -> Scaling:
    """How the largest hidden loss scales with reporters: least squares in logarithms, seed by seed.

    Reporters are those that did report: people who lose their trust stop.

    Parameters
    ----------
    losses : what :func:`hidden_losses` returns
    least_reporters : numbers of reporters below this are left out

    >>> cuts = [(n, 0.01, seed, 1, seed * n**-0.5, 1.0, n, True) for n in (4, 16, 64) for seed in (1, 2)]
    >>> round(scaling(pd.DataFrame(cuts, columns=list(COLUMNS))).slope, 6)
    -0.5
    """
    best = best_cuts(losses)
    best = best.loc[best["reporters"] >= least_reporters, ["reporting_frac", "cut_frac"]]
    taken = losses.merge(best, on=["reporting_frac", "cut_frac"])
    slopes = [
        float(np.polyfit(np.log(one["reporters"]), np.log(one["hidden_h"]), 1)[0])
        for _, one in taken.groupby("seed")
    ]
    slope, low, high, _ = mean_interval(slopes)
    return Scaling(slope, low, high, n=len(slopes))
