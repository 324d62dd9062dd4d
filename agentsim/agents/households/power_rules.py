"""An hour of power at home, row by row: what homes ask and plan, and how they use what is delivered.

Most homes have no panels, battery, electric car or account at the energy bank to be filled. They ask for
their load and nothing else, so the rules of equipment are applied only to *equipped* rows, which
:func:`ask` lists. Of these, *active* rows are those in which an hour without a cut changes anything: homes
that fill or empty a store, and those with a gap.
"""

from typing import NamedTuple

import numpy as np

from agentsim.core.numerics.kernel import inlined, kernel

# columns of the flows of an hour, array (households, 8) [kW]; zero in rows that are not equipped
CHARGE, DISCHARGE, OFFERED, OWN_SUN, CHARGING, RECHARGE, REFILL, HOME = range(8)
# rows of the totals by feeder, array (4, feeders) [kW]
WANTED, ASKED, BASIC, SPARE = range(4)
LACKING = 1.0 - 1e-7  # of a need: what is used is less by more than rounding


class PowerNumbers(NamedTuple):
    """Numbers of the parameters that the rules use.

    They are handed to kernels as a plain tuple, because numba takes five times as long to read a named one.
    """

    need_kw: float  # of a home of average size
    one_way: float  # efficiency of charging a battery, and of discharging it
    floor_frac: float  # of a battery, kept for a cut
    refill_kw: float  # most that the grid fills into a battery below its floor
    ev_battery_kwh: float
    ev_charger_kw: float
    bank_kw: float  # most that goes into and out of an account at the energy bank


@inlined
def _gap(used_kw: float, need_kw: float) -> float:
    """Share of the need that is not met; a gap within rounding is none, and so is one without a need."""
    if used_kw >= need_kw:
        return 0.0
    gap = 1.0 - used_kw / max(need_kw, 1e-12)
    return gap if gap > 1e-6 and need_kw > 0.0 else 0.0


