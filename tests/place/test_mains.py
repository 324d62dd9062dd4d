"""Water mains: their ages, how often they burst, what of it is seen, and what renewal does."""

import numpy as np
import pytest

from agentsim.core.mechanisms import Mechanisms
from agentsim.core.streams import Streams
from agentsim.place.mains import MOST_RUNNING, Mains, MainsParameters

RATE = 0.15


ALL_ON = Mechanisms()


def mains(km=0.7, junctions=92, seed=1, on=ALL_ON, **numbers) -> Mains:
    return Mains(np.full(junctions, km), Streams(seed), RATE, MainsParameters(**numbers), on)


def test_mains_are_as_old_as_those_of_japan():
    age_y = mains(junctions=20_000).age_y
    assert (age_y > 40.0).mean() == pytest.approx(0.148, abs=0.002)
    assert age_y.mean() == pytest.approx(25.6, abs=0.2)


def test_one_more_junction_leaves_the_ages_of_the_others():
    assert (mains(junctions=93).age_y[:92] == mains(junctions=92).age_y).all()


def test_old_mains_burst_more_often_and_all_of_them_at_the_stated_rate():
    some = mains(junctions=20_000)
    older = np.argsort(some.age_y)[[1000, 19000]]
    ratio = some.bursts_per_year[older[1]] / some.bursts_per_year[older[0]]
    assert ratio == pytest.approx(np.exp(0.05 * (some.age_y[older[1]] - some.age_y[older[0]])))
    assert some.bursts_per_year.sum() / some.km.sum() == pytest.approx(RATE, rel=0.01)
    alike = mains(on=Mechanisms(pipe_ageing=False)).bursts_per_year
    assert alike == pytest.approx(RATE * 0.7)


def test_seen_bursts_are_twice_as_large_as_hidden_ones():
    draw = np.random.default_rng(1).random((2, 200_000))
    size = mains().size_frac(draw[0])
    hidden = mains().hidden(size, draw[1])
    assert 12.0 * size[~hidden].mean() == pytest.approx(12.0, abs=0.15)
    assert 12.0 * size[hidden].mean() == pytest.approx(6.0, abs=0.15)
    assert hidden.mean() == pytest.approx(mains().hidden_frac, abs=0.005)
    assert hidden[size > 2.0].mean() < 0.1 < 0.8 < hidden[size < 0.1].mean()


def test_hidden_bursts_that_run_at_the_start_are_those_of_the_survey_cycle():
    district = np.arange(92) % 8
    made = [mains(seed=seed).running(district) for seed in range(300)]
    flow = np.array([sum(one.size_frac for one in running) for running in made])
    assert flow.mean() == pytest.approx(mains().hidden_size, abs=3 * flow.std() / np.sqrt(len(flow)))
    # the district that is surveyed next has gone without for longest
    next_one = [int(np.argmin(mains(seed=seed).survey_day(8))) for seed in range(300)]
    here = [sum(district[one.junction] == d for one in run) for run, d in zip(made, next_one, strict=True)]
    last_one = [int(np.argmax(mains(seed=seed).survey_day(8))) for seed in range(300)]
    just = [sum(district[one.junction] == d for one in run) for run, d in zip(made, last_one, strict=True)]
    assert np.mean(here) > 2.5 * np.mean(just)


def test_bursts_of_main_are_all_alike_and_seen_without_the_mechanism():
    plain = mains(on=Mechanisms(hidden_bursts=False))
    draw = np.linspace(0.0, 0.99, 50)
    assert (plain.size_frac(draw) == 1.0).all()
    assert not plain.hidden(plain.size_frac(draw), draw).any()
    assert plain.running(np.arange(92) % 8) == ()


def test_so_many_bursts_at_one_junction_are_rare():
    assert mains().bursts_per_year.max() < MOST_RUNNING / 4


def test_renewal_takes_the_oldest_first():
    some = mains()
    oldest = some.oldest()
    before = some.age_y.copy()
    assert some.renew(oldest, 0.35) == pytest.approx(0.5)
    assert some.age_y[oldest] == pytest.approx(before[oldest] / 2.0)
    assert (np.delete(some.age_y, oldest) == np.delete(before, oldest)).all()


def test_without_renewal_mains_age_a_year_a_year_and_renewal_holds_them():
    left = mains(junctions=2000)
    held = mains(junctions=2000, renewal_frac_per_y=0.02)
    start = left.mean_age_y
    left.age(10.0)
    held.age(10.0)
    assert left.mean_age_y == pytest.approx(start + 10.0)
    assert held.mean_age_y < start + 2.0
    assert held.overdue_frac == pytest.approx(left.overdue_frac - 0.2, abs=0.01)
    assert held.bursts_per_year.sum() < 0.7 * left.bursts_per_year.sum()


def test_a_small_budget_renews_whole_mains_instead_of_a_little_of_each():
    """The backlog falls by what is renewed and by no more, however small the steps are."""
    left, held = mains(junctions=400), mains(junctions=400, renewal_frac_per_y=0.007)
    for _ in range(120):
        left.age(1.0 / 12.0)
        held.age(1.0 / 12.0)
    assert held.overdue_frac == pytest.approx(left.overdue_frac - 0.07, abs=0.0051)


def test_a_district_has_the_mean_age_that_is_known():
    district = np.arange(92) % 2
    known = Mains(
        np.full(92, 0.7), Streams(1), RATE, district=district, district_age_y=np.array([10.0, 60.0])
    )
    assert known.age_y[district == 0].mean() == pytest.approx(10.0)
    assert known.age_y[district == 1].mean() == pytest.approx(60.0)


def test_twice_as_many_surveys_leave_half_as_many_hidden_bursts() -> None:
    mains = Mains(np.ones(50), Streams(1), 0.4)
    usual, years = mains.hidden_size, mains.parameters.survey_interval_d
    mains.survey_more_often(0.5)
    assert mains.hidden_size == pytest.approx(usual / 2.0)
    assert mains.survey_day(4).max() < mains.parameters.survey_interval_d == years / 2.0
