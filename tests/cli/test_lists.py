"""``agentsim list``: nothing is cut short, at any width."""

import importlib.util
import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from agentsim.cli.main import main

ROOT = Path(__file__).parents[2]
LISTS = ["scenarios", "policies", "attackers", "outcomes", "claims", "places", "mechanisms"]


def rows(what, capsys):
    assert main(["list", what, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def text(what, width, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["list", what]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("what", LISTS)
@pytest.mark.parametrize("width", [60, 80, 200])
def test_ids_and_words_are_whole_at_any_width(what, width, capsys, monkeypatch):
    shown = text(what, width, capsys, monkeypatch)
    assert max(map(cell_len, shown.splitlines())) <= width
    assert "…" not in shown
    words = shown.split()
    assert all(row["id"] in words for row in rows(what, capsys))


@pytest.mark.parametrize("what", LISTS)
def test_each_entry_has_an_id(what, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    ids = [row["id"] for row in rows(what, capsys)]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_each_attacker_is_described_in_a_line(capsys, monkeypatch):
    lines = {
        line.split()[0]: line
        for line in text("attackers", 80, capsys, monkeypatch).splitlines()
        if line.strip()
    }
    for row in rows("attackers", capsys):
        assert row["wants"]
        assert row["wants"] in lines[row["id"]]
        assert row["chooses"] in lines[row["id"]]
    assert "plans what pays best" in lines["coercer:best_response"]


def test_each_outcome_has_its_definition(capsys, monkeypatch):
    words = " ".join(text("outcomes", 80, capsys, monkeypatch).split())
    for row in rows("outcomes", capsys):
        assert row["title"] in words
        assert row["statement"].replace("``", "") in words


@pytest.mark.skipif(importlib.util.find_spec("agentsim.society.stages") is None, reason="no stages yet")
def test_stages_are_listed_in_order(capsys, monkeypatch):
    from agentsim.society.stages import STAGES

    listed = rows("stages", capsys)
    assert [row["id"] for row in listed] == [stage.name for stage in STAGES]
    assert all(row["says"] and row["room"] for row in listed)
    shown = text("stages", 80, capsys, monkeypatch)
    assert all(stage.name in shown for stage in STAGES)
