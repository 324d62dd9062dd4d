"""Claims are judged by runs of a society of three lines of arithmetic, in the registry's scenarios."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from fake_society import FakeSociety

import agentsim as sim
from agentsim.core.errors import InvalidScenario, MissingPackages
from agentsim.experiments.claims import claim_questions, flip_box
from agentsim.experiments.claims import flips as flips_module
from agentsim.experiments.claims.assumptions import assumptions
from agentsim.experiments.claims.claim_questions import grouped, questions
from agentsim.experiments.claims.claims import claims, seed_sets
from agentsim.experiments.claims.claims_table import COLUMNS, as_json
from agentsim.experiments.claims.verdicts import NOT_SUPPORTED, NOT_YET, REVERSED, SUPPORTED, UNDECIDED
from agentsim.policies.claims import CLAIMS, FIRST_SEEDS

pytestmark = pytest.mark.usefixtures("in_root")
OTHER = range(7001, 7013)  # seeds that no verdict rests on


@pytest.fixture
def in_root(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])


class PaperSociety(FakeSociety):
    """Energy measures cut CO2 by a tenth, resources raise it; power prices wander; nobody lacks water."""

    def __init__(self, scenario, policies=None, attacker=None, seed=1, executor=None):
        super().__init__(scenario, policies, attacker, seed)
        self.scenario = scenario

    def run(self, hours=None, progress=None):
        weather = 100.0 + 10.0 * math.sin(self.seed)
        energy, resources = "E-S4" in self.policies, "R-C2" in self.policies
        effect = self.scenario.parameters.power.basic_weight - 1.4  # 0.1 by default, below 0 under 1.4
        values = {
            "co2_t": weather * (1.0 - effect * energy + 0.1 * resources),
            "power_price_jpy_per_kwh": 30.0 + energy * math.sin(self.seed**2),
            "capital_jpy_per_household_year": 20_000.0 * energy,
            "incumbent_profit_jpy": weather,
            "stranded_assets_jpy": 0.0,
            "jobs_displaced": 0.0,
            "water_unserved_m3": 0.0,
            "ens_mwh": weather - 50.0 * energy + 20.0 * math.cos(self.seed),
            "largest_outage_mwh": weather - 50.0 * energy + 20.0 * math.cos(self.seed),
        }
        self.outcomes = pd.Series(values)
        self.outcomes.attrs["units"] = dict.fromkeys(values, "1")


def judged(*ids, **more):
    table = claims(ids=ids, **{"seeds": OTHER, "partly": True, "society": PaperSociety, **more})
    return table, table.set_index("id").verdict.to_dict()


def test_every_verdict_occurs_where_it_should():
    table, verdicts = judged("E-M1", "E-M2", "E-M3", "E-D1", "E-D2", "W-M1", "R-M2")
    assert verdicts == {
        "E-M1": SUPPORTED,
        "E-M2": SUPPORTED,
        "E-M3": UNDECIDED,
        "E-D1": SUPPORTED,
        "E-D2": NOT_SUPPORTED,
        "W-M1": NOT_SUPPORTED,
        "R-M2": REVERSED,
    }
    assert tuple(table.columns) == COLUMNS
    co2 = table.set_index("id").loc["E-M2"]
    assert co2.difference == pytest.approx(-0.1 * co2.base)
    assert co2.margin == pytest.approx(0.01 * co2.base)
    assert co2.p_value <= co2.p_adjusted <= 0.05


def test_a_claim_that_lacks_a_measure_is_not_judged_unless_asked_for(monkeypatch):
    monkeypatch.setattr(claim_questions, "missing", lambda claim, outcomes: ("E-S9",))
    table = claims(ids=["E-M2", "W-D1"], society=PaperSociety)
    assert table.verdict.to_list() == [NOT_YET, NOT_YET]
    assert table.waits_for[0] == ("E-S9",)
    data = as_json(table)["claims"][0]
    assert {
        "id",
        "statement",
        "scenario",
        "outcome",
        "claimed_sign",
        "difference",
        "low",
        "high",
        "n",
    } <= set(data)
    assert {"p_adjusted", "verdict", "flips_when"} <= set(data)
    assert (data["difference"], data["n"]) == (None, 0)


def test_a_claim_is_judged_once_all_of_its_measures_are_there(monkeypatch):
    monkeypatch.setattr(claim_questions, "missing", lambda claim, outcomes: ())
    table = claims(ids=["E-M2"], seeds=OTHER, society=PaperSociety)
    assert (table.verdict[0], table.waits_for[0]) == (SUPPORTED, ())


def test_more_claims_that_are_judged_together_need_more_evidence():
    alone, _ = judged("E-M2")
    together, _ = judged("E-M2", "E-M3", "R-M2")
    assert together.p_value[0] == alone.p_value[0] == alone.p_adjusted[0]
    assert together.p_adjusted[0] > alone.p_adjusted[0]


def test_packages_of_one_scenario_share_the_runs_without_measures():
    asked = [one for one in questions(partly=True) if one.is_run]
    fortnight = [group for group in grouped(asked) if group[0].file.stem == "ordinary_fortnight"]
    alike = [group for group in fortnight if not group[0].claim.changes]
    assert len(alike) == 1
    assert len({one.label for one in alike[0]}) == 4
    oldsmar = next(one for one in asked if one.claim.id == "W-M3")
    assert oldsmar.scenario.parameters.utilities.dose_seen_per_h == 0.0


def test_a_second_set_of_seeds_confirms_or_leaves_undecided():
    _, first = judged("E-M1", "E-M2", "E-M3", seeds=12, confirm=True)
    assert first == {"E-M1": SUPPORTED, "E-M2": SUPPORTED, "E-M3": UNDECIDED}

    class Fickle(PaperSociety):
        def run(self, hours=None, progress=None):
            super().run(hours, progress)
            if self.seed >= FIRST_SEEDS[1] and "E-S4" in self.policies:
                self.outcomes["co2_t"] *= 1.3

    table, verdicts = judged("E-M1", "E-M2", seeds=12, confirm=True, society=Fickle)
    assert verdicts == {"E-M1": SUPPORTED, "E-M2": UNDECIDED}
    assert table.attrs["contradictions"] == ["E-M2"]
    changed = table.set_index("id").loc["E-M2"]
    assert (changed.first_verdict, changed.second_verdict) == (SUPPORTED, REVERSED)
    assert len(set(table.attrs["seeds"][0]) | set(table.attrs["seeds"][1])) == 24


def test_in_a_scenario_of_ones_own_every_claim_is_judged_against_its_attacker(tmp_path):
    own = tmp_path / "town.toml"
    own.write_text('title = "Town"\n[attacker]\nkind = "saboteur"\nfirst_hour = 3\n')
    asked = questions([own], partly=True)
    assert [one.claim.id for one in asked] == list(CLAIMS)
    assert {one.attacker for one in asked} == {"saboteur"}
    shipped = questions(["scenarios/tight_year.toml"], partly=True)
    assert [one.claim.id for one in shipped] == ["E-M1"]


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(InvalidScenario, match="did you mean 'E-M1'"):
        questions(ids=["E-M11"])
    with pytest.raises(InvalidScenario, match="give the number of seeds"):
        seed_sets([5, 6], confirm=True)
    with pytest.raises(InvalidScenario, match="too large"):
        seed_sets(1001)
    assert [one[0] for one in seed_sets(30, confirm=True)] == list(FIRST_SEEDS)


def test_runs_that_fail_leave_their_seeds_out_and_are_told():
    class Broken(PaperSociety):
        def run(self, hours=None, progress=None):
            if self.seed == 7003 and self.policies:
                self.seed / 0
            super().run(hours, progress)

    table, verdicts = judged("E-M2", society=Broken)
    assert (verdicts["E-M2"], table.n[0]) == (SUPPORTED, 11)
    (failure,) = table.attrs["failures"]
    assert failure["scenario"].endswith("ordinary_fortnight.toml")


# ---- what flips a claim -----------------------------------------------------------------------------------


@pytest.fixture
def numbers_of_power(monkeypatch):
    """Of all assumed numbers only those of the power network, so that a design has few settings."""
    monkeypatch.setattr(
        flips_module,
        "assumptions",
        lambda *given: [one for one in assumptions(*given) if "power." in one.key],
    )


@pytest.mark.slow
def test_of_all_assumed_numbers_the_one_that_matters_is_found():
    flips = judged("E-M2", design=2)[0].flips_when[0]
    assert flips["numbers"] > 200
    assert [one["key"] for one in flips["where"]] == ["power.basic_weight"]


@pytest.mark.usefixtures("numbers_of_power")
def test_morris_finds_the_number_that_matters_and_prim_the_range_in_which_the_claim_flips():
    table, verdicts = judged("E-M2", design=2)
    assert verdicts["E-M2"] == SUPPORTED
    flips = table.flips_when[0]
    assert flips["holds_by_default"]
    assert flips["influences"][0]["key"] == "power.basic_weight"
    assert sum(one["mu_star"] > 1e-9 for one in flips["influences"]) == 1
    assert flips["failed"] == 0
    (box,) = flips["where"]
    # CO2 falls by less than the margin of 1 % where basic_weight is below 1.41
    assert box["key"] == "power.basic_weight"
    assert box["high"] == pytest.approx(1.41, abs=0.1)
    assert flips["density"] > 0.9
    assert flips["coverage"] > 0.9
    json.dumps(as_json(table), allow_nan=False)


def test_a_file_lists_the_settings(tmp_path):
    file = tmp_path / "design.csv"
    rows = [f"{1.0 + 0.05 * k},{0.6 + 0.01 * (k * 7 % 30)}" for k in range(40)]
    file.write_text("power.basic_weight,power.limit_frac\n" + "\n".join(rows) + "\n")
    flips = judged("E-M2", design=file)[0].flips_when[0]
    assert (flips["settings"], flips["numbers"], flips["failed"]) == (40, 2, 0)
    assert flips["flipped"] == 9  # 1.0 to 1.4
    assert [one["key"] for one in flips["where"]] == ["power.basic_weight"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("power.basic_weigth\n1\n", "design.csv:1: number 'power.basic_weigth' is unknown; did you mean"),
        ("power.basic_weight\nmuch\n", "design.csv:2: 'much' is no number"),
        ("power.basic_weight\n1,2\n", "design.csv:2: has 2 values; 1 are needed"),
        ("power.basic_weight\n", "has no settings"),
        ("", "has no settings"),
    ],
)
def test_a_wrong_file_of_settings_is_refused_before_anything_is_run(tmp_path, text, message):
    file = tmp_path / "design.csv"
    file.write_text(text)
    with pytest.raises(InvalidScenario) as found:
        judged("E-M2", design=file, society=None)
    assert message in str(found.value)


def test_without_the_extra_packages_a_design_says_what_to_install(monkeypatch):
    def no_module(name):
        raise ImportError(name)

    monkeypatch.setattr(flip_box, "import_module", no_module)
    with pytest.raises(MissingPackages, match=r"pip install 'agentsim\[analysis\]'"):
        judged("E-M2", design=2, society=None)


def test_it_is_there_from_python():
    assert sim.claims is claims
