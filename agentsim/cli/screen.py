"""What the commands print on: the console, its width, and progress."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

PIPE_WIDTH = 80  # characters a line, where the output goes into a file or a pipe
FAILED = "FAILED"  # a line with this word is always printed
LINES = 10  # of progress where there is no terminal


def console() -> Console:
    """Where results are shown: as wide as the terminal, or 80 columns in a pipe."""
    width = shutil.get_terminal_size(fallback=(PIPE_WIDTH, 24)).columns
    return Console(highlight=False, width=width)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """A bar on a terminal, else a plain line now and then; on stderr, so that stdout holds results only."""
    if not sys.stderr.isatty():
        step = max(1, total // LINES)

        def line(done: int, text: str) -> None:
            if done % step == 0 or done == total or FAILED in text:
                said = f"{what}: {done} of {total}{': ' if text else ''}{text}"
                print(said, file=sys.stderr, flush=True)

        yield line
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, TextColumn("{task.fields[note]}"), console=Console(stderr=True))
    with bar:
        task = bar.add_task(what, total=total, note="")
        yield lambda done, text: bar.update(task, completed=done, note=text)


@contextmanager
def phases() -> Iterator[Callable[[int, int, str], None]]:
    """Progress of work in several phases, each with its own number of steps: ``(done, all, what)``.

    A bar of the phase under way on a terminal, else a plain line when a phase begins and now and then.
    """
    if not sys.stderr.isatty():
        said: dict[str, int] = {}

        def line(done: int, count: int, what: str) -> None:
            tenth = LINES * done // max(count, 1)
            if said.get(what) != tenth:
                said[what] = tenth
                print(f"{what}{f': {done} of {count}' if count else ''}", file=sys.stderr, flush=True)

        yield line
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    bar = Progress(*columns, console=Console(stderr=True))
    with bar:
        task = bar.add_task("", total=None)
        yield lambda done, count, what: bar.update(
            task, completed=done, total=count or None, description=what
        )
