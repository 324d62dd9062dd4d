"""Makes docs/claims.md, its Japanese version and its figure from the registered runs, for ``make claims``.

The verdict on each claim is that of two disjoint sets of 30 seeds. A claim whose measures are not all there
is judged by those that are, and the page says so.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import agentsim as sim
from agentsim.experiments.claims.claims_table import as_json, from_json
from agentsim.report.archive import write_json, write_text
from agentsim.report.claims_figure import as_svg, claims_figure
from agentsim.report.claims_report import claims_document
from agentsim.report.claims_why import read_why
from agentsim.report.document import as_markdown
from agentsim.report.wording.names import LANGUAGES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
DATA, WHY, FIGURE = DOCS / "claims.json", DOCS / "claims_why.toml", DOCS / "figures" / "claims.svg"
PAGES = {"en": DOCS / "claims.md", "ja": DOCS / "claims.ja.md"}


def run() -> dict[str, Any]:
    """Runs what is not in ``out/claims`` yet, and returns the verdicts as plain data."""

    def tell(done: int, runs: int, row: Any) -> None:
        if done % 20 == 0:
            print(f"{done} of {runs} runs", file=sys.stderr, flush=True)

    folder = ROOT / "out" / "claims"
    folder.mkdir(parents=True, exist_ok=True)
    workers = os.cpu_count() or 1
    table = sim.claims(partly=True, confirm=True, workers=workers, folder=folder, progress=tell)
    if table.attrs["interrupted"] or table.attrs["failures"]:
        sys.exit(f"stopped, or {len(table.attrs['failures'])} runs failed; the pages are left as they were")
    return {key: value for key, value in as_json(table).items() if key != "wall_s"}


def pages(content: dict[str, Any]) -> tuple[dict[str, str], str]:
    """The page in each language, and the figure as SVG."""
    table, why = from_json(content), read_why(WHY)
    svg = as_svg(claims_figure(table.attrs["parts"]))
    file = FIGURE.relative_to(DOCS).as_posix()
    said = {one: as_markdown(claims_document(table, one, svg, why, file)) for one in LANGUAGES}
    return said, svg


def main() -> None:
    """Runs everything, or with ``text`` on the command line only writes the pages again from the data."""
    os.chdir(ROOT)
    if sys.argv[1:] != ["text"]:
        write_json(DATA, run())
    texts, svg = pages(json.loads(DATA.read_text(encoding="utf-8")))
    write_text(FIGURE, svg)
    for language, file in PAGES.items():
        write_text(file, texts[language])


if __name__ == "__main__":
    main()
