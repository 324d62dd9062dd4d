"""Generation adequacy: this model's own Monte-Carlo on one bus against the exact convolution.

Loss of load expectation (LOLE, hours a year) and of energy (LOEE, MWh a year) of the IEEE RTS-79 and of the
RBTS. The convolution of the units' outages with the hourly load of the year is exact; the model draws the
units' states hour by hour with its own chain of failures and sheds by its own dispatch. Seeds are the years
in which the systems were published, fixed before the first run.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from agentsim import place
from agentsim.core.streams import Streams
from agentsim.networks.power.grid import PowerGrid
from agentsim.place.cases import RESIDENTIAL, Feeders, GridCase
from agentsim.place.failures import Failures

DATA = Path(place.__file__).parent / "data" / "bay_city"
MARGIN_FRAC = 0.005  # with so much more capacity than load the dispatch is not asked
SHED_MW = 1e-6
ONE_FEEDER = Feeders(np.zeros(1, int), np.zeros(1, int), np.array([RESIDENTIAL]), np.ones(1), np.zeros(1))


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def yearly_load_frac() -> np.ndarray:
    """The load of the RTS hour by hour over its own peak, array (8736,): 52 weeks from January on."""
    week = [float(row["percent_of_annual_peak"]) / 100 for row in rows("rts79_weekly_peak.csv")]
    day = [float(row["percent_of_weekly_peak"]) / 100 for row in rows("rts79_daily_peak.csv")]
    hours = rows("rts79_hourly_peak.csv")

    def season(number: int) -> str:
        if number < 8 or number >= 43:
            return "winter"
        return "summer" if 17 <= number < 30 else "spring_autumn"

    return np.array(
        [
            week[w] * day[d] * float(hour[season(w) + ("_weekday" if d < 5 else "_weekend")]) / 100
            for w in range(52)
            for d in range(7)
            for hour in hours
        ]
    )


@dataclass(frozen=True)
class System:
    """Units and a load on one bus, with the indices that were published for it."""

    unit_mw: np.ndarray
    unavailability: np.ndarray
    mttr_h: np.ndarray
    load_mw: np.ndarray  # (hours of the year,)
    lole_h: float
    loee_mwh: float
    seed: int

    def grid(self, copies: int = 1) -> GridCase:
        """So many copies of the system's units on one bus."""
        units, none = len(self.unit_mw) * copies, np.zeros(0)
        mttf_h = self.mttr_h * (1.0 - self.unavailability) / self.unavailability
        return GridCase(
            base_mva=100.0,
            bus_id=("1",),
            bus_load_mw=np.ones(1),
            bus_shunt_mw=np.zeros(1),
            line_from=np.zeros(0, int),
            line_to=np.zeros(0, int),
            line_r_pu=none,
            line_x_pu=none,
            line_tap=none,
            line_shift_deg=none,
            line_limit_mw=none,
            unit_bus=np.zeros(units, int),
            unit_max_mw=np.tile(self.unit_mw, copies),
            unit_min_mw=np.zeros(units),
            unit_cost=np.tile([0.0, 10.0, 0.0], (units, 1)),
            unit_mttf_h=np.tile(mttf_h, copies),
            unit_mttr_h=np.tile(self.mttr_h, copies),
        )


@cache
def rts() -> System:
    """IEEE Reliability Test System, 1979: 32 units, 3405 MW, peak 2850 MW, from the shipped tables."""
    kinds = {row["capacity_mw"]: row for row in rows("rts79_unit_classes.csv")}
    units = [kinds[row["capacity_mw"]] for row in rows("rts79_units.csv")]
    capacity, mttf_h, mttr_h = (
        np.array([float(unit[name]) for unit in units]) for name in ("capacity_mw", "mttf_h", "mttr_h")
    )
    unavailability = mttr_h / (mttf_h + mttr_h)
    return System(capacity, unavailability, mttr_h, 2850 * yearly_load_frac(), 9.394, 1176.3, seed=1979)


# Billinton et al., IEEE Trans. Power Systems 4(3), 1989: MW, number, forced outage rate. The repair time [h]
# is [M] and moves neither index, only how the hours of a shortage cluster.
RBTS_UNITS = [
    (40, 1, 0.02, 60), (20, 4, 0.015, 55), (5, 2, 0.01, 45),
    (40, 2, 0.03, 45), (20, 1, 0.025, 45), (10, 1, 0.02, 45),
]  # fmt: skip


@cache
def rbts() -> System:
    """Roy Billinton Test System: 11 units, 240 MW, peak 185 MW, the load shape of the RTS."""
    table = np.array([(mw, rate, h) for mw, count, rate, h in RBTS_UNITS for _ in range(count)])
    return System(*table.T, 185 * yearly_load_frac(), 1.0916, 9.861, seed=1989)


SYSTEMS = {"rts": rts, "rbts": rbts}


