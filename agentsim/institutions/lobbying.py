"""What an incumbent does that loses profit: it delays what takes its profit away (mechanisms S10).

The delay grows with the share of its ordinary profit that it has lost, up to two years. It pays for that out
of what is left, to agencies and advisers.
"""

from dataclasses import dataclass

from agentsim.core.parameters import parameter


@dataclass(frozen=True)
class LobbyingParameters:
    """How far lost profit delays a roll-out, and what the incumbent spends on it."""

    longest_months: float = parameter(24.0, "months", "the longest delay (mechanisms S10)", "A", 0, 240)
    full_delay_loss_frac: float = parameter(
        1.0, "1", "lost profit over the ordinary one at which the delay is the longest", "A", 0.001, 100
    )
    spent_frac: float = parameter(
        0.05, "1", "of the lost profit, spent on agencies and advisers while it lasts", "A", 0, 1
    )


def lost_profit_frac(ordinary_jpy: float, now_jpy: float) -> float:
    """Profit lost over the ordinary one; above 1 where there is a loss, 0 where nothing was lost or earned.

    >>> lost_profit_frac(100.0, 70.0), lost_profit_frac(100.0, -50.0), lost_profit_frac(100.0, 120.0)
    (0.3, 1.5, 0.0)
    """
    return max(ordinary_jpy - now_jpy, 0.0) / ordinary_jpy if ordinary_jpy > 0.0 else 0.0


def delay_months(lost_frac: float, parameters: LobbyingParameters) -> float:
    """Months by which a roll-out is delayed, in proportion to the share of profit lost, at most the longest.

    >>> delay_months(0.25, LobbyingParameters()), delay_months(3.0, LobbyingParameters())
    (6.0, 24.0)
    """
    return parameters.longest_months * min(max(lost_frac, 0.0) / parameters.full_delay_loss_frac, 1.0)


def lobbying_jpy(lost_jpy: float, parameters: LobbyingParameters) -> float:
    """What the incumbent pays agencies and advisers over a time in which it lost so much profit [JPY].

    >>> lobbying_jpy(200.0, LobbyingParameters()), lobbying_jpy(-200.0, LobbyingParameters())
    (10.0, 0.0)
    """
    return parameters.spent_frac * max(lost_jpy, 0.0)
