"""``agentsim place build``: what was understood of a city's files, and what had to be guessed."""

import argparse
from pathlib import Path

from agentsim.cli.options import every, out_folder
from agentsim.cli.status import DONE
from agentsim.core.errors import InvalidScenario, UnbuildablePlace
from agentsim.place.build import Built, build
from agentsim.place.guesses import as_json, as_text
from agentsim.place.spec import spec_of_files

OTHER_FILES = ("grid", "roads", "trips", "road_nodes", "districts_file")


def place(options: argparse.Namespace) -> int:
    """Builds a city and shows what it is; ``--out`` keeps a map, the report, graphs and a ``place.toml``."""
    city, folder = every(lambda: _built(options), lambda: out_folder(options.out))
    print(as_json(city) if options.json else as_text(city), end="")
    if folder:
        _keep(folder, city)
        if not options.json:
            print(f"\nkept in {folder}: map, report, graphs and a place.toml to edit; in a scenario:")
            print(f'  [place]\n  folder = "{Path(folder).as_posix()}"')
    return DONE


def _built(options: argparse.Namespace) -> Built:
    files = {name: getattr(options, name) for name in OTHER_FILES if getattr(options, name)}
    if options.place and files:
        option = "--" + next(iter(files)).replace("_", "-")
        raise InvalidScenario([f"{option}: --place names its own files; leave one of the two out"])
    try:
        return build(options.place or spec_of_files(options.water, **files), options.districts)
    except UnbuildablePlace as error:
        raise InvalidScenario([str(error)]) from None


def _keep(folder: Path, city: Built) -> None:
    from agentsim.place.place_file import write_place
    from agentsim.report.archive import write_figure, write_graphs, write_text
    from agentsim.report.place_map import place_map

    write_place(city, folder)
    write_text(folder / "report.txt", as_text(city))
    write_text(folder / "report.json", as_json(city))
    write_figure(folder, "map", place_map(city))
    write_graphs(folder, city.place)
