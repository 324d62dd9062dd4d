"""Intervals agree with an independent library and with a computation by hand, and cover what they should."""

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from agentsim.experiments.statistics.interval_methods import (
    bootstrap_t,
    clopper_pearson,
    paired_events,
    sign_flip,
    skew_t,
    student_t,
    t_quantile,
)
from agentsim.experiments.statistics.intervals import (
    NOT_COVERED,
    difference_interval,
    mean_interval,
    ratio_interval,
)


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
    mean, low, high, _ = mean_interval([4 - math.sqrt(6), 4, 4, 4 + math.sqrt(6)])
    assert (mean, low, high) == pytest.approx((4.0, 4 - 3.182446, 4 + 3.182446), abs=1e-6)


def test_one_value_has_a_mean_and_no_interval():
    mean, low, high, _ = mean_interval([3.0])
    assert mean == 3.0
    assert math.isnan(low)
    assert math.isnan(high)
    assert math.isnan(mean_interval([])[0])


def test_fieller_bounds_are_the_ratios_that_a_t_test_just_rejects():
    top = np.array([5.0, 6.5, 4.0, 7.0, 5.5])
    bottom = np.array([2.0, 2.4, 1.9, 2.2, 2.6])
    ratio, low, high, _ = ratio_interval(top, bottom)
    assert ratio == pytest.approx(5.6 / 2.22)
    assert low < ratio < high
    for bound in (low, high):
        assert stats.ttest_1samp(top - bound * bottom, 0.0).pvalue == pytest.approx(0.05, abs=1e-9)


def test_a_ratio_to_nothing_means_nothing():
    assert all(math.isnan(value) for value in ratio_interval([1.0, 2.0, 3.0], [-1.0, 1.0, 0.5])[:3])
    assert all(math.isnan(value) for value in ratio_interval([1.0], [0.0])[:3])


def test_the_method_is_chosen_by_the_number_of_values():
    sample = np.random.default_rng(1).normal(size=200)
    methods = {n: mean_interval(sample[:n]).method for n in (1, 2, 5, 6, 11, 12, 199, 200)}
    assert methods == {
        **{1: "none", 2: "t_few", 5: "t_few", 6: "flip", 11: "flip"},
        **{12: "t", 199: "t", 200: "t_many"},
    }
    assert mean_interval([3.0, 3.0, 3.0]) == (3.0, 3.0, 3.0, "equal")
    assert mean_interval([0.0, 1.0, 1.0], "count").method == "exact"
    assert mean_interval([0.0, 1.0, 2.0], "count").method == "t_few"
    assert mean_interval([0.0, 1.0, 1.0], "amount").method == "t_few"
    assert difference_interval([0.0, 1.0], [1.0, 1.0], "count").method == "exact"


def test_sign_flip_bounds_are_the_centres_that_the_test_just_rejects():
    sample = np.array([0.3, -1.2, 2.5, 0.9, 4.0, 1.1, -0.4])

    def p_value(centre: float) -> float:
        gaps = sample - centre
        flipped = np.array([np.dot(signs, gaps) for signs in product((-1.0, 1.0), repeat=gaps.size)])
        return 2.0 * min((flipped >= gaps.sum()).mean(), (flipped <= gaps.sum()).mean())

    low, high = sign_flip(sample)
    assert p_value(low - 1e-9) <= 0.05 < p_value(low + 1e-9)
    assert p_value(high + 1e-9) <= 0.05 < p_value(high - 1e-9)


def test_bootstrap_t_is_that_of_resamples_drawn_one_by_one():
    sample = np.random.default_rng(3).lognormal(size=15)
    random, found = np.random.default_rng(4), []
    for _ in range(4000):
        drawn = random.choice(sample, sample.size)
        found.append((drawn.mean() - sample.mean()) / max(drawn.std(), 0.3 * sample.std()))
    low, high = np.quantile(found, (0.025, 0.975))
    expected = (sample.mean() - high * sample.std(), sample.mean() - low * sample.std())
    assert bootstrap_t(sample) == pytest.approx(expected, abs=0.02 * (expected[1] - expected[0]))
    assert bootstrap_t(sample) == bootstrap_t(sample.copy())


