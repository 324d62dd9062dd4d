"""``agentsim claims`` and ``agentsim compare`` of several scenarios: as a user types them."""

import json
import os
from pathlib import Path

import pytest

from agentsim.cli.compare import names_of
from agentsim.cli.main import main
from agentsim.policies.claims import CLAIMS

ROOT = Path(__file__).parents[2]
KEYS = (
    *("id", "statement", "scenario", "outcome", "claimed_sign", "difference", "low", "high", "n"),
    *("p_adjusted", "verdict", "flips_when"),
)


@pytest.fixture
def town(tmp_path):
    file = tmp_path / "town.toml"
    file.write_text('title = "Town"\nhours = 4\n[place]\nhouseholds = 60\n')
    return str(file)


def test_the_claims_of_the_paper_are_listed_with_what_they_wait_for(capsys, monkeypatch, town, tmp_path):
    monkeypatch.chdir(ROOT)
    out = tmp_path / "out"
    arguments = ["claims", town, "--claim", "E-D1", "--claim", "E-M2", "--partly", "--seeds", "2"]
    arguments += ["--first-seed", "7001", "--workers", "1", "--out", str(out)]
    assert main([*arguments, "--json"]) == 0
    shown = capsys.readouterr()
    content = json.loads(shown.out)
    assert [claim["id"] for claim in content["claims"]] == ["E-M2", "E-D1"]
    for claim in content["claims"]:
        assert set(KEYS) <= set(claim)
        assert (claim["scenario"], claim["n"]) == (town, 2)
    assert content["seeds"] == [[7001, 7002]]
    kept = {"claims.json", "claims.csv", "claims.md", "claims.ja.md", "claims.html", "claims.ja.html"}
    assert kept | {"runs.sqlite", "claims.svg"} <= set(os.listdir(out))
    before = (out / "claims.json").read_bytes()
    assert main(arguments) == 0  # nothing is left to run; the same bytes
    shown = capsys.readouterr()
    assert "runs:" not in shown.err
    assert (out / "claims.json").read_bytes() == before
    assert "High initial investment" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80


def test_without_options_a_claim_is_judged_only_if_all_of_its_measures_are_there(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("agentsim.experiments.claims.claim_questions.missing", lambda *given: ("E-S9",))
    assert main(["claims", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert [claim["id"] for claim in content["claims"]] == list(CLAIMS)
    assert {claim["verdict"] for claim in content["claims"]} == {"not judged yet"}
    assert main(["claims"]) == 0
    assert "waiting for E-S9" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--claim", "E-M11"], "claim 'E-M11' is unknown; did you mean 'E-M1'?"),
        (["missing.toml"], "missing.toml: there is no such file"),
        (["--seeds", "2000", "--confirm"], "--seeds: seeds: 2000 is too large"),
        (["--first-seed", "5", "--confirm"], "give the number of seeds"),
        (["--why", "missing.toml"], "--why: missing.toml: cannot be read"),
        (["--design", "1"], "design: 1 is too small; at least 2 trajectories"),
        (["--design", "missing.csv", "--partly", "--claim", "E-M2"], "missing.csv: cannot be read"),
    ],
)
def test_bad_input_is_refused_with_one_message_and_writes_nothing(
    arguments, message, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert main(["claims", *arguments, "--out", "out"]) == 2
    shown = capsys.readouterr()
    assert shown.err.count(message) == 1
    assert "Traceback" not in shown.err
    assert shown.out == ""
    assert not list(tmp_path.rglob("*.json"))


def test_several_scenarios_are_compared_and_a_policy_is_chosen_over_all(town, tmp_path, capsys):
    dry = tmp_path / "dry.toml"
    dry.write_text('title = "Dry"\nhours = 4\n[place]\nhouseholds = 60\n[raw_water]\nstart_frac = 0.01\n')
    out = tmp_path / "out"
    arguments = [
        "compare",
        town,
        str(dry),
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
    content = json.loads(capsys.readouterr().out)
    assert [one["scenario"] for one in content["scenarios"]] == ["Town", "Dry"]
    assert content["choice"]["worlds"] == ["town, none", "dry, none"]
    assert {row["policy"] for row in content["choice"]["policies"]} == {"none", "X-C5"}
    assert {"town", "dry", "choice.json"} <= set(os.listdir(out))
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "Which policy to choose, by deprivation, worst district" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_choice_by_another_outcome_is_printed_when_asked_for(town, capsys):
    arguments = ["compare", town, "--policy", "X-C5", "--seeds", "2", "--workers", "1"]
    assert main([*arguments, "--judge", "bill_jpy_per_household_month"]) == 0
    shown = capsys.readouterr().out
    assert "The largest regret is least with no policy: 0 JPY/month." in shown
    assert main(["compare", town, "--judge", "bill"]) == 2
    assert "--judge: outcome 'bill' is unknown" in capsys.readouterr().err


def test_scenarios_of_the_same_name_have_numbers():
    assert names_of(["a/x.toml", "b/x.toml", "c/x.toml"]) == ["x", "x-2", "x-3"]
