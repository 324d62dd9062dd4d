"""Firms: what a sector loses without power, without water and without both."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentsim.agents.firms import Firms, FirmsParameters
from agentsim.core.calendar import Calendar
from agentsim.place.cases import RESIDENTIAL, SECTORS

# no power, no water, neither: InfraRisk's table as mechanisms S16 gives it
S16 = {
    "manufacturing": (0.95, 0.45, 0.97),
    "retail": (0.79, 0.42, 0.80),
    "health": (0.68, 0.48, 0.81),
    "lodging_and_food": (0.80, 0.50, 0.85),
    "information": (0.75, 0.16, 0.81),
}
SHARE = st.floats(0.0, 1.0)


@pytest.fixture(scope="module")
def firms(bay_city) -> Firms:
    return Firms(bay_city)


def lost(firms: Firms, dark: float, dry: float) -> np.ndarray:
    """Share of each sector's output that is lost, array (sectors,)."""
    return 1.0 - firms.output_frac(np.array([dark]), np.array([dry]))[0]


def test_full_cuts_give_the_measured_cases(firms: Firms) -> None:
    for sector, (without_power, without_water, without_both) in S16.items():
        row = SECTORS.index(sector)
        assert lost(firms, 0.0, 0.0)[row] == 0.0
        assert lost(firms, 1.0, 0.0)[row] == pytest.approx(without_power)
        assert lost(firms, 0.0, 1.0)[row] == pytest.approx(without_water)
        assert lost(firms, 1.0, 1.0)[row] == pytest.approx(without_both)


def test_power_and_water_are_never_added(firms: Firms) -> None:
    """0.95 + 0.45 would leave a factory with less than nothing."""
    alone = lost(firms, 1.0, 0.0) + lost(firms, 0.0, 1.0)
    both = lost(firms, 1.0, 1.0)
    assert (both < alone).all()
    assert (both <= 1.0).all()


@given(SHARE, SHARE)
def test_losses_stay_between_nothing_and_both(firms: Firms, dark: float, dry: float) -> None:
    loss = lost(firms, dark, dry)
    assert (loss >= -1e-12).all()
    assert (loss <= lost(firms, 1.0, 1.0) + 1e-12).all()


@given(SHARE, SHARE, SHARE)
def test_a_wider_cut_never_helps(firms: Firms, dark: float, more: float, dry: float) -> None:
    wider = dark + more * (1.0 - dark)
    assert (lost(firms, wider, dry) >= lost(firms, dark, dry) - 1e-12).all()
    assert (lost(firms, dry, wider) >= lost(firms, dry, dark) - 1e-12).all()


def test_half_a_district_dark_loses_half(firms: Firms) -> None:
    assert lost(firms, 0.5, 0.0) == pytest.approx(0.5 * lost(firms, 1.0, 0.0))


def test_the_defaults_keep_both_at_least_as_bad_as_either() -> None:
    p = FirmsParameters()
    rows = (p.loss_without_power, p.loss_without_water, p.loss_without_both)
    assert {len(row) for row in rows} == {len(SECTORS)}
    assert all(both >= max(power, water) for power, water, both in zip(*rows, strict=True))


def test_output_is_proportional_to_attendance(firms: Firms, bay_city) -> None:
    served = np.zeros(len(bay_city.districts))
    made, usual = firms.produce(served, served, attendance=np.ones(len(served)))
    np.testing.assert_allclose(made, usual)
    np.testing.assert_allclose(usual, bay_city.districts.value_added_jpy_per_h.sum(axis=1))
    attendance = np.linspace(0.0, 1.0, len(served))
    made, _ = firms.produce(served, served, attendance)
    np.testing.assert_allclose(made, attendance * usual)


def test_a_cut_stays_in_its_district(firms: Firms, bay_city) -> None:
    dark = np.zeros(len(bay_city.districts))
    dark[2] = 1.0
    made, usual = firms.produce(dark, np.zeros_like(dark), np.ones_like(dark))
    assert made[2] < 0.5 * usual[2]
    np.testing.assert_allclose(np.delete(made, 2), np.delete(usual, 2))


def test_firms_load_no_home_feeder_and_peak_at_its_size(firms: Firms, bay_city) -> None:
    calendar = Calendar(date(2030, 1, 1))
    load = np.array([firms.power_mw(hour, calendar) for hour in range(8760)])
    homes = bay_city.feeders.tier == RESIDENTIAL
    assert not load[:, homes].any()
    np.testing.assert_allclose(load[:, ~homes].max(axis=0), bay_city.feeders.peak_mw[~homes], rtol=1e-6)


@pytest.mark.parametrize("year", range(2024, 2037))
def test_firms_rest_on_saturdays_and_sundays_over_new_year_too(firms: Firms, bay_city, year: int) -> None:
    calendar = Calendar(date(year, 12, 1))
    peak_mw = bay_city.feeders.peak_mw[bay_city.feeders.tier != RESIDENTIAL].sum()
    for day in range(100):  # into March, over a 29 February
        busiest = max(firms.power_mw(24 * day + hour, calendar).sum() for hour in range(24))
        of_the_week = busiest / (peak_mw * bay_city.load_shape[calendar.week(24 * day)].max())
        assert (of_the_week < 0.85) == (calendar.date(24 * day).isoweekday() in (6, 7)), calendar.date(
            24 * day
        )


def test_bulk_users_take_their_mean_over_the_day_and_most_of_it_by_day(firms: Firms, bay_city) -> None:
    day = np.array([firms.water_m3_per_h(hour) for hour in range(24)])
    water = bay_city.water
    np.testing.assert_allclose(day.mean(axis=0), water.junction_demand_m3_per_h * water.junction_bulk_frac)
    assert 8 <= int(day.sum(axis=1).argmax()) < 18
    np.testing.assert_array_equal(firms.water_m3_per_h(30), day[6])


def test_work_is_done_on_weekdays_from_nine_to_six(firms: Firms) -> None:
    assert [hour for hour in range(24) if firms.at_work(hour, weekday=2)] == list(range(9, 18))
    assert not any(firms.at_work(hour, weekday) for hour in range(24) for weekday in (5, 6))
