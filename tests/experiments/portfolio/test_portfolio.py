"""The search for the best set of measures, in a city of three lines of arithmetic with a known optimum."""

import sys
from itertools import chain, combinations

import numpy as np
import pytest

from agentsim import load
from agentsim.core.errors import InvalidInput, InvalidScenario
from agentsim.experiments.portfolio.evaluations import Evaluations, Runner, future_of, screening
from agentsim.experiments.portfolio.front import TOLERANCE_FRAC, front_of
from agentsim.experiments.portfolio.measure_sets import (
    MeasureSet,
    cost_jpy,
    fitted,
    measure_set,
    near,
    size_ranges,
)
from agentsim.experiments.portfolio.portfolio import portfolio
from agentsim.experiments.portfolio.search import Search
from agentsim.experiments.runs.ledger import Ledger
from agentsim.policies import POLICIES
from tests.experiments.portfolio.fake_city import MEASURES, BrokenCity, CountedCity, FakeCity, LuckyCity

SEEDS = [1, 2, 3, 4]
SIEGE = "scenarios/hostile_operator.toml"
PLENTY = 150_000.0


@pytest.fixture(scope="module")
def futures():
    return [load(f"scenarios/{name}.toml") for name in ("hostile_operator", "drought")]


@pytest.fixture(scope="module")
def found(futures):
    return portfolio(
        futures, 30_000.0, measures=MEASURES, seeds=SEEDS, generations=0, finalists=4, society=FakeCity
    )


def evaluations(futures, seeds=SEEDS, society=FakeCity) -> Evaluations:
    return Evaluations([future_of(one) for one in futures], seeds, Runner(Ledger(), society=society))


def true_front(known: Evaluations, measures) -> list[MeasureSet]:
    """The front of all sets of these measures, each run in every future on every seed."""
    subsets = chain.from_iterable(combinations(measures, size) for size in range(len(measures) + 1))
    sets = [measure_set(ids) for ids in subsets]
    known.run(sets, range(len(known.futures)), known.seeds)
    values = np.array([known.standing(one).objectives() for one in sets])
    return [sets[row] for row in front_of(values, values[0], TOLERANCE_FRAC)]


# ---- the true front ---------------------------------------------------------------------------------


def test_the_search_finds_the_true_front_of_all_256_sets(futures):
    known = evaluations(futures)
    truth = true_front(known, MEASURES)
    search = Search(evaluations(futures), MEASURES, PLENTY)
    search.search_sets()
    assert search.front() == truth
    assert not search.unaffordable
    assert ("X-C2", "X-C4") in [one.ids for one in truth], "measures that do nothing alone"
    run = sum(
        int((~np.isnan(search.evaluations.standing(one).harm)).sum()) for one in search.evaluations.sets
    )
    assert run < 0.4 * 256 * len(futures) * len(SEEDS), "most sets were not run at all, or stopped early"


def test_bad_sets_cost_little(futures):
    search = Search(evaluations(futures), MEASURES, PLENTY)
    search.search_sets()
    known = search.evaluations
    useless = known.standing(measure_set(["T-C1"]))
    assert int((~np.isnan(useless.harm)).sum()) == 3, "a few seeds of the hardest future are enough"
    assert known.futures[useless.worst_future()].title == "Hostile operator"


# ---- what is found ----------------------------------------------------------------------------------


def test_no_set_costs_more_than_the_budget(found):
    assert (found.front["cost"] <= 30_000.0).all()
    assert (found.tried["cost"] <= 30_000.0).all()


def test_the_best_set_has_the_least_harm_on_the_front(found):
    front = found.front[found.front["on_front"]]
    best = front[front["measures"] == found.best].iloc[0]
    assert best["harm"] == front["harm"].min()
    assert set(best["adopts"]) >= {"W-C1", "X-C2", "X-C4"}
    assert front["cost"].is_monotonic_increasing
    assert front["harm"].is_monotonic_decreasing


def test_one_more_yen_buys_what_the_front_says(found):
    front = found.front[found.front["on_front"]].reset_index(drop=True)
    for before, row in zip(front.iloc[:-1].itertuples(), front.iloc[1:].itertuples(), strict=True):
        bought = (before.harm - row.harm) / (row.cost - before.cost)
        assert row.less_harm_per_jpy == pytest.approx(bought)


