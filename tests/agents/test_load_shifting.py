"""Load that waits: how much, for how long, and what its return does."""

import numpy as np
import pytest

from agentsim.agents.households.load_shifting import LoadShift, LoadShiftingParameters, peak_reduction
from agentsim.agents.households.parameters import HouseholdsParameters

SHAPE = np.array(HouseholdsParameters().power_shape)
DRAW = (np.arange(1000) + 0.5) / 1000
FLAT = np.ones(24)


def day(shift: LoadShift, shape=SHAPE, called=()) -> np.ndarray:
    """Share of each home's load by hour of the second day, (24, households)."""
    shares = [shift.frac(hour % 24, shape[hour % 24], hour in called) for hour in range(48)]
    return np.array(shares[24:])


def test_without_meters_and_devices_nothing_waits():
    assert (day(LoadShift(DRAW, 0.0, 0.0, 4.0)) == 1.0).all()
    assert (day(LoadShift(DRAW, 1.0, 1.0, 1.0)) == 1.0).all(), "one price for all hours"


def test_the_answer_follows_the_arc_and_devices_answer_more():
    shift, p = LoadShift(DRAW, 0.9, 0.3, 3.0), LoadShiftingParameters()
    at_peak = day(shift)[18]
    assert at_peak[:300] == pytest.approx(1.0 - peak_reduction(3.0, True, p))
    assert at_peak[300:900] == pytest.approx(1.0 - peak_reduction(3.0, False, p))
    assert (at_peak[900:] == 1.0).all()


def test_seventy_per_cent_of_what_waits_returns_within_six_hours_and_the_rest_never():
    # flat load, so that shares are energy; all returns before the next dear hours
    shares = day(LoadShift(DRAW, 1.0, 1.0, 3.0), FLAT)[:, 0]
    held = (1.0 - shares[shares < 1.0]).sum()
    came = (shares[shares > 1.0] - 1.0).sum()
    assert came == pytest.approx(0.7 * held)
    back = np.flatnonzero(shares > 1.0)
    assert sorted(back) == [0, 1, 2, 3, 22, 23], "from the end of the dear hours on"


def test_a_mild_answer_lowers_the_peak_and_a_strong_one_that_returns_at_once_makes_a_new_one():
    def load(devices: float, ratio: float, first_frac: float) -> np.ndarray:
        numbers = LoadShiftingParameters(return_first_frac=first_frac)
        return SHAPE * day(LoadShift(DRAW, 1.0, devices, ratio, numbers)).mean(axis=1)

    assert load(0.3, 2.0, 0.35).max() < SHAPE.max()
    at_once, spread = load(1.0, 4.0, 0.8), load(1.0, 4.0, 1 / 6)
    assert at_once.argmax() == 22, "the first hour after the dear ones"
    assert at_once.max() > 1.1 * SHAPE.max()
    assert at_once.max() > spread.max() + 0.2


def test_a_call_holds_back_controllable_load_only_and_it_returns():
    shift = LoadShift(DRAW, 0.0, 0.4, 1.0)
    shares = day(shift, FLAT, called=(33, 34))
    assert shares[9:11, :400] == pytest.approx(0.7)
    assert (shares[:, 400:] == 1.0).all()
    assert (shares[11:17, 0] - 1.0).sum() == pytest.approx(0.7 * 0.3 * 2)


def test_a_second_call_postpones_what_was_due_and_loses_none_of_it():
    shift = LoadShift(DRAW, 0.0, 1.0, 1.0)
    shares = day(shift, FLAT, called=(33, 35))[:, 0]
    assert (shares - 1.0)[shares > 1.0].sum() == pytest.approx(0.7 * 0.6)


def test_the_elasticity_is_recovered_from_what_homes_ask():
    # regression of the reduction on the logarithm of the price ratio, from output alone
    ratios = np.array([1.5, 2.0, 3.0, 4.0, 6.0])
    for devices, slope in ((0.0, 0.065), (1.0, 0.111)):
        cut = [1.0 - day(LoadShift(DRAW, 1.0, devices, ratio))[18].mean() for ratio in ratios]
        found, base = np.polyfit(np.log(ratios), cut, 1)
        assert (found, base) == pytest.approx((slope, 0.011), rel=1e-6)


def test_the_usual_day_is_what_is_lived_without_calls():
    shift = LoadShift(DRAW, 0.9, 0.3, 2.5)
    usual = shift.usual_frac(SHAPE)
    assert usual == pytest.approx(day(shift).mean(axis=1))
