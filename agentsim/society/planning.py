"""How a planning attacker chooses its plan: a search on one planning seed, the best of it tried on others."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from agentsim.agents.attacker.bad_actor import parse_attacker
from agentsim.agents.attacker.chances import Chances
from agentsim.agents.attacker.mind import Plan
from agentsim.agents.attacker.search import Search
from agentsim.agents.attacker.worth import expected_payoff
from agentsim.scenario.file import Scenario
from agentsim.society.rehearsal import PLANNING_SEED, MakeSociety, OnRollout, Rehearsal
from agentsim.society.setup import control_graph, lay_ground, opportunities


@dataclass(frozen=True)
class PlannedAttack:
    """A plan, what it promises on each planning seed, and what would have been chosen on each alone.

    ``payoffs`` are of whole runs, over the chances of captures [units]; that of the empty plan is 0.
    """

    plan: Plan
    payoffs: tuple[float, ...] = ()
    by_seed: tuple[Plan, ...] = ()
    first_rough: float = 0.0  # on the first planning seed, by the search's longest rollout

    @property
    def promised(self) -> float:
        """Mean payoff over the planning seeds [units]."""
        return sum(self.payoffs) / max(len(self.payoffs), 1)


def chances_under(scenario: Scenario, policies: tuple[str, ...], kind: str) -> Chances:
    """What an attacker with the scenario's foothold could do under these policies."""
    ground = lay_ground(scenario, policies, PLANNING_SEED)
    ordinary_mw = np.ones(1)  # sets ordinary prices, on which no chance depends
    return opportunities(ground, control_graph(ground), ordinary_mw).chances(kind)


class Tryouts:
    """Rehearsals of one attacker against one set of policies, one for each planning seed.

    Parameters
    ----------
    scenario : with the foothold of a seed (:meth:`Scenario.for_seed`)
    among : districts from which a target is chosen; (): all
    on_rollout : told how many rollouts are done, 0 at first
    """

    def __init__(
        self,
        scenario: Scenario,
        policies: tuple[str, ...],
        attacker: str,
        make_society: MakeSociety,
        among: tuple[str, ...] = (),
        on_rollout: OnRollout | None = None,
    ) -> None:
        self._rollouts, self._tell = 0, on_rollout or (lambda done: None)
        self._tell(0)
        self.scenario, self.policies = scenario, policies
        self.kind, _ = parse_attacker(attacker)
        self.make_society = make_society
        self.seeds = tuple(PLANNING_SEED + k for k in range(scenario.attacker.plan_seeds))
        self._rehearsals: dict[int, Rehearsal] = {}
        target = scenario.attacker.target
        places = (target,) if target else among
        chances = self.rehearsal(self.seeds[0]).chances()
        self.chances: Chances = chances.only(*places) if places and self.kind != "cartel" else chances

    def rehearsal(self, seed: int) -> Rehearsal:
        """The rehearsal on a planning seed."""
        if seed not in self._rehearsals:
            self._rehearsals[seed] = Rehearsal(
                self.scenario, self.policies, self.kind, self.make_society, seed, self._note_rollout
            )
        return self._rehearsals[seed]

    def _note_rollout(self) -> None:
        self._rollouts += 1
        self._tell(self._rollouts)

    def search(self) -> Search:
        """A search on the first planning seed."""
        first = self.rehearsal(self.seeds[0])
        return Search(self.chances, first.payoff, self.kind == "coercer", self.scenario.parameters.mind)

    def rough(self, plan: Plan, seed: int) -> float:
        """Expected payoff of a plan on a planning seed, by rollouts of the longest horizon [units]."""
        longest = self.scenario.parameters.mind.horizons_h[-1]
        return expected_payoff(plan, longest, self.chances, self.rehearsal(seed).payoff)

    def whole(self, plan: Plan) -> tuple[float, ...]:
        """Expected payoff of a plan on each planning seed, by rollouts to the end of the run [units]."""
        return tuple(
            expected_payoff(plan, rehearsal.whole_h, self.chances, rehearsal.payoff)
            for rehearsal in map(self.rehearsal, self.seeds)
        )

    def pays(self, plan: Plan) -> bool:
        """Whether a plan brings more than 0 over the whole run, in the mean over the planning seeds.

        The run is lived to its end only where the longest rollout of the search does not settle it.
        """
        longest = self.scenario.parameters.mind.horizons_h[-1]
        least = [
            expected_payoff(plan, longest, self.chances, self.rehearsal(seed).least_payoff)
            for seed in self.seeds
        ]
        return sum(least) > 0.0 or sum(self.whole(plan)) > 0.0

    def adapted(self, plan: Plan) -> Plan:
        """A plan made elsewhere as it can be carried out here: the strikes that are possible, with the
        captures that they need here; an empty one if none is."""
        possible = {option.strike for option in self.chances.options}
        strikes = tuple(strike for strike in plan.strikes if strike in possible)
        return self.search().with_captures(strikes, plan) if strikes else Plan()

    def end(self) -> None:
        """Give up all societies."""
        for rehearsal in self._rehearsals.values():
            rehearsal.end()


