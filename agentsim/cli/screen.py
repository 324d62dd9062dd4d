"""What the commands print on: the console, its width, and progress."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

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
    left = TimeLeft(total)
    if not sys.stderr.isatty():
        step = max(1, total // LINES)

        def line(done: int, text: str) -> None:
            time_left = left.after(done)
            if done % step == 0 or done == total or FAILED in text:
                more = f", {time_left} left" if time_left else ""
                said = f"{what}: {done} of {total}{more}{': ' if text else ''}{text}"
                print(said, file=sys.stderr, flush=True)

        yield line
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # in a pipe nobody needs it

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}"))
    bar = Progress(*columns, TextColumn("{task.fields[note]}"), console=Console(stderr=True))
    with bar:
        task = bar.add_task(what, total=total, note="", left="")
        yield lambda done, text: bar.update(task, completed=done, note=text, left=left.after(done))


class TimeLeft:
    """How long the rest of some runs will take, from those that were made since the first call.

    >>> clock = iter([0.0, 60.0])
    >>> left = TimeLeft(100, now=lambda: next(clock))
    >>> left.after(10), left.after(20)
    ('', '8 min')
    """

    def __init__(self, total: int, now: Callable[[], float] = time.monotonic) -> None:
        self.total, self._now = total, now
        self._first: tuple[int, float] | None = None

    def after(self, done: int) -> str:
        """The time left in words; empty where it cannot be known yet, or nothing is left."""
        if not done or done >= self.total:
            return ""
        if self._first is None:
            self._first = done, self._now()
            return ""
        made, since = done - self._first[0], self._now() - self._first[1]
        return duration(since / made * (self.total - done)) if made > 0 else ""


def duration(seconds: float) -> str:
    """A time in words, roughly.

    >>> duration(40), duration(600), duration(9000), duration(300_000)
    ('40 s', '10 min', '2.5 h', '3.5 days')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86_400:.1f} days"


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
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    bar = Progress(*columns, console=Console(stderr=True))
    with bar:
        task = bar.add_task("", total=None)
        yield lambda done, count, what: bar.update(
            task, completed=done, total=count or None, description=what
        )
