"""One queue of runs for the whole server, and the worker processes that compute them."""

import itertools
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agentsim.app.replay.bilingual import NO_TEXT, Bilingual, error_text
from agentsim.app.replay.recording import PLANNING, Recording, Request
from agentsim.app.replay.recording_store import RecordingStore
from agentsim.app.server.request_checks import Limits, RefusedRequest, checked
from agentsim.app.server.worker import Task
from agentsim.app.server.worker_process import WorkerProcess
from agentsim.core.errors import AgentsimError

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
ENDED = (DONE, FAILED, CANCELLED)


class NoResult(AgentsimError, RuntimeError):
    """A run that has no result: it is not done, or its file has been removed."""

    code = "no_result"


@dataclass(eq=False)
class _Job:
    """One run, shared by all visitors who asked for it."""

    name: str
    task: Task
    requests: list["RequestedRun"] = field(default_factory=list)
    state: str = WAITING
    progress: float = 0.0
    planned: float | None = None  # share of the attacker's rollouts done; None: no attacker is planning
    error: Bilingual = NO_TEXT

    @property
    def wanted(self) -> bool:
        return any(not one.cancelled for one in self.requests)


class RequestedRun:
    """One visitor's request for a run: its state, its progress and, when done, its result. Never blocks.

    Attributes
    ----------
    state : ``waiting``, ``running``, ``done``, ``failed`` or ``cancelled``
    progress : 0 to 1
    planning : an attacker is planning, and progress stands still; planned : share of its rollouts done
    place_in_line : 1 is next; 0 when it no longer waits
    error : what went wrong, if it failed
    """

    def __init__(
        self, queue: "JobQueue", request: Request, owner: str, key: str, refusal: Bilingual = NO_TEXT
    ) -> None:
        self.request, self.owner, self.key = request, owner, key
        self.cancelled = False
        self._queue = queue
        self._job: _Job | None = None
        self._refusal = refusal

    @property
    def state(self) -> str:
        if self._refusal.en:
            return FAILED
        if self.cancelled:
            return CANCELLED
        return self._job.state if self._job else DONE

    @property
    def error(self) -> Bilingual:
        return self._refusal if self._refusal.en or not self._job else self._job.error

    @property
    def progress(self) -> float:
        return self._job.progress if self._job and self.state != DONE else float(self.state == DONE)

    @property
    def planning(self) -> bool:
        return self._job is not None and self.state == RUNNING and self._job.planned is not None

    @property
    def planned(self) -> float:
        return (self._job.planned or 0.0) if self._job else 0.0

    @property
    def place_in_line(self) -> int:
        return self._queue._place_in_line(self._job) if self._job and self.state == WAITING else 0

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    def result(self) -> Recording:
        """The recording. Raises NoResult unless the state is ``done``."""
        found = self._queue.store.get(self.key) if self.state == DONE else None
        if found is None:
            raise NoResult(f"there is no recording: {self.state} {self.error.en}".strip())
        return found

    def table(self) -> dict[str, Any]:
        """The table of replications, for a request of :meth:`JobQueue.submit_replications`."""
        found = self._queue.store.table(self.key) if self.state == DONE else None
        if found is None:
            raise NoResult(f"there is no table: {self.state} {self.error.en}".strip())
        return found

    def cancel(self) -> None:
        """Give the request up; the run stops within a second unless another visitor waits for it."""
        self._queue._cancel(self)

    def wait(self, timeout_s: float = 60.0) -> str:
        """Block until it has ended, for scripts and tests; returns the state."""
        until = time.monotonic() + timeout_s
        while not self.ended and time.monotonic() < until:
            time.sleep(0.02)
        return self.state


