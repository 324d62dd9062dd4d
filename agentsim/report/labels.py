"""Names of policies and attackers as a reader sees them, beside or in place of their ids."""

from agentsim.agents.attacker.bad_actor import full_name, parse_attacker
from agentsim.policies import POLICIES
from agentsim.scenario.names import policy_ids

WANTS = {
    "none": "nobody attacks",
    "coercer": "harm in one district",
    "rent_seeker": "higher prices in the city",
    "saboteur": "harm anywhere in the city",
    "cartel": "higher import prices",
}
CHOOSES = {
    "": "as the scenario says",
    "random": "at random",
    "best_response": "plans what pays best",
    "scripted": "follows a list",
}
_WHICH = {
    "": "",
    "random": " that acts at random",
    "best_response": " that plans",
    "scripted": " that follows a list",
}


def policy_name(label: str) -> str:
    """The name of a policy, of several, or of a package.

    >>> policy_name("E-C2+W-S1"), policy_name("none")
    ('Distributed energy management + Desalination', 'no policy')
    """
    ids = policy_ids(label)
    if len(ids) == len(POLICIES):
        return f"all {len(ids)} policies together"
    return " + ".join(POLICIES[id].name for id in ids) or "no policy"


def with_name(label: str) -> str:
    """The id and the name of a policy.

    >>> with_name("W-S1"), with_name("none")
    ('W-S1 Desalination', 'no policy')
    """
    return policy_name(label) if label == "none" else f"{label} {policy_name(label)}"


def against(attacker: str, usual_mind: str = "") -> str:
    """Who attacks, in words; *usual_mind* is that of a name which says none.

    >>> against("none"), against("coercer", "best_response"), against("rent_seeker:random")
    ('without an attack', 'against the coercer that plans', 'against the rent seeker that acts at random')
    """
    kind, mind = parse_attacker(full_name(attacker, usual_mind).rstrip(":"))
    return "without an attack" if kind == "none" else f"against the {kind.replace('_', ' ')}{_WHICH[mind]}"


def capital(text: str) -> str:
    """A text that begins a sentence."""
    return text[:1].upper() + text[1:]
