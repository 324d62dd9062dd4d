"""The README's pictures, made by running what they show. ``make figures`` calls this."""

import os
import sys
from pathlib import Path

from rich.console import Console

import agentsim as sim
from agentsim.commands import show_comparison
from agentsim.report.archive import write_figure, write_text

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "figures"
SCENARIO = "scenarios/hostile_operator.toml"
WIDTH = 118


def main() -> None:
    """Runs the demo's comparison and draws it as a terminal and as a figure."""
    os.chdir(ROOT)
    FOLDER.mkdir(parents=True, exist_ok=True)
    table = sim.compare(sim.load(SCENARIO), workers=os.cpu_count() or 1)
    if table.attrs["failures"]:
        sys.exit(f"{len(table.attrs['failures'])} runs failed: {table.attrs['failures'][0]['error']}")
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True, highlight=False)
        console.print(f"$ agentsim compare {SCENARIO}\n")
        show_comparison(table, console)
    write_text(FOLDER / "compare.txt", console.export_text(clear=False))
    picture = console.export_svg(title="agentsim", unique_id="agentsim")
    write_text(FOLDER / "compare-terminal.svg", picture)
    write_figure(FOLDER, "compare", sim.plot(table))


if __name__ == "__main__":
    main()
