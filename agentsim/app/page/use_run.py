"""Follows one run for one page: asks for it, waits, shows it, cancels it."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import solara
from solara.lab import use_task

from agentsim.app.replay.bilingual import NO_TEXT, Bilingual, error_text
from agentsim.app.replay.recording import Recording, Request
from agentsim.app.server.job_queue import JobQueue
from agentsim.app.server.open_pages import OpenPage
from agentsim.app.server.request_checks import RefusedRequest, checked
from agentsim.app.server.requested_run import RequestedRun

POLL_EVERY_S = 0.25
SETTLE_S = 0.5  # a run that must be computed waits until the visitor has stopped clicking


@dataclass(frozen=True)
class Run:
    """The state of a run: ``loading``, or that of the requested run."""

    request: Request | None = None
    state: str = "loading"
    progress: float = 0.0
    planned: float | None = (
        None  # share of a planning attacker's rollouts done; None: no attacker is planning
    )
    place: int = 0
    recording: Recording | None = None
    error: Bilingual = NO_TEXT

    @property
    def share(self) -> float:
        """What a progress bar shows: of planning while an attacker plans, then of the run."""
        return self.progress if self.planned is None else self.planned

    def text(self, words: dict[str, str]) -> str:
        """The state in words."""
        if self.state == "waiting":
            return words["waiting"].format(self.place)
        if self.state == "running" and self.planned is not None:
            return words["planning"].format(round(100 * self.planned))
        if self.state == "running":
            return words["running"].format(round(100 * self.progress))
        return words["ready" if self.state == "done" else self.state]


@dataclass(frozen=True)
class FollowedRun:
    """A run, with the two things that a visitor can do to it."""

    run: Run
    cancel: Callable[[], None]
    again: Callable[[], None]


def use_run(queue: JobQueue, request: Request | None, owner: OpenPage, seeds: int = 0) -> FollowedRun:
    """Follow a request; None asks for nothing. If the request changes, the old one is cancelled.

    With *seeds* the table of replications is asked for, and the run has no recording. A run that was dropped
    because the page had no connection is asked for again once it has one.
    """
    run, set_run = solara.use_state(Run())
    attempt, set_attempt = solara.use_state(0)
    asked: Any = solara.use_ref(None)

    def ask() -> RequestedRun:
        assert request is not None
        asked.current = (
            queue.submit_replications(request, owner, seeds) if seeds else queue.submit(request, owner)
        )
        return asked.current

    def tell(own: RequestedRun, state: str) -> None:
        planned = own.planned if own.planning else None
        set_run(Run(request, state, own.progress, planned, own.place_in_line))

    async def follow() -> None:
        if request is None:
            set_run(Run())
            return
        if not seeds and not is_ready(queue, request):
            set_run(Run(request))
            await asyncio.sleep(SETTLE_S)
        try:
            own = await _ended(ask, tell, owner)
        except Exception as error:  # the visitor reads it, and the page stays usable
            set_run(Run(request, "failed", error=error_text(error)))
            return
        if own.state == "done":
            set_run(Run(request, "done", 1.0, recording=None if seeds else own.result()))
        else:
            set_run(Run(request, own.state, error=own.error))

    use_task(follow, dependencies=[request, attempt, seeds])

    def cancel() -> None:
        if asked.current is not None:
            asked.current.cancel()

    now = run if run.request == request else Run(request)
    return FollowedRun(now, cancel, lambda: set_attempt(attempt + 1))


async def _ended(
    ask: Callable[[], RequestedRun], tell: Callable[[RequestedRun, str], None], owner: OpenPage
) -> RequestedRun:
    """The run once it has ended. One that was dropped is asked for again when its page is open again."""
    while True:
        own = ask()
        try:
            while (state := own.state) in ("waiting", "running"):
                tell(own, state)
                await asyncio.sleep(POLL_EVERY_S)
        except asyncio.CancelledError:
            own.cancel()
            raise
        if not own.dropped:
            return own
        while not owner.is_open:
            await asyncio.sleep(POLL_EVERY_S)


@cache
def job_queue() -> JobQueue:
    """The one queue of this server, shared by all visitors."""
    workers = os.environ.get("AGENTSIM_APP_WORKERS", "")
    return JobQueue(int(workers) if workers.isdigit() and int(workers) else None)


def is_ready(queue: JobQueue, request: Request) -> bool:
    """True if an answer comes at once: the recording is stored, or the request will be refused."""
    try:
        return queue.store.has(checked(request, queue.limits).key)
    except RefusedRequest:
        return True
