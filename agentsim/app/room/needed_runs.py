"""The runs that a round needs: what groups have handed in, and what it is compared with."""

from dataclasses import dataclass, replace

from agentsim.agents.attacker.bad_actor import parse_attacker
from agentsim.agents.attacker.mind import Plan
from agentsim.app.replay.presets import HOUSEHOLDS, SEEDS
from agentsim.app.replay.recording import Request
from agentsim.app.room.room import Room
from agentsim.app.room.rounds import ATTACK, PREDICT, Entry, Round

PLANNED = "best_response"
WITHOUT, CASE = "without", "case"  # names of results that belong to no group


@dataclass(frozen=True)
class NeededRun:
    """A run whose outcomes a round needs.

    ``name`` of its result; with ``seeds`` the table of repetitions is needed. ``entry``: whose it is, if a
    group's.
    """

    name: str
    request: Request
    seeds: int = 0
    entry: Entry | None = None


def of_group(number: int, repetition: int = 0) -> str:
    """The name of a group's result; repetitions beyond the first have names of their own."""
    return f"repeat:{repetition}:group:{number}" if repetition else f"group:{number}"


def best_against(policies: tuple[str, ...], repetition: int = 0) -> str:
    """The name of the result of the planning attacker against these policies."""
    name = f"best:{'+'.join(policies)}"
    return f"repeat:{repetition}:{name}" if repetition else name


def table_of(name: str) -> str:
    """The name of the table of repetitions of a case."""
    return f"table:{name}"


def needed_runs(room: Room, round: Round, best_plans: dict[tuple[str, ...], Plan]) -> list[NeededRun]:
    """Runs of a round in the order in which they are of use.

    Parameters
    ----------
    best_plans : plans of the planning attacker that are known, by the policies that they meet; their
        repetitions need no new planning
    """
    if round.kind == PREDICT:
        case = round.request(round.policies, HOUSEHOLDS)
        return [NeededRun(CASE, case), NeededRun(WITHOUT, case.without_policies())]
    entries = room.entries(round)
    if round.kind == ATTACK:
        return _of_attacks(room, round, entries, best_plans)
    runs = [
        NeededRun(of_group(one.group), round.request(one.policies, HOUSEHOLDS), entry=one) for one in entries
    ]
    runs.append(NeededRun(WITHOUT, round.request((), HOUSEHOLDS)))
    if round.repeats:
        runs += [
            NeededRun(table_of(one.name), one.request, SEEDS, one.entry)
            for one in runs[:-1]
            if one.request.policies
        ]
    return runs


def _of_attacks(
    room: Room, round: Round, entries: list[Entry], best_plans: dict[tuple[str, ...], Plan]
) -> list[NeededRun]:
    attacker = f"{parse_attacker(round.attacker)[0]}:{PLANNED}"
    faced = {one.group: faced_by(room, round, one) for one in entries}
    met = dict.fromkeys([*faced.values(), *_to_be_faced(room, round)])
    runs = []
    for repetition in range(max(round.repeats, 1)):
        for one in entries:
            request = round.request(faced[one.group], HOUSEHOLDS, attacker)
            request = replace(request, plan=one.plan, seed=round.seed + repetition)
            runs.append(NeededRun(of_group(one.group, repetition), request, entry=one))
        for policies in met:
            plan = best_plans.get(policies) if repetition else None
            if repetition and plan is None:
                continue
            request = replace(
                round.request(policies, HOUSEHOLDS, attacker), plan=plan, seed=round.seed + repetition
            )
            runs.append(NeededRun(best_against(policies, repetition), request))
    return runs


def _to_be_faced(room: Room, round: Round) -> list[tuple[str, ...]]:
    """What the groups of a round that runs will meet; planning against it takes long and begins at once."""
    if not room.is_open(round):
        return []
    return [room.policies_faced(round, one) for one in room.groups if room.takes_part(round, one)]


def faced_by(room: Room, round: Round, entry: Entry) -> tuple[str, ...]:
    """The policies that an entry met when it was handed in."""
    group = next((one for one in room.groups if one.number == entry.target), None)
    defended = room.rounds[round.defended - 1] if round.defended else None
    defence = room.entry(defended, group) if group and defended else None
    return defence.policies if defence else round.policies
