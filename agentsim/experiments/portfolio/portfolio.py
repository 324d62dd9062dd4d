"""``portfolio``: with so much money a household and year, which measures, and how much of each?"""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from agentsim.core.errors import InvalidScenario, unknown
from agentsim.core.folder_lock import locked
from agentsim.experiments.portfolio import tables
from agentsim.experiments.portfolio.evaluations import (
    Evaluations,
    Future,
    Runner,
    future_of,
    screening,
)
from agentsim.experiments.portfolio.front import TOLERANCE_FRAC
from agentsim.experiments.portfolio.judging import Finalists, Planned, finalists_of, plans_against
from agentsim.experiments.portfolio.measure_sets import MeasureSet, fitted, least_jpy
from agentsim.experiments.portfolio.race import ERROR, FIRST_SEEDS
from agentsim.experiments.portfolio.search import Search
from agentsim.experiments.portfolio.sizes import POPULATION, pymoo_or_error, search_sizes
from agentsim.experiments.runs.estimate import checked_seeds
from agentsim.experiments.runs.ledger import FILE, Ledger
from agentsim.experiments.runs.worker_processes import NO_LIMITS, Limits, leave_if_read_again
from agentsim.policies import POLICIES
from agentsim.scenario.file import Scenario

SEEDS, GENERATIONS, FINALISTS = 12, 4, 8
COST_STEP_FRAC = 0.01  # of the budget: a difference in cost that counts
FRESH = 10_001  # the first seed that no search uses


@dataclass(frozen=True)
class Portfolio:
    """What :func:`portfolio` found.

    ``front`` has a row for each set that was judged, ``futures`` one for each of these and each future,
    ``packages`` compares the paper's packages with what was found for the same money, and ``tried`` has every
    set that was run. ``best`` is the label of the set with the least harm in its worst future. ``about`` is
    what was asked and how it went.
    """

    front: pd.DataFrame
    futures: pd.DataFrame
    packages: pd.DataFrame
    tried: pd.DataFrame
    best: str
    about: dict[str, Any]


