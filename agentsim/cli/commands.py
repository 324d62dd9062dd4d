"""What each command does: check everything, run, show, keep."""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agentsim.cli.main import DONE, INTERRUPTED, SOME_FAILED
from agentsim.core.errors import InvalidScenario, unknown
from agentsim.scenario import names
from agentsim.scenario.file import Scenario, check_place, load, parse_set

PLAIN_WIDTH = 100  # of tables that go into a file or a pipe


WIDE = 150  # characters of a terminal on which every column of a list has room
SPARE = ("title_ja", "title", "better", "changes", "carried by")


def console() -> Console:
    """Where results are shown: as wide as the terminal, or of a fixed width in a pipe."""
    return Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=PLAIN_WIDTH)


def every(*checks: Callable[[], Any]) -> list[Any]:
    """The results of all checks; if any fails, the messages of all that fail, at once."""
    results, faults = [], []
    for check in checks:
        try:
            results.append(check())
        except InvalidScenario as error:
            faults += error.messages
    if faults:
        raise InvalidScenario(list(dict.fromkeys(faults)))
    return results


def _changes(options: argparse.Namespace) -> dict[str, tuple[Any, str]]:
    pairs = every(*(lambda text=text: parse_set(text) for text in options.set))
    changes = {key: (value, "--set") for key, value in pairs}
    return changes | ({"hours": (options.hours, "--hours")} if options.hours else {})


def _option(name: str, check: Callable[[], Any]) -> Any:
    """A check whose messages begin with the option they are about."""
    try:
        return check()
    except InvalidScenario as error:
        raise InvalidScenario([f"{name}: {message}" for message in error.messages]) from None


def _folder(text: str | None) -> Path | None:
    """The folder of ``--out``, which need not exist yet; nothing is made here."""
    if text is None:
        return None
    nearest = folder = Path(text)
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise InvalidScenario([f"--out: {nearest} is a file; a folder is needed"])
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise InvalidScenario([f"--out: {nearest} may not be written to"])
    return folder


# ---- run ----------------------------------------------------------------------------------------------


def run(options: argparse.Namespace) -> int:
    """One run: shows its outcomes and its story, keeps both with ``--out``."""
    own = "" if options.attacker is None else options.attacker
    scenario, adopted, _, folder = every(
        lambda: load(options.scenario, _changes(options), facing=[own]),
        lambda: _option("--policy", lambda: _adopted(options.policy)),
        lambda: _option("--attacker", lambda: _known_attacker(options.attacker)),
        lambda: _folder(options.out),
    )
    check_place(scenario)
    adopted = list(scenario.policies.ids) if adopted is None else adopted
    attacker = options.attacker if options.attacker is not None else _own_attacker(scenario)
    begin = time.perf_counter()
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
    if folder:
        _keep_run(folder, scenario, society, result)
    if options.json:
        print(json.dumps(result, ensure_ascii=False, allow_nan=False))
    else:
        _show_run(society, result, stopped, scenario.hours)
    return INTERRUPTED if stopped else DONE


def _adopted(texts: list[str] | None) -> list[str] | None:
    return None if texts is None else list(names.policy_ids("+".join(texts)))


def _known_attacker(name: str | None) -> None:
    if name is not None and name not in names.attackers():
        raise InvalidScenario([unknown(name, names.attackers(), "attacker")])


def _own_attacker(scenario: Scenario) -> str:
    foe = scenario.attacker
    return "none" if foe.kind == "none" else f"{foe.kind}:{foe.mind}"


def _findings(society: Any) -> dict[str, Any]:
    from agentsim.experiments.replications import finite
    from agentsim.report.archive import events_as_data

    outcomes = {name: finite(value) for name, value in society.outcomes.items()}
    return {"outcomes": outcomes, "events": events_as_data(society.events)}


