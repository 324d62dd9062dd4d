"""The kill chain: how long a capture takes, how it is noticed, and what public data spare."""

from math import sqrt

import numpy as np
import pytest

from agentsim.core.streams import Streams
from agentsim.institutions.capture import CaptureParameters, Contest, joint_probability
from agentsim.institutions.kill_chain import STEPS, KillChain, Progress

ROOM, TOWN = "power_control_room", "municipality:North"
SURE = {TOWN: 1e12}


def chain(seed: int = 1, open_data=(), live: bool = True, **numbers) -> KillChain:
    return KillChain(Contest((ROOM, TOWN), {}, CaptureParameters(**numbers)), Streams(seed), open_data, live)


def lived(attempt: KillChain, days: int, begun: int = 0) -> list[tuple[int, Progress]]:
    """Hours in which something came of it."""
    hours = range(begun, begun + 24 * days + 1)
    return [(hour, said) for hour in hours if (said := attempt.advance(hour)) != Progress()]


def test_a_capture_takes_the_days_of_its_three_steps():
    attempt = chain(notice_chance=(0.0, 0.0, 0.0), step_days=(3, 2, 1))
    attempt.begin(SURE, 10)
    assert attempt.days == 6
    assert lived(attempt, 20, 10) == [(10 + 6 * 24, Progress(fallen=(TOWN,)))]


def test_without_the_mechanism_it_is_decided_at_once_and_noticed_by_nobody():
    attempt = chain(live=False, notice_chance=(1.0, 1.0, 1.0))
    attempt.begin(SURE, 10)
    assert (attempt.days, attempt.unnoticed) == (0, 1.0)
    assert attempt.advance(10) == Progress(fallen=(TOWN,))


@pytest.mark.parametrize(
    ("step", "name", "day"), [(0, "reconnaissance", 4), (1, "foothold", 6), (2, "privilege", 8)]
)
def test_a_step_that_is_noticed_ends_the_attempt(step, name, day):
    chances = tuple(float(k == step) for k in range(3))
    attempt = chain(notice_chance=chances)
    attempt.begin(SURE, 0)
    assert lived(attempt, 20) == [(24 * day, Progress(noticed=((TOWN, STEPS[step]),)))]


def test_attempts_go_unnoticed_as_often_as_their_steps_allow():
    fell = []
    for seed in range(600):
        attempt = chain(seed, notice_chance=(0.1, 0.3, 0.2), step_days=(0, 0, 0))
        attempt.begin(SURE, 0)
        fell.append(bool(attempt.advance(0).fallen))
    expected = 0.9 * 0.7 * 0.8
    assert attempt.unnoticed == pytest.approx(expected)
    assert np.mean(fell) == pytest.approx(expected, abs=4 * sqrt(expected * (1 - expected) / 600))


def test_a_room_that_noticed_something_is_harder_to_take_for_a_while():
    numbers = {"step_days": (0, 0, 0), "alert_days": 5, "alert_factor": 4.0}

    def won(again_after_days: int) -> float:
        fell = []
        for seed in range(400):
            attempt = chain(seed, notice_chance=(1.0, 0.0, 0.0), **numbers)
            attempt.begin({TOWN: 1.5}, 0)
            assert attempt.advance(0).noticed
            attempt.contest = chain(notice_chance=(0.0, 0.0, 0.0), **numbers).contest
            attempt.begin({TOWN: 1.5}, 24 * again_after_days)
            fell.append(bool(attempt.advance(24 * again_after_days).fallen))
        return float(np.mean(fell))

    assert won(1) == pytest.approx(1.5 / (1.5 + 6.0), abs=0.08)
    assert won(6) == pytest.approx(0.5, abs=0.1)


def test_public_data_spare_a_part_of_reconnaissance():
    attempt = chain(open_data=(ROOM,), recon_effort_frac=0.5, open_data_discount=0.3)
    assert attempt.price(ROOM, 10.0) == pytest.approx(8.5)
    assert attempt.price(TOWN, 10.0) == 10.0
    assert chain(open_data=(ROOM,), live=False).price(ROOM, 10.0) == 10.0


def test_who_is_added_to_the_contest_shifts_nobodys_lot():
    def fate(principals: tuple[str, ...], seed: int) -> bool:
        attempt = KillChain(
            Contest(principals, {}, CaptureParameters(notice_chance=(0.3,) * 3)), Streams(seed)
        )
        attempt.begin({TOWN: 1.5}, 0)
        return any(said.fallen for _, said in lived(attempt, 9))

    fates = [(fate((ROOM, TOWN), seed), fate((ROOM, TOWN, "vote_platform"), seed)) for seed in range(40)]
    assert all(one == other for one, other in fates)
    assert 0 < sum(one for one, _ in fates) < 40


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.9])
def test_the_chance_that_all_fall_is_that_of_the_contests_played(beta):
    towns = ("municipality:A", "municipality:B", "municipality:C")
    vendor = {towns[0]: "maker", towns[1]: "maker", towns[2]: "other"}
    rivals = Contest(towns, vendor, CaptureParameters(common_mode=beta))
    efforts = dict.fromkeys(towns, 2.0)
    expected = joint_probability(efforts, dict.fromkeys(towns, 1.5), vendor, beta)
    draws = Streams(3).uniform("capture", 0, 6000 * rivals.draws).reshape(6000, rivals.draws)
    share = np.mean([rivals.fallen(efforts, row) == towns for row in draws])
    assert share == pytest.approx(expected, abs=4 * sqrt(expected * (1 - expected) / 6000))


@pytest.mark.parametrize(
    ("principal", "kind"),
    [
        ("device_cloud", "vendor"),
        ("generation_company", "vendor"),
        ("recommender_vendor", "vendor"),
        ("vote_platform", "platform"),
        ("households", "home_device"),
        ("water_control_room_2", "control_room"),
    ],
)
def test_each_kind_of_principal_has_its_own_security(principal, kind):
    numbers = CaptureParameters()
    assert Contest((), {}, numbers).security(principal) == getattr(numbers, f"security_{kind}")
