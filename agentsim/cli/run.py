"""``agentsim run``: one run, its outcomes, and what happened."""

import argparse
import json
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.markup import escape

from agentsim.cli.options import changes, every, kept, named, out_folder
from agentsim.cli.screen import console, progress
from agentsim.cli.status import DONE, INTERRUPTED, MACHINE_FAILED
from agentsim.core.errors import InvalidScenario, NotSolved, unknown
from agentsim.core.folder_lock import locked
from agentsim.experiments.runs.estimate import refuse_absurd
from agentsim.scenario import names
from agentsim.scenario.file import Scenario, check_place, load


def run(options: argparse.Namespace) -> int:
    """One run: shows its outcomes and its events, keeps both with ``--out``."""
    own = "" if options.attacker is None else options.attacker
    scenario, adopted, _, folder = every(
        lambda: load(options.scenario, changes(options), facing=[own]),
        lambda: named("--policy", lambda: _adopted(options.policy)),
        lambda: named("--attacker", lambda: _known_attacker(options.attacker)),
        lambda: out_folder(options.out),
    )
    check_place(scenario)
    refuse_absurd(scenario, anyway=options.anyway)
    adopted = list(scenario.policies.ids) if adopted is None else adopted
    attacker = options.attacker if options.attacker is not None else _own_attacker(scenario)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        society, result, stopped = _lived(scenario, adopted, attacker, options)
        fault = kept(lambda: _keep(folder, scenario, society, result)) if folder else ""
    if options.json:
        print(json.dumps(result, ensure_ascii=False, allow_nan=False))
    else:
        _show(society, result, scenario)
    if fault:
        print(fault, file=sys.stderr)
        return MACHINE_FAILED
    if isinstance(stopped, NotSolved):
        raise stopped
    return INTERRUPTED if stopped else DONE


def _lived(
    scenario: Scenario, adopted: list[str], attacker: str, options: argparse.Namespace
) -> tuple[Any, dict[str, Any], KeyboardInterrupt | NotSolved | None]:
    """The society after the run, what came out, and what stopped it."""
    begin = time.perf_counter()
    if scenario.years_before:
        print(f"first the {scenario.years_before} years before are lived", file=sys.stderr, flush=True)
    society = import_module("agentsim.society.society").Society(
        scenario, policies=adopted, attacker=attacker, seed=options.seed
    )
    hours, stopped = _live(society, scenario.hours)
    result = {
        "scenario": scenario.title or Path(options.scenario).stem,
        "policies": adopted,
        "attacker": attacker,
        "seed": options.seed,
        "hours": hours,
        "place": dict(society.counts),
        **_findings(society),
        "wall_s": round(time.perf_counter() - begin, 3),
        "peak_mb": _peak_mb(),
    }
    return society, result, stopped


def _adopted(texts: list[str] | None) -> list[str] | None:
    return None if texts is None else list(names.policy_ids("+".join(texts)))


def _known_attacker(name: str | None) -> None:
    if name is not None and name not in names.attackers():
        raise InvalidScenario([unknown(name, names.attackers(), "attacker")])


def _own_attacker(scenario: Scenario) -> str:
    foe = scenario.attacker
    return "none" if foe.kind == "none" else f"{foe.kind}:{foe.mind}"


def _findings(society: Any) -> dict[str, Any]:
    from agentsim.outcomes import finite
    from agentsim.report.archive import events_as_data

    outcomes = {name: finite(value) for name, value in society.measured.items()}
    return {"outcomes": outcomes, "events": events_as_data(society.events)}


def _live(society: Any, hours: int) -> tuple[int, KeyboardInterrupt | NotSolved | None]:
    """Runs the society; Ctrl-C lets the hour end. Returns the hours simulated and what stopped it."""
    lived, asked = 0, False

    def interrupt(*_: Any) -> None:
        nonlocal asked
        if asked:  # a second Ctrl-C does not wait
            raise KeyboardInterrupt
        asked = True

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        with progress("hours", hours) as advance:

            def after(hour: int) -> None:
                nonlocal lived
                lived += 1
                advance(lived, "")
                if asked:
                    raise KeyboardInterrupt

            society.run(hours=hours, progress=after)
    except (KeyboardInterrupt, NotSolved) as reason:
        return lived, reason
    finally:
        signal.signal(signal.SIGINT, before)
    return lived, None


def _peak_mb() -> float | None:
    """The largest memory this process has held; None where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)


def _show(society: Any, result: dict[str, Any], scenario: Scenario) -> None:
    from agentsim.outcomes import OUTCOMES, units
    from agentsim.report.labels import against, with_name
    from agentsim.report.story import story
    from agentsim.report.tables import outcome_table

    out = console()
    out.print(f"[bold]{escape(result['scenario'])}[/]")
    for policy in result["policies"] or ["none"]:
        out.print(f"  {with_name(policy)}")
    out.print(f"  {against(result['attacker'], scenario.attacker.mind)}, seed {result['seed']}")
    if result["hours"] < scenario.hours:
        out.print(f"[red]stopped after {result['hours']} of {scenario.hours} hours[/]; outcomes up to there")
    titles = {name: outcome.title for name, outcome in OUTCOMES.items()}
    out.print(outcome_table(result["outcomes"], units(), titles, out.width))
    out.print("[bold]What happened[/]")
    for line in story(society.events):
        out.print(f"  {line}", markup=False, soft_wrap=True)
    out.print(f"\n{result['hours']} hours simulated in {result['wall_s']:.1f} s", style="dim")
    out.print("Names of the outcomes in files and --json: agentsim list outcomes", style="dim")


def _keep(folder: Path, scenario: Scenario, society: Any, result: dict[str, Any]) -> None:
    from agentsim.report import archive
    from agentsim.report.figures import RUN_PANELS, run_figure
    from agentsim.report.years_figure import years_figure

    manifest = {key: value for key, value in result.items() if key not in ("outcomes", "events")}
    manifest |= {"versions": archive.versions(), "content": scenario.content()}
    archive.write_json(folder / "run.json", manifest)
    archive.write_json(folder / "outcomes.json", result["outcomes"])
    archive.write_lines(folder / "events.jsonl", result["events"])
    if society.public_record is not None:
        society.public_record.save(folder / "record.jsonl")
    hours = society.record.by_district()
    archive.write_table(folder / "hours.csv", hours)
    archive.write_table(folder / "city.csv", society.record.by_hour())
    archive.write_table(folder / "accounts.csv", society.market.accounts())
    archive.write_figure(folder, "hours", run_figure(hours, result["scenario"], RUN_PANELS))
    if society.ground.lived is not None:
        archive.write_table(folder / "years.csv", society.years)
        archive.write_figure(folder, "years", years_figure(society.years, result["scenario"]))
    archive.write_graphs(folder, society.place, society.control)
    archive.write_geojson(folder, society.place, society.record.totals_by_district())
