"""The household rules as Polars expressions, for libraries that keep their agents in a data frame.

Rule by rule what ``tests/agents/plain_households.py`` says for one home. A *stage* is a list of expressions
over columns that earlier stages wrote; a library writes the columns of a stage in its own way.
"""

from math import sqrt
from types import SimpleNamespace

import numpy as np
import polars as pl

col, least, most = pl.col, pl.min_horizontal, pl.max_horizontal
NEEDS = ("power", "water", "food", "mobility")
STORES = ("soc_kwh", "bank_kwh", "ev_kwh", "food_days", "home_water_l", "deprivation_h", "trust")


def start(given: SimpleNamespace) -> dict[str, np.ndarray]:
    """Columns of the homes before the first hour."""
    rows = len(given.persons)
    columns = {
        name.removeprefix("home_of_"): values for name, values in vars(given).items() if is_column(name)
    }
    columns |= {f"clock_{need}": np.zeros(rows) for need in NEEDS}
    return columns | {
        "deprivation_h": np.zeros(rows),
        "good_day": np.ones(rows, dtype=bool),
        "feeder_short": np.zeros(rows, dtype=bool),
        "unserved_kw": np.zeros(rows),
    }


def is_column(name: str) -> bool:
    """Whether an array of the problem is a column of the homes."""
    return name.startswith("home_of_")


