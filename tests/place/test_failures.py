"""Everyday failures keep the rates they were given."""

from dataclasses import replace

import numpy as np
import pytest

from agentsim.core.mechanisms import Mechanisms
from agentsim.core.streams import Streams
from agentsim.place.cases import RESIDENTIAL, Feeders, GridCase
from agentsim.place.failures import Failures, FailuresParameters, two_state_chain

# IEEE RTS-79, Trans. PAS-98, 1979: number of units, MTTF and MTTR in hours
UNITS = [
    (5, 2940, 60), (4, 450, 50), (6, 1980, 20), (4, 1960, 40), (3, 1200, 50),
    (4, 960, 40), (3, 950, 50), (1, 1150, 100), (2, 1100, 150),
]  # fmt: skip
# the same: permanent outages a year and their duration in hours
LINES = [(0.24, 16), (0.51, 10), (0.33, 10), (0.02, 768), (0.33, 35), (0.52, 11), (0.45, 11)]


def grid() -> GridCase:
    lines, zero = len(LINES), np.zeros(len(LINES), int)
    units = np.repeat(np.array([row[1:] for row in UNITS], float), [row[0] for row in UNITS], axis=0)
    return GridCase(
        base_mva=100.0,
        bus_id=("1",),
        bus_load_mw=np.ones(1),
        bus_shunt_mw=np.zeros(1),
        line_from=zero,
        line_to=zero,
        line_r_pu=np.zeros(lines),
        line_x_pu=np.ones(lines),
        line_tap=np.ones(lines),
        line_shift_deg=np.zeros(lines),
        line_limit_mw=np.ones(lines),
        unit_bus=np.zeros(len(units), int),
        unit_max_mw=np.ones(len(units)),
        unit_min_mw=np.zeros(len(units)),
        unit_cost=np.zeros((len(units), 3)),
        line_failures_per_year=np.array([row[0] for row in LINES]),
        line_repair_h=np.array([row[1] for row in LINES], float),
        unit_mttf_h=units[:, 0],
        unit_mttr_h=units[:, 1],
    )


def feeders(count: int = 100) -> Feeders:
    index = np.arange(count)
    return Feeders(
        bus=np.zeros(count, int),
        district=index % 8,
        tier=np.where(index % 2, RESIDENTIAL, 2),
        peak_mw=0.5 + index % 5,
        length_km=0.3 + 0.1 * (index % 13),
    )


def failures(seed: int = 1, **changed) -> Failures:
    on = Mechanisms(**changed)
    return Failures(grid(), feeders(), np.full(92, 0.8), Streams(seed), FailuresParameters(), on)


def table(made: Failures, hours: int) -> dict[str, np.ndarray]:
    damage = [made.at(hour) for hour in range(hours)]
    return {name: np.array([getattr(one, name) for one in damage]) for name in type(damage[0]).__slots__}


@pytest.fixture(scope="module")
def long_run() -> dict[str, np.ndarray]:
    return table(failures(), 30 * 8760)


def test_the_chain_has_the_unavailability_of_its_mean_times():
    down, up = two_state_chain(np.array([450.0, np.inf]), np.array([50.0, 10.0]))
    assert down[0] / (down[0] + up[0]) == pytest.approx(0.1, rel=1e-12)
    assert down[1] == 0


def test_units_are_out_for_mttr_over_mttf_and_mttr(long_run):
    """Standard error of a two-state process seen for T: sqrt(2 p (1-p) t / T), t = 1/(1/MTTF + 1/MTTR)."""
    out, row = long_run["units_out"], 0
    for number, mttf_h, mttr_h in UNITS:
        p = mttr_h / (mttf_h + mttr_h)
        correlation_h = 1.0 / (1.0 / mttf_h + 1.0 / mttr_h)
        error = np.sqrt(2 * p * (1 - p) * correlation_h / (len(out) * number))
        assert abs(out[:, row : row + number].mean() - p) < 3 * error
        row += number


def test_lines_fail_as_often_and_as_long_as_they_should(long_run):
    out, years = long_run["lines_out"], 30
    begins = (out[1:] & ~out[:-1]).sum()
    expected = sum(rate for rate, _ in LINES) * years
    assert abs(begins - expected) < 3 * np.sqrt(expected)
    hours = sum(rate * repair_h for rate, repair_h in LINES) * years
    spread = np.sqrt(sum(2 * rate * repair_h**2 for rate, repair_h in LINES) * years)
    assert abs(out.sum() - hours) < 3 * spread


