"""Outcomes: every definition on a record written by hand."""

import numpy as np
import pandas as pd
import pytest

from agentsim.outcomes import OUTCOMES, Closing, Record, measure
from agentsim.outcomes.record import BY_CITY, BY_DISTRICT, ResourcesClosing
from agentsim.outcomes.social_cost import SocialCostParameters, deprivation_jpy_per_h

# The names that documents, tests and measurements use. More may be added, as underscore extensions too.
STABLE_NAMES = """
ens_mwh saidi_h saifi power_restricted_mwh curtailed_mwh renewable_share local_share reserve_mwh
reserve_cost_jpy forecast_error_frac forecast_error_hour_ahead_frac peak_mw
water_unserved_m3 water_restricted_m3 water_service_availability leakage_share
contamination_person_h local_water_share pipe_age_y trips_stranded trips_restricted accessibility_frac
delay_h_per_trip crashes vehicle_km road_fuel_t transit_mode_share transit_cost_jpy_per_pkm
fuel_unserved_t fuel_restricted_t fuel_stockout_days minerals_unserved_t food_short_household_days
resource_import_share oil_share oil_produced_t reserves_t supplier_hhi fuel_price_jpy_per_l
minerals_price_index food_price_index extraction_cost_jpy_per_t bill_jpy_per_household_month
bill_burden_lowest_decile power_price_jpy_per_kwh water_price_jpy_per_m3 capital_jpy_per_household_year
incumbent_margin_jpy jpy_per_avoided_deprivation_hour co2_t co2_embodied_t co2_exported_t waste_t
deprivation_mean deprivation_target_district deprivation_worst_district deprivation_gini
cvar95_deprivation output_lost_frac trust_end jobs_displaced households_moved protest_peak_frac
autonomy_h attacks_begun attack_payoff conceded concession_chance time_to_concession_h
concession_loss_jpy loss_jpy_per_household social_cost_jpy_per_household_year hidden_loss_mwh
false_alarms wrongly_charged time_to_detection_h time_to_proof_h time_to_revocation_h
rain_used_m3 water_table_m bursts leaks_not_found
minerals_stockout_days resource_co2_t land_ha
extraction_margin_jpy extraction_stranded_jpy extraction_jobs equipment_built_frac
leak_awareness_h leak_location_h false_leak_alarms leak_inspections mains_overdue_frac road_works_h
smallest_capture_set single_captors_water reach_hhi hydraulics_unsolved_h water_residual_m3
 maifi evening_ramp_mw casualties empty_km_share
 automated_km_share ride_mode_share ride_empty_km_share rides_left_share
 driving_jobs_displaced_share delay_h_per_person_trip
outages largest_outage_mwh ens_largest_tenth_frac caidi_h
bill_lowest_decile_jpy_per_month bill_highest_decile_jpy_per_month bill_adopters_jpy_per_month
bill_others_jpy_per_month water_price_renewal_jpy_per_m3 water_price_desalination_jpy_per_m3
incumbent_profit_jpy incumbent_lost_jpy stranded_assets_jpy lobbying_months lobbying_jpy
jobs_power jobs_water jobs_transport jobs_public jobs_construction jobs_not_found wages_lost_jpy
water_control_edges
 maifi evening_ramp_mw pv_homes_frac battery_homes_frac rain_tank_homes_frac adoption_morans_i
 maifi evening_ramp_mw
transit_crowding_frac transit_left_persons transit_bus_h_per_day transit_frequency_per_h
transit_subsidy_jpy_per_household_year bus_drivers carless_jobs_reached_frac
"""
STABLE = set(STABLE_NAMES.split())