@kernel
def ask(
    numbers: tuple[float, ...],
    load_frac: np.ndarray,
    size_frac: np.ndarray,
    chance: np.ndarray,
    price_answer: np.ndarray,
    feeder: np.ndarray,
    pv_kw: np.ndarray,
    battery_kwh: np.ndarray,
    battery_kw: np.ndarray,
    soc_kwh: np.ndarray,
    electric: np.ndarray,
    ev_kwh: np.ndarray,
    bank_target_kwh: np.ndarray,
    bank_kwh: np.ndarray,
    battery_rows: np.ndarray,
    short_feeder: np.ndarray,
    on: np.ndarray,
    off: np.ndarray,
    heat_pump_kw: float,
    heat_pump_frac: float,
    least_kw: float,
    spread_kw: float,
    sun_frac: float,
    plugged: bool,
    asked_kw: np.ndarray,
    inside_kw: np.ndarray,
    flows_kw: np.ndarray,
    total_kw: np.ndarray,
    before: np.ndarray,
    listed_before: int,
    equipped: np.ndarray,
    is_equipped: np.ndarray,
    active: np.ndarray,
) -> tuple[int, int]:
    """What each home asks at its meter and plans; how many rows are listed in *equipped* and in *active*.

    wanted = load x (least + spread x chance) + charging of the car, the load over the mean home's; the price
    answer lowers the load. Own solar power is used first, then the battery above its floor; a battery below
    its floor is refilled, but not on a feeder that was short. ``on`` and ``off`` (households,) are devices
    that are switched from outside. These, ``short_feeder`` and ``bank_target_kwh`` are empty where there are
    none. *before* are the rows that were listed an hour before; *is_equipped*, bool (households,), is filled.
    *total_kw* (4, feeders) adds up what is wanted, asked, needed and offered, row after row.
    """
    n = PowerNumbers(*numbers)
    refills = _any_below_floor(n.floor_frac, battery_rows, battery_kwh, soc_kwh)
    switched = on.size > 0
    accounts = bank_target_kwh.size > 0
    # column by column: many rows are looked at at once, and what changes nothing now is not read
    for row in range(is_equipped.size):
        is_equipped[row] = (battery_kwh[row] != 0.0) | switched
    if sun_frac != 0.0:
        for row in range(is_equipped.size):
            is_equipped[row] |= pv_kw[row] * sun_frac != 0.0
    if plugged:
        for row in range(is_equipped.size):
            is_equipped[row] |= electric[row]
    if accounts:
        for row in range(is_equipped.size):
            is_equipped[row] |= bank_target_kwh[row] - bank_kwh[row] != 0.0
    for i in range(listed_before):
        if not is_equipped[before[i]]:
            flows_kw[before[i], :] = 0.0
            inside_kw[before[i]] = 0.0
    total_kw[:] = 0.0
    by_wanted, by_asked, by_basic = total_kw[WANTED], total_kw[ASKED], total_kw[BASIC]
    listed = acting = 0
    for row in range(is_equipped.size):
        here = feeder[row]
        wanted = load_frac[row] * (least_kw + spread_kw * chance[row])
        home = asked = wanted * price_answer[row]
        if is_equipped[row]:
            equipped[listed] = row
            listed += 1
            # cars, the account at the energy bank, the battery below its floor
            account_kwh = bank_target_kwh[row] - bank_kwh[row] if accounts else 0.0
            charges = plugged & electric[row]
            car_room_kwh = (n.ev_battery_kwh if electric[row] else 0.0) - ev_kwh[row]
            charging = min(car_room_kwh, n.ev_charger_kw) if charges else 0.0
            wanted += charging
            recharge = min(account_kwh, n.bank_kw)
            room = refill = above_kwh = 0.0
            if battery_kwh[row] != 0.0:
                room = (battery_kwh[row] - soc_kwh[row]) / n.one_way
                floor_kwh = n.floor_frac * battery_kwh[row]
                above_kwh = max(soc_kwh[row] - floor_kwh, 0.0)
                if refills and not (short_feeder.size > 0 and short_feeder[here]):
                    refill = max((floor_kwh - soc_kwh[row]) / n.one_way, 0.0)
                    refill = min(refill, min(n.refill_kw, battery_kw[row]))
            # devices on a maker's cloud
            heat_pump = 0.0
            held = switched and (on[row] or off[row])
            if held and on[row]:
                charging = min(max(car_room_kwh, 0.0), n.ev_charger_kw)
                refill = min(max(room, 0.0), battery_kw[row])
                heat_pump = heat_pump_kw
            elif held:
                charging = refill = 0.0
                heat_pump = -(heat_pump_frac * home)
            # own sun first, then the battery
            answered = home + charging + recharge + refill + heat_pump
            sun = pv_kw[row] * sun_frac
            own_sun = min(answered, sun)
            left, spare = answered - own_sun, sun - own_sun
            charge = discharge = 0.0
            if not held:
                charge = min(min(spare, battery_kw[row]), room)
                charge = min(charge, max(min(battery_kw[row], room) - refill, 0.0))
                discharge = min(min(left, battery_kw[row]), above_kwh * n.one_way)
            asked, offered = left - discharge, spare - charge
            flow = flows_kw[row]
            flow[CHARGE], flow[DISCHARGE], flow[OFFERED], flow[OWN_SUN] = charge, discharge, offered, own_sun
            flow[CHARGING], flow[RECHARGE], flow[REFILL], flow[HOME] = charging, recharge, refill, home
            inside_kw[row] = own_sun + discharge
            lacks = asked + inside_kw[row] < LACKING * min(n.need_kw * size_frac[row], home)
            active[acting] = row  # stays only if the row is
            acting += (battery_kwh[row] != 0.0) | (charging != 0.0) | (recharge != 0.0) | lacks
            total_kw[SPARE, here] += offered
        asked_kw[row] = asked
        by_wanted[here] += wanted
        by_asked[here] += asked
        by_basic[here] += min(asked, n.need_kw * size_frac[row])
    return listed, acting


@inlined
def _any_below_floor(
    floor_frac: float, battery_rows: np.ndarray, battery_kwh: np.ndarray, soc_kwh: np.ndarray
) -> bool:
    """Whether any home battery is below its floor."""
    below = False
    for i in range(battery_rows.size):
        row = battery_rows[i]
        below |= floor_frac * battery_kwh[row] - soc_kwh[row] > 1e-9
    return below


@kernel
def fill(
    numbers: tuple[float, ...],
    asked_kw: np.ndarray,
    inside_kw: np.ndarray,
    flows_kw: np.ndarray,
    active: np.ndarray,
    acting: int,
    size_frac: np.ndarray,
    battery_kwh: np.ndarray,
    soc_kwh: np.ndarray,
    ev_kwh: np.ndarray,
    bank_kwh: np.ndarray,
    gap_frac: np.ndarray,
    was_dark: np.ndarray,
    found: np.ndarray,
) -> None:
    """What an hour in which all load was served changes: stores of *active* rows, and gaps.

    *found* is as in :func:`use`. Metered is what was asked, and used that with what came from inside.
    """
    n = PowerNumbers(*numbers)
    if found[0]:
        was_dark[:] = False
    if found[1]:
        gap_frac[:] = 0.0
    gaps = False
    for i in range(acting):
        row = active[i]
        flow = flows_kw[row]
        if battery_kwh[row] != 0.0:
            stored_kwh = soc_kwh[row] + flow[CHARGE] * n.one_way - flow[DISCHARGE] / n.one_way
            soc_kwh[row] = stored_kwh + flow[REFILL] * n.one_way
        if flow[CHARGING] != 0.0:
            ev_kwh[row] += flow[CHARGING]
        if flow[RECHARGE] != 0.0:
            bank_kwh[row] += flow[RECHARGE]
        gap = _gap(asked_kw[row] + inside_kw[row], min(n.need_kw * size_frac[row], flow[HOME]))
        if gap > 0.0:
            gap_frac[row], gaps = gap, True
    found[0], found[1] = False, gaps


