"""Where the hours of a run go: CPU time by call stack, sampled; prints one line of JSON.

    PYTHONPATH=CHECKOUT python -P benchmarks/sampling.py --scenario FILE --households 3000 --hours 336

It needs nothing of the package but ``load``, ``Society`` and the folders, so that it measures other checkouts
as well.

A timer interrupts every millisecond. The sample is charged the CPU time since the last one, so that a
long call into a library, which the interpreter does not interrupt, counts in full, and waiting counts
nothing. The interpreter looks for the interruption after each call and at the head of each function: a
sample taken at the head of a function, before its first line, is charged to its caller. What remains is the
tail of a function after its last call, which is charged to the caller. The sampler's own time is left out; an
interrupted run is some percent slower all the same, so shares are taken from sampled runs and the time of
an hour from runs between them that nothing interrupts. Numbers of calls come from a run under cProfile, whose
times are not used.
"""

import argparse
import cProfile
import dis
import json
import linecache
import math
import os
import pstats
import re
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

INTERVAL_S = 0.001
WARM_UP_H = 24
ORDINARY = {
    "scenario": "scenarios/ordinary_fortnight.toml",
    "households": 200,
    "policy": [],
    "attacker": "none",
}
HIGHS_CALLS = ("run", "changeColsBounds", "changeRowsBounds", "changeColsCost", "clearSolver")
EPANET_CALLS = ("EN_set", "EN_runH", "EN_initH", "EN_nextH", "EN_deletecontrol")  # as in engine_replay.py
TRAFFIC_FILES = ("networks/roads/assignment.py", "networks/roads/queues.py")  # whose kernels are an engine
NETWORKS = ("power", "water", "roads", "supply")

Key = tuple[CodeType | int, ...]  # the last instruction of the innermost function, then it and its callers


class Sampler:
    """CPU seconds by call stack, collected by a timer's signal while :meth:`on` runs."""

    def __init__(self) -> None:
        self.seconds: Counter[Key] = Counter()
        self.samples = 0
        self._last = 0.0

    @contextmanager
    def on(self) -> Iterator[None]:
        """Samples the main thread while the block runs."""
        before = signal.signal(signal.SIGALRM, self._sample)
        self._last = time.process_time()
        signal.setitimer(signal.ITIMER_REAL, INTERVAL_S, INTERVAL_S)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)

    def _sample(self, _: int, frame: FrameType | None) -> None:
        now = time.process_time()
        if frame is not None:
            if frame.f_lasti <= head(frame.f_code) and frame.f_back is not None:
                frame = frame.f_back
            stack: list[CodeType | int] = [frame.f_lasti]
            while frame is not None:
                stack.append(frame.f_code)
                frame = frame.f_back
            self.seconds[tuple(stack)] += now - self._last
            self.samples += 1
        self._last = time.process_time()


@cache
def head(code: CodeType) -> int:
    """Offset of the instruction with which a function begins: before it nothing of it has run."""
    return next((one.offset for one in dis.get_instructions(code) if one.opname == "RESUME"), 0)


# ---- names ------------------------------------------------------------------------------------------


def package_folder() -> str:
    """The folder of the package that is measured."""
    import agentsim

    return str(Path(agentsim.__file__).parent) + os.sep


@cache
def modules() -> dict[str, ModuleType]:
    """Imported modules by file."""
    found = [(getattr(one, "__file__", None), one) for one in list(sys.modules.values())]
    return {file: one for file, one in found if file}


def room_of(file: str, package: str) -> str:
    """The folder of the package in which a file is, two deep; empty outside the package."""
    if not file.startswith(package):
        return ""
    folders = file[len(package) :].split(os.sep)[:-1]
    return "/".join(folders[:2]) or "agentsim"


def name_of(code: CodeType, package: str) -> str:
    """A function as it is shown: name and file; of a library only the library."""
    if code.co_filename.startswith(package):
        return f"{code.co_qualname} {code.co_filename[len(package) :]}"
    library = re.search(r".*(?:site-packages|python3[.\d]*)/(\w+)", code.co_filename)
    return f"{code.co_qualname} ({library.group(1) if library else 'other'})"


