"""Sections of feeders: what a fault takes out, what is restored, and how long that takes."""

import numpy as np
import pytest

from agentsim.core.streams import Streams
from agentsim.networks.power.sections import FeederSections, SectionsParameters, neighbours, sound_sections
from agentsim.place.cases import COMMERCIAL, CRITICAL, RESIDENTIAL, Feeders

# two districts of one bus each: a critical, a residential and a commercial feeder
HOME = 1  # residential, tied to the commercial one of its district
SHOPS = 2
OUT = np.arange(6) == HOME
LOAD = np.array([0.5, 3.0, 3.0, 0.5, 3.0, 3.0])
ALL_ALIVE = np.ones(6, dtype=bool)


def feeders() -> Feeders:
    return Feeders(
        bus=np.array([0, 0, 0, 1, 1, 1]),
        district=np.array([0, 0, 0, 1, 1, 1]),
        tier=np.array([CRITICAL, RESIDENTIAL, COMMERCIAL] * 2),
        peak_mw=np.array([0.5, 3.0, 4.0, 0.5, 3.0, 4.0]),
        length_km=np.ones(6),
    )


def chance(seed: int, hour: int) -> np.ndarray:
    streams = Streams(seed)
    return np.stack([streams.uniform(name, hour, 6) for name in ("places", "crews")])


def city(remote: bool = True, seed: int = 1, **numbers) -> FeederSections:
    return FeederSections(
        feeders(),
        sectioned=np.ones(6, dtype=bool),
        remote=np.full(6, remote),
        districts=2,
        centre_district=1,
        draws=lambda hour: chance(seed, hour),
        parameters=SectionsParameters(**numbers),
    )


def lived(sections: FeederSections, hours: int, out=OUT, load=LOAD) -> list:
    return [sections.outage(hour, out, load) for hour in range(hours)]


def test_a_tie_leads_to_the_largest_other_feeder_of_the_same_bus():
    assert neighbours(feeders()).tolist() == [2, 2, 1, 5, 5, 4]
    alone = Feeders(*(np.array([value]) for value in (0, 0, RESIDENTIAL, 1.0, 1.0)))
    assert neighbours(alone).tolist() == [-1]


def test_sections_before_a_fault_need_no_tie_and_those_behind_it_do():
    for headroom, expected in ((0.0, [True, False, False, False]), (9.0, [True, False, True, True])):
        assert sound_sections(1, np.ones(4), headroom).tolist() == expected
    assert sound_sections(3, np.ones(4), 0.0).tolist() == [True, True, True, False]


def test_from_afar_only_the_faulted_section_is_out_and_the_others_blink():
    outage = lived(city(), 3)
    for hour in outage:
        assert sorted(hour.dark_frac[HOME]) == [0.0, 0.0, 1.0]
        assert hour.sound_frac[HOME] == pytest.approx(2 / 3)
        assert (hour.sound_frac[~OUT] == 1.0).all()
    assert [hour.momentary[HOME].sum() for hour in outage] == [2, 0, 0]


def test_by_hand_the_whole_feeder_is_out_for_60_to_90_minutes():
    dark_h = []
    for seed in range(40):
        outage = lived(city(remote=False, seed=seed), 3)
        assert outage[0].sound_frac[HOME] == 0.0
        assert not any(hour.momentary.any() for hour in outage)
        dark_h.append(sum(hour.dark_frac[HOME].min() for hour in outage))
    assert 1.0 <= min(dark_h) < 1.1
    assert 1.4 < max(dark_h) <= 1.5


def test_without_headroom_what_lies_behind_the_fault_waits_for_the_repair():
    full = np.where(np.arange(6) == SHOPS, 4.0 * 1.5, LOAD)
    restored = {}
    for seed in range(30):
        (hour,) = lived(city(seed=seed), 1, load=full)
        dark = hour.dark_frac[HOME] == 1.0
        assert dark[-1], "the last section is fed by nobody but the tie"
        restored[seed] = int((~dark).sum())
    assert set(restored.values()) == {0, 1, 2}, "as many as lie before the fault"


def test_one_neighbour_cannot_feed_two_faulted_feeders_from_the_same_headroom():
    both = np.isin(np.arange(6), (0, HOME))
    spare = 2.2  # enough for two sections of homes or for the critical ones besides one of them
    load = np.where(np.arange(6) == SHOPS, 6.0 - spare, np.where(np.arange(6) == 0, 1.5, LOAD))
    fed_mw = []
    for seed in range(60):
        (hour,) = lived(city(seed=seed), 1, out=both, load=load)
        fed = 0.0
        for feeder in (0, HOME):
            dark = hour.dark_frac[feeder] == 1.0
            first = int(dark.argmax())  # the fault
            fed += load[feeder] / 3.0 * (~dark[first:]).sum()
        fed_mw.append(fed)
    assert max(fed_mw) <= spare + 1e-9
    assert max(fed_mw) > 1.5


def test_a_faulted_neighbour_feeds_nobody_back():
    both = np.isin(np.arange(6), (HOME, SHOPS))
    for seed in range(10):
        (hour,) = lived(city(seed=seed), 1, out=both)
        assert hour.dark_frac[HOME][-1] == hour.dark_frac[SHOPS][-1] == 1.0


def test_nothing_is_restored_from_afar_once_the_batteries_of_the_telecommunication_are_empty():
    dark_district = ALL_ALIVE & (feeders().district == 1)
    sections = city(backup_h=3.0)
    for hour in range(5):
        sections.hear(dark_district)
        assert sections.connected().tolist() == [hour < 3, True]
    assert sections.outage(5, OUT, LOAD).sound_frac[HOME] == 0.0, "a crew has to drive there"
    sections.hear(ALL_ALIVE)
    assert sections.connected().all()
    assert sections.outage(6, OUT, LOAD).sound_frac[HOME] < 1.0, "a fault that is under way stays by hand"


def test_a_control_room_without_power_for_days_reaches_nobody():
    sections, without = city(backup_h=1000.0, centre_backup_h=72.0), feeders().district != 1
    for _ in range(73):
        sections.hear(without)
    assert not sections.connected().any()


def test_a_feeder_without_sections_is_out_as_a_whole():
    plain = FeederSections(
        feeders(),
        sectioned=~OUT,
        remote=~OUT,
        districts=2,
        centre_district=1,
        draws=lambda hour: chance(1, hour),
    )
    outage = lived(plain, 4)
    assert [hour.sound_frac[HOME] for hour in outage] == [0.0] * 4
    assert lived(plain, 1, out=~ALL_ALIVE) == [None]


def test_a_fault_lies_in_each_section_equally_often_and_one_more_feeder_moves_none():
    faulted = [int(lived(city(seed=seed), 1)[0].dark_frac[HOME].argmax()) for seed in range(300)]
    assert np.bincount(faulted).min() > 75
