"""The names that a user may write: places, attackers, policies and their combinations."""

import sys
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import agentsim
from agentsim.core.charter import Control, Holding
from agentsim.core.errors import InvalidScenario, unknown


def scenario_folders() -> tuple[Path, ...]:
    """Where scenarios are looked for: ``scenarios`` here, then those that came with the package."""
    package = Path(agentsim.__file__).parent.parent
    installed = Path("share") / "agentsim" / "scenarios"  # where a wheel puts them
    return Path("scenarios"), package / "scenarios", package / installed, Path(sys.prefix) / installed


def scenario_files() -> dict[str, Path]:
    """Scenario files by name: of the folder ``scenarios`` here, else those that came with the package."""
    folders = (folder for folder in scenario_folders() if any(folder.glob("*.toml")))
    return {file.stem: file for file in sorted(next(folders, Path("scenarios")).glob("*.toml"))}


def places() -> list[str]:
    """The cities that come with the package."""
    return list(import_module("agentsim.place").shipped_places())


def kinds() -> list[str]:
    """What a bad actor may want."""
    return list(import_module("agentsim.agents.attacker.bad_actor").KINDS)


def minds() -> list[str]:
    """How a bad actor may choose."""
    return list(import_module("agentsim.agents.attacker.bad_actor").MINDS)


def persistences() -> list[str]:
    """What ends the campaign of a coercer."""
    return list(import_module("agentsim.agents.attacker.bad_actor").PERSISTENCE)


def attackers() -> list[str]:
    """The names of attackers: a kind, or kind:mind."""
    known = kinds()
    return known + [f"{kind}:{mind}" for kind in known if kind != "none" for mind in minds()]


def single_policies() -> list[str]:
    """The ids of all policies."""
    return list(import_module("agentsim.policies").POLICIES)


def policies() -> list[str]:
    """The ids of all policies, then the packages of them."""
    return single_policies() + list(import_module("agentsim.policies").PACKAGES)


def principals() -> list[str]:
    """The control rooms that can be captured from the start: those that the plain charter names."""
    rules = [item.default for item in fields(Control) if isinstance(item.default, Holding)]
    holders = [name for rule in rules for name in rule.holders]
    return [name for name in dict.fromkeys(holders) if name != "municipality"]


def targets() -> list[str]:
    """How the target district of a coercer is chosen in a comparison."""
    return ["fixed", "free"]


def policy_ids(text: str) -> tuple[str, ...]:
    """The ids that ``"A+B"`` or a package stands for, in the registry's order; ``"none"`` is none at all.

    Raises :class:`InvalidScenario` for a name that is not known.
    """
    words = [word for word in (part.strip() for part in text.split("+")) if word != "none"]
    known = policies()
    faults = [unknown(word, known) for word in words if word not in known]
    if faults:
        raise InvalidScenario(faults)
    return import_module("agentsim.policies").expand(words)


def comparable() -> list[str]:
    """What may be compared: policies and packages, also joined by ``+``, and ``each`` by itself."""
    return [*policies(), "each"]
