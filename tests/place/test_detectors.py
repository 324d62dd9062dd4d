"""Detectors of traffic: how many are out of order, and that chance is paired by link."""

import numpy as np
import pytest

from agentsim.core.streams import Streams
from agentsim.place.detectors import Detectors, DetectorsParameters

OFTEN = DetectorsParameters(failures_per_y=365.25, repair_days=1.0)


def out_frac(detectors: Detectors, hours: int) -> float:
    return float(np.mean([detectors.out(hour) for hour in range(hours)]))


def test_the_share_out_of_order_is_that_of_a_two_state_process():
    # fails once a day on the mean, mended after a day on the mean: out half of the time
    assert out_frac(Detectors(np.ones(200, bool), Streams(1), OFTEN), 24 * 20) == pytest.approx(0.5, abs=0.03)


def test_a_road_without_a_detector_has_none_that_fails():
    equipped = np.arange(50) < 10
    detectors = Detectors(equipped, Streams(1), OFTEN)
    assert not any(detectors.out(hour)[~equipped].any() for hour in range(48))


def test_more_detectors_leave_the_others_as_they_were():
    few, all_ = (Detectors(np.arange(50) < n, Streams(1), OFTEN) for n in (10, 50))
    assert all((few.out(hour)[:10] == all_.out(hour)[:10]).all() for hour in range(48))


def test_asking_twice_gives_the_same():
    detectors = Detectors(np.ones(20, bool), Streams(3), OFTEN)
    later = detectors.out(30).copy()
    detectors.out(5)
    assert (detectors.out(30) == later).all()