def test_the_shift_for_skew_is_that_of_the_bootstrap_in_a_large_sample():
    sample = np.random.default_rng(3).gamma(4.0, size=3000)
    width = np.ptp(student_t(sample))
    assert skew_t(sample) == pytest.approx(bootstrap_t(sample), abs=0.03 * width)
    assert skew_t(-sample) == pytest.approx([-bound for bound in reversed(skew_t(sample))])


def test_many_normal_values_have_the_interval_of_student():
    sample = np.random.default_rng(5).normal(size=100)
    assert mean_interval(sample)[1:3] == pytest.approx(student_t(sample), abs=0.02)


@pytest.mark.parametrize(("count", "n"), [(0, 5), (1, 10), (7, 12), (30, 30)])
def test_exact_bounds_of_a_probability_are_those_of_scipy(count, n):
    expected = stats.binomtest(count, n).proportion_ci(0.95, "exact")
    assert clopper_pearson(count, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize("n", [4, 5, 6, 12])
def test_paired_events_exclude_0_where_the_exact_test_of_mcnemar_rejects(n):
    for gained, lost in [(g, k) for g in range(n + 1) for k in range(n + 1 - g) if g + k]:
        low, high = paired_events(gained, lost, n)
        rejects = stats.binomtest(gained, gained + lost).pvalue <= 0.05
        assert (low > 0.0 or high < 0.0) == rejects
        assert low <= (gained - lost) / n <= high


@pytest.mark.parametrize("n", [5, 12])
def test_paired_events_cover_every_pair_of_probabilities(n):
    """Summed over all results that are possible, not simulated."""
    cells = [(g, k, n - g - k) for g in range(n + 1) for k in range(n + 1 - g)]
    bounds = np.array([paired_events(gained, lost, n) for gained, lost, _ in cells])
    for gain, lose in [(g, k) for g in np.linspace(0, 1, 11) for k in np.linspace(0, 1, 11) if g + k <= 1]:
        chance = stats.multinomial.pmf(cells, n, [gain, lose, max(0.0, 1.0 - gain - lose)])
        covered = (bounds[:, 0] <= gain - lose + 1e-9) & (gain - lose - 1e-9 <= bounds[:, 1])
        assert chance[covered].sum() >= 0.95


def test_no_bound_lies_where_a_value_cannot_lie():
    assert mean_interval([0.0, 1.0, 5.0], "amount").low == 0.0
    assert mean_interval([0.9, 1.0, 0.5], "share").high == 1.0
    assert mean_interval([0.0, 1.0, 5.0], "balance").low < 0.0
    # all that there was before is 1 on every seed: no more can be taken away
    assert difference_interval([0.0, 1.0, 0.0], [1.0, 1.0, 1.0], "amount").low == -1.0
    assert difference_interval([0.0, 0.1, 0.9], [1.0, 0.9, 1.0], "share").low >= -1.0


def _pairs(data: str, n: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float, str]:
    """A sample of each side, the true mean difference, and the kind of outcome."""
    nothing = np.zeros(n)
    if data == "normal":
        return random.normal(size=n), nothing, 0.0, "balance"
    if data == "heavy-tailed":
        return random.standard_t(3, size=n), nothing, 0.0, "balance"
    if data == "skewed":
        return random.lognormal(size=n), nothing, math.exp(0.5), "balance"
    happens = (random.random((2, n)) < 0.1).astype(float)
    if data == "event":
        return happens[0], happens[1], 0.0, "count"
    return nothing, happens[0] * random.lognormal(size=n), -0.1 * math.exp(0.5), "amount"


@pytest.mark.parametrize("n", [5, 12, 30, 200])
@pytest.mark.parametrize("data", ["normal", "heavy-tailed", "skewed", "event", "rare"])
def test_intervals_cover_the_true_difference(data, n):
    random, inside, repetitions = np.random.default_rng(1), 0, 300
    for _ in range(repetitions):
        ours, before, truth, kind = _pairs(data, n, random)
        _, low, high, _ = difference_interval(ours, before, kind)
        inside += low <= truth <= high
    measured = 100.0 * inside / repetitions
    if (data, n) in NOT_COVERED:
        assert measured == pytest.approx(NOT_COVERED[data, n], abs=5.0)
    else:
        assert 92.0 <= measured <= 98.0
