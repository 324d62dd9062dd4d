"""Public life: reporting, turnout, protest and moving away; hoarding; autonomy of districts."""

import numpy as np
import pytest

from agentsim.agents.households.autonomy import autonomy_h, shortest_h
from agentsim.agents.households.civics import Civics, CivicsParameters, protesters
from agentsim.agents.households.hoarding import Hoarding, HoardingParameters
from agentsim.core.charter import Charter, Stock
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import EventLog
from agentsim.core.streams import Streams
from agentsim.place.equipment import install
from tests.agents.small_town import MILD, all_served, ask, people_of

NAMES = tuple("ABCDEFGH")
TARGET = 6
EVERYWHERE = np.full((8, 8), 10.0)  # staff comes from all districts alike


def public(place, rows: int = 600, log: EventLog | None = None, live: Mechanisms | None = None, **numbers):
    people = people_of(place, rows, mechanisms=live)
    return Civics(people, EVERYWHERE, Streams(1), NAMES, CivicsParameters(**numbers), log)


def suffer(civics: Civics, h: float, days: int = 1, district: int = TARGET) -> None:
    """Add *h* deprivation-hours a day to who stays in a district; their trust falls."""
    people = civics.people
    for day in range(days):
        there = people.homes.district == district
        people.hardship.stayed_h = people.hardship.stayed_h + h * there
        people.hardship.deprivation_h = people.hardship.deprivation_h + h * there * people.homes.stay_frac
        people.hardship.worse_today |= there
        people.end_day()
        civics.end_day(24 * day + 23)


# ---- effects of trust -------------------------------------------------------------------------------


def test_homes_report_while_their_trust_lasts(bay_city) -> None:
    civics = public(bay_city)
    shares = []
    for trust in (0.6, 0.3, 0.0):
        civics.people.trust[:] = trust
        civics.settle_reporting()
        shares.append(civics.reporting_frac().mean())
    assert shares[0] == 1.0
    assert shares[1] == pytest.approx(0.5, abs=0.08)
    assert shares[2] == 0.0


def test_without_the_mechanism_trust_has_no_effect(bay_city) -> None:
    civics = public(bay_city, live=Mechanisms(trust=False))
    civics.people.trust[:] = 0.0
    civics.settle_reporting()
    assert civics.people.reports.all()
    civics.abuse_proven(np.ones(8, dtype=bool))
    assert (civics.people.trust == 0.0).all()


def test_turnout_rises_with_trust_and_income_from_low_to_high(bay_city) -> None:
    civics = public(bay_city)
    people = civics.people
    people.trust[:] = np.where(people.homes.decile == 9, 1.0, 0.0)
    chance = civics.turnout_chance()
    assert chance[people.homes.decile == 9] == pytest.approx(0.6)
    assert chance[people.homes.decile == 0] == pytest.approx(0.3)
    votes = civics.electorate().votes
    assert votes[people.homes.decile == 9].mean() > votes[people.homes.decile == 0].mean()


def test_proven_abuse_lowers_trust_in_its_district(bay_city) -> None:
    civics = public(bay_city)
    before = civics.people.trust.copy()
    civics.abuse_proven(np.arange(8) == TARGET)
    lost = before - civics.people.trust
    there = civics.people.homes.district == TARGET
    assert lost[there] == pytest.approx(CivicsParameters().proven_loss)
    assert not lost[~there].any()


# ---- protest ----------------------------------------------------------------------------------------


