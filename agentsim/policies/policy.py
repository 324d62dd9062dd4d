"""What a policy is: a function from charter to charter, with its numbers in the open."""

from abc import ABC, abstractmethod

from agentsim.charter import Charter, Holding

LOCAL = Holding(("municipality",))  # the municipality of the district, and nobody else


class Policy(ABC):
    """A measure of the paper: a frozen dataclass of :func:`~agentsim.parameters.parameter` fields.

    It knows the charter and nothing else. ``enact`` is idempotent and commutes with every other policy,
    writes only the fields that its registry entry declares, and charges for what it brings.
    """

    @abstractmethod
    def enact(self, charter: Charter) -> Charter:
        """The charter under this policy."""
