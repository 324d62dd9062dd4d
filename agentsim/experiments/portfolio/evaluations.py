"""Runs of sets of measures in several futures, and what each run says of harm, inequality and CO2."""

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from agentsim.agents.attacker.bad_actor import full_name
from agentsim.agents.attacker.mind import Plan
from agentsim.core.units import HOURS_PER_YEAR
from agentsim.experiments.portfolio.measure_sets import MeasureSet, cost_jpy
from agentsim.experiments.portfolio.race import Standing
from agentsim.experiments.runs.ledger import Ledger
from agentsim.experiments.runs.replications import Job, Replication, job_of, setting_digest
from agentsim.experiments.runs.run_jobs import run_jobs
from agentsim.experiments.runs.worker_processes import NO_LIMITS, Limits
from agentsim.scenario.file import Scenario

LOSS, DEPRIVATION, GINI, CO2 = "loss_jpy_per_household", "deprivation_mean", "deprivation_gini", "co2_t"
WANTED = (LOSS, DEPRIVATION, GINI, CO2)
PLANS = "best_response"


@dataclass(frozen=True)
class Future:
    """A scenario that the city may meet, with its attacker as the scenario names it.

    ``households`` are those of the real city, which CO2 is divided by.
    """

    title: str
    scenario: Scenario
    attacker: str
    households: int

    @property
    def plans(self) -> bool:
        """Whether its attacker plans against the measures that it meets."""
        return self.attacker.endswith(f":{PLANS}")


def screening(futures: Sequence[Future]) -> list[Future]:
    """The futures of the search. A plan costs as much as dozens of runs, so an attacker that plans has two
    stand-ins: one that acts at random, and one that does what is planned against no measure."""
    found = []
    for one in futures:
        if one.plans:
            at_random = one.attacker.replace(PLANS, "random")
            found.append(replace(one, title=f"{one.title}, {at_random}", attacker=at_random))
        found.append(one)
    return found


def future_of(scenario: Scenario, title: str = "") -> Future:
    """The future that a scenario describes."""
    foe = scenario.attacker
    households = scenario.build_place().households
    return Future(title or scenario.title, scenario, full_name(foe.kind, foe.mind), households)


@dataclass
class Runner:
    """Where jobs run, and where their rows are kept; failures are collected."""

    ledger: Ledger
    workers: int = 1
    executor: Executor | None = None
    limits: Limits = NO_LIMITS
    society: Callable[..., Any] | None = None
    on_run: Callable[[int, int, str], None] | None = None
    failures: list[dict[str, Any]] = field(default_factory=list)
    runs: int = 0

    def outcomes(self, jobs: Sequence[Job], what: str = "") -> dict[str, dict[str, float]]:
        """Outcomes by key of the jobs that could be run; raises KeyboardInterrupt after Ctrl-C."""
        tell = self.on_run
        finished = run_jobs(
            jobs,
            self.ledger,
            workers=min(self.workers, max(len(jobs), 1)),
            executor=self.executor,
            limits=self.limits,
            progress=None if tell is None else lambda done, count, row: tell(done, count, what),
        )
        if finished.interrupted:
            raise KeyboardInterrupt
        self.failures += [_failure(row) for row in finished.failures.values()]
        self.runs += len(jobs)
        rows = self.ledger.rows([job.fingerprint for job in jobs], outcomes=WANTED)
        return {
            str(row["key"]): {name: float(row[name]) for name in WANTED} for row in rows.to_dict("records")
        }


def _failure(row: dict[str, Any]) -> dict[str, Any]:
    """A failed run in the words of a comparison's failures."""
    named = {name: row.get(name) for name in ("policy", "attacker", "seed", "error", "status", "command")}
    return named | {"traceback": row.get("frames", [])}


Attack = tuple[str, Plan | None]  # name of the attacker, and its plan if it plans
Meets = Callable[[MeasureSet, Future, Scenario], Attack]


def as_named(chosen: MeasureSet, future: Future, setting: Scenario) -> Attack:
    """The attacker that the future names, without a plan that was made before."""
    return future.attacker, None


