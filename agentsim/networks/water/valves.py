"""What opens and shuts in a water network: pumps, bypasses, sources and the trunk valves of districts."""

from collections.abc import Sequence
from itertools import chain
from operator import is_

import numpy as np

from agentsim.core.numerics.graphs import reached_from
from agentsim.networks.water.hydraulics import Hydraulics
from agentsim.networks.water.level_switches import LevelSwitches
from agentsim.networks.water.pumping import SwitchRules, bypasses, level_pair, pumps_wanted, rules_of


class Valves:
    """The links that can be operated, set each hour.

    A pipe that the file opens exactly when a pump stops is a bypass: it stands open whenever that pump
    stands still, for whatever reason. Any other link with a pair of level controls follows it by
    itself. A closed works or trunk valve overrides both. Level controls act when the level is reached, also
    within the hour (:meth:`act`), but for pumps without power and pumps that are ordered to do otherwise.
    The mean fill of all tanks is looked at on the hour only.

    Parameters
    ----------
    engine : the hydraulics that are switched
    pumps : EPANET numbers of the pumps, in the caller's order
    sources : EPANET node numbers of the sources, in the caller's order
    trunk_pipes : EPANET numbers of each district's boundary pipes
    fill_on_frac, fill_off_frac : for pumps without level controls, see
        :func:`agentsim.networks.water.pumping.rules_of`
    """

    def __init__(
        self,
        engine: Hydraulics,
        pumps: Sequence[int],
        sources: Sequence[int],
        trunk_pipes: Sequence[Sequence[int]],
        fill_on_frac: float,
        fill_off_frac: float,
    ) -> None:
        file, self._engine, self._pumps = engine.file, engine, len(pumps)
        by_level = sorted({control.link for control in file.level_controls} - set(pumps))
        by_level = [link for link in by_level if level_pair(file, link) is not None]
        self._ruled = [*pumps, *by_level]
        self._rules = rules_of(file, self._ruled, fill_on_frac, fill_off_frac)
        self._pump_rules = self._rules.rows(list(range(len(pumps))))
        self._bypasses = bypasses(self._rules, len(pumps))
        at_source = [file.links_at(node) for node in sources]
        self._links = list(dict.fromkeys(chain(self._ruled, *at_source, *trunk_pipes)))
        self._at_source = self._table(at_source)
        self._at_border = self._table(trunk_pipes)
        found = np.array([file.link_open[link] for link in self._links], dtype=bool)
        self._starts_open = found[: len(self._ruled)].copy()
        self._levels = LevelSwitches(engine, self._rules)
        # with the file's controls alive, open means: left to them
        self._as_found = found | engine.controls
        self.opened = self._as_found.copy()
        self.was_on = self._starts_open.copy()  # as the rules would have it, whether it has power or not
        self._all = self._allowed = np.ones_like(found)  # no works or trunk valve shuts it
        # ruled links at the start of the hour by their rules, as ordered, and now; pumps that have power
        self._began = self._on_at_start = self._on = self._starts_open
        self._powered: np.ndarray | None = None
        self._state: tuple[bytes, bytes] | None = None  # what was put last
        # levels of the tanks, what was on before, and what the rules wanted then
        self._answered: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
        self._joined_of: tuple[int, bytes] | None = None
        self._joined: np.ndarray = np.zeros(0, dtype=bool)

    @property
    def rules(self) -> SwitchRules:
        """Rules of the pumps alone."""
        return self._pump_rules

    def wanted(self) -> np.ndarray:
        """What the level rules want of the pumps now, bool (pumps,)."""
        return self._by_rules()[: self._pumps]

    def _by_rules(self) -> np.ndarray:
        """What the level rules want of all ruled links now, bool (ruled,); known as long as nothing moves."""
        asked = self._engine.tank_level_m, self.was_on
        if self._answered is None or not all(map(is_, asked, self._answered[:2])):
            self._answered = *asked, pumps_wanted(*asked, self._rules)
        return self._answered[2]

    def operate(
        self,
        sources_open: np.ndarray,
        trunk_mains_shut: np.ndarray | None,
        pumps_on: np.ndarray | None,
        pumps_powered: np.ndarray | None = None,
    ) -> None:
        """Put every operated link as it is to stand when the hour begins; bool arrays, None as usual.

        A pump that is ordered as its rule wants it, and has power, follows its rule through the hour.
        """
        allowed = self._all
        if np.count_nonzero(sources_open) < len(sources_open):
            allowed = ~self._at_source[~sources_open].any(axis=0)
        if trunk_mains_shut is not None and np.count_nonzero(trunk_mains_shut):
            allowed = allowed & ~self._at_border[trunk_mains_shut].any(axis=0)
        self._allowed = allowed
        if self._engine.controls:
            opened = self._as_found.copy()
            opened[: self._pumps] = True if pumps_on is None else pumps_on
            self._put(opened & allowed)
            return
        if self._ruled:
            self.was_on = self._by_rules()
        self._on, self._began, self._powered = self.was_on, self.was_on, pumps_powered
        if pumps_on is not None:
            self._on = self.was_on.copy()
            self._on[: self._pumps] = pumps_on
        self._on_at_start = self._on
        self._open_ruled()

    def within_s(self, outflow_m3_per_h: np.ndarray) -> float:
        """Seconds until a level rule acts, from the flow into each node of the file, array (nodes,)."""
        return self._levels.within_s(outflow_m3_per_h, self.was_on)

    def act(self) -> None:
        """Switch by the levels of now what follows its rule in this hour."""
        before, self.was_on = self.was_on, self._levels.wanted(self._engine.tank_level_m, self.was_on)
        if before.tobytes() != self.was_on.tobytes():
            held = self._on_at_start != self._began
            if self._powered is not None:
                held[: self._pumps] |= ~self._powered
            self._on = np.where(held, self._on_at_start, self.was_on)
            self._open_ruled()

    def _open_ruled(self) -> None:
        """Put the ruled links as they are to stand now, and all others as found."""
        state = (self._on.tobytes(), self._allowed.tobytes())
        if state == self._state:
            return
        self._state, opened = state, self._as_found.copy()
        opened[: len(self._ruled)] = self._on
        for link, pump in self._bypasses:
            opened[link] = not opened[pump]
        self._put(opened & self._allowed)

    def joined(self, node: int) -> np.ndarray:
        """Nodes that open links join to *node*, bool array by EPANET's node number (0 is a blank)."""
        state = (node, self.opened.tobytes())
        if self._joined_of != state:
            self._joined_of, self._joined = state, self._reachable(node)
        return self._joined

    def _reachable(self, node: int) -> np.ndarray:
        file = self._engine.file
        is_open = np.array(file.link_open, dtype=bool)
        is_open[self._links] = self.opened
        ends = np.array(file.link_nodes[1:])
        nodes, ends = max(int(ends.max()), node) + 1, ends[is_open[1:]]
        start, end = np.vstack([ends, ends[:, ::-1]]).T
        passes_on = ~np.isin(start, file.source_node)  # a source takes what comes, and passes nothing on
        seen = np.zeros(nodes, dtype=bool)
        seen[reached_from(nodes, node, start[passes_on], end[passes_on])] = True
        return seen

    def release(self) -> None:
        """Open everything and forget: what comes before a restart of the hydraulics."""
        self._put(np.ones_like(self.opened))
        self.opened, self._state = self._as_found.copy(), None
        self.was_on = self._starts_open.copy()

    def _put(self, opened: np.ndarray) -> None:
        changed = opened != self.opened
        for row in np.flatnonzero(changed).tolist() if np.count_nonzero(changed) else ():
            self._engine.set_open(self._links[row], bool(opened[row]))
        self.opened = opened

    def _table(self, groups: Sequence[Sequence[int]]) -> np.ndarray:
        """Which operated link belongs to which group, bool (groups, links)."""
        rows = [[link in group for link in self._links] for group in groups]
        return np.array(rows, dtype=bool).reshape(len(groups), len(self._links))
