"""The job queue: one line for all, processes that can be stopped and replaced, a limit for each visitor."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agentsim.app.replay.bilingual import Bilingual
from agentsim.app.replay.recording import Request
from agentsim.app.replay.recording_store import RecordingStore
from agentsim.app.server.job_queue import JobQueue
from agentsim.app.server.request_checks import Limits
from agentsim.app.server.worker import Task
from agentsim.app.server.worker_process import WorkerProcess

SHORT = Request("ordinary_fortnight", (), "none", 1, 24, 100)
LONG = Request("ordinary_fortnight", (), "none", 1, 2016, 3000)


class FakeWorker(WorkerProcess):
    """A worker without a process: it works until the test lets it go, and notes what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks: list[Task] = []
        self.go = threading.Event()

    def run(
        self,
        task: Task,
        on_progress: Callable[[float], None],
        still_wanted: Callable[[], bool],
        longest_s: float,
    ) -> tuple[str, Any]:
        self.tasks.append(task)
        on_progress(0.5)
        while not self.go.wait(0.01):
            if not still_wanted():
                return "cancelled", None
        return "failed", Bilingual("the fake makes nothing", "何も作りません")


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[tuple[JobQueue, FakeWorker]]:
    worker = FakeWorker()
    store = RecordingStore(tmp_path, shipped=tmp_path / "none")
    queue = JobQueue(1, store=store, limits=Limits(line=3), make_worker=lambda: worker)
    yield queue, worker
    worker.go.set()
    queue.close()


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobQueue]:
    folder = tmp_path_factory.mktemp("store")
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


def test_first_come_first_served_and_everyone_knows_the_place(fake: tuple[JobQueue, FakeWorker]) -> None:
    queue, worker = fake
    runs = [queue.submit(_request(seed), f"visitor {seed}") for seed in range(3)]
    assert _until(lambda: runs[0].state == "running")
    assert [run.place_in_line for run in runs] == [0, 1, 2]
    assert runs[0].progress == 0.5
    runs[1].cancel()
    assert runs[1].state == "cancelled"
    assert runs[2].place_in_line == 1
    worker.go.set()
    assert runs[2].wait(5) == "failed"
    assert [task.request.seed for task in worker.tasks] == [0, 2]


def test_two_who_ask_the_same_wait_for_one_run(fake: tuple[JobQueue, FakeWorker]) -> None:
    queue, worker = fake
    first, second = queue.submit(_request(1), "a"), queue.submit(_request(1), "b")
    assert _until(lambda: second.state == "running")
    first.cancel()
    assert (first.state, second.state) == ("cancelled", "running")
    assert len(worker.tasks) == 1


def test_a_visitor_has_at_most_three_runs_under_way(fake: tuple[JobQueue, FakeWorker]) -> None:
    queue, _ = fake
    runs = [queue.submit(_request(seed), "greedy") for seed in range(4)]
    assert [run.state == "failed" for run in runs] == [False, False, False, True]
    assert "under way" in runs[3].error.en
    runs[1].cancel()
    assert queue.submit(_request(4), "greedy").state == "waiting"


def test_a_full_line_turns_people_away(fake: tuple[JobQueue, FakeWorker]) -> None:
    queue, _ = fake
    held = queue.submit(_request(0), "visitor")
    assert _until(lambda: held.state == "running")
    for seed in (1, 2, 3):
        assert queue.submit(_request(seed), f"visitor {seed}").state == "waiting"
    assert "waiting" in queue.submit(_request(4), "late").error.en


def test_who_leaves_waits_for_nothing(fake: tuple[JobQueue, FakeWorker]) -> None:
    queue, _ = fake
    mine, other = queue.submit(_request(1), "gone"), queue.submit(_request(2), "here")
    queue.cancel_all("gone")
    assert mine.state == "cancelled"
    assert _until(lambda: other.state == "running")


# ---- real workers -------------------------------------------------------------------------------------


def test_a_run_is_made_once_and_kept(queue: JobQueue) -> None:
    run = queue.submit(SHORT, "a")
    assert run.wait(120) == "done", run.error
    recording = run.result()
    assert recording.hours == 24
    again = queue.submit(SHORT, "b")
    assert again.state == "done"
    assert again.result() is recording


def test_nobody_can_write_to_what_all_share(queue: JobQueue) -> None:
    run = queue.submit(SHORT, "a")
    run.wait(120)
    for rows in run.result().frames.values():
        with pytest.raises(ValueError, match="read-only"):
            rows[:] = 0


def test_a_cancelled_run_makes_way_within_a_second(queue: JobQueue) -> None:
    run = queue.submit(LONG, "a")
    assert _until(lambda: run.progress > 0.0)
    begin = time.monotonic()
    run.cancel()
    after = queue.submit(_request(7), "b")
    assert _until(lambda: after.state != "waiting")
    assert time.monotonic() - begin < 1.5
    assert after.wait(120) == "done", after.error


def test_a_worker_that_dies_fails_its_run_and_is_replaced(tmp_path: Path) -> None:
    workers: list[WorkerProcess] = []

    def make() -> WorkerProcess:
        workers.append(WorkerProcess())
        return workers[-1]

    queue = JobQueue(1, store=RecordingStore(tmp_path, shipped=tmp_path / "none"), make_worker=make)
    try:
        run = queue.submit(LONG, "a")
        assert _until(lambda: run.progress > 0.0)
        process = workers[0]._process
        assert process is not None
        process.kill()
        assert run.wait(10) == "failed"
        assert "died" in run.error.en
        again = queue.submit(SHORT, "a")
        assert again.wait(120) == "done", again.error
        assert len(workers) == 2
    finally:
        queue.close()


def test_a_run_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    store = RecordingStore(tmp_path, shipped=tmp_path / "none")
    queue = JobQueue(1, store=store, limits=Limits(longest_s=0.2))
    try:
        run = queue.submit(LONG, "a")
        assert run.wait(30) == "failed"
        assert "given up" in run.error.en
    finally:
        queue.close()


def test_replications_are_paired_by_seed(queue: JobQueue) -> None:
    request = Request("hostile_operator", ("W-C1",), "coercer:random", 4, 96, 100)
    assert queue.recorded_replications(request) is None
    run = queue.submit_replications(request, "a", seeds=2)
    assert run.wait(120) == "done", run.error
    table = queue.recorded_replications(request)
    assert table == run.table()
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


def test_an_attacker_that_plans_says_so(queue: JobQueue) -> None:
    run = queue.submit(Request("hostile_operator", (), "coercer:best_response", 9, 96, 3000), "planner")
    assert _until(lambda: run.planning)
    assert run.progress == 0.0
    assert _until(lambda: run.planned > 0.03)  # it tells how many of its rollouts are done
    run.cancel()
    assert not run.planning


# ---- the store ----------------------------------------------------------------------------------------


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