@cache
def exact(name: str) -> tuple[float, float]:
    """LOLE [h/y] and LOEE [MWh/y]: units convolved one by one (Billinton and Allan 1996, chapter 2)."""
    system = SYSTEMS[name]()
    chance = np.zeros(round(system.unit_mw.sum()) + 1)  # of each available capacity in whole MW
    chance[0] = 1.0
    for mw, unavailability in zip(system.unit_mw.astype(int), system.unavailability, strict=True):
        available = np.zeros_like(chance)
        available[mw:] = chance[: len(chance) - mw]
        chance = unavailability * chance + (1.0 - unavailability) * available
    missing = np.maximum(system.load_mw[:, None] - np.arange(len(chance)), 0.0)
    return float(((missing > 0) @ chance).sum()), float((missing @ chance).sum())


def shed_mw(grid: PowerGrid, load_mw: float, out: np.ndarray) -> float:
    """What the model's dispatch sheds of this load with these units out."""
    return float(grid.serve(asked_mw=np.array([load_mw]), basic_mw=np.zeros(1), units_out=out).shed_mw.sum())


def monte_carlo(system: System, copies: int, years: int) -> tuple[np.ndarray, np.ndarray]:
    """Hours with load shed and energy not served a year, arrays (copies,).

    The copies are independent histories of the system, side by side in one chain of failures.
    """
    failures = Failures(system.grid(copies), ONE_FEEDER, np.zeros(0), Streams(system.seed))
    grid = PowerGrid(system.grid(), ONE_FEEDER, districts=1)
    margin_mw = MARGIN_FRAC * system.load_mw.max()
    hours, energy_mwh = np.zeros(copies), np.zeros(copies)
    for hour in range(years * len(system.load_mw)):
        out = failures.at(hour).units_out.reshape(copies, -1)
        load_mw = system.load_mw[hour % len(system.load_mw)]
        for copy in np.flatnonzero(~out @ system.unit_mw < load_mw + margin_mw):
            shed = shed_mw(grid, load_mw, out[copy])
            hours[copy] += shed > SHED_MW
            energy_mwh[copy] += shed
    return hours / years, energy_mwh / years


def z(sample: np.ndarray, expected: float) -> tuple[float, float]:
    """Standard errors between the sample's mean and what is expected; its relative standard error."""
    error = sample.std(ddof=1) / np.sqrt(len(sample))
    return (sample.mean() - expected) / error, error / sample.mean()


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_convolution_gives_the_published_indices(name):
    lole_h, loee_mwh = exact(name)
    assert lole_h == pytest.approx(SYSTEMS[name]().lole_h, rel=1e-4)
    assert loee_mwh == pytest.approx(SYSTEMS[name]().loee_mwh, rel=1e-4)


@pytest.mark.parametrize("name", SYSTEMS)
def test_where_capacity_suffices_the_dispatch_sheds_nothing(name):
    """The shortcut of the Monte-Carlo: always asking the dispatch gives the same hours and energy."""
    system = SYSTEMS[name]()
    # units that fail often, so that a short sample holds many hours on both sides of the shortcut
    chance = np.random.default_rng(system.seed)
    grid, margin_mw = PowerGrid(system.grid(), ONE_FEEDER, districts=1), MARGIN_FRAC * system.load_mw.max()
    skipped = asked = 0
    for _ in range(600):
        load_mw = chance.choice(system.load_mw)
        out = chance.random(len(system.unit_mw)) < chance.uniform(0.0, 0.6)
        available_mw = float(~out @ system.unit_mw)
        shed = shed_mw(grid, load_mw, out)
        assert shed == pytest.approx(max(load_mw - available_mw, 0.0), abs=SHED_MW)
        if available_mw >= load_mw + margin_mw:
            assert shed <= SHED_MW
            skipped += 1
        else:
            asked += 1
    assert min(skipped, asked) > 100


@pytest.mark.parametrize(("name", "copies"), [("rts", 60), ("rbts", 400)])
def test_a_few_years_agree_with_the_convolution(name, copies):
    hours, energy_mwh = monte_carlo(SYSTEMS[name](), copies, years=1)
    lole_h, loee_mwh = exact(name)
    assert abs(z(hours, lole_h)[0]) < 3
    assert abs(z(energy_mwh, loee_mwh)[0]) < 3


@pytest.mark.slow
@pytest.mark.parametrize(("name", "copies", "years"), [("rts", 300, 4), ("rbts", 1000, 6)])
def test_many_years_agree_with_the_convolution(name, copies, years):
    hours, energy_mwh = monte_carlo(SYSTEMS[name](), copies, years)
    for sample, expected in zip((hours, energy_mwh), exact(name), strict=True):
        off, relative_error = z(sample, expected)
        print(f"{name}: {sample.mean():.4g}, exact {expected:.4g}, z {off:.2f}, error {relative_error:.1%}")
        assert relative_error <= 0.10
        assert abs(off) < 3
