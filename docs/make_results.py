"""Makes the tables of README.md and docs/results.md on two sets of seeds. ``make results`` calls this.

A sentence about a policy is kept only where both sets of seeds say the same word. No seed of the two sets is
used anywhere else in the project.
"""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import agentsim as sim
from agentsim.policies import POLICIES
from agentsim.report.archive import write_json, write_text
from agentsim.report.labels import policy_name
from agentsim.report.tables import HIGHER, LOWER, SAME, UNCLEAR, number, rows_of, verdict
from agentsim.scenario.names import policy_ids

ROOT = Path(__file__).parent.parent
SCENARIO = "scenarios/hostile_operator.toml"
DATA = ROOT / "docs" / "results.json"
PAGE = ROOT / "docs" / "results.md"
READMES = {"en": ROOT / "README.md", "ja": ROOT / "README.ja.md"}
HOURS = 504  # three weeks
SETS = (range(1001, 1031), range(1031, 1061))
COST = "capital_jpy_per_household_year"
ALONE = ("E-C1", "E-C2", "E-C3", "W-C1", "W-C3", "T-C1", "T-C2", "X-C1", "X-C2", "X-C3", "X-C4", "X-C5")
TOGETHER = ("E-C2+W-C1", "X-C2+X-C4")


@dataclass(frozen=True)
class Question:
    """One table: what these policies change in one outcome under one attacker."""

    id: str
    attacker: str
    outcome: str
    title: Mapping[str, str]
    policies: tuple[str, ...] = (*ALONE, *TOGETHER)
    changes: Mapping[str, Any] = field(default_factory=dict)


QUESTIONS = (
    Question(
        id="random-attacker",
        attacker="coercer:random",
        outcome="deprivation_target_district",
        title={
            "en": "Deprivation of the attacked district, under an attacker that acts at random",
            "ja": "無作為に行動する攻撃者のもとでの、標的地区の生活の不自由さ",
        },
    ),
    Question(
        id="planning-attacker",
        attacker="coercer:best_response",
        outcome="deprivation_worst_district",
        title={
            "en": "Deprivation of the worst district, under an attacker that plans against each policy",
            "ja": "対策ごとに計画を立てる攻撃者のもとでの、最も苦しい地区の生活の不自由さ",
        },
        policies=("E-C2", "W-C1", "X-C1", "X-C4", "X-C5", *TOGETHER),
    ),
    Question(
        id="coercion",
        attacker="coercer:random",
        outcome="time_to_concession_h",
        title={
            "en": "Time until a district gives in, under an attacker that acts at random",
            "ja": "無作為に行動する攻撃者のもとで、地区が屈服するまでの時間",
        },
        policies=("E-C2", "W-C1", "X-C1", "X-C4", "X-C5", *TOGETHER),
        changes={"attacker.persistence": "until_concession"},
    ),
)

APART = "apart"
WORDS = {
    "en": {
        "head": (
            "policy",
            "change, seeds {a}",
            "change, seeds {b}",
            "both say",
            "cost per household and year",
        ),
        LOWER: "lower",
        HIGHER: "higher",
        UNCLEAR: "no difference shown",
        SAME: "exactly no difference",
        APART: "not confirmed",
        "longer": "longer",
        "shorter": "shorter",
        "cost": "{} JPY",
        "without": "Without a policy: {a} and {b}{unit}.",
    },
    "ja": {
        "head": ("対策", "変化(シード{a})", "変化(シード{b})", "両方に共通の結論", "費用(1世帯・1年あたり)"),
        LOWER: "減る",
        HIGHER: "増える",
        UNCLEAR: "差は確認できない",
        SAME: "差はまったくない",
        "longer": "長くなる",
        "shorter": "短くなる",
        APART: "確認できず",
        "cost": "{}円",
        "without": "対策なし: {a}、{b}{unit}。",
    },
}
UNITS = {  # as they follow a number
    "en": {"weighted h": " weighted h", "h": " h"},
    "ja": {"weighted h": "(1人あたりの重み付き時間)", "h": "時間"},
}


# ---- the runs ---------------------------------------------------------------------------------------------


def answers(question: Question, sets: Sequence[Sequence[int]], folder: Path | None = None) -> dict[str, Any]:
    """The data of one table: for each policy the change on each set of seeds, its interval and its word."""
    scenario = sim.load(ROOT / SCENARIO).with_changes({"hours": HOURS, **question.changes})
    found = [_one_set(scenario, question, seeds, folder) for seeds in sets]
    first = found[0]
    rows = [
        {
            "policy": policy,
            "cost": first[policy][COST]["mean"],
            "changes": [_change(cells[policy][question.outcome]) for cells in found],
        }
        for policy in question.policies
    ]
    without = [cells["none"][question.outcome]["mean"] for cells in found]
    return {"unit": first["none"][question.outcome]["unit"], "without": without, "rows": rows}


def _one_set(scenario: Any, question: Question, seeds: Sequence[int], folder: Path | None) -> dict[str, Any]:
    """Rows of a comparison by policy and outcome."""
    table = sim.compare(
        scenario,
        policies=question.policies,
        attackers=[question.attacker],
        seeds=seeds,
        workers=os.cpu_count() or 1,
        folder=folder,
    )
    if table.attrs["failures"]:
        sys.exit(f"{len(table.attrs['failures'])} runs failed: {table.attrs['failures'][0]['error']}")
    return rows_of(table, question.attacker)


