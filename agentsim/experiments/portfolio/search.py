"""The search for good sets of measures: sets at their usual sizes first, then their sizes."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from agentsim.experiments.portfolio.evaluations import Evaluations
from agentsim.experiments.portfolio.front import TOLERANCE_FRAC, front_of
from agentsim.experiments.portfolio.measure_sets import MeasureSet, first_sets, fitted, near
from agentsim.experiments.portfolio.race import ERROR, rounds_of, survivors
from agentsim.policies import PACKAGES

Tell = Callable[[str], None]


class Search:
    """Finds the front for a budget by races on the seeds of *evaluations*.

    Parameters
    ----------
    measures : ids that may be adopted, in any combination
    budget_jpy : the most that a set may cost a household and year
    tolerance_frac : difference that counts as none, as a share of the value without a measure
    error : chance that a race throws out a set for a rival that is no better
    """

    def __init__(
        self,
        evaluations: Evaluations,
        measures: Sequence[str],
        budget_jpy: float,
        *,
        tolerance_frac: float = TOLERANCE_FRAC,
        error: float = ERROR,
    ) -> None:
        self.evaluations, self.measures, self.budget_jpy = evaluations, tuple(measures), budget_jpy
        self.tolerance_frac, self.error = tolerance_frac, error
        self.none = MeasureSet()
        self.unaffordable: list[tuple[str, ...]] = []
        self._tried: set[MeasureSet] = set()

    # ---- sets ---------------------------------------------------------------------------------------

    def search_sets(self, tell: Tell = lambda what: None) -> None:
        """Races no measure, single ones, pairs and packages, then all that lies near the front, until nothing
        near it is new (a Pareto local search; Paquete, Chiarandini and Stuetzle 2004)."""
        wanted = first_sets(self.measures, PACKAGES)
        seen: set[tuple[str, ...]] = set()
        while wanted:
            seen.update(wanted)
            field = self._affordable(wanted)
            tell(f"sets: {len(field)}")
            self.race(field)
            steps = (near(one.ids, self.measures) for one in self.front())
            wanted = [ids for ids in dict.fromkeys(ids for step in steps for ids in step) if ids not in seen]

    def _affordable(self, wanted: Iterable[tuple[str, ...]]) -> list[MeasureSet]:
        """The sets at their usual sizes, or smaller so that they fit into the budget."""
        scenarios = [future.scenario for future in self.evaluations.futures]
        found = {ids: fitted(ids, scenarios, self.budget_jpy) for ids in wanted}
        self.unaffordable += [ids for ids, one in found.items() if one is None]
        return [one for one in found.values() if one is not None]

    # ---- races --------------------------------------------------------------------------------------

    def race(self, field: Iterable[MeasureSet]) -> None:
        """Runs a field of sets on more and more seeds, without those that are beaten; what is left is run in
        all futures on all seeds."""
        known = self.evaluations
        everywhere = range(len(known.futures))
        known.run([self.none], everywhere, known.seeds, "no measure")
        order = np.argsort(-known.standing(self.none).harm.mean(axis=1), kind="stable").tolist()
        alive = [one for one in dict.fromkeys(field) if one not in self._tried]
        self._tried.update(alive)
        rounds = rounds_of(known.seeds)
        level = self.error / (len(rounds) * len(order))
        for seeds in rounds:
            for number in order:
                what = f"sets: {len(alive)}, seeds: {len(seeds)}, {known.futures[number].title}"
                known.run(alive, [number], seeds, what)
                alive = self._unbeaten(alive, level)

    def _unbeaten(self, field: Sequence[MeasureSet], level: float) -> list[MeasureSet]:
        """Those of a field that no set which was run in all futures beats."""
        runs = set(self.evaluations.sets)
        field = [one for one in field if one in runs]
        here = [one for one in field if self._was_everywhere(one)]
        sets = list(dict.fromkeys([*self.front(), *here, *field]))
        standings = [self.evaluations.standing(one) for one in sets]
        rivals = [row for row, one in enumerate(sets) if self._was_everywhere(one)]
        values = np.array([standings[row].objectives() for row in rivals])
        base = self.base
        rivals = [rivals[row] for row in front_of(values, base, self.tolerance_frac)]
        rows = [sets.index(one) for one in field]
        kept = survivors(rows, rivals, standings, base, self.tolerance_frac, level)
        return [sets[row] for row in kept]

    def _was_everywhere(self, one: MeasureSet) -> bool:
        """Whether something is known of a set in every future."""
        return not np.isnan(self.evaluations.standing(one).harm).all(axis=1).any()

    # ---- what was found -----------------------------------------------------------------------------

    @property
    def base(self) -> np.ndarray:
        """Objectives of no measure."""
        return self.evaluations.standing(self.none).objectives()

    def front(self) -> list[MeasureSet]:
        """The sets on the front of all that were run in all futures on all seeds, the cheapest first."""
        sets = [one for one in self.evaluations.sets if self.evaluations.is_complete(one)]
        values = np.array([self.evaluations.standing(one).objectives() for one in sets])
        return [sets[row] for row in front_of(values, self.base, self.tolerance_frac)]
