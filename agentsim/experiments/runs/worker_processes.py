"""Worker processes for runs: each makes one run at a time, within limits of time and memory.

Processes are started afresh (spawn) and hold every numerical library to one thread. Each takes one job after
the other, so that a process that dies or is stopped loses its own job and no other. A process that has grown
is replaced, whatever holds its memory.
"""

import ctypes
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from agentsim.core.errors import InvalidInput
from agentsim.experiments.runs.ledger import DIED, FAILED, OUT_OF_MEMORY, TIMED_OUT

GROWTH_MB = 400.0  # a process that has grown by so much since its first run is replaced
RUNS_PER_PROCESS = 400  # then it is replaced in any case
LOOK_S = 0.1  # how often the memory of processes is looked at
LEAVE_S = 2.0  # for a process that has no more to do
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "NUMBA_NUM_THREADS",
    ),
    "1",
)
_END_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux
STARTED, BEGUN = "started", "begun"  # what a process says besides results
NO_GUARD = 87  # exit status of a worker whose script has no main guard


@dataclass(frozen=True)
class Limits:
    """What one run may take: seconds, and memory of its process [MB]; None: any."""

    seconds: float | None = None
    mb: float | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True)
class Trouble:
    """Why a job has no result: a status of the ledger, and a sentence."""

    status: str
    said: str

    def __str__(self) -> str:
        return self.said


def trouble_of(error: BaseException) -> Trouble:
    """What to say of an exception that no task handled."""
    status = OUT_OF_MEMORY if isinstance(error, MemoryError) else FAILED
    return Trouble(status, f"{type(error).__name__}: {error}")


def in_processes(
    task: Callable[[Any], Any], jobs: Sequence[Any], workers: int, limits: Limits = NO_LIMITS
) -> Generator[tuple[int, Any, Trouble | None], None, None]:
    """Yields the result of each job, or what went wrong, as ``executors.run_all`` does."""
    leave_if_read_again()
    waiting = deque(enumerate(jobs))
    with _processes(task, min(workers, len(jobs)), limits) as processes:
        while waiting or any(process.job is not None for process in processes):
            for process in processes:
                if waiting and process.ready:
                    lost = process.give(*waiting.popleft())
                    if lost:
                        yield lost
            if not all(process.ready for process in processes):
                yield from _next(processes)


def _next(processes: Sequence["_Process"]) -> Iterator[tuple[int, Any, Trouble | None]]:
    """Jobs that have ended since, after some waiting."""
    until = [process.until for process in processes if process.until is not None]
    look = [LOOK_S] if any(process.limits.mb for process in processes) else []
    patience = min([max(0.0, at - time.monotonic()) for at in until] + look, default=None)
    wait([process.pipe for process in processes], patience)
    for process in processes:
        ended = process.answer()
        if ended is not None:
            yield ended