def _change(row: Mapping[Any, Any]) -> dict[str, Any]:
    bounds = {key: row[f"difference_{key}"] for key in ("low", "high")}
    return {"mean": row["difference"], **bounds, "n": int(row["n"]), "word": verdict(row)}


# ---- the text ---------------------------------------------------------------------------------------------


def table(data: Mapping[str, Any], language: str) -> str:
    """One table in Markdown, the best change first: less deprivation, more time to a concession."""
    words = WORDS[language]
    a, b = (f"{seeds[0]}-{seeds[-1]}" for seeds in SETS)
    head = [text.format(a=a, b=b) for text in words["head"]]
    order = sorted(data["rows"], key=lambda row: row["changes"][0]["mean"], reverse=data["unit"] == "h")
    lines = ["| " + " | ".join(head) + " |", "| --- | ---: | ---: | --- | ---: |"]
    lines += [_line(row, data["without"], data["unit"], language) for row in order]
    a, b = (number(value) for value in data["without"])
    return "\n".join([*lines, "", words["without"].format(a=a, b=b, unit=UNITS[language][data["unit"]])])


def _line(row: Mapping[str, Any], without: Sequence[float], unit: str, language: str) -> str:
    words = WORDS[language]
    if unit == "h":
        words = words | {HIGHER: words["longer"], LOWER: words["shorter"]}
    changes = [_told(one, base) for one, base in zip(row["changes"], without, strict=True)]
    both = words[common_word([one["word"] for one in row["changes"]])]
    cost = words["cost"].format(f"{round(row['cost'], -2 if row['cost'] >= 1000 else -1):,.0f}")
    return f"| {_name(row['policy'], language)} | {changes[0]} | {changes[1]} | {both} | {cost} |"


def common_word(says: Sequence[str]) -> str:
    """What all sets of seeds say; ``apart`` where they do not agree.

    >>> common_word([UNCLEAR, SAME]), common_word([LOWER, UNCLEAR])
    ('no difference shown', 'apart')
    """
    if set(says) == {SAME, UNCLEAR}:
        return UNCLEAR
    return says[0] if len(set(says)) == 1 else APART


def _told(change: Mapping[str, Any], base: float) -> str:
    """A change with its interval, in percent of *base*; no more than all can be taken away."""
    if change["word"] == SAME:
        return "0"
    figures = (change["mean"], change["low"], change["high"])
    mean, low, high = (_signed(max(100.0 * one / base, -100.0)) for one in figures)
    return f"{mean} % [{low}, {high}]"


def _signed(value: float) -> str:
    """A whole number with its sign, 0 without one.

    >>> _signed(-0.4), _signed(12.3)
    ('0', '+12')
    """
    return f"{value:+.0f}".replace("-", "−") if round(value) else "0"


def _name(policy: str, language: str) -> str:
    ids = policy_ids(policy)
    if language == "en":
        return f"{' + '.join(ids)} {policy_name(policy)}"
    return f"{' + '.join(ids)} {' + '.join(POLICIES[one].name_ja for one in ids)}"


def replaced(text: str, id: str, content: str) -> str:
    """*text* with *content* between the marks of a table.

    Raises
    ------
    ValueError : the text has no such marks
    """
    begin, end = f"<!-- results: {id} -->\n", f"\n<!-- end of {id} -->"
    found = re.search(re.escape(begin) + ".*?" + re.escape(end.strip()), text, flags=re.DOTALL)
    if not found:
        raise ValueError(f"no marks for the table {id!r}")
    return text[: found.start()] + begin + content + end + text[found.end() :]


def page(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The whole of docs/results.md."""
    parts = [PAGE_HEAD]
    for question in QUESTIONS:
        settings = "".join(f' `{name} = "{value}"`.' for name, value in question.changes.items())
        parts.append(
            f"## {question.title['en']}\n\nAttacker: `{question.attacker}`. Outcome: `{question.outcome}`."
            f"{settings}\n\n{table(found[question.id], 'en')}\n"
        )
    return "\n".join(parts)


PAGE_HEAD = f"""# Results, on two sets of seeds

Scenario: `{SCENARIO}`, the first {HOURS} hours. Every policy is run with {len(SETS[0])} seeds
({SETS[0][0]} to {SETS[0][-1]}) and again with {len(SETS[1])} others
({SETS[1][0]} to {SETS[1][-1]}). Nobody looked at these seeds while the model was made. `make results`
makes this page and the tables of the README.

A change is a mean difference to runs without a policy, paired by seed, with its 95 % interval
([how it is made](statistics.md)). *Lower* and *higher*: the interval does not contain 0. *No difference
shown*: it does. *Not confirmed*: the two sets do not say the same word. Then nothing is claimed.
"""


def main() -> None:
    """Runs everything, or with ``text`` on the command line only writes the pages again from the data."""
    os.chdir(ROOT)
    if sys.argv[1:] != ["text"]:
        folder = ROOT / "out" / "results"
        folder.mkdir(parents=True, exist_ok=True)
        found = {question.id: answers(question, SETS, folder) for question in QUESTIONS}
        write_json(DATA, found)
    data = json.loads(DATA.read_text(encoding="utf-8"))
    write_text(PAGE, page(data))
    for language, file in READMES.items():
        text = file.read_text(encoding="utf-8")
        for question in QUESTIONS:
            text = replaced(text, question.id, table(data[question.id], language))
        write_text(file, text)


if __name__ == "__main__":
    main()
