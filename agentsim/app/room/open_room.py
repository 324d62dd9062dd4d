"""The room that this server has opened, if any."""

from dataclasses import dataclass

from agentsim.app.room import addresses
from agentsim.app.room.collector import Collector
from agentsim.app.room.room import Room


@dataclass(frozen=True)
class OpenRoom:
    """A room with what its pages need to know of the server.

    Attributes
    ----------
    host, port : that the server listens on
    file : name of the room's file, as it was given
    """

    room: Room
    collector: Collector
    host: str
    port: int
    file: str

    def join_addresses(self) -> list[str]:
        """Addresses for other devices; read anew, because a laptop may change its network."""
        return [addresses.web_address(one, self.port) for one in addresses.reachable(self.host)]

    def leader_address(self) -> str:
        """The address of the leader's view, on this computer where that is possible."""
        host = "localhost" if self.host in addresses.ANYWHERE else self.host
        return f"{addresses.web_address(host, self.port)}/?leader={self.room.secret}"

    def close(self) -> None:
        """End the room; its file holds everything."""
        self.collector.stop()
        set_open_room(None)
        self.room.close()


_OPEN: list[OpenRoom] = []


def open_room() -> OpenRoom | None:
    """The room of this server; None: every visitor has the usual page."""
    return _OPEN[-1] if _OPEN else None


def set_open_room(opened: OpenRoom | None) -> None:
    """From now on the server has this room, or none."""
    _OPEN[:] = [opened] if opened else []
