"""A society: the same random events under every policy, the same run twice, and runs of any length."""

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import mesa
import numpy as np
import pytest

import agentsim as sim
from agentsim import Society
from agentsim.agents.households.household import Household, Prosumer
from agentsim.agents.households.population import Population
from agentsim.policies import POLICIES

SIEGE = {"attacker.first_hour": 12, "attacker.target": "Harbour", "bad_actor.action_chance": 1.0}
TARGET = 7
ROOT = Path(__file__).parents[2]  # the code under test, in another process too
PARTS = ("homes", "cars", "power", "larder", "turns", "hardship")


def columns(people: Population) -> dict[str, np.ndarray]:
    """Every array of the population and of its parts by name, such as ``homes.junction``."""
    parts = {"": people, **{f"{name}.": getattr(people, name) for name in PARTS}}
    return {
        prefix + name: value
        for prefix, part in parts.items()
        for name, value in vars(part).items()
        if isinstance(value, np.ndarray)
    }


def state_of(society: Society) -> dict[str, bytes]:
    """The whole record, the state of every household and all outcomes, to the last bit."""
    record = society.record
    whole = {name: column[: record.lived].tobytes() for name, column in {**record.at, **record.city}.items()}
    whole |= {f"household {name}": value.tobytes() for name, value in columns(society.population).items()}
    whole["outcomes"] = society.outcomes.to_numpy().tobytes()
    whole["events"] = repr(society.events).encode()
    return whole


def differing(one: Society, other: Society) -> list[str]:
    here, there = state_of(one), state_of(other)
    return sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))


# ---- chance -----------------------------------------------------------------------------------------


def test_the_same_seed_twice_is_the_same_to_the_bit(hamlet):
    one, other = (hamlet(["all"], "coercer", 3, 48, SIEGE) for _ in range(2))
    assert differing(one, other) == []


OTHER_PROCESS = """
import sys
from hashlib import sha256
from agentsim import Society, load
scenario = load(sys.argv[1]).with_changes({"place.households": 100, "hours": 30})
society = Society(scenario, policies=["all"], attacker="none", seed=1).run(30)
columns = {**society.record.at, **society.record.city}
print(sha256(b"".join(column.tobytes() for column in columns.values())).hexdigest())
"""


