"""Persistence of a coercer: what a concession costs a district, and what a campaign does not depend on."""

import numpy as np
import pytest

TARGET = 6
SIEGE = {
    "hours": 96,
    "attacker.first_hour": 24,
    "attacker.target": "Southshore",
    "bad_actor.action_chance": 1.0,
}
UNTIL = SIEGE | {"attacker.persistence": "until_concession"}


def besieged(hamlet, changes, policies=(), seed=1):
    return hamlet(policies, "coercer:random", seed, changes["hours"], changes)


@pytest.fixture(scope="module")
def conceding(hamlet):
    return besieged(hamlet, UNTIL)


@pytest.fixture(scope="module")
def enduring(hamlet):
    return besieged(hamlet, SIEGE)


def harm(society) -> np.ndarray:
    return society.record.at["deprivation_h"][: society.record.lived]


def test_the_siege_ends_once_the_district_gives_in(conceding, enduring) -> None:
    gave_in = [town.gave_in for town in conceding.municipalities]
    assert [len(hours) for hours in gave_in] == [0] * TARGET + [1] + [0] * (7 - TARGET)
    hour, suffered = gave_in[TARGET][0], harm(conceding)[:, TARGET].cumsum()
    bears = conceding.offices.municipalities[TARGET].threshold_h
    assert suffered[hour - 1] < bears <= suffered[hour]
    assert not any(town.gave_in for town in enduring.municipalities)
    assert harm(enduring)[hour + 24 :, TARGET].sum() > harm(conceding)[hour + 24 :, TARGET].sum()


def test_households_of_the_district_pay_and_the_coercer_receives(conceding, hamlet) -> None:
    free = besieged(hamlet, UNTIL | {"municipalities.concession_jpy_per_person": 0.0})
    people, homes = conceding.population, conceding.population.homes
    more = people.bill_jpy - free.population.bill_jpy
    here = homes.district == TARGET
    assert more[here] == pytest.approx(5000.0 * homes.first_persons[here])
    assert not more[~here].any()
    paid = conceding.market.balance_jpy["coercers"]
    assert paid == pytest.approx(more.sum() * people.weight)
    assert conceding.outcomes["concession_loss_jpy"] == pytest.approx(paid)
    assert sum(conceding.market.balance_jpy.values()) == pytest.approx(0.0, abs=1.0)
    assert "coercers" not in free.market.balance_jpy or free.market.balance_jpy["coercers"] == 0.0


def test_trust_is_lost_for_good(hamlet) -> None:
    long = UNTIL | {"hours": 24 * 9, "bad_actor.return_days": 1000, "households.trust_gain_per_day": 0.1}
    quick = long | {"municipalities.concession_median_h": 1.0, "mechanisms.migration": False}
    society = besieged(hamlet, quick | {"municipalities.concession_trust_loss": 0.3})
    trust, here = society.population.trust, society.population.homes.district == TARGET
    assert society.municipalities[TARGET].gave_in
    assert trust[here].max() == pytest.approx(0.7)
    assert trust[~here].max() == 1.0
    unmoved = besieged(hamlet, quick | {"hours": 72, "mechanisms.trust": False})
    assert (unmoved.population.trust_most == 1.0).all()


def test_giving_in_sooner_is_not_free(hamlet) -> None:
    """With all else equal the district that hands more over loses more."""
    lost = [
        besieged(hamlet, UNTIL | {"municipalities.concession_jpy_per_person": jpy}).outcomes[
            "loss_jpy_per_household"
        ]
        for jpy in (0.0, 5000.0, 50_000.0)
    ]
    assert lost[0] < lost[1] < lost[2]


def test_what_a_district_can_bear_moves_nothing_in_a_campaign(hamlet, enduring) -> None:
    for theta in (12.0, 144.0):
        believed = {"municipalities.concession_median_h": theta, "bad_actor.threshold_h": theta}
        other = besieged(hamlet, SIEGE | believed | {"bad_actor.concession_value": 1.0})
        assert (other.record._at == enduring.record._at).all()
        assert other.measured == pytest.approx(enduring.measured, rel=0, abs=0, nan_ok=True)


def test_what_a_district_can_bear_decides_a_war_of_attrition(hamlet) -> None:
    short, long = (
        besieged(hamlet, UNTIL | {"municipalities.concession_median_h": theta}) for theta in (5.0, 50.0)
    )
    assert short.outcomes["time_to_concession_h"] < long.outcomes["time_to_concession_h"]
    assert harm(short).sum() < harm(long).sum(), "which is why harm is compared in campaigns"


def test_outcomes_of_concessions_are_undefined_in_a_campaign(conceding, enduring) -> None:
    assert enduring.outcomes["conceded"] == enduring.outcomes["concession_loss_jpy"] == 0.0
    assert np.isnan(enduring.outcomes[["concession_chance", "time_to_concession_h"]]).all()
    hour = conceding.municipalities[TARGET].gave_in[0]
    assert conceding.outcomes["concession_chance"] == 1.0
    assert conceding.outcomes["time_to_concession_h"] == hour - 24


def test_who_left_the_city_counts_on_with_those_who_stayed(hamlet) -> None:
    flight = SIEGE | {"hours": 168, "civics.moving_cost": 6.0, "civics.owner_cost": 0.0}
    society = besieged(hamlet, flight)
    people = society.population
    here = people.homes.district == TARGET
    assert 0.2 < 1.0 - people.homes.stay_frac[here].mean() < 1.0
    stays = besieged(hamlet, flight | {"civics.moving_cost": 100.0}).population
    assert stays.homes.stay_frac.min() == 1.0
    suffered, borne = (one.hardship.deprivation_h[here].mean() for one in (people, stays))
    assert suffered > 0.5 * borne  # fleeing is no relief


def test_thresholds_of_districts_are_lognormal(conceding) -> None:
    theta = np.array([town.threshold_h for town in conceding.municipalities])
    assert len(set(theta)) == len(theta)
    assert 36.0 * np.exp(-3 * 0.5) < theta.min() < theta.max() < 36.0 * np.exp(3 * 0.5)
