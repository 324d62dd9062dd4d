"""The household rules in ambr, in its vectorised lane: each stage sets the columns that it writes."""

from collections.abc import Callable
from types import SimpleNamespace

import ambr
import polars as pl
from exchange import Answer, solve_with
from household_expressions import STORES, Rules, start


class Town(ambr.Model):
    """A town of households."""

    def setup(self) -> None:
        columns = start(self.p["given"])
        self.add_agents(
            len(columns["persons"]), **{name: pl.Series(values) for name, values in columns.items()}
        )
        self.rules, self.hour = Rules(self.p["given"]), 0
        self.places = {name: columns[name] for name in ("feeder", "junction", "district", "zone")}

    def step_vectorized(self) -> None:
        """One hour."""
        self._write(self.rules.ask(self.hour))
        asked_kw = self.agents_df["asked_kw"].to_numpy()
        self._write(self.rules.rotate(self.hour, asked_kw, self.places["feeder"]))
        self._write(self.rules.live(self.hour, self.places))
        if self.hour % 24 == 23:
            self._write(self.rules.end_day())
        self.hour += 1

    def _write(self, stages: list[list[pl.Expr]]) -> None:
        for stage in stages:
            frame = self.agents_df
            self.agents_df = frame.with_columns(stage)


def make(given: SimpleNamespace) -> Callable[[], Answer]:
    hours = len(given.sun_frac)
    town = Town({"given": given, "steps": hours, "seed": 1, "show_progress": False})

    def live() -> Answer:
        town.run(mode="vectorized")
        return {name: town.agents_df[name].to_numpy() for name in STORES}

    return live


if __name__ == "__main__":
    solve_with(make)
