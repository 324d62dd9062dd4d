"""Builders of institutions: control, rationing, recall, market, public log."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from agentsim.agents.households.civics import Civics
from agentsim.agents.households.deprivation import POWER, WATER
from agentsim.agents.households.population import Population
from agentsim.core.charter import Charter
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_YEAR, KW_PER_MW, MONTHS_PER_YEAR
from agentsim.institutions.control_graph import PLANT_DOSING, PLATFORMS, WELL_DOSING, ControlGraph
from agentsim.institutions.cost_recovery import CostRecovery
from agentsim.institutions.detection import Detector
from agentsim.institutions.ledger import Ledger, OrdinaryYear, UtilityCosts, YearlyParts, parts_by_payer
from agentsim.institutions.market import Treasury
from agentsim.institutions.p2p import LocalMarket
from agentsim.institutions.public_record import PublicRecord
from agentsim.institutions.publication import Publisher
from agentsim.institutions.rationing import Claims, Rationing, power_claims, water_claims
from agentsim.institutions.recall import Recall
from agentsim.institutions.time_of_use import TimeOfUse
from agentsim.institutions.voting import Ballot
from agentsim.networks.coupling import Coupling
from agentsim.place.cases import RESIDENTIAL, GridCase
from agentsim.place.equipment import Equipment
from agentsim.place.merit_order import MeritOrder
from agentsim.society.publishing import Publishing
from agentsim.society.setup.ground import Ground
from agentsim.society.setup.networks import loggers
from agentsim.society.shortages import Shortages


def control_graph(ground: Ground) -> ControlGraph:
    """Who may operate what."""
    return ControlGraph(
        ground.charter.control,
        ground.place.districts.name,
        ground.mechanisms.control_graph,
        ground.place.supply.terminal_supplier,
        platforms(ground.charter, ground.mechanisms),
        remote_devices=loggers(ground) is not None,
        remote_switches=bool(ground.equipment.remote_feeder.any()) and ground.mechanisms.fault_isolation,
        detectors=has_detectors(ground),
        automated_cars=ground.charter.stock.automated_car_frac > 0.0,
        added_dosing=added_dosing(ground),
    )


def has_detectors(ground: Ground) -> bool:
    """Whether signals follow what detectors report to a centre (mechanism adaptive_signals)."""
    adaptive = ground.equipment.adaptive_signal & ~ground.equipment.local_signal
    return bool(adaptive.any()) and ground.mechanisms.adaptive_signals


def added_dosing(ground: Ground) -> tuple[str, ...]:
    """Dosing at the sources that the charter adds: municipal wells, and a desalination plant."""
    equipment, alive = ground.equipment, ground.mechanisms
    wells = alive.local_wells and bool(equipment.well_m3_per_h.any())
    plant = alive.desalination and equipment.desalination_m3_per_h > 0.0
    return (WELL_DOSING,) * wells + (PLANT_DOSING,) * plant


def platforms(charter: Charter, mechanisms: Mechanisms) -> tuple[str, ...]:
    """Platforms that the charter brings; each can be captured by itself."""
    brings = {
        "ledger": bool(charter.information.ledger_networks) and mechanisms.public_record,
        "vote": bool(charter.allocation.ballot) and (mechanisms.voting or mechanisms.recall),
        "recommender": charter.allocation.recommender and mechanisms.voting,
    }
    return tuple(name for name in PLATFORMS if brings[name])


def shortages(ground: Ground, people: Population, civics: Civics, coupling: Coupling) -> Shortages:
    """How shortages of water and power are shared: by discretion, by a declared rule, or by a vote."""
    homes, needs = people.homes, people.parameters
    households = homes.by_district(np.ones(len(people)))
    water = water_claims(ground.place, homes.persons_in_district, needs.need_water_l_per_person_day)
    power = power_claims(ground.place, households, needs.need_power_kw)
    return Shortages(
        ground.place,
        water=_rationing(ground, people, "water", WATER, water),
        power=_rationing(ground, people, "power", POWER, power),
        coupling=coupling,
        civics=civics,
        allocation=ground.charter.allocation,
        leakage_frac=ground.parameters.water.leakage_frac,
        parameters=ground.parameters.rationing,
    )


def _rationing(ground: Ground, people: Population, network: str, need: int, claims: Claims) -> Rationing:
    allocation, deprivation = ground.charter.allocation, people.hardship.parameters
    ballot = None
    if len(allocation.ballot) > 1 and ground.mechanisms.voting:
        ballot = Ballot(
            allocation.ballot, ground.streams, network, allocation.recommender, ground.parameters.voting
        )
    return Rationing(
        network=network,
        claims=claims,
        allocation=allocation,
        ballot=ballot,
        weight=deprivation.weight[need],
        growth_per_h=deprivation.growth_per_h[need],
        mechanisms=ground.mechanisms,
        parameters=ground.parameters.rationing,
        log=ground.log,
    )


def recall(ground: Ground, control: ControlGraph) -> Recall:
    """Petitions and votes by which citizens turn somebody out."""
    return Recall(control, ground.parameters.recall, ground.log)


def treasury(
    ground: Ground, usual_mw: np.ndarray, people: Population, bus_subsidy_jpy_per_h: float = 0.0
) -> Treasury:
    """Tariffs that carry the yearly cost of what the charter installed (mechanism ``charges``).

    *usual_mw* (hours,) is the ordinary load; its cost is the ordinary cost of generation. What *people* added
    to their homes is counted as they own it. After years that were lived before, what was bought in them is
    paid as it was bought.
    """
    interest, lived = ground.parameters.market.interest_per_y, ground.lived
    generation_jpy_per_kwh = usual_generation_jpy_per_kwh(ground.place.grid, usual_mw)
    if lived is not None:
        return treasury_of(
            ground,
            lived.parts,
            generation_jpy_per_kwh,
            lived.recovery_jpy_per_kwh,
            bus_subsidy_jpy_per_h=bus_subsidy_jpy_per_h,
        )
    costs = ground.charter.costs if ground.mechanisms.charges else ()
    equipment = equipment_owned(ground, people)
    parts = parts_by_payer(costs, equipment.quantity, interest)
    return treasury_of(
        ground,
        parts,
        generation_jpy_per_kwh,
        yearly_jpy=equipment.yearly_jpy(costs, interest),
        bus_subsidy_jpy_per_h=bus_subsidy_jpy_per_h,
    )


def treasury_of(
    ground: Ground,
    parts: Mapping[str, YearlyParts],
    generation_jpy_per_kwh: float,
    recovery_jpy_per_kwh: float = 0.0,
    *,
    yearly_jpy: dict[str, float] | None = None,
    memory: float | None = None,
    bus_subsidy_jpy_per_h: float = 0.0,
) -> Treasury:
    """Tariffs and accounts of a city that pays *parts* for what was installed, by payer [JPY/y].

    *recovery_jpy_per_kwh* is what a kWh has to bring in besides at first; *yearly_jpy* is the sum of the
    parts, where it is known already; *memory* is that of the recovery, the market's by default.
    """
    place, numbers, alive = ground.place, ground.parameters.market, ground.mechanisms
    trade_frac = ground.parameters.tariffs.recovered_trade_frac
    recovery = CostRecovery(numbers.memory if memory is None else memory, trade_frac, recovery_jpy_per_kwh)
    return Treasury(
        ground.charter.market,
        yearly_jpy=yearly_jpy or {payer: one.total for payer, one in parts.items()},
        peak_mw=float(place.feeders.peak_mw.sum()),
        water_m3_per_d=float(place.water.junction_demand_m3_per_h.sum()) * HOURS_PER_DAY,
        households=place.households,
        generation_jpy_per_kwh=generation_jpy_per_kwh,
        parameters=numbers,
        bus_subsidy_jpy_per_h=bus_subsidy_jpy_per_h,
        ledger=_ledger(ground, parts, generation_jpy_per_kwh),
        recovery=recovery if alive.cost_recovery else None,
        lobbying=ground.parameters.lobbying if alive.lobbying else None,
    )


def equipment_owned(ground: Ground, people: Population) -> Equipment:
    """The equipment, with what *people* added to their homes as they own it."""
    owned = {name: float(rows.sum()) * people.weight for name, rows in people.added.items()}
    return ground.equipment.with_quantity(owned)


def _ledger(ground: Ground, parts: Mapping[str, YearlyParts], generation_jpy_per_kwh: float) -> Ledger:
    """What those who are paid pass on; an ordinary year is that of the place without any measure."""
    numbers, feeders, market = ground.parameters, ground.place.feeders, ground.charter.market
    peak_mw = float(feeders.peak_mw.sum())
    home_frac = float(feeders.peak_mw[feeders.tier == RESIDENTIAL].sum()) / peak_mw
    sold_kwh = peak_mw * KW_PER_MW * numbers.market.load_factor * HOURS_PER_YEAR
    usual = OrdinaryYear(
        home_kwh=home_frac * sold_kwh,
        firm_kwh=(1.0 - home_frac) * sold_kwh,
        standing_jpy=market.power_fixed_jpy_per_month * MONTHS_PER_YEAR * ground.place.households,
        margin_jpy_per_kwh=numbers.market.power_margin_jpy_per_kwh,
        generation_jpy_per_kwh=generation_jpy_per_kwh,
        business_price_frac=numbers.market.business_price_frac,
    )
    water_jpy_per_h = market.water_jpy_per_m3 * float(ground.place.water.junction_demand_m3_per_h.sum())
    costs = UtilityCosts(usual, numbers.tariffs, numbers.employment)
    return Ledger(costs, parts, water_jpy_per_h, numbers.tariffs, numbers.employment)


def owner_jpy_per_h(ground: Ground, people: Population) -> np.ndarray | None:
    """What each home pays each hour for what it bought itself, array (households,) [JPY/h]; None: nothing."""
    if ground.lived is not None:
        paid = ground.lived.owner_jpy_per_y
        return paid / HOURS_PER_YEAR if paid is not None and paid.any() else None
    added, charges = people.added, ground.charter.costs if ground.mechanisms.charges else ()
    own = [charge for charge in charges if charge.payer == "owners" and charge.quantity in added]
    if not own:
        return None
    interest = ground.parameters.market.interest_per_y
    hourly = [added[charge.quantity] * (charge.yearly_jpy(interest) / HOURS_PER_YEAR) for charge in own]
    return np.sum(hourly, axis=0)


def time_of_use(ground: Ground, people: Population) -> TimeOfUse | None:
    """Prices by the hour, where homes are metered so (mechanism load_shifting)."""
    ratio = ground.charter.market.peak_price_ratio
    if people.shift is None or ratio <= 1.0:
        return None
    peak = np.array([people.shift.parameters.is_peak(clock) for clock in range(HOURS_PER_DAY)])
    return TimeOfUse(ratio, peak, np.array(people.parameters.power_shape), people.shift.metered)


def usual_generation_jpy_per_kwh(grid: GridCase, load_mw: np.ndarray) -> float:
    """Mean cost of serving *load_mw*, array (hours,), in merit order with all units at hand [JPY/kWh]."""
    return float(MeritOrder(grid).cost_jpy(load_mw).sum() / load_mw.sum()) / KW_PER_MW


def local_market(ground: Ground, people: Population) -> LocalMarket | None:
    """Trade between homes, where the charter lets them (mechanism ``p2p``)."""
    market, usual = ground.charter.market, ground.parameters.p2p
    if market.p2p_rule == "none" or not ground.mechanisms.p2p:
        return None
    return LocalMarket(
        market.p2p_rule,
        district=people.homes.district,
        feeder=people.homes.feeder,
        feeders=ground.place.feeders,
        districts=len(ground.place.districts),
        weight=people.weight,
        streams=ground.streams,
        parameters=replace(usual, grid_fee_frac=min(usual.grid_fee_frac, market.p2p_max_fee_frac)),
    )


def publishing(ground: Ground, control: ControlGraph, *, rehearsal: bool) -> Publishing:
    """Who publishes, the public log, and who tests what is published; empty where the charter has no log."""
    information, names = ground.charter.information, ground.place.districts.name
    publisher, log, detector = None, None, None
    if information.ledger_networks and ground.mechanisms.public_record:
        publisher = Publisher(ground.place, information, ground.streams, ground.parameters.meters)
        log = PublicRecord(
            publisher.networks,
            names,
            information.verifiers,
            ground.parameters.public_record,
            publisher.suppliers,
        )
        if ground.mechanisms.detection:
            detector = _detector(ground, control, publisher)
    return Publishing(publisher, log, detector, information.verifiers > 0, rehearsal)


def _detector(ground: Ground, control: ControlGraph, publisher: Publisher) -> Detector:
    """Tests of what is published; the suspect of a finding is whoever keeps the record in question."""
    suspects = {
        network: tuple(
            control.assets[f"{network}_record:{name}"].holding.holders[0]
            for name in ground.place.districts.name
        )
        for network in publisher.networks
        if network != "supply"
    }
    suspects["supply"] = tuple(f"supplier:{name}" for name in publisher.suppliers)
    return Detector(suspects, ground.parameters.meters, ground.parameters.detection)
