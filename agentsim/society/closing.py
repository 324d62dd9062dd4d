"""The state of a society that outcomes need besides the hourly record."""

import math
from typing import Any

import numpy as np

from agentsim.agents.households.population import Population
from agentsim.agents.officers.leak_repair import LeakRepair
from agentsim.core.charter import Stock
from agentsim.institutions.control_graph import NETWORKS, ControlGraph
from agentsim.outcomes import Closing
from agentsim.outcomes.record import ResourcesClosing
from agentsim.outcomes.social_cost import deprivation_jpy_per_h
from agentsim.place.cases import Place
from agentsim.society.closing_accounts import of_money
from agentsim.society.neighbourhoods import clustering
from agentsim.society.setup import resources


def closing(society: Any) -> Closing:
    """The state now of a :class:`~agentsim.society.society.Society`."""
    people, control, monitor = society.population, society.control, society.monitor
    foes = society.attackers
    waiting = [foe for foe in foes if foe.stake.until_concession]
    gave_in = [hour for town in society.offices.municipalities for hour in town.gave_in]
    worth, clock = society.setting.parameters.social_cost, society.setting.parameters.deprivation
    return Closing(
        households=len(people) * people.weight,
        people_weight=people.homes.first_persons * people.weight,
        district=people.homes.district,
        decile=people.homes.decile,
        deprivation_h=people.hardship.deprivation_h.copy(),
        dark_h=people.power.dark_h.copy(),
        interruptions=people.power.interruptions.copy(),
        momentary=people.power.momentary.copy(),
        bill_jpy=people.bill_jpy.copy(),
        trust=people.trust.copy(),
        income_jpy_per_month=np.array(people.parameters.income_jpy_per_month)[people.homes.decile],
        capital_jpy_per_household_y=society.market.capital_jpy_per_household_y(),
        supplier_t=np.array([supplier.sold_t for supplier in society.offices.suppliers]),
        target=society.target,
        attacked=any(actor.kind == "coercer" for actor in foes),
        attacks_begun=sum(actor.attacks_begun for actor in foes),
        smallest_capture_set=smallest_capture_sets(control),
        reach_hhi=control.reach_hhi(),
        water_control_edges=control.edges_that_harm("water"),
        single_captors_water=float((control.reach(("water",)) > 0).sum(axis=0).mean()),
        abuse_hour=_hour(monitor.truth.first_hour),
        known_hour=_hour(monitor.known_hour),
        proof_hour=_hour(monitor.sentences.first_proof_hour),
        revoked_hour=_hour(_first_revoked(control, monitor.sentences.wronged)),
        false_alarms=monitor.false_alarms,
        wrongly_charged=sum(verdict.wrong and verdict.proven for verdict in monitor.verdicts),
        attack_payoff=float(sum(actor.payoff for actor in foes)),
        concessions=len(gave_in),
        waiting_from_hour=_hour(min((foe.first_hour for foe in waiting), default=None)),
        conceded_hour=_hour(min(gave_in, default=None)),
        concession_loss_jpy=society.market.handed_over_jpy,
        deprivation_jpy_per_h=deprivation_jpy_per_h(
            worth, clock.weight[0], clock.growth_per_h[0], clock.clock_cap_h
        ),
        runs_per_year=worth.runs_per_year,
        households_moved=society.civics.households_moved,
        autonomy_h=society.autonomy_h,
        sector_lost_frac=society.firms.lost_frac_by_sector(),
        casualties_per_crash=society.setting.parameters.crashes.casualties_per_crash,
        pipe_age_y=society.mains.mean_age_y,
        mains_overdue_frac=society.mains.overdue_frac,
        **_of_buses(society),
        prosumes=people.power.prosumes,
        **of_homes(people, society.place),
        resources=of_resources(society.ground),
        **of_leaks(society.water_utility.mains_office.leak_repair, society.hour),
        **of_money(society),
    )


