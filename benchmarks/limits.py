"""Figures of ``results.json`` that can be compared across machines, and whether they became worse.

All of them are ratios of two times of the same run, and the smaller the better. Times of the model are
divided by the time of a loop in plain Python (``reference_loop.py``), or by that of a rival or a bare engine.
"""

from collections.abc import Iterator
from typing import Any

from benchmarks.reference_loop import ADDITIONS

LIMIT = 1.2  # a figure this many times the committed one fails
NS_PER_S = 1e9


def ratios(results: dict[str, Any]) -> dict[str, float]:
    """The comparable figures of a results file, as ``entry.figure``.

    - ``overhead_ratio``: a week over the bare time of its engines and household rules
    - ``hour_over_loop``: CPU time of an hour over the reference loop
    - ``step_over_addition``: an hour of one household over one addition of the loop
    - ``columns_over_plain_mesa``: household rules as columns over the same as plain Mesa agents
    - ``with_over_without``: a run with all institutions over one with none, or an hour with measures adopted
      over one without
    - ``intercept_over_loop``, ``slope_over_addition``: the line through sizes of town
    - ``ours_over_NAME``: against another program on the same problem
    """
    return {f"{entry}.{name}": value for entry, name, value in _found(results)}


def _found(results: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    for entry in ("town", "city", "metropolis", "large_place"):
        if found := results.get(entry):
            if "overhead_ratio" in found:
                yield entry, "overhead_ratio", found["overhead_ratio"]
            if loop_s := found.get("reference_loop_s"):
                yield entry, "hour_over_loop", found["cpu_s"] / found["hours"] / loop_s
    if found := results.get("household_rule"):
        yield "household_rule", "columns_over_plain_mesa", 1.0 / found["ratio"]
        if loop_s := found.get("reference_loop_s"):
            addition_ns = NS_PER_S * loop_s / ADDITIONS
            yield "household_rule", "step_over_addition", found["ns_per_agent_step"] / addition_ns
    for attacker in ("none", "coercer"):
        if found := results.get("institutions", {}).get(attacker):
            yield "institutions", f"with_over_without ({attacker})", found["ratio"]
    for size in ("town", "city"):
        for measures in ("power_and_water", "transport"):
            if found := results.get("adopted", {}).get(size, {}).get(measures):
                yield "adopted", f"with_over_without ({measures}, {size})", found["ratio"]
    if found := results.get("linear_fit"):
        addition_ns = NS_PER_S * found["reference_loop_s"] / ADDITIONS
        yield "linear_fit", "slope_over_addition", found["slope_ns_per_household_hour"] / addition_ns
        yield "linear_fit", "intercept_over_loop", 1e-6 * found["intercept_us"] / found["reference_loop_s"]
    for subject, rivals in results.get("side_by_side", {}).items():
        for rival, found in rivals.items():
            if "ratio" in found:
                yield "side_by_side", f"ours_over_{rival} ({subject})", 1.0 / found["ratio"]


def worsened(committed: dict[str, Any], measured: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Figures that are a fifth above the committed ones: name -> (committed, measured)."""
    before, after = ratios(committed), ratios(measured)
    return {
        name: (before[name], value)
        for name, value in after.items()
        if name in before and value > LIMIT * before[name] > 0.0
    }


def told(worse: dict[str, tuple[float, float]]) -> str:
    """What became worse, a line for each.

    >>> told({"town.overhead_ratio": (1.5, 2.1)})
    'town.overhead_ratio: committed 1.5, measured 2.1: 40 % above'
    """
    return "\n".join(
        f"{name}: committed {before:.4g}, measured {after:.4g}: {100 * (after / before - 1):.0f} % above"
        for name, (before, after) in worse.items()
    )
