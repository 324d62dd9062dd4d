"""What owners of generating units offer, and the price at which an hour's load is met (pure functions)."""

import numpy as np


def largest_owner(marginal: np.ndarray, unit_max_mw: np.ndarray, share: float) -> np.ndarray:
    """Units of an owner with about *share* of capacity, spread over the merit order, bool (units,).

    Going up the merit order, a unit is the owner's when its capacity would otherwise fall behind *share* of
    what has been passed. So it owns cheap and expensive units alike, as a large company does.

    >>> largest_owner(np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 10.0), 0.5).tolist()
    [True, False, True, False]
    """
    own = np.zeros(len(marginal), dtype=bool)
    passed_mw = owned_mw = 0.0
    for unit in np.argsort(marginal, kind="stable").tolist():
        size_mw = float(unit_max_mw[unit])
        passed_mw += size_mw
        if owned_mw + 0.5 * size_mw <= share * passed_mw + 1e-9:
            own[unit], owned_mw = True, owned_mw + size_mw
    return own


def stack_price(load_mw: float, marginal: np.ndarray, capability_mw: np.ndarray, cap: float) -> float:
    """Marginal cost of the last unit that *load_mw* needs in merit order; *cap* when capacity is too small.

    >>> stack_price(15.0, np.array([5.0, 9.0]), np.array([10.0, 10.0]), cap=80.0)
    9.0
    >>> stack_price(25.0, np.array([5.0, 9.0]), np.array([10.0, 10.0]), cap=80.0)
    80.0
    """
    order = np.argsort(marginal, kind="stable")
    reach_mw = np.cumsum(capability_mw[order])
    row = int(np.searchsorted(reach_mw, load_mw - 1e-6))
    return cap if row >= len(order) else min(float(marginal[order[row]]), cap)


def markup(
    load_mw: float, marginal: np.ndarray, offered_mw: np.ndarray, able_mw: np.ndarray, cap: float
) -> float:
    """Rise of the hour's price because less is offered than units are able to give.

    The price of the offers over the price of a competitive hour with the same load, outages and commitment
    (Borenstein, Bushnell & Wolak 2002, AER 92): 0 when nothing is withheld.

    >>> able = np.array([10.0, 10.0, 5.0])
    >>> markup(15.0, np.array([5.0, 9.0, 30.0]), np.array([4.0, 10.0, 5.0]), able, cap=80.0)
    21.0
    """
    competitive = stack_price(load_mw, marginal, able_mw, cap)
    return max(stack_price(load_mw, marginal, offered_mw, cap) - competitive, 0.0)
