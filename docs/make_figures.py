"""Makes the README's pictures from runs. ``make figures`` calls this; ``--page``: only those of the page."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from room_figures import room_pictures

import agentsim as sim
from agentsim.cli.compare import show_comparison
from agentsim.report.archive import write_figure, write_text

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # for benchmarks.page and tests.app.browser, which start a server
FOLDER = ROOT / "docs" / "figures"
SCENARIO = "scenarios/hostile_operator.toml"
WIDTH = 80
# name, query of the link, what is then clicked
PAGE_PICTURES = (
    ("water", "p=W-C1&m=water", ()),
    ("japanese", "p=E-C2&m=grid&l=ja&t=rank", ()),
    ("attack", "p=W-C1&t=attack", ("play=a", "play=handover", "play=b", "place=Harbour", "action=A4")),
    ("numbers", "p=E-C2&t=expert&l=ja", ()),
)
LONGEST_PICTURE = 1450  # pixels; what stands below is left out
# of a phone, a projector of old, a laptop, a projector: to see whether a word is cut or covered.
# No document shows these pictures, so they are not kept with the others.
SIZES_FOLDER = ROOT / "out" / "page-sizes"
PAGE_SIZES = ((390, 844), (1024, 768), (1280, 720), (1920, 1080))


def main() -> None:
    """Makes all pictures, or those of the page alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="only the pictures of the page")
    only_page = parser.parse_args().page
    os.chdir(ROOT)
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not only_page:
        comparison_pictures()
    page_pictures()


def comparison_pictures() -> None:
    """Runs the demo's comparison and stores it as terminal output and as a figure."""
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


def page_pictures() -> None:
    """Pictures of the page in a browser; left out where Chromium or playwright is missing."""
    from benchmarks import page

    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("no pictures of the page: playwright is not installed", file=sys.stderr)
        return
    if not Path(page.CHROMIUM).exists():
        print(f"no pictures of the page: no Chromium at {page.CHROMIUM}", file=sys.stderr)
        return
    SIZES_FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        server, url = page.serve(folder)
        try:
            browser = play.chromium.launch(executable_path=page.CHROMIUM, args=page.ARGUMENTS)
            for name, query, clicks in PAGE_PICTURES:
                view, _ = page.opened(browser, f"{url}?{query}")
                for one in clicks:
                    view.click(f"[data-{one}]")
                view.wait_for_timeout(1500)
                height = view.evaluate("document.documentElement.scrollHeight") if "&t=" in query else 0
                shown = {"x": 0, "y": 0, "width": 1280, "height": min(max(height, 720), LONGEST_PICTURE)}
                view.screenshot(path=FOLDER / f"page-{name}.png", full_page=True, clip=shown)
            for lang in ("en", "ja"):
                for width, height in PAGE_SIZES:
                    view, _ = page.opened(browser, f"{url}?l={lang}", width, height)
                    view.wait_for_timeout(1500)
                    view.screenshot(path=SIZES_FOLDER / f"page-{lang}-{width}.png")
        finally:
            server.terminate()
            server.wait(20)
    room_pictures(FOLDER)  # with a browser of its own, after the other one has ended


if __name__ == "__main__":
    main()
