"""The power grid: dispatch, load shedding, microgrids, stores and cascades of one city, hour by hour."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agentsim.exchange import PowerService
from agentsim.mechanisms import Mechanisms
from agentsim.networks.cascade import cascade, islands, susceptance_pu
from agentsim.networks.dispatch import TIE, VOLL_IN_PROGRAM, BusDispatch, Dispatch, Transmission
from agentsim.networks.program import INF, Assembly
from agentsim.parameters import parameter
from agentsim.place.cases import CRITICAL, TIERS, Feeders, GridCase, Stores
from agentsim.place.matpower import read_matpower
from agentsim.units import KW_PER_MW

MW_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Parameters:
    """Numbers of the power grid. Values in JPY/kWh keep an order: store < reserve < shedding."""

    voll_jpy_per_kwh: float = parameter(
        560.0, "JPY/kWh", "Matsubara et al. 2025, Energies: residential, sudden, 2 h, summer", "V", 200.0, 5000.0
    )
    shed_weight: tuple[float, ...] = parameter(
        (2.0, 1.0, 0.9, 0.6), "1", "relative value of serving critical, residential, commercial, bulk", "A", 0.5, 10.0
    )
    basic_weight: float = parameter(
        1.5, "1", "relative value of the part of a load that a life needs, at least", "A", 0.5, 10.0
    )
    limit_frac: float = parameter(0.9, "1", "share of line ratings that is used; stressed 0.8", "A", 0.6, 1.0)
    trip_frac: float = parameter(1.2, "1", "load over limit at which a line trips by itself", "A", 1.05, 2.0)
    restoration_h: int = parameter(2, "h", "a tripped line is back after so many hours", "A", 1, 24)
    reserve_minutes: float = parameter(10.0, "min", "time in which reserve must be there", "A", 5.0, 30.0)
    reserve_penalty_jpy_per_kwh: float = parameter(
        100.0, "JPY/kWh", "price of a missing MW of reserve for an hour", "A", 50.0, 150.0
    )
    store_value_jpy_per_kwh: float = parameter(
        45.0, "JPY/kWh", "charging that was planned goes on below this price", "A", 10.0, 49.0
    )
    must_run_value_jpy_per_kwh: float = parameter(
        1.0, "JPY/kWh", "price below 0 at which must-run units give way", "A", 0.1, 10.0
    )
    emergency_frac: float = parameter(
        0.95, "1", "price of emptying a store, over the cheapest customer's value of a kWh", "A", 0.6, 0.99
    )
    store_start_frac: float = parameter(0.5, "1", "charge of every store at the first hour", "A", 0.0, 1.0)
    ration_h: float = parameter(4.0, "h", "hours a microgrid's store is to last (mechanisms S6, H_min)", "A", 1.0, 72.0)
    cost_pieces: int = parameter(4, "1", "straight pieces of a quadratic cost curve", "A", 1, 20)


class NotConserved(AssertionError):
    """Energy appeared or vanished in the grid: a bug, never a state of the world."""


class PowerGrid:
    """The grid of a city, or of a MATPOWER case.

    Standing alone, :meth:`dispatch` gives the least-cost dispatch with the load at the buses. In the
    city, every feeder is a leaf bus behind one breaker, every district has a microgrid bus (tied to its
    feeders only while it is islanded, to its largest transmission bus otherwise), every bus and microgrid
    has a store, possibly of zero size; :meth:`serve` lives one hour.

    Parameters
    ----------
    case : costs in JPY/MWh in the city (any currency for ``dispatch``)
    feeders, districts, stores : what the city adds; ``stores`` rows are buses, then districts
    mechanisms : ``storage`` stills grid stores, ``islanding`` the microgrids and their stores,
        ``cascade`` the overload trips; what is stilled behaves as if it had zero size
    susceptance : ``"series"`` or ``"textbook"``, see :func:`agentsim.networks.cascade.susceptance_pu`

    Notes
    -----
    Minimum outputs hold for slow units on line only: a fast unit may be off within the hour, so the
    relaxation of its on/off choice has no minimum. A resumed run is identical if the grid was pickled
    after a multiple of 24 hours.
    """
