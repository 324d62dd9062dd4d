"""Publishing: the operators' figures and meters' reports of an hour, the public log, and alarms from them."""

from dataclasses import dataclass

from agentsim.core.messages import Demand, Finding, HomeMeters, Permitted, Published, Service, Trips
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.detection import Detector
from agentsim.institutions.public_record import PublicRecord
from agentsim.institutions.publication import Publisher


@dataclass(frozen=True)
class Publishing:
    """What is published, and what is noticed in it; nothing where the charter brings no public log.

    ``heads_kept``: independent parties hold old heads of the log, so that rewriting it would be noticed.
    ``rehearsal``: an attacker only tries a plan; the log itself is not written.
    """

    publisher: Publisher | None
    public_record: PublicRecord | None
    detector: Detector | None
    heads_kept: bool
    rehearsal: bool

    @property
    def exists(self) -> bool:
        """Whether anything is published."""
        return self.publisher is not None

    def publish(
        self,
        hour: int,
        *,
        demand: Demand,
        trips: Trips,
        service: Service,
        permitted: Permitted,
        meters: HomeMeters,
    ) -> tuple[Published | None, list[Finding]]:
        """What is published of the hour, and the alarms that follow from it."""
        if self.publisher is None or self.public_record is None:
            return None, []
        published = self.publisher.publish_hour(
            hour, demand=demand, trips=trips, service=service, permitted=permitted, homes=meters
        )
        if not self.rehearsal:
            self.public_record.publish(published)
            self._rewrite(hour, permitted)
        return published, [] if self.detector is None else list(self.detector.watch(published))

    def _rewrite(self, hour: int, permitted: Permitted) -> None:
        """Whoever has captured the log rewrites the day at its end, unless old heads are kept elsewhere."""
        last_of_day = hour % HOURS_PER_DAY == HOURS_PER_DAY - 1
        if self.public_record and "ledger" in permitted.seized and not self.heads_kept and last_of_day:
            self.public_record.whitewash(permitted.seized_for, HOURS_PER_DAY)