def _live(society: Any, hours: int) -> tuple[int, bool]:
    """Runs the society; Ctrl-C lets the hour end. Returns the hours lived and whether it was stopped."""
    lived, asked = 0, False

    def interrupt(*_: Any) -> None:
        nonlocal asked
        if asked:  # a second Ctrl-C does not wait
            raise KeyboardInterrupt
        asked = True

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        with _progress("hours", hours) as advance:

            def after(hour: int) -> None:
                nonlocal lived
                lived += 1
                advance(lived, "")
                if asked:
                    raise KeyboardInterrupt

            society.run(hours=hours, progress=after)
    except KeyboardInterrupt:
        return lived, True
    finally:
        signal.signal(signal.SIGINT, before)
    return lived, False


def _peak_mb() -> float | None:
    """The largest memory this process has held; None where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)


def _show_run(society: Any, result: dict[str, Any], stopped: bool, hours: int) -> None:
    from agentsim.outcomes import OUTCOMES
    from agentsim.report.story import story
    from agentsim.report.tables import outcome_table

    out = console()
    policies = " + ".join(result["policies"]) or "no policy"
    out.print(
        f"[bold]{result['scenario']}[/]: {policies}, attacker {result['attacker']}, seed {result['seed']}"
    )
    if stopped:
        out.print(f"[red]stopped after {result['hours']} of {hours} hours[/]; outcomes are those up to there")
    outcomes = society.outcomes
    titles = {name: outcome.title for name, outcome in OUTCOMES.items()}
    out.print(outcome_table(dict(outcomes), outcomes.attrs["units"], titles))
    out.print("[bold]What happened[/]")
    for line in story(society.events):
        out.print(f"  {line}", markup=False, soft_wrap=True)
    out.print(f"\n{result['hours']} hours in {result['wall_s']:.1f} s", style="dim")


def _keep_run(folder: Path, scenario: Scenario, society: Any, result: dict[str, Any]) -> None:
    from agentsim.report import archive
    from agentsim.report.figures import RUN_PANELS, run_figure

    folder.mkdir(parents=True, exist_ok=True)
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
    archive.write_figure(folder, "hours", run_figure(hours, result["scenario"], RUN_PANELS))


# ---- compare ------------------------------------------------------------------------------------------


def compare(options: argparse.Namespace) -> int:
    """Policies x attackers x seeds: shows what each policy changes, keeps it with ``--out``."""
    from agentsim.experiments.compare import as_json, attackers_of, policies_of
    from agentsim.experiments.compare import compare as compare_all

    scenario, _, _, folder = every(
        lambda: load(options.scenario, _changes(options), facing=options.attacker),
        lambda: _option("--policy", lambda: policies_of(options.policy or ())),
        lambda: _option("--attacker", lambda: attackers_of(options.attacker or ())),
        lambda: _folder(options.out),
    )
    check_place(scenario)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    cases = len(policies_of(options.policy or scenario.compare.policies))
    cases *= len(options.attacker or scenario.compare.attackers) * (options.seeds or scenario.compare.seeds)
    workers = min(options.workers or os.cpu_count() or 1, cases)
    with _progress("runs", cases) as advance:
        table = compare_all(
            scenario,
            policies=options.policy,
            attackers=options.attacker,
            seeds=options.seeds,
            workers=workers,
            folder=folder,
            progress=lambda done, _, row: advance(done, _told(row)),
            on_plan=lambda done, plans, what: advance(0, f"planned {done} of {plans}: {what}"),
        )
    if folder:
        _keep_comparison(folder, table)
    if options.json:
        print(json.dumps(as_json(table), ensure_ascii=False, allow_nan=False))
    else:
        show_comparison(table, console())
    if table.attrs["interrupted"]:
        return INTERRUPTED
    return SOME_FAILED if table.attrs["failures"] else DONE


def _told(row: dict[str, Any]) -> str:
    failed = f" FAILED {row['error']}" if "error" in row else ""
    return f"{row['policy']}, {row['attacker']}, seed {row['seed']} ({row['wall_s']:.1f} s){failed}"


def show_comparison(table: Any, out: Console) -> None:
    """Prints a comparison: a block for each attacker, failures, and what follows in a few sentences."""
    from agentsim.outcomes import OUTCOMES
    from agentsim.policies import POLICIES
    from agentsim.report.story import conclusions
    from agentsim.report.tables import comparison_blocks, failures_table

    if table.attrs["interrupted"]:
        out.print("[red]stopped by Ctrl-C[/]; this is what was finished")
    titles = {name: entry.name for name, entry in POLICIES.items()}
    better = {name: outcome.better for name, outcome in OUTCOMES.items()}
    out.print(f"[bold]{table.attrs['scenario']}[/]\n")
    for block in comparison_blocks(table, better, titles, out.width):
        out.print(block)
    if table.attrs["failures"]:
        out.print(failures_table(table.attrs["failures"]))
    out.print("± half of the 95 % interval of the mean difference, paired by seed\n", style="dim")
    for sentence in conclusions(table, titles):
        out.print(sentence, markup=False)
    out.print(f"{table.attrs['wall_s']:.0f} s", style="dim")


def _keep_comparison(folder: Path, table: Any) -> None:
    from agentsim.experiments.compare import as_json
    from agentsim.report import archive
    from agentsim.report.figures import comparison_figure

    archive.write_json(folder / "compare.json", as_json(table))
    archive.write_table(folder / "compare.csv", table)
    if table["difference"].notna().any():
        archive.write_figure(folder, "compare", comparison_figure(table))


# ---- app ----------------------------------------------------------------------------------------------


def app(options: argparse.Namespace) -> int:
    """Serves the page until Ctrl-C."""
    serve = import_module("agentsim.app.serve").serve
    return serve(options.scenario, options.port, options.host, options.workers, not options.no_browser)


# ---- list, check --------------------------------------------------------------------------------------


def list_(options: argparse.Namespace) -> int:
    """What there is of something, as a table or as JSON."""
    from agentsim.report.catalogue import catalogue
    from agentsim.report.tables import plain_list

    rows = catalogue(options.what)
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
    elif rows:
        screen = console()
        # where there is no room for all, what can be spared gives way (--json has it)
        spare = SPARE if screen.width < WIDE and {"statement", "carried by"} & set(rows[0]) else ()
        shown = [{key: text for key, text in row.items() if key not in spare} for row in rows]
        screen.print(plain_list([*shown[0]], [[*row.values()] for row in shown]))
    else:
        print(f"no {options.what} here")
    return DONE


def check(options: argparse.Namespace) -> int:
    """Checks files and says what is wrong with each; ``--show`` prints them with their defaults."""
    faults = []
    for file in options.files:
        try:
            scenario = load(file)
            check_place(scenario)
        except InvalidScenario as error:
            faults += error.messages
            continue
        print(scenario.text() if options.show else f"{file}: nothing wrong", end="" if options.show else "\n")
    if faults:
        raise InvalidScenario(faults)
    return DONE


# ---- progress -----------------------------------------------------------------------------------------


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """A bar on a terminal, else a plain line now and then; on stderr, so that stdout holds results only."""
    if not sys.stderr.isatty():
        step = max(1, total // 10)
        yield (
            lambda done, text: (
                print(f"{what}: {done} of {total}{' ' if text else ''}{text}", file=sys.stderr, flush=True)
                if done % step == 0 or done == total or "FAILED" in text
                else None
            )
        )
        return
    columns = TextColumn(f"{what}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, TextColumn("{task.fields[note]}"), console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total, note="")
        yield lambda done, text: bar.update(task, completed=done, note=text)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": run,
    "compare": compare,
    "app": app,
    "list": list_,
    "check": check,
    "place": lambda options: import_module("agentsim.cli.place").place(options),
    "record": lambda options: import_module("agentsim.cli.record").record(options),
}