def closing(rows: int = 4, **state) -> Closing:
    """The end of a run of *rows* equal households in two districts; *state* writes over it."""
    calm = {
        "households": 10.0 * rows,
        "people_weight": np.full(rows, 22.0),
        "district": np.arange(rows) % 2,
        "decile": np.arange(rows) % 10,
        "deprivation_h": np.zeros(rows),
        "dark_h": np.zeros(rows),
        "interruptions": np.zeros(rows),
        "momentary": np.zeros(rows),
        "bill_jpy": np.zeros(rows),
        "trust": np.full(rows, 0.6),
        "income_jpy_per_month": np.full(rows, 300e3),
        "capital_jpy_per_household_y": 0.0,
        "supplier_t": np.array([1.0]),
        "target": None,
        "attacked": False,
        "attacks_begun": 0,
        "smallest_capture_set": {"all": 2.0, "power": 1.0, "water": 1.0, "roads": 1.0},
        "reach_hhi": 1 / 3,
        "prosumes": np.arange(rows) % 2 == 0,
    }
    return Closing(**(calm | state))


def record(hours: int = 2, end: Closing | None = None, **columns) -> Record:
    """*hours* hours in two districts; *columns* are given for an hour, (districts,) or a number."""
    book = Record(("North", "South"), hours)
    at = {name: np.asarray(columns.get(name, np.zeros(2)), float) for name in BY_DISTRICT}
    city = {name: float(columns.get(name, 0.0)) for name in BY_CITY}
    assert set(columns) <= set(at) | set(city)
    for _ in range(hours):
        book.add(at, city)
    book.closing = end or closing()
    return book


def value(name: str, book: Record) -> float:
    return OUTCOMES[name].measure(book)


# ---- the catalogue ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OUTCOMES)
def test_every_outcome_is_described_and_its_name_is_stable(name):
    item = OUTCOMES[name]
    assert item.name == name
    assert item.unit
    assert item.title
    assert any(ord(letter) > 0x3000 for letter in item.title_ja), "a Japanese title has a Japanese letter"
    assert len(item.statement.split()) >= 3
    assert item.statement.endswith(".")
    assert item.better in (-1, 0, 1)
    extended = name in STABLE or any(name.startswith(f"{known}_") for known in STABLE)
    assert extended, f"{name} is no name that the documents know"


@pytest.mark.parametrize(
    ("ending", "unit"), [("_mwh", "MWh"), ("_m3", "m3"), ("_t", "t"), ("_frac", "1"), ("_share", "1")]
)
def test_a_unit_in_the_name_is_the_unit(ending, unit):
    named = [item for name, item in OUTCOMES.items() if name.endswith(ending) and "jpy_per" not in name]
    assert named
    assert {item.unit for item in named} == {unit}


def test_all_outcomes_at_once_with_their_units():
    values = measure(record(end=closing(rows=20)))
    assert list(values.index) == list(OUTCOMES)
    assert values.attrs["units"]["ens_mwh"] == "MWh"
    of_an_attack = ["deprivation_target_district", "concession_chance", "time_to_concession_h"]
    of_an_attack += [f"time_to_{what}_h" for what in ("detection", "proof", "revocation")]
    of_a_burst = ["leak_awareness_h", "leak_location_h"]
    of_an_outage = ["ens_largest_tenth_frac", "caidi_h"]
    of_bus_lines = ["transit_cost_jpy_per_pkm", "transit_crowding_frac", "transit_frequency_per_h"]
    of_a_morning = ["carless_jobs_reached_frac", "carless_jobs_reached_frac_poorest"]
    undefined = [*of_an_attack, *of_a_burst, *of_an_outage, *of_bus_lines, *of_a_morning]
    assert values.drop([*undefined, "adoption_morans_i"]).notna().all()


def test_nothing_happened_and_nobody_suffered():
    calm = measure(record())
    assert calm["deprivation_mean"] == calm["deprivation_gini"] == calm["cvar95_deprivation"] == 0.0
    assert calm["water_service_availability"] == calm["accessibility_frac"] == 1.0
    assert calm["ens_mwh"] == calm["saidi_h"] == calm["co2_t"] == 0.0
    assert np.isnan(calm["deprivation_target_district"])


