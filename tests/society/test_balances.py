"""Conservation: a run whose balances close passes, and a changed one is stopped with an error."""

from dataclasses import replace

import numpy as np
import pytest

from agentsim.core.errors import NotConserved
from agentsim.place.cases import RESIDENTIAL
from agentsim.society.balances import check


@pytest.fixture(scope="module")
def two_hours(hamlet):
    """The messages of two successive hours of a city under attack."""
    society = hamlet(["all"], "coercer", 1, 30, {"attacker.first_hour": 24})
    return [society.live_hour() for _ in range(2)]


def with_service(hour, network: str, **changes):
    service = replace(hour.service, **{network: replace(getattr(hour.service, network), **changes)})
    return replace(hour, service=service)


def changed_by(values: np.ndarray, by: float) -> np.ndarray:
    """The same array with its largest entry changed by *by*."""
    other = values.copy()
    other[np.argmax(np.abs(other))] += by
    return other


def tampered_power(hour, name: str, by: float):
    return with_service(hour, "power", **{name: changed_by(getattr(hour.service.power, name), by)})


def tampered_water(hour, name: str, by: float):
    return with_service(hour, "water", **{name: changed_by(getattr(hour.service.water, name), by)})


def test_an_unchanged_hour_closes(two_hours):
    before, now = two_hours
    check(now, before)
    check(now, None)


@pytest.mark.parametrize(
    "name", ["delivered_mw", "generation_mw", "solar_used_mw", "store_charge_mw", "store_discharge_mw"]
)
@pytest.mark.parametrize("by", [0.01, -0.01])
def test_ten_kilowatts_without_a_source_are_noticed(two_hours, name, by):
    before, now = two_hours
    with pytest.raises(NotConserved, match=f"hour {now.number}: energy does not balance"):
        check(tampered_power(now, name, by), before)


@pytest.mark.parametrize("name", ["delivered_m3_per_h", "short_m3_per_h", "restricted_m3_per_h"])
def test_water_asked_is_delivered_short_or_restricted(two_hours, name):
    before, now = two_hours
    with pytest.raises(NotConserved, match="water asked does not balance"):
        check(tampered_water(now, name, 0.1), before)


@pytest.mark.parametrize("by", [5.0, -5.0])
def test_a_balance_of_the_waterworks_that_is_left_open_is_noticed(two_hours, by):
    before, now = two_hours
    with pytest.raises(NotConserved, match="water does not balance"):
        check(with_service(now, "water", balance_m3=by), before)


@pytest.mark.parametrize("name", ["arrived_veh", "queued_veh", "carried_in_veh"])
def test_a_vehicle_that_vanishes_is_noticed(two_hours, name):
    before, now = two_hours
    told = getattr(now.service.roads, name)
    with pytest.raises(NotConserved, match="vehicles does not balance"):
        check(with_service(now, "roads", **{name: told + 1.0}), before)


def test_a_stranded_vehicle_that_is_forgotten_is_noticed(two_hours):
    before, now = two_hours
    stranded = now.service.roads.stranded_veh.copy()
    stranded[0, 1] += 1.0
    with pytest.raises(NotConserved, match="vehicles"):
        check(with_service(now, "roads", stranded_veh=stranded), before)


@pytest.mark.parametrize("name", ["stock_t", "delivered_t", "received_t"])
def test_goods_that_appear_at_a_depot_are_noticed(two_hours, name):
    before, now = two_hours
    goods = changed_by(getattr(now.service.supply, name), 1.0)
    with pytest.raises(NotConserved, match="goods does not balance"):
        check(with_service(now, "supply", **{name: goods}), before)


def test_goods_that_jump_from_one_depot_to_another_are_noticed(two_hours):
    before, now = two_hours
    stock = now.service.supply.stock_t.copy()
    stock[:2] += np.array([1.0, -1.0])
    with pytest.raises(NotConserved, match="goods at a depot"):
        check(with_service(now, "supply", stock_t=stock), before)


def test_money_without_a_source_is_noticed(two_hours):
    before, now = two_hours
    balance = dict(now.account.balance_jpy)
    balance["municipalities"] += 1.0
    with pytest.raises(NotConserved, match="money does not balance"):
        check(replace(now, account=replace(now.account, balance_jpy=balance)), before)


