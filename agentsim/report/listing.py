"""Lists of things in a terminal: a table where it fits, else a paragraph for each thing."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

GAP = 3  # characters between two columns
SHORT = 16  # a column of no more characters is not broken into lines
LEAST = 26  # characters that a column of longer texts needs to be read with ease
INDENT = 4

Row = Mapping[str, str]


def listing(
    rows: Sequence[Row], columns: Mapping[str, str], if_room: Mapping[str, str], width: int
) -> RenderableType:
    """All *rows* within *width* characters; the first column, the id, is never cut or broken.

    Parameters
    ----------
    columns : key -> heading, of what is always shown; the id comes first
    if_room : likewise, of what is shown too where a line has room for it
    """
    sizes = {key: max(cell_len(row[key]) for row in rows) for key in (*columns, *if_room)}
    whole = {key: max(sizes[key], cell_len(head)) for key, head in {**columns, **if_room}.items()}
    first = next(iter(columns))
    breakable = [key for key in columns if key != first and sizes[key] > SHORT]
    least = [min(LEAST, whole[key]) if key in breakable else whole[key] for key in columns]
    if sum(least) + GAP * len(least) > width:
        return Group(*(part for row in rows for part in _paragraph(row, columns, sizes)))
    shown, used = dict(columns), sum(whole[key] + GAP for key in columns)
    for key, head in if_room.items():
        used += whole[key] + GAP
        if used <= width:
            shown[key] = head
    return _table(rows, shown, breakable)


def _table(rows: Sequence[Row], columns: Mapping[str, str], breakable: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for key, head in columns.items():
        table.add_column(head, no_wrap=key not in breakable)
    for row in rows:
        table.add_row(*(Text(row[key]) for key in columns))
    return table


def _paragraph(row: Row, columns: Mapping[str, str], sizes: Mapping[str, int]) -> Iterable[RenderableType]:
    """The id and the short texts that come next in one line, then each other text in lines of its own."""
    first, *others = columns
    short = list(takewhile(lambda key: sizes[key] <= SHORT, others))
    beside = ", ".join(row[key] for key in short if row[key])
    head = Text(row[first], style="bold", overflow="fold")
    yield head.append(f"  ({beside})" if beside else "", style="dim not bold")
    for number, key in enumerate(others[len(short) :]):
        if row[key]:
            label = f"{columns[key]}: " if number else ""
            yield Padding(Text(label + row[key]), (0, 0, 0, INDENT))
