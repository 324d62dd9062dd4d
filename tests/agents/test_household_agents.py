"""Household agents: each row of the population as a Mesa agent, made on first access."""

import gc

import mesa
import numpy as np
import pandas as pd
import pytest

from agentsim.agents.attacker.bad_actor import BadActor
from agentsim.agents.households.household import Column, Household, Prosumer
from agentsim.agents.officers.municipality import Municipality

COLUMNS = sorted(name for name, value in vars(Household).items() if isinstance(value, Column))
OF_PROSUMERS = sorted(name for name, value in vars(Prosumer).items() if isinstance(value, Column))


@pytest.fixture(scope="module")
def society(hamlet):
    """A hamlet after six hours, only read in this module."""
    return hamlet(attacker="coercer:random", hours=6)


def test_sets_of_agents_are_agent_sets_of_mesa(society) -> None:
    for agents, kind in (
        (society.households, Household),
        (society.prosumers, Prosumer),
        (society.municipalities, Municipality),
        (society.bad_actors, BadActor),
        (society.agents, mesa.Agent),
    ):
        assert isinstance(agents, mesa.agent.AgentSet)
        assert len(agents) > 0
        assert all(isinstance(agent, kind) for agent in agents)
    assert len(society.households) == 200
    assert len(society.municipalities) == 8
    assert {m.name for m in society.municipalities} == set(society.place.districts.name)


def test_prosumers_are_the_households_with_panels_or_a_battery(society) -> None:
    rows = {prosumer.row for prosumer in society.prosumers}
    assert rows == set(np.flatnonzero(society.population.power.prosumes).tolist())
    assert len(rows) == society.counts["prosumers"]
    assert rows < {household.row for household in society.households}


def test_agents_by_type_leaves_prosumers_out_of_households_as_mesa_does(society) -> None:
    by_type = society.agents_by_type
    assert len(by_type[Household]) + len(by_type[Prosumer]) == len(society.households)
    assert all(type(agent) is Household for agent in by_type[Household])


def test_each_row_has_one_agent_and_it_stays_the_same(society) -> None:
    first, again = list(society.households), list(society.households)
    assert [household.row for household in first] == list(range(200))
    assert all(one is other for one, other in zip(first, again, strict=True))
    assert len({agent.unique_id for agent in society.agents}) == len(society.agents)


@pytest.mark.parametrize("name", COLUMNS)
def test_an_attribute_reads_the_column(society, name: str) -> None:
    column = getattr(Household, name).values(society.population)
    assert [getattr(household, name) for household in society.households] == column.tolist()


@pytest.mark.parametrize("name", OF_PROSUMERS)
def test_an_attribute_of_a_prosumer_reads_the_column(society, name: str) -> None:
    column = getattr(Prosumer, name).values(society.population)
    own = column[society.population.power.prosumes]
    assert [getattr(prosumer, name) for prosumer in society.prosumers] == own.tolist()


def test_a_household_names_its_district(society) -> None:
    names = [society.place.districts.name[d] for d in society.population.homes.district]
    assert [household.district for household in society.households] == names


def test_a_prosumer_can_be_read_before_the_first_hour(hamlet) -> None:
    prosumer = next(iter(hamlet().prosumers))
    assert [getattr(prosumer, name) for name in OF_PROSUMERS] == [0.0] * len(OF_PROSUMERS)


def test_clocks_are_read_by_need(hamlet) -> None:
    society = hamlet()
    society.population.hardship.clock_h[:, 7] = [1.0, 2.0, 3.0, 4.0]
    household = list(society.households)[7]
    assert household.clocks_h == {"power": 1.0, "water": 2.0, "food": 3.0, "mobility": 4.0}


def test_writing_an_attribute_changes_the_column(hamlet) -> None:
    society = hamlet()
    household = list(society.households)[5]
    household.food_days, household.trust, household.persons = 0.5, 0.25, 4
    people = society.population
    assert (people.larder.food_days[5], people.trust[5], people.homes.persons[5]) == (0.5, 0.25, 4)
    society.run(12)
    assert household.food_days == people.larder.food_days[5]
    assert household.food_days > 0.5 - 12 / 24, "shops have opened in between"
    society.households.set("trust", 0.9)
    np.testing.assert_array_equal(people.trust, 0.9)
    assert society.households.agg("trust", max) == 0.9


def test_household_agents_follow_the_hours(hamlet) -> None:
    society = hamlet(attacker="coercer:random", changes={"attacker.first_hour": 0})
    households = list(society.households)
    before = [household.food_days for household in households]
    society.run(3)
    assert [household.food_days for household in households] == society.population.larder.food_days.tolist()
    assert [household.food_days for household in households] != before


def agents_made(society) -> list[Household]:
    """Household agents of this society that exist in memory."""
    gc.collect()
    return [o for o in gc.get_objects() if isinstance(o, Household) and o.model is society]


def test_a_run_makes_no_household_agents_until_they_are_read(hamlet) -> None:
    society = hamlet(attacker="coercer:random", hours=6)
    assert np.isfinite(society.outcomes["deprivation_mean"])
    assert len(society.municipalities) + len(society.bad_actors) == 9
    assert society.counts["households"] == 200
    assert society.events is not None
    assert not agents_made(society), "none of these need household agents"
    assert len(society.households) == len(agents_made(society)) == 200


def test_reading_changes_nothing(hamlet) -> None:
    def lived(read: bool) -> tuple[pd.Series, bytes]:
        society = hamlet(attacker="coercer:random", seed=3, changes={"attacker.first_hour": 6})
        for hour in range(30):
            if read and hour % 7 == 0:
                assert (
                    sum(household.persons for household in society.agents.select(agent_type=Household)) > 300
                )
                assert len(society.agents_by_type) >= 5
            society.step()
        people = society.population
        state = np.concatenate(
            [people.hardship.deprivation_h, people.power.soc_kwh, people.trust, people.bill_jpy]
        )
        return society.outcomes, state.tobytes()

    (seen, seen_state), (unseen, unseen_state) = lived(True), lived(False)
    pd.testing.assert_series_equal(seen, unseen, check_exact=True)
    assert seen_state == unseen_state
    assert unseen["deprivation_mean"] > 0.0, "the run had effects"
