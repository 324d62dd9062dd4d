"""A society of three lines of arithmetic: what comparing is tested with, quickly and by hand."""

import ctypes
import os
import time
from types import SimpleNamespace

import pandas as pd

UNITS = {
    "deprivation_mean": "h/person",
    "deprivation_target_district": "h/person",
    "deprivation_worst_district": "h/person",
    "ens_mwh": "MWh",
    "bill_jpy_per_household_month": "JPY/month",
    "capital_jpy_per_household_year": "JPY/year",
    "loss_jpy_per_household": "JPY",
    "time_to_detection_h": "h",
}


class FakeSociety:
    """Deprivation is 10 + seed, twice that under attack; E-C2 halves it, X-C5 takes away the seed."""

    place = SimpleNamespace(persons_per_household=2.0)

    def __init__(self, scenario, policies=None, attacker=None, seed=1, executor=None):
        self.policies, self.attacker, self.seed = tuple(policies), attacker, seed

    def run(self, hours=None, progress=None):
        deprivation = (10.0 + self.seed) * (1.0 if self.attacker == "none" else 2.0)
        deprivation *= 0.5 if "E-C2" in self.policies else 1.0
        deprivation -= self.seed if "X-C5" in self.policies else 0.0
        attacked = self.attacker != "none"
        values = {
            "deprivation_mean": deprivation,
            "deprivation_target_district": 4.0 * deprivation if attacked else float("nan"),
            "deprivation_worst_district": 5.0 * deprivation,
            "ens_mwh": 7.0 + 0.1 * self.seed,
            "bill_jpy_per_household_month": 13_000.0 + 100.0 * len(self.policies),
            "capital_jpy_per_household_year": 5_000.0 * len(self.policies),
            "loss_jpy_per_household": 100.0 * deprivation,
            "time_to_detection_h": float("nan"),
        }
        self.outcomes = pd.Series(values)
        self.outcomes.attrs["units"] = UNITS


class CountedSociety(FakeSociety):
    """Leaves a file for each run, so that a test can count them."""

    def run(self, hours=None, progress=None):
        name = "_".join([*self.policies, self.attacker.replace(":", "-"), str(self.seed)])
        with open(os.path.join(os.environ["COUNT_RUNS_IN"], name), "a") as file:
            file.write("run\n")
        super().run(hours, progress)


class BrokenSociety(FakeSociety):
    """Cannot divide by zero when seed 2 meets E-C2."""

    def run(self, hours=None, progress=None):
        if self.seed == 2 and "E-C2" in self.policies:
            self.seed / 0
        super().run(hours, progress)


class BrokenBaseSociety(FakeSociety):
    """Cannot divide by zero when seed 2 meets no policy."""

    def run(self, hours=None, progress=None):
        if self.seed == 2 and not self.policies:
            self.seed / 0
        super().run(hours, progress)


class DetectingSociety(FakeSociety):
    """An abuse is found after 10 h; E-C2 prevents it on the odd seeds."""

    def run(self, hours=None, progress=None):
        super().run(hours, progress)
        abused = self.attacker != "none" and not ("E-C2" in self.policies and self.seed % 2)
        self.outcomes["time_to_detection_h"] = 10.0 if abused else float("nan")


class DyingSociety(FakeSociety):
    """Takes its whole process with it when seed 2 meets W-C1, as a lack of memory would."""

    def run(self, hours=None, progress=None):
        if self.seed == 2 and "W-C1" in self.policies:
            os._exit(1)
        super().run(hours, progress)


class StoppedSociety(FakeSociety):
    """Somebody presses Ctrl-C during seed 3."""

    def run(self, hours=None, progress=None):
        if self.seed == 3:
            raise KeyboardInterrupt
        super().run(hours, progress)


class SlowSociety(CountedSociety):
    """Takes a quarter of a second."""

    def run(self, hours=None, progress=None):
        time.sleep(0.25)
        super().run(hours, progress)


class FlakySociety(FakeSociety):
    """Of a hundred seeds two raise, one hangs in a solver that never returns, and one takes all memory."""

    def run(self, hours=None, progress=None):
        which = self.seed % 100
        if which in (20, 70):
            self.seed / 0
        if which == 40:
            ctypes.PyDLL(None).sleep(1000)  # leaves no other thread of the process a turn
        if which == 60:
            self.taken = [bytearray(20_000_000) for _ in range(10_000)]
        super().run(hours, progress)


class HungrySociety(FakeSociety):
    """Python itself finds no memory when seed 2 meets E-C2."""

    def run(self, hours=None, progress=None):
        if self.seed == 2 and "E-C2" in self.policies:
            raise MemoryError
        super().run(hours, progress)


class ShortSociety(CountedSociety):
    """Takes a few thousandths of a second."""

    def run(self, hours=None, progress=None):
        time.sleep(0.004)
        super().run(hours, progress)
