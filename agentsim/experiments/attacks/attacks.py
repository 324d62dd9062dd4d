"""What each run of a comparison meets: the attacker's foothold, its target and its plan."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from agentsim.agents.attacker.bad_actor import full_name
from agentsim.agents.attacker.mind import Plan
from agentsim.experiments.attacks.attack_plans import Assignment, OnPlan, make_plans
from agentsim.experiments.attacks.cross_plans import Transfer, cross_plans
from agentsim.experiments.attacks.targets import common_targets, target_at_random
from agentsim.experiments.runs.ledger import Ledger
from agentsim.scenario.file import Scenario
from agentsim.society.planning import PlannedAttack


@dataclass(frozen=True)
class Attack:
    """The scenario with the foothold and the target of a run, and the plan of a planning attacker."""

    scenario: Scenario
    plan: Plan | None = None


@dataclass(frozen=True)
class ChosenPlan:
    """The plan that a policy is attacked by, of all that are known against it.

    ``made_against`` is the policy for which it was found, ``seeds`` are the replications in which it is
    carried out, and ``agree`` is the number of planning seeds on which the policy's own search would have
    chosen the same plan.
    """

    policy: str
    attacker: str
    foothold: tuple[str, ...]
    seeds: tuple[int, ...]
    made_against: str
    planned: PlannedAttack
    agree: int


@dataclass(frozen=True)
class Group:
    """Runs in which an attacker has the same foothold: its name, their setting and their seeds."""

    foe: str  # as given
    attacker: str  # with its mind
    setting: Scenario
    seeds: tuple[int, ...]
    among: tuple[str, ...] = ()  # where the target is chosen, if it is the same under all policies

    @property
    def plans(self) -> bool:
        """Whether it plans."""
        return self.attacker.endswith(":best_response")


class Attacks:
    """Prepares the attacks of a comparison.

    Parameters
    ----------
    policies : ids by label; the first is no policy
    foes, seeds : of the comparison
    workers, executor, on_plan : as in ``compare``
    ledger : where plans are kept and looked up
    """

    def __init__(
        self,
        scenario: Scenario,
        policies: Mapping[str, tuple[str, ...]],
        foes: Sequence[str],
        seeds: Sequence[int],
        *,
        workers: int = 1,
        ledger: Ledger | None = None,
        executor: Executor | None = None,
        on_plan: OnPlan | None = None,
    ) -> None:
        self.scenario, self.policies, self.workers = scenario, policies, workers
        self.ledger, self.executor, self.on_plan = ledger, executor, on_plan
        self.chosen: list[ChosenPlan] = []
        self._found: dict[tuple[str, str, int], Attack] = {}
        groups = [group for foe in foes for group in self._groups(foe, seeds)]
        for group in groups:
            if not group.plans:
                self._set_out(group)
        self._plan([group for group in groups if group.plans])

    def of(self, label: str, foe: str, seed: int) -> Attack:
        """The attack on a policy by an attacker in one replication."""
        return self._found[label, foe, seed]

    # ---- footholds and targets ------------------------------------------------------------------------

    def _groups(self, foe: str, seeds: Sequence[int]) -> list[Group]:
        attacker = full_name(foe, self.scenario.attacker.mind)
        settings = {seed: self.scenario.for_seed(seed) for seed in seeds}
        by_foothold: dict[tuple[str, ...], list[int]] = {}
        for seed, setting in settings.items():
            by_foothold.setdefault(setting.attacker.foothold, []).append(seed)
        fixed = attacker.startswith("coercer:") and not attacker.endswith(":scripted")
        fixed &= self.scenario.compare.target == "fixed" and not self.scenario.attacker.target
        groups = []
        for own in by_foothold.values():
            setting = settings[own[0]]
            cases = [(setting, ids) for ids in self.policies.values()]
            among = common_targets(cases, "coercer") if fixed else ()
            groups.append(Group(foe, attacker, setting, tuple(own), among))
        return groups

    def _set_out(self, group: Group) -> None:
        """The attacks of an attacker that does not plan."""
        for seed in group.seeds:
            setting = group.setting
            if group.among:
                target = target_at_random(setting, seed, group.among)
                setting = setting.with_changes({"attacker.target": target}, facing=())
            for label in self.policies:
                self._found[label, group.foe, seed] = Attack(setting)

    # ---- plans ----------------------------------------------------------------------------------------

    def _plan(self, groups: Sequence[Group]) -> None:
        """The target by the plan against no policy; a plan against each policy; the best of all of them."""
        none = next(iter(self.policies))
        first = self._made({(k, none): self._assignment(g, none) for k, g in enumerate(groups) if g.among})
        targets = {k: made.plan.main_place for (k, _), made in first.items()}
        wanted: dict[tuple[int, str], Assignment] = {}
        for k, group in enumerate(groups):
            if targets.get(k):
                setting = group.setting.with_changes({"attacker.target": targets[k]}, facing=())
                group = replace(group, setting=setting)
            wanted |= {(k, label): self._assignment(group, label) for label in self.policies}
        made = self._made({case: one for case, one in wanted.items() if case not in first}) | first
        for k, group in enumerate(groups):
            assignments = {label: wanted[k, label] for label in self.policies}
            known = {label: made[k, label] for label in self.policies if (k, label) in made}
            self._choose(group, assignments, known)

    def _assignment(self, group: Group, label: str) -> Assignment:
        return Assignment(group.setting, self.policies[label], group.attacker, group.among)

    def _made(self, wanted: Mapping[tuple[int, str], Assignment]) -> dict[tuple[int, str], PlannedAttack]:
        def tell(done: int, plans: int, case: tuple[int, str]) -> None:
            if self.on_plan:
                self.on_plan(done, plans, f"{wanted[case].attacker} against {case[1]}")

        return make_plans(
            wanted, workers=self.workers, ledger=self.ledger, executor=self.executor, on_plan=tell
        )

    def _choose(
        self, group: Group, assignments: Mapping[str, Assignment], known: Mapping[str, PlannedAttack]
    ) -> None:
        transfer = self._crossed(assignments, known)
        for label, one in assignments.items():
            plan = None
            if label in known:
                made_against, planned = transfer.best(label)
                own, plan = known[label], planned.plan
                agree = sum(best == own.plan for best in own.by_seed)
                foothold = group.setting.attacker.foothold
                self.chosen.append(
                    ChosenPlan(label, group.foe, foothold, group.seeds, made_against, planned, agree)
                )
            for seed in group.seeds:
                self._found[label, group.foe, seed] = Attack(one.scenario, plan)

    def _crossed(self, assignments: Mapping[str, Assignment], known: Mapping[str, PlannedAttack]) -> Transfer:
        return cross_plans(assignments, known, thorough=False, workers=self.workers, executor=self.executor)
