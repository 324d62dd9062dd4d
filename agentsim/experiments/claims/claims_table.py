"""Verdicts on claims as a table and as plain data: a row for each claim, and for each of its outcomes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from agentsim.experiments.claims.claim_questions import Question
from agentsim.experiments.claims.verdicts import NOT_YET, Effect, confirmed, contradicts, deciding, together
from agentsim.outcomes import OUTCOMES

COLUMNS = (
    *("id", "statement", "statement_ja", "scenario", "attacker", "measures", "waits_for"),
    *("outcome", "unit", "claimed_sign", "base", "difference", "low", "high", "margin", "n", "method"),
    *("p_value", "p_adjusted", "verdict", "flips_when"),
)
SECOND = ("difference", "low", "high", "p_adjusted", "verdict")  # of the second set of seeds


@dataclass(frozen=True)
class Judged:
    """A question with the changes that were found; none where it was not run."""

    question: Question
    effects: tuple[Effect, ...] = ()

    @property
    def verdict(self) -> str:
        """The verdict on the claim."""
        return together([effect.verdict for effect in self.effects]) if self.effects else NOT_YET


def claims_table(judged: Sequence[Sequence[Judged]]) -> pd.DataFrame:
    """The rows of ``COLUMNS`` from the judged questions of one set of seeds, or of two."""
    rows = [_row(one) for one in judged[0]]
    names = list(COLUMNS)
    if len(judged) > 1:
        rows = [_with_second(*pair) for pair in zip(*judged, strict=True)]
        names += ["first_verdict", *(f"second_{name}" for name in SECOND)]
    return pd.DataFrame(rows, columns=names)


def _row(one: Judged) -> dict[str, Any]:
    asked = one.question
    (outcome, sign), *_ = asked.claim.outcomes
    row: dict[str, Any] = {
        "id": asked.claim.id,
        "statement": asked.claim.statement,
        "statement_ja": asked.claim.statement_ja,
        "scenario": str(asked.file),
        "attacker": asked.attacker,
        "measures": asked.measures,
        "waits_for": asked.waits_for,
        "flips_when": None,
    }
    numbers = {"outcome": outcome, "claimed_sign": sign, "n": 0, "unit": _unit(outcome)}
    if one.effects:
        numbers = asdict(deciding(one.effects))
    return row | numbers | {"verdict": one.verdict}


def _unit(outcome: str) -> str:
    return OUTCOMES[outcome].unit if outcome in OUTCOMES else ""


def _with_second(first: Judged, second: Judged) -> dict[str, Any]:
    """A row of the first set, with what the second one says of the same outcome, and the verdict of both."""
    row = _row(first)
    other = next((one for one in second.effects if one.outcome == row["outcome"]), None)
    values = asdict(other) if other else {}
    row |= {f"second_{name}": values.get(name, math.nan) for name in SECOND}
    verdicts = first.verdict, second.verdict
    return row | {
        "first_verdict": verdicts[0],
        "second_verdict": verdicts[1],
        "verdict": NOT_YET if NOT_YET in verdicts else confirmed(*verdicts),
    }


def parts_of(judged: Sequence[Sequence[Judged]]) -> list[dict[str, Any]]:
    """A row for each set of seeds, claim and outcome."""
    return [
        {"id": one.question.claim.id, "scenario": str(one.question.file), "set": number}
        | asdict(effect)
        | {"verdict": effect.verdict}
        for number, answers in enumerate(judged, 1)
        for one in answers
        for effect in one.effects
    ]


def contradictions_of(judged: Sequence[Sequence[Judged]]) -> list[str]:
    """Claims that one set of seeds supports and the other reverses."""
    if len(judged) < 2:
        return []
    pairs = zip(*judged, strict=True)
    return [a.question.claim.id for a, b in pairs if contradicts(a.verdict, b.verdict)]


def as_json(table: pd.DataFrame) -> dict[str, Any]:
    """The verdicts as plain data; what is not a number is None."""
    parts = [_plain(part) for part in table.attrs["parts"]]
    rows = []
    for row in table.to_dict("records"):
        mine = [part for part in parts if part["id"] == row["id"] and part["scenario"] == row["scenario"]]
        rows.append(_plain(row) | {"parts": mine})
    head = {key: table.attrs[key] for key in ("seeds", "contradictions", "failures", "wall_s", "interrupted")}
    return {"claims": rows} | head


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    def one(value: Any) -> Any:
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        return list(value) if isinstance(value, tuple) else value

    return {str(key): one(value) for key, value in row.items()}


def from_json(content: Mapping[str, Any]) -> pd.DataFrame:
    """The table of :func:`as_json`, as after reading ``claims.json``; what is None there is not a number."""
    claims = [dict(row) for row in content["claims"]]
    parts = [_numbers(part) for row in claims for part in row.pop("parts")]
    table = pd.DataFrame([_numbers(row) for row in claims])
    about: dict[Any, Any] = {key: value for key, value in content.items() if key != "claims"}
    table.attrs = {"wall_s": math.nan, "not_kept": "", **about, "parts": parts}
    return table


def _numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    texts = ("method", "flips_when")
    return {key: math.nan if value is None and key not in texts else value for key, value in row.items()}