@pytest.mark.parametrize("message", ["sales", "living"])
def test_billed_energy_is_metered_energy(two_hours, message):
    before, now = two_hours
    name = {"sales": "home_mwh", "living": "metered_mwh"}[message]
    told = getattr(now, message)
    wrong = replace(told, **{name: getattr(told, name) + 0.001})
    with pytest.raises(NotConserved, match="billed energy"):
        check(replace(now, **{message: wrong}), before)


@pytest.mark.parametrize(("name", "what"), [("people", "people"), ("vehicles", "cars")])
def test_numbers_of_people_and_cars_are_conserved(two_hours, name, what):
    before, now = two_hours
    more = replace(now.living, **{name: getattr(now.living, name) + 1.0})
    with pytest.raises(NotConserved, match=f"{what} does not balance"):
        check(replace(now, living=more), before)


def test_a_nan_fails_the_balance(two_hours):
    # a NaN compares false with everything and must not slip through
    before, now = two_hours
    with pytest.raises(NotConserved, match="energy"):
        check(tampered_power(now, "delivered_mw", float("nan")), before)


@pytest.mark.parametrize("name", ["shed_mw", "restricted_mw"])
def test_load_that_is_neither_served_nor_reported_unserved_is_noticed(two_hours, bay_city, name):
    before, now = two_hours
    told = getattr(now.service.power, name).copy()
    told[np.flatnonzero(bay_city.feeders.tier == RESIDENTIAL)[0]] -= 0.01
    with pytest.raises(NotConserved, match="power asked does not balance"):
        check(with_service(now, "power", **{name: told}), before)


def test_load_shed_beyond_the_load_asked_is_noticed(two_hours):
    before, now = two_hours
    with pytest.raises(NotConserved):
        check(tampered_power(now, "shed_mw", 5.0), before)


# ---- stores from hour to hour -----------------------------------------------------------------------


@pytest.mark.parametrize("by", [0.01, -0.01])
def test_energy_that_appears_in_a_store_is_noticed(two_hours, by):
    before, now = two_hours
    with pytest.raises(NotConserved, match="stored energy does not balance"):
        check(tampered_power(now, "store_energy_mwh", by), before)


def test_a_loss_of_storage_that_is_not_reported_is_noticed(two_hours):
    before, now = two_hours
    told = now.service.power.store_loss_mwh
    with pytest.raises(NotConserved, match="stored energy"):
        check(with_service(now, "power", store_loss_mwh=told + 0.01), before)


@pytest.mark.parametrize(
    "name", ["source_m3", "well_m3", "tank_volume_m3", "well_stored_m3", "leakage_m3", "desalinated_m3"]
)
@pytest.mark.parametrize("by", [20.0, -20.0])
def test_water_without_a_source_is_noticed_whatever_the_waterworks_report(two_hours, name, by):
    before, now = two_hours
    told = getattr(now.service.water, name)
    wrong = told + by if np.isscalar(told) else changed_by(told, by)
    with pytest.raises(NotConserved, match="water in tanks does not balance"):
        check(with_service(now, "water", **{name: wrong}), before)


def test_stores_begin_where_the_last_hour_left_them(two_hours):
    before, now = two_hours
    with pytest.raises(NotConserved, match="stored energy"):
        check(now, tampered_power(before, "store_energy_mwh", 0.01))
    with pytest.raises(NotConserved, match="water in tanks"):
        check(now, tampered_water(before, "tank_volume_m3", 20.0))


# ---- in a run ---------------------------------------------------------------------------------------


def test_a_week_under_attack_with_all_policies_closes_every_hour(hamlet):
    society = hamlet(["all"], "coercer", 2, 168, {"attacker.first_hour": 24, "bad_actor.action_chance": 1.0})
    assert society.hour == 168
    assert society.record.total("water_unserved_m3") > 0
    assert sum(society.market.balance_jpy.values()) == pytest.approx(0.0, abs=1.0)


def test_a_fault_of_a_network_stops_the_run(hamlet):
    society = hamlet(hours=2)
    honest = society.coupling.serve

    def dishonest(*args):
        service = honest(*args)
        power = replace(service.power, generation_mw=service.power.generation_mw * 1.001)
        return replace(service, power=power)

    society.coupling.serve = dishonest
    with pytest.raises(NotConserved, match="hour 2: energy"):
        society.step()
