"""The desk: one line for the whole server, worker processes behind it, and a ticket for everyone who asks."""

import itertools
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agentsim.app.replay.recording import PLANNING, Recording, Request
from agentsim.app.replay.recordings import Shelf
from agentsim.app.server.request_checks import Limits, Refused, checked
from agentsim.app.server.worker import Task
from agentsim.app.server.worker_process import Worker

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
ENDED = (DONE, FAILED, CANCELLED)


@dataclass(eq=False)
class _Job:
    """One run, for all who asked for it."""

    key: str
    task: Task
    tickets: list["Ticket"] = field(default_factory=list)
    state: str = WAITING
    progress: float = 0.0
    planned: float | None = None  # share of an attacker's rollouts done; None: nobody plans
    error: str = ""
    table: dict[str, Any] | None = None

    @property
    def wanted(self) -> bool:
        return any(not ticket.left for ticket in self.tickets)


class Ticket:
    """What somebody who asked holds in hand. Reading it never waits.

    Attributes
    ----------
    state : ``waiting``, ``running``, ``done``, ``failed`` or ``cancelled``
    progress : 0 to 1
    planning : an attacker is planning, and progress stands still; planned : share of its rollouts done
    place_in_line : 1 is next; 0 when it no longer waits
    error : what went wrong, when it failed
    """

    def __init__(self, desk: "Desk", request: Request, owner: str, key: str) -> None:
        self.request, self.owner, self.key = request, owner, key
        self.left = False
        self._desk = desk
        self._job: _Job | None = None
        self._refused = ""

    @property
    def state(self) -> str:
        if self._refused:
            return FAILED
        if self.left:
            return CANCELLED
        return self._job.state if self._job else DONE

    @property
    def error(self) -> str:
        return self._refused or (self._job.error if self._job else "")

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
        return self._desk._place(self._job) if self._job and self.state == WAITING else 0

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    def result(self) -> Recording:
        """The recording. Raises RuntimeError unless the state is ``done``."""
        if self.state != DONE:
            raise RuntimeError(f"there is no recording: {self.state} {self.error}".strip())
        found = self._desk.shelf.get(self.key)
        if found is None:
            raise RuntimeError("the recording is gone; ask again")
        return found

    def table(self) -> dict[str, Any]:
        """The table of replications, for a ticket of :meth:`Desk.replicate`."""
        found = self._desk.shelf.table(self.key)
        if self.state != DONE or found is None:
            raise RuntimeError(f"there is no table: {self.state} {self.error}".strip())
        return found

    def cancel(self) -> None:
        """Give up; the run stops within a second unless somebody else waits for it."""
        self._desk._leave(self)

    def wait(self, timeout_s: float = 60.0) -> str:
        """Block until it has ended, for scripts and tests; returns the state."""
        until = time.monotonic() + timeout_s
        while not self.ended and time.monotonic() < until:
            time.sleep(0.02)
        return self.state


