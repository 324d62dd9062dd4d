"""``agentsim redteam`` and ``agentsim portfolio``: a short search from end to end, and what is refused."""

import json
from pathlib import Path

import pytest

from agentsim.cli.main import main

HOSTILE = "scenarios/hostile_operator.toml"
SHORT = ["--hours", "60", "--workers", "1"]
for _setting in (
    "place.households=60",
    "attacker.first_hour=24",
    "attacker.plan_seeds=1",
    'attacker.target="Harbour"',
    "mind.horizons_h=[12, 12, 36]",
    "mind.delays_h=[0, 0, 0, 0, 0]",
    "mind.rollouts=20",
    "bad_actor.campaign_weight=5.0",  # so that a day and a half is worth an attack
):
    SHORT += ["--set", _setting]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said of a wrong input; exit status 2, no traceback."""
    try:
        status = main(list(arguments))
    except SystemExit as ended:
        status = int(ended.code or 0)
    said = capsys.readouterr().err
    assert status == 2, said
    assert "Traceback" not in said
    return said


def test_a_red_team_from_end_to_end(capsys, tmp_path: Path):
    out = tmp_path / "red"
    assert main(["redteam", HOSTILE, *SHORT, "--policy", "W-C1", "--seeds", "1", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "made against" in said
    assert "Harbour" in said
    data = json.loads((out / "redteam.json").read_text(encoding="utf-8"))
    assert data["matrix"]["labels"] == ["none", "W-C1"]
    assert "港" in data["worth"][0]["says_ja"] or "攻撃なし" in data["worth"][0]["says_ja"]
    assert {"runs.sqlite", "transfer_matrix.png", "transfer_matrix.csv"} <= {
        file.name for file in out.iterdir()
    }


def test_a_portfolio_from_end_to_end(capsys, tmp_path: Path):
    out, measures = tmp_path / "best", ["--measure", "W-C1", "--measure", "X-C2"]
    asked = [
        "portfolio",
        HOSTILE,
        *SHORT,
        *measures,
        "--budget",
        "20,000",
        "--seeds",
        "3",
        "--generations",
        "0",
    ]
    assert main([*asked, "--out", str(out), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["front"][0]["measures"] == "none"
    assert data["budget"] == 20_000.0
    assert {"front.png", "front.csv", "packages.csv", "tried.csv"} <= {file.name for file in out.iterdir()}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["portfolio", HOSTILE], "--budget"),
        (["portfolio", HOSTILE, "--budget", "nothing"], "'nothing' is no number"),
        (["portfolio", HOSTILE, "--budget", "-5"], "must be above 0"),
        (["portfolio", HOSTILE, "--budget", "100", "--generations", "0"], "pays for none of the measures"),
        (
            ["portfolio", HOSTILE, "--budget", "9000", "--measure", "W-C9"],
            "--measure: measure 'W-C9' is unknown",
        ),
        (
            ["portfolio", HOSTILE, "--budget", "9", "--generations", "-1"],
            "-1 is too small; at least 0 is needed",
        ),
        (["portfolio", "missing.toml", "--budget", "9000"], "no such file"),
        (["portfolio", HOSTILE, "--budget", "9000", "--seeds", "2", "--generations", "0"], "at least 3"),
        (["redteam", "scenarios/drought.toml"], "plans nothing"),
        (["redteam", HOSTILE, "--policy", "X-C9"], "--policy: policy 'X-C9' is unknown"),
        (["redteam", HOSTILE, "--attacker", "corecer"], "did you mean 'coercer'"),
        (["redteam", HOSTILE, "--budget", "0"], "must be above 0"),
    ],
)
def test_wrong_input_is_refused_with_a_remedy(capsys, arguments, says):
    assert says in refused(capsys, *arguments)
