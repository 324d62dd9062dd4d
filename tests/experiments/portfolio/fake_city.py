"""A city of three lines of arithmetic, in which measures help one another: what the search is tested with."""

import os
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd

from agentsim.policies import POLICIES

MEASURES = ("E-C2", "W-S1", "W-C1", "T-S1", "T-C1", "X-C2", "X-C3", "X-C4")
UNITS = {
    "loss_jpy_per_household": "JPY",
    "deprivation_mean": "h",
    "deprivation_gini": "1",
    "co2_t": "t",
    "capital_jpy_per_household_year": "JPY/y",
}
BASE_JPY, NOISE_JPY = 40_000.0, 3_000.0


def loss_jpy(ids: frozenset[str], attacked: bool, wells_frac: float) -> float:
    """Loss of a household before chance: local water helps by the size of its wells, local power helps only
    beside it, and a public log only beside a monitor."""
    left = BASE_JPY if attacked else 0.4 * BASE_JPY
    if "W-C1" in ids:
        left *= 1.0 - 0.5 * wells_frac ** (0.3 if attacked else 1.0)
        left *= 0.5 if "E-C2" in ids else 1.0
    if {"X-C2", "X-C4"} <= ids:
        left *= 0.6 if attacked else 1.0
    if "W-S1" in ids:
        left *= 1.0 if attacked else 0.5
    return left


class FakeCity:
    """Losses of :func:`loss_jpy` with chance that is the same under all measures, and CO2 of 100 t."""

    place = SimpleNamespace(persons_per_household=2.0)

    def __init__(self, scenario, policies=None, attacker=None, seed=1):
        self.scenario, self.policies, self.seed = scenario, frozenset(policies), seed
        self.attacked = attacker != "none"

    def run(self, hours=None, progress=None):
        measure = self.scenario.measures.get("W-C1") or POLICIES["W-C1"].make()
        noise = NOISE_JPY * np.random.default_rng([self.seed, self.attacked]).standard_normal()
        left = loss_jpy(self.policies, self.attacked, measure.well_demand_frac)
        left *= 1.0 + noise / BASE_JPY
        self.outcomes = pd.Series(
            {
                "loss_jpy_per_household": left,
                "deprivation_mean": left / 500.0,
                "deprivation_gini": 0.5,
                "co2_t": 100.0,
                "capital_jpy_per_household_year": 0.0,
            }
        )
        self.outcomes.attrs["units"] = UNITS


class BrokenCity(FakeCity):
    """Cannot divide by zero where adaptive signals meet seed 2."""

    def run(self, hours=None, progress=None):
        if self.seed == 2 and "T-S1" in self.policies:
            self.seed / 0
        super().run(hours, progress)


class CountedCity(FakeCity):
    """Leaves a file for each run, so that a test can count them."""

    def run(self, hours=None, progress=None):
        name = "_".join([*sorted(self.policies), str(self.attacked), str(self.seed)])
        with open(os.path.join(os.environ["COUNT_RUNS_IN"], f"{name}_{time.time_ns()}"), "w"):
            super().run(hours, progress)


class LuckyCity(FakeCity):
    """Measures do nothing, and each set has chance of its own."""

    def run(self, hours=None, progress=None):
        luck = np.random.default_rng([self.seed, *map(ord, "".join(sorted(self.policies)))])
        self.policies = frozenset()
        super().run(hours, progress)
        self.outcomes["loss_jpy_per_household"] = BASE_JPY + 5.0 * NOISE_JPY * luck.standard_normal()
