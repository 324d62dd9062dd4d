"""What the model asked of its engines, written down and asked again of bare ones.

A *tape* stands between the model and an engine and notes every call that changes its inputs or makes it
solve. A second society, made like the first and never stepped, owns the same engines in the same first
state: the tape is played to them, without anything of the model between two calls. Reading results out is
left aside on both sides. That a replay did the same work is checked by the state it ends in.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from agentsim.networks.roads import queues as road_queues
from agentsim.networks.water import hydraulics, solver
from agentsim.society.society import Society

HIGHS_CALLS = ("changeColsBounds", "changeRowsBounds", "changeColsCost", "clearSolver", "run")
EPANET_CALLS = ("EN_set", "EN_runH", "EN_initH", "EN_nextH", "EN_deletecontrol")
ENGINES = ("power", "water", "roads", "supply")


class ReplayDiffers(AssertionError):
    """The bare engines ended elsewhere than the model's: the replay is no measure of its work."""


@dataclass
class Tapes:
    """Calls by engine, in order: the name of what was called, and copies of its arguments."""

    calls: dict[str, list[tuple[str, tuple[Any, ...]]]] = field(
        default_factory=lambda: {name: [] for name in ENGINES}
    )

    def note(self, engine: str, name: str, arguments: tuple[Any, ...]) -> None:
        self.calls[engine].append((name, tuple(_copy(one) for one in arguments)))


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray | list) else value


class _Tape:
    """Stands in for an engine: everything passes through, what :func:`wanted` names is noted."""

    def __init__(self, engine: Any, note: Callable[[str, tuple], None], wanted: tuple[str, ...]) -> None:
        self._engine, self._note, self._wanted = engine, note, wanted

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._engine, name)
        if not name.startswith(self._wanted):
            return found

        def noted(*arguments: Any) -> Any:
            self._note(name, arguments)
            return found(*arguments)

        return noted


def _programs(society: Society) -> dict[str, Any]:
    """What owns the HiGHS models of a society."""
    networks = society.coupling
    return {"power": networks.power._city.program, "supply": networks.supply._sourcing._problem._program}


@contextmanager
def recording(society: Society) -> Iterator[Tapes]:
    """Notes what *society* asks of its engines while the block runs."""
    tapes, water, roads = Tapes(), society.coupling.water._engine, society.coupling.roads
    programs, library = _programs(society), hydraulics.epanet
    bare = {name: program._highs for name, program in programs.items()}
    for name, program in programs.items():
        program._highs = _Tape(bare[name], _noter(tapes, name), HIGHS_CALLS)

    def note_epanet(name: str, arguments: tuple[Any, ...]) -> None:
        if arguments[0] is water._p or arguments[0] == water._p:
            tapes.note("water", name, arguments[1:])

    hydraulics.epanet = solver.epanet = _Tape(library, note_epanet, EPANET_CALLS)
    traffic, settle = roads._traffic, road_queues.settle
    roads._traffic = _Tape(traffic, _noter(tapes, "roads"), ("solve",))

    def note_settle(links: Any, paths: Any, demand: Any, *rest: Any) -> tuple[float, bool]:
        tapes.note("roads", "settle", rest[:2])
        return settle(links, paths, demand, *rest)

    road_queues.settle = note_settle
    try:
        yield tapes
    finally:
        for name, program in programs.items():
            program._highs = bare[name]
        hydraulics.epanet = solver.epanet = library
        road_queues.settle, roads._traffic = settle, traffic


def _noter(tapes: Tapes, engine: str) -> Callable[[str, tuple], None]:
    return lambda name, arguments: tapes.note(engine, name, arguments)


def replay(tapes: Tapes, twin: Society, lived: Society) -> dict[str, float]:
    """Seconds that each engine of *twin*, never stepped, takes for what *lived* asked of its own.

    Raises
    ------
    ReplayDiffers : an engine ended in another state than the one of *lived*
    """
    seconds = {}
    ours, theirs = _programs(twin), _programs(lived)
    for name, program in ours.items():
        seconds[name] = _timed([(getattr(program._highs, call), given) for call, given in tapes.calls[name]])
        _agree(name, _optimum(program), _optimum(theirs[name]))

    engine, library = twin.coupling.water._engine, hydraulics.epanet
    project = engine._p
    seconds["water"] = _timed(
        [(getattr(library, call), (project, *given)) for call, given in tapes.calls["water"]]
    )
    _agree("water", engine.tank_level_m, lived.coupling.water.tank_level_m)

    seconds["roads"] = _timed(list(_road_calls(tapes, twin)))
    _agree("roads", twin.coupling.roads._traffic.links.flow, lived.coupling.roads._traffic.links.flow)
    return seconds


def _road_calls(tapes: Tapes, twin: Society) -> Iterator[tuple[Callable, tuple]]:
    traffic, pairs = twin.coupling.roads._traffic, len(twin.place.zone_x_km) ** 2
    end = tuple(road_queues.empty_end(len(twin.place.roads.link_from), pairs))

    def settle(*given: Any) -> None:
        roads = tuple(traffic.links), tuple(traffic.paths), tuple(traffic.demand)
        road_queues.settle(*roads, *given, end)

    for call, given in tapes.calls["roads"]:
        yield (settle if call == "settle" else traffic.solve), given


def _timed(calls: list[tuple[Callable, tuple]]) -> float:
    begin = perf_counter()
    for call, given in calls:
        call(*given)
    return perf_counter() - begin


def _optimum(program: Any) -> np.ndarray:
    return np.array(program._highs.getSolution().col_value)


def _agree(engine: str, ours: np.ndarray, theirs: np.ndarray) -> None:
    if not np.array_equal(ours, theirs):
        worst = float(np.abs(np.asarray(ours) - np.asarray(theirs)).max())
        raise ReplayDiffers(f"{engine}: the replay ends {worst:g} away from the run that was recorded")
