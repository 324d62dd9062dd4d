"""Jobs follow wages; who loses one finds another after a time, at less pay."""

import pytest

from agentsim.institutions.employment import (
    EmploymentParameters,
    displaced,
    jobs_by_branch,
    still_looking,
    wages_lost_jpy,
)
from agentsim.institutions.lobbying import LobbyingParameters, delay_months, lost_profit_frac

NUMBERS = EmploymentParameters()


def test_what_is_paid_for_works_and_upkeep_pays_for_jobs_in_its_branch():
    found = jobs_by_branch({"owners": 4 * 4.6e6}, {"water_tariff": 20 * 4.6e6}, NUMBERS)
    assert found["construction"] == pytest.approx(1.0)
    assert found["water"] == pytest.approx(10.0)
    assert found["power"] == found["transport"] == found["public"] == 0.0


def test_half_of_those_who_lose_a_job_have_another_after_five_and_a_half_months():
    assert still_looking(100.0, 0.0, NUMBERS) == 100.0
    assert still_looking(100.0, 5.42, NUMBERS) == pytest.approx(50.0, rel=0.01)


def test_a_displaced_worker_misses_a_wage_and_then_a_part_of_it():
    month = NUMBERS.wage_jpy_per_y / 12.0
    never = EmploymentParameters(found_per_month=0.0)
    at_once = EmploymentParameters(found_per_month=1.0)
    assert wages_lost_jpy(1.0, 12.0, never) == pytest.approx(12.0 * month)
    assert wages_lost_jpy(1.0, 12.0, at_once) == pytest.approx(0.15 * 12.0 * month)
    assert 1.8 * month < wages_lost_jpy(1.0, 12.0, NUMBERS) < 12.0 * month


def test_no_job_goes_where_output_stays_and_none_twice():
    assert displaced(50.0, 1.0) == 0.0
    assert displaced(50.0, -1.0) == 50.0


def test_an_incumbent_that_loses_nothing_delays_nothing():
    numbers = LobbyingParameters()
    assert delay_months(lost_profit_frac(100.0, 100.0), numbers) == 0.0
    assert delay_months(lost_profit_frac(100.0, 50.0), numbers) == pytest.approx(12.0)
    assert delay_months(lost_profit_frac(100.0, -900.0), numbers) == numbers.longest_months