def test_the_break_even_rate_is_cost_over_the_loss_that_one_attack_less_does(found):
    none = found.front[found.front["measures"] == "none"].iloc[0]
    best = found.front[found.front["measures"] == found.best].iloc[0]
    rate = best["cost"] / (none["fresh_harm"] - best["fresh_harm"])
    assert best["break_even_attacks_per_year"] == pytest.approx(rate)
    assert best["break_even_low"] < rate < best["break_even_high"]
    assert np.isnan(none["break_even_attacks_per_year"])


def test_fresh_seeds_are_none_of_the_search(found):
    assert not set(found.about["fresh_seeds"]) & set(found.about["seeds"])
    assert len(found.about["fresh_seeds"]) == len(SEEDS)


def test_packages_stand_beside_what_was_found_for_no_more_money(found):
    assert set(found.packages["package"]) == {"transparent", "democratic", "monitored"}
    assert (found.packages["found_cost"] <= found.packages["package_cost"]).all()
    assert set(found.packages["says"]) <= {"better", "worse", "same set", "same harm", "no difference shown"}


def test_the_report_says_that_an_attacker_that_plans_was_replaced_in_the_search(found):
    assert found.about["screened"] == ["Hostile operator"]
    assert [one.title for one in screening([future_of(load(SIEGE))])] == [
        "Hostile operator, coercer:random",
        "Hostile operator",
    ]


def test_what_luck_alone_made_the_best_is_worse_on_fresh_seeds(futures):
    """Every set has its own luck and no effect: the winner is the luckiest, and fresh seeds say so."""
    won = portfolio(
        futures[:1],
        20_000.0,
        measures=("W-C2", "W-C3", "T-S1", "T-C2", "X-C2", "X-C3"),
        seeds=3,
        generations=0,
        finalists=3,
        society=LuckyCity,
        tolerance_frac=0.0,
    )
    best = won.front[won.front["measures"] == won.best].iloc[0]
    assert best["curse"] > 0.02 * best["harm"]
    assert best["chance_best"] < 0.95


# ---- sizes ------------------------------------------------------------------------------------------


def test_a_set_that_is_too_dear_is_taken_as_large_as_the_budget_allows(futures):
    usual = cost_jpy(measure_set(["W-C1"]), futures)
    smaller = fitted(["W-C1"], futures, 0.9 * usual)
    assert 0.85 * usual < cost_jpy(smaller, futures) <= 0.9 * usual
    assert dict(smaller.sizes)["policy.W-C1.well_demand_frac"] < 0.3
    assert fitted(["E-C2"], futures, 1_000.0) is None
    assert fitted(["W-C1"], futures, usual) == MeasureSet(("W-C1",))


def test_sizes_of_other_measures_are_left_out():
    ranges = size_ranges(["W-C1", "E-C2"])
    one = measure_set(["W-C1"], {key: low for key, (low, _) in ranges.items()})
    assert [key for key, _ in one.sizes] == ["policy.W-C1.well_demand_frac", "policy.W-C1.well_tank_h"]


def test_the_search_over_sizes_finds_less_harm_for_the_same_money(futures):
    pytest.importorskip("pymoo")
    given = {"measures": ("W-C1", "W-S1"), "seeds": 3, "finalists": 3, "society": FakeCity}
    usual = portfolio(futures, 20_000.0, generations=0, **given)
    sized = portfolio(futures, 20_000.0, generations=3, population=8, **given)
    assert sized.front["harm"].min() < 0.95 * usual.front["harm"].min()
    assert (sized.front["cost"] <= 20_000.0).all()
    assert any(sized.front.loc[sized.front["measures"] == sized.best, "sizes"].iloc[0])


def test_a_search_is_the_same_each_time(futures):
    pytest.importorskip("pymoo")
    given = {"measures": ("W-C1",), "seeds": 3, "generations": 2, "population": 6, "society": FakeCity}
    one, other = (portfolio(futures[:1], 20_000.0, **given) for _ in range(2))
    assert one.front.equals(other.front)
    assert one.tried.equals(other.tried)


