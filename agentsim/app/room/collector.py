"""Has the server's queue compute what the rounds of a room need, and keeps the results in the room's file."""

import logging
import math
import threading
from dataclasses import dataclass
from typing import Any

from agentsim.agents.attacker.mind import Plan
from agentsim.app.replay.recording import plan_from_data
from agentsim.app.room.needed_runs import NeededRun, needed_runs
from agentsim.app.room.room import Room
from agentsim.app.room.rounds import ATTACK, DEFEND, Result, Round
from agentsim.app.room.standings import PAYOFF
from agentsim.app.server.job_queue import JobQueue
from agentsim.app.server.open_pages import OpenPage, Visitor
from agentsim.app.server.request_checks import RefusedRequest, checked
from agentsim.app.server.requested_run import CANCELLED, FAILED, RequestedRun

EVERY_S = 0.4
UNDER_WAY_PER_GROUP = 1  # so that a group's own page still gets its turn
LEADER = 0  # runs that belong to no group take the leader's turn
KEPT_ROWS = (PAYOFF,)
_LOG = logging.getLogger(__name__)


@dataclass
class _UnderWay:
    round: Round
    need: NeededRun
    run: RequestedRun


class Collector:
    """Follows a room: asks for what is missing, a group at a time, and keeps what comes.

    Parameters
    ----------
    room : whose rounds
    queue : computes
    """

    def __init__(self, room: Room, queue: JobQueue) -> None:
        self._room, self._queue = room, queue
        self._under_way: dict[tuple[int, str], _UnderWay] = {}
        self._owners: dict[int, OpenPage] = {}
        self._plans: dict[tuple[int, tuple[str, ...]], Plan] = {}
        self._end = threading.Event()

    def start(self) -> None:
        """Follow the room in a thread of its own until :meth:`stop`."""
        threading.Thread(target=self._follow, daemon=True, name="room").start()

    def stop(self) -> None:
        self._end.set()

    def _follow(self) -> None:
        while not self._end.wait(EVERY_S):
            try:
                self.step()
            except Exception:  # the room goes on without this result
                _LOG.exception("results of the room could not be collected")

    def step(self) -> None:
        """Keep what has ended, and ask for what is missing."""
        for key, one in list(self._under_way.items()):
            if one.run.ended:
                del self._under_way[key]
                self._take(one)
        for round in self._room.rounds:
            for need in needed_runs(self._room, round, self._plans_of(round)):
                self._ask(round, need)
        self._cancel_replaced()

    @property
    def under_way(self) -> int:
        """Runs that are waiting or computed for the room."""
        return len(self._under_way)

    def _plans_of(self, round: Round) -> dict[tuple[str, ...], Plan]:
        return {policies: plan for (number, policies), plan in self._plans.items() if number == round.number}

    def _ask(self, round: Round, need: NeededRun) -> None:
        key = (round.number, need.name)
        has_plan = not self._wants_plan(round, need) or (round.number, need.request.policies) in self._plans
        if key in self._under_way or (self._room.result(round, need.name) is not None and has_plan):
            return
        group = need.entry.group if need.entry else LEADER
        busy = sum(
            (one.need.entry.group if one.need.entry else LEADER) == group for one in self._under_way.values()
        )
        if busy >= UNDER_WAY_PER_GROUP and self._queue.about_s(need.request, need.seeds):
            return  # what is stored answers at once and waits for nobody
        owner = self._owner(group)
        run = (
            self._queue.submit_replications(need.request, owner, need.seeds)
            if need.seeds
            else self._queue.submit(need.request, owner)
        )
        one = _UnderWay(round, need, run)
        if not run.ended:
            self._under_way[key] = one
        elif run.state != FAILED or not self._is_right(need):  # else the line is full: asked for again later
            self._take(one)

    def _is_right(self, need: NeededRun) -> bool:
        """True unless the request itself is refused."""
        try:
            checked(need.request, self._queue.limits, need.seeds)
        except RefusedRequest:
            return False
        return True

    def _wants_plan(self, round: Round, need: NeededRun) -> bool:
        """True for the planning attacker of a round whose repetitions are asked for."""
        return round.kind == ATTACK and round.repeats > 0 and need.entry is None and need.request.plan is None

    def _owner(self, group: int) -> OpenPage:
        """Whose turn a run takes. It is no page, so that a run goes on when a page is closed."""
        if group not in self._owners:
            address = next((one.address for one in self._room.groups if one.number == group), "")
            self._owners[group] = OpenPage(Visitor(address, f"room {group}"))
            self._owners[group].connect()
        return self._owners[group]

    def _take(self, one: _UnderWay) -> None:
        state, need = one.run.state, one.need
        if state == CANCELLED:
            return
        if state == FAILED:
            error = (one.run.error.en, one.run.error.ja)
            self._room.keep_result(one.round, need.name, Result(error=error), need.entry)
            return
        if need.seeds:
            rows = one.run.table()["rows"]
            kept = {name: rows[name] for name in (one.round.outcome, *KEPT_ROWS) if name in rows}
            self._room.keep_result(one.round, need.name, Result(rows=kept), need.entry)
            return
        recording = one.run.result()
        plan = recording.about.get("plan")
        if need.entry is None and one.round.kind == ATTACK and plan:
            self._plans[one.round.number, need.request.policies] = plan_from_data(plan)
        outcomes = {name: value for name, value in recording.outcomes.items() if math.isfinite(value)}
        self._room.keep_result(one.round, need.name, Result(outcomes=outcomes), need.entry)
        if one.round.kind == DEFEND and need.entry is not None:
            self._keep_recorded_table(one.round, need)

    def _keep_recorded_table(self, round: Round, need: NeededRun) -> None:
        """Repetitions that are stored already cost nothing."""
        table: dict[str, Any] | None = self._queue.recorded_replications(need.request)
        if table is None:
            return
        kept = {name: table["rows"][name] for name in (round.outcome, *KEPT_ROWS) if name in table["rows"]}
        self._room.keep_result(round, f"table:{need.name}", Result(rows=kept), need.entry)

    def _cancel_replaced(self) -> None:
        """Give up runs whose group has handed in something else."""
        for key, one in list(self._under_way.items()):
            entry = one.need.entry
            if entry is not None and entry not in self._room.entries(one.round):
                one.run.cancel()
                del self._under_way[key]
