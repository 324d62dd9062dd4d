"""``make cities``: what becomes of each network of a folder."""

from pathlib import Path

import pytest

from benchmarks import cities

STREET = (
    "[JUNCTIONS]\n"
    + "".join(f"J{k} 10 20\n" for k in range(9))
    + "[RESERVOIRS]\nR 70\n[PIPES]\nP R J0 500 {bore} 120\n"
)
STREET += "".join(f"P{k} J{k - 1} J{k} 500 {{bore}} 120\n" for k in range(1, 9))
STREET += "[COORDINATES]\nR 0 0\n" + "".join(f"J{k} {500 * k + 500} {300 * (k % 3)}\n" for k in range(9))
STREET += "[OPTIONS]\nUnits CMH\nHeadloss H-W\n[END]\n"


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_a_sound_network_lives_and_a_weak_one_is_doubted(tmp_path: Path) -> None:
    sound = cities.lived(written(tmp_path, "sound.inp", STREET.format(bore=400)), 24)
    assert (sound["verdict"], sound["reason"], sound["size"]) == ("lived", "", 10)
    assert sound["water"] > 0.99
    assert sound["build_s"] < cities.build_limit_s(10)
    weak = cities.lived(written(tmp_path, "weak.inp", STREET.format(bore=180)), 24)
    assert weak["verdict"] == "doubted"
    assert "lowest pressure" in weak["reason"]
    assert weak["water"] < 0.95


def test_a_city_that_was_called_fine_and_runs_short_is_a_fault(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("agentsim.experiments.ordinary_day.all_doubts", lambda *_: [])
    row = cities.lived(written(tmp_path, "weak.inp", STREET.format(bore=180)), 24)
    assert row["verdict"] == "short"


def test_a_refusal_names_the_file_alone(tmp_path: Path) -> None:
    row = cities.lived(written(tmp_path, "bad.inp", "[JUNCTIONS]\nA ten\n"), 24)
    assert row["verdict"] == "refused"
    assert row["reason"].startswith("bad.inp")


def test_a_file_has_a_process_of_its_own_and_so_long(tmp_path: Path, monkeypatch) -> None:
    file = written(tmp_path, "bad.inp", "[JUNCTIONS]\nA ten\n")
    row = cities.tried(file, 24)
    assert (row["verdict"], row["file"]) == ("refused", "bad.inp")
    monkeypatch.setattr(cities, "limit_s", lambda _: 0.01)
    assert cities.tried(file, 24)["reason"] == "took longer than 0 s"


def test_the_table_counts_verdicts() -> None:
    rows = [
        {"file": "a.inp", "verdict": "lived", "reason": "", "size": 9, "water": 1.0, "seconds": 2.0},
        {"file": "b.inp", "verdict": "failed", "reason": "KeyError", "seconds": 3.0},
    ]
    text = cities.table(rows)
    assert "KeyError" in text
    assert text.endswith("1 lived, 1 failed")


def test_both_kinds_of_files_are_found(tmp_path: Path) -> None:
    for name in ("a.inp", "b.INP", "c.m", "d.txt"):
        (tmp_path / name).write_text("x")
    assert [file.name for file in cities._files([str(tmp_path)])] == ["a.inp", "b.INP", "c.m"]


@pytest.mark.parametrize(("size", "limit"), [(0, 300.0), (1_000_000, 660.0)])
def test_larger_files_may_take_longer(tmp_path: Path, size: int, limit: float) -> None:
    file = tmp_path / "x.inp"
    file.write_bytes(b" " * size)
    assert cities.limit_s(file) == limit
