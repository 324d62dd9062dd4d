"""How well load is forecast, on weeks that nobody lives through: the similar day beside the learned forecast.

The weeks are held back: neither method saw them when it was made. Weather, common behaviour and meters' noise
are those of a seed. What is published may be forged, and people's lives may change.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_WEEK
from agentsim.institutions.load_forecast import Forecaster
from agentsim.networks.power.commitment import CommitmentParameters
from agentsim.scenario.file import Scenario
from agentsim.society import setup

METHODS = {"similar_day": (), "learned": ("E-S1",)}


@dataclass(frozen=True)
class Skill:
    """How one method did, over the held-back hours."""

    day_ahead_frac: float  # mean absolute error over mean load
    hour_ahead_frac: float
    day_ahead_rms_mw: float
    hour_ahead_rms_mw: float
    reserve_mw: float  # z x its own estimate of the error an hour ahead, mean


@dataclass(frozen=True)
class Load:
    """Load by hour and district, arrays (hours, districts) [MW]: as it was, and as it was published."""

    true_mw: np.ndarray
    stated_mw: np.ndarray


Change = Callable[[np.ndarray, np.ndarray], Load]  # of the hours (hours,) and their ordinary load


def as_it_is(hours: np.ndarray, load_mw: np.ndarray) -> Load:
    """Nothing is forged."""
    return Load(load_mw, load_mw)


def forged(share: float) -> Change:
    """A hidden cut of a *share* of the largest district's load: its record shows what was served (A2)."""

    def change(hours: np.ndarray, load_mw: np.ndarray) -> Load:
        left = np.ones(load_mw.shape[1])
        left[load_mw.mean(axis=0).argmax()] -= share
        return Load(load_mw, load_mw * left)

    return change


def try_out(scenario: Scenario, seed: int, weeks: int = 8, change: Change = as_it_is) -> dict[str, Skill]:
    """Skill of each method on so many weeks from hour 0 on.

    *change* also changes the weeks before, from which the methods learn.
    """
    return {name: _tried(scenario, policies, seed, weeks, change) for name, policies in METHODS.items()}


def _tried(scenario: Scenario, policies: tuple[str, ...], seed: int, weeks: int, change: Change) -> Skill:
    ground = setup.lay_ground(scenario, policies, seed)
    mains = setup.mains(ground)
    roads = setup.coupling(ground, mains, setup.failures(ground, mains)).roads
    people = setup.people_of(ground, roads)
    expected, hours = setup.expected_load(ground, people), np.arange(weeks * HOURS_PER_WEEK)
    past = np.arange(-setup.past_hours(ground), 0)
    before = change(past, expected.net_mw(int(past[0]), len(past)))
    record = setup.record_of(ground, int(past[0]), before.stated_mw)
    forecaster = setup.forecaster_from(ground, people, record)
    return _lived(forecaster, change(hours, expected.net_mw(0, len(hours))), scenario)


def _lived(forecaster: Forecaster, load: Load, scenario: Scenario) -> Skill:
    """Forecast every hour, and then publish it."""
    hours = len(load.true_mw)
    day_mw, hour_mw, sigma_mw = np.empty((3, hours))
    for hour in range(hours):
        hour_mw[hour] = forecaster.ahead_mw(hour)[0]
        said_mw = forecaster.said_of_mw(hour)
        day_mw[hour] = said_mw[min(hour, HOURS_PER_DAY - 1)]
        sigma_mw[hour] = forecaster.sigma_mw(hour)[0]
        forecaster.learn(hour, load.stated_mw[hour])
    true_mw = load.true_mw.sum(axis=1)
    commitment: CommitmentParameters = scenario.parameters.commitment
    return Skill(
        day_ahead_frac=float(np.abs(day_mw - true_mw).sum() / true_mw.sum()),
        hour_ahead_frac=float(np.abs(hour_mw - true_mw).sum() / true_mw.sum()),
        day_ahead_rms_mw=float(np.sqrt(np.mean((day_mw - true_mw) ** 2))),
        hour_ahead_rms_mw=float(np.sqrt(np.mean((hour_mw - true_mw) ** 2))),
        reserve_mw=commitment.z * float(sigma_mw.mean()),
    )
