"""Intervals agree with an independent library and with a computation by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from agentsim.experiments.intervals import mean_interval, ratio_interval, t_quantile


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 9, 10, 19, 29, 99, 500])
def test_t_quantiles_are_those_of_scipy(degrees):
    for confidence in (0.5, 0.9, 0.95, 0.999):
        expected = stats.t.ppf(0.5 + confidence / 2, degrees)
        assert t_quantile(degrees, confidence) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("degrees", "confidence", "printed"),
    [(1, 0.95, 12.706), (2, 0.9, 2.920), (4, 0.95, 2.776), (10, 0.5, 0.700), (30, 0.999, 3.646)],
)
def test_t_quantiles_are_those_of_the_printed_table(degrees, confidence, printed):
    assert t_quantile(degrees, confidence) == pytest.approx(printed, abs=5e-4)


@pytest.mark.parametrize(("degrees", "confidence"), [(0, 0.95), (4, 0.0), (4, 1.0)])
def test_there_is_no_quantile_without_degrees_of_freedom_or_at_certainty(degrees, confidence):
    with pytest.raises(ValueError, match="no t quantile"):
        t_quantile(degrees, confidence)


def test_an_interval_by_hand():
    # mean 4, standard deviation 2, n 4: half width t(3) 2/sqrt(4) = 3.18245
    mean, low, high = mean_interval([4 - math.sqrt(6), 4, 4, 4 + math.sqrt(6)])
    assert (mean, low, high) == pytest.approx((4.0, 4 - 3.182446, 4 + 3.182446), abs=1e-6)


def test_one_value_has_a_mean_and_no_interval():
    mean, low, high = mean_interval([3.0])
    assert mean == 3.0
    assert math.isnan(low)
    assert math.isnan(high)
    assert math.isnan(mean_interval([])[0])


def test_fieller_bounds_are_the_ratios_that_a_t_test_just_rejects():
    top = np.array([5.0, 6.5, 4.0, 7.0, 5.5])
    bottom = np.array([2.0, 2.4, 1.9, 2.2, 2.6])
    ratio, low, high = ratio_interval(top, bottom)
    assert ratio == pytest.approx(5.6 / 2.22)
    assert low < ratio < high
    for bound in (low, high):
        assert stats.ttest_1samp(top - bound * bottom, 0.0).pvalue == pytest.approx(0.05, abs=1e-9)


def test_a_ratio_to_nothing_means_nothing():
    assert all(math.isnan(value) for value in ratio_interval([1.0, 2.0, 3.0], [-1.0, 1.0, 0.5]))
    assert all(math.isnan(value) for value in ratio_interval([1.0], [0.0]))
