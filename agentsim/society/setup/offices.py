"""Builder of the offices: utilities, municipalities, suppliers, the attacker and the monitor."""

import mesa
import numpy as np

from agentsim.agents.attacker.mind import Plan
from agentsim.agents.officers.monitor import Monitor
from agentsim.agents.officers.municipality import Municipality
from agentsim.agents.officers.supplier import Supplier
from agentsim.agents.officers.utility import PowerUtility, WaterUtility
from agentsim.institutions.deterrence import Inspectorate
from agentsim.place.failures import Failures
from agentsim.society.offices import Offices
from agentsim.society.setup.attacker import Opportunities, attackers
from agentsim.society.setup.ground import Ground


def offices(
    model: mesa.Model,
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
        water_utility=WaterUtility(model, numbers.utilities),
        municipalities=[Municipality(model, d, name, numbers.municipalities) for d, name in enumerate(names)],
        suppliers=[
            Supplier(model, name, np.flatnonzero(owner == name)) for name in dict.fromkeys(owner.tolist())
        ],
        attackers=attackers(model, attacker, found, plan, rehearsal=rehearsal),
        monitor=Monitor(model, inspectorate, numbers.detection, numbers.monitor),
        roads_to_crews=ground.mechanisms.roads_to_crews,
    )


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
