"""Capture: the contest's success function, common mode, and what decentralisation costs a bad actor."""

from math import comb, sqrt

import numpy as np
import pytest

from agentsim.core.streams import Streams
from agentsim.institutions.capture import CaptureParameters, Contest, capture_probability

TOWNS = tuple(f"municipality:Town {number}" for number in range(8))
ROOM = "power_control_room"
EFFORT = 4.0


def expected_loss_frac(principals: int, attacked: int, probability: float, common_mode: float) -> float:
    """Share of equal principals that is lost when *attacked* of them, one vendor's all, are tried.

    With beta = 0 it is m q / N, with beta = 1 it is 1 - (1 - q)^m (mechanisms S1, analytic check).
    """
    apart = attacked * probability / principals
    together = 1.0 - (1.0 - probability) ** attacked
    return (1.0 - common_mode) * apart + common_mode * together


def contest(common_mode: float, makers: int = 1) -> Contest:
    """Eight municipalities whose systems come from so many makers."""
    vendor = {town: f"maker {number % makers}" for number, town in enumerate(TOWNS)}
    return Contest(TOWNS, vendor, CaptureParameters(common_mode=common_mode))


def losses(rivals: Contest, efforts: dict[str, float], trials: int = 8000, seed: int = 1) -> np.ndarray:
    """Share of the principals that falls in each of so many independent contests, array (trials,)."""
    draw = Streams(seed).uniform("capture", 0, trials * rivals.draws).reshape(trials, rivals.draws)
    return np.array([len(rivals.fallen(efforts, row)) for row in draw]) / len(rivals.principals)


def assert_mean(sample: np.ndarray, expected: float) -> None:
    """The sample's mean is the expected one within four standard errors."""
    assert sample.mean() == pytest.approx(expected, abs=4.0 * sample.std() / sqrt(len(sample)) + 1e-12)


# ---- Tullock's contest: the worked values of mechanisms S1 ------------------------------------------


def test_equal_effort_takes_the_centre_every_second_time_and_a_town_more_often():
    rivals = Contest((ROOM, *TOWNS, "supplier:Gulf Petroleum"), {})
    chance = {name: capture_probability(EFFORT, rivals.security(name)) for name in rivals.principals}
    assert chance[ROOM] == 0.5
    assert chance[TOWNS[0]] == pytest.approx(0.727, abs=0.0005)
    assert chance["supplier:Gulf Petroleum"] == pytest.approx(4.0 / 6.0)


@pytest.mark.parametrize(("tried", "apart", "together"), [(1, 0.09, 0.73), (8, 0.25, 0.90)])
def test_one_effort_on_one_town_or_on_all_of_them(tried, apart, together):
    # the same effort in all, on one town or spread evenly over all eight
    chance = capture_probability(EFFORT / tried, CaptureParameters().security_municipality)
    assert expected_loss_frac(8, tried, chance, 0.0) == pytest.approx(apart, abs=0.005)
    assert expected_loss_frac(8, tried, chance, 1.0) == pytest.approx(together, abs=0.005)


def test_two_keys_at_two_security_levels():
    numbers = CaptureParameters()
    both = capture_probability(EFFORT / 2, numbers.security_control_room)
    both *= capture_probability(EFFORT / 2, numbers.security_municipality)
    assert both == pytest.approx(0.19, abs=0.005)


def test_more_effort_wins_more_often_with_falling_returns():
    chance = np.array([capture_probability(effort, 4.0) for effort in np.linspace(0.0, 40.0, 81)])
    gain = np.diff(chance)
    assert chance[0] == 0.0
    assert (gain > 0.0).all()
    assert (np.diff(gain) < 0.0).all()
    assert chance[-1] < 1.0


# ---- what the contest plays is what the formula expects ---------------------------------------------


@pytest.mark.parametrize("common_mode", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(("tried", "effort"), [(1, 4.0), (3, 1.0), (8, 0.5)])
def test_contests_lose_on_average_what_the_formula_expects(common_mode, tried, effort):
    sample = losses(contest(common_mode), dict.fromkeys(TOWNS[:tried], effort))
    chance = capture_probability(effort, CaptureParameters().security_municipality)
    assert_mean(sample, expected_loss_frac(8, tried, chance, common_mode))


def test_the_whole_law_of_a_common_mode_between_none_and_all():
    # beta is drawn apart from the falls: k of m fall (binomial), and with beta one fall is the fall of all 8
    beta, tried, chance = 0.3, 3, capture_probability(1.0, 1.5)
    law = np.zeros(9)
    for fell in range(tried + 1):
        p = comb(tried, fell) * chance**fell * (1.0 - chance) ** (tried - fell)
        law[fell] += p * (1.0 - beta) if fell else p
        law[8] += p * beta if fell else 0.0
    assert law.sum() == pytest.approx(1.0)
    exact = float(law @ np.arange(9) / 8.0)
    assert expected_loss_frac(8, tried, chance, beta) == pytest.approx(exact, abs=1e-12)
    sample = losses(contest(beta), dict.fromkeys(TOWNS[:tried], 1.0), trials=20000)
    seen = np.bincount(np.round(sample * 8).astype(int), minlength=9) / len(sample)
    assert seen == pytest.approx(law, abs=4.0 * sqrt(0.25 / len(sample)))
    assert (seen[law == 0.0] == 0.0).all()


def test_another_makers_systems_stay_standing():
    rivals = contest(common_mode=1.0, makers=2)
    draw = np.full(rivals.draws, 0.999)
    draw[2 + rivals.principals.index(TOWNS[2])] = 0.0
    draw[:2] = 0.0  # common mode strikes with both makers
    assert rivals.fallen({TOWNS[2]: 0.1}, draw) == TOWNS[::2]
    assert losses(rivals, {TOWNS[2]: 1.5}).max() == 0.5


def test_more_makers_mean_a_smaller_loss():
    # one town tried at even odds; with it fall the 8, 4, 2 or 1 towns of its maker
    for makers in (1, 2, 4, 8):
        assert_mean(losses(contest(1.0, makers), {TOWNS[0]: 1.5}), 0.5 / makers)


def test_who_has_a_system_of_its_own_falls_alone():
    rivals = Contest((ROOM, "water_control_room", *TOWNS), {}, CaptureParameters(common_mode=1.0))
    assert rivals.fallen({ROOM: 4.0}, np.zeros(rivals.draws)) == (ROOM,)


# ---- chance -----------------------------------------------------------------------------------------


def test_nobody_falls_untried_and_without_effort():
    rivals = contest(common_mode=1.0)
    assert rivals.fallen({}, np.zeros(rivals.draws)) == ()
    assert rivals.fallen({TOWNS[0]: 0.0}, np.zeros(rivals.draws)) == ()


def test_one_principal_more_in_the_contest_shifts_nobodys_lot():
    # a paired comparison: whoever falls under one attack falls under a wider one too
    rivals = contest(common_mode=0.0)
    for seed in range(50):
        draw = Streams(seed).uniform("capture", 0, rivals.draws)
        few = rivals.fallen(dict.fromkeys(TOWNS[:3], 1.0), draw)
        many = rivals.fallen(dict.fromkeys(TOWNS, 1.0), draw)
        assert few == tuple(town for town in many if town in TOWNS[:3])


def test_more_effort_never_loses_what_less_would_have_won():
    rivals = contest(common_mode=0.3)
    for seed in range(50):
        draw = Streams(seed).uniform("capture", 0, rivals.draws)
        weak, strong = (rivals.fallen(dict.fromkeys(TOWNS, effort), draw) for effort in (0.5, 5.0))
        assert set(weak) <= set(strong)