def portfolio(
    scenarios: Scenario | Sequence[Scenario],
    budget_jpy_per_household_year: float,
    *,
    measures: Iterable[str] | None = None,
    seeds: int | Iterable[int] = SEEDS,
    generations: int = GENERATIONS,
    population: int = POPULATION,
    finalists: int = FINALISTS,
    tolerance_frac: float = TOLERANCE_FRAC,
    error: float = ERROR,
    workers: int = 1,
    executor: Executor | None = None,
    folder: Path | None = None,
    limits: Limits = NO_LIMITS,
    society: Callable[..., Any] | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Portfolio:
    """The sets of measures, with their sizes, that are best against the worst of several futures.

    Parameters
    ----------
    scenarios : the futures, each with the attacker that it names
    budget_jpy_per_household_year : the most that a set may cost
    measures : ids that may be adopted; None: all
    seeds : of the search, a number or a list; as many others from 10001 on test what it found
    generations : of the search over sizes, which needs pymoo; 0: all measures keep their usual sizes
    population : sets in each of these generations
    finalists : about how many sets of the front are judged with attackers that plan
    tolerance_frac : difference that counts as none, as a share of the value without a measure
    error : chance that a race throws out a set for a rival that is no better
    workers, executor, limits : where runs are made, and what each may take, as in ``compare``
    folder : its ledger keeps every run and plan; the same call goes on from there
    society : makes the society, for tests and for other models
    progress : called with (done, all, what)

    Raises
    ------
    InvalidScenario : a wrong number or name, or no measure that the budget can pay
    InvalidInput : sizes are searched and pymoo is missing
    FolderInUse : another process writes into *folder*
    """
    if workers > 1:
        leave_if_read_again()
    begin = time.perf_counter()
    given = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
    ids = checked_measures(measures)
    asked = _checked(given, budget_jpy_per_household_year, generations, finalists, workers)
    own = list(checked_seeds(seeds))
    _refuse_few(own)
    refuse_poor(given, ids, budget_jpy_per_household_year)
    if generations:
        pymoo_or_error()
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    file = None if folder is None else folder / FILE
    with locked(folder), Ledger(file, go_on=True) as ledger:
        cost_step = COST_STEP_FRAC * budget_jpy_per_household_year
        runner = Runner(ledger, workers, executor, limits, society, progress)
        search = Search(
            _screened(asked, own, runner, cost_step),
            ids,
            budget_jpy_per_household_year,
            tolerance_frac=tolerance_frac,
            error=error,
        )
        tell = (lambda what: progress(0, 0, what)) if progress else (lambda what: None)
        search.search_sets(tell)
        search_sizes(search, generations, population, tell)
        chosen = finalists_of(search, finalists)
        found, fresh = judged(search, chosen, asked, own, runner)
        fault = ledger.fault
    about = {
        "scenarios": [future.title for future in asked],
        "budget": budget_jpy_per_household_year,
        "measures": list(ids),
        "seeds": own,
        "fresh_seeds": fresh.seeds,
        "error": error,
        "tolerance_frac": tolerance_frac,
        "generations": generations,
        "runs": runner.runs,
        "failures": runner.failures,
        "screened": [future.title for future in asked if future.plans],
        "not_kept": fault,
        "wall_s": round(time.perf_counter() - begin, 2),
    }
    return _result(search, chosen, found, fresh, about)


def _result(
    search: Search, chosen: Finalists, found: Evaluations, fresh: Evaluations, about: dict[str, Any]
) -> Portfolio:
    sets = tables.usable(chosen, found, fresh)
    front = tables.front_table(sets, found, fresh, search.tolerance_frac)
    on_front = front[front["on_front"]].sort_values("harm", kind="stable")
    best = str(on_front["measures"].iloc[0])
    return Portfolio(
        front=front,
        futures=tables.future_table(sets, fresh),
        packages=tables.package_table(chosen, found, fresh),
        tried=tables.tried_table(search),
        best=best,
        about=about,
    )


def _screened(
    futures: Sequence[Future], seeds: list[int], runner: Runner, cost_step_jpy: float
) -> Evaluations:
    """Runs of the search, in which stand-ins replace an attacker that plans."""
    none = MeasureSet()
    known = {} if runner.society else plans_against([none], futures, seeds, runner)
    return Evaluations(screening(futures), seeds, runner, Planned(known, none), cost_step_jpy)


def judged(
    search: Search, chosen: Finalists, futures: Sequence[Future], seeds: Sequence[int], runner: Runner
) -> tuple[Evaluations, Evaluations]:
    """The finalists under the attacks that they would meet: on the seeds of the search, and on fresh ones."""
    everything, everywhere = chosen.all, range(len(futures))
    fresh_seeds = list(range(FRESH, FRESH + len(seeds)))
    known = {}
    if runner.society is None:
        known = plans_against(everything, futures, [*seeds, *fresh_seeds], runner)
    meets = Planned(known)
    evaluations = []
    for own, what in ((list(seeds), "finalists judged"), (fresh_seeds, "finalists on fresh seeds")):
        one = Evaluations(futures, own, runner, meets, search.evaluations.cost_step_jpy)
        one.run(everything, everywhere, own, what)
        evaluations.append(one)
    return evaluations[0], evaluations[1]


# ---- what is refused --------------------------------------------------------------------------------


def checked_measures(names: Iterable[str] | None) -> tuple[str, ...]:
    """The ids of some policies, in the registry's order; raises :class:`InvalidScenario` for unknown ones."""
    if names is None:
        return tuple(POLICIES)
    wanted = list(names)
    wrong = [f"measure {unknown(name, POLICIES)}" for name in wanted if name not in POLICIES]
    if not wanted:
        wrong = ["measures: the list is empty; give at least one policy"]
    if wrong:
        raise InvalidScenario(wrong)
    return tuple(id for id in POLICIES if id in wanted)


def _checked(
    scenarios: Sequence[Scenario], budget: float, generations: int, finalists: int, workers: int
) -> list[Future]:
    """The futures; raises :class:`InvalidScenario` for numbers that make no sense."""
    faults = ["scenarios: none is given; name at least one future"] * (not scenarios)
    if not np.isfinite(budget) or budget <= 0.0:
        faults.append(f"budget: {budget:g} JPY is no budget; it must be above 0, a household and year")
    for name, value, least in (
        ("generations", generations, 0),
        ("finalists", finalists, 1),
        ("workers", workers, 1),
    ):
        if value < least:
            faults.append(f"{name}: {value} is too small; at least {least} is needed")
    if faults:
        raise InvalidScenario(faults)
    titles: dict[str, int] = {}
    futures = []
    for scenario in scenarios:
        title = scenario.title or "scenario"
        titles[title] = titles.get(title, 0) + 1
        futures.append(future_of(scenario, title if titles[title] == 1 else f"{title} {titles[title]}"))
    return futures


def _refuse_few(seeds: Sequence[int]) -> None:
    if len(seeds) < FIRST_SEEDS:
        raise InvalidScenario(
            [f"seeds: {len(seeds)} are too few to tell sets apart; at least {FIRST_SEEDS} are needed"]
        )
    if max(seeds) >= FRESH:
        raise InvalidScenario([f"seeds: {max(seeds)} is kept for the test; take seeds below {FRESH}"])


def refuse_poor(scenarios: Sequence[Scenario], measures: Sequence[str], budget: float) -> None:
    """:class:`InvalidScenario` if the budget pays for no measure, even at its smallest sizes."""
    if any(fitted((id,), scenarios, budget) is not None for id in measures):
        return
    price = {id: least_jpy(id, scenarios) for id in measures}
    cheapest = min(price, key=price.__getitem__)
    raise InvalidScenario(
        [
            f"budget: {budget:,.0f} JPY a household and year pays for none of the measures; the cheapest, "
            f"{cheapest}, costs {price[cheapest]:,.0f}"
        ]
    )
