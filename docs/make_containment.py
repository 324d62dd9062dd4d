"""Writes docs/containment.md: where each abuse does harm, where each countermeasure works and fails."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agentsim.experiments.contrast import Answer, Contrast, answer, read_contrasts
from agentsim.experiments.runs.ledger import Ledger
from agentsim.outcomes import OUTCOMES
from agentsim.policies import POLICIES
from agentsim.report.archive import write_json, write_text
from agentsim.report.tables import number

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
DATA = FOLDER / "containment.json"
RISKS = {
    "E-R1": (
        "Power to a region is deliberately restricted to suppress its economy",
        "特定地域の電力供給を意図的に制限",
    ),
    "W-R1": ("Water to a region is restricted to make life there hard", "特定地域の水供給を制限"),
    "T-R1": (
        "Control over transport infrastructure is used to restrict people's movement",
        "交通インフラの制御権を利用し、人の移動を制限",
    ),
    "R-R1": (
        "Control of resource supply is used to apply economic pressure",
        "資源供給をコントロールし、経済的な圧力",
    ),
}
# what the paper says that the measures on a network bring, good or bad
EFFECTS = {
    "T-M3": ("Public transport becomes more efficient", "公共交通の効率化"),
    "T-D1": ("The operating model of public transport changes", "公共交通の運営モデルが変化"),
}
STATEMENTS = {
    "E-S1": "AI demand forecasting and optimisation: balance supply and demand in real time",
    "E-S2": "Distributed energy with peer-to-peer trading: use local solar and wind",
    "E-S3": "Smart grid: higher renewable share, lower blackout risk",
    "E-S4": "Next-generation storage (flow, solid-state batteries): store surplus efficiently",
    "E-C1": "Legalise P2P trading: citizens buy and sell directly",
    "E-C2": "Distributed management: municipalities operate independently, no central control",
    "E-C3": "Blockchain records: supply data are public, fraud is prevented",
    "W-S1": "Better desalination (reverse osmosis): more drinking water",
    "W-S2": "AI water management: leaks found and repaired in real time",
    "W-S3": "More reuse of rain and groundwater",
    "W-C1": "Stronger regional management: regions secure their own sources",
    "W-C2": "Transparent supply data: use is public, arbitrary operation is prevented",
    "W-C3": "International monitoring (with WHO and others) for fair supply",
    "T-S1": "AI traffic-flow optimisation: congestion eased in real time",
    "T-S2": "Automated driving and EVs: fewer accidents, less fuel",
    "T-S3": "P2P ride-sharing: private vehicles used best",
    "T-C1": "Autonomous mobility network: authority over traffic control is distributed",
    "T-C2": "International monitoring and transparent operation: traffic data are public",
    "R-S1": "AI mineral exploration: lower extraction cost, new deposits",
    "R-S2": "Enhanced oil recovery that uses CO2",
    "R-S3": "Urban mining: rare metals recovered from e-waste",
    "R-S4": "Bio-based plastics and synthetic fuel: less dependence on oil",
    "R-C1": "Blockchain supply-chain monitoring: unlawful restriction is prevented",
    "R-C2": "Diversification: renewables and substitutes",
    "X-C1": "Distributed infrastructure: no concentration",
    "X-C2": "Transparency by blockchain: supply cannot be restricted unseen",
    "X-C3": "Democratic management (AI democracy): citizens take part in decisions",
    "X-C4": "International monitoring and stronger law: no monopoly by state or company",
    "X-C5": "Self-reliance of citizens (energy bank, food stockpile): ready for a cut-off",
}
PARTS = {"E": "Energy", "W": "Water", "T": "Transport", "R": "Resources", "X": "Across all four"}
HEAD = """# Abuse and its containment: where each countermeasure works, and where it fails

The policy paper names fourteen measures that raise supply, four ways to abuse a shared network, and fifteen
countermeasures. Each of them is a *row* of the paper and has a section here. A section quotes the paper's
statement. It then lists situations in which the statement is true and situations in which
it is not. Most countermeasures have both.

## How to read it

- One line of a table is one *contrast*. The same scenario is run twice with the same seeds: *without* and
  *with* what the line describes. Everything else is equal. **Difference** is *with* minus *without*: the
  mean over the seeds and its 95 % interval ([how it is made](statistics.md)).
- **hurts**: the abuse does harm. **works**: the measure changes the outcome as the paper says. **fails**:
  the measure changes nothing, or makes things worse.
- **together**: two measures together have more, or less, effect than the sum of their separate effects. The
  line shows the means of four kinds of run: none / first / second, and both. The difference is (both -
  first) - (second - none). Some *fails* lines compare four runs in the same way.
- A difference is claimed only where its interval excludes 0. *No difference* is claimed where all runs are
  equal to the last digit (*exactly 0*), or where the interval contains 0. In the second case there may
  still be a difference that is too small for these seeds to show.
- **As expected** says whether the difference has the sign that the file states. The signs were written
  before these seeds were run, after looking at runs with others. So each line is a test that could have
  failed. `first_seed` in a file says which seeds a line uses, 2001 and the next ones if it does not.