def test_a_larger_crowd_brings_more_protesters() -> None:
    """Epstein 2002: with officers given, risk falls as the crowd grows."""
    rows = 1000
    hardship, risk = np.linspace(0, 1, rows), np.tile(np.linspace(0, 1, 10), rows // 10)
    out = [
        protesters(hardship, np.full(rows, 0.2), risk, np.full(rows, crowd), 2.3, 0.1).sum()
        for crowd in (2.0, 0.5, 0.1, 0.0)
    ]
    assert out == sorted(out)
    assert out[0] < 0.6 * out[-1]
    assert out[-1] == (hardship * 0.8 > 0.1).sum(), "without police all who have a grievance"


def test_without_hardship_nobody_protests(bay_city) -> None:
    civics = public(bay_city)
    suffer(civics, 0.0, days=5)
    assert not civics.protesting.any()
    assert civics.protest_peak_frac == 0.0
    assert not civics.custody_left_d.any()
    assert (civics.at_work_frac == 1.0).all()


def test_deprived_people_protest_and_miss_work(bay_city) -> None:
    log = EventLog()
    civics = public(bay_city, log=log, moving_cost=50.0, arrests_per_officer_day=5.0)
    suffer(civics, 60.0, days=6)
    people = civics.people
    there = people.homes.district == TARGET
    assert civics.protesting[there].mean() > 0.2
    assert not civics.protesting[~there].any()
    assert civics.custody_left_d.any()
    # one of each home that protests
    share = civics.protesting.sum() * people.weight / people.homes.persons_in_district.sum()
    assert civics.protesters_frac == pytest.approx(share)
    # staff lives everywhere, so that every district misses the same share
    assert civics.at_work_frac == pytest.approx(civics.at_work_frac[0])
    assert 0.8 < civics.at_work_frac[0] < 1.0
    assert next(event.where for event in log.events if event.kind == "protest") == "G"
    suffer(civics, 0.0, days=25)
    assert not civics.protesting.any()
    assert (civics.at_work_frac == 1.0).all()


def test_legitimacy_lowers_protest(bay_city) -> None:
    trusting, bitter = public(bay_city, moving_cost=50.0), public(bay_city, moving_cost=50.0)
    for civics, trust in ((trusting, 0.85), (bitter, 0.1)):
        for day in range(3):
            civics.people.hardship.stayed_h = civics.people.hardship.stayed_h + 60.0
            civics.people.trust[:] = trust
            civics.end_day(24 * day + 23)
    assert trusting.protesting.sum() < 0.3 * bitter.protesting.sum()


def test_people_arrested_are_away_for_days_and_trust_less(bay_city) -> None:
    civics = public(bay_city, moving_cost=50.0, arrests_per_officer_day=100.0, custody_days=3.0)
    suffer(civics, 100.0, days=1)
    taken = civics.custody_left_d > 0
    assert taken.any()
    trust, there = civics.people.trust, civics.people.homes.district == TARGET
    assert trust[taken].mean() < trust[~taken & there].mean()
    for day in (1, 2, 3):
        suffer(civics, 100.0, days=1)
        assert not (civics.protesting & taken).any(), f"day {day} in custody"
    suffer(civics, 100.0, days=1)
    assert (civics.protesting & taken).any()


# ---- moving away ------------------------------------------------------------------------------------


def test_a_short_cut_moves_nobody(bay_city) -> None:
    civics = public(bay_city)
    suffer(civics, 4.0, days=10)  # 20 remembered
    assert civics.households_moved == 0.0


def test_households_in_lasting_hardship_leave_and_are_counted(bay_city) -> None:
    log = EventLog()
    civics = public(bay_city, log=log)
    people = civics.people
    homes, cars, weight = people.homes, people.cars, people.weight
    persons, owned = homes.persons.sum() * weight, cars.vehicles
    suffer(civics, 190.0, days=12)
    gone = 1.0 - homes.stay_frac
    assert 0.2 < gone[homes.district == TARGET].mean() < 0.9
    assert not gone[homes.district != TARGET].any()
    assert civics.households_moved == pytest.approx(gone.sum() * weight)
    assert homes.persons.sum() * weight + homes.left_people == pytest.approx(persons)
    assert cars.vehicles + cars.left_vehicles == pytest.approx(owned)
    assert 0.0 < cars.vehicles < owned
    assert homes.persons_in_district.sum() == pytest.approx(homes.persons.sum() * weight)
    assert any(event.kind == "moved" for event in log.events)


def test_who_stays_remembers_what_they_lived_through_and_not_what_is_counted_for_who_left(bay_city) -> None:
    remembered = []
    for counted_h in (0.0, 500.0):
        civics = public(bay_city)
        suffer(civics, 190.0, days=6)
        homes, hardship = civics.people.homes, civics.people.hardship
        hardship.count_on(1.0 - homes.stay_frac, np.full(len(homes), counted_h))
        suffer(civics, 10.0)
        remembered.append(civics.remembered_h.copy())
    np.testing.assert_array_equal(*remembered)


def test_owners_leave_later_than_tenants(bay_city) -> None:
    civics = public(bay_city, rows=3000)
    suffer(civics, 190.0, days=8)
    homes = civics.people.homes
    there = homes.district == TARGET
    left = 1.0 - homes.stay_frac
    assert left[there & homes.roof].mean() < 0.6 * left[there & ~homes.roof].mean()


def test_as_many_leave_however_many_rows_stand_for_the_city(bay_city) -> None:
    """Whole rows left: of 300 rows each took 100 homes with it, or none did."""
    left = []
    for rows in (300, 3000):
        civics = public(bay_city, rows=rows)
        suffer(civics, 30.0, days=6)
        homes = civics.people.homes
        there = homes.district == TARGET
        assert civics.households_moved == pytest.approx((1.0 - homes.stay_frac[there]).sum() * homes.weight)
        left.append([1.0 - homes.stay_frac[there & (homes.roof == owner)].mean() for owner in (True, False)])
    assert 0.005 < left[1][0] < left[1][1] < 0.3
    assert left[0] == pytest.approx(left[1])


def test_an_empty_home_asks_nothing_and_adds_no_deprivation(bay_city) -> None:
    people = people_of(bay_city, 400, Stock(electric_car_frac=0.6, rooftop_pv_household_frac=0.3))
    ask(people, 20)
    people.live(all_served(people))
    goes = people.homes.district == TARGET
    people.leave(goes)
    before_h = people.hardship.deprivation_h.copy()
    for hour in range(21, 45):
        ask(people, hour, MILD)
        assert people.power.asked_kw[goes].sum() == people.larder.water_asked_l[goes].sum() == 0.0
        assert people.larder.food_asked_kg[goes].sum() == 0.0
        added = people.live(
            all_served(people, tap_frac=np.zeros(97), trips_made_frac=np.zeros(people.homes.zone.max() + 1))
        )
        assert np.isfinite(added).all()
        np.testing.assert_array_equal(people.hardship.deprivation_h[goes], before_h[goes])
        assert added[~goes].all()
    assert np.isfinite(people.larder.food_days).all()


def test_people_who_left_make_no_trips_and_are_missing_at_work(hamlet) -> None:
    society = hamlet(hours=8)
    people = society.population
    people.leave(people.homes.district == TARGET)
    society.civics._go_to_work()
    society.travel.depopulate(society.civics.stay_frac_by_zone(len(society.place.zone_x_km)))
    wanted = society.travel.wanted_persons(8, 0)
    rows = np.bincount(society.place.zone_district, wanted.sum(axis=1))
    assert rows[TARGET] == 0.0
    assert (np.delete(rows, TARGET) > 0.0).all()
    assert society.civics.at_work_frac[TARGET] < 0.8
    society.run(24)  # every balance is checked each hour, people and cars among them
    assert society.last.living.left_people > 0.0


def test_without_the_mechanisms_nobody_protests_or_moves(bay_city) -> None:
    civics = public(bay_city, live=Mechanisms(protest=False, migration=False))
    suffer(civics, 190.0, days=8)
    assert not civics.protesting.any()
    assert (civics.people.homes.stay_frac == 1.0).all()


# ---- hoarding ---------------------------------------------------------------------------------------


def test_empty_shelves_raise_targets_and_full_ones_let_them_fall(bay_city) -> None:
    people = people_of(bay_city, 400)
    hoarding = Hoarding(people, HoardingParameters(rise=1.0, relief_per_day=0.2, rumour_frac=0.25))
    usual = people.larder.food_target_days.copy()
    there = people.homes.district == TARGET
    shelves = np.where(np.arange(8) == TARGET, 0.2, 1.0)
    ask(people, 10)
    people.live(all_served(people, food_frac=shelves))
    hoarding.end_day()
    rise = people.larder.food_target_days / usual
    assert rise[there] == pytest.approx(1.8)
    assert rise[~there] == pytest.approx(1.2), "a rumour of it"
    hoarding.end_day()
    assert people.larder.food_target_days[there] / usual[there] == pytest.approx(1.0 + 0.8 * 0.8)
    for _ in range(25):
        hoarding.end_day()
    assert (people.larder.food_target_days == usual).all()


def test_buying_ahead_empties_shelves_sooner_and_keeps_them_empty_longer(hamlet) -> None:
    """Deliveries stop for five days. Where people hoard, depots run short sooner and for longer."""

    def days_short(live: bool) -> tuple[int, int]:
        changes = {"mechanisms.hoarding": live, "supply.cover_days": [7.0, 45.0, 0.0], "hours": 480}
        society = hamlet(changes=changes)
        short = []
        for day in range(20):
            for supplier in society.offices.suppliers:
                supplier.offer_frac = 0.0 if day < 5 else 1.0
            short_t = 0.0
            for _ in range(24):
                society.step()
                short_t += society.service.supply.short_t[society.depots.food].sum()
            short.append(short_t)
        return int(np.argmax(np.array(short) > 100.0)), int(np.sum(np.array(short) > 5.0))

    hoarding, calm = days_short(True), days_short(False)
    assert hoarding[0] < calm[0]
    assert hoarding[1] > calm[1] + 2


# ---- autonomy ---------------------------------------------------------------------------------------


def test_autonomy_is_stock_over_need_less_local_supply(bay_city) -> None:
    stock = Stock(home_battery_household_frac=0.0, home_food_days=5.0, home_water_l_per_person=30.0)
    people = people_of(bay_city, 2000, stock)
    power_h, water_h, food_h = autonomy_h(people, install(stock, Stock(), bay_city))
    assert not power_h.any()
    assert food_h == pytest.approx(5 * 24.0, rel=0.25)
    assert water_h == pytest.approx(48.0, rel=0.25), "30 L at 15 L a day"
    reliant = Stock(energy_bank_kwh_per_household=2.0)
    lit = people_of(bay_city, 2000, reliant)
    power_h = autonomy_h(lit, install(reliant, Stock(), bay_city))[0]
    assert (power_h > 4.0).all(), "2 kWh at 0.4 kW, and the batteries of a few"


def test_full_local_supply_lasts_a_year(bay_city) -> None:
    stock = Stock(well_demand_frac=1.0)
    tau_h = autonomy_h(people_of(bay_city, 400, stock), install(stock, Stock(), bay_city))
    assert (tau_h[1] == 8760.0).all()
    assert shortest_h(tau_h) < 24.0
    assert Charter().stock.well_demand_frac == 0.0