# ---- people -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [2, 5, 40])
def test_gini_of_equals_is_zero_and_of_one_sufferer_nearly_one(rows):
    equal = record(end=closing(rows, deprivation_h=np.full(rows, 7.0)))
    alone = record(end=closing(rows, deprivation_h=np.eye(rows)[0] * 7.0))
    assert value("deprivation_gini", equal) == pytest.approx(0.0, abs=1e-12)
    assert value("deprivation_gini", alone) == pytest.approx(1.0 - 1.0 / rows)


def test_gini_of_three_by_hand():
    # mean absolute difference of 1, 2, 3 over twice the mean: (8/9) / 4 = 2/9
    book = record(end=closing(3, deprivation_h=np.array([3.0, 1.0, 2.0])))
    assert value("deprivation_gini", book) == pytest.approx(2 / 9)


def test_a_row_that_stands_for_more_people_counts_for_more():
    weighted = closing(2, deprivation_h=np.array([0.0, 4.0]), people_weight=np.array([3.0, 1.0]))
    spelt_out = closing(4, deprivation_h=np.array([0.0, 0.0, 0.0, 4.0]), people_weight=np.ones(4))
    for name in ("deprivation_mean", "cvar95_deprivation"):
        assert value(name, record(end=weighted)) == pytest.approx(value(name, record(end=spelt_out)))
    assert value("deprivation_mean", record(end=weighted)) == 1.0


def test_the_worst_twentieth():
    deprivation = np.arange(1.0, 101.0)
    book = record(end=closing(100, deprivation_h=deprivation[::-1]))
    assert value("cvar95_deprivation", book) == pytest.approx(np.mean([96, 97, 98, 99, 100]))
    # of ten people the worst twentieth is half a person
    few = record(end=closing(10, deprivation_h=np.arange(10.0)))
    assert value("cvar95_deprivation", few) == pytest.approx(9.0)


def test_deprivation_by_district():
    end = closing(target=0)
    book = record(hours=3, end=end, deprivation_h=[0.5, 2.0])
    assert value("deprivation_target_district", book) == pytest.approx(1.5)
    assert value("deprivation_worst_district", book) == pytest.approx(6.0)


@pytest.mark.parametrize("rows", [1, 4])
def test_a_household_day_does_not_hang_on_how_finely_people_are_drawn(rows):
    # 100 households of 3 persons each, drawn as one row or as four
    end = closing(rows, households=100.0, people_weight=np.full(rows, 300.0 / rows))
    book = record(hours=24, end=end, food_short_persons=[0.0, 6.0])
    assert value("food_short_household_days", book) == pytest.approx(2.0)


def test_a_target_that_was_spared_is_told_from_nobody_there():
    assert np.isnan(value("deprivation_target_district", record(end=closing(attacked=False))))
    assert value("deprivation_target_district", record(end=closing(attacked=True))) == 0.0


def test_output_lost_and_trust():
    book = record(output_lost_jpy=[10.0, 0.0], output_usual_jpy=[60.0, 40.0])
    assert value("output_lost_frac", book) == pytest.approx(0.1)
    end = closing(2, trust=np.array([0.2, 0.8]), people_weight=np.array([1.0, 3.0]))
    assert value("trust_end", record(end=end)) == pytest.approx(0.65)


# ---- networks ---------------------------------------------------------------------------------------


def test_momentary_interruptions_are_counted_apart():
    end = closing(momentary=np.array([2.0, 0.0, 0.0, 0.0]))
    assert value("maifi", record(end=end)) == 0.5
    assert value("saifi", record(end=end)) == 0.0


