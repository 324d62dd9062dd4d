"""How much can be hidden before an alarm, by the number of meters that report (mechanisms S11).

The whole model, not the formula: a captor of the power control room cuts one district's power by a share and
forges its figures. The thief optimises: of several shares the one that takes most before meters give it away
is its answer to a number of reporters. With independent meter noise the loss falls as 1 / sqrt(reporters); an
error that all meters share puts a floor under it.
"""

from collections.abc import Iterable, Sequence

import pandas as pd

from agentsim.agents.actions import Strike
from agentsim.agents.mind import Plan
from agentsim.scenario import Scenario
from agentsim.society import Society
from agentsim.units import HOURS_PER_DAY

COLUMNS = ("reporting_frac", "cut_frac", "seed", "hours_to_alarm", "hidden_h", "hidden_mwh")


def hidden_losses(
    scenario: Scenario,
    reporting_fracs: Iterable[float],
    cut_fracs: Sequence[float],
    seeds: Iterable[int] = (1,),
    district: str = "",
    policy: str = "E-C3",
) -> pd.DataFrame:
    """One row for each number of reporters, cut and seed: what was hidden up to the first true alarm.

    Parameters
    ----------
    reporting_fracs : shares of homes whose meters report, above 0
    cut_fracs : shares of the district's power that are cut and hidden
    district : that is cut; the first one if empty
    policy : that brings the log and has a number ``reporting_frac``

    Returns
    -------
    DataFrame with ``COLUMNS``; ``hidden_h`` is in hours of the district's whole load, and without an alarm
    everything up to the end of the run counts
    """
    rows = []
    for reporting_frac in reporting_fracs:
        setting = scenario.with_changes(
            {
                f"policy.{policy}.reporting_frac": reporting_frac,
                "attacker.foothold": ["power_control_room"],
                "attacker.first_hour": HOURS_PER_DAY,
                "attacker.budget": 1e9,
                "detection.audits_per_day": 0.0,  # meters alone shall find it
            }
        )
        for cut_frac in cut_fracs:
            for seed in seeds:
                found = _one(setting, cut_frac, seed, district, policy)
                rows.append((reporting_frac, cut_frac, seed, *found))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _one(
    setting: Scenario, cut_frac: float, seed: int, district: str, policy: str
) -> tuple[int, float, float]:
    """Hours to the alarm, and what was hidden by then, in hours of load and in MWh."""
    where = district or setting.build_place().districts.name[0]
    plan = Plan(strikes=(Strike("A2 power", where, cut_frac),))
    # a saboteur does not stop because somebody gave in
    society = Society(setting, (policy,), "saboteur", seed, plan=plan)
    row, first = society.place.districts.name.index(where), setting.attacker.first_hour
    while society.hour < setting.hours and society.monitor.first_alarm_hour is None:
        society.step()
    struck = slice(first, society.hour)
    cut_mwh = society.record.at["power_restricted_mwh"][struck, row]
    asked_mwh = society.record.at["power_asked_mwh"][struck, row]
    return society.hour - first, float((cut_mwh / asked_mwh).sum()), float(cut_mwh.sum())


def best_of_thieves(losses: pd.DataFrame) -> pd.DataFrame:
    """For each number of reporters the cut that takes most on the mean of seeds, and what it takes."""
    mean = losses.groupby(["reporting_frac", "cut_frac"], as_index=False)[
        ["hours_to_alarm", "hidden_h"]
    ].mean()
    return mean.loc[mean.groupby("reporting_frac")["hidden_h"].idxmax()].reset_index(drop=True)
