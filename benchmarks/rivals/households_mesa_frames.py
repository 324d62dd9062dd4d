"""The household rules in mesa-frames: one agent set, whose data frame each stage widens."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import polars as pl
from exchange import Answer, solve_with
from household_expressions import STORES, Rules, start
from mesa_frames import AgentSetPolars, ModelDF


class Homes(AgentSetPolars):
    """All households."""

    def __init__(self, model: "Town") -> None:
        super().__init__(model)
        columns = start(model.given)
        self.add(pl.DataFrame({"unique_id": np.arange(len(columns["persons"])), **columns}))
        self.rules = Rules(model.given)
        self.places = {name: columns[name] for name in ("feeder", "junction", "district", "zone")}

    def step(self) -> None:
        """One hour."""
        hour = self.model.hour
        self._write(self.rules.ask(hour))
        self._write(self.rules.rotate(hour, self.agents["asked_kw"].to_numpy(), self.places["feeder"]))
        self._write(self.rules.live(hour, self.places))
        if hour % 24 == 23:
            self._write(self.rules.end_day())

    def _write(self, stages: list[list[pl.Expr]]) -> None:
        for stage in stages:
            self.agents = self.agents.with_columns(stage)


class Town(ModelDF):
    """A town of households."""

    def __init__(self, given: SimpleNamespace) -> None:
        super().__init__(seed=1)
        self.given, self.hour = given, 0
        self.homes = Homes(self)
        self.agents.add(self.homes)

    def live(self) -> Answer:
        """All hours; the stores of the homes at the end."""
        while self.hour < len(self.given.sun_frac):
            self.step()
            self.hour += 1
        frame = self.agents._agentsets[0].agents
        return {name: frame[name].to_numpy() for name in STORES}


def make(given: SimpleNamespace) -> Callable[[], Answer]:
    return Town(given).live


if __name__ == "__main__":
    solve_with(make)
