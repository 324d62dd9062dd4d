"""One queue of runs for the whole server, and the worker processes that compute them."""

import itertools
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from agentsim.app.replay.bilingual import NO_TEXT, Bilingual, error_text
from agentsim.app.replay.recording import PLANNING, Request
from agentsim.app.replay.recording_store import RecordingStore
from agentsim.app.server.open_pages import OpenPage, Visitor
from agentsim.app.server.request_checks import Limits, RefusedRequest, checked
from agentsim.app.server.requested_run import CANCELLED, DONE, FAILED, RUNNING, Job, RequestedRun
from agentsim.app.server.run_times import RunTimes
from agentsim.app.server.turns import in_turn, may_begin
from agentsim.app.server.worker import Task
from agentsim.app.server.worker_process import WorkerProcess


class JobQueue:
    """Answers requests from stored recordings at once, else has worker processes compute them, turn by turn.

    Parameters
    ----------
    workers : processes (each takes some 400 MB, and starts when it is needed). With more than one, a visitor
        has one less than that. None: half of the cores, at most 3, and one more
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
        self.workers = workers or min(3, max(1, (os.cpu_count() or 2) // 2)) + 1
        self.run_times = RunTimes()
        self._make_worker = make_worker
        self._lock = threading.Condition()
        self._waiting: list[Job] = []
        self._unfinished: dict[str, Job] = {}
        self._count = itertools.count()
        self._open = True
        self._threads: list[threading.Thread] = []

    # ---- what a visitor does ------------------------------------------------------------------------

    def submit(self, request: Request, owner: OpenPage) -> RequestedRun:
        """Ask for a recorded run: done at once if it is stored, failed if the request is refused."""
        return self._submit(request, owner, seeds=0)

    def submit_replications(self, request: Request, owner: OpenPage, seeds: int = 5) -> RequestedRun:
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

    def about_s(self, request: Request, seeds: int = 0) -> float:
        """Seconds until an answer once it is this run's turn: 0 if it is stored or will be refused [s]."""
        try:
            request = checked(request, self.limits, seeds)
        except RefusedRequest:
            return 0.0
        if seeds:
            table = self.store.table(replace(request, seed=0).key)
            stored = table is not None and len(table["seeds"]) >= seeds
        else:
            stored = self.store.has(request.key)
        return 0.0 if stored else self.run_times.about_s(request, seeds)

    def cancel_all(self, owner: OpenPage) -> None:
        """Cancel all requests of a page that was closed."""
        with self._lock:
            own = [one for job in self._unfinished.values() for one in job.requests if one.owner is owner]
        for one in own:
            one.cancel()

    def _submit(self, request: Request, owner: OpenPage, seeds: int) -> RequestedRun:
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
            self._drop_unwanted()
            job = self._unfinished.get(name)
            asked._refusal = self._too_many(asked.owner.visitor, job)
            if asked._refusal.en:
                return
            if job is None or not job.wanted:
                task = Task(asked.request, asked.request.setting(), asked.key, self.store.plans, seeds)
                job = self._unfinished[name] = Job(name, task)
                self._waiting.append(job)
            job.requests.append(asked)
            asked._job = job
            self._start_threads()
            self._lock.notify_all()

    def _too_many(self, visitor: Visitor, job: Job | None) -> Bilingual:
        """Why a visitor's next run is refused; empty if it is not."""
        others = [other for other in self._unfinished.values() if other is not job]
        own = sum(
            any(one.owner.visitor == visitor and one.waited_for for one in other.requests) for other in others
        )
        if own >= self.limits.jobs_per_owner:
            return Bilingual(
                f"{own} of your runs are under way; cancel one, or wait until one is done",
                f"あなたの計算が{own}件実行中です。一つ中止するか、終わるまでお待ちください",
            )
        near = sum(other.visitor.address == visitor.address for other in self._waiting)
        if len(self._waiting) >= self.limits.line or near >= self.limits.line_per_address:
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
            self._drop_unwanted()
            self._lock.notify_all()

    def _drop_unwanted(self) -> None:
        """Takes runs out of the line that nobody waits for any more."""
        for job in [one for one in self._waiting if not one.wanted]:
            self._waiting.remove(job)
            self._finish(job, CANCELLED)

    def _place_in_line(self, job: Job) -> int:
        with self._lock:
            line = self._line()
            return line.index(job) + 1 if job in line else 0

    def _line(self) -> list[Job]:
        """Waiting runs in the order in which they are computed."""
        return in_turn([(job, job.visitor) for job in self._waiting], self._running())

    def _running(self) -> list[Visitor]:
        return [job.visitor for job in self._unfinished.values() if job.state == RUNNING]

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

    def _next_job(self) -> Job | None:
        with self._lock:
            while self._open:
                self._drop_unwanted()
                running = self._running()
                free = [job for job in self._line() if may_begin(job.visitor, running, self.workers)]
                if free:
                    self._waiting.remove(free[0])
                    free[0].state = RUNNING
                    return free[0]
                self._lock.wait(1.0)
            return None

    def _run_job(self, worker: WorkerProcess, job: Job) -> None:
        try:
            state, result = self._run_and_store(worker, job)
        except Exception as error:  # otherwise the visitor would wait for ever
            state, result = FAILED, error_text(error)
        with self._lock:
            job.error = result if state == FAILED else NO_TEXT
            self._finish(job, state)

    def _run_and_store(self, worker: WorkerProcess, job: Job) -> tuple[str, Any]:
        def on_progress(share: float) -> None:
            job.planned = share - PLANNING if share < 0 else None
            job.progress = max(share, job.progress)

        def still_wanted() -> bool:
            return job.wanted and self._open

        begun_s = time.monotonic()
        state, result = worker.run(job.task, on_progress, still_wanted, self.limits.longest_s)
        if state == DONE:
            self.run_times.note(job.task.request, job.task.seeds, time.monotonic() - begun_s)
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

    def _finish(self, job: Job, state: str) -> None:
        job.state = state
        if self._unfinished.get(job.name) is job:
            del self._unfinished[job.name]
        self._lock.notify_all()

    def close(self) -> None:
        """Stop all worker processes."""
        with self._lock:
            self._open = False
            self._lock.notify_all()
        for thread in self._threads:
            thread.join(5.0)
