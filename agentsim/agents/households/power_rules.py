"""An hour of power at home, row by row: what homes ask and plan, and how they use what is delivered.

Most homes have no panels, battery, electric car or open account at the energy bank. They ask for their load and
nothing else, so the rules of equipment are applied only to *equipped* rows, which :func:`ask` lists.
"""

import numpy as np

from agentsim.core.numerics.kernel import inlined, kernel

# columns of the flows of an hour, array (households, 7) [kW]; zero in rows that are not equipped
CHARGE, DISCHARGE, OFFERED, OWN_SUN, CHARGING, RECHARGE, REFILL = range(7)
# rows of the totals by feeder, array (4, feeders) [kW]
WANTED, ASKED, BASIC, SPARE = range(4)


@kernel
def ask(
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
    least_kw: float,
    spread_kw: float,
    need_kw: float,
    sun_frac: float,
    plugged: bool,
    ev_battery_kwh: float,
    ev_charger_kw: float,
    bank_kw: float,
    floor_frac: float,
    refill_kw: float,
    one_way: float,
    heat_pump_kw: float,
    heat_pump_frac: float,
    asked_kw: np.ndarray,
    inside_kw: np.ndarray,
    flows_kw: np.ndarray,
    equipped: np.ndarray,
    listed: int,
    total_kw: np.ndarray,
) -> int:
    """What each home asks at its meter and plans; returns how many rows are listed in *equipped*.

    wanted = size x (least + spread x chance) + charging of the car; the price answer lowers the load. Own
    solar power is used first, then the battery above its floor; a battery below its floor is refilled, but
    not on a feeder that was short. ``on`` and ``off`` (households,) are devices that are switched from
    outside; these and ``short_feeder`` are empty where there are none. *listed* rows are those of the hour
    before. *total_kw* (4, feeders) adds up what is wanted, asked, needed and offered, row after row.
    """
    for i in range(listed):
        flows_kw[equipped[i], :] = 0.0
        inside_kw[equipped[i]] = 0.0
    switched = on.size > 0
    refills = False
    for i in range(battery_rows.size):
        row = battery_rows[i]
        refills |= floor_frac * battery_kwh[row] - soc_kwh[row] > 1e-9
    total_kw[:] = 0.0
    listed = 0
    for row in range(size_frac.size):
        here = feeder[row]
        wanted_kw = size_frac[row] * (least_kw + spread_kw * chance[row])
        home_kw = wanted_kw * price_answer[row]
        asked = home_kw
        charges = plugged and electric[row]
        owns = pv_kw[row] != 0.0 or battery_kwh[row] != 0.0 or bank_target_kwh[row] != bank_kwh[row]
        if owns or charges or switched:
            charging = 0.0
            if charges:
                charging = min(ev_battery_kwh - ev_kwh[row], ev_charger_kw)
            wanted_kw += charging
            recharge = min(bank_target_kwh[row] - bank_kwh[row], bank_kw)
            room_kw = (battery_kwh[row] - soc_kwh[row]) / one_way
            refill = 0.0
            if refills and not (short_feeder.size > 0 and short_feeder[here]):
                missing_kw = (floor_frac * battery_kwh[row] - soc_kwh[row]) / one_way
                refill = min(max(missing_kw, 0.0), min(refill_kw, battery_kw[row]))
            above_kwh = max(soc_kwh[row] - floor_frac * battery_kwh[row], 0.0)
            heat_pump = 0.0
            held = switched and (on[row] or off[row])
            if held:
                above_kwh = 0.0
                if on[row]:
                    ev_room_kwh = (ev_battery_kwh if electric[row] else 0.0) - ev_kwh[row]
                    charging = min(max(ev_room_kwh, 0.0), ev_charger_kw)
                    refill = min(max(room_kw, 0.0), battery_kw[row])
                    heat_pump = heat_pump_kw
                else:
                    charging = refill = 0.0
                    heat_pump = -(heat_pump_frac * home_kw)
            sun_kw = pv_kw[row] * sun_frac
            answered_kw = home_kw + charging + recharge + refill + heat_pump
            own_sun = min(answered_kw, sun_kw)
            left_kw, spare_kw = answered_kw - own_sun, sun_kw - own_sun
            charge = min(min(spare_kw, battery_kw[row]), room_kw)
            charge = min(charge, max(min(battery_kw[row], room_kw) - refill, 0.0))
            if held:
                charge = 0.0
            discharge = min(min(left_kw, battery_kw[row]), above_kwh * one_way)
            asked = left_kw - discharge
            flows_kw[row, CHARGE] = charge
            flows_kw[row, DISCHARGE] = discharge
            flows_kw[row, OFFERED] = spare_kw - charge
            flows_kw[row, OWN_SUN] = own_sun
            flows_kw[row, CHARGING] = charging
            flows_kw[row, RECHARGE] = recharge
            flows_kw[row, REFILL] = refill
            inside_kw[row] = own_sun + discharge
            total_kw[SPARE, here] += spare_kw - charge
            equipped[listed] = row
            listed += 1
        asked_kw[row] = asked
        total_kw[WANTED, here] += wanted_kw
        total_kw[ASKED, here] += asked
        total_kw[BASIC, here] += min(asked, need_kw * size_frac[row])
    return listed


