"""One visitor's request for a run, and the run that it waits for."""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentsim.app.replay.bilingual import NO_TEXT, Bilingual
from agentsim.app.replay.recording import Recording, Request
from agentsim.app.server.open_pages import OpenPage, Visitor
from agentsim.app.server.worker import Task
from agentsim.core.errors import AgentsimError

if TYPE_CHECKING:
    from agentsim.app.server.job_queue import JobQueue

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
ENDED = (DONE, FAILED, CANCELLED)


class NoResult(AgentsimError, RuntimeError):
    """A run that has no result: it is not done, or its file has been removed."""

    code = "no_result"


@dataclass(eq=False)
class Job:
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
        return any(one.waited_for for one in self.requests)

    @property
    def visitor(self) -> Visitor:
        """Whose turn it takes: that of the first who waits for it."""
        waiting = [one for one in self.requests if one.waited_for]
        return (waiting or self.requests)[0].owner.visitor


class RequestedRun:
    """One visitor's request for a run: its state, its progress and, when done, its result. Never blocks.

    Attributes
    ----------
    state : ``waiting``, ``running``, ``done``, ``failed`` or ``cancelled``
    owner : the page that asked
    cancelled : the visitor gave it up
    progress : 0 to 1
    planning : an attacker is planning, and progress stands still; planned : share of its rollouts done
    place_in_line : 1 is next; 0 when it no longer waits
    error : what went wrong, if it failed
    """

    def __init__(
        self, queue: "JobQueue", request: Request, owner: OpenPage, key: str, refusal: Bilingual = NO_TEXT
    ) -> None:
        self.request, self.owner, self.key = request, owner, key
        self.cancelled = False
        self._queue = queue
        self._job: Job | None = None
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

    @property
    def waited_for(self) -> bool:
        """True while its page is open and has not given it up."""
        return not self.cancelled and self.owner.is_open

    @property
    def dropped(self) -> bool:
        """True if it was given up because its page had no connection."""
        return self.state == CANCELLED and not self.cancelled

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
