"""Detection: how long hidden abuse goes unseen, what it takes meanwhile, how often alarms are false."""

import numpy as np
import pytest

from agentsim.core.messages import Published
from agentsim.core.streams import Streams
from agentsim.institutions.detection import (
    DetectionParameters,
    Detector,
    audited,
    cusum,
)
from agentsim.institutions.meters import MetersParameters, noise_sd
from tests.institutions.run_length import hidden_loss_cap_h, largest_loss, run_length

COPIES = 400  # districts that differ only by chance
NO_SHARED_ERROR = MetersParameters(shared_error=0.0, compromised_frac=0.0)


def published(hour: int, figure: np.ndarray, metered: np.ndarray, reporters: float, **more) -> Published:
    rows = len(figure)
    declared = more.get("declared", np.zeros(rows))
    rationed = more.get("rationed", np.zeros(rows))
    shortage = {"power": more.get("shortage", False)}
    count = {"power": np.full(rows, reporters)}
    said = ({"power": figure}, {"power": declared}, {"power": metered}, count, shortage)
    return Published(hour, *said, {"power": rationed}, more.get("enrolled", np.full(rows, 500.0)))


def detector(
    rows: int, meters: MetersParameters | None = None, numbers: DetectionParameters | None = None
) -> Detector:
    return Detector({"power": ("power_control_room",) * rows}, meters, numbers)


def hours_to_alarm(cut: float, reporters: float, meters: MetersParameters, hours: int = 1008) -> np.ndarray:
    """Hours until a hidden cut is noticed in each of many alike districts, at most *hours*."""
    watcher, one = detector(COPIES, meters), np.ones(COPIES)
    noise = np.random.default_rng(5).normal(size=(hours, COPIES))
    sd = noise_sd(meters.meter_sigma, np.full(COPIES, reporters), meters.shared_error)
    seen = np.full(COPIES, float(hours))
    for hour in range(hours):
        for finding in watcher.watch(published(hour, one, one - cut + sd * noise[hour], reporters)):
            seen[finding.district] = min(seen[finding.district], hour + 1)
        if (seen < hours).all():
            break
    return seen


def taken_by_the_best_thief(reporters: float, meters: MetersParameters) -> float:
    """Largest mean loss before the alarm [share x h] over cuts of any size, within six weeks."""
    sd = float(noise_sd(meters.meter_sigma, np.array([reporters]), meters.shared_error)[0])
    cuts = sd * np.array([0.05, 0.08, 0.12, 0.2, 0.5])
    return max(float((cut * hours_to_alarm(cut, reporters, meters)).mean()) for cut in cuts)


# ---- the analytic check of mechanisms S11 -------------------------------------------------------------


def test_run_lengths_of_the_reference():
    """k = 0.5, h = 5: a false alarm every 930 steps, 293 steps at z = 0.15, 44 deviations lost at most."""
    assert run_length(0.0) == pytest.approx(930, rel=0.01)
    assert run_length(0.15) == pytest.approx(293, rel=0.05)
    loss, shift = largest_loss()
    assert loss == pytest.approx(44, rel=0.05)
    assert shift == pytest.approx(0.15, abs=0.03)


def test_delay_of_a_bold_thief_is_h_over_z_minus_k():
    for shift in (1.0, 2.0, 4.0):
        assert run_length(shift) == pytest.approx(5.0 / (shift - 0.5), abs=2.0)


def test_run_length_is_what_simulated_sums_take():
    noise = np.random.default_rng(1).normal(size=(3000, 2000))
    level, first = np.zeros(2000), np.full(2000, 3000.0)
    for step, draw in enumerate(noise):
        level = cusum(level, 0.3 + draw, 0.5)
        first = np.minimum(first, np.where(level >= 5.0, step + 1.0, 3000.0))
    assert first.mean() == pytest.approx(run_length(0.3), abs=4.0 * first.std() / np.sqrt(2000) + 0.5)


def test_defaults_raise_less_than_one_false_alarm_in_six_weeks_of_three_networks_and_eight_districts():
    numbers = DetectionParameters()
    steps = run_length(0.0, numbers.slack, numbers.alarm_level, 200)
    assert 3 * 8 * 1008 / steps < 0.6
    quick = 3 * 8 * 1008 / run_length(0.0)
    assert quick > 20, "the reference's k and h would flood whoever investigates"


def test_the_smaller_slack_caps_a_patient_thief_more_tightly_at_the_same_rate_of_false_alarms():
    numbers = DetectionParameters()
    patient, _ = largest_loss(numbers.slack, numbers.alarm_level, horizon_h=1008)
    blunt, _ = largest_loss(0.5, 9.0, horizon_h=1008)
    assert run_length(0.0, 0.5, 9.0) == pytest.approx(
        run_length(0.0, numbers.slack, numbers.alarm_level), rel=0.1
    )
    assert patient < 0.45 * blunt


# ---- how it scales ------------------------------------------------------------------------------------


