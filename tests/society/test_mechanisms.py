"""Mechanism switches: each removes the effect that it names, in a society where that effect matters."""

import numpy as np
import pytest

from agentsim.agents.officers.supplier import Supplier
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import Order

HOURS = 96
TARGET = 6
ALL_ROOMS = {
    "attacker.first_hour": 24,
    "attacker.target": "Southshore",
    "bad_actor.action_chance": 1.0,
}
POWER_ONLY = {**ALL_ROOMS, "attacker.foothold": ["power_control_room"]}
WORKS = {**ALL_ROOMS, "attacker.target": "Riverside"}  # where the treatment works of the river stands
STATIONS = {**ALL_ROOMS, "attacker.target": "Harbour"}  # where coal-fired units stand
REFINERY = {**POWER_ONLY, "attacker.target": "Foundry"}  # where the works of new fuels stand
# nobody sells metals during the year in which the batteries are built
EMBARGO_BEFORE = {"build_up.months": 12, "build_up.embargo_months": 12, "materials.withheld_frac": 1.0}
OLD_FEEDERS = {"failures.everyday_saidi_h_per_year": 100.0}
NO_STOCK = {"supply.cover_days": [0.0, 0.0, 0.0]}
BURSTS = {
    "failures.main_bursts_per_km_year": 10.0,
    "utilities.awareness_h": 1.0,
    "utilities.location_h": 1.0,
    "utilities.repair_h": 6.0,
}
# the store of spare parts is closed off, and crews are let through
NO_PARTS = {
    **ALL_ROOMS,
    **NO_STOCK,
    **BURSTS,
    "attacker.target": "Old Town",
    "mechanisms.roads_to_crews": False,
}
# a timetable planned anew every day on half the subsidy that it needs
POOR_BUSES = {
    "bus_lines.lines": 4,
    "bus_operator.timetable_days": 1,
    "bus_operator.deficit_paid_frac": 0.5,
}
DEARER = ("E-C2",)  # control rooms and microgrids that the tariff pays for
ALWAYS_FRESH = {"coupling.dam_low_frac": 1.1}  # the plant at the sea side runs however full the dam is
# it holds nothing, takes one room for sure, and would need eight of the three days that it has
BREAK_IN = {
    **ALL_ROOMS,
    "attacker.mind": "scripted",
    "attacker.strikes": ["A1 Southshore"],
    "attacker.efforts": ["power_control_room 12"],
    "attacker.foothold": [],
    "capture.security_control_room": 0.01,
}
# the cheapest strike costs 14 a week, and a fine of 27 is nearly certain
FEARFUL = {**ALL_ROOMS, "bad_actor.prior_proven": 1000.0, "bad_actor.prize": [20.0, 20.0, 20.0, 20.0]}
WEAK_GRID = {"power.limit_frac": 0.6, "power.trip_frac": 1.05, "failures.unit_failure_factor": 5.0}
# an open cut breaks the rule in its sixth hour, a verdict takes half a day, and nobody else ever looks
WATCHED = {
    **ALL_ROOMS,
    "detection.audits_per_day": 0.0,
    "monitor.investigation_days": 0.5,
    "monitor.revocation_days": 0.25,
    "monitor.delay_sigma": 0.0,
    "policy.X-C4.independence": 1.0,
    "policy.X-C4.inspections_per_month": 0.0,
}

# nobody gives in, and the siege goes on
SIEGE = ALL_ROOMS
# any dip of the tanks is a shortage, and the count is at once
LOW_TANKS = {"rationing.tanks_low_frac": 1.0, "voting.decision_h": 0.0}
# the captor is the municipality, which answers to its own district
LOCAL_CAPTOR = {
    **SIEGE,
    "attacker.foothold": ["municipality:Southshore"],
    "recall.low_trust": 0.58,
    "recall.procedure_days": 1.0,
}
# somebody who holds the edge gives these orders every hour of the second day on, whoever attacks
ORDERED = {
    "market_power": [Order("generation_company", "generators", "withhold", 0.5)],
    "contamination": [Order("water_control_room", "dosing", "dose", 111.0)],
    "home_devices": [Order("device_cloud", "home_devices:Southshore", "switch", 1.0)],
}
UNSEEN = {"utilities.dose_seen_per_h": 0.0}

# within a year before the first hour many homes buy, and nothing made of minerals is delivered
A_YEAR_BEFORE = {"years_before": 1, "adoption.innovation_per_y": 1.0, "adoption.pv_jpy_per_kw": 20e3}

