"""The rounds that a leader may begin, and what each asks of the machine."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agentsim.agents.attacker.bad_actor import full_name, parse_attacker
from agentsim.app.replay import presets, scenario_list
from agentsim.app.replay.bilingual import Bilingual
from agentsim.app.replay.recording import Request
from agentsim.app.replay.stories import JUDGED_BY, story_of
from agentsim.app.room.needed_runs import PLANNED
from agentsim.app.room.room import RefusedEntry, Room
from agentsim.app.room.rounds import ATTACK, DEFEND, KINDS, PREDICT, Round
from agentsim.app.server.job_queue import JobQueue
from agentsim.outcomes import OUTCOMES
from agentsim.policies import POLICIES, expand
from agentsim.scenario.file import Scenario

GROUPS = "groups"  # the case of an attack round in which groups attack each other's choices
USUAL_MINUTES = {PREDICT: 3.0, DEFEND: 8.0, ATTACK: 8.0}
DEAREST_JPY, MOST_SEED = 10_000_000.0, 99_999


@dataclass(frozen=True)
class Offer:
    """One case of a round: the policies, and the seconds that its runs take (0: they are recorded)."""

    case: str
    about_s: float


def cases(scenario_name: str, kind: str) -> list[str]:
    """Policies joined by ``+`` from which a round is made: those of the story and those that are compared.

    In a defend round groups choose for themselves, so that there is one case, the empty one.
    """
    scenario = scenario_list.scenario_named(scenario_name)
    if kind == DEFEND:
        return [""]
    named = ["+".join(story_of(scenario_name, scenario).policies), *scenario.compare.policies]
    found = [text for text in dict.fromkeys(named) if text and set(text.split("+")) <= set(POLICIES)]
    return found if kind == PREDICT else ["", *found]


def offers(scenario_name: str, kind: str, queue: JobQueue) -> list[Offer]:
    """The cases of a round with the time that each takes on this machine."""
    return [
        Offer(case, sum(queue.about_s(one) for one in _requests(planned(scenario_name, kind, case))))
        for case in cases(scenario_name, kind)
    ]


def can_attack(scenario_name: str) -> bool:
    """True if the scenario has an attacker whose goal a group can play."""
    return scenario_list.scenario_named(scenario_name).attacker.kind != "none"


def planned(scenario_name: str, kind: str, case: str, seed: int = presets.SEED) -> Round:
    """The round of a case, at the scenario's full length."""
    scenario = scenario_list.scenario_named(scenario_name)
    attacker = presets.default_attacker(scenario)
    if kind == DEFEND:
        policies = tuple(POLICIES)
    else:
        policies = expand(case.split("+")) if case and case != GROUPS else ()
    return Round(
        number=0,
        kind=kind,
        scenario=scenario_name,
        policies=policies,
        attacker=attacker,
        seed=seed,
        hours=presets.request_for(scenario_name).hours,
        outcome=_outcome(scenario_name, scenario, kind),
        against_groups=case == GROUPS,
    )


def round_of(room: Room, sent: Mapping[str, Any]) -> tuple[Round, float]:
    """The round that a leader asks for, and its minutes; every word and number is checked.

    Raises
    ------
    RefusedEntry : something in it is unknown, or there is nothing to attack
    """
    kind, name, case = (str(sent.get(key, "")) for key in ("kind", "scenario", "case"))
    if kind not in KINDS or name not in scenario_list.names():
        raise _refused("this round is unknown", "このラウンドはありません")
    if kind == ATTACK and not can_attack(name):
        raise _refused("nobody attacks in this scenario; take another one", "このシナリオに攻撃者はいません")
    if case not in (*cases(name, kind), *([GROUPS] if kind == ATTACK else [])):
        raise _refused("these countermeasures are not offered", "この対策は選べません")
    seed = int(_number(sent.get("seed"), presets.SEED, 0, MOST_SEED))
    minutes = _number(sent.get("minutes"), USUAL_MINUTES[kind], 0.1, 120.0)
    limit = _number(sent.get("limit"), 0.0, 0.0, DEAREST_JPY) if kind == DEFEND else 0.0
    found = replace(planned(name, kind, case, seed), limit_jpy=limit)
    return (replace(found, defended=_last_defended(room, name)) if case == GROUPS else found), minutes


def _last_defended(room: Room, scenario_name: str) -> int:
    """The last defend round of this scenario in which a group handed in."""
    for one in reversed(room.rounds):
        if one.kind == DEFEND and one.scenario == scenario_name and room.entries(one):
            return one.number
    raise _refused(
        "no group has chosen countermeasures in this scenario yet; play a round of choosing first",
        "このシナリオで対策を選んだ班がまだありません。先に「対策を選ぶ」を行ってください",
    )


def _requests(round: Round) -> list[Request]:
    """Runs that must be there before a round is fun: those that groups see, and the best response."""
    usual = round.request(() if round.kind == DEFEND else round.policies, presets.HOUSEHOLDS)
    if round.kind == PREDICT:
        return [usual, usual.without_policies()]
    if round.kind == ATTACK and round.attacker != "none":
        return [usual, replace(usual, attacker=f"{parse_attacker(round.attacker)[0]}:{PLANNED}")]
    return [usual]


def _outcome(name: str, scenario: Scenario, kind: str) -> str:
    """By which harm is measured: the story's outcome; in an attack, what this kind of attacker wants."""
    attacker = parse_attacker(full_name(scenario.attacker.kind, scenario.attacker.mind))[0]
    wanted = (
        JUDGED_BY.get(attacker, "deprivation_mean") if kind == ATTACK else story_of(name, scenario).outcome
    )
    return wanted if wanted in OUTCOMES else "deprivation_mean"


def _number(value: Any, usual: float, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return usual
    return min(max(number, low), high) if number == number else usual


def _refused(en: str, ja: str) -> RefusedEntry:
    return RefusedEntry(Bilingual(en, ja))
