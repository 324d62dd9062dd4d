"""Adoption of panels and batteries: only the hazard is written down; the S-curve and the clusters emerge."""

import numpy as np
import pytest

from agentsim.agents.households.adoption import (
    Adoption,
    AdoptionParameters,
    Terms,
    considers,
    payback_y,
    perceived_outage_h,
)
from agentsim.core.numerics.clustering import morans_i
from agentsim.core.streams import Streams

SIDE, EACH = 12, 40  # neighbourhoods on a square, homes in each
PLACES, ROWS = SIDE * SIDE, SIDE * SIDE * EACH
TERMS = Terms(retail_jpy_per_kwh=31.0, export_jpy_per_kwh=16.0)


def grid() -> np.ndarray:
    """1 between neighbourhoods that touch, without a diagonal."""
    line = np.eye(SIDE, k=1) + np.eye(SIDE, k=-1)
    return np.kron(line, np.eye(SIDE)) + np.kron(np.eye(SIDE), line)


def town(seed: int = 1, nearness=None, **numbers) -> Adoption:
    streams, nobody = Streams(seed), np.zeros(ROWS, dtype=bool)
    return Adoption(
        place=np.arange(ROWS) // EACH,
        nearness=grid() + np.eye(PLACES) if nearness is None else nearness,
        roof=streams.uniform("roof", 0, ROWS) < 0.55,
        income_jpy_per_month=np.full(ROWS, 400e3),
        patience=np.stack([streams.uniform("patience", what, ROWS) for what in (0, 1)]),
        panels=nobody,
        battery=nobody,
        pv_kw=4.5,
        battery_kwh=12.5,
        parameters=AdoptionParameters(**numbers),
    )


def lives(adoption: Adoption, years: int, seed: int = 1, terms: Terms = TERMS, outage_h: float = 0.0):
    """Share of homes with panels, and with a battery, at the end of each year, (years + 1, 2)."""
    streams, told = Streams(seed), [(0.0, 0.0)]
    for month in range(12 * years):
        draws = [streams.uniform(what, month, ROWS) for what in ("panels", "battery")]
        adoption.month(np.stack(draws), terms, outage_h)
        if month % 12 == 11:
            told.append((adoption.panels.mean(), adoption.battery.mean()))
    return np.array(told)


CHEAP = {"pv_jpy_per_kw": 30e3, "innovation_per_y": 0.005, "imitation_per_y": 0.6}


@pytest.fixture(scope="module")
def sold() -> tuple[Adoption, np.ndarray]:
    adoption = town(**CHEAP)
    return adoption, lives(adoption, 30)[:, 0]


def test_an_s_curve_emerges_and_ends_at_those_who_would_buy_at_all(sold):
    adoption, share = sold
    yearly = np.diff(share)
    fastest = int(yearly.argmax())
    assert 3 < fastest < 25
    assert yearly[:2].mean() < 0.3 * yearly[fastest]
    assert yearly[-2:].mean() < 0.5 * yearly[fastest]
    payback = float(payback_y(30e3 * 4.5, adoption._pv_saving_jpy(TERMS)))
    assert share[-1] == pytest.approx(0.55 * np.exp(-0.3 * payback), abs=0.05)


def test_without_peers_there_is_no_s_curve():
    share = lives(town(**{**CHEAP, "innovation_per_y": 0.1, "imitation_per_y": 0.0}), 12)[:, 0]
    assert np.diff(share).argmax() == 0


def test_adoption_comes_in_clusters_and_without_near_peers_it_does_not():
    expected = -1.0 / (PLACES - 1)
    found = {"near": [], "nobody": [], "everybody": []}
    for seed in range(4):
        for name, nearness, imitation in (
            ("near", None, 0.6),
            ("nobody", None, 0.0),
            ("everybody", np.ones((PLACES, PLACES)), 0.6),
        ):
            numbers = {
                **CHEAP,
                "innovation_per_y": 0.005 if imitation else 0.05,
                "imitation_per_y": imitation,
            }
            adoption = town(seed, nearness, **numbers)
            lives(adoption, 9, seed)
            here = np.bincount(np.arange(ROWS) // EACH, adoption.panels, PLACES) / EACH
            found[name].append(morans_i(here, grid()))
    assert min(found["near"]) > 0.1
    assert np.mean(found["nobody"]) == pytest.approx(expected, abs=0.08)
    assert np.mean(found["everybody"]) == pytest.approx(expected, abs=0.08)


def test_a_roof_an_income_and_patience_are_needed():
    adoption = town(**CHEAP)
    adoption._income[: ROWS // 2] = 10e3
    lives(adoption, 15)
    assert not adoption.panels[: ROWS // 2].any()
    assert adoption.panels[ROWS // 2 :].any()
    assert not (adoption.panels & ~adoption._roof).any()


def test_dearer_equipment_is_bought_less():
    shares = [lives(town(**CHEAP), 15, terms=Terms(31.0, 16.0, factor))[-1, 0] for factor in (1.0, 2.0, 8.0)]
    assert shares[0] > shares[1] > shares[2]


def test_at_todays_prices_little_is_bought():
    # 12 years of payback: three per cent of the homes with a roof would take it
    assert 0.0 < lives(town(), 10)[-1, 0] < 0.02


def test_a_battery_is_bought_where_outages_are_remembered():
    cheap = {"battery_jpy_per_kwh": 10e3, "innovation_per_y": 0.05}
    calm, dark = (lives(town(**cheap), 6, outage_h=hours)[-1, 1] for hours in (0.3, 200.0))
    assert calm < 0.02
    assert dark > 0.1


def test_perceived_risk_forgets_a_tenth_a_month():
    risk = np.array([0.0])
    for _ in range(12):
        risk = perceived_outage_h(risk, np.array([10.0]), 0.1)
    assert risk[0] == pytest.approx(10.0 * (1.0 - 0.9**12))


def test_the_chance_to_consider_it_is_the_same_in_years_and_in_months():
    share = np.array([0.0, 0.4, 1.0])
    a_month = considers(share, 1 / 12, 0.003, 0.3)
    assert 1.0 - (1.0 - a_month) ** 12 == pytest.approx(considers(share, 1.0, 0.003, 0.3))


def test_one_more_home_changes_nobody_elses_patience_or_draw():
    streams = Streams(3)
    assert (
        streams.uniform("adoption/panels", 5, 100) == streams.uniform("adoption/panels", 5, 130)[:100]
    ).all()