# mechanism -> (policies, attacked, embargoed, changes to the scenario, what must be different without it)
SITUATIONS = {
    "power_to_water": ((), True, False, WORKS, "water_unserved_m3"),
    "water_to_power": ((), True, False, STATIONS, "generation_jpy"),
    "power_to_roads": ((), True, False, POWER_ONLY, "delay_veh_h"),
    "power_to_plants": (("R-S4",), True, False, REFINERY, "plants_mwh"),
    "fuel_to_power": ((), False, True, NO_STOCK, "generation_jpy"),
    "fuel_to_vehicles": ((), False, True, NO_STOCK, "trips_asked_veh"),
    "roads_to_deliveries": ((), True, False, {**ALL_ROOMS, **NO_STOCK}, "food_short_persons"),
    "roads_to_crews": ((), True, False, {**ALL_ROOMS, **BURSTS}, "water_leakage_m3"),
    "roads_to_work": ((), True, False, SIEGE, "output_lost_jpy"),
    "mains_to_roads": ((), False, False, {"mains.renewal_frac_per_y": 1.0}, "delay_veh_h"),
    "minerals_to_repairs": ((), True, False, NO_PARTS, "water_leakage_m3"),
    "minerals_to_equipment": (("E-S4",), False, False, EMBARGO_BEFORE, "generation_mw"),
    "control_graph": (("E-C2",), True, False, ALL_ROOMS, "power_restricted_mwh"),
    "kill_chain": ((), True, False, BREAK_IN, "deprivation_h"),
    "behaviour": ((), False, False, {"behaviour.load_sd_frac": 0.02}, "load_wanted_mw"),
    "forecast": ((), False, False, {}, "reserve_mw"),
    "learned_forecast": (("E-S1",), False, False, {}, "reserve_mw"),
    "look_ahead": (("E-S1", "E-S4"), False, False, {}, "generation_mw"),
    "market_power": ((), False, False, {}, "power_price_jpy_per_kwh"),
    "p2p": (("E-C1",), False, False, {"p2p.grid_fee_frac": 0.0}, "p2p_mwh"),
    "distributed_energy": (("E-S2",), False, False, {}, "home_sold_mw"),
    "adoption": ((), False, False, A_YEAR_BEFORE, "home_sold_mw"),
    "storage": (("E-S4",), False, False, {}, "generation_mw"),
    "demand_response": (DEARER, False, False, {}, "load_asked_mw"),
    "load_shifting": (("E-S3",), False, False, {}, "load_asked_mw"),
    "fault_isolation": (("E-S3",), False, False, OLD_FEEDERS, "power_unserved_mwh"),
    "islanding": (
        ("E-C2",),
        True,
        False,
        {**ALL_ROOMS, "mechanisms.control_graph": False},
        "power_unserved_mwh",
    ),
    "leakage": ((), False, False, {}, "water_leakage_m3"),
    "pipe_ageing": ((), False, False, BURSTS, "water_leakage_m3"),
    "hidden_bursts": ((), False, False, BURSTS, "water_leakage_m3"),
    "leak_finder": (("W-S2",), False, False, {}, "water_leakage_m3"),
    "local_wells": (("W-C1",), True, False, ALL_ROOMS, "water_unserved_m3"),
    "rain_tanks": (("W-S3",), False, False, {}, "water_input_m3"),
    "aquifer": (("W-C1",), False, False, {"aquifer.specific_yield": 0.001}, "load_delivered_mw"),
    "recharge": (("W-S3",), False, False, {}, "water_input_m3"),
    "desalination": (("W-S1",), False, False, ALWAYS_FRESH, "load_delivered_mw"),
    "contamination": ((), False, False, UNSEEN, "contamination_person_h"),
    "residual_queues": ((), False, False, {}, "delay_veh_h"),
    "local_signals": (("T-C1",), True, False, POWER_ONLY, "delay_veh_h"),
    "adaptive_signals": (("T-S1",), False, False, {}, "delay_veh_h"),
    "crashes": ((), False, False, {}, "crashes_expected"),
    "vehicle_fleets": (("T-S2",), False, False, {}, "delay_veh_h"),
    "ride_matching": (("T-S3",), False, False, {}, "delay_veh_h"),
    "bus_lines": ((), False, False, {"bus_lines.lines": 4}, "transit_person_km"),
    "bus_budget": ((), False, False, POOR_BUSES, "transit_bus_h"),
    "scarcity_price": ((), False, True, NO_STOCK, "fuel_jpy_per_t"),
    "diversification": (("R-C2",), False, False, {}, "food_jpy_per_t"),
    "exploration": (("R-S1",), False, False, {"policy.R-S1.years": 40.0}, "resources_cost_jpy"),
    "oil_recovery": (("R-S2",), False, False, {}, "oil_produced_t"),
    "scrap": (("R-S3",), False, False, {}, "old_suppliers_cost_jpy"),
    "new_fuels": (("R-S4",), False, False, {}, "plants_mwh"),
    "hoarding": ((), False, True, NO_STOCK, "food_short_persons"),
    "home_devices": ((), False, False, {}, "load_asked_mw"),
    "public_record": (("X-C2", "X-C4"), True, False, WATCHED, "power_restricted_mwh"),
    "detection": (("X-C2", "X-C4"), True, False, WATCHED, "power_restricted_mwh"),
    "revocation": (("X-C2", "X-C4"), True, False, WATCHED, "power_restricted_mwh"),
    "deterrence": (("X-C4",), True, False, FEARFUL, "deprivation_h"),
    "rationing": (("X-C3",), False, False, LOW_TANKS, "water_unserved_m3"),
    "voting": (("X-C3",), False, False, LOW_TANKS, "water_unserved_m3"),
    "recall": (("X-C1", "X-C3"), True, False, LOCAL_CAPTOR, "power_restricted_mwh"),
    "household_stocks": (("X-C5",), True, False, SIEGE, "deprivation_h"),
    "trust": (DEARER, False, False, {}, "load_asked_mw"),
    "protest": ((), True, False, SIEGE, "output_lost_jpy"),
    "migration": ((), True, False, {**SIEGE, "civics.moving_cost": 2.0}, "load_wanted_mw"),
    "cascade": ((), False, False, WEAK_GRID, "power_unserved_mwh"),
    "failures": ((), False, False, {}, "generation_jpy"),
    "charges": (("E-C2",), False, False, {}, "power_price_jpy_per_kwh"),
    "cost_recovery": (("E-S2",), False, False, {}, "power_price_jpy_per_kwh"),
    "lobbying": (("E-S2",), False, False, {}, "lobbying_jpy"),
}