def test_the_evening_rise_is_that_of_the_net_load_and_not_of_the_morning():
    book = Record(("North", "South"), 48)
    at = {name: np.zeros(2) for name in BY_DISTRICT}
    for hour in range(48):
        clock = hour % 24
        asked = 100.0 if clock >= 8 else 10.0
        sold = {15: 40.0, 16: 20.0}.get(clock, 0.0) * (hour < 24)
        book.add(at, dict.fromkeys(BY_CITY, 0.0) | {"load_asked_mw": asked, "home_sold_mw": sold})
    assert value("evening_ramp_mw", book) == pytest.approx((40.0 + 0.0) / 2)
    assert value("evening_ramp_mw", record(hours=5)) == 0.0, "no whole day"


def test_saidi_and_saifi_of_homes():
    end = closing(4, dark_h=np.array([0.0, 2.0, 0.5, 0.0]), interruptions=np.array([0.0, 1.0, 3.0, 0.0]))
    assert value("saidi_h", record(end=end)) == pytest.approx(0.625)
    assert value("saifi", record(end=end)) == 1.0


def test_energy_not_supplied_and_withheld():
    book = record(hours=3, power_unserved_mwh=[1.0, 2.0], power_restricted_mwh=[0.0, 1.5])
    assert value("ens_mwh", book) == pytest.approx(9.0)
    assert value("power_restricted_mwh", book) == pytest.approx(4.5)


def test_shares_of_electricity():
    book = record(load_delivered_mw=80.0, home_own_mw=20.0, home_sold_mw=10.0, renewable_mw=20.0)
    assert value("renewable_share", book) == pytest.approx(0.5)
    assert value("local_share", book) == pytest.approx(0.3)


def test_what_a_home_sells_is_used_once():
    # all that the city uses comes from roofs: half is used at home, half is sold to neighbours' meters
    book = record(load_delivered_mw=40.0, home_own_mw=40.0, home_sold_mw=40.0)
    assert value("local_share", book) == value("renewable_share", book) == 1.0


def test_the_peak_is_of_hours_lived_only():
    book = Record(("North", "South"), 10)
    calm = {name: np.zeros(2) for name in BY_DISTRICT}
    for load in (50.0, 90.0, 70.0):
        book.add(calm, dict.fromkeys(BY_CITY, 0.0) | {"load_asked_mw": load})
    assert value("peak_mw", book) == 90.0


def test_water_service_availability_and_leakage():
    book = record(
        water_asked_m3=[60.0, 40.0],
        water_unserved_m3=[0.0, 5.0],
        water_restricted_m3=[0.0, 2.0],
        water_input_m3=110.0,
        water_leakage_m3=11.0,
        water_local_m3=22.0,
    )
    assert value("water_service_availability", book) == pytest.approx(0.95)
    assert value("water_unserved_m3", book) == pytest.approx(10.0)
    assert value("water_restricted_m3", book) == pytest.approx(4.0)
    assert value("leakage_share", book) == pytest.approx(0.1)
    assert value("local_water_share", book) == pytest.approx(0.2)


def test_roads():
    book = record(
        trips_wanted=[60.0, 40.0],
        trips_made=[50.0, 40.0],
        trips_asked_veh=70.0,
        delay_veh_h=7.0,
        trips_stranded_veh=4.0,
        trips_restricted_veh=3.0,
        transit_persons=18.0,
        mode_persons=90.0,
        road_fuel_t=0.5,
        vehicle_km=400.0,
    )
    assert value("accessibility_frac", book) == pytest.approx(0.9)
    assert value("delay_h_per_trip", book) == pytest.approx(0.1)
    assert value("trips_stranded", book) == pytest.approx(8.0)
    assert value("trips_restricted", book) == pytest.approx(6.0)
    assert value("transit_mode_share", book) == pytest.approx(0.2)
    assert value("vehicle_km", book) == pytest.approx(800.0)
    assert value("co2_t", book) == pytest.approx(2 * 0.5 * 3.1)


