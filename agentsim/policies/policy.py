"""What a policy is: a function from charter to charter, with parameters that a scenario can set."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from agentsim.core.charter import Charter, Holding

MUNICIPAL = Holding(("municipality",))  # the municipality of the district alone


def shared_with(centre: str, authority: int) -> Holding:
    """Who may operate what the centre operated alone: 0 the municipality alone; 1 both, who must agree; 2 the
    centre, and the municipality may undo its cuts by hand.

    >>> shared_with("power_control_room", 1).authority
    'both'
    """
    both = Holding((centre, "municipality"), "both")
    return (MUNICIPAL, both, Holding((centre,), "local_restore"))[authority]


class Policy(ABC):
    """A measure of the paper: a frozen dataclass of :func:`~agentsim.core.parameters.parameter` fields.

    It reads and changes the charter only. ``enact`` is idempotent and commutes with every other policy,
    writes only the fields that its registry entry declares, and charges for what it installs.

    ``sizes`` names the parameters that say how much of it is installed, each with a sensible range: the more,
    the dearer. A search for the best set of measures changes these and no others.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {}

    @abstractmethod
    def enact(self, charter: Charter) -> Charter:
        """The charter under this policy."""
