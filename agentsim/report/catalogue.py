"""What there is: scenarios, policies, attackers, outcomes, claims, places, mechanisms and stages, as rows."""

import inspect
import re
import tomllib
from collections.abc import Callable
from typing import Any

from agentsim.core.mechanisms import Mechanisms
from agentsim.core.text_files import UnreadableText, decoded, file_bytes
from agentsim.scenario import names

Row = dict[str, Any]
DIRECTION = {-1: "lower", 0: "", 1: "higher"}


def catalogue(what: str) -> list[Row]:
    """The rows of one list; each has an ``id`` and what there is to say of it."""
    return _LISTS[what]()


def _scenarios() -> list[Row]:
    rows = []
    for file in names.scenario_files().values():
        try:
            head = tomllib.loads(decoded(file_bytes(file)))
        except (tomllib.TOMLDecodeError, UnreadableText):
            head = {"title": "(not readable: see agentsim check)"}
        titles = {"title": head.get("title", ""), "title_ja": head.get("title_ja", "")}
        rows.append({"id": str(file), "scenario": str(file)} | titles)
    return rows


def _policies() -> list[Row]:
    from agentsim.outcomes import OUTCOMES
    from agentsim.policies import PACKAGES, POLICIES
    from agentsim.report.labels import policy_name, with_name

    rows = [
        {
            "id": entry.id,
            "policy": entry.id,
            "name": entry.name,
            "name_ja": entry.name_ja,
            "changes": ", ".join(entry.writes),
            "carried by": ", ".join(entry.carried_by),
            "claim": f"{entry.outcome} {'falls' if entry.claimed_sign < 0 else 'rises'}",
            "claim_in_words": f"{DIRECTION[entry.claimed_sign]} {_small(OUTCOMES[entry.outcome].title)}",
        }
        for entry in POLICIES.values()
    ]
    blank = {"name_ja": "", "changes": "", "carried by": "", "claim": "", "claim_in_words": ""}
    return rows + [
        {
            "id": name,
            "policy": name,
            "name": f"package: {with_name(ids[0]) if len(ids) == 1 else policy_name(name)}",
        }
        | blank
        for name, ids in PACKAGES.items()
    ]


def _small(title: str) -> str:
    return title[:1].lower() + title[1:]


def _attackers() -> list[Row]:
    from agentsim.agents.attacker.bad_actor import parse_attacker
    from agentsim.report.labels import CHOOSES, WANTS

    rows = []
    for name in names.attackers():
        kind, mind = parse_attacker(name)
        chooses = CHOOSES[mind] if kind != "none" else ""
        rows.append({"id": name, "attacker": name, "wants": WANTS[kind], "chooses": chooses})
    return rows


def _outcomes() -> list[Row]:
    from agentsim.outcomes import OUTCOMES

    return [
        {
            "id": outcome.name,
            "outcome": outcome.name,
            "unit": outcome.unit,
            "title": outcome.title,
            "title_ja": outcome.title_ja,
            "better": DIRECTION[outcome.better],
            "statement": outcome.statement,
        }
        for outcome in OUTCOMES.values()
    ]


def _claims() -> list[Row]:
    """What the paper says of its measures, and whether the model can judge it."""
    from agentsim.outcomes import OUTCOMES
    from agentsim.policies.claims import CLAIMS, missing

    return [
        {
            "id": claim.id,
            "statement": claim.statement,
            "statement_ja": claim.statement_ja,
            "outcomes": [f"{DIRECTION[sign]} {name}" for name, sign in claim.outcomes],
            "claimed_sign": dict(claim.outcomes),
            "scenario": claim.scenario,
            "measures": list(claim.measures),
            "can be judged": "yes" if not lacks else f"not yet, without {', '.join(lacks)}",
        }
        for claim in CLAIMS.values()
        for lacks in (missing(claim, OUTCOMES),)
    ]


def _places() -> list[Row]:
    from agentsim.place.spec import read_spec

    rows = []
    for name in names.places():
        spec = read_spec(name)
        rows.append({"id": name, "place": name, "title": spec.title, "title_ja": spec.title_ja})
    return rows


def _mechanisms() -> list[Row]:
    """The switches; what each does stands behind it in the source, which is read for it."""
    source = inspect.getsource(Mechanisms)
    notes = dict(re.findall(r"^    (\w+): bool = True  # (.*)$", source, re.MULTILINE))
    return [
        {"id": name, "mechanism": name, "what it does": notes.get(name, "")} for name in Mechanisms.names()
    ]


def _stages() -> list[Row]:
    """The stages of an hour, in their order."""
    from agentsim.society.stages import STAGES

    return [
        {
            "id": stage.name,
            "room": stage.room,
            "reads": _words(stage.reads),
            "writes": _words(stage.writes),
            "says": stage.says,
        }
        for stage in STAGES
    ]


def _words(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


_LISTS: dict[str, Callable[[], list[Row]]] = {
    "scenarios": _scenarios,
    "policies": _policies,
    "attackers": _attackers,
    "outcomes": _outcomes,
    "claims": _claims,
    "places": _places,
    "mechanisms": _mechanisms,
    "stages": _stages,
}
