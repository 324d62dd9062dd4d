"""Bus lines in a city: passengers, buses and money are conserved, and the timetable follows the riders."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agentsim.core.messages import Hour, RideOffer
from agentsim.society.society import Society
from agentsim.society.stages import STAGES, Draft, Stage

LINES = {"bus_lines.lines": 6, "bus_operator.timetable_days": 7, "place.households": 100}
WEEK_H = 168
Hamlet = Callable[..., Society]


def with_rides(jpy: float) -> tuple[Stage, ...]:
    """The stages of an hour in which everybody is offered a shared ride at this price."""
    (usual,) = (stage for stage in STAGES if stage.name == "outlook")

    def act(society: Society, now: Draft) -> None:
        usual.act(society, now)
        zones = len(society.place.zone_x_km)
        now.outlook = replace(now.outlook, rides=RideOffer(np.full(zones, 0.05), 0.1, jpy, 0.0))

    return tuple(replace(stage, act=act) if stage is usual else stage for stage in STAGES)


@pytest.fixture(scope="module")
def a_week(hamlet: Hamlet) -> Society:
    """A week and an hour in which riders stay. For reading."""
    return hamlet(hours=WEEK_H + 1, changes=LINES | {"mechanisms.failures": False})


def morning(hamlet: Hamlet, changes: dict[str, Any], **more: Any) -> Hour:
    society = hamlet(hours=8, changes=LINES | changes, **more)
    return society.live_hour()


def test_people_ride_and_every_hour_balances(a_week: Society) -> None:
    """The books check passengers, buses, fuel and money hour by hour."""
    assert a_week.record.lived == WEEK_H + 1
    assert a_week.record.total("transit_persons") > 1000.0
    assert a_week.record.total("transit_left_persons") == pytest.approx(0.0, abs=1.0)


def test_the_account_is_fares_and_subsidy_less_costs(a_week: Society) -> None:
    record, market = a_week.record, a_week.market
    fares = record.total("transit_persons") * a_week.charter.market.bus_fare_jpy
    costs, subsidy = record.total("transit_cost_jpy"), record.total("transit_subsidy_jpy")
    assert market.balance_jpy["transit"] == pytest.approx(fares + subsidy - costs)
    assert subsidy == pytest.approx(a_week.bus_contract.subsidy_jpy_per_h * (WEEK_H + 1))
    assert fares < costs, "the lines live on a subsidy, as in a regional city"
    assert market.balance_jpy["municipalities"] == pytest.approx(0.0, abs=1e-3), "paid out of a tax"


def test_the_subsidy_is_in_the_bills(hamlet: Hamlet) -> None:
    paid, unpaid = (
        hamlet(hours=1, changes=LINES | {"bus_operator.deficit_paid_frac": frac}) for frac in (1.0, 0.0)
    )
    more = paid.market.tax_jpy_per_household_h - unpaid.market.tax_jpy_per_household_h
    assert more == pytest.approx(paid.bus_contract.subsidy_jpy_per_h / paid.place.households)
    assert more > 0.0
    np.testing.assert_allclose(paid.population.bill_jpy - unpaid.population.bill_jpy, more)


def test_where_riders_stay_so_does_the_timetable(a_week: Society) -> None:
    before, now = a_week.bus_contract.buses, a_week.offices.bus_operator.buses
    assert now.sum() == pytest.approx(before.sum(), rel=0.02)
    assert (now > 0.0).all()
    assert not [event for event in a_week.events if event.kind == "transit"]


def test_where_riders_leave_buses_go_and_more_riders_with_them(hamlet: Hamlet) -> None:
    """The spiral: fewer riders, less money, fewer buses, longer waits, fewer riders."""
    quiet = LINES | {"mechanisms.failures": False}
    society = hamlet(changes=quiet, stages=with_rides(100.0))
    riders, buses = [], [society.offices.bus_operator.buses.sum()]
    for _ in range(3):
        society.run(WEEK_H)
        riders.append(society.record.city["transit_persons"][society.hour - WEEK_H : society.hour].sum())
        society.run(1)
        buses.append(society.offices.bus_operator.buses.sum())
    assert buses == sorted(buses, reverse=True)
    assert buses[-1] < 0.6 * buses[0]
    assert riders[1] < 0.95 * riders[0], "the same rides are offered: only the buses are fewer"
    assert riders[2] < 0.95 * riders[1]
    assert any(event.what == "bus_service_cut" for event in society.events)
    frozen = hamlet(changes=quiet | {"mechanisms.bus_budget": False}, stages=with_rides(100.0), hours=169)
    np.testing.assert_array_equal(frozen.offices.bus_operator.buses, frozen.bus_contract.buses)


def test_without_lines_nothing_is_there(hamlet: Hamlet) -> None:
    for changes in ({"bus_lines.lines": 0}, LINES | {"mechanisms.bus_lines": False}):
        society = hamlet(hours=9, changes=changes)
        assert society.place.bus_lines is society.coupling.buses is society.offices.bus_operator is None
        assert society.service.buses is None
        assert society.outlook.buses is None


def test_a_closed_district_strands_its_bus_passengers(hamlet: Hamlet) -> None:
    """The first hour of a closure; then people know of it, and do not come to the stops."""
    strike = {"attacker.strikes": ["A6 Southshore"], "attacker.first_hour": 8}
    open_, shut = (
        morning(hamlet, strike, attacker=who).service.buses for who in ("none", "coercer:scripted")
    )
    assert open_.cut == 0.0
    assert shut.cut > 10.0
    assert shut.carried < open_.carried


def garage_depot(society: Society) -> int:
    return int(society.depots.fuel[society.place.bus_lines.garage_district])


def test_an_empty_depot_stops_the_buses(hamlet: Hamlet) -> None:
    society = hamlet(hours=8, changes=LINES)
    society.coupling.supply.stock_t[garage_depot(society)] = 0.0
    surprised = society.live_hour()
    assert surprised.service.buses.cut == surprised.service.buses.asked > 0.0, "they wait for buses in vain"
    hour = society.live_hour()
    assert hour.service.buses.buses_out == hour.service.buses.carried == 0.0
    assert hour.trips.bus_persons.sum() == 0.0, "no bus is offered"
    assert hour.sales.buses.wages_jpy > 0.0 == hour.sales.buses.fuel_jpy
    assert [event.what for event in society.events if event.where == "bus_operator"] == ["buses_lack_fuel"]


def test_buses_burn_what_they_get_of_the_fuel_of_cars_and_power_stations(hamlet: Hamlet) -> None:
    """Hour by hour, while the depot runs dry, and when a timetable begins."""
    changes = LINES | {"bus_operator.timetable_days": 1, "mechanisms.failures": False}
    society = hamlet(hours=6, changes=changes, stages=with_rides(100.0))
    row, supply, buses = garage_depot(society), society.coupling.supply, society.coupling.buses
    shares, timetables = [], set()
    for _ in range(24):
        if society.hour == 10:
            supply.stock_t[row] = 0.3 * society.service.supply.delivered_t[row]
        asked_t = buses.planned_fuel_t(society.hour)
        now = society.live_hour()
        served, burnt_t = now.service.supply, now.service.buses.fuel_t
        drawn_t = served.delivered_t[row]
        whole_t = drawn_t + served.short_t[row]
        shares.append(drawn_t / whole_t if whole_t > 0.0 else 1.0)
        timetables.add(float(buses.buses.sum()))
        others_t = whole_t - asked_t  # of cars, none where they got nothing
        assert others_t > -1e-12
        assert burnt_t + others_t * shares[-1] == pytest.approx(drawn_t)
        assert society.record.city["road_fuel_t"][now.number] == now.sales.petrol_t + burnt_t
    assert min(shares) == 0.0, "the depot was empty"
    assert any(0.0 < share < 1.0 for share in shares)
    assert len(timetables) > 1


def test_electric_buses_spare_road_fuel_and_its_carbon_dioxide(hamlet: Hamlet) -> None:
    diesel, electric = (
        hamlet(hours=9, changes=LINES | {"transit.electric_frac": frac}) for frac in (0.0, 1.0)
    )
    spared_t = diesel.outcomes["road_fuel_t"] - electric.outcomes["road_fuel_t"]
    costs = diesel.last.sales.buses
    assert spared_t > 0.1 * diesel.service.buses.fuel_t > 0.0
    assert costs.fuel_jpy == pytest.approx(
        diesel.service.buses.fuel_t * diesel.service.supply.price_jpy_per_t[0]
    )
    burnt = [one.record.total("power_co2_t") + one.record.total("plants_co2_t") for one in (diesel, electric)]
    more_t = diesel.outcomes["co2_t"] - burnt[0] - (electric.outcomes["co2_t"] - burnt[1])
    assert more_t == pytest.approx(3.1 * spared_t)


def test_fewer_lines_leave_people_without_a_car_fewer_jobs(hamlet: Hamlet) -> None:
    few, many, everywhere = (
        hamlet(hours=9, changes=LINES | {"bus_lines.lines": lines}).outcomes for lines in (1, 8, 0)
    )
    for name in ("carless_jobs_reached_frac", "carless_jobs_reached_frac_poorest"):
        assert few[name] < many[name] < everywhere[name]


def test_the_first_timetable_is_that_of_an_ordinary_city_under_any_policy(hamlet: Hamlet) -> None:
    plain, other = (hamlet(policies, changes=LINES).bus_contract for policies in ([], ["X-C1", "T-S1"]))
    np.testing.assert_array_equal(plain.buses, other.buses)
    assert plain.subsidy_jpy_per_h == other.subsidy_jpy_per_h


def test_electric_buses_charge_in_the_garage_unless_it_is_dark(hamlet: Hamlet) -> None:
    """The books check their energy; the power is that of the garage's feeder, which the operator pays for."""
    electric = LINES | {"transit.electric_frac": 1.0, "mechanisms.failures": False}
    society = hamlet(hours=20, changes=electric)
    charged = society.service.buses.charged_kwh
    assert charged > 0.0 == society.service.buses.fuel_t
    paid = society.last.sales.buses.power_jpy
    assert paid == pytest.approx(charged * society.market.firm_jpy_per_kwh)
    society.coupling.buses.stored_kwh = 0.0
    feeder = society.coupling.garage_feeder
    demand = society.last.demand
    dark = replace(society.service.power, delivered_mw=0.0 * society.service.power.delivered_mw)
    assert demand.bus_charge_mw > 0.0
    empty = society.coupling._charge_buses(society.service.buses, demand, dark)
    assert (empty.charged_kwh, empty.stored_kwh) == (0.0, 0.0)
    assert society.place.feeders.district[feeder] == society.place.bus_lines.garage_district