@pytest.fixture(scope="module")
def live(hamlet):
    """A run of four days in a mechanism's situation, with the mechanism or without.

    All mechanisms are on by default, so that those with one situation share the run that has them all.
    """
    lived = {}

    def run(name: str, on: bool):
        policies, attacked, embargoed, changes, _ = SITUATIONS[name]
        off = {} if on else {f"mechanisms.{name}": False}
        setting = {"hours": HOURS, **changes, **off}
        ordered = tuple(ORDERED.get(name, ()))
        key = (policies, attacked, embargoed, repr(sorted(setting.items())), ordered)
        if key not in lived:
            society = hamlet(policies, "coercer" if attacked else "none", 1, 0, setting)
            lived[key] = run_of(society, embargoed, ordered)
        return lived[key]

    return run


def run_of(society, embargoed: bool, ordered: tuple[Order, ...]):
    """Four days, in which suppliers offer nothing, or somebody gives orders from the second day on."""
    if embargoed:
        for supplier in society.agents.select(agent_type=Supplier):
            supplier.offer_frac = 0.0
    if ordered:
        given = society.orders
        society.orders = lambda: [*given(), *(ordered if society.hour >= 24 else ())]
    return society.run(HOURS)


def column(society, name: str) -> np.ndarray:
    record = society.record
    return (record.at if name in record.at else record.city)[name][: record.lived]


def test_every_switch_has_a_situation_in_which_it_matters():
    assert tuple(SITUATIONS) == Mechanisms.names()
    assert all(getattr(Mechanisms(), name) for name in SITUATIONS), "on by default"


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_switch_removes_what_it_names(name, live):
    looked_at = SITUATIONS[name][-1]
    assert (column(live(name, True), looked_at) != column(live(name, False), looked_at)).any()


# ---- effects that the networks' own tests do not cover ----------------------------------------------


def test_without_petrol_fewer_drive(live):
    asked = [column(live("fuel_to_vehicles", on), "trips_asked_veh")[-24:].sum() for on in (True, False)]
    assert asked[0] < 0.95 * asked[1]


def test_a_district_that_is_closed_off_waits_longer_for_crews(live):
    leaked = [column(live("roads_to_crews", on), "water_leakage_m3").sum() for on in (True, False)]
    assert leaked[0] > leaked[1]


