"""The desk: one line, workers that can be stopped and replaced, and nobody gets more than a share."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agentsim.app.replay.recording import Request
from agentsim.app.replay.recordings import RecordingStore
from agentsim.app.server.job_queue import JobQueue
from agentsim.app.server.request_checks import Limits
from agentsim.app.server.worker import Task
from agentsim.app.server.worker_process import WorkerProcess

SHORT = Request("ordinary_fortnight", (), "none", 1, 24, 100)
LONG = Request("ordinary_fortnight", (), "none", 1, 2016, 3000)


class Puppet(WorkerProcess):
    """A worker without a process: it works until the test lets it go, and notes what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks: list[Task] = []
        self.go = threading.Event()

    def run(
        self, task: Task, advance: Callable[[float], None], wanted: Callable[[], bool], longest_s: float
    ) -> tuple[str, Any]:
        self.tasks.append(task)
        advance(0.5)
        while not self.go.wait(0.01):
            if not wanted():
                return "cancelled", None
        return "failed", "the puppet makes nothing"


@pytest.fixture
def puppet(tmp_path: Path) -> Iterator[tuple[JobQueue, Puppet]]:
    worker = Puppet()
    store = RecordingStore(tmp_path, shipped=tmp_path / "none")
    desk = JobQueue(1, store=store, limits=Limits(line=3), make_worker=lambda: worker)
    yield desk, worker
    worker.go.set()
    queue.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobQueue]:
    folder = tmp_path_factory.mktemp("shelf")
    one = JobQueue(1, store=RecordingStore(folder, shipped=folder / "none"))
    yield one
    one.close()


def _until(so: Callable[[], bool], timeout_s: float = 60.0) -> bool:
    end = time.monotonic() + timeout_s
    while not so() and time.monotonic() < end:
        time.sleep(0.01)
    return so()


def _request(seed: int) -> Request:
    return Request("ordinary_fortnight", (), "none", seed, 24, 100)


# ---- the line -----------------------------------------------------------------------------------------


def test_first_come_first_served_and_everyone_knows_the_place(puppet: tuple[JobQueue, Puppet]) -> None:
    desk, worker = puppet
    tickets = [queue.submit(_request(seed), f"visitor {seed}") for seed in range(3)]
    assert _until(lambda: tickets[0].state == "running")
    assert [ticket.place_in_line for ticket in tickets] == [0, 1, 2]
    assert tickets[0].progress == 0.5
    tickets[1].cancel()
    assert tickets[1].state == "cancelled"
    assert tickets[2].place_in_line == 1
    worker.go.set()
    assert tickets[2].wait(5) == "failed"
    assert [task.request.seed for task in worker.tasks] == [0, 2]


def test_two_who_ask_the_same_wait_for_one_run(puppet: tuple[JobQueue, Puppet]) -> None:
    desk, worker = puppet
    first, second = queue.submit(_request(1), "a"), queue.submit(_request(1), "b")
    assert _until(lambda: second.state == "running")
    first.cancel()
    assert (first.state, second.state) == ("cancelled", "running")
    assert len(worker.tasks) == 1


def test_a_visitor_has_at_most_three_runs_under_way(puppet: tuple[JobQueue, Puppet]) -> None:
    desk, _ = puppet
    tickets = [queue.submit(_request(seed), "greedy") for seed in range(4)]
    assert [ticket.state == "failed" for ticket in tickets] == [False, False, False, True]
    assert "under way" in tickets[3].error
    tickets[1].cancel()
    assert queue.submit(_request(4), "greedy").state == "waiting"


def test_a_full_line_turns_people_away(puppet: tuple[JobQueue, Puppet]) -> None:
    desk, _ = puppet
    held = queue.submit(_request(0), "visitor")
    assert _until(lambda: held.state == "running")
    for seed in (1, 2, 3):
        assert queue.submit(_request(seed), f"visitor {seed}").state == "waiting"
    assert "waiting" in queue.submit(_request(4), "late").error


def test_who_leaves_waits_for_nothing(puppet: tuple[JobQueue, Puppet]) -> None:
    desk, _ = puppet
    mine, other = queue.submit(_request(1), "gone"), queue.submit(_request(2), "here")
    queue.cancel_all("gone")
    assert mine.state == "cancelled"
    assert _until(lambda: other.state == "running")


# ---- real workers -------------------------------------------------------------------------------------


def test_a_run_is_made_once_and_kept(desk: JobQueue) -> None:
    ticket = queue.submit(SHORT, "a")
    assert ticket.wait(120) == "done", ticket.error
    recording = ticket.result()
    assert recording.hours == 24
    again = queue.submit(SHORT, "b")
    assert again.state == "done"
    assert again.result() is recording