def test_honest_districts_seldom_raise_an_alarm():
    alarmed = hours_to_alarm(0.0, 300.0, MetersParameters(compromised_frac=0.0)) < 1008
    assert alarmed.mean() < 0.05


def test_hidden_loss_falls_with_the_square_root_of_reporters_if_meters_err_independently():
    few, many = (taken_by_the_best_thief(n, NO_SHARED_ERROR) for n in (100.0, 1600.0))
    assert few / many == pytest.approx(4.0, rel=0.1)


def test_an_error_that_all_meters_share_puts_a_floor_under_it():
    meters = MetersParameters(shared_error=0.01, compromised_frac=0.0)
    many, most = (taken_by_the_best_thief(n, meters) for n in (1600.0, 25600.0))
    assert many / most < 1.05
    assert hidden_loss_cap_h(1e9, 1008, meters) == pytest.approx(
        0.01 * largest_loss(*_test_of(DetectionParameters()), 1008)[0], rel=1e-6
    )


def _test_of(numbers: DetectionParameters) -> tuple[float, float]:
    return numbers.slack, numbers.alarm_level


def test_meters_that_repeat_the_figure_let_more_go():
    clean, bought = (
        hidden_loss_cap_h(400, 1008, MetersParameters(compromised_frac=phi)) for phi in (0.0, 0.5)
    )
    assert bought == pytest.approx(2.0 * clean)


# ---- the rule, silence, suppliers ---------------------------------------------------------------------


def alarms(hours: int, **said) -> list:
    watcher, found = detector(2), []
    figure = said.pop("figure", np.array([0.6, 1.0]))
    metered, reporters = said.pop("metered", figure), said.pop("reporters", 500.0)
    for hour in range(hours):
        found += watcher.watch(published(hour, figure, metered, reporters, **said))
    return found


CUT = np.array([0.4, 0.0])


def test_an_admitted_cut_in_plenty_breaks_the_rule_after_some_hours():
    found = alarms(6, declared=CUT)
    assert [(one.hour, one.kind, one.district, one.suspect) for one in found] == [
        (5, "rule", 0, "power_control_room")
    ]
    assert alarms(5, declared=CUT) == []


def test_in_a_shortage_without_a_rule_no_cut_breaks_one():
    assert alarms(48, declared=CUT, shortage=True) == []


def test_what_the_declared_rule_gives_is_lawful_and_what_goes_beyond_is_not():
    assert alarms(48, declared=CUT, rationed=CUT, shortage=True) == []
    beyond = alarms(48, declared=CUT, rationed=0.5 * CUT, shortage=True)
    assert {one.kind for one in beyond} == {"rule"}


def test_silence_while_all_is_said_to_be_well_is_an_alarm_after_days():
    silent = {"metered": np.full(2, np.nan), "reporters": 0.0}
    assert alarms(71, figure=np.ones(2), **silent) == []
    assert [one.kind for one in alarms(72, figure=np.ones(2), **silent)] == ["meters", "meters"]
    assert alarms(200, figure=np.full(2, 0.2), **silent) == [], "an admitted blackout is no lie"
    nobody = {"enrolled": np.zeros(2), **silent}
    assert alarms(200, figure=np.ones(2), **nobody) == [], (
        "where nobody wants to report, silence says nothing"
    )


def test_a_supplier_that_takes_no_part_cannot_be_tested():
    names = ("supplier:Gulf", "supplier:Delta")
    watcher, found = Detector({"supply": names}), []
    figure, metered = np.array([1.0, np.nan]), np.array([0.5, np.nan])
    for day in range(10):
        said = ({"supply": figure}, {"supply": np.zeros(2)}, {"supply": metered})
        counts = ({"supply": np.array([8, 0])}, {"supply": False}, {"supply": np.zeros(2)})
        found += watcher.watch(Published(24 * day + 23, *said, *counts))
    assert {(one.suspect, one.district) for one in found} == {("supplier:Gulf", -1)}


# ---- audits, where nothing is published ---------------------------------------------------------------


def test_audits_find_abuse_after_a_geometric_time_and_seldom_where_books_are_cooked():
    numbers, days = DetectionParameters(), 20000
    draw = Streams(3).uniform("audit", 0, days)
    everywhere, nowhere = np.ones(days, bool), np.zeros(days, bool)
    open_, _ = audited(draw, everywhere, nowhere, numbers)
    cooked, _ = audited(draw, everywhere, everywhere, numbers)
    honest, looked = audited(draw, nowhere, nowhere, numbers)
    rate = numbers.audits_per_day * numbers.audit_coverage
    assert looked.mean() == pytest.approx(rate, rel=0.15)
    assert open_.mean() == pytest.approx(rate * numbers.audit_hit, rel=0.15)
    assert cooked.mean() == pytest.approx(rate * numbers.audit_hit * (1.0 - numbers.hidden_frac), rel=0.25)
    assert honest.mean() < 0.001
