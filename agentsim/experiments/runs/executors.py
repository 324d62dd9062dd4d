"""Many runs at once: results as they come, none lost if another worker process dies or is stopped.

Runs are made here one after the other, in worker processes (``worker_processes.py``), or on any executor of
``concurrent.futures``.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from typing import Any

from agentsim.experiments.runs.ledger import DIED
from agentsim.experiments.runs.worker_processes import (
    NO_LIMITS,
    Limits,
    Trouble,
    in_processes,
    trouble_of,
)

AT_ONCE = 256  # jobs that an executor is given before the first of them has ended
MOST_TRIES = 3  # of a job whose result a scheduler loses
WORKER_DIED = "the worker process died (out of memory, or killed)"

Result = tuple[int, Any, Trouble | None]


def run_all(
    task: Callable[[Any], Any],
    jobs: Sequence[Any],
    workers: int = 1,
    executor: Executor | None = None,
    limits: Limits = NO_LIMITS,
) -> Generator[Result, None, None]:
    """Yields ``(index, result, None)`` or ``(index, None, what went wrong)`` for each job as it ends.

    Parameters
    ----------
    task : a function at the top of a module, given one job; jobs and results cross process borders
    jobs : one argument of *task* for each run
    workers : 1 runs here, one after the other, unless there are limits; more run in that many processes
    executor : runs them there instead, for instance on a Dask client's executor
    limits : on time and memory of each run; an executor has its own
    """
    if executor is not None:
        yield from _on_executor(task, jobs, executor)
    elif workers == 1 and limits == NO_LIMITS:
        for index, job in enumerate(jobs):
            yield index, task(job), None
    else:
        yield from in_processes(task, jobs, workers, limits)


def _on_executor(task: Callable, jobs: Sequence[Any], executor: Executor) -> Iterator[Result]:
    """Results of an executor, which is given some jobs at a time; one whose result is lost is given again."""
    waiting = iter(range(len(jobs)))
    futures: dict[Future, int] = {}
    given = [0] * len(jobs)

    def give(index: int) -> None:
        given[index] += 1
        futures[executor.submit(task, jobs[index])] = index

    try:
        while True:
            while len(futures) < AT_ONCE and (index := next(waiting, None)) is not None:
                give(index)
            if not futures:
                return
            ended, _ = wait(futures, return_when=FIRST_COMPLETED)
            for future in ended:
                index = futures.pop(future)
                if _is_lost(future) and given[index] < MOST_TRIES:
                    give(index)
                else:
                    yield _result(index, future)
    finally:
        for future in futures:
            future.cancel()


def _is_lost(future: Future) -> bool:
    """Whether a scheduler lost the job or its result, with the worker that had it; the job did not fail."""
    if future.cancelled():
        return True
    error = future.exception()
    return isinstance(error, CancelledError) or "Cancelled" in type(error).__name__


def _result(index: int, future: Future) -> Result:
    try:
        return index, future.result(), None
    except BrokenExecutor:
        return index, None, Trouble(DIED, WORKER_DIED)
    except Exception as error:  # the job or its result could not cross the process border
        lost = type(error).__name__ == "KilledWorker"  # Dask has given it up after several workers died of it
        return index, None, Trouble(DIED, WORKER_DIED) if lost else trouble_of(error)