@kernel
def use(
    numbers: tuple[float, ...],
    unserved_kw: np.ndarray,
    asked_kw: np.ndarray,
    inside_kw: np.ndarray,
    flows_kw: np.ndarray,
    is_equipped: np.ndarray,
    active: np.ndarray,
    acting: int,
    size_frac: np.ndarray,
    battery_kwh: np.ndarray,
    battery_kw: np.ndarray,
    lent_kw: np.ndarray,
    soc_kwh: np.ndarray,
    ev_kwh: np.ndarray,
    bank_kwh: np.ndarray,
    metered_kw: np.ndarray,
    used_kw: np.ndarray,
    gap_frac: np.ndarray,
    was_dark: np.ndarray,
    dark_h: np.ndarray,
    interruptions: np.ndarray,
    found: np.ndarray,
) -> None:
    """Use of power from the grid, the panels, the battery and the energy bank in a cut, row by row.

    Unserved load reduces charging first (car, bank account, battery), then the home's own use; without a
    battery a solar inverter stops with the grid. ``lent_kw`` is empty where no battery serves neighbours.
    *found*, bool (2,), says afterwards whether any load was unserved and whether any home had a gap, and
    before whether the hour before left any behind.
    """
    n = PowerNumbers(*numbers)
    if found[1]:
        gap_frac[:] = 0.0
    gaps = False
    next_active = 0
    for row in range(unserved_kw.size):
        lost = unserved_kw[row]
        is_active = next_active < acting and active[next_active] == row
        next_active += is_active
        if lost == 0.0 and not is_active:  # as in an hour without a cut
            was_dark[row] = False
            metered_kw[row] = asked_kw[row]
            used_kw[row] = asked_kw[row] + inside_kw[row]
            continue
        dark_frac = lost / max(asked_kw[row], 1e-12)
        dark_h[row] += dark_frac
        dark = dark_frac > 1e-6
        if dark and not was_dark[row]:
            interruptions[row] += 1.0
        was_dark[row] = dark
        flow = flows_kw[row]
        home = flow[HOME] if is_equipped[row] else asked_kw[row]
        # charging gives way first
        filling = flow[CHARGING] + flow[RECHARGE] + flow[REFILL]
        part = max(filling - lost, 0.0) / max(filling, 1e-12)
        missing = max(lost - filling, 0.0)
        stored_kwh = soc_kwh[row] + flow[CHARGE] * n.one_way - flow[DISCHARGE] / n.one_way
        stored_kwh += flow[REFILL] * part * n.one_way
        ev_kwh[row] += flow[CHARGING] * part
        # then the battery and the energy bank give
        lent = lent_kw[row] if lent_kw.size > 0 else 0.0
        spare = max(battery_kw[row] - flow[DISCHARGE] - lent, 0.0)
        backup = min(min(missing, spare), max(stored_kwh, 0.0) * n.one_way)
        from_bank = min(min(missing - backup, n.bank_kw), bank_kwh[row])
        soc_kwh[row] = stored_kwh - backup / n.one_way
        bank_kwh[row] = bank_kwh[row] + flow[RECHARGE] * part - from_bank
        inside = inside_kw[row] if lost <= 0.0 or battery_kwh[row] > 0.0 else 0.0
        metered_kw[row] = asked_kw[row] - lost
        used_kw[row] = metered_kw[row] + inside + backup + from_bank
        gap = _gap(used_kw[row], min(n.need_kw * size_frac[row], home))
        if gap > 0.0:
            gap_frac[row], gaps = gap, True
    found[0], found[1] = True, gaps


@kernel
def sell(
    equipped: np.ndarray,
    listed: int,
    flows_kw: np.ndarray,
    feeder: np.ndarray,
    taken_frac: np.ndarray,
    sold_kw: np.ndarray,
) -> None:
    """What *listed* homes sell of the sun that they offer, into *sold_kw* (households,) [kW].

    *taken_frac* (feeders,) is the share of the offers that the grid took.
    """
    for i in range(listed):
        row = equipped[i]
        sold_kw[row] = flows_kw[row, OFFERED] * taken_frac[feeder[row]]
