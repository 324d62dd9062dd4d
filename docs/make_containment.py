"""The table of where each risk hurts, and where each countermeasure works and fails. ``make containment``."""

import os
import sys
from pathlib import Path

from agentsim.experiments.contrast import SAYS, Answer, Contrast, answer, read_contrasts
from agentsim.outcomes import OUTCOMES
from agentsim.report.archive import write_text
from agentsim.report.tables import number

FOLDER = Path(__file__).parent
HEAD = """# Abuse and its containment: where each row works, and where it fails

Made by `make containment` from `docs/containment/*.toml`; every line is run again by `make verify`.
Difference = with less without, paired by seed, mean and 95 % interval; for *together* it is the
interaction, (both - first) - (second - none). A difference is claimed only where the interval excludes 0.
These are comparisons of mechanisms under stated assumptions, never a forecast of any place.

| row | says | in which scenario | outcome | without | with | difference | seeds | as expected |
| --- | --- | --- | --- | ---: | ---: | ---: | ---: | --- |
"""


def line(one: Contrast, got: Answer) -> str:
    """One row of the table."""
    what = OUTCOMES[one.outcome]
    spread = f"{number(got.difference)} [{number(got.low)}, {number(got.high)}]"
    means = [number(value) for value in got.means]
    told = (means[0], means[-1]) if len(means) == 2 else (" / ".join(means[:3]), means[3])
    verdict = "yes" if got.sign == one.expect else "**no**"
    return (
        f"| {one.row} | {one.says} | {one.title} | `{one.outcome}` [{what.unit}] | {told[0]} | {told[1]} "
        f"| {spread} | {got.n} | {verdict} |"
    )


def main() -> None:
    """Runs the contrasts, or those whose row is named on the command line, and writes the table."""
    rows = sys.argv[1:]
    files = sorted((FOLDER / "containment").glob("*.toml"))
    chosen = [one for file in files for one in read_contrasts(file) if not rows or one.row in rows]
    answers = answer(chosen, workers=os.cpu_count() or 1)
    lines = [line(one, got) for one, got in zip(chosen, answers, strict=True)]
    print("\n".join(lines))
    if not rows:
        write_text(FOLDER / "containment.md", HEAD + "\n".join(lines) + "\n")
    wrong = sum(got.sign != one.expect for one, got in zip(chosen, answers, strict=True))
    print(f"{len(lines)} contrasts ({', '.join(SAYS)}), {wrong} not as expected")


if __name__ == "__main__":
    main()
