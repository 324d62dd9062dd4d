"""War of attrition: when a besieged district gives in, and output lost by sector."""

from types import SimpleNamespace

import numpy as np
import pytest

from agentsim.agents.firms import Firms
from agentsim.agents.officers.municipality import besieged
from agentsim.place.cases import SECTORS


@pytest.fixture
def town(hamlet):
    municipality = hamlet().offices.municipalities[2]
    municipality.threshold_h = 10.0
    return municipality


def test_a_district_gives_in_once_deprivation_reaches_its_threshold(town) -> None:
    conceded = [n for n in range(40) if town.concedes(n, 1.0, cut=True)]
    assert conceded == [9], "once in a siege"
    assert town.gave_in == [9]


def test_deprivation_before_the_siege_does_not_count(town) -> None:
    assert not any(town.concedes(n, 5.0, cut=False) for n in range(20))
    assert town.suffered_h == 0.0


def test_a_siege_goes_on_through_a_quiet_day_and_ends_after_three(town) -> None:
    for n in range(5):
        town.concedes(n, 1.0, cut=True)
    for n in range(5, 50):
        town.concedes(n, 0.0, cut=False)
    assert town.suffered_h == 5.0
    for n in range(50, 5 + 72 + 1):
        town.concedes(n, 0.0, cut=False)
    assert town.suffered_h == 0.0
    again = [n for n in range(100, 140) if town.concedes(n, 1.0, cut=True)]
    assert again == [109]


def test_hidden_and_open_cuts_besiege_alike(hamlet) -> None:
    permitted = hamlet(hours=1).last.permitted
    assert not besieged(permitted).any()
    names = ("power_cut_off_frac", "water_cut_off_frac", "trunk_mains_shut", "roads_cut_off")
    for name in (*names, "signals_red_frac", "devices_seized_frac"):
        other = {n: np.zeros(8) > 0 for n in ("trunk_mains_shut", "roads_cut_off")}
        other |= {n: np.zeros(8) for n in ("power_cut_off_frac", "water_cut_off_frac")}
        other |= {"signals_red_frac": None, "devices_seized_frac": None}
        other[name] = (
            np.arange(8) == 3 if name in ("trunk_mains_shut", "roads_cut_off") else np.eye(8)[3] * 0.2
        )
        assert besieged(SimpleNamespace(**other)).tolist() == (np.arange(8) == 3).tolist()


def test_firms_add_up_lost_output_by_sector(bay_city) -> None:
    firms = Firms(bay_city)
    ones, none = np.ones(8), np.zeros(8)
    made, usual = firms.produce(none, none, ones)
    assert made == pytest.approx(usual)
    assert set(firms.lost_frac_by_sector().values()) == {0.0}
    made, _ = firms.produce(ones, none, ones)
    lost = firms.lost_frac_by_sector()
    assert tuple(lost) == SECTORS
    # half of the two hours' time, at each sector's dependence on power
    expected = np.array(firms.parameters.loss_without_power) / 2
    assert list(lost.values()) == pytest.approx(expected)
    assert firms.lost_jpy.sum() == pytest.approx(usual.sum() - made.sum())
