"""The state of a society's accounts that outcomes need: jobs, stations, lobbying, prices, carbon dioxide."""

from typing import Any

from agentsim.core.charter import Charge
from agentsim.core.units import DAYS_PER_YEAR, HOURS_PER_DAY, HOURS_PER_MONTH
from agentsim.institutions import employment
from agentsim.institutions.drivers import DrivingJobs, driving_jobs
from agentsim.institutions.lobbying import delay_months, lost_profit_frac
from agentsim.outcomes.environment import embodied_kg_per_y
from agentsim.outcomes.industry import replaced_frac, stranded_jpy
from agentsim.place.equipment import Equipment
from agentsim.society.setup.institutions import equipment_owned


def of_money(society: Any) -> dict[str, Any]:
    """Fields of :class:`~agentsim.outcomes.Closing` about money, work and carbon dioxide."""
    numbers, ground = society.setting.parameters, society.ground
    equipment = equipment_owned(ground, society.population)
    home = society.population.parameters
    counted = ground.charter.costs if society.mechanisms.charges else ()  # what costs nothing is not made
    size = {"added_pv_homes": home.pv_kw, "added_battery_homes": home.battery_kwh}
    return {
        **_of_industry(society),
        "lobbying_months": _lobbying_months(society),
        "water_price_parts": water_price_parts(society, equipment),
        "embodied_kg_per_y": embodied_kg_per_y(counted, equipment.quantity, size, numbers.carbon),
        "upstream_power_frac": numbers.carbon.upstream_power_frac,
        "upstream_petrol_frac": numbers.carbon.upstream_petrol_frac,
    }


def _of_industry(society: Any) -> dict[str, Any]:
    """Stations that lost output to new power, and jobs brought and displaced."""
    record, numbers, ledger = society.record, society.setting.parameters, society.market.ledger
    work, months = numbers.employment, record.lived / HOURS_PER_MONTH
    staff = employment.jobs(ledger.costs.stations_wages_jpy_per_y, work)
    replaced_mwh = record.total("replaced_mwh")
    lost = employment.displaced(staff, 1.0 - replaced_frac(record.total("generation_mw"), replaced_mwh))
    driving = _driving(society)
    gone = lost + driving.displaced
    capital = {payer: parts.repayment for payer, parts in ledger.parts.items()}
    running = {payer: parts.running for payer, parts in ledger.parts.items()}
    brought = employment.jobs_by_branch(capital, running, work)
    brought["transport"] += driving.brought
    return {
        "stranded_jpy": stranded_jpy(replaced_mwh, record.lived, numbers.stations),
        "jobs_brought": brought,
        "jobs_displaced_by": {"power": lost, "transport": driving.displaced},
        "without_work": employment.still_looking(gone, months, work),
        "wages_lost_jpy": employment.wages_lost_jpy(gone, months, work),
        "driving_jobs": driving.ordinary,
    }


def _driving(society: Any) -> DrivingJobs:
    """Driving jobs, and those that automated fleets and matched rides take and bring."""
    operator, place = society.offices.bus_operator, society.place
    return driving_jobs(
        people=place.households * place.persons_per_household,
        bus_drivers=None if operator is None else float(operator.drivers),
        driverless_frac=society.charter.stock.driverless_frac,
        ride_km=society.record.total("ride_km"),
        hours=society.record.lived,
        parameters=society.setting.parameters.drivers,
    )


def _lobbying_months(society: Any) -> float:
    """By how much the power utility delays the next roll-out, from what it lost so far."""
    market, record = society.market, society.record
    if market.lobbying is None:
        return 0.0
    usual = market.ledger.costs.usual_profit_jpy_per_h * record.lived
    lost = max(record.total("utility_profit_lost_jpy"), 0.0)
    return delay_months(lost_profit_frac(usual, usual - lost), market.lobbying)


def water_price_parts(society: Any, equipment: Equipment) -> dict[str, float]:
    """What each thing that the water tariff pays for adds to a cubic metre [JPY/m3]."""
    if not society.mechanisms.charges:
        return {}
    m3_per_h = float(society.place.water.junction_demand_m3_per_h.sum())
    interest = society.setting.parameters.market.interest_per_y

    def part(charge: Charge) -> float:
        yearly = charge.yearly_jpy(interest) * equipment.quantity[charge.quantity]
        return yearly / (m3_per_h * HOURS_PER_DAY * DAYS_PER_YEAR)

    return {one.item: part(one) for one in society.charter.costs if one.payer == "water_tariff"}
