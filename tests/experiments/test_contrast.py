"""Contrasts: one question, two or four arrangements, paired by seed."""

from pathlib import Path

import pytest

from agentsim.experiments import contrast
from agentsim.experiments.contrast import Answer, answer, read_contrasts

SCENARIO = Path(__file__).parent.parent.parent / "scenarios" / "ordinary_fortnight.toml"
TEXT = """
[[contrast]]
row = "E-R1"
says = "{says}"
title = "power is cut for a day"
scenario = "{scenario}"
outcome = "{outcome}"
expect = 1
seeds = 2
changes = {{ "hours" = 36, "place.households" = 99, "attacker.first_hour" = 6, \
"attacker.mind" = "scripted", "attacker.strikes" = ["A1 Harbour"], \
"attacker.foothold" = ["power_control_room"] }}
arms = [ {{}}, {{ attacker = "coercer:scripted" }} ]
"""


def written(folder: Path, says: str = "hurts", outcome: str = "power_restricted_mwh") -> Path:
    file = folder / "some.toml"
    file.write_text(TEXT.format(says=says, outcome=outcome, scenario=SCENARIO), encoding="utf-8")
    return file


def test_a_contrast_is_run_and_paired_by_seed(tmp_path):
    (one,) = read_contrasts(written(tmp_path))
    (got,) = answer([one])
    assert one.name == "E-R1 hurts: power is cut for a day"
    assert got.n == 2
    assert got.means[0] == 0.0
    assert got.difference == pytest.approx(got.means[1])
    assert got.difference > 10.0


def test_a_word_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(ValueError, match="contrast 1: says is one of hurts, works, fails, together"):
        read_contrasts(written(tmp_path, says="pleases"))


def test_an_outcome_that_is_undefined_is_refused(tmp_path):
    # without an attack there is no target
    (one,) = read_contrasts(written(tmp_path, outcome="deprivation_target_district"))
    with pytest.raises(ValueError, match="undefined on a seed"):
        answer([one])


def test_a_delay_of_a_run_without_an_abuse_is_0_hours(tmp_path):
    (one,) = read_contrasts(written(tmp_path, outcome="time_to_detection_h"))
    got = contrast._paired(one, [[30.0, 20.0], [None, 5.0]])
    assert (got.means, got.difference, got.undefined) == ((25.0, 2.5), -22.5, 1)
    with pytest.raises(ValueError, match="undefined on a seed"):  # nothing to detect in any run
        contrast._paired(one, [[None, None], [None, None]])


def test_an_event_that_never_happens_is_the_same_in_all_pairs(tmp_path):
    (one,) = read_contrasts(written(tmp_path, outcome="conceded"))
    got = contrast._paired(one, [[0.0] * 5, [0.0] * 5])
    assert (got.sign, got.same, got.method) == (0, 5, "exact")


def test_an_interaction_is_what_both_do_beyond_the_sum(tmp_path):
    (one,) = read_contrasts(written(tmp_path))
    four = [[10.0, 10.0], [8.0, 8.0], [7.0, 7.0], [1.0, 1.0]]
    assert contrast._paired(one, four).difference == pytest.approx((1.0 - 8.0) - (7.0 - 10.0))


@pytest.mark.parametrize(
    ("low", "high", "sign"), [(0.1, 2.0, 1), (-2.0, -0.1, -1), (-1.0, 1.0, 0), (0.0, 0.0, 0)]
)
def test_a_sign_is_claimed_only_where_the_interval_excludes_nothing(low, high, sign):
    assert Answer((0.0, 0.0), (low + high) / 2.0, low, high, 5).sign == sign


def test_a_random_coercer_has_one_target_in_all_arms(tmp_path):
    """X-C4 leaves its control room half of the districts: it attacks one of these without X-C4 too."""
    file = written(tmp_path)
    text = file.read_text(encoding="utf-8").replace(
        'arms = [ {}, { attacker = "coercer:scripted" } ]',
        'attacker = "coercer:random"\narms = [ {}, { policies = ["X-C4"] } ]',
    )
    file.write_text(text.replace("seeds = 2", "seeds = 6"), encoding="utf-8")
    (one,) = read_contrasts(file)
    plain, capped = ([job.scenario.attacker.target for job in contrast._jobs(one, arm)] for arm in one.arms)
    assert plain == capped
    assert set(plain) <= {"Old Town", "Lakeview", "Foundry", "Southshore"}
    assert len(set(plain)) > 1