def test_staff_that_cannot_reach_work_produces_nothing(live):
    lost = [column(live("roads_to_work", on), "output_lost_jpy")[:, TARGET].sum() for on in (True, False)]
    assert lost[0] > lost[1]
    assert live("roads_to_work", True).daily_life.attendance[TARGET] < 0.9
    assert (live("roads_to_work", False).daily_life.attendance == 1.0).all()


def test_without_parts_mains_run_longer(live):
    leaked = [column(live("minerals_to_repairs", on), "water_leakage_m3").sum() for on in (True, False)]
    assert leaked[0] > leaked[1]


def test_without_the_control_graph_orders_of_the_captured_centre_apply_everywhere(live):
    cut = [live("control_graph", on).outcomes["power_restricted_mwh"] for on in (True, False)]
    assert cut[0] == 0.0 < cut[1]


def test_a_perfect_forecast_needs_less_reserve(live):
    reserve = [live("forecast", on).outcomes["reserve_mwh"] for on in (True, False)]
    assert reserve[0] > reserve[1] > 0.0
    assert not live("forecast", False).outlook.load_sigma_mw.any()


def test_storage_switched_off_neither_charges_nor_discharges(live):
    assert live("storage", True).service.power.store_energy_mwh.sum() > 0.0
    assert live("storage", False).service.power.store_energy_mwh.sum() == 0.0


def test_people_answer_a_higher_price_with_less(live):
    society, deaf = live("demand_response", True), live("demand_response", False)
    assert society.market.power_price_frac > 1.05
    assert column(society, "load_asked_mw").sum() < column(deaf, "load_asked_mw").sum()
    asked = society.record.at["power_asked_mwh"].sum()
    assert asked < deaf.record.at["power_asked_mwh"].sum()


def test_households_with_more_trust_answer_prices_more(live):
    # trust has risen over calm days, so that its answer is stronger than the mechanism's own level
    society, level = live("trust", True), live("trust", False)
    assert society.population.trust.mean() > society.population.parameters.trust_start
    assert column(society, "load_asked_mw").sum() < column(level, "load_asked_mw").sum()


def test_stocks_at_home_lower_deprivation(live):
    suffered = [live("household_stocks", on).outcomes["deprivation_mean"] for on in (True, False)]
    assert suffered[0] < 0.8 * suffered[1]


def test_wells_help_the_district_and_prices_answer_scarcity(live):
    dry = [live("local_wells", on).outcomes["water_unserved_m3"] for on in (True, False)]
    assert dry[0] < dry[1]
    dear = [live("scarcity_price", on).outcomes["fuel_price_jpy_per_l"] for on in (True, False)]
    assert dear[0] > dear[1]


def test_without_failures_nothing_breaks(live):
    society = live("failures", False)
    damage = [society.failures.at(hour) for hour in range(HOURS)]
    assert not any(d.units_out.any() or d.lines_out.any() or d.feeders_out.any() for d in damage)
    assert not any(d.new_bursts.any() for d in damage)
    assert society.outcomes["saidi_h"] == 0.0


def test_without_charges_nobody_pays_for_what_is_installed(live):
    paid, free = live("charges", True), live("charges", False)
    assert paid.market.power_jpy_per_kwh > free.market.power_jpy_per_kwh
    assert free.outcomes["capital_jpy_per_household_year"] == 0.0
    assert free.charter == paid.charter, "the measure is the same, only its bill is left out"


# ---- people and politics ----------------------------------------------------------------------------


def test_protesters_miss_work(live):
    society = live("protest", True)
    assert society.outcomes["protest_peak_frac"] > 0.0
    lost = [column(live("protest", on), "output_lost_jpy").sum() for on in (True, False)]
    assert lost[0] > lost[1]


def test_households_that_move_away_are_counted(live):
    society = live("migration", True)
    left = 1.0 - society.population.homes.stay_frac
    assert society.outcomes["households_moved"] == pytest.approx(left.sum() * society.population.weight)
    assert left.any()
    assert live("migration", False).outcomes["households_moved"] == 0.0


def test_after_revocation_a_captured_principal_restricts_no_more(live):
    society = live("recall", True)
    assert society.recall.recalled
    out = min(society.recall.recalled.values())
    assert not column(society, "power_restricted_mwh")[out + 1 :].any()
    assert column(live("recall", False), "power_restricted_mwh")[out + 1 :].any()
