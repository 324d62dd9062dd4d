"""The price of a good in shortage, from elasticities."""

import numpy as np

from agentsim.core.numerics.shares import ratio


def scarcity_ratio(availability: np.ndarray, elasticity_sum: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Price over its base when only a share *availability* of the need is available.

    With demand D (p/p0)^-e_d and supply a D (p/p0)^e_s the market clears at p/p0 = a^(-1/(e_s + e_d)).
    It is 1 without shortage and never above *most*.

    Parameters
    ----------
    availability : (goods,) a
    elasticity_sum : (goods,) e_s + e_d, both taken positive, above 0
    most : (goods,) ceiling, 1 or more

    >>> share, sum_, most = np.array([1.0, 0.9, 0.0]), np.full(3, 0.24), np.full(3, 5.0)
    >>> scarcity_ratio(share, sum_, most).round(3).tolist()
    [1.0, 1.551, 5.0]
    """
    ratio = np.clip(availability, 1e-9, 1.0) ** (-1.0 / elasticity_sum)
    return np.minimum(ratio, most)


def availability(
    daily_t: np.ndarray,
    ordered_t: np.ndarray,
    shipped_t: np.ndarray,
    held_t: np.ndarray,
    horizon_days: np.ndarray,
) -> np.ndarray:
    """Share (goods,) of the need of the coming days that is available, at most 1.

    a = min(1, (held + f n h) / (n h)): n daily need [t/d], h horizon [d], held the stock and goods in
    transit [t], f = min(1, shipped / min(ordered, n)) the share of today's need that terminals filled. Old
    orders that were not filled do not count as need. As long as stocks cover the horizon a is 1.

    >>> half = [np.array([x]) for x in (10.0, 10.0, 5.0, 70.0, 21.0)]
    >>> availability(*half).round(3).tolist()
    [0.833]
    """
    wanted_t = np.minimum(ordered_t, daily_t)
    filled = ratio(shipped_t, wanted_t)
    need_t = daily_t * horizon_days
    offered_t = held_t + np.minimum(filled, 1.0) * need_t
    return np.minimum(ratio(offered_t, need_t), 1.0)
