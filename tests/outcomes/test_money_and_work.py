"""Outcomes of outages, bills, work and carbon dioxide on records written by hand."""

import math

import numpy as np
import pytest
from test_outcomes import closing, record, value

from agentsim.core.charter import Charge
from agentsim.core.units import HOURS_PER_MONTH, HOURS_PER_YEAR
from agentsim.outcomes import Record
from agentsim.outcomes.environment import CarbonParameters, embodied_kg_per_y
from agentsim.outcomes.record import BY_CITY, BY_DISTRICT


def outages_of(*unserved_mwh: float) -> Record:
    """One hour after the other, all of it in the second district."""
    book = Record(("North", "South"), len(unserved_mwh))
    for lost in unserved_mwh:
        at = {name: np.zeros(2) for name in BY_DISTRICT} | {"power_unserved_mwh": np.array([0.0, lost])}
        book.add(at, dict.fromkeys(BY_CITY, 0.0))
    book.closing = closing()
    return book


def test_hours_without_a_break_are_one_outage():
    book = outages_of(1.0, 0.0, 2.0, 3.0, 4.0, 0.0, 1.0)
    assert value("outages", book) == 3.0
    assert value("largest_outage_mwh", book) == 9.0
    assert value("ens_mwh", book) == 11.0


def test_the_tail_tells_rare_large_outages_from_frequent_small_ones():
    alike = outages_of(*[1.0, 0.0] * 20)
    one_large = outages_of(*[1.0, 0.0] * 19, 181.0)
    assert value("ens_largest_tenth_frac", alike) == pytest.approx(0.1)
    assert value("ens_largest_tenth_frac", one_large) == pytest.approx(182.0 / 200.0)


def test_the_length_of_an_interruption_is_saidi_over_saifi():
    end = closing(dark_h=np.array([6.0, 0.0, 0.0, 0.0]), interruptions=np.array([3.0, 1.0, 0.0, 0.0]))
    assert value("caidi_h", record(end=end)) == pytest.approx(1.5)
    assert math.isnan(value("caidi_h", record()))


def test_bills_are_told_by_income():
    month = HOURS_PER_MONTH / 2
    bills = np.arange(20) // 2 * 1000.0 / month
    book = record(end=closing(rows=20, decile=np.arange(20) // 2, bill_jpy=bills))
    assert value("bill_lowest_decile_jpy_per_month", book) == pytest.approx(0.0)
    assert value("bill_highest_decile_jpy_per_month", book) == pytest.approx(9000.0)


def test_that_rich_homes_own_more_panels_does_not_make_the_bills_of_others_lower():
    """Every home pays by its income alone; among the rich nearly all own panels."""
    decile = np.repeat(np.arange(10), 10)
    owns = np.arange(100) % 10 < decile
    bills = (1.0 + decile) * 1000.0 * 2.0 / HOURS_PER_MONTH
    few, many = (
        record(end=closing(rows=100, decile=decile, bill_jpy=bills, prosumes=mask))
        for mask in (np.arange(100) % 10 == 0, owns)
    )
    assert value("bill_others_jpy_per_month", few) == pytest.approx(5500.0)
    assert value("bill_others_jpy_per_month", many) == pytest.approx(5500.0)
    nobody = record(end=closing(prosumes=np.zeros(4, dtype=bool)))
    assert math.isnan(value("bill_adopters_jpy_per_month", nobody))


def test_jobs_are_what_measures_bring_less_what_they_displace():
    end = closing(jobs_brought={"power": 5.0, "water": 2.0}, jobs_displaced_by={"power": 12.0})
    book = record(end=end)
    assert value("jobs_power", book) == pytest.approx(-7.0)
    assert value("jobs_water", book) == pytest.approx(2.0)
    assert value("jobs_displaced", book) == pytest.approx(12.0)


def test_equipment_is_made_once_and_its_carbon_dioxide_is_spread_over_its_life():
    numbers = CarbonParameters()
    solar = Charge("home solar", "owners", "added_pv_homes", 1e6, 20.0, 0.0)
    room = Charge("a control room", "local_tax", "districts", 250e6, 15.0, 40e6)
    quantity = {"added_pv_homes": 1000.0, "districts": 8.0}
    solar_kg = embodied_kg_per_y([solar], quantity, {"added_pv_homes": 4.5}, numbers)
    assert solar_kg == pytest.approx(1000 * 4.5 * 1500.0 / 20.0)
    both_kg = embodied_kg_per_y([solar, room], quantity, {"added_pv_homes": 4.5}, numbers)
    assert both_kg - solar_kg == pytest.approx(8 * 250e6 * 0.0025 / 15.0)


def test_the_three_parts_of_carbon_dioxide_do_not_overlap():
    end = closing(
        embodied_kg_per_y=HOURS_PER_YEAR * 1000.0, upstream_power_frac=0.1, upstream_petrol_frac=0.2
    )
    book = record(hours=2, end=end, power_co2_t=10.0, road_fuel_t=1.0)
    assert value("co2_t", book) == pytest.approx(2 * (10.0 + 3.1))
    assert value("co2_embodied_t", book) == pytest.approx(2.0)
    assert value("co2_exported_t", book) == pytest.approx(2 * (1.0 + 0.62))
