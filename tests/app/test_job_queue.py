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
from agentsim.app.server.open_pages import ABSENT_AFTER_S, OpenPage, Visitor
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


def _page(session: str, address: str = "") -> OpenPage:
    """A page that is open, of a machine of its own unless an address is given."""
    page = OpenPage(Visitor(address or session, session))
    page.connect()
    return page


def _request(seed: int) -> Request:
    return Request("ordinary_fortnight", (), "none", seed, 24, 100)


# ---- the line -----------------------------------------------------------------------------------------


def test_first_come_first_served_and_everyone_knows_the_place(fake: tuple[JobQueue, FakeWorker]) -> None:
    queue, worker = fake
    runs = [queue.submit(_request(seed), _page(f"visitor {seed}")) for seed in range(3)]
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
    first, second = queue.submit(_request(1), _page("a")), queue.submit(_request(1), _page("b"))
    assert _until(lambda: second.state == "running")
    first.cancel()
    assert (first.state, second.state) == ("cancelled", "running")
    assert len(worker.tasks) == 1


def test_a_visitor_has_at_most_three_runs_under_way(fake: tuple[JobQueue, FakeWorker]) -> None:
    queue, _ = fake
    runs = [queue.submit(_request(seed), _page("greedy")) for seed in range(4)]
    assert [run.state == "failed" for run in runs] == [False, False, False, True]
    assert "under way" in runs[3].error.en
    runs[1].cancel()
    assert queue.submit(_request(4), _page("greedy")).state == "waiting"


def test_a_full_line_turns_people_away(fake: tuple[JobQueue, FakeWorker]) -> None:
    queue, _ = fake
    held = queue.submit(_request(0), _page("visitor"))
    assert _until(lambda: held.state == "running")
    for seed in (1, 2, 3):
        assert queue.submit(_request(seed), _page(f"visitor {seed}")).state == "waiting"
    assert "waiting" in queue.submit(_request(4), _page("late")).error.en


def test_who_leaves_waits_for_nothing(fake: tuple[JobQueue, FakeWorker]) -> None:
    queue, _ = fake
    gone = _page("gone")
    mine, other = queue.submit(_request(1), gone), queue.submit(_request(2), _page("here"))
    queue.cancel_all(gone)
    assert mine.state == "cancelled"
    assert _until(lambda: other.state == "running")


def test_two_tabs_of_one_browser_are_one_visitor(fake: tuple[JobQueue, FakeWorker]) -> None:
    queue, _ = fake
    tabs = [_page("one browser", "10.0.0.1") for _ in range(2)]
    for seed in range(3):
        queue.submit(_request(seed), tabs[seed % 2])
    assert "under way" in queue.submit(_request(4), tabs[0]).error.en
    queue.cancel_all(tabs[1])  # what the other tab asked for goes on
    assert queue.submit(_request(5), tabs[1]).state == "waiting"


def test_twelve_browsers_of_one_machine_do_not_keep_the_room_waiting(tmp_path: Path) -> None:
    """Each has made up an id and a session of its own; the other visitor's first run is the next one."""
    workers: list[FakeWorker] = []

    def make() -> FakeWorker:
        workers.append(FakeWorker())
        return workers[-1]

    store = RecordingStore(tmp_path, shipped=tmp_path / "none")
    queue = JobQueue(3, store=store, make_worker=make)
    try:
        greedy = [queue.submit(_request(seed), _page(f"made up {seed}", "10.0.0.1")) for seed in range(12)]
        assert _until(lambda: sum(run.state == "running" for run in greedy) == 2)  # one worker is left
        other = queue.submit(_request(99), _page("another", "10.0.0.2"))
        assert _until(lambda: other.state == "running")
        assert sum(run.state == "running" for run in greedy) == 2
        second = queue.submit(_request(98), _page("another", "10.0.0.2"))
        assert second.place_in_line <= 2  # not behind the ten that came before it
    finally:
        for worker in workers:
            worker.go.set()
        queue.close()


