"""``agentsim record verify``, and the record that ``agentsim run --out`` keeps."""

import json

import pytest

from agentsim.cli.main import main
from tests.conftest import ORDINARY


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The folder of a run with a public log of power."""
    folder = tmp_path_factory.mktemp("run")
    few = ["--set", "place.households=50", "--hours", "4"]
    main(["run", str(ORDINARY), "--policy", "E-C3", *few, "--out", str(folder), "--json"])
    return folder


def test_a_run_with_a_log_keeps_it_and_it_is_whole(kept, capsys):
    assert main(["record", "verify", str(kept / "record.jsonl")]) == 0
    said = capsys.readouterr().out
    head = json.loads((kept / "record.jsonl").read_text().splitlines()[-1])["head"]
    assert "4 entries" in said
    assert "does not show that nobody changed it" in said
    assert head in said


def test_a_run_without_a_log_keeps_none(tmp_path):
    few = ["--set", "place.households=50", "--hours", "2"]
    main(["run", str(ORDINARY), *few, "--out", str(tmp_path), "--json"])
    assert not (tmp_path / "record.jsonl").exists()


def test_an_old_head_is_looked_for_in_the_chain(kept, capsys):
    file = kept / "record.jsonl"
    old = json.loads(file.read_text().splitlines()[2])["hash"]
    assert main(["record", "verify", str(file), "--head", old]) == 0
    assert "nobody has changed lines 1 to 3 since" in capsys.readouterr().out
    assert main(["record", "verify", str(file), "--head", "0" * 63 + "1"]) == 2
    assert "nowhere in the chain" in capsys.readouterr().err


def test_a_changed_line_is_an_error_with_its_number(kept, tmp_path, capsys):
    rows = (kept / "record.jsonl").read_text().splitlines()
    rows[2] = rows[2].replace("1000", "999", 1)
    (tmp_path / "new.jsonl").write_text("\n".join(rows) + "\n")
    assert main(["record", "verify", str(tmp_path / "new.jsonl")]) == 2
    assert "new.jsonl:3: its bytes do not give its hash" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "says"), [(["--head", "abc"], "no head"), ([], "No such file"), (None, "Is a directory")]
)
def test_what_cannot_be_checked_is_told_in_a_line(more, says, tmp_path, capsys):
    file = tmp_path if more is None else tmp_path / "none.jsonl"
    assert main(["record", "verify", str(file), *(more or [])]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