def test_another_process_gives_the_same_run(tmp_path):
    # an order that hung on hashes would differ between these two
    scenario = ROOT / "scenarios" / "ordinary_fortnight.toml"
    digests = {
        subprocess.run(
            [sys.executable, "-c", OTHER_PROCESS, str(scenario)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_another_seed_is_another_run(hamlet):
    differs = differing(hamlet(hours=48, seed=1), hamlet(hours=48, seed=2))
    assert {"temperature_degc", "load_asked_mw", "household homes.junction"} <= set(differs)


@pytest.mark.parametrize("attacker", ["none", "coercer"])
@pytest.mark.parametrize("policy", [None, *POLICIES])
def test_weather_and_lots_are_the_same_under_every_policy_and_attacker(hamlet, calm_hamlet, policy, attacker):
    society = hamlet([policy] if policy else [], attacker, 1, 0, SIEGE)
    for hour in (0, 23, 24, 1000):
        assert society.weather.at(hour) == calm_hamlet.weather.at(hour)
    principals = calm_hamlet.control.principals  # their place in the list is their lot
    assert society.control.principals[: len(principals)] == principals


def nature(society: Society, hours: int) -> list[tuple[bytes, ...]]:
    """Random failures of each hour: units, lines and bursts, without repair times."""
    seen = [society.failures.at(hour) for hour in range(hours)]
    return [(d.units_out.tobytes(), d.lines_out.tobytes(), d.new_bursts.tobytes()) for d in seen]


STORMY = {"failures.everyday_saidi_h_per_year": 100.0, "failures.main_bursts_per_km_year": 10.0}


@pytest.mark.parametrize("policies", [(), ("all",)])
def test_the_same_things_break_under_every_policy_and_attacker(hamlet, policies):
    plain = hamlet([], "none", 1, 72, STORMY)
    besieged = hamlet(policies, "coercer", 1, 72, {**SIEGE, **STORMY})
    assert nature(plain, 72) == nature(besieged, 72)
    assert any(any(row) for hour in nature(plain, 72) for row in hour), "something does break"


def outages(society: Society, hours: range) -> np.ndarray:
    """Feeders that are out, bool array (hours, feeders)."""
    return np.array([society.failures.at(hour).feeders_out for hour in hours])


def test_outages_last_longer_only_where_roads_are_closed_to_crews(hamlet):
    plain = hamlet([], "none", 1, 72, STORMY)
    feeders, usual = plain.place.feeders, outages(plain, range(72))
    hit = np.bincount(feeders.district, usual[13:60].sum(axis=0)).argmax()
    siege = {**STORMY, **SIEGE, "attacker.target": plain.place.districts.name[hit]}
    besieged = outages(hamlet([], "coercer", 1, 72, siege), range(72))
    assert not (usual & ~besieged).any(), "a siege shortens no outage"
    longer = (besieged & ~usual).any(axis=0)
    assert set(feeders.district[longer]) == {hit}
    # with the edge severed the siege changes nothing about what is out
    severed = hamlet([], "coercer", 1, 72, {**siege, "mechanisms.roads_to_crews": False})
    assert (outages(severed, range(72)) == usual).all()


def test_households_are_drawn_alike_under_every_policy(hamlet):
    others = [id for id in POLICIES if id != "E-S2"]  # which gives homes panels and batteries
    plain, full = hamlet().population, hamlet(others).population
    for name in ("junction", "district", "persons", "decile", "feeder"):
        assert (getattr(plain.homes, name) == getattr(full.homes, name)).all()
    assert (plain.cars.owned == full.cars.owned).all()
    assert (plain.power.pv_kw == full.power.pv_kw).all()
    assert (plain.power.battery_kwh == full.power.battery_kwh).all()


def test_fewer_households_are_a_prefix_of_the_same(hamlet):
    many, few = (hamlet(changes={"place.households": n}).population for n in (200, 80))
    assert (many.homes.junction[:80] == few.homes.junction).all()
    assert (many.homes.persons[:80] == few.homes.persons).all()
    assert few.weight == pytest.approx(2.5 * many.weight)


# ---- runs of any length -----------------------------------------------------------------------------


def test_two_runs_of_a_day_are_one_run_of_two(hamlet):
    whole, parts = (hamlet(["E-S4"], "coercer", 1, hours, SIEGE) for hours in (48, 24))
    parts.run(24)
    assert differing(whole, parts) == []


def test_reading_changes_nothing(hamlet):
    unread, read = hamlet([], "coercer", 1, 24, SIEGE), hamlet([], "coercer", 1, 24, SIEGE)
    assert len(read.agents) > 200
    assert read.outcomes["deprivation_mean"] >= 0
    assert read.counts["households"] == 200
    assert differing(unread.run(24), read.run(24)) == []


def test_a_run_beyond_the_horizon_is_the_run_of_a_longer_scenario(hamlet):
    short, long = (hamlet([], "coercer", 1, 0, {**SIEGE, "hours": hours}) for hours in (24, 100))
    assert short.run(60).record.lived == 60
    assert differing(short, long.run(60)) == []


def test_run_without_a_number_runs_the_whole_scenario(hamlet):
    society = hamlet(changes={"hours": 30})
    seen = []
    assert society.run(progress=seen.append) is society
    assert seen == list(range(1, 31))
    assert society.run().hour == 30, "the scenario has ended"


# ---- orders -----------------------------------------------------------------------------------------


def test_orders_of_a_captured_control_room_are_applied(hamlet):
    society = hamlet([], "coercer", 1, 13, SIEGE)
    orders = {(o.principal, o.asset) for o in society.last.permitted.applied if o.action == "restrict"}
    assert orders == {
        ("power_control_room", "breakers:Harbour"),
        ("water_control_room", "inlet_valves:Harbour"),
        ("traffic_control_room", "road_closures:Harbour"),
    }
    assert society.last.permitted.power_cut_off_frac[TARGET] == 1.0


def test_the_bad_actor_gives_no_order_before_its_first_hour(hamlet):
    society = hamlet([], "coercer", 1, 12, SIEGE)
    assert not [o for o in society.last.permitted.applied if o.action == "restrict"]
    assert society.outcomes["attacks_begun"] == 0.0


def test_a_captured_municipality_can_restrict_only_its_own_district(hamlet):
    elsewhere = {**SIEGE, "attacker.foothold": ["municipality:Foundry"]}
    society = hamlet(["E-C2", "W-C1", "T-C1"], "coercer", 1, 40, elsewhere)
    assert society.record.total("power_restricted_mwh") == society.record.total("water_restricted_m3") == 0.0
    at_home = {**elsewhere, "attacker.target": "Foundry"}
    society = hamlet(["E-C2", "W-C1", "T-C1"], "coercer", 1, 40, at_home)
    cut = society.record.at["power_restricted_mwh"].sum(axis=0)
    assert np.flatnonzero(cut).tolist() == [society.place.districts.name.index("Foundry")]


def test_everyday_operation_goes_through_the_control_graph(hamlet):
    society = hamlet(hours=2)
    applied = {(order.principal, order.asset) for order in society.last.permitted.applied}
    assert {("power_control_room", "units"), ("water_control_room", "pumps")} <= applied
    assert society.last.permitted.refused == ()


def test_an_attacker_without_budget_does_nothing(hamlet):
    poor = hamlet([], "coercer", 1, 36, {**SIEGE, "attacker.budget": 1.0})
    assert poor.record.total("power_restricted_mwh") == 0.0
    # 6 units a day for all three: 7 units pay for one whole day and nothing of the second
    brief = hamlet([], "coercer", 1, 60, {**SIEGE, "attacker.budget": 7.0})
    hours = np.flatnonzero(brief.record.at["power_restricted_mwh"][:, TARGET])
    assert hours.tolist() == list(range(12, 36))


# ---- agents -----------------------------------------------------------------------------------------


def test_agents_are_mesa_agents_that_read_and_write_the_columns(hamlet):
    society = hamlet(hours=24)
    assert isinstance(society, mesa.Model)
    assert len(society.households) == 200
    assert len(society.prosumers) == society.counts["prosumers"] == society.population.power.prosumes.sum()
    assert all(isinstance(one, Prosumer) for one in society.prosumers)
    assert len(society.municipalities) == 8
    assert len(society.bad_actors) == 0
    first = next(iter(society.households))
    assert isinstance(first, Household)
    assert first.bill_jpy == society.population.bill_jpy[first.row]
    first.food_days = 0.25
    assert society.population.larder.food_days[first.row] == 0.25


def test_the_bad_actor_is_an_agent(hamlet):
    society = hamlet([], "coercer", 1, 0, SIEGE)
    (actor,) = society.bad_actors
    assert (actor.kind, actor.mind.target) == ("coercer", "Harbour")
    assert society.target == TARGET


def test_outcomes_bear_units(hamlet):
    outcomes = hamlet(hours=24).outcomes
    assert outcomes.attrs["units"]["bill_jpy_per_household_month"] == "JPY/month"
    of_an_attack = ["deprivation_target_district", "concession_chance", "time_to_concession_h"]
    of_an_attack += [f"time_to_{what}_h" for what in ("detection", "proof", "revocation")]
    of_a_burst = ["leak_awareness_h", "leak_location_h"]
    of_an_outage = ["ens_largest_tenth_frac", "caidi_h"]
    of_bus_lines = ["transit_cost_jpy_per_pkm", "transit_crowding_frac", "transit_frequency_per_h"]
    undefined = [*of_an_attack, *of_a_burst, *of_an_outage, *of_bus_lines, "adoption_morans_i"]
    assert outcomes.drop(undefined).notna().all()
    assert outcomes[of_an_attack].isna().all()


def test_a_society_that_nobody_uses_any_more_is_freed() -> None:
    """Mesa's own table of agents' numbers would keep every model of a process for ever."""
    scenario = sim.Scenario().with_changes({"hours": 3, "place.households": 60})
    society = Society(scenario, attacker="coercer:random").run()
    assert [agent.unique_id for agent in society.agents] == list(range(1, len(society.agents) + 1))
    alive = weakref.ref(society)
    del society
    gc.collect()
    assert alive() is None
