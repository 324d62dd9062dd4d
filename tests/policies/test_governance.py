"""Measures across all systems: what they put into the charter and what that does in the city."""

import numpy as np
import pytest

from agentsim.core.charter import Charter
from agentsim.policies import enact
from agentsim.policies.governance import SelfReliance

SIEGE = {
    "attacker.first_hour": 24,
    "attacker.target": "Southshore",
    "bad_actor.action_chance": 1.0,
}
TARGET = 6


def test_a_home_that_keeps_more_already_keeps_it():
    rich = Charter().with_stock(home_food_days=30.0)
    assert SelfReliance().enact(rich).stock.home_food_days == 30.0


def test_homes_are_stocked_on_the_mean_as_the_policy_says_and_the_poor_less(hamlet):
    people = hamlet(["X-C5"]).population
    persons, decile, days = people.homes.persons, people.homes.decile, people.larder.food_target_days
    assert np.average(days, weights=persons) == pytest.approx(7.0, rel=0.05)
    family = persons > 1
    assert days[family & (decile == 0)].max() < days[family & (decile == 9)].min()
    assert people.larder.home_water_target_l.sum() / persons.sum() == pytest.approx(21.0, rel=0.05)
    assert people.power.bank_target_kwh == pytest.approx(2.0)


def test_water_at_home_buys_two_days_at_the_survival_ration(hamlet):
    # taps alone are shut; 21 L a head last 21 / 7.5 = 2.8 days, the ordinary 4 L half a day
    dry = {**SIEGE, "attacker.foothold": ["water_control_room"]}
    runs = {policies: hamlet(policies, "coercer", 1, 24, dry) for policies in ((), ("X-C5",))}
    left = {}
    for policies, society in runs.items():
        people = society.population
        own = people.homes.district == TARGET
        before = people.larder.home_water_l[own].sum()
        for day in range(4):
            society.run(24)
            left[policies, day] = people.larder.home_water_l[own].sum() / before
    assert left[(), 0] < 0.1
    assert left[("X-C5",), 0] == pytest.approx(1.0 - 7.5 / 21.0, abs=0.06)
    assert left[("X-C5",), 3] < 0.1


def test_stocks_buy_time_and_nothing_else(hamlet):
    dry = {**SIEGE, "attacker.foothold": ["water_control_room"]}
    plain, stocked = (hamlet(policies, "coercer", 1, 192, dry) for policies in ((), ("X-C5",)))
    suffered = [run.record.at["deprivation_h"][:, TARGET] for run in (plain, stocked)]
    assert suffered[1][24:72].sum() < 0.7 * suffered[0][24:72].sum(), "the first days are easier"
    assert suffered[1][168:192].sum() == pytest.approx(suffered[0][168:192].sum(), rel=0.05), (
        "a week later not"
    )


def test_a_local_tax_pays_for_what_goes_beyond_an_ordinary_home(bay_city):
    from agentsim.place.equipment import install

    charter = enact(["X-C5"])
    assert {charge.payer for charge in charter.costs} == {"local_tax"}
    quantity = install(charter.stock, Charter().stock, bay_city).quantity
    people = bay_city.households * bay_city.persons_per_household
    assert quantity["extra_food_person_days"] == pytest.approx(4.0 * people)
    assert quantity["extra_home_water_l"] == pytest.approx(17.0 * people)
    assert quantity["bank_kwh"] == pytest.approx(2.0 * bay_city.households)


def test_the_energy_bank_lights_a_lamp_for_half_a_day(hamlet):
    dark = {**SIEGE, "attacker.foothold": ["power_control_room"]}
    society = hamlet(["X-C5"], "coercer", 1, 24, dark)
    people = society.population
    own = (people.homes.district == TARGET) & ~people.power.prosumes
    used = []
    for _ in range(24):
        society.step()
        used.append(people.power.used_kw[own].max())
    assert used[0] == pytest.approx(0.15)
    lasted = np.count_nonzero(np.array(used) > 1e-9)
    assert 14 <= lasted <= 16, "2 kWh at 0.15 kW: thirteen hours and the rest; small homes use less at night"


# ---- the parts of stronger law ----------------------------------------------------------------------


def test_the_parts_of_stronger_law_can_be_switched_off_one_by_one():
    from agentsim.core.charter import Charter
    from agentsim.policies.oversight import StrongerLaw

    whole, plain = StrongerLaw().enact(Charter()), Charter()
    no_cap = StrongerLaw(cap=0).enact(Charter())
    assert no_cap.control.max_reach_share == plain.control.max_reach_share
    assert (no_cap.payoffs, no_cap.control.revocable_networks) == (
        whole.payoffs,
        whole.control.revocable_networks,
    )
    assert [charge.item for charge in no_cap.costs] == ["international monitoring"]
    nobody_comes = StrongerLaw(inspections=0).enact(Charter())
    assert nobody_comes.payoffs.inspections_per_month == 0.0
    assert nobody_comes.control == whole.control
    assert sum(c.running_jpy_per_y for c in nobody_comes.costs) < sum(
        c.running_jpy_per_y for c in whole.costs
    )
    no_power = StrongerLaw(revocation=0).enact(Charter())
    assert no_power.control.revocable_networks == ()
    assert (no_power.payoffs, no_power.costs) == (whole.payoffs, whole.costs)
