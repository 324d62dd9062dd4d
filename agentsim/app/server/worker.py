"""A worker process of the page: takes jobs from its parent one by one, and ends with it.

Started as ``python -m agentsim.app.worker``. Messages are pickles behind their length, on standard input and
output; whatever a library prints goes to standard error instead.
"""

import os
import pickle
import struct
import sys
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import IO, Any

from agentsim.app.replay.recording import Request
from agentsim.scenario.file import Scenario

CANCEL = "cancel"


@dataclass(frozen=True)
class Task:
    """What a worker is told to do: a recording, or with ``seeds`` a table of replications."""

    request: Request
    setting: Scenario
    key: str
    folder: Path
    seeds: int = 0


class Cancelled(Exception):
    """Nobody waits for this run any more."""


def send(stream: IO[bytes], message: Any) -> None:
    data = pickle.dumps(message)
    stream.write(struct.pack("<Q", len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next message. Raises EOFError when the other side has gone."""
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    size = struct.unpack("<Q", head)[0]
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)


def main() -> None:
    """Serve until the parent goes away."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not spoil the answers
    tasks: Queue[Task] = Queue()
    cancelled = threading.Event()
    threading.Thread(target=_listen, args=(tasks, cancelled), daemon=True).start()
    from agentsim.app.replay import record_run as studio

    send(answers, ("ready", None))
    while True:
        task = tasks.get()

        def tell(share: float) -> None:
            if cancelled.is_set():
                raise Cancelled
            send(answers, ("progress", share))

        try:
            result: Any
            if task.seeds:
                result = studio.replications(task.request, task.setting, task.seeds, task.folder, tell)
            else:
                folder = task.folder
                made = studio.record(task.request, tell, setting=task.setting, key=task.key, plans=folder)
                result = made.to_bytes()
            send(answers, ("done", result))
        except Cancelled:
            send(answers, ("cancelled", None))
        except Exception as error:
            traceback.print_exc()
            send(answers, ("failed", f"{type(error).__name__}: {error}"))


def _listen(tasks: "Queue[Task]", cancelled: threading.Event) -> None:
    stream = sys.stdin.buffer
    while True:
        try:
            message = receive(stream)
        except (EOFError, OSError):
            os._exit(0)  # the parent has gone
        if message == CANCEL:
            cancelled.set()
        else:
            cancelled.clear()  # what was meant for the task before
            tasks.put(message)


if __name__ == "__main__":
    main()
