"""Municipal islands: black start, order of supply, and help from neighbours' batteries."""

import numpy as np
import pytest

from agentsim.core.messages import Order
from agentsim.place.cases import CRITICAL, RESIDENTIAL

TOWN, ROW = "Southshore", 6
CUT = Order("power_control_room", f"breakers:{TOWN}", "restrict", 1.0)
BY_ANYBODY = {"mechanisms.control_graph": False, "mechanisms.failures": False, "hours": 96}
FIRST = 24


def besieged(hamlet, policies=("E-C2",), hours: int = 48, **changes):
    """Southshore's breakers are opened from the second day on; its municipality has a microgrid."""
    society = hamlet(policies, changes=BY_ANYBODY | changes)
    usual = society.orders
    society.orders = lambda: [*usual(), *([CUT] if society.hour >= FIRST else [])]
    return society.run(hours)


def test_a_black_start_that_always_fails_leaves_the_district_dark(hamlet):
    started = besieged(hamlet, **{"municipalities.black_start_failure": 0.0})
    failed = besieged(hamlet, **{"municipalities.black_start_failure": 1.0})
    unserved = [s.record.at["power_unserved_mwh"][FIRST:48, ROW].sum() for s in (started, failed)]
    asked = failed.record.at["power_asked_mwh"][FIRST:48, ROW].sum()
    assert unserved[0] < unserved[1] == pytest.approx(asked)


def test_a_black_start_that_fails_is_tried_again(hamlet):
    """With a failure chance of 0.7 the island starts later."""
    seeds = []
    for seed in (1, 2, 3):
        society = hamlet(
            ["E-C2"], seed=seed, changes={**BY_ANYBODY, "municipalities.black_start_failure": 0.7}
        )
        usual = society.orders
        society.orders = lambda usual=usual, society=society: [
            *usual(),
            *([CUT] if society.hour >= FIRST else []),
        ]
        society.run(FIRST)
        begun = []
        for _ in range(12):
            society.step()
            begun.append(bool(society.last.permitted.islanded[ROW]))
        assert begun == sorted(begun), "a running island goes on"
        seeds.append(begun.index(True) if any(begun) else 12)
    assert max(seeds) > 1
    assert min(seeds) < 12


def test_without_enough_energy_no_island_is_begun(hamlet):
    society = besieged(hamlet, **{"municipalities.least_cover_h": 50.0})
    assert not society.last.permitted.islanded[ROW]
    asked = society.record.at["power_asked_mwh"][FIRST:48, ROW].sum()
    assert society.record.at["power_unserved_mwh"][FIRST:48, ROW].sum() == pytest.approx(asked)


def test_hospital_and_pumps_come_before_homes(hamlet):
    society = besieged(hamlet, hours=FIRST + 3, **{"municipalities.black_start_failure": 0.0})
    power, feeders = society.service.power, society.place.feeders
    here = feeders.district == ROW

    def served(tier: int) -> float:
        rows = here & (feeders.tier == tier)
        return float(power.delivered_mw[rows].sum() / society.last.demand.power_asked_mw[rows].sum())

    assert society.last.permitted.islanded[ROW]
    assert served(CRITICAL) > 0.99
    assert served(RESIDENTIAL) < served(CRITICAL)


def with_batteries(society):
    """Give every third home of the district a full battery."""
    power = society.population.power
    rows = np.flatnonzero(society.population.homes.district == ROW)[::3]
    power.battery_kwh[rows], power.battery_kw[rows], power.soc_kwh[rows] = 12.5, 5.0, 12.5
    power._battery_rows = np.flatnonzero(power.battery_kwh > 0)
    return society


@pytest.mark.parametrize("microgrid", [True, False])
def test_trade_between_homes_delivers_within_an_energised_island_and_nowhere_else(hamlet, microgrid):
    """E-C1: less unserved and less suffered in an island; without one exactly nothing, bit for bit."""
    unserved, suffered, stored = [], [], []
    for trades in (True, False):
        policies = [*(["E-C1"] if trades else []), *(["E-C2"] if microgrid else [])]
        numbers = {"municipalities.black_start_failure": 0.0, "mechanisms.charges": False}
        society = hamlet(policies, changes=BY_ANYBODY | numbers)
        usual = society.orders
        society.orders = lambda usual=usual, society=society: [
            *usual(),
            *([CUT] if society.hour >= FIRST else []),
        ]
        with_batteries(society.run(FIRST)).run(12)
        unserved.append(society.record.at["power_unserved_mwh"][FIRST:36])
        suffered.append(society.record.at["deprivation_h"][:36, ROW].sum())
        stored.append(society.population.power.soc_kwh.sum())
    if microgrid:
        assert unserved[0][:, ROW].sum() < unserved[1][:, ROW].sum()
        assert suffered[0] < 0.8 * suffered[1]
        assert stored[0] < stored[1]
    else:
        assert unserved[0].tobytes() == unserved[1].tobytes()
        assert suffered[0] == suffered[1]
        assert stored[0] == stored[1]
