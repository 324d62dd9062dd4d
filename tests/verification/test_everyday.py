"""Everyday interruptions: what customers of Bay City's feeders see when nothing but failures happens."""

import numpy as np
import pytest

from agentsim.agents.households.population import Population
from agentsim.core.charter import Stock
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_YEAR
from agentsim.place.cases import RESIDENTIAL, Place
from agentsim.place.failures import Failures

SEEDS = range(1, 13)


@pytest.fixture(scope="module")
def years(bay_city: Place) -> np.ndarray:
    """Hours out of order and interruptions of each feeder in a year, array (seeds, 2, feeders)."""
    found = []
    for seed in SEEDS:
        failures = Failures(bay_city.grid, bay_city.feeders, np.zeros(0), Streams(seed))
        out = np.array([failures.at(hour).feeders_out for hour in range(HOURS_PER_YEAR)])
        begins = out[1:] & ~out[:-1]
        found.append([out.sum(axis=0), begins.sum(axis=0) + out[0]])
    return np.array(found, dtype=float)


@pytest.fixture(scope="module")
def customers(bay_city: Place) -> np.ndarray:
    """Share of the households on each feeder, array (feeders,)."""
    feeder = Population(bay_city, 3000, Stock(), Streams(1)).homes.feeder
    return np.bincount(feeder, minlength=len(bay_city.feeders)) / len(feeder)


def test_saidi_is_that_of_a_japanese_customer(years, customers):
    """0.3 h a year [M]; Japanese utilities outside disaster years lie between 0.15 and 0.6."""
    saidi_h = years[:, 0] @ customers
    assert 0.15 < saidi_h.mean() < 0.6


def test_an_interruption_lasts_hours_and_comes_every_ten_years_or_so(years, customers):
    saidi_h, saifi = (years[:, row].mean(axis=0) @ customers for row in (0, 1))
    assert 0.04 < saifi < 0.2
    assert 2.0 < saidi_h / saifi < 6.0


def test_only_the_calibration_sets_the_level(years, bay_city: Place):
    """The rate per km is found from repair time and length; a simulated year must give it back."""
    feeders = bay_city.feeders
    weight = np.where(feeders.tier == RESIDENTIAL, feeders.peak_mw, 0.0)
    saidi_h = years[:, 0] @ (weight / weight.sum())
    error = saidi_h.std(ddof=1) / np.sqrt(len(saidi_h))
    assert abs(saidi_h.mean() - 0.3) < 3 * error
