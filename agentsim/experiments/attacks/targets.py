"""The target district of a coercer in a comparison: one and the same under all policies.

Districts differ in people, stocks and networks, so the harm in two different districts says little about
the policies. And a policy that moves one district out of an attacker's reach protects that district alone,
because an attacker goes to another one. So the target is chosen among the districts that are within reach
under every policy.
"""

from collections.abc import Iterable, Sequence

from agentsim.agents.attacker.mind import drawn_place
from agentsim.core.streams import Streams
from agentsim.scenario.file import Scenario
from agentsim.society.planning import chances_under


def common_targets(cases: Iterable[tuple[Scenario, Sequence[str]]], kind: str) -> tuple[str, ...]:
    """Districts within reach of an attacker in each of these scenarios under these policies.

    All that are within reach in the first case, where no district is common to all.
    """
    found = [chances_under(scenario, tuple(ids), kind).within_reach() for scenario, ids in cases]
    common = [place for place in found[0] if all(place in reach for reach in found)]
    return tuple(common) or found[0]


def target_at_random(scenario: Scenario, seed: int, among: Sequence[str]) -> str:
    """The district *among* some that the random mind chooses under this seed."""
    districts = scenario.build_place().districts.name
    return drawn_place(Streams(seed), 0, districts, frozenset(among))
