"""Works on mains: what they replace, which roads they close, and that nobody is cut off by them."""

import numpy as np
import pytest

from agentsim.agents.officers.leak_repair import Burst
from agentsim.agents.officers.renewal import Renewal, streets_over
from agentsim.core.streams import Streams
from agentsim.place.mains import Mains, MainsParameters

BUSY = {"mains.renewal_frac_per_y": 1.0, "place.households": 50}


def works(bay_city, streets=None, frac_per_y=0.5, **numbers) -> Renewal:
    mains = Mains(bay_city.water.junction_pipe_km, Streams(1), 0.15, MainsParameters(**numbers))
    return Renewal(mains, bay_city.roads, streets or [()] * len(mains.km), frac_per_y)


def test_a_years_budget_is_a_share_of_the_mains(bay_city):
    one = works(bay_city, frac_per_y=0.05)
    built = 0.0
    for hour in range(8760):
        begun, _ = one.step(hour)
        built += sum(site.km for site in begun)
    assert built == pytest.approx(0.05 * one.mains.km.sum(), abs=one.mains.parameters.works_site_km)


def test_a_site_is_where_the_main_is_oldest_and_lasts_as_its_length(bay_city):
    one = works(bay_city)
    begun, hour = [], 0
    while not begun:
        begun, _ = one.step(hour)
        hour += 1
    assert begun[0].junction == one.mains.oldest()
    assert begun[0].ends - (hour - 1) == pytest.approx(24.0 * 1000.0 * begun[0].km / 20.0)


def test_streets_lie_over_the_mains_that_join_their_zones(bay_city):
    zone, roads = bay_city.water.junction_zone, bay_city.roads
    link = 0
    a, b = int(roads.link_from[link]), int(roads.link_to[link])
    ends = np.array([np.flatnonzero(zone == a)[0]]), np.array([np.flatnonzero(zone == b)[0]])
    over = streets_over(*ends, zone, roads)
    assert set(over[ends[0][0]]) == set(over[ends[1][0]])
    for one in over[ends[0][0]]:
        assert {int(roads.link_from[one]), int(roads.link_to[one])} == {a, b}
    assert sum(bool(links) for links in over) == 2


def test_the_only_road_to_a_zone_stays_open(bay_city):
    roads = bay_city.roads
    zone = int(np.argmin(np.bincount(roads.link_to, minlength=len(roads.zone_x_km))))
    all_of_it = tuple(np.flatnonzero((roads.link_from == zone) | (roads.link_to == zone)).tolist())
    one = works(bay_city, [all_of_it] * len(bay_city.water.junction_id))
    for hour in range(500):
        one.step(hour)
    assert one.sites
    assert one.closed_links() is None


def test_works_close_roads_and_people_drive_round(hamlet):
    calm, busy = hamlet(hours=72, changes={"place.households": 50}), hamlet(hours=72, changes=BUSY)
    assert calm.outcomes["road_works_h"] == 0.0 < busy.outcomes["road_works_h"]
    assert busy.outcomes["delay_h_per_trip"] > calm.outcomes["delay_h_per_trip"]
    assert busy.outcomes["trips_stranded"] == 0.0
    told = [event for event in busy.events if event.what == "works_on_mains_begin"]
    assert told
    assert all(event.fields["renewed_m"] <= 200.0 for event in told)


def test_new_mains_are_younger(hamlet):
    old, new = (
        hamlet(hours=96, changes=BUSY | {"mains.works_m_per_day": 1000.0} | extra)
        for extra in ({"mains.renewal_frac_per_y": 0.0}, {})
    )
    assert new.outcomes["pipe_age_y"] < 0.99 * old.outcomes["pipe_age_y"]
    assert new.outcomes["mains_overdue_frac"] <= old.outcomes["mains_overdue_frac"]
    assert [event.what for event in new.events].count("works_on_mains_end") >= 2


def test_a_leak_on_a_main_that_is_replaced_is_gone(hamlet):
    society = hamlet(changes=BUSY)
    utility = society.water_utility.mains_office
    society.run(40)
    place = utility.renewal.sites[0]
    leak = Burst(place.junction, 0.5, hidden=True, began=40)
    utility.leak_repair.begin(40, leak)
    society.mains.km[place.junction] = place.km  # the site replaces all of it
    gone = utility._renew(int(place.ends) + 1)
    assert gone == [leak]
    assert leak not in utility.leak_repair.open
