"""Which claims are judged in which scenario, by which measures, and what the model lacks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agentsim.core.errors import InvalidScenario, unknown
from agentsim.outcomes import OUTCOMES
from agentsim.policies import POLICIES, expand
from agentsim.policies.claims import CLAIMS, Claim, missing
from agentsim.scenario.file import Scenario, load
from agentsim.scenario.names import scenario_folders


@dataclass(frozen=True)
class Question:
    """A claim in a scenario: the measures that are adopted, and what the model lacks to judge all of it."""

    claim: Claim
    file: Path
    scenario: Scenario
    attacker: str
    measures: tuple[str, ...]
    waits_for: tuple[str, ...]
    is_run: bool

    @property
    def name(self) -> tuple[str, Path]:
        """The claim and the file, which together occur once."""
        return self.claim.id, self.file

    @property
    def label(self) -> str:
        """The package as ``compare`` names it."""
        return "+".join(self.measures)

    @property
    def outcomes(self) -> tuple[tuple[str, int], ...]:
        """The outcomes that are measured, with the claimed signs."""
        return tuple((name, sign) for name, sign in self.claim.outcomes if name in OUTCOMES)


def questions(
    scenarios: Sequence[str | Path] = (), ids: Sequence[str] = (), partly: bool = False
) -> list[Question]:
    """What is to be judged, in the order of the registry.

    Parameters
    ----------
    scenarios : files; one that the registry names stands for the claims that are judged in it, any other is
        a scenario in which every claim is judged, with its own attacker; none: the registry's files
    ids : claims; none: all
    partly : a claim whose measures are not all there is judged by those that are

    Raises
    ------
    InvalidScenario : an unknown claim, or a file that is no scenario
    """
    if wrong := [unknown(id, CLAIMS, "claim") for id in ids if id not in CLAIMS]:
        raise InvalidScenario(wrong)
    chosen = [claim for claim in CLAIMS.values() if not ids or claim.id in ids]
    own = {Path(file): load(file) for file in scenarios}
    shipped = {registered(claim).resolve() for claim in CLAIMS.values()}
    named = {file.resolve() for file in own} & shipped
    found = [
        _question(claim, registered(claim), None, partly)
        for claim in chosen
        if not own or registered(claim).resolve() in named
    ]
    others = {file: scenario for file, scenario in own.items() if file.resolve() not in shipped}
    return found + [
        _question(claim, file, scenario, partly) for file, scenario in others.items() for claim in chosen
    ]


def registered(claim: Claim) -> Path:
    """The file of the scenario in which the registry judges a claim."""
    files = (folder / Path(claim.scenario).name for folder in scenario_folders())
    return next((file for file in files if file.is_file()), Path(claim.scenario))


def _question(claim: Claim, file: Path, own: Scenario | None, partly: bool) -> Question:
    scenario = load(file).with_changes(claim.changes) if own is None else own
    attacker = (claim.attacker if own is None else "") or scenario.attacker.kind
    waits_for = missing(claim, OUTCOMES)
    measures = expand([id for id in claim.measures if id in POLICIES])
    measured = any(name in OUTCOMES for name, _ in claim.outcomes)
    is_run = not waits_for or (partly and bool(measures) and measured)
    return Question(claim, file, scenario, attacker, measures, waits_for, is_run)


def grouped(asked: Sequence[Question]) -> list[list[Question]]:
    """Questions that are run, together where only the measures differ."""
    groups: dict[tuple, list[Question]] = {}
    for one in asked:
        if one.is_run:
            key = (one.file.resolve(), one.attacker, repr(one.scenario.given))
            groups.setdefault(key, []).append(one)
    return list(groups.values())
