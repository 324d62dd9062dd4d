"""Books: each hour is checked for balance and recorded, and what began or ended in it becomes an event."""

from agentsim.core.messages import EventLog, Hour
from agentsim.outcomes import HourlyTotals, Record
from agentsim.place.cases import Place
from agentsim.society.balances import check, check_residual
from agentsim.society.state_events import StateEvents


class Books:
    """Writes *record* and *log*; a rehearsal writes nothing."""

    def __init__(self, place: Place, record: Record, log: EventLog, *, rehearsal: bool) -> None:
        self._city, self._totals, self._record = place.title, HourlyTotals(place), record
        self._state_events = StateEvents(place, log)
        self._rehearsal = rehearsal

    def keep(self, now: Hour, last: Hour | None) -> None:
        """Enter the hour *now*; *last* is the one before.

        Raises
        ------
        HydraulicsFailed : EPANET and what replaces it lost more than 1 % of the hour's water
        NotConserved : a balance does not close
        """
        if self._rehearsal:
            return
        check_residual(now, self._city)
        check(now, last)
        self._record.add(*self._totals.of(now))
        self._state_events.take(now)
