"""make recordings: its results are shipped, it continues after a stop, and the presets stay few."""

from collections import Counter
from pathlib import Path

import pytest

from agentsim.app.page.start_page import choice_of, requests
from agentsim.app.replay import presets, scenario_list
from agentsim.app.replay.recording import Request
from agentsim.app.replay.recording_store import TABLES, RecordingStore
from agentsim.app.server import make_recordings

CASES = [Request("hostile_operator", policies, "coercer:random", 1, 96, 60) for policies in ((), ("X-C5",))]


def test_presets_answer_what_every_scenario_opens_with() -> None:
    ready = {one.key for one in presets.presets()}
    for name in scenario_list.names():
        assert {one.key for one in requests(choice_of(name))} <= ready, name


def test_few_presets_wait_for_a_plan() -> None:
    planned = Counter(one.scenario for one in presets.presets() if one.attacker.endswith(":best_response"))
    assert set(planned) == {presets.MAIN_SCENARIO}
    assert planned[presets.MAIN_SCENARIO] <= 6
    assert len(presets.presets()) <= 100


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(make_recordings, "presets", lambda: CASES)
    monkeypatch.setattr(make_recordings, "SHIPPED", tmp_path / "shipped")
    return tmp_path


def test_it_ships_what_the_presets_ask_for_prunes_the_rest_and_takes_up_what_is_done(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = folder / "shipped"
    shipped.mkdir()
    (shipped / ("0" * 32 + ".npz")).write_bytes(b"old")
    words = ["--workers", "1", "--seeds", "2", "--folder", str(folder / "made")]
    assert make_recordings.main(words) == 0
    told = capsys.readouterr().out
    assert "3 of 3: table hostile_operator X-C5 coercer:random: done" in told
    assert {file.stem for file in shipped.glob("*.npz")} == {one.key for one in CASES}
    store = RecordingStore(folder / "mine", shipped=shipped)
    assert store.get(CASES[1].key) is not None
    made = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.glob("made/*/*/*.npz")}
    assert make_recordings.main(words) == 0  # nothing is made twice
    assert {
        file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.glob("made/*/*/*.npz")
    } == made
    assert (shipped / TABLES).read_text().count('"seeds":[1,2]') == 1