def test_without_pymoo_a_search_over_sizes_says_what_to_do(futures, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymoo", None)
    with pytest.raises(InvalidInput, match=r"agentsim\[analysis\]"):
        portfolio(futures, 20_000.0, society=FakeCity)


# ---- going on, failures and wrong input -------------------------------------------------------------


def test_an_interrupted_search_goes_on_from_its_ledger(futures, tmp_path, monkeypatch):
    monkeypatch.setenv("COUNT_RUNS_IN", str(tmp_path / "count"))
    (tmp_path / "count").mkdir()
    given = {"measures": ("W-C1", "X-C3"), "generations": 0, "seeds": 3, "society": CountedCity}
    first = portfolio(futures[:1], 20_000.0, folder=tmp_path / "out", **given)
    runs = len(list((tmp_path / "count").iterdir()))
    again = portfolio(futures[:1], 20_000.0, folder=tmp_path / "out", **given)
    assert len(list((tmp_path / "count").iterdir())) == runs, "nothing was run again"
    assert again.front.equals(first.front)


def test_a_set_with_a_failed_run_is_left_out_and_told(futures):
    found = portfolio(
        futures[:1], 20_000.0, measures=("W-C1", "T-S1"), seeds=3, generations=0, society=BrokenCity
    )
    assert not any("T-S1" in label for label in found.front["measures"])
    assert found.about["failures"]
    assert "ZeroDivisionError" in found.about["failures"][0]["error"]


@pytest.mark.parametrize(
    ("budget", "more", "says"),
    [
        (0.0, {}, "must be above 0"),
        (float("nan"), {}, "is no budget"),
        (100.0, {}, "pays for none of the measures; the cheapest, R-S3"),
        (5_000.0, {"measures": ["E-C2"]}, "pays for none"),
        (5_000.0, {"measures": ["E-C9"]}, "'E-C9' is unknown"),
        (5_000.0, {"measures": []}, "give at least one policy"),
        (5_000.0, {"seeds": 2}, "at least 3 are needed"),
        (5_000.0, {"seeds": [1, 2, 10_001]}, "take seeds below 10001"),
        (5_000.0, {"generations": -1}, "generations: -1 is too small"),
    ],
)
def test_what_cannot_be_searched_is_refused(futures, budget, more, says):
    with pytest.raises(InvalidScenario, match=says):
        portfolio(futures, budget, society=FakeCity, **({"generations": 0} | more))
    with pytest.raises(InvalidScenario, match="at least one future"):
        portfolio([], 5_000.0)


def test_sets_one_step_away_are_one_measure_more_less_or_other():
    steps = near(("E-C2", "W-C1"), ("E-C2", "W-C1", "X-C5"))
    assert ("E-C2", "W-C1", "X-C5") in steps
    assert ("E-C2",) in steps
    assert ("W-C1", "X-C5") in steps
    assert len(steps) == 1 + 2 + 2


def test_two_futures_with_one_title_are_told_apart(futures):
    found = portfolio(
        [futures[1], futures[1]], 20_000.0, measures=("W-S1",), seeds=3, generations=0, society=FakeCity
    )
    assert found.about["scenarios"] == ["Drought", "Drought 2"]


# ---- the smallest real society ----------------------------------------------------------------------


@pytest.mark.slow
def test_the_true_front_of_eight_measures_in_the_smallest_society(hamlet):
    """All 256 sets of eight measures are run in a hamlet that a coercer attacks; the search finds their
    front with less than half of the runs."""
    changes = {"hours": 72, "attacker.kind": "coercer", "attacker.mind": "random", "attacker.first_hour": 12}
    setting = hamlet.setting.with_changes(changes)
    assert setting.place.households == 200
    measures, seeds = ("E-C2", "W-C1", "T-C1", "W-C3", "X-C2", "X-C3", "X-C4", "X-C5"), [1, 2, 3]
    whole = Evaluations([future_of(setting)], seeds, Runner(Ledger()))
    truth = true_front(whole, measures)
    search = Search(Evaluations([future_of(setting)], seeds, Runner(Ledger())), measures, 1e6)
    search.search_sets()
    print([one.label for one in truth])
    assert search.front() == truth
    assert search.evaluations.runner.runs < 0.5 * whole.runner.runs


# ---- sizes are declared beside the policies -----------------------------------------------------------


@pytest.mark.parametrize("id", [id for id, entry in POLICIES.items() if entry.make().sizes])
def test_a_larger_size_costs_more(futures, id):
    policy = POLICIES[id].make()
    for name, (low, high) in policy.sizes.items():
        assert low <= getattr(policy, name) <= high, "the usual size lies in the range"
        small, large = (measure_set([id], {f"policy.{id}.{name}": size}) for size in (low, high))
        assert cost_jpy(small, futures[:1]) < cost_jpy(large, futures[:1])
