"""Deterrence: what inspectors see, where they are let in, and what they write down."""

import numpy as np
import pytest

from agentsim.core.charter import Payoffs
from agentsim.core.streams import Streams
from agentsim.institutions.deterrence import DeterrenceParameters, Inspectorate

DAYS = 6000
ABUSED = np.array([False, True, False, False, False])  # four districts, and what serves the whole city
CLEAN = np.zeros(5, dtype=bool)


def visits(payoffs: Payoffs, abused: np.ndarray = ABUSED, **numbers) -> list:
    inspectorate = Inspectorate(payoffs, 4, Streams(2), DeterrenceParameters(**numbers))
    networks = dict.fromkeys(payoffs.inspected_networks, abused)
    return [visit for day in range(DAYS) for visit in inspectorate.visits(24 * day, networks)]


def payoffs(**more) -> Payoffs:
    given = {"inspected_networks": ("water",), "inspections_per_month": 4.0, "independence": 1.0}
    return Payoffs(**{**given, "access_frac": 1.0, **more})


def test_inspections_come_as_often_as_the_charter_says_spread_over_the_networks():
    months = DAYS / (8760 / 12 / 24)
    assert len(visits(payoffs())) / months == pytest.approx(4.0, rel=0.1)
    both = visits(payoffs(inspected_networks=("power", "water")))
    assert len(both) / months == pytest.approx(4.0, rel=0.1)
    assert visits(payoffs(inspected_networks=())) == []


def test_abuse_is_reported_where_inspectors_go_and_as_often_as_they_see_it():
    made = visits(payoffs(), districts_per_visit=2, inspection_hit=0.8)
    assert {len(visit.districts) for visit in made} == {2}
    reported = np.mean([visit.reported == (1,) for visit in made])
    assert reported == pytest.approx(2 / 4 * 0.8, abs=0.06)
    assert all(1 in visit.districts for visit in made if visit.reported)


def test_city_wide_assets_are_looked_at_wherever_inspectors_go():
    city = np.array([False, False, False, False, True])
    made = visits(payoffs(), city, districts_per_visit=1, inspection_hit=1.0)
    assert {visit.reported for visit in made} == {(-1,)}


@pytest.mark.parametrize("independence", [0.0, 0.5])
def test_a_dependent_inspector_sees_and_does_not_say(independence):
    made = visits(payoffs(independence=independence), districts_per_visit=4, inspection_hit=1.0)
    assert np.mean([bool(visit.reported) for visit in made]) == pytest.approx(independence, abs=0.06)


def test_only_a_host_with_something_to_hide_turns_inspectors_away():
    guarded = payoffs(access_frac=0.3)
    assert np.mean([visit.turned_away for visit in visits(guarded)]) == pytest.approx(0.7, abs=0.06)
    assert not any(visit.turned_away for visit in visits(guarded, CLEAN))
    assert not any(visit.reported for visit in visits(guarded, CLEAN))


def test_inspectors_punish_what_they_inspect_and_a_law_without_them_everything():
    water = Payoffs(inspected_networks=("water",), sanction=80.0)
    assert [water.punish(name) for name in ("water", "institutions", "power")] == [True, True, False]
    assert Payoffs(sanction=80.0).punish("power")
    assert not Payoffs(inspected_networks=("water",)).punish("water")
