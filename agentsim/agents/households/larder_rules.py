"""An hour of food and drinking water at home, row by row."""

import numpy as np

from agentsim.core.numerics.kernel import inlined, kernel


@inlined
def _all_served(served_frac: np.ndarray) -> bool:
    """Whether everything that was asked is delivered everywhere, as in most hours."""
    less = False
    for i in range(served_frac.size):
        less |= served_frac[i] != 1.0
    return not less


@kernel
def ask_food(
    persons: np.ndarray,
    target_days: np.ndarray,
    food_days: np.ndarray,
    district: np.ndarray,
    kg_per_h: float,
    asked_kg: np.ndarray,
    total_kg: np.ndarray,
) -> None:
    """Food that each home asks to reach its target (households,), and the totals (districts,) [kg]."""
    total_kg[:] = 0.0
    for row in range(persons.size):
        asked = persons[row] * kg_per_h * max(target_days[row] - food_days[row], 0.0)
        asked_kg[row] = asked
        total_kg[district[row]] += asked


@kernel
def use_water(
    persons: np.ndarray,
    junction: np.ndarray,
    tap_frac: np.ndarray,
    undrinkable: np.ndarray,
    target_l: np.ndarray,
    asked_l: float,
    need_l: float,
    ration_l: float,
    home_l: np.ndarray,
    tap_l: np.ndarray,
    gap_frac: np.ndarray,
    clear: bool,
) -> bool:
    """Tap water first, then bottles at the ration; spare tap water refills bottles. True if a home has a gap.

    ``asked_l``, ``need_l`` and ``ration_l`` are litres a person. Where the tap is *undrinkable*, bool
    (junctions,) or empty, only bottles are drunk. *clear* tells that the hour before left gaps behind.
    """
    if clear:
        gap_frac[:] = 0.0
    warned = undrinkable.size > 0
    if not warned and _all_served(tap_frac):
        # nothing is looked up by junction, so that several rows are worked on at once
        lacks = False
        for row in range(persons.size):
            tap = persons[row] * asked_l
            tap_l[row] = tap
            lacks |= (tap < persons[row] * need_l) | (home_l[row] != target_l[row])
        if not lacks:
            return False  # enough, and the bottles are full
    gaps = False
    for row in range(persons.size):
        here = junction[row]
        needed = persons[row] * need_l
        tap = persons[row] * asked_l * tap_frac[here]
        tap_l[row] = tap
        safe = 0.0 if warned and undrinkable[here] else tap
        if safe >= needed and home_l[row] == target_l[row]:
            continue
        draw = min(min(max(needed - safe, 0.0), persons[row] * ration_l), home_l[row])
        refill = min(target_l[row] - home_l[row], min(0.1 * safe, max(safe - needed, 0.0)))
        home_l[row] = home_l[row] + refill - draw
        gap = 1.0 - (safe - refill + draw) / max(needed, 1e-12)
        if gap > 1e-6 and needed > 0.0:
            gap_frac[row] = gap
            gaps = True
    return gaps


@kernel
def eat(
    persons: np.ndarray,
    district: np.ndarray,
    asked_kg: np.ndarray,
    sold_frac: np.ndarray,
    shops_open: bool,
    kg_per_day: float,
    meal_days: float,
    food_days: np.ndarray,
    gap_frac: np.ndarray,
    clear: bool,
) -> bool:
    """Food that shops sell comes home, and a meal is eaten. True if a home has less than a meal.

    *sold_frac* (districts,) is the share of the food asked that is sold. *clear* tells that the hour before
    left gaps behind.
    """
    if clear:
        gap_frac[:] = 0.0
    # an empty home buys nothing
    if shops_open and _all_served(sold_frac):
        for row in range(persons.size):
            food_days[row] += asked_kg[row] / (max(persons[row], 1e-12) * kg_per_day)
    elif shops_open:
        for row in range(persons.size):
            bought_kg = asked_kg[row] * sold_frac[district[row]]
            food_days[row] += bought_kg / (max(persons[row], 1e-12) * kg_per_day)
    hungry = False
    for row in range(persons.size):
        hungry |= food_days[row] < meal_days
    if not hungry:
        for row in range(persons.size):
            food_days[row] -= meal_days
        return False
    gaps = False
    for row in range(persons.size):
        days = food_days[row]
        eaten = min(days, meal_days)
        food_days[row] = days - eaten
        gap = 1.0 - eaten / meal_days if eaten < meal_days else 0.0
        if gap > 1e-6:
            gap_frac[row] = gap
            gaps = True
    return gaps
