"""Runs the society of a request and records it."""

import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from agentsim.agents.attacker.bad_actor import full_name, parse_attacker
from agentsim.agents.attacker.mind import Plan
from agentsim.app.replay.city_map import built_of, city_map_of
from agentsim.app.replay.frame_recorder import FrameRecorder
from agentsim.app.replay.outcome_columns import drivers
from agentsim.app.replay.recording import PLANNING, Progress, Recording, Request, model_version, rounded
from agentsim.core.messages import Order
from agentsim.experiments.attacks.attack_plans import kept_plan
from agentsim.experiments.pairing import compared, delays_that_began
from agentsim.experiments.runs.ledger import FILE, Ledger
from agentsim.experiments.statistics.intervals import difference_interval, kind_of, ratio_interval
from agentsim.institutions.control_graph import ABUSES, ControlGraph
from agentsim.outcomes import OUTCOMES, finite
from agentsim.outcomes.record import Closing
from agentsim.policies import enact, expand
from agentsim.report.tables import BREAK_EVEN
from agentsim.scenario.file import Scenario
from agentsim.society.setup.institutions import platforms
from agentsim.society.society import Society

PROGRESS_EVERY_H = 12


def record(
    request: Request,
    progress: Progress | None = None,
    *,
    setting: Scenario | None = None,
    key: str = "",
    plans: Path | None = None,
) -> Recording:
    """Run the society of a request and record what the page plays back.

    Parameters
    ----------
    request : what to run
    progress : called with the share of the hours done, 0 to 1; while an attacker plans, with ``PLANNING``
        plus the share of its rollouts done, which is below 0
    setting, key : of the request, for a process that does not know its scenario by name
    plans : folder where plans of attackers are stored; None: they are not stored

    Raises
    ------
    InvalidInput, KeyError : the request cannot be run
    """
    scenario = (setting or request.setting()).for_seed(request.seed)
    policies = expand(request.policies)
    plan = _plan(request, scenario, policies, plans, progress)
    society = Society(scenario, policies, request.attacker, request.seed, plan=plan)
    recorder = FrameRecorder(society, built_of(society), scenario.hours)
    orders = OrderLog()
    for hour in range(scenario.hours):
        now = society.live_hour()
        recorder.take(now)
        orders.take(hour, now.permitted.applied)
        if progress and hour % PROGRESS_EVERY_H == 0:
            progress(hour / scenario.hours)
    return _recording(request, key or request.key, society, recorder, orders)


def _plan(
    request: Request,
    scenario: Scenario,
    policies: tuple[str, ...],
    folder: Path | None,
    progress: Progress | None = None,
) -> Plan | None:
    """The visitor's plan without captures of principals that do not exist here, or the attacker's own."""
    if request.plan is None:
        return planned(scenario, policies, request.attacker, folder, progress)
    charter, place = enact(policies, scenario.measures), scenario.build_place()
    owners = place.supply.terminal_supplier
    control = ControlGraph(
        charter.control, place.districts.name, True, owners, platforms(charter, scenario.mechanisms)
    )
    efforts = tuple((who, effort) for who, effort in request.plan.efforts if who in control.principals)
    return replace(request.plan, efforts=efforts)


def planned(
    scenario: Scenario,
    policies: tuple[str, ...],
    attacker: str,
    folder: Path | None,
    progress: Progress | None = None,
) -> Plan | None:
    """The plan of a planning attacker, read from *folder* if it was made before; None for other attackers."""
    if not full_name(attacker, scenario.attacker.mind).endswith(":best_response"):
        return None
    mind = scenario.parameters.mind
    most = mind.rollouts + scenario.attacker.plan_seeds * (mind.finalists + 2)

    def tell(done: int) -> None:
        if progress:
            progress(PLANNING + min(done / most, 0.99))

    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with Ledger(None if folder is None else folder / FILE) as ledger:
        return kept_plan(scenario, policies, attacker, ledger, tell)


class OrderLog:
    """Orders that cut people off, and orders that restore service, each as a span of hours."""

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []
        self._open: dict[tuple[str, str, str], dict[str, Any]] = {}

    def take(self, hour: int, applied: tuple[Order, ...]) -> None:
        """Store the orders that were carried out in an hour."""
        for order in applied:
            if order.action not in ABUSES and order.action != "restore":
                continue
            name = (order.principal, order.asset, order.action)
            span = self._open.get(name)
            if span is None or span["last"] < hour - 1:
                span = {"principal": name[0], "asset": name[1], "action": name[2], "first": hour}
                self._open[name] = span
                self.spans.append(span)
            span["last"] = hour


def _recording(
    request: Request, key: str, society: Society, recorder: FrameRecorder, orders: OrderLog
) -> Recording:
    record, place = society.record, society.place
    hours = slice(0, record.lived)
    at = {name: rounded(column[hours]) for name, column in record.at.items()}
    series = {name: rounded(column[hours]) for name, column in record.city.items()}
    series |= _city_series(at, place.districts.people, society.target)
    series["fuel_stock_t"] = rounded(recorder.fuel_t())
    return Recording(
        key=key,
        about=_about(request, society, orders),
        city_map=city_map_of(place, society),
        frames=recorder.frames(),
        series={name: np.asarray(values, np.float32) for name, values in series.items()},
        by_district=at,
        events=[asdict(event) for event in society.events],
        outcomes={str(name): float(value) for name, value in society.outcomes.items()},
    )


