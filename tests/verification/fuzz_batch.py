"""One batch of the fuzzer, in a process of its own: ``python fuzz_batch.py KIND FIRST COUNT SEED``.

Each case prints a line when it begins, and one more if something is wrong with it. A case is right if it is
read, or refused with one message that names the file or option; nothing may be left half written.
"""

import contextlib
import io
import json
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "place"), str(HERE.parents[1])]
LONGEST_S = 20.0  # of computing; on a busy machine a case may wait for longer
LONGEST_WAIT_S = 150.0
MEMORY_GB = 3.0  # of address space: an idle process with its libraries has 1.6
GROWTH_GB = 1.0  # of memory in use


class TooLong(BaseException):
    """The case took more than its time."""


def _alarm(*_: Any) -> None:
    raise TooLong


def _peak_gb() -> float:
    """Most memory in use so far; what the process that started this one used does not count."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1e6 for line in lines if line.startswith("VmHWM:")), 0.0)


def _limit() -> None:
    import resource

    size = int(MEMORY_GB * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    signal.signal(signal.SIGALRM, _alarm)
    signal.signal(signal.SIGPROF, _alarm)


def _warm_up() -> None:
    """Compiles what the first case would otherwise wait for."""
    from agentsim.scenario.file import Scenario
    from agentsim.society.society import Society

    Society(Scenario().with_changes({"hours": 26, "place.households": 20}, facing=())).run()


def _said(call: Any, *arguments: Any) -> tuple[int, str]:
    """Exit status and what was said on stderr; an error of the family counts as status 2, or 1."""
    from agentsim.core.errors import InvalidInput, NotSolved

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = call(*arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        except InvalidInput as error:
            return 2, str(error)
        except NotSolved as error:
            return 1, str(error)
    return status, err.getvalue()


def fault_of(call: Any, names: list[str], *arguments: Any) -> str:
    """What is wrong with how a case ended, empty if nothing is."""
    begin = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_WAIT_S)
    try:
        status, said = _said(call, *arguments)
    except TooLong:
        return f"took longer than {LONGEST_S:.0f} s, or waited for {LONGEST_WAIT_S:.0f} s"
    except MemoryError:
        return f"took more than {MEMORY_GB} GB"
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {str(error)[:200]} at {Path(last.filename).name}:{last.lineno}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    if time.process_time() - begin > LONGEST_S:
        return "took too long"
    if "Traceback" in said:
        return f"a traceback is shown: {said[-200:]}"
    if status not in (0, 1, 2):
        return f"exit status {status}"
    if status == 2 and not any(name in said for name in names):
        return f"the message names no place: {said[:200]}"
    return ""  # status 1: a network could not be solved, and one line says so


def file_case(kind: str, number: int, seed: int, right: Path, folder: Path) -> tuple[str, str]:
    """What the case is, and what is wrong with it."""
    from fuzz_inputs import KINDS
    from fuzz_mutations import mutated

    random, entry = Random(f"{seed}/{kind}/{number}"), KINDS[kind]
    shutil.copytree(right, folder, dirs_exist_ok=True)
    names = json.loads((folder / "files.json").read_text())
    file = folder / random.choice(names[: entry.spoilt])
    file.write_bytes(mutated(file.read_bytes(), random))
    return file.name, fault_of(entry.read, [file.name, *names, folder.name], folder)


def option_case(number: int, seed: int, folder: Path) -> tuple[str, str]:
    """A command line that is wrong somewhere."""
    from fuzz_inputs import options_of, shown

    from agentsim.cli.main import main

    words = options_of(Random(f"{seed}/options/{number}"), folder)
    names = [word for word in words if word.startswith("--")] + ["agentsim", "s.toml", "argument", *words]
    wrong = fault_of(main, names, words)
    left = list((folder / "out").rglob("*.part")) if (folder / "out").exists() else []
    return shown(words), wrong or (f"left behind: {left[0].name}" if left else "")


def mix_case(number: int, seed: int) -> tuple[str, str]:
    """Some hours of a small town under a random mix of switches, policies and attackers."""
    random = Random(f"{seed}/mix/{number}")
    changes, policies, attacker = _mix(random)
    what = json.dumps([changes, policies, attacker])

    def live() -> int:
        from agentsim.scenario.file import Scenario
        from agentsim.society.society import Society

        society = Society(Scenario().with_changes(changes), policies, attacker, seed=random.randrange(1000))
        outcomes = society.run().measured
        wrong = [name for name, value in outcomes.items() if value in (float("inf"), -float("inf"))]
        if wrong:
            raise ArithmeticError(f"{wrong[0]} is infinite")
        return 0

    return what, fault_of(live, ["scenario"])


def _mix(random: Random) -> tuple[dict[str, Any], list[str], str]:
    from agentsim.core.mechanisms import Mechanisms
    from agentsim.scenario import names

    off = [name for name in Mechanisms.names() if random.random() < 0.2]
    changes: dict[str, Any] = {f"mechanisms.{name}": False for name in off}
    changes |= {"hours": random.choice((3, 26)), "place.households": random.choice((8, 50, 200))}
    changes["place.name"] = random.choice(("bay_city", "river_town"))
    changes["place.districts"] = random.choice((2, 5, 8))
    changes["attacker.first_hour"] = random.choice((0, 1))
    changes["attacker.foothold"] = random.sample(names.principals(), random.randrange(4))
    changes["attacker.budget"] = random.choice((0.0, 5.0, 400.0))
    policies = [name for name in names.single_policies() if random.random() < random.choice((0.1, 0.5))]
    kind = random.choice(names.kinds())
    return changes, policies, kind if kind == "none" else f"{kind}:random"


def main_batch(kind: str, first: int, count: int, seed: int) -> None:
    """Runs the cases; each prints its number, and its fault if it has one."""
    _warm_up()
    _limit()

    with tempfile.TemporaryDirectory() as kept, contextlib.chdir(kept):
        right = Path(kept) / "right"
        right.mkdir()
        if kind not in ("options", "mix"):
            from fuzz_inputs import KINDS

            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                files = KINDS[kind].files(right)
            (right / "files.json").write_text(json.dumps([str(f.relative_to(right)) for f in files]))
        for number in range(first, first + count):
            print(json.dumps({"began": number}), flush=True)
            folder = Path(kept) / f"case{number}"
            folder.mkdir()
            if kind == "options":
                what, wrong = option_case(number, seed, folder)
            elif kind == "mix":
                what, wrong = mix_case(number, seed)
            else:
                what, wrong = file_case(kind, number, seed, right, folder)
            peak_gb = _peak_gb()
            wrong = wrong or (f"{peak_gb:.1f} GB in use" if peak_gb > GROWTH_GB else "")
            if wrong:
                print(json.dumps({"case": number, "what": what, "wrong": wrong}), flush=True)
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main_batch(sys.argv[1], *(int(word) for word in sys.argv[2:5]))
