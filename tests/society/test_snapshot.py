"""Snapshots: a society that goes on from one lives the hours of the society of which it was taken."""

import numpy as np
import pytest

from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.society.snapshot import Snapshot

CUT = Plan((Strike("A1", "Harbour"), Strike("A4", "Harbour")))
EVERYTHING = ["E-C2", "E-S4", "W-S2", "W-S3", "W-C1", "X-C1", "X-C5", "T-S1", "T-S2", "T-S3"]


def week(society, hours: int = 60) -> bytes:
    """What happened in the next hours."""
    out = b""
    for _ in range(hours):
        now = society.live_hour()
        power, water, supply = now.service.power, now.service.water, now.service.supply
        for part in (
            *(now.living.deprivation_h, now.living.output_jpy, now.demand.power_asked_mw),
            *(
                power.generation_mw,
                power.price_jpy_per_mwh,
                power.store_energy_mwh,
                now.travelled.made_persons,
            ),
            *(water.pressure_m, water.tank_level_m, supply.stock_t, now.service.roads.skim_h),
        ):
            out += np.asarray(part).tobytes()
    return out


@pytest.fixture(params=[[], EVERYTHING], ids=["no policy", "many policies"])
def eve(hamlet, request):
    """An attacked hamlet six hours before the first strike, lived up to there."""
    changes = {"hours": 240, "attacker.first_hour": 30}
    society = hamlet(request.param, "coercer", changes=changes, plan=CUT, start_hour=24, rehearsal=True)
    return society.run(6)


def test_it_goes_on_to_the_same_bytes_and_touches_nobody_else(eve):
    snapshot = Snapshot(eve)
    first, second = snapshot.society(), snapshot.society()
    lived = week(first)
    assert week(eve) == lived
    assert week(second) == lived, "the first two went on, and it did not notice"
    assert week(snapshot.society()) == lived


def test_what_nobody_changes_is_not_copied(eve):
    other = Snapshot(eve).society()
    assert other is not eve
    for name in ("place", "charter", "equipment", "weather", "setting"):
        assert getattr(other, name) is getattr(eve, name)
    assert other.population is not eve.population
    assert other.coupling.roads is not eve.coupling.roads
    assert other.attackers[0].model is other


def test_parts_of_arrays_stay_parts_of_them(eve):
    power = Snapshot(eve).society().population.power
    power._flows_kw[:] = 7.0
    assert (power.offered_kw == 7.0).all()


def test_nobody_writes_into_what_is_shared(hamlet):
    """Arrays of the place are locked; a society that wrote into them would stop."""
    society = hamlet(EVERYTHING, "coercer", changes={"hours": 240, "attacker.first_hour": 6}, plan=CUT)
    for thing in Snapshot(society)._fixed:
        if isinstance(thing, np.ndarray):
            thing.flags.writeable = False
    society.run(72)


def test_a_society_like_another_one_lives_as_if_it_was_built_by_itself(hamlet):
    by_itself = hamlet(EVERYTHING, seed=3)
    first = hamlet(EVERYTHING, seed=3)
    second = hamlet(EVERYTHING, seed=3, hours=9, like=first)
    third = hamlet(EVERYTHING, seed=3, like=first)
    assert second.weather is third.weather is first.weather
    assert week(third, 40) == week(by_itself, 40)
    assert third.events == by_itself.events
    assert repr(third.measured) == repr(by_itself.measured)


@pytest.mark.parametrize("other", [{"seed": 4}, {"policies": ["X-C1"]}, {"changes": {"hours": 50}}])
def test_a_society_like_one_of_another_kind_is_refused(hamlet, other):
    first = hamlet(["E-C2"], seed=3)
    with pytest.raises(ValueError, match="another scenario, of other policies or another seed"):
        hamlet(**({"policies": ["E-C2"], "seed": 3} | other), like=first)
