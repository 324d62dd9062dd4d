"""Builders of the attacker: what the city offers it, and the actor itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mesa
import numpy as np

from agentsim.agents.attacker.actions import Arsenal
from agentsim.agents.attacker.bad_actor import BadActor, parse_attacker
from agentsim.agents.attacker.chances import Chances, chances_of
from agentsim.agents.attacker.mind import Plan, PlannedMind, RandomMind
from agentsim.agents.attacker.stake import Stake
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW
from agentsim.institutions.capture import Contest
from agentsim.institutions.control_graph import ControlGraph
from agentsim.institutions.kill_chain import KillChain
from agentsim.networks.coupling import CouplingParameters
from agentsim.networks.power.offers import largest_owner, stack_price
from agentsim.place.cases import GridCase
from agentsim.society.setup.ground import Ground
from agentsim.society.trial import OrdinaryHours


@dataclass(frozen=True)
class Opportunities:
    """What a city offers to an attacker."""

    ground: Ground
    control: ControlGraph
    chain: KillChain  # how captures come about
    absent: frozenset[str]  # classes of assets of which the city has none that a centre operates
    units: np.ndarray  # generating units of the largest owner, indices
    unit_margin_jpy_per_mwh: np.ndarray  # their margin at an ordinary price

    def chances(self, kind: str) -> Chances:
        """What an attacker of this kind could do with the scenario's foothold, nothing revoked yet."""
        scenario, numbers = self.ground.scenario, self.ground.parameters.bad_actor
        return self.ground.once(
            f"chances of a {kind}",
            lambda: chances_of(
                kind,
                scenario.attacker.foothold,
                Arsenal(self.control, self.chain.contest, self.absent),
                numbers,
                len(self.units),
                self.chain.unnoticed,
                retry_days=self.chain.days + numbers.return_days,
                run_days=(scenario.hours - scenario.attacker.first_hour) // HOURS_PER_DAY,
                budget=scenario.attacker.budget,
            ),
        )

    def stake(self, kind: str, hands: Sequence[str], target: str) -> Stake:
        """What an attacker of this kind counts its gains by, with these principals in its hands."""
        case, districts = self.ground.place.supply, self.ground.place.districts
        own = [name.partition(":")[2] for name in hands if name.startswith("supplier:")]
        terminals = np.flatnonzero(np.isin(case.terminal_supplier, own))
        count = len(self.units) if "generation_company" in hands else 0
        return Stake(
            district=districts.name.index(target) if target in districts.name else -1,
            until_concession=kind == "coercer" and self.ground.scenario.attacker.until_concession,
            people=districts.people,
            terminals=terminals,
            goods=case.terminal_good[terminals],
            units=self.units[:count],
            unit_margin_jpy_per_mwh=self.unit_margin_jpy_per_mwh[:count],
        )


def opportunities(ground: Ground, control: ControlGraph, usual_mw: np.ndarray) -> Opportunities:
    """What the city offers to an attacker; *usual_mw* (hours,) is the load that sets ordinary prices."""
    units, margin = _company_units(ground.place.grid, float(usual_mw.mean()), ground.parameters.coupling)
    absent = set() if ground.charter.stock.automated_car_frac > 0.0 else {"automated_cars"}
    adaptive = (ground.equipment.adaptive_signal & ~ground.equipment.local_signal).any()
    return Opportunities(
        ground=ground,
        control=control,
        chain=_kill_chain(ground, control),
        absent=frozenset(absent if adaptive else absent | {"signals", "detectors"}),
        units=units,
        unit_margin_jpy_per_mwh=margin,
    )


def _company_units(
    grid: GridCase, load_mw: float, numbers: CouplingParameters
) -> tuple[np.ndarray, np.ndarray]:
    """Generating units of the largest owner, and their margin at the price of *load_mw* [JPY/MWh]."""
    marginal = grid.unit_cost[:, 1] + 2.0 * grid.unit_cost[:, 0] * grid.unit_max_mw
    units = np.flatnonzero(largest_owner(marginal, grid.unit_max_mw, numbers.largest_owner_frac))
    price = stack_price(load_mw, marginal, grid.unit_max_mw, KW_PER_MW * numbers.price_cap_jpy_per_kwh)
    return units, np.maximum(price - marginal[units], 0.0)


def _kill_chain(ground: Ground, control: ControlGraph) -> KillChain:
    """How captures come about; principals of networks with public figures are cheaper to reconnoitre."""
    makers = max(ground.charter.control.municipal_vendors, 1)
    vendor = {f"municipality:{name}": f"maker {d % makers}" for d, name in enumerate(control.districts)}
    contest = Contest(control.principals, vendor, ground.parameters.capture)
    public = ground.charter.information.ledger_networks if ground.mechanisms.public_record else ()
    open_data = [who for who in control.principals if any(a.network in public for a in control.edges([who]))]
    return KillChain(contest, ground.streams, open_data, ground.mechanisms.kill_chain)


def attackers(
    model: mesa.Model, attacker: str, found: Opportunities, plan: Plan | None, *, rehearsal: bool
) -> list[BadActor]:
    """The attacker with the scenario's foothold, target and budget; nobody for ``none``."""
    kind, _ = parse_attacker(attacker)
    if kind == "none":
        return []
    numbers, given = found.ground.parameters.bad_actor, found.ground.scenario.attacker
    chances = found.chances(kind)
    mind: RandomMind | PlannedMind
    if plan is not None:
        mind = PlannedMind(plan, chances, given.target if kind == "coercer" else "")
    else:
        mind = RandomMind(found.ground.streams, kind, chances, given.target, numbers.action_chance)
    return [
        BadActor(
            model,
            kind,
            mind,
            chain=found.chain,
            foothold=given.foothold,
            budget=plan.within(given.budget) if plan else given.budget,
            first_hour=given.first_hour,
            parameters=numbers,
            stake=found.stake(kind, (*given.foothold, *mind.efforts()), mind.target),
            absent=found.absent,
            units_owned=len(found.units),
            rehearsal=rehearsal,
            ordinary=None if rehearsal else _ordinary(model, numbers.of(kind)),
        )
    ]


def _ordinary(model: Any, weights: tuple[float, float, float]) -> Callable[[int], Any] | None:
    """Hours of the same society without the attacker, for those who count profit.

    Sales differ from day to day by far more than an attack changes them. Hours before the attack are no
    measure of them, as they are of deprivation, which is close to 0.
    """
    of_profit = weights[2]
    if not of_profit:
        return None
    calm = OrdinaryHours(
        lambda: type(model)(model.setting, model.policies, "none", model.streams.seed, stages=model.stages)
    )
    return calm.at