- The name of an *attacker* says what it wants. A *coercer* cuts off one district. Nobody gives in to it,
  unless a line is about giving in (a *concession*). A *saboteur* wants harm.
- The situations were chosen to make one mechanism visible. They use one city (Bay City) and assumed costs,
  levels of security and delays. The size of a difference depends on these numbers. The page does not show
  how often each situation occurs.
- This page compares mechanisms under stated assumptions. It does not forecast any real place, and it is no
  basis for decisions about one.

Every situation is an entry of a file in [containment](containment), with all settings that it changes.
`make containment` runs them all and writes this page; `make verify` checks every sign. `agentsim list
outcomes` defines the outcomes, and [mechanisms.md](mechanisms.md) describes the mechanisms. You can change
a number in a file and run one row again:

```sh
.venv/bin/python docs/make_containment.py E-C3
```
"""
COLUMNS = """| | situation | outcome | without | with | difference | seeds | as expected |
| --- | --- | --- | ---: | ---: | ---: | ---: | --- |"""


def line(one: Contrast, got: Answer) -> str:
    """One row of the table."""
    what = OUTCOMES[one.outcome]
    means = [number(value) for value in got.means]
    told = means if len(means) == 2 else [" / ".join(means[:3]), means[3]]
    spread = f"{number(got.difference)} [{number(got.low)}, {number(got.high)}]"
    spread = "exactly 0" if got.same == got.n or got.low == got.high == 0.0 else spread
    lacking = f", no value in {got.undefined} of {got.n * len(means)} runs" if got.undefined else ""
    verdict = "yes" if got.sign == one.expect else "**no**"
    cells = (one.says, one.title, f"{what.name} [{what.unit}]{lacking}", *told, spread, str(got.n), verdict)
    return f"| {' | '.join(cells)} |"


def section(row: str, told: Sequence[tuple[Contrast, Answer]], links: dict[str, str]) -> str:
    """A row of the paper: its statement, and its lines in the order of the file."""
    if row in RISKS or row in EFFECTS:
        statement, name = (RISKS | EFFECTS)[row]
    else:
        statement, name = STATEMENTS[row], f"{POLICIES[row].name} {POLICIES[row].name_ja}"
    file = links[row]
    head = f"### {row} {name}\n\n> {statement}.\n\nFrom [{file}](containment/{file}).\n"
    return "\n".join([head, COLUMNS, *(line(one, got) for one, got in told)]) + "\n"


def page(told: Sequence[tuple[Contrast, Answer]], links: dict[str, str]) -> str:
    """The whole document, by part and row of the paper."""
    text = [HEAD]
    for letter, part in PARTS.items():
        rows = [row for row in (*RISKS, *STATEMENTS, *EFFECTS) if row.startswith(letter)]
        by_row = {row: [pair for pair in told if pair[0].row == row] for row in rows}
        if any(by_row.values()):
            text += [f"## {part}\n", *(section(row, has, links) for row, has in by_row.items() if has)]
    return "\n".join(text)


def run(chosen: Sequence[Contrast]) -> list[Answer]:
    """Runs what is not in ``out/containment`` yet."""

    def tell(done: int, runs: int, row: Any) -> None:
        if done % 20 == 0:
            print(f"{done} of {runs} runs", file=sys.stderr, flush=True)

    folder = ROOT / "out" / "containment"
    folder.mkdir(parents=True, exist_ok=True)
    with Ledger(folder / "runs.sqlite") as ledger:
        return answer(chosen, workers=os.cpu_count() or 1, ledger=ledger, progress=tell)


def main() -> None:
    """Runs all contrasts, or those of the rows on the command line, and writes the page.

    The answers are kept in docs/containment.json. Those of rows that are not run again are taken from there.
    ``text`` in place of a row runs nothing and writes the page again.
    """
    rows = sys.argv[1:]
    files = sorted((FOLDER / "containment").glob("*.toml"))
    read = [(file.name, one) for file in files for one in read_contrasts(file)]
    links = {one.row: name for name, one in read}
    unknown = sorted({one.row for _, one in read} - {*RISKS, *STATEMENTS, *EFFECTS})
    if unknown:
        raise SystemExit(f"no row of the paper: {', '.join(unknown)}")
    chosen = [one for _, one in read if not rows or one.row in rows]
    known = json.loads(DATA.read_text(encoding="utf-8")) if rows and DATA.exists() else {}
    known |= {one.name: asdict(got) for one, got in zip(chosen, run(chosen), strict=True)}
    if rows:
        print("\n".join(f"{one.row} {line(one, Answer(**known[one.name]))}" for one in chosen))
    missing = [one.name for _, one in read if one.name not in known]
    if missing:
        raise SystemExit(
            f"{len(missing)} contrasts were never run, such as {missing[0]}; run them without a row"
        )
    told = [(one, Answer(**known[one.name])) for _, one in read]
    write_json(DATA, {one.name: known[one.name] for _, one in read})
    write_text(FOLDER / "containment.md", page(told, links))
    wrong = [one.name for one, got in told if got.sign != one.expect]
    print("\n".join([f"{len(told)} contrasts, {len(wrong)} not as expected", *wrong]))


if __name__ == "__main__":
    main()