class Evaluations:
    """Objectives of sets of measures by future and seed, run as far as they are asked for.

    Parameters
    ----------
    seeds : all that may be asked for, in order
    meets : which attack a set meets in a future, with the foothold that its scenario has
    cost_step_jpy : costs are compared in such steps, rounded up; 0: as they are
    """

    def __init__(
        self,
        futures: Sequence[Future],
        seeds: Sequence[int],
        runner: Runner,
        meets: Meets = as_named,
        cost_step_jpy: float = 0.0,
    ) -> None:
        self.futures, self.seeds, self.runner, self.meets = tuple(futures), list(seeds), runner, meets
        self.cost_step_jpy = cost_step_jpy
        self._places = {seed: place for place, seed in enumerate(self.seeds)}
        self._values: dict[MeasureSet, np.ndarray] = {}  # (objectives, futures, seeds)
        self._costs: dict[MeasureSet, float] = {}
        self._failed: set[MeasureSet] = set()
        self._settings: dict[tuple[MeasureSet, int, tuple[str, ...]], tuple[Scenario, str]] = {}

    @property
    def sets(self) -> list[MeasureSet]:
        """All sets of which something is known and no run has failed, in the order in which they were met."""
        return [one for one in self._values if one not in self._failed]

    def cost(self, one: MeasureSet) -> float:
        """Cost a household and year [JPY]."""
        if one not in self._costs:
            self._costs[one] = cost_jpy(one, [future.scenario for future in self.futures])
        return self._costs[one]

    def standing(self, one: MeasureSet) -> Standing:
        """What is known of a set, its cost in steps."""
        cost, step = self.cost(one), self.cost_step_jpy
        return Standing(math.ceil(cost / step) * step if step else cost, *self._table(one))

    def is_complete(self, one: MeasureSet) -> bool:
        """Whether a set was run in every future on every seed."""
        return one in self._values and not np.isnan(self._values[one][0]).any()

    def run(
        self, sets: Iterable[MeasureSet], futures: Iterable[int], seeds: Sequence[int], what: str = ""
    ) -> None:
        """Runs some sets in some futures on some seeds, as far as that has not been done."""
        wanted = [
            (one, number, seed)
            for one in sets
            if one not in self._failed
            for number in futures
            for seed in seeds
            if np.isnan(self._table(one)[0, number, self._places[seed]])
        ]
        jobs = [self._job(*case) for case in wanted]
        found = self.runner.outcomes(jobs, what) if jobs else {}
        for (one, number, seed), job in zip(wanted, jobs, strict=True):
            row = found.get(job.fingerprint)
            if row is None:
                self._failed.add(one)
            else:
                self._table(one)[:, number, self._places[seed]] = objectives_of(row, self.futures[number])

    def _table(self, one: MeasureSet) -> np.ndarray:
        if one not in self._values:
            self._values[one] = np.full((3, len(self.futures), len(self.seeds)), np.nan)
        return self._values[one]

    def _job(self, one: MeasureSet, number: int, seed: int) -> Job:
        future = self.futures[number]
        drawn = future.scenario.for_seed(seed)
        case = one, number, drawn.attacker.foothold
        if case not in self._settings:
            setting = one.setting(drawn)
            self._settings[case] = setting, setting_digest(setting, one.ids)
        setting, digest = self._settings[case]
        attacker, plan = self.meets(one, future, setting)
        run = Replication(one.label, one.ids, attacker, seed)
        return job_of(setting, run, plan, self.runner.society, digest)


def objectives_of(outcomes: dict[str, float], future: Future) -> tuple[float, float, float]:
    """Harm [JPY/household/y], inequality [weighted h] and CO2 [t/household/y] of a run.

    Harm is the loss of the run times how often a year it happens (``social_cost.runs_per_year``): the cost to
    society less the cost of the measures. Inequality is the absolute Gini index, Gini times mean deprivation:
    half the mean difference between two persons. The Gini itself is high where hardly anybody suffers. CO2 is
    that of a year that goes as the run did.
    """
    often = future.scenario.parameters.social_cost.runs_per_year
    years = future.scenario.hours / HOURS_PER_YEAR
    return (
        often * outcomes[LOSS],
        outcomes[GINI] * outcomes[DEPRIVATION],
        outcomes[CO2] / future.households / years,
    )
