"""Automated cars on the road: mixed capacity, and what they drive without anybody."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentsim.networks.roads.automated import AutomatedCarsParameters, capacity_factor, sent_home_veh

CLOSE, FAR = (AutomatedCarsParameters(automated_headway_s=tau) for tau in (0.5, 1.5))


def test_capacities_of_levin_and_boyles():
    # 30 mph, 20 ft, headways 1 s and 0.5 s: 44 ft/s / (44 ft + 20 ft) and / (22 ft + 20 ft)
    p = AutomatedCarsParameters(speed_km_per_h=48.28, vehicle_m=6.096)
    assert capacity_factor(1.0, p) == pytest.approx(64.0 / 42.0, rel=1e-3)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_close_followers_raise_capacity_and_careful_ones_lower_it(one, other):
    low, high = sorted((one, other))
    assert capacity_factor(low, CLOSE) <= capacity_factor(high, CLOSE)
    assert capacity_factor(low, FAR) >= capacity_factor(high, FAR)
    assert capacity_factor(0.0, CLOSE) == capacity_factor(0.0, FAR) == 1.0


def test_a_car_that_is_sent_home_drives_the_way_it_came():
    trips = np.array([[0.0, 100.0], [20.0, 0.0]])
    back = sent_home_veh(trips, AutomatedCarsParameters(sent_home_frac=0.15))
    assert back.tolist() == [[0.0, 3.0], [15.0, 0.0]]
    assert not sent_home_veh(trips, AutomatedCarsParameters(sent_home_frac=0.0)).any()
