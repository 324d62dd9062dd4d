"""The command line: bad input is refused before anything is written; results come as tables and as JSON."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import agentsim
from agentsim.cli.main import main
from agentsim.experiments.runs.ledger import read_rows

ROOT = Path(__file__).parents[2]
SMALL = ["--set", "place.households=80", "--hours", "5"]


@pytest.fixture
def scenario(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text('title = "Small"\n[attacker]\nfoothold = ["power_control_room"]\nfirst_hour = 2\n')
    return str(file)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "missing.toml"], "missing.toml: there is no such file"),
        (["run", "S", "--policy", "E-C22"], "--policy: 'E-C22' is unknown; did you mean 'E-C2'?"),
        (["run", "S", "--policy", "each"], "--policy: 'each' is unknown"),
        (
            ["run", "S", "--attacker", "corecer"],
            "--attacker: attacker 'corecer' is unknown; did you mean 'coercer'?",
        ),
        (
            ["run", "S", "--attacker", "coercer:best_answer"],
            "--attacker: attacker 'coercer:best_answer' is unknown; did you mean 'coercer:best_response'?",
        ),
        (["run", "S", "--hours", "0"], "--hours: 0 is too small; at least 1 is needed"),
        (["run", "S", "--hours", "-5"], "--hours: -5 is too small"),
        (["run", "S", "--hours", "ten"], "--hours: 'ten' is no whole number"),
        (["run", "S", "--seed", "-1"], "--seed: -1 is negative"),
        (["run", "S", "--set", "hours"], "--set: 'hours' has not the form table.key=value"),
        (["run", "S", "--set", "hours=many"], "--set: hours: 'many' is a text; a whole number is needed"),
        (["run", "S", "--set", "place.districts=0"], "--set: place.districts: 0 is out of range"),
        (["run", "S", "--attacker", "coercer", "--hours", "2"], "the coercer may act from hour"),
        (
            ["compare", "S", "--policy", "E-C2+E-C22"],
            "--policy: policy 'E-C22' is unknown; did you mean 'E-C2'?",
        ),
        (["compare", "S", "--attacker", "nobody"], "--attacker: attacker 'nobody' is unknown"),
        (["compare", "S", "--seeds", "0"], "--seeds: 0 is too small; at least 1 is needed"),
        (["compare", "S", "--workers", "0"], "--workers: 0 is too small; at least 1 is needed"),
        (["compare", "S", "--workers", "-2"], "--workers: -2 is too small"),
        (["list", "policys"], "'policys' is unknown; did you mean 'policies'?"),
        (["rnu", "S"], "'rnu' is unknown; did you mean 'run'?"),
        (["check", "missing.toml"], "missing.toml: there is no such file"),
    ],
)
def test_bad_input_is_refused_with_one_message_and_writes_nothing(
    arguments, message, scenario, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    arguments = [scenario if word == "S" else word for word in arguments]
    if arguments[0] in ("run", "compare"):
        arguments += ["--out", str(tmp_path / "out")]
    try:
        status = main(arguments)
    except SystemExit as stop:
        status = stop.code
    shown = capsys.readouterr()
    assert status == 2
    assert message in shown.err
    assert shown.err.count(message) == 1
    assert "Traceback" not in shown.err
    assert shown.out == ""
    assert os.listdir(tmp_path) == ["s.toml"]


def test_all_that_is_wrong_is_said_at_once(scenario, tmp_path, capsys):
    out = tmp_path / "s.toml" / "deeper"
    arguments = [
        "compare",
        scenario,
        "--policy",
        "x",
        "--attacker",
        "y",
        "--set",
        "horus=1",
        "--out",
        str(out),
    ]
    assert main(arguments) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in said] == ["--set", "--policy", "--attacker", "--out"]
    assert said[-1].endswith("is a file; a folder is needed")


def test_help_is_quick():
    fastest = min(_seconds("--help") for _ in range(3))
    assert fastest < 0.3
    shown = subprocess.run(
        [sys.executable, "-m", "agentsim", "--help"], capture_output=True, text=True, check=True
    )
    for command in ("run", "compare", "list", "check"):
        assert f"    {command} " in shown.stdout


def _seconds(*arguments: str) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "agentsim", *arguments], capture_output=True, check=True)
    return time.perf_counter() - begin


def test_the_version_is_that_of_the_project_file(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"agentsim {agentsim.__version__}\n"
    assert f'version = "{agentsim.__version__}"' in (ROOT / "pyproject.toml").read_text()
    assert f"version: {agentsim.__version__}" in (ROOT / "CITATION.cff").read_text()
    assert f"## {agentsim.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_importing_the_package_loads_nothing_heavy():
    program = (
        "import sys, agentsim; print(any(m in sys.modules for m in ('numpy', 'mesa', 'pandas', 'pydantic')))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout == "False\n"
    with pytest.raises(AttributeError, match="no attribute 'Sociti'"):
        _ = agentsim.Sociti


def test_a_run_loads_no_library_of_tables_or_plots(scenario):
    """They take as long to load as some days of the model."""
    program = (
        "import sys; from agentsim.cli.main import main; main(sys.argv[1:]); "
        "print(sorted({'pandas', 'matplotlib', 'networkx', 'solara'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, "run", scenario, "--hours", "1", "--attacker", "none"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"


def test_run_prints_json_alone_as_documented(scenario, capsys):
    assert (
        main(
            [
                "run",
                scenario,
                *SMALL,
                "--policy",
                "X-C5",
                "--policy",
                "E-C2",
                "--attacker",
                "coercer",
                "--json",
            ]
        )
        == 0
    )
    result = json.loads(capsys.readouterr().out)
    assert result["scenario"] == "Small"
    assert result["policies"] == ["E-C2", "X-C5"]
    assert (result["attacker"], result["seed"], result["hours"]) == ("coercer", 1, 5)
    counts = "households prosumers districts buses lines junctions pipes zones links depots"
    assert set(counts.split()) <= set(result["place"])
    assert result["place"]["households"] == 80
    assert result["outcomes"]["ens_mwh"] >= 0
    assert all(
        list(event) == ["hour", "kind", "where", "what", "fields", "text"] for event in result["events"]
    )
    assert result["wall_s"] > 0
    assert result["peak_mb"] > 10


def test_run_shows_a_table_and_a_story_and_keeps_both(scenario, tmp_path, capsys):
    out = tmp_path / "deep" / "out"
    assert main(["run", scenario, *SMALL, "--attacker", "coercer", "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "Deprivation, mean" in shown
    assert "What happened" in shown
    assert "no policy\n  against the coercer that acts at random, seed 1" in shown
    names = {"districts.geojson", "assets.geojson"}
    names |= {"run.json", "outcomes.json", "hours.csv", "city.csv", "accounts.csv", "events.jsonl"}
    names |= {"hours.png", "hours.svg"}
    for network in ("water", "road", "grid", "control"):
        names |= {f"{network}_graph.graphml", f"{network}_graph.json"}
    assert set(os.listdir(out)) == names
    manifest = json.loads((out / "run.json").read_text())
    assert manifest["content"]["place"]["households"] == 80
    assert manifest["versions"]["agentsim"].startswith(agentsim.__version__)
    lines = (out / "hours.csv").read_text().splitlines()
    assert lines[0].startswith("hour,district,")
    assert len(lines) == 1 + 5 * 8


def test_compare_prints_json_as_documented_and_resumes(scenario, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = [
        "compare",
        scenario,
        *SMALL,
        "--policy",
        "X-C5",
        "--seeds",
        "2",
        "--workers",
        "1",
        "--out",
        str(out),
    ]
    assert main([*arguments, "--json"]) == 0
    shown = capsys.readouterr()
    result = json.loads(shown.out)
    assert (result["scenario"], result["seeds"], result["failures"]) == ("Small", [1, 2], [])
    keys = [
        "policy",
        "attacker",
        "outcome",
        "unit",
        "mean",
        "low",
        "high",
        "difference",
        "difference_low",
        "difference_high",
        "n",
        "method",
        "same",
        "undefined",
        "cvar95",
        "worst",
        "regret",
        "p_value",
        "p_adjusted",
    ]
    assert all(list(row) == keys for row in result["rows"])
    assert {row["policy"] for row in result["rows"]} == {"none", "X-C5"}
    assert {"compare.json", "compare.csv", "runs.sqlite"} <= set(os.listdir(out))
    ledger = read_rows(out / "runs.sqlite")
    assert len(ledger) == 4
    (out / "runs.jsonl").write_text("{}\n")  # of an older version
    assert main([*arguments, "--attacker", "none"]) == 0
    shown = capsys.readouterr()
    assert "runs:" not in shown.err  # nothing was left to run
    assert "Without an attack: mean of 2 seeds" in shown.out
    assert "Self-reliance of citizens" in shown.out
    assert "--full shows every outcome with its interval." in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    assert main([*arguments, "--attacker", "none", "--full"]) == 0
    shown = capsys.readouterr()
    assert "Without an attack: change against no policy, 2 seeds" in shown.out
    assert "runs.jsonl: was kept by an older version" in shown.err
    assert read_rows(out / "runs.sqlite").equals(ledger)


@pytest.mark.parametrize("what", ["scenarios", "policies", "attackers", "outcomes", "places", "mechanisms"])
def test_everything_can_be_listed(what, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert main(["list", what, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows
    assert main(["list", what]) == 0
    shown = capsys.readouterr().out
    assert str(next(iter(rows[0].values()))) in shown


def test_every_switch_is_explained(capsys):
    main(["list", "mechanisms", "--json"])
    assert all(row["what it does"] for row in json.loads(capsys.readouterr().out))


def test_check_shows_a_file_that_loads_to_the_same(scenario, tmp_path, capsys):
    assert main(["check", scenario, "--show"]) == 0
    shown = capsys.readouterr().out
    full = tmp_path / "full.toml"
    full.write_text(shown)
    assert main(["check", str(full), "--show"]) == 0
    assert capsys.readouterr().out == shown
    assert main(["check", scenario, str(full)]) == 0
    assert capsys.readouterr().out.count("nothing wrong") == 2


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_during_a_run_keeps_and_shows_what_was_lived(scenario, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "agentsim", "run", scenario, "--set", "place.households=80"]
    command += ["--hours", "1000", "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stderr.readline().startswith("hours: 100 of 1000")
    process.send_signal(signal.SIGINT)
    shown, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "stopped after" in shown
    lived = json.loads((out / "run.json").read_text())["hours"]
    assert 100 <= lived < 1000
    assert len((out / "city.csv").read_text().splitlines()) == 1 + lived


def test_a_failing_disk_is_told_in_a_line(scenario, tmp_path, capsys, monkeypatch):
    from agentsim.report import archive

    def full(*_):
        raise OSError(28, "No space left on device", "run.json")

    monkeypatch.setattr(archive, "write_json", full)
    assert (
        main(["run", scenario, *SMALL, "--attacker", "none", "--out", str(tmp_path / "out"), "--json"]) == 1
    )
    assert capsys.readouterr().err.splitlines()[-1] == "run.json: No space left on device"
