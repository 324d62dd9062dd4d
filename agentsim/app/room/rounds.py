"""What a room knows: rounds, groups, and what each group hands in."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from agentsim.agents.attacker.mind import Plan
from agentsim.app.replay.recording import Request, plan_from_data

PREDICT, DEFEND, ATTACK = "predict", "defend", "attack"
KINDS = (PREDICT, DEFEND, ATTACK)


@dataclass(frozen=True)
class Round:
    """One round, the same for all groups. Its values hold whatever a browser sends.

    Attributes
    ----------
    number : 1 is the first
    kind : ``predict``: guess an outcome; ``defend``: choose countermeasures; ``attack``: plan an attack
    scenario, seed, hours : of all runs
    policies : predict, attack: that are adopted; defend: that may be chosen
    attacker : kind and mind; in an attack round the kind whose goal is played
    against_groups : attack: each group attacks what another group has chosen in the round *defended*
    outcome : by which harm is measured
    limit_jpy : the most that a choice may cost [JPY/household/y]; 0: no limit
    began_s, ends_s : time of day [s since 1970]
    stopped : ended by the leader
    repeats : repetitions that the leader has asked for
    """

    number: int
    kind: str
    scenario: str
    policies: tuple[str, ...]
    attacker: str
    seed: int
    hours: int
    outcome: str
    against_groups: bool = False
    defended: int = 0
    limit_jpy: float = 0.0
    began_s: float = 0.0
    ends_s: float = 0.0
    stopped: bool = False
    repeats: int = 0

    def is_open(self, now_s: float) -> bool:
        """True while groups may hand in."""
        return not self.stopped and now_s < self.ends_s

    def request(self, policies: tuple[str, ...], households: int, attacker: str = "") -> Request:
        """The run of this round with other policies or another attacker."""
        return Request(
            self.scenario,
            policies=policies,
            attacker=attacker or self.attacker,
            seed=self.seed,
            hours=self.hours,
            households=households,
        )

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Round":
        return cls(**(dict(data) | {"policies": tuple(data["policies"])}))


@dataclass(frozen=True)
class Group:
    """A group: some pupils with one or more devices. It has a number and no name.

    ``code`` lets another device, or a browser without its cookies, come back to the group.
    """

    number: int
    code: str
    role: str = ""
    address: str = ""  # of its first device, for fair turns


@dataclass(frozen=True)
class Entry:
    """What a group has handed in for a round.

    ``guess`` in the unit of the round's outcome, ``policies`` that it has chosen, ``plan`` of its attack,
    ``target`` the group whose choice it attacks (0: the round's policies), ``role`` that the group had then.
    """

    round: int
    group: int
    at_s: float
    guess: float | None = None
    policies: tuple[str, ...] = ()
    plan: Plan | None = None
    target: int = 0
    role: str = ""

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Entry":
        plan = data.get("plan")
        return cls(
            **(
                dict(data)
                | {
                    "policies": tuple(data["policies"]),
                    "plan": None if plan is None else plan_from_data(plan),
                }
            )
        )


@dataclass(frozen=True)
class Result:
    """Outcomes of a run of a round, or why there are none.

    ``outcomes`` of the one run by name; ``rows`` of repetitions: outcome -> ``mean, low, high, n`` and more.
    """

    outcomes: dict[str, float] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)
    error: tuple[str, str] = ("", "")

    @property
    def failed(self) -> bool:
        return bool(self.error[0])

    def value(self, outcome: str) -> float | None:
        return self.outcomes.get(outcome)

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Result":
        return replace(cls(**data), error=tuple(data["error"]))