class _Process:
    """One worker process, and the job that it has."""

    def __init__(self, task: Callable[[Any], Any], limits: Limits) -> None:
        self.task, self.limits = task, limits
        self.job: int | None = None
        self.until: float | None = None  # by which its job must have ended
        self._start()

    def _start(self) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(target=_work, args=(theirs, self.task), daemon=True)
        with _one_thread(), _deaf_to_ctrl_c():
            self.process.start()
        theirs.close()
        self.ready, self.runs, self.first_mb = False, 0, 0.0

    def give(self, index: int, job: Any) -> tuple[int, None, Trouble] | None:
        """Hand it a job; what went wrong if that cannot be."""
        try:
            content = pickle.dumps(job)
        except Exception as error:  # pickle raises whatever an object's own code does
            return index, None, trouble_of(error)
        self.job, self.ready, self.until = index, False, None
        with suppress(OSError):  # it has died, which answer() will find
            self.pipe.send_bytes(content)
        return None

    def answer(self) -> tuple[int, Any, Trouble | None] | None:
        """How its job has ended, if it has; a process that died, or goes beyond a limit, is replaced."""
        try:
            if self.pipe.poll():
                return self._heard(self.pipe.recv())
        except (EOFError, OSError):
            self._check_guard()
            return self._replaced(Trouble(DIED, f"the worker process died ({self._exit_text()})"))
        beyond = self._beyond()
        if beyond is None:
            return None
        self.process.kill()
        return self._replaced(beyond)

    def _heard(self, said: Any) -> tuple[int, Any, Trouble | None] | None:
        if said == STARTED:
            self.ready = True
            return None
        if said == BEGUN:  # what it has to import for its first job is no time of a run
            self.until = time.monotonic() + self.limits.seconds if self.limits.seconds else None
            return None
        ended = None if self.job is None else (self.job, *said)
        self.job, self.until, self.ready, self.runs = None, None, True, self.runs + 1
        if self.runs == 1:
            self.first_mb = resident_mb(self.process.pid) or 0.0
        elif self._has_grown():
            self.stop()
            self._start()
        return ended

    def _has_grown(self) -> bool:
        now_mb = resident_mb(self.process.pid) or 0.0
        return self.runs >= RUNS_PER_PROCESS or now_mb > self.first_mb + GROWTH_MB

    def _beyond(self) -> Trouble | None:
        """The limit that its job has gone beyond."""
        if self.job is None:
            return None
        if self.until is not None and time.monotonic() > self.until:
            return Trouble(TIMED_OUT, f"stopped after {self.limits.seconds:g} s, the limit of a run")
        if self.limits.mb is not None and (resident_mb(self.process.pid) or 0.0) > self.limits.mb:
            return Trouble(OUT_OF_MEMORY, f"stopped at {self.limits.mb:g} MB, the limit of a run")
        return None

    def _replaced(self, trouble: Trouble) -> tuple[int, None, Trouble] | None:
        lost, self.job, self.until = self.job, None, None
        self.stop()
        self._start()
        return None if lost is None else (lost, None, trouble)

    def _exit_text(self) -> str:
        """How the process ended, in words."""
        self.process.join(timeout=LEAVE_S)
        code = self.process.exitcode
        if code == -signal.SIGKILL:
            return "killed, perhaps because memory ran out"
        return f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"

    def _check_guard(self) -> None:
        """Raise if the process ended because the script that asked for it asks again in every process."""
        self.process.join(timeout=LEAVE_S)
        if self.process.exitcode == NO_GUARD:
            raise InvalidInput(
                "workers: each worker process runs the script anew, and it asks for workers again; "
                'put the call under `if __name__ == "__main__":`, or take workers=1'
            )

    def stop(self) -> None:
        """End the process at once."""
        self.pipe.close()
        if self.process.is_alive():
            self.process.kill()
        self.process.join(timeout=LEAVE_S)


@contextmanager
def _processes(task: Callable, number: int, limits: Limits) -> Generator[list[_Process], None, None]:
    processes: list[_Process] = []
    try:
        for _ in range(number):
            processes.append(_Process(task, limits))
        yield processes
    finally:
        for process in processes:
            process.stop()


def _work(pipe: Connection, task: Callable[[Any], Any]) -> None:
    """In the process: job after job, until it is ended."""
    if sys.platform == "linux":  # also while a solver that hangs leaves no thread a turn
        ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    pipe.send(STARTED)
    while True:
        try:
            content = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            job = pickle.loads(content)
            pipe.send(BEGUN)
            answer = pickle.dumps((task(job), None))
        except Exception as error:  # the job or its result could not cross the process border
            answer = pickle.dumps((None, trouble_of(error)))
        pipe.send_bytes(answer)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def leave_if_read_again() -> None:
    """End this process if it is a worker that only reads the script that asked for it; see _check_guard."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        os._exit(NO_GUARD)


@contextmanager
def _one_thread() -> Generator[None, None, None]:
    """What is started now holds numerical libraries to one thread."""
    before = dict(os.environ)
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name in ONE_THREAD:
            os.environ.pop(name, None)
        os.environ.update({name: before[name] for name in ONE_THREAD if name in before})


@contextmanager
def _deaf_to_ctrl_c() -> Generator[None, None, None]:
    """What is started now leaves Ctrl-C to this process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)  # None: it was not set from Python


def resident_mb(pid: int | None) -> float | None:
    """Memory that a process holds now [MB]; None where the system does not tell (Windows)."""
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError):
        pass
    try:
        command = ["ps", "-o", "rss=", "-p", str(pid)]
        shown = subprocess.run(command, capture_output=True, text=True, check=False)
        return int(shown.stdout) * 1024 / 1e6
    except (OSError, ValueError):
        return None