class Rules:
    """An hour of all homes as stages of expressions; what feeders remember of their turns is kept here."""

    def __init__(self, given: SimpleNamespace) -> None:
        self.given, self.one_way = given, sqrt(float(given.battery_efficiency))
        feeders = given.unserved_mw.shape[1]
        self.begins_frac, self.widest_frac = np.zeros(feeders), np.zeros(feeders)

    def number(self, name: str) -> float:
        """A parameter of the households."""
        return float(getattr(self.given, name))

    # ---- asking -----------------------------------------------------------------------------------------

    def ask(self, hour: int) -> list[list[pl.Expr]]:
        """What homes ask of the feeder, the taps and the shops."""
        n, given, clock, one_way = self.number, self.given, hour % 24, self.one_way
        level_kw = n("peak_kw") * float(given.power_shape[clock]) * float(given.temperature_frac[hour])
        chance = 1.0 + n("load_spread") * (2.0 * pl.Series("chance", given.chance[hour]) - 1.0)
        load_kw = level_kw * col("load_frac") * pl.lit(chance)
        price, elasticity = float(given.power_price_frac[hour]), n("power_elasticity")
        answer = (
            pl.lit(1.0) if price == 1.0 else pl.lit(price).pow(elasticity * col("trust") / n("trust_start"))
        )
        plugged = clock >= n("ev_first_hour") or clock < 6
        room_kwh = pl.when(col("electric")).then(n("ev_battery_kwh")).otherwise(0.0) - col("ev_kwh")
        car_kw = least(room_kwh, pl.lit(n("ev_charger_kw"))) if plugged else pl.lit(0.0)
        floor_kwh = n("battery_floor_frac") * col("battery_kwh")
        kept_kw = most(floor_kwh - col("soc_kwh"), pl.lit(0.0)) / one_way
        refills = (kept_kw > 1e-9) & ~col("feeder_short")
        day_l = n("water_l_per_person_day") * float(given.water_price_frac[hour]) ** n("water_elasticity")
        tap_l = max(day_l, n("water_floor_l_per_person_day")) / 24.0 * float(given.water_shape[clock])
        missing_days = most(col("food_target_days") - col("food_days"), pl.lit(0.0))
        open_now = 9 <= clock < 21
        day_kg = n("food_kg_per_person_day") * col("persons")
        use_kw = col("home_kw") + col("car_kw") + col("bank_fill_kw") + col("refill_kw")
        sun_kw = col("pv_kw") * n("pv_performance") * float(given.sun_frac[hour])
        take_kw = (col("battery_kwh") - col("soc_kwh")) / one_way - col("refill_kw")
        charge_kw = least(col("spare_kw"), col("battery_kw") - col("refill_kw"), take_kw)
        give_kw = most(col("soc_kwh") - floor_kwh, pl.lit(0.0)) * one_way
        return [
            [
                (load_kw * answer).alias("home_kw"),
                car_kw.alias("car_kw"),
                least(col("bank_target_kwh") - col("bank_kwh"), pl.lit(n("bank_kw"))).alias("bank_fill_kw"),
                pl.when(refills)
                .then(least(kept_kw, pl.lit(n("battery_refill_kw"))))
                .otherwise(0.0)
                .alias("refill_kw"),
                (col("persons") * tap_l).alias("water_asked_l"),
                (day_kg * missing_days / 6.0 if open_now else pl.lit(0.0)).alias("food_asked_kg"),
            ],
            [use_kw.alias("use_kw"), least(sun_kw, use_kw).alias("own_sun_kw")],
            [
                (col("use_kw") - col("own_sun_kw")).alias("still_kw"),
                (sun_kw - col("own_sun_kw")).alias("spare_kw"),
            ],
            [
                charge_kw.alias("charge_kw"),
                least(col("still_kw"), col("battery_kw"), give_kw).alias("discharge_kw"),
            ],
            [(col("still_kw") - col("discharge_kw")).alias("asked_kw")],
        ]

    # ---- turns ------------------------------------------------------------------------------------------

    def rotate(self, hour: int, asked_kw: np.ndarray, feeder: np.ndarray) -> list[list[pl.Expr]]:
        """Each home's part of the load that its feeder did not serve: an arc of the feeder's circle."""
        given = self.given
        unserved_kw = 1000.0 * given.unserved_mw[hour] / float(given.weight)
        if hour % int(given.rotation_h) == 0:
            self.begins_frac = (self.begins_frac + self.widest_frac) % 1.0
            self.widest_frac = np.zeros(len(unserved_kw))
        if not unserved_kw.any():
            return [[pl.lit(0.0).alias("unserved_kw"), pl.lit(False).alias("feeder_short")]]
        lap_kw = np.bincount(feeder, asked_kw, len(unserved_kw))
        dark_kw = np.minimum(unserved_kw, lap_kw)
        self.widest_frac = np.maximum(self.widest_frac, dark_kw / np.maximum(lap_kw, 1e-12))
        begins_kw = self.begins_frac * lap_kw
        beyond_kw = np.maximum(begins_kw + dark_kw - lap_kw, 0.0)

        def here(values: np.ndarray) -> pl.Expr:
            return pl.lit(pl.Series(values[feeder]))

        begin, end = col("ends_kw") - col("asked_kw"), col("ends_kw")
        arc = most(least(end, here(begins_kw + dark_kw)) - most(begin, here(begins_kw)), pl.lit(0.0))
        arc = arc + most(least(end, here(beyond_kw)) - begin, pl.lit(0.0))
        return [
            [col("asked_kw").cum_sum().over("feeder").alias("ends_kw")],
            [least(arc, col("asked_kw")).alias("unserved_kw"), here(unserved_kw > 0).alias("feeder_short")],
        ]

    # ---- living -----------------------------------------------------------------------------------------

    def live(self, hour: int, places: dict[str, np.ndarray]) -> list[list[pl.Expr]]:
        """Use what was delivered; unmet needs become deprivation. *places* are the homes' indices."""
        n, given, one_way = self.number, self.given, self.one_way

        def served(values: np.ndarray, place: str) -> pl.Expr:
            return pl.lit(pl.Series(values[hour][places[place]]))

        charging_kw = col("car_kw") + col("bank_fill_kw") + col("refill_kw")
        part = pl.when(charging_kw > 0).then(1.0 - col("not_charged_kw") / charging_kw).otherwise(1.0)
        inside_kw = col("own_sun_kw") + col("discharge_kw")
        holds = (col("unserved_kw") == 0) | (col("battery_kwh") > 0)
        used_kw = col("asked_kw") - col("unserved_kw") + col("backup_kw") + col("lent_kw")
        used_kw = used_kw + pl.when(holds).then(inside_kw).otherwise(0.0)
        need_kw = least(n("need_power_kw") * col("size_frac"), col("home_kw"))
        need_l = col("persons") * (n("need_water_l_per_person_day") / 24.0)
        ration_l = col("persons") * (n("home_water_ration_l_per_person_day") / 24.0)
        day_kg = n("food_kg_per_person_day") * col("persons")
        spare_l = least(col("tap_l") / 10.0, most(col("tap_l") - need_l, pl.lit(0.0)))
        soc_kwh = col("soc_kwh") + col("charge_kw") * one_way - col("discharge_kw") / one_way
        bought_days = col("food_asked_kg") * served(given.food_frac, "district") / day_kg
        missing_kw = col("unserved_kw") - col("not_charged_kw")
        backup_kw = least(missing_kw, col("battery_kw") - col("discharge_kw"), col("soc_kwh") * one_way)
        lent_kw = least(missing_kw - col("backup_kw"), pl.lit(n("bank_kw")), col("bank_kwh"))
        meal = pl.lit(1.0 / 24.0)
        made = served(given.trips_made_frac, "zone")
        return [
            [
                soc_kwh.alias("soc_kwh"),
                least(col("unserved_kw"), charging_kw).alias("not_charged_kw"),
                (col("water_asked_l") * served(given.tap_frac, "junction")).alias("tap_l"),
                (col("food_days") + bought_days).alias("food_days"),
            ],
            [
                (col("soc_kwh") + part * col("refill_kw") * one_way).alias("soc_kwh"),
                least(most(need_l - col("tap_l"), pl.lit(0.0)), ration_l, col("home_water_l")).alias(
                    "from_l"
                ),
                least(col("home_water_target_l") - col("home_water_l"), spare_l).alias("into_l"),
                least(meal, col("food_days")).alias("eaten_days"),
            ],
            [backup_kw.alias("backup_kw")],
            [lent_kw.alias("lent_kw")],
            [
                (col("soc_kwh") - col("backup_kw") / one_way).alias("soc_kwh"),
                (col("ev_kwh") + part * col("car_kw")).alias("ev_kwh"),
                (col("bank_kwh") - col("lent_kw") + part * col("bank_fill_kw")).alias("bank_kwh"),
                (col("home_water_l") + col("into_l") - col("from_l")).alias("home_water_l"),
                (col("food_days") - col("eaten_days")).alias("food_days"),
                gap(used_kw, need_kw).alias("gap_power"),
                gap(col("tap_l") + col("from_l") - col("into_l"), need_l).alias("gap_water"),
                gap(col("eaten_days"), meal).alias("gap_food"),
                gap(made, pl.lit(n("need_mobility_frac"))).alias("gap_mobility"),
            ],
            [self._clock(row, need).alias(f"clock_{need}") for row, need in enumerate(NEEDS)],
            [self._suffered().alias("deprivation_h"), self._good().alias("good_day")],
        ]

    def _clock(self, row: int, need: str) -> pl.Expr:
        gap_frac = col(f"gap_{need}")
        relieved = col(f"clock_{need}") * (1.0 - self.number("relief_frac_per_h") * (1.0 - gap_frac))
        return least(relieved + gap_frac, pl.lit(self.number("clock_cap_h")))

    def _suffered(self) -> pl.Expr:
        total = col("deprivation_h")
        for row, need in enumerate(NEEDS):
            weight, growth = float(self.given.need_weight[row]), float(self.given.growth_per_h[row])
            convex = (growth * col(f"clock_{need}")).exp() - 1.0
            total = total + pl.when(col(f"gap_{need}") > 0).then(
                weight * col(f"gap_{need}") * convex
            ).otherwise(0.0)
        return total

    def _good(self) -> pl.Expr:
        return col("good_day") & ~pl.any_horizontal(*(col(f"gap_{need}") > 0 for need in NEEDS))

    def end_day(self) -> list[list[pl.Expr]]:
        """Trust after the day; the day's driving."""
        n = self.number
        step = pl.when(col("good_day")).then(n("trust_gain_per_day")).otherwise(-n("trust_loss_per_day"))
        driven = most(col("ev_kwh") - n("ev_kwh_per_day"), pl.lit(0.0))
        return [
            [
                (col("trust") + step).clip(0.0, 1.0).alias("trust"),
                pl.lit(True).alias("good_day"),
                pl.when(col("electric")).then(driven).otherwise(col("ev_kwh")).alias("ev_kwh"),
            ]
        ]


def gap(served: pl.Expr, need: pl.Expr) -> pl.Expr:
    """Share of a need that is not met; rounding does not count."""
    missing = pl.when(need > 0).then(1.0 - least(pl.lit(1.0), served / need)).otherwise(0.0)
    return pl.when(missing > 1e-6).then(missing).otherwise(0.0)