def test_supply():
    book = record(
        hours=48,
        fuel_unserved_t=2.0,
        fuel_restricted_t=1.0,
        minerals_unserved_t=0.5,
        fuel_stockouts=3.0,
        fuel_jpy_per_t=100e3,
        food_short_persons=[0.0, 22.0],
        end=closing(
            supplier_t=np.array([3.0, 1.0]),
            people_weight=np.array([10.0, 20.0, 30.0, 20.0]),
            households=40.0,
        ),
    )
    assert value("fuel_unserved_t", book) == pytest.approx(96.0)
    assert value("fuel_restricted_t", book) == pytest.approx(48.0)
    assert value("minerals_unserved_t", book) == pytest.approx(24.0)
    assert value("fuel_stockout_days", book) == pytest.approx(6.0)
    assert value("fuel_price_jpy_per_l", book) == pytest.approx(74.0)
    assert value("supplier_hhi", book) == pytest.approx(0.75**2 + 0.25**2)
    # 22 persons for 2 days are 44 person-days; a mean household has 2 persons
    assert value("food_short_household_days", book) == pytest.approx(22.0)


def test_price_indices_are_over_the_first_hour():
    book = Record(("North",), 4)
    for price in (100.0, 100.0, 200.0, 400.0):
        city = dict.fromkeys(BY_CITY, 0.0) | {"minerals_jpy_per_t": price, "food_jpy_per_t": 50.0}
        book.add({name: np.zeros(1) for name in BY_DISTRICT}, city)
    book.closing = closing()
    assert value("minerals_price_index", book) == pytest.approx(2.0)
    assert value("food_price_index", book) == pytest.approx(1.0)


# ---- money, exposure --------------------------------------------------------------------------------


def test_bills_are_stretched_to_a_month():
    end = closing(
        3,
        bill_jpy=np.array([100.0, 200.0, 300.0]),
        decile=np.array([0, 0, 9]),
        income_jpy_per_month=np.array([125e3, 125e3, 950e3]),
    )
    book = record(hours=73, end=end)  # a tenth of the 730 hours of a month
    assert value("bill_jpy_per_household_month", book) == pytest.approx(2000.0)
    assert value("bill_burden_lowest_decile", book) == pytest.approx(1500.0 / 125e3)


def test_without_the_poor_there_is_no_burden_to_tell():
    book = record(end=closing(2, decile=np.array([4, 9])))
    assert np.isnan(value("bill_burden_lowest_decile", book))


def test_prices_are_means_and_margins_sums():
    book = record(
        hours=4, power_price_jpy_per_kwh=25.0, water_price_jpy_per_m3=187.0, utility_margin_jpy=-3.0
    )
    assert value("power_price_jpy_per_kwh", book) == pytest.approx(25.0)
    assert value("water_price_jpy_per_m3", book) == pytest.approx(187.0)
    assert value("incumbent_margin_jpy", book) == pytest.approx(-12.0)


def test_exposure_is_told_as_it_stands():
    sets = {"all": 2.0, "power": 1.0, "water": float("inf"), "roads": 3.0}
    book = record(end=closing(smallest_capture_set=sets, reach_hhi=0.25, attacks_begun=4))
    assert value("smallest_capture_set", book) == 2.0
    assert value("smallest_capture_set_water", book) == float("inf")
    assert value("smallest_capture_set_roads", book) == 3.0
    assert value("reach_hhi", book) == 0.25
    assert value("attacks_begun", book) == 4.0


def test_concessions_and_the_time_to_the_first():
    nobody_may = record(hours=10, end=closing(concessions=0))
    assert np.isnan(value("concession_chance", nobody_may))
    assert np.isnan(value("time_to_concession_h", nobody_may))
    held = record(hours=10, end=closing(waiting_from_hour=4.0))
    assert (value("concession_chance", held), value("time_to_concession_h", held)) == (0.0, 6.0), "censored"
    twice = closing(concessions=2, waiting_from_hour=4.0, conceded_hour=7.0, concession_loss_jpy=5e6)
    gave_in = record(hours=10, end=twice)
    assert [value(name, gave_in) for name in ("conceded", "concession_chance", "time_to_concession_h")] == [
        *(2.0, 1.0, 3.0)
    ]
    assert value("concession_loss_jpy", gave_in) == 5e6