def test_everyday_outages_are_those_of_a_japanese_customer(long_run):
    made = feeders()
    weight = np.where(made.tier == RESIDENTIAL, made.peak_mw, 0.0)
    saidi_h = (long_run["feeders_out"].mean(axis=0) * 8760) @ weight / weight.sum()
    assert saidi_h == pytest.approx(0.3, rel=0.15)


def test_longer_feeders_fail_more(long_run):
    out, length_km = long_run["feeders_out"], feeders().length_km
    begins = (out[1:] & ~out[:-1]).sum(axis=0)
    rate = begins.sum() / length_km.sum() / 30
    assert rate == pytest.approx(failures().feeder_faults_per_km_year, rel=0.15)
    assert begins[length_km > 1.0].mean() > 1.5 * begins[length_km < 0.7].mean()


def test_feeder_repairs_have_the_median_they_should(long_run):
    out = long_run["feeders_out"].T
    edges = np.diff(np.pad(out, ((0, 0), (1, 1))).astype(int), axis=1)
    lengths = np.flatnonzero(edges.ravel() < 0) - np.flatnonzero(edges.ravel() > 0)
    assert np.median(lengths) == pytest.approx(3, abs=0.5)
    assert lengths.min() == 1
    assert lengths.max() > 8


def test_mains_burst_by_length(long_run):
    expected = 0.15 * 92 * 0.8 * 30
    assert abs(long_run["new_bursts"].sum() - expected) < 3 * np.sqrt(expected)


def test_the_first_hour_is_drawn_from_the_long_run():
    first = np.array([failures(seed).at(0).units_out for seed in range(300)])
    expected = np.repeat([r / (f + r) for _, f, r in UNITS], [row[0] for row in UNITS])
    error = np.sqrt((expected * (1 - expected)).sum() / 300)
    assert abs(first.mean(axis=0).sum() - expected.sum()) < 3 * error


def test_the_order_of_asking_changes_nothing():
    forwards, leaping = table(failures(), 400), failures()
    leaping.at(399)
    for hour in (398, 0, 57, 57, 399):
        for name, rows in forwards.items():
            np.testing.assert_array_equal(getattr(leaping.at(hour), name), rows[hour])


def test_nothing_fails_when_failures_are_off():
    for rows in table(failures(failures=False), 2000).values():
        assert not rows.any()


def test_a_grid_without_rates_never_fails_and_its_feeders_do():
    bare = replace(
        grid(), unit_mttf_h=None, unit_mttr_h=None, line_failures_per_year=None, line_repair_h=None
    )
    made = table(Failures(bare, feeders(), np.full(92, 0.8), Streams(1)), 8760)
    assert not made["units_out"].any()
    assert not made["lines_out"].any()
    assert made["feeders_out"].any()


def test_one_more_feeder_leaves_the_others_alone():
    def alike(count: int) -> dict[str, np.ndarray]:
        same = replace(feeders(count), length_km=np.ones(count))
        return table(Failures(grid(), same, np.ones(count), Streams(1)), 3 * 8760)

    few, more = alike(40), alike(41)
    assert (few["units_out"] == more["units_out"]).all()
    assert few["feeders_out"].any()
    assert (few["feeders_out"] == more["feeders_out"][:, :40]).all()
    assert few["new_bursts"].any()
    assert (few["new_bursts"] == more["new_bursts"][:, :40]).all()


def test_a_crew_that_cannot_come_makes_the_outage_longer_and_nothing_else():
    nature = table(failures(), 8760)["feeders_out"]
    before, feeder = np.argwhere(nature[1:] & ~nature[:-1])[0]
    hour = before + 1
    length = int(np.argmin(nature[hour:, feeder]))
    delayed, only = failures(), np.zeros(nature.shape[1], bool)
    only[feeder] = True
    for late in range(hour, hour + 30):
        delayed.delay(late, only)
    after = table(delayed, 8760)["feeders_out"]
    assert after[hour : hour + length + 30, feeder].all()
    assert not after[hour + length + 30, feeder]
    after[hour : hour + length + 30, feeder] = nature[hour : hour + length + 30, feeder]
    assert (after == nature).all()


def test_damage_cannot_be_written_over():
    with pytest.raises(ValueError, match="read-only"):
        failures().at(0).units_out[0] = True
