"""Staff and sensors that notice a wrong dose of chemicals; afterwards it is dosed by hand for some weeks.

The waterworks watch their own dosing and that of the desalination plant; whoever runs municipal wells watches
theirs. What one of them notices the other does not know.
"""

from agentsim.agents.officers.mains_office import UtilitiesParameters
from agentsim.core.messages import Permitted, Service
from agentsim.core.streams import Streams


class DoseWatch:
    """Who watches some dosing. ``by_hand_until`` is the hour until which no order from afar reaches it."""

    def __init__(self, parameters: UtilitiesParameters, streams: Streams, stream: str) -> None:
        self.parameters, self._streams, self._stream = parameters, streams, stream
        self.by_hand_until = 0.0

    def notices(self, hour: int, wrong_dose: bool, at_taps: bool) -> bool:
        """Whether a wrong dose is noticed this hour: where it is dosed, or at taps that it has reached."""
        p, draw = self.parameters, self._streams.uniform(self._stream, hour, 2)
        wrong = wrong_dose and hour >= self.by_hand_until
        return (wrong and draw[0] < p.dose_seen_per_h) or (at_taps and draw[1] < p.dose_sensed_per_h)

    def dose_by_hand(self, hour: int) -> bool:
        """From now on; returns whether it was not already so."""
        began = hour >= self.by_hand_until
        self.by_hand_until = hour + self.parameters.dosing_by_hand_h
        return began


def wrong_at_works(permitted: Permitted) -> bool:
    """Whether somebody orders a wrong dose at the waterworks or at the desalination plant."""
    return permitted.dose_frac != 1.0 or permitted.plant_dose_frac != 1.0


def unsafe_taps(last: Service | None) -> tuple[bool, bool]:
    """Whether taps were unsafe in the last hour by what the mains carry, and by what wells gave."""
    if last is None or last.water.unsafe is None:
        return False, False
    unsafe, by_wells = last.water.unsafe, last.water.unsafe_by_wells
    if by_wells is None:
        return bool(unsafe.any()), False
    return bool((unsafe & ~by_wells).any()), bool(by_wells.any())