def test_what_nobody_waits_for_is_dropped_and_asked_for_again(fake: tuple[JobQueue, FakeWorker]) -> None:
    """A browser that is gone without a word: its connection ended some seconds ago."""
    queue, _ = fake
    clock = [0.0]
    page = OpenPage(Visitor("10.0.0.1", "gone"), now=lambda: clock[0])
    page.connect()
    runs = [queue.submit(_request(seed), page) for seed in (1, 2)]
    assert _until(lambda: runs[0].state == "running")
    page.disconnect()
    assert [run.dropped for run in runs] == [False, False]  # it may come back
    clock[0] = ABSENT_AFTER_S + 0.1
    here = queue.submit(_request(3), _page("here"))
    assert _until(lambda: here.state == "running")
    assert all(run.dropped for run in runs)
    page.connect()
    assert queue.submit(_request(1), page).state == "waiting"


def test_one_address_does_not_fill_the_line(fake: tuple[JobQueue, FakeWorker]) -> None:
    queue, _ = fake
    queue.limits = Limits(line=9, line_per_address=2)
    held = queue.submit(_request(0), _page("made up 0", "10.0.0.1"))
    assert _until(lambda: held.state == "running")
    runs = [queue.submit(_request(seed), _page(f"made up {seed}", "10.0.0.1")) for seed in range(1, 5)]
    assert [run.state for run in runs[-2:]] == ["failed", "failed"]
    assert queue.submit(_request(9), _page("another", "10.0.0.2")).state == "waiting"


# ---- real workers -------------------------------------------------------------------------------------


def test_a_run_is_made_once_and_kept(queue: JobQueue) -> None:
    run = queue.submit(SHORT, _page("a"))
    assert run.wait(120) == "done", run.error
    recording = run.result()
    assert recording.hours == 24
    again = queue.submit(SHORT, _page("b"))
    assert again.state == "done"
    assert again.result() is recording


def test_nobody_can_write_to_what_all_share(queue: JobQueue) -> None:
    run = queue.submit(SHORT, _page("a"))
    run.wait(120)
    for rows in run.result().frames.values():
        with pytest.raises(ValueError, match="read-only"):
            rows[:] = 0


def test_a_cancelled_run_makes_way_within_a_second(queue: JobQueue) -> None:
    run = queue.submit(LONG, _page("a"))
    assert _until(lambda: run.progress > 0.0)
    begin = time.monotonic()
    run.cancel()
    after = queue.submit(_request(7), _page("b"))
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
        run = queue.submit(LONG, _page("a"))
        assert _until(lambda: run.progress > 0.0)
        process = workers[0]._process
        assert process is not None
        process.kill()
        assert run.wait(10) == "failed"
        assert "died" in run.error.en
        again = queue.submit(SHORT, _page("a"))
        assert again.wait(120) == "done", again.error
        assert len(workers) == 2
    finally:
        queue.close()


def test_a_run_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    store = RecordingStore(tmp_path, shipped=tmp_path / "none")
    queue = JobQueue(1, store=store, limits=Limits(longest_s=0.2))
    try:
        run = queue.submit(LONG, _page("a"))
        assert run.wait(30) == "failed"
        assert "given up" in run.error.en
    finally:
        queue.close()


def test_replications_are_paired_by_seed(queue: JobQueue) -> None:
    request = Request("hostile_operator", ("W-C1",), "coercer:random", 4, 96, 100)
    assert queue.recorded_replications(request) is None
    run = queue.submit_replications(request, _page("a"), seeds=2)
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
    assert queue.submit_replications(request, _page("a"), seeds=2).state == "done"
    owner = _page("a")
    assert queue.submit_replications(request, owner, seeds=3).state != "done"  # more seeds are more work
    queue.cancel_all(owner)


def test_an_attacker_that_plans_says_so(queue: JobQueue) -> None:
    run = queue.submit(
        Request("hostile_operator", (), "coercer:best_response", 9, 96, 3000), _page("planner")
    )
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
