"""``agentsim place build``: what was understood of a city's files, and what had to be guessed."""

import argparse
import os
from pathlib import Path
from typing import Any, NamedTuple

from agentsim.cli.options import every, out_folder
from agentsim.cli.status import DONE
from agentsim.core.errors import InvalidScenario, UnbuildablePlace
from agentsim.core.folder_lock import locked
from agentsim.place.build import Built, build
from agentsim.place.build_report import as_json, as_text
from agentsim.place.spec import shipped_places, spec_of_files

OTHER_FILES = ("grid", "roads", "trips", "road_nodes", "districts_file")


def place(options: argparse.Namespace) -> int:
    """Builds a city, lives a day in it and reports; ``--out`` keeps all this and a ``place.toml``."""
    city, folder = every(lambda: _built(options), lambda: out_folder(options.out))
    report = _report(city, None if options.no_day else _day(options))
    print(report.json if options.json else report.text, end="")
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            _keep(folder, city, report)
        if not options.json:
            print(f"\nkept in {folder}: map, report, graphs and a place.toml to edit; in a scenario:")
            print(f'  [place]\n  folder = "{Path(folder).as_posix()}"')
    return DONE


class _Report(NamedTuple):
    text: str
    json: str


def _report(city: Built, day: Any) -> _Report:
    """What was understood, guessed and lived."""
    if day is None:
        return _Report(as_text(city), as_json(city))
    from agentsim.experiments import ordinary_day as of

    limits = city.given.doubt_limits
    more = of.doubts_of_day(day, limits)
    return _Report(as_text(city, of.as_text(day, limits), more), as_json(city, of.as_data(day), more))


def _day(options: argparse.Namespace) -> Any:
    """The ordinary day that is lived in the city."""
    from agentsim.experiments.ordinary_day import live_a_day

    if options.place:
        keys = {"name" if options.place in shipped_places() else "folder": options.place}
    else:
        roles = ("water", *OTHER_FILES)
        keys = {role: os.path.abspath(getattr(options, role)) for role in roles if getattr(options, role)}
    return live_a_day(keys | ({"districts": options.districts} if options.districts else {}))


def _built(options: argparse.Namespace) -> Built:
    files = {name: getattr(options, name) for name in OTHER_FILES if getattr(options, name)}
    if options.place and files:
        option = "--" + next(iter(files)).replace("_", "-")
        raise InvalidScenario([f"{option}: --place names its own files; leave one of the two out"])
    try:
        return build(options.place or spec_of_files(options.water, **files), options.districts)
    except UnbuildablePlace as error:
        raise InvalidScenario([str(error)]) from None


def _keep(folder: Path, city: Built, report: _Report) -> None:
    from agentsim.place.place_file import write_place
    from agentsim.report.archive import write_figure, write_geojson, write_graphs, write_text
    from agentsim.report.place_map import place_map

    write_place(city, folder)
    write_text(folder / "report.txt", report.text)
    write_text(folder / "report.json", report.json)
    write_figure(folder, "map", place_map(city))
    write_graphs(folder, city.place)
    write_geojson(folder, city.place)
