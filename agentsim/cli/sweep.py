"""``agentsim sweep``: makes the runs of a sweep file; shows, exports and draws what is there."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.markup import escape

from agentsim.cli.cluster import cluster_of
from agentsim.cli.options import out_folder
from agentsim.cli.screen import FAILED, console, progress
from agentsim.cli.status import DONE, INTERRUPTED, SOME_FAILED
from agentsim.core.errors import InvalidScenario
from agentsim.experiments.runs.ledger_file import is_ledger
from agentsim.experiments.runs.worker_processes import Limits
from agentsim.experiments.sweeps.sweep import read_sweep
from agentsim.experiments.sweeps.sweep import sweep as run_sweep
from agentsim.experiments.sweeps.sweep_file import Sweep, load_sweep
from agentsim.report.labels import against, with_name

RUN_SECONDS = 3600.0  # for one run, unless --run-seconds says otherwise
SHOWN = 20  # failures, unless --full


def sweep(options: argparse.Namespace) -> int:
    """Runs a sweep file, or does what the first word says with the file of a sweep."""
    words = options.words
    if words[0] in ACTIONS:
        if len(words) != 2:
            raise InvalidScenario([f"sweep {words[0]}: the file of one sweep is needed, as in FILE.sqlite"])
        return ACTIONS[words[0]](Path(words[1]), options)
    if len(words) != 1:
        raise InvalidScenario(
            [f"sweep: {' '.join(words)}: give a sweep file, or one of {', '.join(ACTIONS)} and a file"]
        )
    return _run(load_sweep(words[0]), options)


# ---- running ---------------------------------------------------------------------------------------------


def _run(wanted: Sweep, options: argparse.Namespace) -> int:
    if not options.out:
        raise InvalidScenario(["sweep: --out FILE.sqlite is missing; the runs are kept in that file"])
    if options.dask and (options.workers or options.run_seconds or options.run_mb):
        raise InvalidScenario(
            [
                "--dask: --workers, --run-seconds and --run-mb are for processes on this machine; limits on "
                "a cluster are set where its workers are started"
            ]
        )
    file = _checked_out(Path(options.out))
    workers = min(options.workers or os.cpu_count() or 1, wanted.runs)
    limits = Limits(options.run_seconds or RUN_SECONDS, options.run_mb)
    with cluster_of(options.dask) as executor, progress("runs", wanted.runs) as advance:
        table = run_sweep(
            wanted,
            file,
            workers=executor.workers if executor else workers,
            executor=executor.executor if executor else None,
            limits=limits,
            progress=lambda done, _, row: advance(done, _said_of(row)),
            on_plan=lambda done, plans, what: advance(0, f"attack plan {done} of {plans} made: {what}"),
            anyway=options.anyway,
        )
    failures = table.attrs["failures"]
    _show_state(file, options)
    if table.attrs["interrupted"]:
        print(f"stopped by Ctrl-C; the same command continues from {file}", file=sys.stderr)
        return INTERRUPTED
    return SOME_FAILED if failures else DONE


def _checked_out(file: Path, name: str = "FILE.sqlite") -> Path:
    """The file, if it may be written; *name* is an example of a right one."""
    if file.is_dir():
        raise InvalidScenario([f"--out: {file} is a folder; the name of a file is needed, as in {name}"])
    if file.suffix == ".toml":
        raise InvalidScenario([f"--out: {file} looks like a sweep file; take a name such as {name}"])
    _writable(file.parent)
    return file


def _writable(folder: Path) -> Path:
    """The folder, made if it is missing, if files can be written into it."""
    out_folder(str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InvalidScenario(
            [f"--out: {folder} may not be written to ({error.strerror}); name a place that may"]
        ) from None
    return folder


def _said_of(row: dict[str, Any]) -> str:
    """One finished run in a line."""
    failed = f" {FAILED} {row['error']}" if row["status"] != "done" else ""
    case = f"{with_name(row['policy'])}, {against(row['attacker'])}, seed {row['seed']}"
    return f"{case} ({row['wall_s']:.1f} s){failed}"


# ---- looking ---------------------------------------------------------------------------------------------


def _status(file: Path, options: argparse.Namespace) -> int:
    _show_state(file, options)
    return DONE


def _show_state(file: Path, options: argparse.Namespace) -> None:
    table = read_sweep(file, status=None)
    state = _state(table)
    if options.json:
        print(json.dumps({"file": str(file), "title": table.attrs["title"]} | state, ensure_ascii=False))
        return
    out = console()
    out.print(f"[bold]{escape(table.attrs['title'])}[/] ({escape(str(file))})")
    counts = [f"{number:,} {status.replace('_', ' ')}" for status, number in state["by_status"].items()]
    counts.append(f"{state['to_do']:,} to do")
    out.print(f"{state['runs']:,} runs: {', '.join(counts)}")
    if state["cpu_s"]:
        out.print(
            f"{state['cpu_s'] / 60:.1f} minutes of computing, {state['mean_s']:.2f} s a run, "
            f"at most {state['peak_mb']:.0f} MB"
        )
    if state["failed"]:
        out.print(f"agentsim sweep failed {file} shows what failed, and the command that repeats it.")


def _state(table: Any) -> dict[str, Any]:
    """How far a sweep is, as plain data."""
    by_status = {str(name): int(number) for name, number in table["status"].value_counts().items()}
    done = by_status.get("done", 0)
    return {
        "runs": int(table.attrs["runs"]),
        "by_status": by_status,
        "failed": len(table) - done,
        "to_do": int(table.attrs["runs"]) - len(table),
        "cpu_s": round(float(table["cpu_s"].sum()), 1),
        "mean_s": round(float(table["wall_s"].mean()), 3) if len(table) else 0.0,
        "peak_mb": round(float(table["peak_mb"].max()), 1) if done else 0.0,
    }


def _failed(file: Path, options: argparse.Namespace) -> int:
    table = read_sweep(file, status=None)
    wrong = table[table["status"] != "done"]
    names = ["status", "point", *table.attrs["varied"], "policy", "attacker", "seed", "error", "command"]
    if options.json:
        rows = wrong[[*names, "traceback"]].to_dict("records")
        print(json.dumps(rows, ensure_ascii=False, default=str))
        return DONE
    out = console()
    for row in wrong.head(len(wrong) if options.full else SHOWN).to_dict("records"):
        values = "".join(f", {key} = {row[key]}" for key in table.attrs["varied"])
        case = f"{row['policy']}, {row['attacker']}, seed {row['seed']}{values}"
        out.print(f"{row['status']}: {case}: {row['error']}", markup=False, soft_wrap=True)
        if row["command"]:
            out.print(f"  {row['command']}", markup=False, soft_wrap=True)
        if options.full and row["traceback"]:
            out.print(row["traceback"], markup=False, soft_wrap=True)
    more = len(wrong) - SHOWN
    if more > 0 and not options.full:
        out.print(f"and {more} more; --full shows all, with their tracebacks")
    out.print(f"{len(wrong)} of {table.attrs['runs']} runs failed" if len(wrong) else "no run failed")
    return DONE


# ---- taking away -----------------------------------------------------------------------------------------


def _export(file: Path, options: argparse.Namespace) -> int:
    from agentsim.report import sweep_export

    table = read_sweep(file, status=None)
    target = Path(options.out) if options.out else file.with_suffix(f".{options.format}")
    if is_ledger(_checked_out(target, f"FILE.{options.format}")):
        raise InvalidScenario([f"--out: {target} holds runs; take another name, as in FILE.{options.format}"])
    for written in sweep_export.write(table, target, options.format):
        print(written)
    return DONE


def _plot(file: Path, options: argparse.Namespace) -> int:
    from agentsim.report.archive import write_figure
    from agentsim.report.sweep_figure import plot_over

    if not (options.over and options.outcome):
        raise InvalidScenario(["sweep plot: --over KEY and --outcome NAME say what is drawn over what"])
    table = read_sweep(file)
    if not len(table):
        raise InvalidScenario([f"{file}: has no finished run yet; there is nothing to draw"])
    figure = plot_over(table, options.over, options.outcome, difference=options.difference)
    folder = _writable(Path(options.out or "."))
    name = f"{options.outcome}_over_{options.over}"
    write_figure(folder, name, figure)
    print(folder / f"{name}.png")
    return DONE


ACTIONS: dict[str, Callable[[Path, argparse.Namespace], int]] = {
    "status": _status,
    "failed": _failed,
    "export": _export,
    "plot": _plot,
}