def _of_buses(society: Any) -> dict[str, Any]:
    """Service at the end, and jobs in reach of people without a car."""
    found = {
        "carless_jobs_frac": society.access.jobs_frac(),
        "carless_jobs_poorest_frac": society.access.jobs_frac(deciles=2),
    }
    operator = society.offices.bus_operator
    if operator is not None:
        found |= {"bus_frequency_per_h": operator.mean_per_h, "bus_drivers": operator.drivers}
    return found


def of_homes(people: Population, place: Place) -> dict[str, Any]:
    """What homes own, and whether owners live near each other."""
    panels, tanks = people.power.pv_kw > 0.0, people.larder.tanks
    return {
        "pv_homes_frac": float(panels.mean()),
        "battery_homes_frac": float((people.power.battery_kwh > 0.0).mean()),
        "rain_tank_homes_frac": 0.0 if tanks is None else len(tanks.rows) / len(people),
        "adoption_morans_i": clustering(place, people.homes.zone, panels),
    }


def _built_frac(ground: Any) -> float:
    """Share of the measures' equipment with metals in it that the build-up, or the years before, brought."""
    if ground.built is not None:
        return ground.built.installed_frac
    return 1.0 if ground.lived is None else ground.lived.metals_built_frac


def of_resources(ground: Any) -> ResourcesClosing:
    """What measures on resources left, and the ordinary sales of those who sold before them."""
    numbers, place, stock = ground.parameters, ground.place, ground.charter.stock
    collected_frac = stock.scrap_collection_frac if ground.mechanisms.scrap else Stock().scrap_collection_frac
    old, lost_frac = numbers.extraction, 1.0 - collected_frac * (1.0 - numbers.scrap.disposed_frac)
    people = float(place.districts.people.sum())
    return ResourcesClosing(
        reserves_t=resources.reserves_t(ground),
        built_frac=_built_frac(ground),
        land_ha=sum(plant.land_ha for plant in ground.plants),
        retired_t_per_h=numbers.scrap.retired_t_per_h(people) * lost_frac,
        yearly_jpy=resources.yearly_jpy(ground),
        usual_sales_jpy_per_h=resources.usual_sales_jpy_per_h(place.supply),
        running_frac=old.running_frac,
        fixed_frac=old.fixed_frac,
        assets_y=old.assets_y,
        jobs_per_billion_jpy=old.jobs_per_billion_jpy,
    )


def of_leaks(leaks: LeakRepair, end: int) -> dict[str, Any]:
    """Numbers of bursts, and mean times until they were known and found; nan where there was none."""
    everyone = [*leaks.open, *leaks.mended]
    begun = [one for one in everyone if one.began is not None]
    known = [one for one in everyone if one.known is not None and one.known <= end]
    unaware = [_until(one.known, end) - one.began for one in begun if one.began is not None]
    unlocated = [_until(one.found, end) - one.known for one in known if one.known is not None]
    return {
        "bursts": len(begun),
        "leaks_not_found": len(leaks.unknown),
        "leak_awareness_h": float(np.mean(unaware)) if unaware else math.nan,
        "leak_location_h": float(np.mean(unlocated)) if unlocated else math.nan,
        "false_leak_alarms": leaks.false_alarms,
        "leak_inspections": leaks.inspections,
    }


def _until(hour: float | None, end: int) -> float:
    return end if hour is None else min(hour, end)


def smallest_capture_sets(control: ControlGraph) -> dict[str, float]:
    """K_d by network and of all together, mean over districts."""
    by_network = {name: (name,) for name in NETWORKS} | {"all": NETWORKS}
    districts = range(len(control.districts))
    return {
        name: float(np.mean([control.smallest_capture_set(d, networks) for d in districts]))
        for name, networks in by_network.items()
    }


def _first_revoked(control: ControlGraph, wronged: set[tuple[str, str]]) -> int | None:
    """First hour in which somebody lost its powers who had not been wronged."""
    return min((hour for who, hour in control.revoked.items() if who not in wronged), default=None)


def _hour(hour: int | None) -> float:
    return math.nan if hour is None else float(hour)