def test_cost_to_society_by_hand():
    # 40 households of 88 people: 88 x 2 weighted hours at 400 JPY, 2 h x 1000 JPY of output, 9600 handed over
    end = closing(
        deprivation_h=np.full(4, 2.0),
        concession_loss_jpy=9600.0,
        deprivation_jpy_per_h=400.0,
        capital_jpy_per_household_y=7000.0,
        runs_per_year=3.0,
    )
    book = record(hours=2, end=end, output_lost_jpy=[600.0, 400.0])
    assert value("loss_jpy_per_household", book) == pytest.approx((70_400 + 2000 + 9600) / 40)
    assert value("social_cost_jpy_per_household_year", book) == pytest.approx(3 * 2050.0 + 7000.0)


def test_a_day_without_power_is_worth_its_value_of_lost_load():
    numbers = SocialCostParameters(voll_jpy_per_kwh=500.0, anchor_kw_per_person=0.2, anchor_outage_h=24)
    price = deprivation_jpy_per_h(numbers, 1.0, 1 / 48, 48.0)
    suffered = sum(np.expm1(hour / 48) for hour in range(1, 25))
    assert price * suffered == pytest.approx(500.0 * 0.2 * 24)
    assert deprivation_jpy_per_h(numbers, 2.0, 1 / 48, 48.0) == pytest.approx(price / 2)
    short = SocialCostParameters(anchor_outage_h=2)
    assert deprivation_jpy_per_h(short, 1.0, 1 / 48, 48.0) > 9 * deprivation_jpy_per_h(
        SocialCostParameters(), 1.0, 1 / 48, 48.0
    )


# ---- the record itself ------------------------------------------------------------------------------


def test_a_record_grows_beyond_the_hours_it_was_made_for():
    book = Record(("North", "South"), 2)
    for hour in range(60):
        book.add({name: np.full(2, hour) for name in BY_DISTRICT}, {name: float(hour) for name in BY_CITY})
    assert book.lived == 60
    assert book.total("load_asked_mw") == sum(range(60))
    assert book.at["deprivation_h"][:60, 1].tolist() == list(range(60))


def test_a_column_that_is_left_out_is_an_error():
    book = Record(("North", "South"), 2)
    with pytest.raises(KeyError, match="load_asked_mw"):
        book.add(
            {name: np.zeros(2) for name in BY_DISTRICT},
            {name: 0.0 for name in BY_CITY if name != "load_asked_mw"},
        )


def test_tables_have_a_row_an_hour():
    book = record(hours=3, power_unserved_mwh=[1.0, 2.0])
    table = book.by_district()
    assert isinstance(table, pd.DataFrame)
    assert len(table) == 6
    assert table.loc[(table.hour == 2) & (table.district == "South"), "power_unserved_mwh"].item() == 2.0
    assert book.by_hour()["hour"].tolist() == [0, 1, 2]


# ---- what is known, proven and ended ------------------------------------------------------------------

DELAYS = {"detection": "known_hour", "proof": "proof_hour", "revocation": "revoked_hour"}


@pytest.mark.parametrize(("what", "hour"), DELAYS.items())
def test_times_run_from_the_first_abuse_to_the_event_or_to_the_end(what, hour):
    name = f"time_to_{what}_h"
    assert value(name, record(10, closing(abuse_hour=2.0, **{hour: 7.0}))) == 5.0
    assert value(name, record(10, closing(abuse_hour=2.0))) == 8.0, "censored at the end of the run"
    assert value(name, record(10, closing(abuse_hour=2.0, **{hour: 1.0}))) == 0.0
    assert np.isnan(value(name, record(10, closing(**{hour: 7.0})))), "no abuse, no delay"


