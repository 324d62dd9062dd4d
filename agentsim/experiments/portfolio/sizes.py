"""Sizes of measures: NSGA-II (Deb et al. 2002) varies the sizes of the sets on the front.

The optimiser is pymoo's. It proposes sizes, a race runs them, and the race's values go back to it. What costs
more than the budget is never run.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from agentsim.core.errors import InvalidInput
from agentsim.experiments.portfolio.measure_sets import MeasureSet, measure_set, size_between, size_ranges
from agentsim.experiments.portfolio.search import Search

POPULATION = 16
NEVER_RUN = 1e12  # objective of a set beyond the budget; the constraint alone decides on it


def pymoo_or_error() -> Any:
    """The module pymoo.

    Raises
    ------
    InvalidInput : it is not installed
    """
    try:
        import pymoo
    except ImportError:
        raise InvalidInput(
            "portfolio: to search sizes of measures pymoo is needed; install it with "
            "pip install 'agentsim[analysis]', or say --generations 0 to keep all sizes as they are"
        ) from None
    return pymoo


def search_sizes(
    search: Search, generations: int, population: int = POPULATION, tell: Callable[[str], None] = print
) -> None:
    """Races sets with other sizes: those of the front, varied for so many generations."""
    pymoo_or_error()
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.population import Population
    from pymoo.core.problem import Problem
    from pymoo.problems.static import StaticProblem

    sets = list(dict.fromkeys(one.ids for one in search.front() if size_ranges(one.ids)))
    if not sets or generations < 1:
        return
    ranges = size_ranges(dict.fromkeys(id for ids in sets for id in ids))
    problem = Problem(n_var=1 + len(ranges), n_obj=4, n_ieq_constr=1, xl=0.0, xu=1.0)
    starts = _starts(search, sets, ranges, population)
    algorithm = NSGA2(pop_size=len(starts), sampling=Population.new("X", starts))
    algorithm.setup(problem, termination=("n_gen", generations), seed=1, verbose=False)
    for generation in range(generations):
        asked = algorithm.ask()
        proposed = [_decoded(row, sets, ranges) for row in asked.get("X")]
        values, excess = _raced(
            search, proposed, f"sizes, generation {generation + 1} of {generations}", tell
        )
        algorithm.evaluator.eval(StaticProblem(problem, F=values, G=excess), asked)
        algorithm.tell(infills=asked)


def _starts(
    search: Search, sets: Sequence[tuple[str, ...]], ranges: dict[str, tuple[float, float]], count: int
) -> np.ndarray:
    """The first population: each set in turn, with sizes that a Latin hypercube spreads; array (count, n)."""
    from scipy.stats import qmc

    shares = qmc.LatinHypercube(d=1 + len(ranges), seed=1).random(max(count, len(sets)))
    shares[:, 0] = (np.arange(len(shares)) % len(sets) + 0.5) / len(sets)
    return shares


def _decoded(
    row: np.ndarray, sets: Sequence[tuple[str, ...]], ranges: dict[str, tuple[float, float]]
) -> MeasureSet:
    """The set that a row of shares in 0 to 1 stands for: first which set, then each size."""
    ids = sets[min(int(row[0] * len(sets)), len(sets) - 1)]
    shares = zip(ranges.items(), row[1:], strict=True)
    return measure_set(ids, {key: size_between(bounds, share) for (key, bounds), share in shares})


def _raced(
    search: Search, proposed: Sequence[MeasureSet], what: str, tell: Callable[[str], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Objectives (n, 4) of the sets as far as they were run, and what each costs beyond the budget (n, 1)."""
    known = search.evaluations
    excess = np.array([[known.cost(one) - search.budget_jpy] for one in proposed])
    field = [one for one, (more,) in zip(proposed, excess, strict=True) if more <= 0.0]
    tell(f"{what}, sets: {len(set(field))}")
    search.race(field)
    run = set(known.sets)
    values = [known.standing(one).objectives() if one in run else np.full(4, NEVER_RUN) for one in proposed]
    return np.array(values), excess