def test_nobody_can_write_to_what_all_share(desk: JobQueue) -> None:
    ticket = queue.submit(SHORT, "a")
    ticket.wait(120)
    for rows in ticket.result().frames.values():
        with pytest.raises(ValueError, match="read-only"):
            rows[:] = 0


def test_a_cancelled_run_makes_way_within_a_second(desk: JobQueue) -> None:
    ticket = queue.submit(LONG, "a")
    assert _until(lambda: ticket.progress > 0.0)
    begin = time.monotonic()
    ticket.cancel()
    after = queue.submit(_request(7), "b")
    assert _until(lambda: after.state != "waiting")
    assert time.monotonic() - begin < 1.5
    assert after.wait(120) == "done", after.error


def test_a_worker_that_dies_fails_its_run_and_is_replaced(tmp_path: Path) -> None:
    workers: list[WorkerProcess] = []

    def make() -> WorkerProcess:
        workers.append(WorkerProcess())
        return workers[-1]

    desk = JobQueue(1, store=RecordingStore(tmp_path, shipped=tmp_path / "none"), make_worker=make)
    try:
        ticket = queue.submit(LONG, "a")
        assert _until(lambda: ticket.progress > 0.0)
        process = workers[0]._process
        assert process is not None
        process.kill()
        assert ticket.wait(10) == "failed"
        assert "died" in ticket.error
        again = queue.submit(SHORT, "a")
        assert again.wait(120) == "done", again.error
        assert len(workers) == 2
    finally:
        queue.close()


def test_a_run_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    store = RecordingStore(tmp_path, shipped=tmp_path / "none")
    desk = JobQueue(1, store=store, limits=Limits(longest_s=0.2))
    try:
        ticket = queue.submit(LONG, "a")
        assert ticket.wait(30) == "failed"
        assert "given up" in ticket.error
    finally:
        queue.close()


def test_replications_are_paired_by_seed(desk: JobQueue) -> None:
    request = Request("hostile_operator", ("W-C1",), "coercer:random", 4, 96, 100)
    assert queue.recorded_replications(request) is None
    ticket = queue.submit_replications(request, "a", seeds=2)
    assert ticket.wait(120) == "done", ticket.error
    table = queue.recorded_replications(request)
    assert table == ticket.table()
    assert table is not None
    assert table["seeds"] == [1, 2]
    row = table["rows"]["water_unserved_m3"]
    assert row["n"] == 2
    assert row["difference"] == pytest.approx(row["mean"] - row["mean_without"], abs=1e-3)
    assert row["low"] <= row["difference"] <= row["high"]
    assert queue.recorded_replications(Request("hostile_operator", ("E-C2",), "none")) != table
    assert queue.submit_replications(request, "a", seeds=2).state == "done"
    assert queue.submit_replications(request, "a", seeds=3).state != "done"  # more seeds are more work
    queue.cancel_all("a")


def test_an_attacker_that_plans_says_so(desk: JobQueue) -> None:
    ticket = queue.submit(Request("hostile_operator", (), "coercer:best_response", 9, 96, 3000), "planner")
    assert _until(lambda: ticket.planning)
    assert ticket.progress == 0.0
    assert _until(lambda: ticket.planned > 0.03)  # it tells how many of its rollouts are done
    ticket.cancel()
    assert not ticket.planning


# ---- the shelf ----------------------------------------------------------------------------------------


def test_only_a_digest_becomes_a_file(tmp_path: Path) -> None:
    store = RecordingStore(tmp_path, shipped=tmp_path)
    for key in ("../../etc/passwd", "", "A" * 32, "a" * 31, "a" * 32 + "/x"):
        with pytest.raises(ValueError, match="no key"):
            store.get(key)
        with pytest.raises(ValueError, match="no key"):
            store.put(key, b"")


def test_a_torn_file_is_not_there(tmp_path: Path) -> None:
    store = RecordingStore(tmp_path, shipped=tmp_path / "none")
    store.put("a" * 32, b"half a recording")
    assert store.get("a" * 32) is None


@pytest.mark.skipif(os.name == "nt", reason="folders have other rights there")
def test_a_cache_that_cannot_be_written_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "in the way"
    file.write_text("")
    store = RecordingStore(file, shipped=tmp_path / "none")
    store.put("b" * 32, b"x")
    assert file.read_text() == ""
    assert not store.folder.is_relative_to(tmp_path)
