"""Many runs on several processes: results as they come, none lost if another worker process dies.

Worker processes are started afresh (spawn), hold every numerical library to one thread and are renewed
after a number of runs, because a model that has made Mesa agents is never freed (Mesa 3.3).
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

from agentsim.core.errors import InvalidInput

RUNS_PER_WORKER = 40  # then the whole pool is renewed
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
NO_GUARD = 87  # exit status of a worker whose script has no main guard
DIED = "the worker process died (out of memory, or killed)"

Result = tuple[int, Any, str]


def run_all(
    task: Callable[[Any], Any], jobs: Sequence[Any], workers: int = 1, executor: Executor | None = None
) -> Generator[Result, None, None]:
    """Yields ``(index, result, "")`` or ``(index, None, what went wrong)`` for each job as it ends.

    Parameters
    ----------
    task : a function at the top of a module, given one job; jobs and results cross process borders
    jobs : one argument of *task* for each run
    workers : 1 runs here, one after the other; more run in that many processes
    executor : runs them there instead, for instance on a Dask client's executor
    """
    if executor is not None:
        yield from _results({executor.submit(task, job): index for index, job in enumerate(jobs)})
    elif workers == 1:
        for index, job in enumerate(jobs):
            yield index, task(job), ""
    else:
        batch = workers * RUNS_PER_WORKER
        for start in range(0, len(jobs), batch):
            yield from _pooled(task, jobs, range(start, min(start + batch, len(jobs))), workers)


def _pooled(task: Callable, jobs: Sequence[Any], indices: Sequence[int], workers: int) -> Iterator[Result]:
    """Runs of one pool. When a worker dies its whole pool breaks: the rest is run one by one."""
    lost = []
    with _pool(min(workers, len(indices))) as pool:
        futures = {pool.submit(task, jobs[index]): index for index in indices}
        processes = list((pool._processes or {}).values())
        for result in _results(futures):
            if result[2] == DIED:
                _check_guard(processes)
                lost.append(result[0])
            else:
                yield result
    for index in sorted(lost):
        with _pool(1) as pool:
            yield from _results({pool.submit(task, jobs[index]): index})


def _results(futures: dict[Future, int]) -> Iterator[Result]:
    for future in as_completed(futures):
        try:
            yield futures[future], future.result(), ""
        except BrokenProcessPool:
            yield futures[future], None, DIED
        except Exception as error:  # the job or its result could not cross the process border
            yield futures[future], None, f"{type(error).__name__}: {error}"


def leave_if_read_again() -> None:
    """End this process if it is a worker that only reads the script that asked for it; see _check_guard."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        os._exit(NO_GUARD)


def _check_guard(processes: Sequence[BaseProcess]) -> None:
    """Raise if a worker ended because the script that asked for it asks again in every process."""
    for process in processes:
        process.join(timeout=5.0)
    if any(process.exitcode == NO_GUARD for process in processes):
        raise InvalidInput(
            "workers: each worker process runs the script anew, and it asks for workers again; put the call "
            'under `if __name__ == "__main__":`, or take workers=1'
        )


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool whose processes end with it, at once after Ctrl-C."""
    leave_if_read_again()
    before = dict(os.environ)
    others = set(multiprocessing.active_children())
    os.environ.update(ONE_THREAD)
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        yield pool
    except BaseException:
        for child in multiprocessing.active_children():
            if child not in others:
                child.terminate()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        pool.shutdown()
        for name in ONE_THREAD:
            os.environ.pop(name, None)
        os.environ.update({name: before[name] for name in ONE_THREAD if name in before})


def _begin() -> None:
    """In a worker: ignore Ctrl-C, which the parent handles, and end when the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
