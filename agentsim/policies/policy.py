"""What a policy is: a function from charter to charter, with its numbers in the open."""

from abc import ABC, abstractmethod

from agentsim.core.charter import Charter, Holding

LOCAL = Holding(("municipality",))  # the municipality of the district, and nobody else


def shared_with(centre: str, authority: int) -> Holding:
    """Who holds what was the centre's: 0 the municipality alone; 1 both, who must agree (two keys); 2 the
    centre still, and the municipality undoes its cuts by hand.

    >>> shared_with("power_control_room", 1).authority
    'both'
    """
    both = Holding((centre, "municipality"), "both")
    return (LOCAL, both, Holding((centre,), "local_restore"))[authority]


class Policy(ABC):
    """A measure of the paper: a frozen dataclass of :func:`~agentsim.core.parameters.parameter` fields.

    It knows the charter and nothing else. ``enact`` is idempotent and commutes with every other policy,
    writes only the fields that its registry entry declares, and charges for what it brings.
    """

    @abstractmethod
    def enact(self, charter: Charter) -> Charter:
        """The charter under this policy."""
