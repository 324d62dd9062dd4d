"""Transparency: what a thief gets away with in the whole model, by the number of meters that report."""

import pytest

from agentsim import load
from agentsim.experiments.hidden_loss import best_cuts, hidden_losses
from tests.conftest import ORDINARY


@pytest.fixture(scope="module")
def losses():
    setting = load(ORDINARY).with_changes(
        {"place.households": 50, "hours": 120, "mechanisms.failures": False, "meters.shared_error": 0.0}
    )
    return hidden_losses(setting, (0.005, 0.5), (0.01, 0.2), seeds=(1,), district="Southshore")


def test_more_reporters_see_a_cut_sooner_and_less_is_hidden(losses):
    hours = losses.pivot_table(index="reporting_frac", columns="cut_frac", values="hours_to_alarm")
    assert hours.loc[0.5, 0.01] < 0.5 * hours.loc[0.005, 0.01]
    best = best_cuts(losses)
    assert best["hidden_h"].is_monotonic_decreasing


def test_a_bold_cut_is_seen_at_once_and_what_was_hidden_is_its_share_of_the_hours(losses):
    bold = losses[losses["cut_frac"] == 0.2]
    assert (bold["hours_to_alarm"] < 24).all()
    assert bold["hidden_h"].tolist() == pytest.approx((0.2 * bold["hours_to_alarm"]).tolist(), rel=0.02)
    assert (bold["hidden_mwh"] > 0).all()
