"""What the model did not put in: how hidden loss scales with reporters, what detection alone is worth."""

from pathlib import Path

import numpy as np
import pytest

from agentsim import Society, load
from agentsim.experiments.hidden_loss import best_cuts, hidden_losses, scaling

SCENARIOS = Path(__file__).parents[2] / "scenarios"

# ---- detection is not protection ----------------------------------------------------------------------

SIEGE = load(SCENARIOS / "hostile_operator.toml").with_changes(
    {
        "hours": 288,
        "place.households": 300,
        "attacker.strikes": ["A2 power Southshore 0.2", "A4 Southshore"],
    }
)


def lived(policies: tuple[str, ...], **mechanisms: bool) -> Society:
    changes = {f"mechanisms.{name}": on for name, on in mechanisms.items()}
    return Society(SIEGE.with_changes(changes), policies, "coercer:scripted").run()


def physical(society: Society) -> dict[str, np.ndarray]:
    record = society.record
    return {name: table[: record.lived] for name, table in {**record.at, **record.city}.items()}


def first_difference(one: Society, other: Society) -> int | None:
    """The first hour in which anything physical differs by a bit."""
    mine, yours = physical(one), physical(other)
    differs = np.zeros(one.record.lived, bool)
    for name, table in mine.items():
        bits = (table != yours[name]) & ~(np.isnan(table) & np.isnan(yours[name]))
        differs |= bits.reshape(len(differs), -1).any(axis=1)
    return int(differs.argmax()) if differs.any() else None


def test_a_siege_that_is_published_and_proven_goes_on_bit_for_bit_if_nobody_may_act():
    watched, blind = lived(("X-C2",), trust=False), lived(("X-C2",), trust=False, detection=False)
    proven = {verdict.finding.network for verdict in watched.monitor.verdicts if verdict.proven}
    assert proven == {"power", "water"}, "the hidden cut and the open one are both found out"
    assert not blind.monitor.verdicts
    assert not watched.control.revoked
    assert first_difference(watched, blind) is None


def test_with_trust_the_only_thing_that_changes_is_what_people_do_after_the_verdict():
    watched, blind = lived(("X-C2",)), lived(("X-C2",), detection=False)
    verdict_hour = min(verdict.hour for verdict in watched.monitor.verdicts if verdict.proven)
    first = first_difference(watched, blind)
    assert first is not None
    assert first >= verdict_hour


def test_with_somebody_who_may_act_the_same_siege_ends():
    watched = lived(("X-C2",))
    setting = SIEGE.with_changes({"policy.X-C4.independence": 1.0})
    monitored = Society(setting, ("X-C2", "X-C4"), "coercer:scripted").run()
    assert monitored.control.revoked
    total = [society.record.at["water_restricted_m3"].sum() for society in (watched, monitored)]
    assert total[1] < 0.9 * total[0]


# ---- how much can be hidden ---------------------------------------------------------------------------

CUTS = tuple(1e-4 * 2.0 ** (step / 2.0) for step in range(18))


def losses(shared_error: float, reporting: tuple[float, ...]):
    setting = load(SCENARIOS / "ordinary_fortnight.toml").with_changes(
        {"hours": 504, "place.households": 200, "meters.shared_error": shared_error}
    )
    return hidden_losses(setting, reporting, CUTS, range(1, 4), "Southshore")


@pytest.mark.slow
def test_hidden_loss_falls_as_the_root_of_reporting_homes():
    """Theory: -1/2. Nothing in the model says so; homes that lose trust and stop reporting blur it."""
    found = losses(0.0, (0.004, 0.063, 1.0))
    assert best_cuts(found)["inside"].all(), "the best cut is no edge of the grid"
    fit = scaling(found)
    assert -0.7 < fit.slope < -0.35, fit
    assert fit.high < -0.2, fit


@pytest.mark.slow
def test_an_error_that_all_meters_share_stops_the_fall():
    found = losses(0.02, (0.063, 1.0))
    fit = scaling(found)
    assert abs(fit.slope) < 0.15, fit
