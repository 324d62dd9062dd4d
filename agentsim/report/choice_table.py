"""Which policy to choose where it is not known what comes, as tables in a terminal."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from agentsim.report.tables import number

if TYPE_CHECKING:
    import pandas as pd

FEW_SEEDS = 6  # below, resampling shows less spread than there is


def choice_blocks(table: "pd.DataFrame") -> Iterable[RenderableType]:
    """The table of policies, the ranks in each world, and what follows.

    *table* is that of :func:`agentsim.choice`.
    """
    from agentsim.outcomes import OUTCOMES

    outcome, worlds = table.attrs["outcome"], table.attrs["worlds"]
    title = OUTCOMES[outcome].title if outcome in OUTCOMES else outcome
    if table.empty:
        yield Text(f"\nNo policy can be chosen by {outcome}: it has no value in these runs.", style="dim")
        return
    unit = "" if table.attrs["unit"] == "1" else table.attrs["unit"]
    bracketed = f" [{unit}]" if unit else ""
    yield Text(f"\nWhich policy to choose, by {title[:1].lower()}{title[1:]}{bracketed}", style="bold")
    yield Text(f"if it is not known which comes: {'; '.join(map(_world, worlds))}")
    yield _policies(table)
    if len(worlds) > 1:
        yield _ranks(table)
    yield Text(_conclusion(table, unit))
    yield Text(_notes(table.attrs["seeds"]), style="dim")


def _policies(table: "pd.DataFrame") -> Table:
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    grid.add_column("policy", overflow="fold")
    for head in ("mean", "CVaR95", "worst run", "largest\nregret"):
        grid.add_column(head, justify="right", no_wrap=True)
    grid.add_column("it is in", min_width=11)
    grid.add_column("mean rank", no_wrap=True)
    for row in table.to_dict("records"):
        numbers = [number(row[name]) for name in ("mean", "cvar95", "worst", "regret")]
        grid.add_row(
            _label(row), *numbers, _world(row["regret_in"]) if row["regret"] > 0 else "", _mean_rank(row)
        )
    return grid


def _world(name: str) -> str:
    """A world in words.

    >>> _world("drought, none"), _world("coercer:random")
    ('drought, no attack', 'coercer:random')
    """
    return f"{name.removesuffix('none')}no attack" if name.split(", ")[-1] == "none" else name


def _label(row: Mapping[Any, Any]) -> str:
    return "no policy" if row["policy"] == "none" else row["policy"]


def _mean_rank(row: Mapping[Any, Any]) -> str:
    return f"{row['mean_rank']:.1f} ({row['mean_rank_low']:.1f}–{row['mean_rank_high']:.1f})"


def _ranks(table: "pd.DataFrame") -> Table:
    """The rank of each policy in each world, with its interval over seeds."""
    by_case = {(row["world"], row["policy"]): row for row in table.attrs["by_world"]}
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    grid.add_column("rank in", overflow="fold")
    for world in table.attrs["worlds"]:
        grid.add_column(_world(world))
    for row in table.to_dict("records"):
        cells = (by_case[world, row["policy"]] for world in table.attrs["worlds"])
        grid.add_row(_label(row), *map(_rank, cells))
    return grid


def _rank(cell: Mapping[str, Any]) -> str:
    """A rank and its interval, where that has a width.

    >>> _rank({"rank": 2, "rank_low": 1, "rank_high": 3}), _rank({"rank": 1, "rank_low": 1, "rank_high": 1})
    ('2 (1 to 3)', '1')
    """
    low, high = cell["rank_low"], cell["rank_high"]
    return f"{cell['rank']}" if low == high else f"{cell['rank']} ({low} to {high})"


def _conclusion(table: "pd.DataFrame", unit: str) -> str:
    best = table.iloc[0].to_dict()
    regret = f"{number(best['regret'])} {unit}".rstrip()
    return (
        f"The largest regret is least with {_label(best)}: {regret}. That is so in "
        f"{100 * best['minimax_frac']:.0f} % of resamples of the seeds."
    )


def _notes(seeds: int) -> str:
    few = " With fewer than 6 seeds the spread of ranks is larger than shown." * (seeds < FEW_SEEDS)
    return (
        "Regret: how much worse the mean is than with the best policy for what comes. CVaR95: mean of the "
        "worst twentieth of all runs. Ranks: 1 is best; in brackets the 95 % interval over seeds." + few
    )