def _city_series(at: dict[str, np.ndarray], people: np.ndarray, target: int | None) -> dict[str, np.ndarray]:
    """Series that the charts show, summed or averaged over districts."""
    series = {
        "unserved_mw": at["power_unserved_mwh"].sum(axis=1),
        "restricted_mw": at["power_restricted_mwh"].sum(axis=1),
        "water_unserved_m3": at["water_unserved_m3"].sum(axis=1),
        "deprivation_mean_h": rounded(at["deprivation_h"] @ people / people.sum()),
    }
    if target is not None:
        series["deprivation_target_h"] = at["deprivation_h"][:, target].copy()
    return series


def _about(request: Request, society: Society, orders: OrderLog) -> dict[str, Any]:
    """What the page says of a run, and what explains its outcomes."""
    scenario, attackers = society.setting, list(society.attackers)
    return {
        "title": scenario.title,
        "title_ja": scenario.title_ja,
        "request": request.as_data(),
        "policies": list(society.policies),
        "attacker": society.attacker,
        "kind": parse_attacker(society.attacker)[0],
        "seed": request.seed,
        "hours": society.record.lived,
        "start": scenario.start.isoformat(),
        "first_hour": scenario.attacker.first_hour,
        "budget": scenario.attacker.budget if attackers else 0.0,
        "spent": sum(attacker.spent for attacker in attackers),
        "foothold": list(scenario.attacker.foothold) if attackers else [],
        "target": -1 if society.target is None else society.target,
        "plan": None if society.plan is None else asdict(society.plan),
        "orders": orders.spans,
        "counts": society.counts,
        "units": dict(society.outcomes.attrs["units"]),
        "drivers": drivers(society.record, OUTCOMES),
        "never": never_reached(society.record.closing),
        "model": model_version(),
    }


def never_reached(closing: Closing) -> list[str]:
    """Outcomes whose value is the time to the end of the run, because what they wait for did not happen."""
    hours = {
        "time_to_detection_h": closing.known_hour,
        "time_to_proof_h": closing.proof_hour,
        "time_to_revocation_h": closing.revoked_hour,
    }
    never = (
        [] if math.isnan(closing.abuse_hour) else [name for name, hour in hours.items() if math.isnan(hour)]
    )
    waits = not math.isnan(closing.waiting_from_hour) and math.isnan(closing.conceded_hour)
    return never + ["time_to_concession_h"] * waits


def replications(
    request: Request, setting: Scenario, seeds: int, plans: Path | None, progress: Progress | None = None
) -> dict[str, Any]:
    """What the policies change, paired by seed: weather, failures and people are the same on both sides.

    Returns
    -------
    dict
        ``seeds``; ``rows``: outcome -> mean ``difference`` with its 95 % interval ``low, high`` over ``n``
        pairs by ``method``, and the means of both sides, None where undefined. What a run without a value
        counts as is said in ``experiments/pairing.py``.
    """
    with_them, without = expand(request.policies), ()
    sides = [with_them, without] if with_them else [without]
    found: dict[tuple[str, ...], list[dict[str, float]]] = {side: [] for side in sides}
    total, done = len(sides) * seeds * setting.hours, 0
    for side in sides:
        plan = _plan(request, setting, side, plans, progress)
        for seed in range(1, seeds + 1):
            society = Society(setting, side, request.attacker, seed, plan=plan)
            for _ in range(setting.hours):
                society.step()
                done += 1
                if progress and done % PROGRESS_EVERY_H == 0:
                    progress(done / total)
            found[side].append({str(name): float(value) for name, value in society.outcomes.items()})
    return {"seeds": list(range(1, seeds + 1)), "rows": _paired(found[with_them], found[without])}


def _paired(ours: list[dict[str, float]], usual: list[dict[str, float]]) -> dict[str, Any]:
    """Rows of the table of replications, from the outcomes of both sides by seed."""
    sides = [[{name: finite(value) for name, value in run.items()} for run in runs] for runs in (ours, usual)]
    began = delays_that_began(run for runs in sides for run in runs)
    rows: dict[str, dict[str, Any]] = {}
    for name in ours[0]:
        pairs = [
            (compared(one, name, began), compared(other, name, began))
            for one, other in zip(*sides, strict=True)
        ]
        known = [(one, other) for one, other in pairs if one is not None and other is not None]
        left, right = [one for one, _ in known], [other for _, other in known]
        found = difference_interval(left, right, kind_of(name))
        means = [sum(side) / len(side) if side else math.nan for side in (left, right)]
        numbers = dict(zip(("difference", "low", "high"), found[:3], strict=True))
        numbers |= dict(zip(("mean", "mean_without"), means, strict=True))
        rows[name] = {key: _short(value) for key, value in numbers.items()}
        rows[name] |= {"n": len(known), "method": found.method}
    rows[BREAK_EVEN] = _break_even(ours, usual)
    return rows


def _break_even(ours: list[dict[str, float]], usual: list[dict[str, float]]) -> dict[str, Any]:
    """Attacks a year that make the policies worth their price: yearly cost over the loss avoided in one run.

    None unless the interval of the avoided loss lies above 0, as in :func:`agentsim.compare`.
    """
    cost, loss = "capital_jpy_per_household_year", "loss_jpy_per_household"
    more = [one[cost] - other[cost] for one, other in zip(ours, usual, strict=True)]
    avoided = [other[loss] - one[loss] for one, other in zip(ours, usual, strict=True)]
    rate = ratio_interval(more, avoided)
    numbers = {"mean": rate.mean, "low": rate.low, "high": rate.high}
    return {key: _short(value) for key, value in numbers.items()} | {"n": len(more), "method": rate.method}


def _short(value: float) -> float | None:
    """Six digits of a number, None if it is not finite."""
    return None if finite(value) is None else float(f"{value:.6g}")
