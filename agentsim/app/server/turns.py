"""Whose run is computed next: visitors take turns, first by address and then by session.

Who has twelve pages open, or pretends to be many browsers, gets a second run once everybody else has had a
first. One address never has all worker processes, unless there is only one.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from agentsim.app.server.open_pages import Visitor

Item = TypeVar("Item")


def in_turn(waiting: Sequence[tuple[Item, Visitor]], running: Sequence[Visitor]) -> list[Item]:
    """Waiting runs in the order in which they are computed.

    Parameters
    ----------
    waiting : runs with their visitors, in the order of arrival
    running : visitors of the runs under way

    Examples
    --------
    >>> greedy, other = Visitor("10.0.0.1", "a"), Visitor("10.0.0.2", "b")
    >>> in_turn([("first", greedy), ("second", greedy), ("third", greedy), ("of another", other)], [])
    ['first', 'of another', 'second', 'third']
    >>> in_turn([("second", greedy), ("of another", other)], [greedy])
    ['of another', 'second']
    """
    by_session = _turn_by_turn(waiting, [visitor for _, visitor in waiting], running)
    addresses = [visitor.address for _, visitor in by_session]
    in_order = _turn_by_turn(by_session, addresses, [visitor.address for visitor in running])
    return [item for item, _ in in_order]


def _turn_by_turn(items: Sequence[Item], owners: Sequence[object], running: Sequence[object]) -> list[Item]:
    """Items by the number of their owner's items before them, those under way included; else as they were."""
    count = Counter(running)
    turns = []
    for owner in owners:
        turns.append(count[owner])
        count[owner] += 1
    order = sorted(range(len(items)), key=lambda k: turns[k])
    return [items[k] for k in order]


def may_begin(visitor: Visitor, running: Sequence[Visitor], workers: int) -> bool:
    """True unless the visitor's address would have all workers."""
    own = sum(other.address == visitor.address for other in running)
    return own < max(1, workers - 1)
