"""What is delivered to people and firms, as shares, against the same in array algebra."""

from types import SimpleNamespace

import numpy as np

from agentsim.core.numerics.shares import ratio
from agentsim.society.daily_life import add_unserved, divide_water
from agentsim.society.depots import handed_frac


def test_homes_drink_before_bulk_users_do() -> None:
    delivered_m3, home_m3 = np.array([0.0, 1.0, 3.0, 2.0]), np.array([2.0, 2.0, 2.0, 0.0])
    tap_frac = np.empty(4)
    divide_water(delivered_m3, home_m3, tap_frac)
    np.testing.assert_array_equal(tap_frac, ratio(np.minimum(delivered_m3, home_m3), home_m3))
    assert tap_frac.tolist() == [0.0, 0.5, 1.0, 1.0]


def test_a_depot_that_nobody_asks_hands_out_all() -> None:
    supply = SimpleNamespace(
        delivered_t=np.array([1.0, 0.0, 3.0, 0.0]), short_t=np.array([1.0, 2.0, 0.0, 0.0])
    )
    assert handed_frac(np.array([3, 0, 2, 1]), supply).tolist() == [1.0, 0.5, 1.0, 0.0]


def test_unserved_power_of_firms_is_that_of_their_feeders() -> None:
    rng, district = np.random.default_rng(4), np.array([1, 0, 1, 2, 0, 2, 2])
    firms, (shed, restricted, asked) = rng.random(7) < 0.5, rng.random((3, 7))
    unserved, whole = np.empty((2, 3))
    add_unserved(district, firms, shed, restricted, asked, unserved, whole)
    np.testing.assert_array_equal(unserved, np.bincount(district, (shed + restricted) * firms, 3))
    np.testing.assert_array_equal(whole, np.bincount(district, asked * firms, 3))