class JobQueue:
    """Answers requests from stored recordings at once, else has a worker process compute them in order.

    Parameters
    ----------
    workers : processes; None: half of the cores, at most 3 (each takes some 400 MB)
    folder : cache on disk; None: the user's
    limits : what a visitor may ask for
    store : finished recordings
    make_worker : for tests
    """

    def __init__(
        self,
        workers: int | None = None,
        folder: Path | None = None,
        limits: Limits | None = None,
        store: RecordingStore | None = None,
        make_worker: Callable[[], WorkerProcess] = WorkerProcess,
    ) -> None:
        self.limits, self.store = limits or Limits(), store or RecordingStore(folder)
        self.workers = workers or min(3, max(1, (os.cpu_count() or 2) // 2))
        self._make_worker = make_worker
        self._lock = threading.Condition()
        self._waiting: list[_Job] = []
        self._unfinished: dict[str, _Job] = {}
        self._count = itertools.count()
        self._open = True
        self._threads: list[threading.Thread] = []

    # ---- what a visitor does ------------------------------------------------------------------------

    def submit(self, request: Request, owner: str) -> RequestedRun:
        """Ask for a recorded run: done at once if it is stored, failed if the request is refused."""
        return self._submit(request, owner, seeds=0)

    def submit_replications(self, request: Request, owner: str, seeds: int = 5) -> RequestedRun:
        """Ask for the table of replications of a case, paired by seed."""
        return self._submit(replace(request, seed=0), owner, seeds=seeds)

    def recorded_replications(self, request: Request) -> dict[str, Any] | None:
        """The stored table of paired replications, if there is one.

        Returns
        -------
        dict or None
            ``seeds``, and ``rows``: outcome -> ``difference, low, high, n, mean, mean_without``
        """
        try:
            return self.store.table(replace(checked(request, self.limits), seed=0).key)
        except RefusedRequest:
            return None

    def cancel_all(self, owner: str) -> None:
        """Cancel all requests of a visitor who has closed the page."""
        with self._lock:
            own = [one for job in self._unfinished.values() for one in job.requests if one.owner == owner]
        for one in own:
            one.cancel()

    def _submit(self, request: Request, owner: str, seeds: int) -> RequestedRun:
        try:
            request = checked(request, self.limits, seeds)
            key = request.key
        except RefusedRequest as error:
            return RequestedRun(self, request, owner, "", error.text)
        asked = RequestedRun(self, request, owner, key)
        table = self.store.table(key) if seeds else None
        stored = len(table["seeds"]) >= seeds if table else not seeds and self.store.get(key) is not None
        if not stored:
            self._enqueue(asked, seeds)
        return asked

    def _enqueue(self, asked: RequestedRun, seeds: int) -> None:
        name = f"{asked.key}/{seeds}"
        with self._lock:
            job = self._unfinished.get(name)
            asked._refusal = self._too_many(asked.owner, job)
            if asked._refusal.en:
                return
            if job is None or not job.wanted:
                task = Task(asked.request, asked.request.setting(), asked.key, self.store.plans, seeds)
                job = self._unfinished[name] = _Job(name, task)
                self._waiting.append(job)
            job.requests.append(asked)
            asked._job = job
            self._start_threads()
            self._lock.notify_all()

    def _too_many(self, owner: str, job: _Job | None) -> Bilingual:
        """Why a visitor's next run is refused; empty if it is not."""
        others = [other for other in self._unfinished.values() if other is not job]
        own = sum(any(one.owner == owner and not one.cancelled for one in other.requests) for other in others)
        if own >= self.limits.jobs_per_owner:
            return Bilingual(
                f"{own} of your runs are under way; cancel one, or wait until one is done",
                f"あなたの計算が{own}件実行中です。一つ中止するか、終わるまでお待ちください",
            )
        if len(self._waiting) >= self.limits.line:
            return Bilingual(
                f"{len(self._waiting)} runs are waiting; try again in a minute",
                f"{len(self._waiting)}件の計算が待っています。1分ほど後にもう一度お試しください",
            )
        return NO_TEXT

    def _cancel(self, asked: RequestedRun) -> None:
        with self._lock:
            if asked.ended:
                return
            asked.cancelled = True
            job = asked._job
            if job is not None and not job.wanted and job in self._waiting:
                self._waiting.remove(job)
                self._finish(job, CANCELLED)
            self._lock.notify_all()

    def _place_in_line(self, job: _Job) -> int:
        with self._lock:
            return self._waiting.index(job) + 1 if job in self._waiting else 0

    # ---- threads that feed the worker processes -----------------------------------------------------

    def _start_threads(self) -> None:
        """Start the threads that each feed one worker process, no more than there are jobs."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        while len(self._threads) < min(self.workers, len(self._unfinished)):
            thread = threading.Thread(target=self._run_jobs, daemon=True, name=f"worker {next(self._count)}")
            self._threads.append(thread)
            thread.start()

    def _run_jobs(self) -> None:
        worker = self._make_worker()
        try:
            while (job := self._next_job()) is not None:
                if worker.to_be_replaced:
                    worker.stop()
                    worker = self._make_worker()
                self._run_job(worker, job)
                if not worker.alive:
                    worker.stop()
                    worker = self._make_worker()
        finally:
            worker.stop()

    def _next_job(self) -> _Job | None:
        with self._lock:
            while self._open and not self._waiting:
                self._lock.wait(1.0)
            if not self._open:
                return None
            job = self._waiting.pop(0)
            job.state = RUNNING
            return job

    def _run_job(self, worker: WorkerProcess, job: _Job) -> None:
        try:
            state, result = self._run_and_store(worker, job)
        except Exception as error:  # otherwise the visitor would wait for ever
            state, result = FAILED, error_text(error)
        with self._lock:
            job.error = result if state == FAILED else NO_TEXT
            self._finish(job, state)

    def _run_and_store(self, worker: WorkerProcess, job: _Job) -> tuple[str, Any]:
        def on_progress(share: float) -> None:
            job.planned = share - PLANNING if share < 0 else None
            job.progress = max(share, job.progress)

        def still_wanted() -> bool:
            return job.wanted and self._open

        state, result = worker.run(job.task, on_progress, still_wanted, self.limits.longest_s)
        try:
            if state == DONE and job.task.seeds:
                self.store.put_table(job.task.key, result)
            elif state == DONE:
                self.store.put(job.task.key, result)
        except OSError as error:
            return FAILED, Bilingual(
                f"the recording could not be stored: {error.strerror}",
                f"記録を保存できませんでした:{error.strerror}",
            )
        return state, result

    def _finish(self, job: _Job, state: str) -> None:
        job.state = state
        if self._unfinished.get(job.name) is job:
            del self._unfinished[job.name]

    def close(self) -> None:
        """Stop all worker processes."""
        with self._lock:
            self._open = False
            self._lock.notify_all()
        for thread in self._threads:
            thread.join(5.0)
