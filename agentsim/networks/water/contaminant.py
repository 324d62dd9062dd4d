"""A wrong dose on its way through the mains, followed with EPANET's quality solver."""

from dataclasses import dataclass
from typing import Any

import epanet
import numpy as np
from epanet_plus import EpanetConstants as EN

from agentsim.core.numerics.shares import share
from agentsim.networks.water.epanet_file import EpanetFile, must

RIGHT_DOSE = 1.0  # doses and concentrations are in multiples of it
QUALITY_STEP_S = 300  # EPANET's default
SEGMENT_TOLERANCE = 0.01  # concentrations nearer than this share a segment of a pipe
STILL_M3_PER_H = 0.01


@dataclass(frozen=True, slots=True)
class DoseLimits:
    """Between these multiples of the right dose water is safe to drink."""

    least: float
    most: float

    def unsafe(self, dose_frac: np.ndarray) -> np.ndarray:
        """Where water is not safe to drink, bool array.

        >>> DoseLimits(0.2, 5.0).unsafe(np.array([0.1, 1.0, 111.0])).tolist()
        [True, False, True]
        """
        return (dose_frac < self.least) | (dose_frac > self.most)


def mixed_dose(
    mains_frac: np.ndarray,
    well_frac: np.ndarray,
    well_m3: np.ndarray,
    delivered_m3: np.ndarray,
    district: np.ndarray,
) -> np.ndarray:
    """Dose at the taps, array (junctions,), where well water mixes into what its district drinks.

    Parameters
    ----------
    mains_frac, delivered_m3, district : dose in the mains, water delivered, and district, (junctions,)
    well_frac, well_m3 : dose of the wells' water, and how much they gave, (districts,)
    """
    drunk_m3 = np.bincount(district, delivered_m3, len(well_m3))
    part = np.minimum(share(well_m3, drunk_m3), 1.0)[district]
    return (1.0 - part) * mains_frac + part * well_frac[district]


class Tracer:
    """EPANET's quality solver, run in step with the hydraulics of a project that is open already.

    It carries a conservative substance: reaction coefficients of the file are set to 0. Hydraulics are the
    same, bit for bit, with the tracer or without.

    Once opened, the quality solver stays open until the project is closed. EN_closeQ frees the lists of links
    at each node, in which EN_runH looks for cut-off junctions when it has a warning to report: the process
    ended there, some hours after the end of the first trace (EPANET 2.3).

    Parameters
    ----------
    project, file : EPANET's handle, its hydraulics open, and what its file says
    clean : EPANET node numbers where water enters besides the sources, of the right dose at first
    """

    def __init__(self, project: Any, file: EpanetFile, clean: tuple[int, ...]) -> None:
        self._p, self._dosed, self._clean, self._tanks = project, file.source_node, clean, file.tank_node
        self._nodes = must(epanet.EN_getcount(project, EN.EN_NODECOUNT))
        must(epanet.EN_setqualtype(project, EN.EN_CHEM, "dose", "mg/L", ""))
        must(epanet.EN_settimeparam(project, EN.EN_QUALSTEP, QUALITY_STEP_S))
        must(epanet.EN_setoption(project, EN.EN_TOLERANCE, SEGMENT_TOLERANCE))
        self._make_conservative(file, self._nodes)
        must(epanet.EN_openQ(project))

    def begin(self, start: np.ndarray | None = None) -> None:
        """Trace from now on.

        Parameters
        ----------
        start : concentration at every node, array (nodes,); None: the right dose. Pipes begin with that of
            their lower end
        """
        project = self._p
        first = np.full(self._nodes, RIGHT_DOSE) if start is None else start.copy()
        # EPANET ignores a source of strength 0 and takes the reservoir's own concentration
        first[np.array(self._dosed, dtype=int) - 1] = 0.0
        must(epanet.EN_setnodevalues(project, EN.EN_INITQUAL, first.tolist()))
        for node in (*self._dosed, *self._clean):
            must(epanet.EN_setnodevalue(project, node, EN.EN_SOURCEQUAL, RIGHT_DOSE))
            must(epanet.EN_setnodevalue(project, node, EN.EN_SOURCETYPE, EN.EN_CONCEN))
        clock = must(epanet.EN_gettimeparam(project, EN.EN_HTIME))
        must(epanet.EN_initQ(project, 0))
        # EPANET sets both clocks to 0 here
        must(epanet.EN_settimeparam(project, EN.EN_HTIME, clock))
        must(epanet.EN_settimeparam(project, EN.EN_QTIME, clock))

    def _make_conservative(self, file: EpanetFile, nodes: int) -> None:
        for link, kind in enumerate(file.link_type[1:], start=1):
            if kind in (EN.EN_PIPE, EN.EN_CVPIPE):
                must(epanet.EN_setlinkvalue(self._p, link, EN.EN_KBULK, 0.0))
                must(epanet.EN_setlinkvalue(self._p, link, EN.EN_KWALL, 0.0))
        for tank in file.tank_node:
            must(epanet.EN_setnodevalue(self._p, tank, EN.EN_TANK_KBULK, 0.0))
        for node in range(1, nodes + 1):
            if epanet.EN_getnodevalue(self._p, node, EN.EN_SOURCEQUAL)[0] == 0:
                must(epanet.EN_setnodevalue(self._p, node, EN.EN_SOURCEQUAL, 0.0))

    def dose(self, frac: float) -> None:
        """Dose of the water that leaves the works from now on."""
        for node in self._dosed:
            must(epanet.EN_setnodevalue(self._p, node, EN.EN_SOURCEQUAL, frac))

    def dose_added(self, frac: float) -> None:
        """Dose of the water that enters besides the sources from now on."""
        for node in self._clean:
            must(epanet.EN_setnodevalue(self._p, node, EN.EN_SOURCEQUAL, frac))

    def begin_step(self) -> None:
        """After the hydraulics of a step are solved."""
        must(epanet.EN_runQ(self._p))

    def end_step(self) -> np.ndarray:
        """After the hydraulics' clock has moved; concentration at every node, array (nodes,)."""
        must(epanet.EN_nextQ(self._p))
        return self.concentration

    def wait(self, clock_s: int) -> np.ndarray:
        """Nothing moves until *clock_s*, because no flow is known; concentration at every node, (nodes,)."""
        must(epanet.EN_settimeparam(self._p, EN.EN_QTIME, clock_s))
        return self.concentration

    @property
    def concentration(self) -> np.ndarray:
        """At every node now, array (nodes,), multiples of the right dose."""
        return np.array(must(epanet.EN_getnodevalues(self._p, EN.EN_QUALITY)))

    def harmless(self, limits: DoseLimits) -> bool:
        """Whether no moving water is unsafe, so that none can become so by mixing."""
        flow = np.array(must(epanet.EN_getlinkvalues(self._p, EN.EN_FLOW)))
        inside = np.array(must(epanet.EN_getlinkvalues(self._p, EN.EN_LINKQUAL)))
        in_tanks = self.concentration[np.array(self._tanks, dtype=int) - 1]
        moving = inside[np.abs(flow) > STILL_M3_PER_H]
        return not limits.unsafe(np.concatenate([moving, in_tanks])).any()