class Desk:
    """Takes all requests; answers from the shelf at once, else by a worker, first come first served.

    Parameters
    ----------
    workers : processes; None: half of the cores, at most 3 (each takes some 400 MB)
    folder : cache on disk; None: the user's
    limits : what a visitor may ask for
    shelf : where finished recordings are
    make_worker : for tests
    """

    def __init__(
        self,
        workers: int | None = None,
        folder: Path | None = None,
        limits: Limits | None = None,
        shelf: Shelf | None = None,
        make_worker: Callable[[], Worker] = Worker,
    ) -> None:
        self.limits, self.shelf = limits or Limits(), shelf or Shelf(folder)
        self.workers = workers or min(3, max(1, (os.cpu_count() or 2) // 2))
        self._make_worker = make_worker
        self._lock = threading.Condition()
        self._line: list[_Job] = []
        self._under_way: dict[str, _Job] = {}
        self._count = itertools.count()
        self._open = True
        self._threads: list[threading.Thread] = []

    # ---- what a visitor does ------------------------------------------------------------------------

    def ask(self, request: Request, owner: str) -> Ticket:
        """A ticket for a recorded run: done at once if the shelf has it, failed if it is refused."""
        return self._ticket(request, owner, seeds=0)

    def replicate(self, request: Request, owner: str, seeds: int = 5) -> Ticket:
        """A ticket for the table of paired replications of a case."""
        return self._ticket(replace(request, seed=0), owner, seeds=seeds)

    def replications(self, request: Request) -> dict[str, Any] | None:
        """The recorded table of paired replications, if there is one.

        Returns
        -------
        dict or None
            ``seeds``, and ``rows``: outcome -> ``difference, low, high, n, mean, mean_without``
        """
        try:
            return self.shelf.table(replace(checked(request, self.limits), seed=0).key)
        except Refused:
            return None

    def leave(self, owner: str) -> None:
        """A visitor has gone: all tickets of theirs are given up."""
        with self._lock:
            mine = [t for job in self._under_way.values() for t in job.tickets if t.owner == owner]
        for ticket in mine:
            ticket.cancel()

    def _ticket(self, request: Request, owner: str, seeds: int) -> Ticket:
        try:
            request = checked(request, self.limits, seeds)
            key = request.key
        except Refused as error:
            refused = Ticket(self, request, owner, "")
            refused._refused = str(error)
            return refused
        ticket = Ticket(self, request, owner, key)
        table = self.shelf.table(key) if seeds else None
        kept = len(table["seeds"]) >= seeds if table else not seeds and self.shelf.get(key) is not None
        if not kept:
            self._enlist(ticket, seeds)
        return ticket

    def _enlist(self, ticket: Ticket, seeds: int) -> None:
        name = f"{ticket.key}/{seeds}"
        with self._lock:
            job = self._under_way.get(name)
            busy = sum(
                1
                for other in self._under_way.values()
                if other is not job and any(t.owner == ticket.owner and not t.left for t in other.tickets)
            )
            if busy >= self.limits.jobs_per_owner:
                ticket._refused = f"{busy} runs of yours are under way; cancel one, or wait for it"
                return
            if len(self._line) >= self.limits.line:
                ticket._refused = f"{len(self._line)} runs are waiting; try again in a minute"
                return
            if job is None or not job.wanted:
                setting = ticket.request.setting()
                task = Task(ticket.request, setting, ticket.key, self.shelf.plans, seeds)
                job = self._under_way[name] = _Job(name, task)
                self._line.append(job)
            job.tickets.append(ticket)
            ticket._job = job
            self._hire()
            self._lock.notify_all()

    def _leave(self, ticket: Ticket) -> None:
        with self._lock:
            if ticket.ended:
                return
            ticket.left = True
            job = ticket._job
            if job is not None and not job.wanted and job in self._line:
                self._line.remove(job)
                self._end(job, CANCELLED)
            self._lock.notify_all()

    def _place(self, job: _Job) -> int:
        with self._lock:
            return self._line.index(job) + 1 if job in self._line else 0

    # ---- behind the desk ----------------------------------------------------------------------------

    def _hire(self) -> None:
        """Start the threads that each keep one worker busy; the first visitor pays nothing for the others."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        while len(self._threads) < min(self.workers, len(self._under_way)):
            thread = threading.Thread(target=self._serve, daemon=True, name=f"worker {next(self._count)}")
            self._threads.append(thread)
            thread.start()

    def _serve(self) -> None:
        """One worker's day."""
        worker = self._make_worker()
        try:
            while (job := self._next()) is not None:
                if worker.tired:
                    worker.stop()
                    worker = self._make_worker()
                self._work(worker, job)
                if not worker.alive:
                    worker.stop()
                    worker = self._make_worker()
        finally:
            worker.stop()

    def _next(self) -> _Job | None:
        with self._lock:
            while self._open and not self._line:
                self._lock.wait(1.0)
            if not self._open:
                return None
            job = self._line.pop(0)
            job.state = RUNNING
            return job

    def _work(self, worker: Worker, job: _Job) -> None:
        try:
            says, result = self._done_by(worker, job)
        except Exception as error:  # whatever happens, nobody waits for ever
            says, result = FAILED, f"{type(error).__name__}: {error}"
        with self._lock:
            job.error = result if says == FAILED else ""
            self._end(job, says)

    def _done_by(self, worker: Worker, job: _Job) -> tuple[str, Any]:
        def advance(share: float) -> None:
            job.planned = share - PLANNING if share < 0 else None
            job.progress = max(share, job.progress)

        says, result = worker.run(job.task, advance, lambda: job.wanted and self._open, self.limits.longest_s)
        try:
            if says == DONE and job.task.seeds:
                self.shelf.put_table(job.task.key, result)
            elif says == DONE:
                self.shelf.put(job.task.key, result)
        except OSError as error:
            return FAILED, f"the recording could not be kept: {error.strerror}"
        return says, result

    def _end(self, job: _Job, state: str) -> None:
        job.state = state
        if self._under_way.get(job.key) is job:
            del self._under_way[job.key]

    def close(self) -> None:
        """Stop all workers."""
        with self._lock:
            self._open = False
            self._lock.notify_all()
        for thread in self._threads:
            thread.join(5.0)
