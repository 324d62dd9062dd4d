"""The state of a society that outcomes need besides the hourly record."""

import math
from typing import Any

import numpy as np

from agentsim.institutions.control_graph import NETWORKS, ControlGraph
from agentsim.outcomes import Closing


def closing(society: Any) -> Closing:
    """The state now of a :class:`~agentsim.society.society.Society`."""
    people, control, monitor = society.population, society.control, society.monitor
    foes = society.attackers
    return Closing(
        households=len(people) * people.weight,
        people_weight=people.homes.first_persons * people.weight,
        district=people.homes.district,
        decile=people.homes.decile,
        deprivation_h=people.hardship.deprivation_h.copy(),
        dark_h=people.power.dark_h.copy(),
        interruptions=people.power.interruptions.copy(),
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
        abuse_hour=_hour(monitor.truth.first_hour),
        alarm_hour=_hour(monitor.first_alarm_hour),
        revoked_hour=_hour(min(control.revoked.values(), default=None)),
        false_alarms=monitor.false_alarms,
        attack_payoff=float(sum(actor.payoff for actor in foes)),
        concessions=sum(len(municipality.gave_in) for municipality in society.offices.municipalities),
        households_moved=society.civics.households_moved,
        autonomy_h=society.autonomy_h,
        sector_lost_frac=society.firms.lost_frac_by_sector(),
    )


def smallest_capture_sets(control: ControlGraph) -> dict[str, float]:
    """K_d by network and of all together, mean over districts."""
    by_network = {name: (name,) for name in NETWORKS} | {"all": NETWORKS}
    districts = range(len(control.districts))
    return {
        name: float(np.mean([control.smallest_capture_set(d, networks) for d in districts]))
        for name, networks in by_network.items()
    }


def _hour(hour: int | None) -> float:
    return math.nan if hour is None else float(hour)
