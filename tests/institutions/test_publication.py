"""Publication: what operators say, what meters show, and when meters say nothing."""

import numpy as np
import pytest

from agentsim import Society, load
from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.core.charter import Information
from agentsim.core.messages import Permitted
from agentsim.core.streams import Streams
from agentsim.institutions.meters import Meters, MetersParameters
from tests.conftest import CONTROL_ROOMS, ORDINARY

TARGET = 6  # Southshore
QUIET = {"mechanisms.failures": False, "meters.compromised_frac": 0.0}
SETTING = load(ORDINARY).with_changes(
    {
        "place.households": 200,
        "attacker.foothold": [*CONTROL_ROOMS, "record_platform", "supplier:Gulf Petroleum"],
        "attacker.first_hour": 2,
        "attacker.budget": 1e6,
        **QUIET,
    }
)


def struck(*strikes: Strike, policies=("X-C2",), hours: int = 5, **changes) -> Society:
    """A city some hours into strikes that begin in its third hour."""
    setting = SETTING.with_changes(changes) if changes else SETTING
    return Society(setting, policies, "saboteur", plan=Plan(strikes=strikes)).run(hours)


def hidden(value: float = 0.2) -> Strike:
    return Strike("A2 power", "Southshore", value)


# ---- the operators' figures ---------------------------------------------------------------------------


def test_in_an_honest_city_figures_are_true_and_meters_agree_within_their_error():
    said = struck().last.published
    for network in ("power", "water", "roads"):
        assert said.figure[network] == pytest.approx(np.ones(8), abs=0.01)
        gap = said.figure[network] - said.metered[network]
        assert np.abs(gap).max() < 5 * 0.008
        assert not said.declared[network].any()
        assert not said.shortage[network]


def test_a_forged_figure_says_what_would_have_been_and_admits_nothing():
    said = struck(hidden()).last.published
    assert said.figure["power"][TARGET] == pytest.approx(1.0, abs=1e-9)
    assert said.declared["power"][TARGET] == 0.0
    assert said.metered["power"][TARGET] == pytest.approx(0.8, abs=0.03)


def test_an_open_cut_is_admitted():
    said = struck(Strike("A1", "Southshore")).last.published
    assert said.figure["power"][TARGET] == pytest.approx(0.0, abs=1e-9)
    assert said.declared["power"] == pytest.approx(np.eye(8)[TARGET])
    assert not said.shortage["power"], "a cut by order is no shortage"


def test_a_closed_district_admits_its_closure_though_nobody_sets_out_any_more():
    said = struck(Strike("A6", "Southshore"), hours=9).last.published
    assert said.declared["roads"][TARGET] > 0.5
    assert not np.delete(said.declared["roads"], TARGET).any()


def test_closing_many_districts_makes_no_shortage_that_would_excuse_it():
    closures = [Strike("A6", where) for where in ("Southshore", "Harbour", "Old Town")]
    said = struck(*closures, hours=9).last.published
    others = np.delete(said.figure["roads"], [0, 6, 7])
    assert others.min() < 0.98, "trips elsewhere are lost too"
    assert not said.shortage["roads"]


def test_suppliers_are_weighed_once_a_day():
    society = struck(
        Strike("A7 hidden", "Gulf Petroleum", 0.5),
        hours=24,
        **{"meters.reporting_supplier_frac": 1.0, "meters.balance_sigma": 1e-6, "meters.shared_error": 0.0},
    )
    said, row = society.last.published, society.publishing.publisher.suppliers.index("Gulf Petroleum")
    assert (said.figure["supply"][row], said.declared["supply"][row]) == (1.0, 0.0)
    assert said.metered["supply"][row] == pytest.approx(0.5, abs=1e-4)
    lines = [line for line in society.public_record.entries if line["network"] == "supply"]
    assert [line["hour"] for line in lines] == [23]


# ---- whose meters report ------------------------------------------------------------------------------


class Homes:
    """Four homes in two districts; each stands for ten."""

    district = np.array([0, 0, 1, 1])
    asked_kw = np.ones(4)
    weight = 10.0

    def __init__(self, dark=(), reports=(True,) * 4) -> None:
        self.metered_kw = np.where(np.isin(np.arange(4), dark), 0.0, 1.0)
        self.reports = np.array(reports)


