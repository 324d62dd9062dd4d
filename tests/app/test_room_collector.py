"""The results of a room: asked for in turn, kept in its file, and asked for again after a restart."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("solara", reason="the page's packages are not installed: pip install 'agentsim[app]'")

from agentsim.app.replay import presets
from agentsim.app.replay.recording_store import RecordingStore
from agentsim.app.room import addresses, offers
from agentsim.app.room.collector import Collector
from agentsim.app.room.needed_runs import best_against
from agentsim.app.room.open_room import OpenRoom
from agentsim.app.room.room import Room
from agentsim.app.room.rounds import ATTACK, DEFEND, PREDICT
from agentsim.app.serve import told_addresses
from agentsim.app.server.job_queue import JobQueue
from agentsim.app.server.run_times import RunTimes
from agentsim.app.server.worker import Task
from agentsim.app.server.worker_process import WorkerProcess

MAIN = "hostile_operator"


class Waiting(WorkerProcess):
    """A worker without a process: it works until the test lets it go, and never makes anything."""

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
        while not self.go.wait(0.01):
            if not still_wanted():
                return "cancelled", None
        return "cancelled", None


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[tuple[JobQueue, Waiting]]:
    """A queue with what is shipped, and a worker that makes nothing."""
    worker = Waiting()
    queue = JobQueue(1, store=RecordingStore(tmp_path), make_worker=lambda: worker)
    yield queue, worker
    worker.go.set()
    queue.close()


def begun(room: Room, kind: str, case: str = "") -> Any:
    return room.begin(*offers.round_of(room, {"kind": kind, "scenario": MAIN, "case": case}))


def test_what_is_recorded_is_there_after_one_step(recorded: tuple[JobQueue, Waiting]) -> None:
    queue, worker = recorded
    room = Room()
    group = room.join(room.code, "a")
    round = begun(room, DEFEND)
    room.hand_in(round, group, policies=("W-C1",))
    collector = Collector(room, queue)
    collector.step()
    recording = queue.store.get(presets.request_for(MAIN, ("W-C1",), "coercer:random").key)
    assert room.result(round, "group:1").value(round.outcome) == recording.outcomes[round.outcome]
    row = room.result(round, "table:group:1").rows[round.outcome]
    assert row["n"] == presets.SEEDS
    assert room.result(round, "without") is not None
    assert collector.under_way == 0
    assert worker.tasks == []


def test_a_group_has_one_run_under_way_and_what_it_replaces_is_given_up(
    recorded: tuple[JobQueue, Waiting],
) -> None:
    queue, _ = recorded
    room = Room()
    group = room.join(room.code, "a")
    round = begun(room, DEFEND)
    collector = Collector(room, queue)
    for policies in (("W-C1", "R-C2"), ("E-C2", "R-C2")):
        room.hand_in(round, group, policies=policies)
        collector.step()
        collector.step()
        assert collector.under_way == 1
    assert room.result(round, "group:1") is None


def test_what_is_recorded_does_not_wait_for_what_is_computed(recorded: tuple[JobQueue, Waiting]) -> None:
    queue, _ = recorded
    room = Room()
    for session, policies in (("a", ("W-C1",)), ("b", ("W-C1", "R-C2"))):
        group = room.join(room.code, session)
        defend = room.current or begun(room, DEFEND)
        room.hand_in(defend, group, policies=policies)
    attack = begun(room, ATTACK, offers.GROUPS)
    stored = presets.request_for(MAIN, ("W-C1",), "coercer:best_response")
    assert queue.store.has(stored.key)
    collector = Collector(room, queue)
    collector.step()
    collector.step()
    assert collector.under_way == 2  # W-C1 with R-C2, and the planning against both
    assert room.result(attack, best_against(("W-C1",))) is not None


def test_a_request_that_is_impossible_is_told_and_not_tried_for_ever(
    recorded: tuple[JobQueue, Waiting],
) -> None:
    queue, _ = recorded
    room = Room()
    group = room.join(room.code, "a")
    round = begun(room, DEFEND)
    room.hand_in(round, group, policies=("no such policy",))
    collector = Collector(room, queue)
    collector.step()
    assert room.result(round, "group:1").failed
    assert collector.under_way == 0


def test_a_prediction_needs_both_runs(recorded: tuple[JobQueue, Waiting]) -> None:
    room = Room()
    round = begun(room, PREDICT, "W-C1")
    collector = Collector(room, recorded[0])
    collector.step()
    assert room.result(round, "case") is not None
    assert room.result(round, "without") is not None


def test_run_times_follow_what_runs_took() -> None:
    times = RunTimes()
    request = presets.request_for(MAIN, ("W-C1",), "none")
    first_s = times.about_s(request)
    assert first_s > 0
    for _ in range(3):
        times.note(request, 0, 10.0)
    assert times.about_s(request) == pytest.approx(10.0)
    assert times.about_s(request, seeds=3) == pytest.approx(60.0)  # both sides
    assert times.about_s(presets.request_for(MAIN)) > 100.0  # its attacker plans


def test_the_terminal_names_addresses_that_the_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [("lo", "127.0.0.1"), ("docker0", "172.17.0.1"), ("wlan0", "192.168.1.5"), ("eth0", "10.0.0.7")]
    monkeypatch.setattr(addresses, "_interfaces", lambda: found)
    monkeypatch.setattr(addresses, "_address_of_default_route", lambda: "192.168.1.5")
    room = Room()
    opened = OpenRoom(room, Collector(room, None), "0.0.0.0", 8765, "room.sqlite")  # type: ignore[arg-type]
    told = "\n".join(told_addresses("0.0.0.0", 8765, opened))
    assert f"http://localhost:8765/?leader={room.secret}" in told
    assert told.index("http://192.168.1.5:8765") < told.index("http://10.0.0.7:8765")
    assert "0.0.0.0" not in told
    assert "172.17" not in told
    assert told_addresses("localhost", 80, None) == ["agentsim: http://localhost:80  (stop with Ctrl-C)"]
    monkeypatch.setattr(addresses, "_interfaces", lambda: found[:1])
    assert "no network" in "\n".join(told_addresses("0.0.0.0", 8765, opened))


def test_the_qr_code_is_a_picture_without_an_address_of_others() -> None:
    picture = addresses.qr_code("http://192.168.1.5:8765/?r=K7PM")
    assert picture.startswith("data:image/svg+xml")
    assert addresses.qr_code("http://192.168.1.5:8765/?r=K7PN") != picture
