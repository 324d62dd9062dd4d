"""The worker process: computes the runs that the server sends, one by one, and ends with the server.

Started as ``python -m agentsim.app.server.worker``. Messages are pickles preceded by their length, on
standard input and output; what a library prints goes to standard error instead.
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

from agentsim.app.replay.bilingual import error_text
from agentsim.app.replay.recording import Progress, Request
from agentsim.core.errors import AgentsimError
from agentsim.scenario.file import Scenario

CANCEL = "cancel"


@dataclass(frozen=True)
class Task:
    """One run to compute: a recording, or with ``seeds`` a table of replications."""

    request: Request
    setting: Scenario
    key: str
    folder: Path
    seeds: int = 0


class Cancelled(AgentsimError):
    """No visitor waits for this run any more."""

    code = "cancelled"


def send(stream: IO[bytes], message: Any) -> None:
    data = pickle.dumps(message)
    stream.write(struct.pack("<Q", len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next message. Raises EOFError when the other process has ended."""
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    size = struct.unpack("<Q", head)[0]
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)


def main() -> None:
    """Compute tasks until the server ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not spoil the answers
    tasks: Queue[Task] = Queue()
    cancelled = threading.Event()
    threading.Thread(target=_listen, args=(tasks, cancelled), daemon=True).start()
    from agentsim.app.replay import record_run  # noqa: F401  # the slow import comes before the first task
    from agentsim.experiments.runs.peak_memory import collect_if_grown

    def on_progress(share: float) -> None:
        if cancelled.is_set():
            raise Cancelled
        send(answers, ("progress", share))

    send(answers, ("ready", None))
    while True:
        task = tasks.get()
        try:
            send(answers, ("done", _compute(task, on_progress)))
        except Cancelled:
            send(answers, ("cancelled", None))
        except Exception as error:
            traceback.print_exc()
            send(answers, ("failed", error_text(error)))
        collect_if_grown()


def _compute(task: Task, on_progress: Progress) -> Any:
    from agentsim.app.replay.record_run import record, replications

    if task.seeds:
        return replications(task.request, task.setting, task.seeds, task.folder, on_progress)
    recording = record(task.request, on_progress, setting=task.setting, key=task.key, plans=task.folder)
    return recording.to_bytes()


def _listen(tasks: "Queue[Task]", cancelled: threading.Event) -> None:
    stream = sys.stdin.buffer
    while True:
        try:
            message = receive(stream)
        except (EOFError, OSError):
            os._exit(0)  # the server has ended
        if message == CANCEL:
            cancelled.set()
        else:
            cancelled.clear()  # it was meant for the previous task
            tasks.put(message)


if __name__ == "__main__":
    main()
