"""A run as one page follows it: asked of the desk, waited for, shown, cancelled."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import solara
from solara.lab import use_task

from agentsim.app.replay.recording import Recording, Request
from agentsim.app.server.job_queue import JobQueue
from agentsim.app.server.request_checks import RefusedRequest, checked

LOOK_EVERY_S = 0.25
SETTLE_S = 0.5  # a run that must be computed waits for the visitor to stop clicking


@dataclass(frozen=True)
class Run:
    """How a run stands: ``loading``, or a ticket's state."""

    request: Request | None = None
    state: str = "loading"
    progress: float = 0.0
    planned: float | None = None  # share of the rollouts of an attacker that plans; None: nobody plans
    place: int = 0
    recording: Recording | None = None
    error: str = ""

    @property
    def share(self) -> float:
        """What a bar of progress shows: of planning while an attacker plans, then of the run."""
        return self.progress if self.planned is None else self.planned

    def told(self, words: dict[str, str]) -> str:
        """The state in words."""
        told = {
            "waiting": words["waiting"].format(self.place),
            "running": words["running"].format(round(100 * self.progress))
            if self.planned is None
            else words["planning"].format(round(100 * self.planned)),
            "done": words["ready"],
        }
        return told.get(self.state) or words.get(self.state, self.state)


@dataclass(frozen=True)
class Handle:
    """A run, and what a visitor may do about it."""

    run: Run
    cancel: Callable[[], None]
    again: Callable[[], None]


def use_run(desk: JobQueue, request: Request | None, owner: str, seeds: int = 0) -> Handle:
    """Follow a request; None asks for nothing. A request that changes is cancelled and asked anew.

    With *seeds* it is the table of replications that is asked for, and the run has no recording.
    """
    run, set_run = solara.use_state(Run())
    turn, set_turn = solara.use_state(0)
    ticket: Any = solara.use_ref(None)

    async def follow() -> None:
        if request is None:
            set_run(Run())
            return
        if not seeds and not is_ready(desk, request):
            set_run(Run(request))
            await asyncio.sleep(SETTLE_S)
        try:
            ticket.current = mine = (
                queue.submit_replications(request, owner, seeds) if seeds else queue.submit(request, owner)
            )
        except Exception as error:  # whatever a run refuses is told to the visitor, and the page lives on
            set_run(Run(request, "failed", error=_said(error)))
            return
        try:
            while mine.state in ("waiting", "running"):
                planned = mine.planned if mine.planning else None
                set_run(Run(request, mine.state, mine.progress, planned, mine.place_in_line or 0))
                await asyncio.sleep(LOOK_EVERY_S)
        except asyncio.CancelledError:
            mine.cancel()
            raise
        if mine.state == "done":
            set_run(Run(request, "done", 1.0, recording=None if seeds else mine.result()))
        else:
            set_run(Run(request, mine.state, error=mine.error or ""))

    use_task(follow, dependencies=[request, turn, seeds])

    def cancel() -> None:
        if ticket.current is not None:
            ticket.current.cancel()

    now = run if run.request == request else Run(request)
    return Handle(now, cancel, lambda: set_turn(turn + 1))


@cache
def job_queue() -> JobQueue:
    """The one desk of this server; all visitors stand in the same line."""
    workers = os.environ.get("AGENTSIM_APP_WORKERS", "")
    return JobQueue(int(workers) if workers.isdigit() and int(workers) else None)


def is_ready(desk: JobQueue, request: Request) -> bool:
    """Whether the shelf has the recording, or the request will be refused: an answer comes at once."""
    try:
        return queue.store.has(checked(request, queue.limits).key)
    except RefusedRequest:
        return True


def _said(error: Exception) -> str:
    return (str(error.args[0]) if error.args else type(error).__name__)[:300]
