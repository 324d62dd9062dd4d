"""Votes: people choose the rule under which they go short least; advisers and counts may be captured."""

import numpy as np
import pytest

from agentsim.core.streams import Streams
from agentsim.institutions.voting import Ballot, Electorate, VotingParameters, utilities

RULES = ("lifeline_first", "majority", "proportional")


def homes(count: int = 300, minority: int = 30, votes: np.ndarray | None = None) -> Electorate:
    """A city of two districts: the last *minority* homes live in district 1."""
    return Electorate(
        persons=np.full(count, 2.0),
        district=(np.arange(count) >= count - minority).astype(int),
        decile=np.arange(count) % 10,
        votes=np.ones(count, dtype=bool) if votes is None else votes,
        water_stock_h=np.zeros(count),
        power_stock_h=np.zeros(count),
    )


def burden(people: Electorate, on_minority: float = 50.0, alike: float = 5.0) -> np.ndarray:
    """Expected deprivation: by lifeline a little for all, by majority all of it for the minority."""
    lone = np.where(people.district == 1, on_minority, 0.0)
    return np.stack([np.full(len(lone), alike), lone, np.full(len(lone), alike + 1.0)])


def ballot(advised: bool = False, **numbers) -> Ballot:
    return Ballot(RULES, Streams(1), "water", advised, VotingParameters(**numbers))


def test_a_majority_may_starve_a_minority() -> None:
    people = homes()
    count = ballot(altruism=0.0).count(0, burden(people), people)
    assert count.rule == "majority"
    assert count.share["majority"] == pytest.approx(0.9)
    assert count.turnout_frac == 1.0


def test_those_who_care_enough_for_others_spare_them() -> None:
    people = homes()
    # the mean of the others is 5 under the one and 5 under the other: only caring for a larger harm helps
    expected = burden(people, on_minority=200.0)
    assert ballot(altruism=0.1).count(0, expected, people).rule == "majority"
    assert ballot(altruism=0.5).count(0, expected, people).rule == "lifeline_first"


def test_utility_is_own_and_a_part_of_all_others() -> None:
    u = utilities(np.array([[1.0, 3.0]]), np.array([1.0, 1.0]), 0.2)
    assert u.tolist() == [[-1.4, -3.4]]


def test_who_stays_at_home_does_not_count() -> None:
    people = homes(minority=140)
    expected = burden(people)
    assert ballot(altruism=0.0).count(0, expected, people).rule == "majority"
    apathy = homes(minority=140, votes=(people.district == 1) | (np.arange(300) < 100))
    count = ballot(altruism=0.0).count(0, expected, apathy)
    assert count.rule == "lifeline_first"
    assert count.turnout_frac == pytest.approx(240 / 300)


def test_the_undecided_follow_the_adviser() -> None:
    people = homes()
    flat = np.zeros((3, 300))
    flat[0], flat[2] = 1e-3, 2e-3  # majority is best by a hair
    alone = ballot().count(0, flat, people)
    captured = ballot(True, undecided_frac=0.5, follow_frac=1.0).count(0, flat, people, ("recommender",))
    assert alone.share["majority"] == 1.0
    assert captured.proposed == "proportional"
    assert captured.share["proportional"] == pytest.approx(0.5)


def test_an_adviser_that_hears_the_rich_proposes_what_suits_them() -> None:
    people = homes()
    expected = np.ones((3, 300))
    expected[0] = np.where(people.decile >= 5, 0.0, 1.0)
    expected[1] = np.where(people.decile >= 5, 1.0, -0.2)  # on the whole this is better
    expected[2] = 2.0
    quiet = {"recommender_noise": 0.0}
    assert ballot(True, recommender_bias=0.0, **quiet).count(0, expected, people).proposed == "majority"
    assert ballot(True, recommender_bias=0.9, **quiet).count(0, expected, people).proposed == "lifeline_first"


def test_a_captured_count_announces_what_is_worst_for_the_target() -> None:
    people = homes()
    expected = np.stack([np.zeros(300), np.where(people.district == 1, 9.0, 0.5), np.full(300, 1.0)])
    honest = ballot().count(0, expected, people)
    forged = ballot().count(0, expected, people, ("vote",), 1)
    assert (honest.rule, honest.forged) == ("lifeline_first", False)
    assert (forged.rule, forged.forged) == ("majority", True)
    assert forged.share == honest.share, "the votes were cast as they were"


def test_the_same_vote_has_the_same_result() -> None:
    people = homes()
    counts = [ballot(True).count(7, burden(people), people) for _ in range(2)]
    assert counts[0] == counts[1]
