"""Many differences looked at together: false findings stay as rare as promised; p-values fit intervals."""

import math

import numpy as np
import pytest
from scipy import stats

from agentsim.experiments.statistics.intervals import difference_interval
from agentsim.experiments.statistics.multiple_testing import benjamini_hochberg, holm
from agentsim.experiments.statistics.p_values import mcnemar, p_of_difference, sign_flip_p, student_t_p


def test_benjamini_hochberg_is_that_of_scipy():
    p = np.random.default_rng(1).random(50) ** 3
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))


def test_holm_by_hand_and_values_that_are_no_test_do_not_count():
    # sorted 0.005 x 4, 0.01 x 3, 0.03 x 2, 0.04 x 1, never falling
    p = np.array([0.04, math.nan, 0.005, 0.03, 0.01])
    expected = [0.06, math.nan, 0.02, 0.06, 0.03]
    assert holm(p) == pytest.approx(expected, nan_ok=True)
    assert benjamini_hochberg(p)[2] == pytest.approx(0.005 * 4)
    assert holm(np.array([])).size == 0


def test_holm_keeps_the_chance_of_any_false_finding_at_five_percent():
    rng = np.random.default_rng(2)
    false = 0
    for _ in range(400):
        p = [student_t_p(rng.standard_normal(12)) for _ in range(20)]
        false += (holm(np.array(p)) <= 0.05).any()
    assert 0.02 <= false / 400 <= 0.08
    # without a correction two comparisons in three would hold a false finding
    assert np.mean([(rng.random(20) <= 0.05).any() for _ in range(400)]) > 0.5


def test_p_values_are_those_of_textbooks():
    sample = np.array([1.2, -0.3, 0.8, 2.1, 0.4])
    assert p_of_difference(sample, np.zeros(5)) == pytest.approx(stats.ttest_1samp(sample, 0.0).pvalue)
    assert mcnemar(9, 2) == pytest.approx(stats.binomtest(2, 11, 0.5).pvalue)
    eight = np.array([1.0, 2.0, -0.5, 3.0, 0.7, 0.9, 1.1, -0.2])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 8)).reshape(8, -1).T
    share = np.mean(np.abs(signs @ eight) >= abs(eight.sum()) - 1e-12)
    assert sign_flip_p(eight) == pytest.approx(share)


@pytest.mark.parametrize("pairs", [4, 5, 6, 8, 11, 12, 30, 250])
def test_a_p_value_is_below_five_percent_where_the_interval_excludes_zero(pairs):
    rng = np.random.default_rng(pairs)
    agree = []
    for _ in range(60):
        after = rng.lognormal(-0.5, 1.0, pairs) - 1.0 + 2.5 / np.sqrt(pairs)
        before = rng.normal(0.0, 0.3, pairs)
        found = difference_interval(after, before)
        excludes = found.low > 0.0 or found.high < 0.0
        agree.append(excludes == (p_of_difference(after, before) <= 0.05))
    assert np.mean(agree) >= 0.98  # quantiles of resamples lie between two of them


def test_events_equal_differences_and_too_few_pairs():
    ones, zeros = np.ones(6), np.zeros(6)
    assert p_of_difference(ones, zeros, "count") == mcnemar(6, 0) < 0.05
    assert p_of_difference([5.0, 5.0], [3.0, 3.0]) == 0.0
    assert p_of_difference([5.0, 5.0], [5.0, 5.0]) == 1.0
    assert math.isnan(p_of_difference([5.0], [3.0]))