@inlined
def _gap(used_kw: float, need_kw: float) -> float:
    """Share of the need that is not met; a gap within rounding is none, and so is one without a need."""
    gap = 1.0 - used_kw / max(need_kw, 1e-12)
    return gap if gap > 1e-6 and need_kw > 0.0 else 0.0


@kernel
def use(
    unserved_kw: np.ndarray,
    asked_kw: np.ndarray,
    size_frac: np.ndarray,
    chance: np.ndarray,
    price_answer: np.ndarray,
    lent_kw: np.ndarray,
    battery_kwh: np.ndarray,
    battery_kw: np.ndarray,
    flows_kw: np.ndarray,
    inside_kw: np.ndarray,
    equipped: np.ndarray,
    listed: int,
    least_kw: float,
    spread_kw: float,
    need_kw: float,
    bank_most_kw: float,
    one_way: float,
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
    """Use of power from the grid, the panels, the battery and the energy bank, row by row.

    Unserved load reduces charging first (car, bank account, battery), then the home's own use; without a
    battery a solar inverter stops with the grid. *found*, bool (2,), says afterwards whether any load was
    unserved and whether any home had a gap, and before whether the hour before left gaps behind. Without
    unserved load *metered_kw* and *used_kw* are not written: they are what was asked, and that with what
    came from *inside_kw*.
    """
    if found[1]:
        gap_frac[:] = 0.0
    unserved = False
    for row in range(unserved_kw.size):
        unserved |= unserved_kw[row] != 0.0
    gaps = False
    for i in range(0 if unserved else listed):
        row = equipped[i]
        charge, discharge = flows_kw[row, CHARGE], flows_kw[row, DISCHARGE]
        stored_kwh = soc_kwh[row] + charge * one_way - discharge / one_way
        soc_kwh[row] = stored_kwh + flows_kw[row, REFILL] * one_way
        ev_kwh[row] += flows_kw[row, CHARGING]
        bank_kwh[row] += flows_kw[row, RECHARGE]
        home_kw = size_frac[row] * (least_kw + spread_kw * chance[row]) * price_answer[row]
        gap = _gap(asked_kw[row] + inside_kw[row], min(need_kw * size_frac[row], home_kw))
        gap_frac[row] = gap
        gaps |= gap > 0.0
    for row in range(unserved_kw.size if unserved else 0):
        lost_kw = unserved_kw[row]
        dark_frac = lost_kw / max(asked_kw[row], 1e-12)
        dark = dark_frac > 1e-6
        dark_h[row] += dark_frac
        interruptions[row] += 1.0 if dark and not was_dark[row] else 0.0
        was_dark[row] = dark
        metered_kw[row] = asked_kw[row] - lost_kw
        charging, recharge = flows_kw[row, CHARGING], flows_kw[row, RECHARGE]
        refill, discharge = flows_kw[row, REFILL], flows_kw[row, DISCHARGE]
        filling_kw = charging + recharge + refill
        part = max(filling_kw - lost_kw, 0.0) / max(filling_kw, 1e-12)
        missing_kw = max(lost_kw - filling_kw, 0.0)
        stored_kwh = soc_kwh[row] + flows_kw[row, CHARGE] * one_way - discharge / one_way
        stored_kwh += refill * part * one_way
        lent = lent_kw[row] if lent_kw.size > 0 else 0.0
        spare_kw = max(battery_kw[row] - discharge - lent, 0.0)
        backup_kw = min(min(missing_kw, spare_kw), max(stored_kwh, 0.0) * one_way)
        from_bank_kw = min(min(missing_kw - backup_kw, bank_most_kw), bank_kwh[row])
        soc_kwh[row] = stored_kwh - backup_kw / one_way
        ev_kwh[row] += charging * part
        bank_kwh[row] = bank_kwh[row] + recharge * part - from_bank_kw
        holds = lost_kw <= 0.0 or battery_kwh[row] > 0.0
        used_kw[row] = metered_kw[row] + (inside_kw[row] if holds else 0.0) + backup_kw + from_bank_kw
        home_kw = size_frac[row] * (least_kw + spread_kw * chance[row]) * price_answer[row]
        gap = _gap(used_kw[row], min(need_kw * size_frac[row], home_kw))
        gap_frac[row] = gap
        gaps |= gap > 0.0
    if found[0] and not unserved:
        was_dark[:] = False
    found[0], found[1] = unserved, gaps