@cache
def planned_attack(
    scenario: Scenario,
    policies: tuple[str, ...],
    attacker: str,
    make_society: MakeSociety,
    among: tuple[str, ...] = (),
    on_rollout: OnRollout | None = None,
) -> PlannedAttack:
    """The best response of an attacker to these policies, made once and remembered in this process.

    It plans white-box, on seeds of its own and at most 3,000 weighted households over the same networks,
    because it does not foresee chance. The finalists of a search on the first planning seed are ranked by
    their mean over all planning seeds; the first of them that brings more than 0 over the whole run is taken.
    If none does, it declines: the empty plan brings 0.
    """
    tries = Tryouts(scenario, policies, attacker, make_society, among, on_rollout)
    found = chosen(tries, _finalists(tries))
    tries.end()
    return found


@cache
def plan_attack(
    scenario: Scenario, policies: tuple[str, ...], attacker: str, make_society: MakeSociety
) -> Plan:
    """The plan of :func:`planned_attack`, for whoever does not ask what it promises; in two thirds of the
    time, because most plans show before the end of the run that they pay."""
    tries = Tryouts(scenario, policies, attacker, make_society)
    ranked = _ranked(_rough(tries, _finalists(tries)))
    plan = next(filter(tries.pays, ranked), Plan())
    tries.end()
    return plan


def chosen(tries: Tryouts, plans: list[Plan]) -> PlannedAttack:
    """The best of some plans by the mean over planning seeds, or the empty one."""
    rough = _rough(tries, plans)
    by_seed = tuple(_best({plan: worth[k] for plan, worth in rough.items()}) for k in range(len(tries.seeds)))
    for plan in _ranked(rough):
        payoffs = tries.whole(plan)
        if sum(payoffs) > 0.0:
            return PlannedAttack(plan, payoffs, by_seed, rough[plan][0])
    return PlannedAttack(Plan(), (0.0,) * len(tries.seeds), by_seed)


def _rough(tries: Tryouts, plans: list[Plan]) -> dict[Plan, list[float]]:
    """Payoffs by the search's longest rollout on each planning seed [units]."""
    return {plan: [tries.rough(plan, seed) for seed in tries.seeds] for plan in plans}


def _ranked(rough: dict[Plan, list[float]]) -> list[Plan]:
    """Plans that promise more than 0, the best first, by the mean over planning seeds."""
    ranked = sorted(rough, key=lambda plan: sum(rough[plan]), reverse=True)
    return [plan for plan in ranked if sum(rough[plan]) > 0.0]


def _best(worth: dict[Plan, float]) -> Plan:
    best = max(worth, key=worth.__getitem__, default=Plan())
    return best if worth.get(best, 0.0) > 0.0 else Plan()


def _finalists(tries: Tryouts) -> list[Plan]:
    search = tries.search()
    search.best()
    return search.finalists()
