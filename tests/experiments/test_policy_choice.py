"""Which policy to choose, over the attackers of one comparison and over several scenarios."""

import json

import pytest
from fake_society import BrokenSociety, FakeSociety
from rich.console import Console

from agentsim.core.errors import InvalidScenario
from agentsim.experiments.compare import as_json, compare
from agentsim.experiments.policy_choice import as_json as choice_as_json
from agentsim.experiments.policy_choice import choice
from agentsim.report.choice_table import choice_blocks
from agentsim.report.summary import summary
from agentsim.report.tables import BY_CHANCE, comparison_blocks, correction_notes
from agentsim.scenario.file import load

POLICIES = ["E-C2", "W-C1", "X-C5"]


@pytest.fixture
def scenario(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text('title = "Test"\nhours = 730\n[attacker]\nkind = "coercer"\nfirst_hour = 10\n')
    return load(file)


def compared(scenario, **more):
    return compare(scenario, POLICIES, ["none", "coercer"], 6, **{"society": FakeSociety, **more})


def printed(blocks, width=80) -> str:
    out = Console(width=width, record=True, highlight=False, file=open("/dev/null", "w"))  # noqa: SIM115
    for block in blocks:
        out.print(block)
    return out.export_text()


def test_the_least_largest_regret_by_hand(scenario):
    # worst district: 5 x (10 + seed), twice that under attack; E-C2 halves it, X-C5 takes the seed away
    found = choice(compared(scenario))
    assert found.policy.to_list() == ["E-C2", "X-C5", "none", "W-C1"]
    none = found.set_index("policy").loc["none"]
    assert none.regret == pytest.approx(0.5 * 10 * 13.5)  # under attack, at the mean seed 3.5
    assert (none.regret_in, none.worst_in, none.worst) == ("coercer", "coercer", 160.0)
    assert found.attrs["minimax_regret"] == "E-C2"
    assert found.attrs["worlds"] == ["none", "coercer"]
    assert {row["rank"] for row in found.attrs["by_world"] if row["policy"] in ("none", "W-C1")} == {3}


def test_more_is_better_is_turned_round_and_turned_back(scenario, monkeypatch):
    from agentsim.outcomes import OUTCOMES

    loss = OUTCOMES["loss_jpy_per_household"]
    lower = choice(compared(scenario, judge=loss.name))
    monkeypatch.setitem(OUTCOMES, loss.name, type(loss)(**{**vars(loss), "better": 1}))
    higher = choice(compared(scenario, judge=loss.name))
    assert (lower.policy[0], higher.policy.to_list()[-1]) == ("E-C2", "E-C2")
    one, other = (table.set_index("policy")["mean"] for table in (lower, higher))
    assert one.to_dict() == other.to_dict()


def test_scenarios_are_worlds_too_and_policies_that_all_have_are_compared(scenario):
    tables = {
        "town": compared(scenario),
        "river": compare(scenario, ["E-C2", "T-C1"], ["none"], [5, 6], society=FakeSociety),
    }
    found = choice(tables)
    assert found.attrs["worlds"] == ["town, none", "town, coercer", "river, none"]
    assert set(found.policy) == {"none", "E-C2"}
    text = printed(choice_blocks(found))
    assert "town, no attack" in text
    assert "The largest regret is least with E-C2: 0 h/person." in text
    assert max(map(len, text.splitlines())) <= 80
    json.dumps(choice_as_json(found), allow_nan=False)


def test_a_seed_that_failed_under_one_policy_is_left_out_for_all(scenario):
    table = compared(scenario, society=BrokenSociety)
    assert choice(table).attrs["seeds"] == 5


def test_an_outcome_without_a_better_side_is_refused(scenario):
    with pytest.raises(InvalidScenario, match="neither more nor less"):
        compared(scenario, judge="incumbent_margin_jpy")
    with pytest.raises(InvalidScenario, match="did you mean 'ens_mwh'"):
        compared(scenario, judge="ens_mw")


def test_the_table_holds_worst_cases_regret_and_corrected_p_values(scenario):
    table = compared(scenario)
    row = table.set_index(["policy", "attacker", "outcome"]).loc[("X-C5", "coercer", "deprivation_mean")]
    # 2 (10 + seed) - seed = 20 + seed; E-C2 has 10 + seed
    assert (row["mean"], row.cvar95, row.worst) == (pytest.approx(23.5), 26.0, 26.0)
    assert row.regret == pytest.approx(10.0)
    assert row.p_value <= row.p_adjusted <= 1.0
    assert table[table.policy == "none"].p_value.isna().all()
    data = as_json(table)
    assert data["choice"]["minimax_regret"] == "E-C2"
    assert {"cvar95", "worst", "regret", "p_value", "p_adjusted"} <= set(data["rows"][0])


def test_a_difference_that_the_correction_does_not_keep_is_marked(scenario):
    table = compared(scenario)
    plain = printed(summary(table, {}, {"deprivation_worst_district": -1, "deprivation_target_district": -1}))
    tests = int(table.p_value.notna().sum())
    assert "*" not in plain
    assert f"{tests} differences were looked at" in plain
    assert "stays after a correction" in plain
    table.loc[table.policy == "E-C2", "p_adjusted"] = 0.2
    marked = printed(
        summary(table, {}, {"deprivation_worst_district": -1, "deprivation_target_district": -1})
    )
    assert "lower by 50 %*" in marked
    assert "* may be one" in marked.replace("\n", " ")
    full = printed(comparison_blocks(table, {}, {}, {}), width=100)
    assert "lower*" in full


def test_tables_of_older_versions_have_no_correction(scenario):
    table = compared(scenario).drop(columns=["p_value", "p_adjusted"])
    assert correction_notes(table, {"lower", BY_CHANCE}) == []
    assert "*" not in printed(summary(table, {}, {"deprivation_worst_district": -1}))