@cache
def called_at(code: CodeType, instruction: int) -> str:
    """What the call at this instruction calls, as the source says it; empty where it is no call."""
    line, end, first, last = list(code.co_positions())[max(instruction, 0) // 2]
    if line is None or end is None or first is None or last is None:
        return ""
    text = [linecache.getline(code.co_filename, number) for number in range(line, end + 1)]
    text[-1] = text[-1].encode()[:last].decode(errors="ignore")
    source = "".join([text[0].encode()[first:].decode(errors="ignore"), *text[1:]])
    found = re.match(r"([A-Za-z_][\w.]*)\(", source)
    return found.group(1) if found else ""


def kernel_file(code: CodeType, called: str) -> str | None:
    """The file of the compiled kernel that is called under this name; None where it is something else."""
    found: Any = modules().get(code.co_filename)
    for part in called.split("."):
        found = getattr(found, part, None)
    compiled = getattr(found, "py_func", None)
    return compiled.__code__.co_filename if compiled is not None else None


def leaf_of(code: CodeType, instruction: int, package: str) -> tuple[str, str]:
    """(engine, shown name) of what the innermost function was calling; empty where it did its own work."""
    called = called_at(code, instruction)
    short = called.rpartition(".")[2]
    inside = modules().get(code.co_filename)
    if hasattr(inside, "highspy") and short in HIGHS_CALLS:
        return "HiGHS", f"HiGHS {short}"
    if short.startswith(EPANET_CALLS):
        return "EPANET", f"EPANET {short}"
    file = kernel_file(code, called)
    if file is None:
        return "", ""
    inner = file.removeprefix(package).replace(os.sep, "/")
    return ("traffic" if inner in TRAFFIC_FILES else ""), f"kernel {short}"


def read(stack: Key, package: str) -> tuple[str, list[str]]:
    """The room that a stack is charged to, and its names from the outermost function of the package inwards.

    It is the room of the innermost function of the package; time of a library belongs to the room that called
    it. Solvers are rooms of their own, one for each network.
    """
    instruction, *inside_out = stack
    assert isinstance(instruction, int)
    codes = [code for code in inside_out if isinstance(code, CodeType)]
    rooms = [room_of(code.co_filename, package) for code in codes]
    inner = next((row for row, room in enumerate(rooms) if room), None)
    if inner is None:
        return "outside", []
    outermost = max(row for row, room in enumerate(rooms) if room)
    names = [name_of(code, package) for code in codes[outermost::-1]]
    engine, leaf = leaf_of(codes[0], instruction, package)
    if "highspy" in codes[0].co_filename:
        engine, leaf = "HiGHS", ""
    names += [leaf] if leaf else []
    if not engine:
        return rooms[inner], names
    asked = next((r.partition("/")[2] for r in rooms if r.startswith("networks/")), "")
    return f"engine: {asked or 'other'} ({engine})", names


# ---- a run ------------------------------------------------------------------------------------------


def makes(options: argparse.Namespace) -> Callable[[], Any]:
    """What makes the society, as the options say."""
    import agentsim

    changes: dict[str, Any] = {"hours": (WARM_UP_H + options.hours, "profile")}
    if options.households:
        changes["place.households"] = (options.households, "profile")

    def make() -> Any:
        scenario = agentsim.load(options.scenario, changes)
        return agentsim.Society(scenario, policies=options.policy, attacker=options.attacker, seed=1)

    return make


def sampled(options: argparse.Namespace) -> dict[str, Any]:
    """CPU time by room and stack of the hours after the first day, or of setting the society up."""
    make, sampler, package, runs = makes(options), Sampler(), package_folder(), 0
    bare_s = sampled_s = math.inf
    if options.set_up:  # once: a second time the place would be at hand already
        makes(argparse.Namespace(**vars(options) | ORDINARY))().run(1)
        runs, sampled_s = 1, lived_s(make, options, sampler.on())
        bare_s = sampled_s
    else:
        make().run(1)  # compiled, and files read once
    while not options.set_up and (runs < 2 or sum(sampler.seconds.values()) < options.seconds):
        runs += 1
        bare_s = min(bare_s, lived_s(make, options))
        sampled_s = min(sampled_s, lived_s(make, options, sampler.on()))
    rooms: Counter[str] = Counter()
    stacks: Counter[str] = Counter()
    for stack, seconds in sampler.seconds.items():
        room, names = read(stack, package)
        rooms[room] += seconds
        stacks[";".join([*names, f"[{room}]"])] += seconds
    return {
        "runs": runs,
        "hours": 1 if options.set_up else options.hours,
        "samples": sampler.samples,
        "cpu_s": sum(sampler.seconds.values()),
        "sampled_s": sampled_s,  # the quickest run of each kind
        "unsampled_s": bare_s,
        "rooms": dict(rooms),
        "stacks": dict(stacks),
        "calls": counted(make, options) if options.calls else {},
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024.0**2 if MAC else 1024.0),
    }


MAC = sys.platform == "darwin"


def lived_s(
    make: Callable[[], Any], options: argparse.Namespace, around: AbstractContextManager | None = None
) -> float:
    """CPU time of the hours of one run, or of one set-up [s]."""
    society = None if options.set_up else make().run(WARM_UP_H)
    with around or nullcontext():
        begin = time.process_time()
        if society is None:
            make()
        else:
            society.run(options.hours)
        return time.process_time() - begin


def counted(make: Callable[[], Any], options: argparse.Namespace) -> dict[str, list[float]]:
    """Calls an hour by room: of the room's own functions, and of libraries by it. Kernels are not seen."""
    package, counter = package_folder(), cProfile.Profile()
    hours = 1 if options.set_up else min(options.hours, 48)
    society = None if options.set_up else make().run(WARM_UP_H)
    counter.enable()
    if society is None:
        make()
    else:
        society.run(hours)
    counter.disable()
    calls: dict[str, list[float]] = {}
    for (file, _, _), (_, number, _, _, callers) in pstats.Stats(counter).stats.items():  # type: ignore[attr-defined]
        if room := room_of(file, package):
            calls.setdefault(room, [0.0, 0.0])[0] += number / hours
            continue
        for (caller, _, _), (_, times, _, _) in callers.items():
            if room := room_of(caller, package):
                calls.setdefault(room, [0.0, 0.0])[1] += times / hours
    return calls


def main() -> None:
    """Prints what was found as one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--scenario", required=True)
    parser.add_argument("--households", type=int, help="default: the scenario's")
    parser.add_argument(
        "--hours", type=int, default=336, help="of a run, after a first day that is not counted"
    )
    parser.add_argument("--policy", action="append", default=[])
    parser.add_argument("--attacker", default="none")
    parser.add_argument("--seconds", type=float, default=5.0, help="CPU time to be sampled, in as many runs")
    parser.add_argument("--set-up", action="store_true", help="sample the making of the society instead")
    parser.add_argument("--no-calls", dest="calls", action="store_false", help="count no calls")
    print(json.dumps(sampled(parser.parse_args())))


if __name__ == "__main__":
    main()