def test_crashes_are_told_by_the_distance_driven():
    book = record(2, closing(casualties_per_crash=1.2), crashes_expected=0.5, vehicle_km=1e6)
    assert value("crashes", book) == 1.0
    assert value("casualties", book) == 1.2
    assert value("crashes_per_million_km", book) == 0.5


# ---- resources --------------------------------------------------------------------------------------

BOUGHT = {
    "resources_bought_t": 10.0,
    "resources_cost_jpy": 2e6,
    "old_suppliers_cost_jpy": 1.5e6,
    "old_suppliers_sales_jpy": 3e6,
    "old_suppliers_lost_jpy": 0.5e6,
    "fuel_bought_t": 8.0,
    "fuel_without_oil_t": 2.0,
    "plants_waste_t": 0.5,
    "plants_co2_t": -3.0,
}
OLD_TRADE = ResourcesClosing(
    retired_t_per_h=1.0,
    yearly_jpy=8760e6,
    usual_sales_jpy_per_h=2e6,
    running_frac=0.6,
    fixed_frac=0.25,
    assets_y=2.0,
    jobs_per_billion_jpy=10.0,
)


def test_shares_of_oil_and_of_imports_are_of_what_was_bought():
    bought = record(**BOUGHT)
    assert value("oil_share", bought) == pytest.approx(0.75)
    assert value("resource_import_share", bought) == pytest.approx(0.75)
    assert value("oil_share", record()) == value("resource_import_share", record()) == 1.0


def test_the_cost_of_a_tonne_bears_the_capital_of_the_measures():
    assert value("extraction_cost_jpy_per_t", record(**BOUGHT)) == pytest.approx(2e5)
    dear = record(end=closing(resources=OLD_TRADE), **BOUGHT)
    assert value("extraction_cost_jpy_per_t", dear) == pytest.approx(2e5 + 1e5)


def test_waste_is_what_is_thrown_away_and_what_plants_leave():
    assert value("waste_t", record(end=closing(resources=OLD_TRADE), **BOUGHT)) == pytest.approx(3.0)


def test_plants_of_fuel_count_in_the_co2_of_the_city():
    assert value("resource_co2_t", record(**BOUGHT)) == pytest.approx(-6.0)
    spared = value("co2_t", record(power_co2_t=10.0, **BOUGHT))
    assert spared == pytest.approx(value("co2_t", record(power_co2_t=10.0)) - 6.0)


def test_the_old_trade_gains_by_scarcity_and_loses_by_what_is_bought_elsewhere():
    old = record(end=closing(resources=OLD_TRADE), **BOUGHT)
    assert value("extraction_margin_jpy", old) == pytest.approx(2 * (3e6 - 0.6 * 1.5e6 - 0.25 * 2e6))
    assert value("extraction_jobs", old) == pytest.approx(10.0 * 1.5e6 * 8760 / 1e9)
    assert value("extraction_stranded_jpy", old) == pytest.approx(2.0 * 0.5e6 * 8760)


# ---- public transport -------------------------------------------------------------------------------


def test_cost_and_crowding_of_buses_are_means_over_the_kilometres_of_passengers() -> None:
    book = record(hours=3, transit_cost_jpy=9000.0, transit_person_km=100.0, transit_crowded_km=25.0)
    assert value("transit_cost_jpy_per_pkm", book) == 90.0
    assert value("transit_crowding_frac", book) == 0.25


def test_cost_and_crowding_are_undefined_where_nobody_rides() -> None:
    for name in ("transit_cost_jpy_per_pkm", "transit_crowding_frac", "transit_frequency_per_h"):
        assert np.isnan(value(name, record()))


def test_service_is_a_day_and_subsidy_a_year() -> None:
    book = record(hours=2, transit_bus_h=10.0, transit_subsidy_jpy=1000.0)
    assert value("transit_bus_h_per_day", book) == 240.0
    assert value("transit_subsidy_jpy_per_household_year", book) == pytest.approx(1000.0 * 8760 / 40.0)
