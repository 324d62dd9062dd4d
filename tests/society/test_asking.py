"""What people and firms ask together, against the same sums in array algebra."""

import numpy as np

from agentsim.agents.households.power_rules import ASKED, BASIC, SPARE, WANTED
from agentsim.society.asking import draw_goods, driven_km, join_loads


def test_loads_of_homes_and_firms_are_joined_feeder_by_feeder() -> None:
    rng, weight = np.random.default_rng(1), 7.3
    homes_kw, firms_mw, critical = rng.random((4, 50)), rng.random(50), rng.random(50) < 0.5
    power_mw, homes_mw = np.empty((4, 50)), homes_kw * weight / 1000.0
    join_loads(homes_kw, weight, firms_mw, critical, power_mw)
    np.testing.assert_array_equal(power_mw[WANTED], firms_mw + homes_mw[WANTED])
    np.testing.assert_array_equal(power_mw[ASKED], firms_mw + homes_mw[ASKED])
    np.testing.assert_array_equal(power_mw[BASIC], np.where(critical, firms_mw, 0.0) + homes_mw[BASIC])
    np.testing.assert_array_equal(power_mw[SPARE], homes_mw[SPARE])


def test_distance_is_driven_where_a_road_leads_and_counts_where_it_begins() -> None:
    rng, district = np.random.default_rng(2), np.array([1, 0, 1, 2, 0, 2])
    vehicles, skim_km = rng.random((6, 6)), rng.random((6, 6))
    skim_km[2, 3] = np.inf
    found, reached_km = np.empty(3), np.where(np.isfinite(skim_km), skim_km, 0.0)
    driven_km(vehicles, skim_km, district, np.empty(36), found)
    np.testing.assert_array_equal(found, np.bincount(district, (vehicles * reached_km).sum(axis=1), 3))


def test_districts_draw_from_depots_of_their_own_beside_spare_parts() -> None:
    rng, parts_t, goods_t = np.random.default_rng(3), np.array([0.0, 0.0, 0.5, 0.0, 0.0]), np.empty(5)
    fuel, food, (petrol_t, food_t) = np.array([1, 0]), np.array([3, 4]), rng.random((2, 2))
    draw_goods(parts_t, fuel, petrol_t, food, food_t, goods_t)
    np.testing.assert_array_equal(goods_t, [petrol_t[1], petrol_t[0], 0.5, *food_t])
