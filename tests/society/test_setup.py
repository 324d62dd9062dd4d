"""How a society is set up: the usual cost of generation, at which tariffs and loads are stated."""

from dataclasses import replace

import numpy as np
import pytest

from agentsim.core.units import KW_PER_MW
from agentsim.society.setup.institutions import usual_generation_jpy_per_kwh


@pytest.fixture(scope="module")
def three_units(bay_city):
    """A dear, a cheap and a medium unit, in this order; the medium unit's cost rises with its output."""
    cost = np.array([[0.0, 20e3, 0.0], [0.0, 2e3, 0.0], [10.0, 7e3, 0.0]])
    return replace(bay_city.grid, unit_max_mw=np.array([50.0, 100.0, 100.0]), unit_cost=cost)


# what the units cost at full output, per MWh: 20,000, 2,000 and 7,000 + 10 x 100 = 8,000
@pytest.mark.parametrize(
    ("load_mw", "jpy_per_kwh"),
    [
        ([60.0], 2.0),
        ([100.0], 2.0),
        ([150.0], (100 * 2.0 + 50 * 8.0) / 150),
        ([250.0], (100 * 2.0 + 100 * 8.0 + 50 * 20.0) / 250),
        # energy counts, not hours
        ([50.0, 150.0], (50 * 2.0 + 100 * 2.0 + 50 * 8.0) / 200),
    ],
)
def test_the_cheapest_units_serve_first(three_units, load_mw, jpy_per_kwh):
    found = usual_generation_jpy_per_kwh(three_units, np.array(load_mw))
    assert found == pytest.approx(jpy_per_kwh)


def test_a_higher_load_is_never_cheaper(bay_city):
    peak_mw = float(bay_city.feeders.peak_mw.sum())
    cost = [
        usual_generation_jpy_per_kwh(bay_city.grid, np.full(24, share * peak_mw))
        for share in (0.3, 0.5, 0.7, 0.9, 1.0)
    ]
    assert cost == sorted(cost)
    assert 1.0 < cost[0] < cost[-1] < 20.0


def test_the_tariff_of_the_first_day_is_the_margin_and_the_usual_cost(hamlet):
    society = hamlet()
    expected = society.usual_load_mw
    usual = usual_generation_jpy_per_kwh(society.place.grid, expected)
    assert society.market.power_jpy_per_kwh == pytest.approx(26.4 + usual)
    assert society.market.power_price_frac == 1.0


def test_the_usual_cost_does_not_depend_on_the_length_of_the_run(hamlet):
    prices = {hamlet(changes={"hours": hours}).market.power_jpy_per_kwh for hours in (24, 100, 500)}
    assert len(prices) == 1


def test_what_generation_costs_in_the_first_week_is_near_the_usual_cost(hamlet):
    # units held for reserve and started early make it dearer than the merit order
    society = hamlet(hours=168, changes={"mechanisms.failures": False})
    record = society.record
    lived = record.total("generation_jpy") / record.total("load_delivered_mw") / KW_PER_MW
    usual = usual_generation_jpy_per_kwh(society.place.grid, society.usual_load_mw)
    assert usual <= lived < 1.5 * usual
