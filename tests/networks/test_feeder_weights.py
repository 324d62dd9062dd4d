"""Serving feeder by feeder, and batteries of homes that serve neighbours in an island."""

import numpy as np
import pytest
from test_power import ASKED, BASIC, CALM, CUT_1, FEEDERS, PARTED_1, city, microgrid, same

from agentsim.networks.power.grid import PowerGrid
from agentsim.place.cases import RESIDENTIAL

TIER_WEIGHTS = (2.0, 1.0, 0.9, 0.6)
HALF = {"committed": np.array([True, False, False, False]), "fuel_mwh": np.array([25.0, 0, 0, 0])}


def test_feeders_of_one_tier_at_one_bus_may_be_worth_different_things():
    # both residential feeders of district 0 and 1, told apart although the tier is the same
    weights = np.array(TIER_WEIGHTS)[FEEDERS.tier]
    first, second = weights.copy(), weights.copy()
    homes = np.flatnonzero(FEEDERS.tier == RESIDENTIAL)
    first[homes[0]], second[homes[1]] = 1.2, 1.2
    basic = np.zeros(len(ASKED))
    short = []
    for chosen in (first, second):
        chosen = np.stack([chosen, chosen])
        scarce = HALF | {"fuel_mwh": np.array([15.0, 0, 0, 0])}
        service = city().serve(asked_mw=ASKED, basic_mw=basic, shed_weight=chosen, **scarce)
        assert service.delivered_mw.sum() == pytest.approx(15.0)
        short.append(service.shed_mw[homes])
    assert short[0][0] < 1e-6 < short[0][1]
    assert short[1][1] < 1e-6 < short[1][0]


def test_two_feeders_on_one_bus_and_tier():
    """Two districts share bus 1 and the tier; by tier they are short alike, by feeder one goes first."""
    from dataclasses import replace

    together = replace(FEEDERS, bus=np.full(8, 1))
    grid = PowerGrid(city().case, together, 2)
    alike = grid.serve(**CALM, **HALF)
    homes = np.flatnonzero(FEEDERS.tier == RESIDENTIAL)
    assert alike.shed_mw[homes[0]] == pytest.approx(alike.shed_mw[homes[1]])
    weights = np.array(TIER_WEIGHTS)[FEEDERS.tier]
    weights[homes[1]] = 0.5
    apart = grid.serve(**CALM, shed_weight=np.stack([weights, weights]), **HALF)
    assert apart.shed_mw[homes[0]] < 1e-6 < apart.shed_mw[homes[1]]


def test_equal_weights_serve_as_much_whichever_way_they_are_told():
    by_tier = city().serve(**CALM, shed_weight=TIER_WEIGHTS, **HALF)
    by_feeder = city().serve(**CALM, shed_weight=np.array(TIER_WEIGHTS)[FEEDERS.tier], **HALF)
    for tier in range(4):
        rows = FEEDERS.tier == tier
        assert by_feeder.delivered_mw[rows].sum() == pytest.approx(by_tier.delivered_mw[rows].sum())
    assert by_feeder.cost_jpy == pytest.approx(by_tier.cost_jpy)


def test_a_grid_goes_back_to_tiers_as_if_nothing_had_been():
    plain, switched = city(), city()
    switched.serve(**CALM, shed_weight=np.ones(8))
    plain.serve(**CALM, shed_weight=(1.0,) * 4)
    plain.serve(**CALM), switched.serve(**CALM)
    one, other = plain.serve(**CALM, **HALF), switched.serve(**CALM, **HALF)
    assert one.delivered_mw == pytest.approx(other.delivered_mw)
    assert one.cost_jpy == pytest.approx(other.cost_jpy)


# ---- batteries of neighbours ------------------------------------------------------------------------

LENT = np.where((FEEDERS.district == 1) & (FEEDERS.tier == RESIDENTIAL), 3.0, 0.0)


def test_outside_an_island_stored_energy_reaches_nobody_bit_for_bit():
    for hour in ({}, {"power_cut_off_frac": CUT_1}):
        assert same(
            city(microgrid()).serve(**CALM, **hour), city(microgrid()).serve(**CALM, **hour, stored_mw=LENT)
        )
    dark = city(microgrid()).serve(**CALM, power_cut_off_frac=CUT_1, stored_mw=LENT)
    assert not dark.delivered_mw[FEEDERS.district == 1].any()


def test_in_an_island_batteries_of_neighbours_add_to_the_microgrid():
    alone = city(microgrid()).serve(**CALM, power_cut_off_frac=CUT_1, islanded=PARTED_1)
    helped = city(microgrid()).serve(**CALM, power_cut_off_frac=CUT_1, islanded=PARTED_1, stored_mw=LENT)
    here = FEEDERS.district == 1
    gained = helped.delivered_mw[here].sum() - alone.delivered_mw[here].sum()
    saved = alone.store_discharge_mw.sum() - helped.store_discharge_mw.sum()
    assert gained + saved == pytest.approx(3.0)
    assert gained > 0.0
    assert helped.peer_mw.sum() == pytest.approx(3.0)
    assert alone.peer_mw is None


def test_the_sun_goes_before_batteries_and_what_is_not_needed_stays_in_them():
    sun = np.where(FEEDERS.district == 1, 2.0, 0.0)  # 8 MW
    hour = {"power_cut_off_frac": CUT_1, "islanded": PARTED_1, "solar_mw": sun, "basic_mw": BASIC / 4}
    service = city(microgrid()).serve(asked_mw=ASKED / 2, stored_mw=4 * LENT, **hour)
    here = FEEDERS.district == 1
    assert service.delivered_mw[here] == pytest.approx(ASKED[here] / 2)
    # 10 MW asked: 8 of sun, 2 of batteries, 10 stay where they are and are not thrown away
    charged = service.store_charge_mw.sum()
    assert service.solar_used_mw[here].sum() == pytest.approx(10.0 + charged)
    assert service.peer_mw.sum() == pytest.approx(2.0 + charged)
    assert service.curtailed_mw == pytest.approx(0.0, abs=1e-6)