def permitted(**more) -> Permitted:
    none = np.zeros(2)
    return Permitted(*[none] * 9, **more)


def meters(**information) -> Meters:
    numbers = {"reporting_household_frac": 0.5, **information}
    return Meters(2, Information(**numbers), Streams(1), MetersParameters())


def test_those_who_trust_report():
    assert meters().reporting(0, Homes(), permitted()).tolist() == [10.0, 10.0]
    reports = [True, False, True, True]
    assert meters().reporting(0, Homes(reports=reports), permitted()).tolist() == [5.0, 10.0]


def test_a_dark_meter_is_silent_unless_it_has_a_battery_and_then_for_its_life():
    without, with_two = meters(), meters(meter_backup_h=2.0)
    heard = [
        (
            without.reporting(hour, Homes(dark=(0, 1)), permitted())[0],
            with_two.reporting(hour, Homes(dark=(0, 1)), permitted())[0],
        )
        for hour in range(4)
    ]
    assert heard == [(0.0, 10.0), (0.0, 10.0), (0.0, 0.0), (0.0, 0.0)]
    assert with_two.reporting(4, Homes(), permitted())[0] == 10.0, "it reports again when the light is back"


def test_a_home_short_of_a_little_is_not_dark_however_long_it_lasts():
    """One simulated home stands for many, of which a small cut darkens few, each hour others."""
    homes = Homes()
    homes.metered_kw = np.array([0.9, 1.0, 1.0, 1.0])
    one, truth = meters(meter_backup_h=2.0), np.array([0.95, 1.0])
    heard = [one.reporting(hour, homes, permitted()).tolist() for hour in range(6)]
    assert heard == [heard[0]] * 6
    assert one.lit_share(homes, truth).tolist() == truth.tolist(), "and the cut is in the report"


def test_only_homes_with_power_report_that_they_have_it():
    half_dark, truth = Homes(dark=(0,)), np.array([0.5, 1.0])
    blind, sighted = meters(), meters(meter_backup_h=24.0)
    for one, seen in ((blind, 1.0), (sighted, 0.5)):
        one.reporting(0, half_dark, permitted())
        assert one.lit_share(half_dark, truth).tolist() == [seen, 1.0]


def test_a_captor_of_the_log_drops_what_its_victims_report():
    seized = permitted(seized=("ledger",), seized_for=1)
    one = meters()
    assert one.reporting(0, Homes(), seized).tolist() == [10.0, 0.0]
    assert one.enrolled.tolist() == [10.0, 10.0]
    assert np.isnan(one.errors(0, np.array([10.0, 0.0]))[:, 1]).all()


def test_the_mean_of_n_meters_errs_as_n_meters_do():
    one = meters()
    errors = np.array([one.errors(hour, np.array([100.0, 400.0])) for hour in range(2000)])
    for district, reporters in enumerate((100.0, 400.0)):
        expected = np.sqrt(0.1**2 / reporters + 0.005**2)
        assert errors[:, :, district].std() == pytest.approx(expected, rel=0.05)
    assert abs(np.corrcoef(errors[:, 0, 0], errors[:, 1, 0])[0, 1]) < 0.08


# ---- a captured log -----------------------------------------------------------------------------------


def test_a_captor_of_the_log_is_blind_for_others_until_silence_speaks():
    deaf = struck(hidden(), Strike("A9 ledger", "Southshore"), hours=70)
    assert np.isnan(deaf.last.published.metered["power"][TARGET])
    assert deaf.monitor.first_alarm_hour is None
    assert struck(hidden(), hours=70).monitor.first_alarm_hour == 2


def test_the_day_is_whitewashed_where_nobody_keeps_heads_and_only_there():
    strikes = (Strike("A1", "Southshore"), Strike("A9 ledger", "Southshore"))
    for verifiers, figure in ((0, 1000), (1, 0)):
        society = struck(*strikes, hours=24, **{"policy.X-C2.verifiers": verifiers})
        lines = [line for line in society.public_record.entries if line["network"] == "power"]
        assert lines[12]["figure"][TARGET] == figure
        assert society.public_record.broken() == []
