"""The finalists judged: attackers plan against each of them, and fresh seeds test what the search found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agentsim.experiments.attacks.attack_plans import Assignment, make_plans
from agentsim.experiments.attacks.cross_plans import cross_plans
from agentsim.experiments.portfolio.evaluations import Attack, Future, Runner
from agentsim.experiments.portfolio.front import spread
from agentsim.experiments.portfolio.measure_sets import MeasureSet, measure_set
from agentsim.experiments.portfolio.search import Search
from agentsim.policies import PACKAGES
from agentsim.scenario.file import Scenario
from agentsim.society.planning import PlannedAttack

Foothold = tuple[str, ...]
Known = Mapping[tuple[MeasureSet, str, Foothold], PlannedAttack]  # by set, title of the future, foothold


@dataclass(frozen=True)
class Finalists:
    """The sets that are judged: those that the search found, the paper's packages, and no measure."""

    found: tuple[MeasureSet, ...]
    packages: Mapping[str, MeasureSet]

    @property
    def all(self) -> list[MeasureSet]:
        """Every set that is judged, once; no measure first."""
        return list(dict.fromkeys([MeasureSet(), *self.found, *self.packages.values()]))


def finalists_of(search: Search, count: int) -> Finalists:
    """About *count* sets of the front, and for each affordable package the set that the search found best at
    no more than its cost."""
    known, front = search.evaluations, search.front()
    values = np.array([known.standing(one).objectives() for one in front])
    chosen = [front[row] for row in spread(range(len(front)), values, count)]
    packages = {name: measure_set([name]) for name in PACKAGES}
    packages = {
        name: one
        for name, one in packages.items()
        if set(one.ids) <= set(search.measures) and known.cost(one) <= search.budget_jpy
    }
    chosen += [best_within(search, front, known.cost(one)) for one in packages.values()]
    order = [one for one in front if one in chosen]
    return Finalists(tuple(order), packages)


def best_within(search: Search, sets: Iterable[MeasureSet], jpy: float) -> MeasureSet:
    """The set with the least harm in its worst future of those that cost no more; no measure if none does."""
    known = search.evaluations
    cheap = [one for one in sets if known.cost(one) <= jpy] or [MeasureSet()]
    return min(cheap, key=lambda one: float(known.standing(one).objectives()[1]))


# ---- plans ------------------------------------------------------------------------------------------


def plans_against(
    sets: Sequence[MeasureSet], futures: Sequence[Future], seeds: Sequence[int], runner: Runner
) -> dict[tuple[MeasureSet, str, Foothold], PlannedAttack]:
    """The best known plan against each set, in each future whose attacker plans and for each foothold that it
    has on some seed. Plans made against one set are tried against the others."""
    found: dict[tuple[MeasureSet, str, Foothold], PlannedAttack] = {}
    for future in futures:
        if not future.plans:
            continue
        settings = {setting.attacker.foothold: setting for setting in map(future.scenario.for_seed, seeds)}
        for foothold, setting in settings.items():
            wanted = {one.label: Assignment(one.setting(setting), one.ids, future.attacker) for one in sets}
            best = _best_known(wanted, future, runner)
            found |= {(one, future.title, foothold): best[one.label] for one in sets if one.label in best}
    return found


def _best_known(wanted: Mapping[str, Assignment], future: Future, runner: Runner) -> dict[str, PlannedAttack]:
    tell = runner.on_run or (lambda done, count, what: None)
    made = make_plans(
        wanted,
        workers=runner.workers,
        ledger=runner.ledger,
        executor=runner.executor,
        on_plan=lambda done, count, label: tell(done, count, f"{future.title}: attack plans made"),
    )
    transfer = cross_plans(
        wanted, made, thorough=False, workers=runner.workers, executor=runner.executor, ledger=runner.ledger
    )
    return {label: transfer.best(label)[1] for label in made}


class Planned:
    """The attack that a set meets where the attacker plans: the plan against it, or that against *instead*
    for every set, as in a search."""

    def __init__(self, known: Known, instead: MeasureSet | None = None) -> None:
        self.known, self.instead = known, instead

    def __call__(self, chosen: MeasureSet, future: Future, setting: Scenario) -> Attack:
        if not future.plans:
            return future.attacker, None
        against = chosen if self.instead is None else self.instead
        planned = self.known.get((against, future.title, setting.attacker.foothold))
        return future.attacker, None if planned is None else planned.plan


# ---- how sure ---------------------------------------------------------------------------------------

RESAMPLES = 2000


def chance_to_be_best(harm: np.ndarray) -> np.ndarray:
    """Share of bootstrap resamples of the seeds in which each set has the least harm in its worst future.

    Parameters
    ----------
    harm : array (sets, futures, seeds), paired by seed

    Returns
    -------
    array (sets,) that sums to 1; sets with equal harm share

    >>> chance_to_be_best(np.array([[[1.0, 2.0, 1.0]], [[5.0, 6.0, 5.0]]])).tolist()
    [1.0, 0.0]
    """
    seeds = harm.shape[2]
    shares = np.random.default_rng(seeds).multinomial(seeds, np.full(seeds, 1.0 / seeds), RESAMPLES) / seeds
    worst = (harm @ shares.T).max(axis=1)  # (sets, resamples)
    best = worst == worst.min(axis=0)
    chance: np.ndarray = (best / best.sum(axis=0)).mean(axis=1)
    return chance
