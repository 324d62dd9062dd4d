"""Builder of the offices: utilities, municipalities, suppliers, the attacker and the monitor."""

from typing import Any

import mesa
import numpy as np

from agentsim.agents.attacker.mind import Plan
from agentsim.agents.officers.leak_finder import LeakFinder
from agentsim.agents.officers.mains_office import MainsOffice
from agentsim.agents.officers.monitor import Monitor
from agentsim.agents.officers.municipality import Municipality
from agentsim.agents.officers.renewal import Renewal, streets_over
from agentsim.agents.officers.supplier import Supplier
from agentsim.agents.officers.utility import PowerUtility, WaterUtility
from agentsim.institutions.deterrence import Inspectorate
from agentsim.place.failures import Failures
from agentsim.society.offices import Offices
from agentsim.society.setup.attacker import Opportunities, attackers
from agentsim.society.setup.buses import bus_operator
from agentsim.society.setup.ground import Ground
from agentsim.society.setup.networks import loggers


def offices(
    model: Any,
    ground: Ground,
    found: Opportunities,
    failures: Failures,
    *,
    attacker: str,
    plan: Plan | None,
    rehearsal: bool,
) -> Offices:
    """Everybody who holds an office, as Mesa agents of *model*, which is complete but for them."""
    numbers, names = ground.parameters, ground.place.districts.name
    owner = np.array(ground.place.supply.terminal_supplier)
    inspectorate = Inspectorate(ground.charter.payoffs, len(names), ground.streams, numbers.deterrence)
    return Offices(
        place=ground.place,
        failures=failures,
        power_utility=_power_utility(model, ground),
        water_utility=WaterUtility(model, numbers.utilities, mains_office(ground, model)),
        municipalities=[Municipality(model, d, name, numbers.municipalities) for d, name in enumerate(names)],
        suppliers=[
            Supplier(model, name, np.flatnonzero(owner == name)) for name in dict.fromkeys(owner.tolist())
        ],
        attackers=attackers(model, attacker, found, plan, rehearsal=rehearsal),
        monitor=Monitor(model, inspectorate, numbers.detection, numbers.monitor),
        bus_operator=bus_operator(model, ground, model.coupling.buses, model.bus_contract),
        roads_to_crews=ground.mechanisms.roads_to_crews,
    )


def mains_office(ground: Ground, model: Any) -> MainsOffice:
    """The office of the water mains."""
    return MainsOffice(model, ground.parameters.utilities, leak_finder(ground), renewal(ground, model))


def leak_finder(ground: Ground) -> LeakFinder | None:
    """The leak finder, where the charter brings one."""
    at, place, charter = loggers(ground), ground.place, ground.charter
    if at is None:
        return None
    people = np.array(place.districts.people)
    return LeakFinder(
        people / place.persons_per_household,
        charter.stock.smart_water_meter_frac,
        place.water.junction_district,
        at,
        charter.information.false_leak_alarms_per_month,
        ground.streams,
        ground.parameters.leak_finder,
    )


def renewal(ground: Ground, model: Any) -> Renewal:
    """Works on the mains, out of the city's yearly budget and what a policy adds to it."""
    place, case, file = ground.place, ground.place.water, model.coupling.water.file
    ends = np.array(file.link_nodes[1:]) - 1
    ends = ends[(ends < len(file.junction_id)).all(axis=1)]
    order = {name: row for row, name in enumerate(case.junction_id)}
    in_case = np.array([order[name] for name in file.junction_id])
    streets = streets_over(in_case[ends[:, 0]], in_case[ends[:, 1]], case.junction_zone, place.roads)
    if not ground.mechanisms.mains_to_roads:
        streets = [()] * len(streets)
    numbers, more = ground.parameters.mains, ground.charter.stock.mains_renewal_frac_per_y
    saved = float(ground.streams.uniform("renewal", 0, 1)[0]) * numbers.works_site_km
    return Renewal(model.mains, place.roads, streets, numbers.renewal_frac_per_y + more, saved)


def _power_utility(model: mesa.Model, ground: Ground) -> PowerUtility:
    """The power control room; it renews its plans within the day where the charter has it look ahead."""
    information, numbers = ground.charter.information, ground.parameters
    looks_ahead = information.replans_after_outage and ground.mechanisms.look_ahead
    return PowerUtility(
        model,
        numbers.commitment,
        numbers.storage_plan,
        plans_per_day=information.plans_per_day if ground.mechanisms.look_ahead else 1,
        looks_ahead=looks_ahead,
    )
