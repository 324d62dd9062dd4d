"""Starts, feeds and stops one worker process."""

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from agentsim.app.replay.bilingual import Bilingual
from agentsim.app.server.worker import CANCEL, Task, receive, send
from agentsim.experiments.runs.executors import WORKER_DIED
from agentsim.experiments.runs.worker_processes import ONE_THREAD

RUNS_PER_WORKER = 400  # then a new process, in case that a library has kept memory
GRACE_S = 0.6  # for a cancelled run to stop by itself
POLL_S = 0.05
PROCESS_DIED = Bilingual(WORKER_DIED, "計算プロセスが途中で終了しました(メモリ不足の可能性があります)")


class WorkerProcess:
    """One process with all numerical libraries held to one thread. It is started by the first task."""

    def __init__(self) -> None:
        self.runs = 0
        self._process: subprocess.Popen | None = None
        self._answers: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._closed = False  # its pipe has closed, which is seen a moment before the process has ended

    @property
    def alive(self) -> bool:
        return not self._closed and (self._process is None or self._process.poll() is None)

    @property
    def to_be_replaced(self) -> bool:
        """True after so many runs that the memory it keeps is worth a new process."""
        return self.runs >= RUNS_PER_WORKER

    def run(
        self,
        task: Task,
        on_progress: Callable[[float], None],
        still_wanted: Callable[[], bool],
        longest_s: float,
    ) -> tuple[str, Any]:
        """Do a task: ``("done", result)``, ``("failed", what went wrong)`` or ``("cancelled", None)``.

        Parameters
        ----------
        on_progress : called with the share done
        still_wanted : False when no visitor waits any more; called some times a second
        longest_s : a task that takes longer is stopped
        """
        self.runs += 1
        try:
            self._start()
            assert self._process is not None
            assert self._process.stdin is not None
            send(self._process.stdin, task)
        except (OSError, EOFError):
            return "failed", PROCESS_DIED
        until = time.monotonic() + longest_s
        while True:
            try:
                kind, content = self._answers.get(timeout=POLL_S)
            except queue.Empty:
                if not self.alive:
                    return "failed", PROCESS_DIED
                kind, content = "", None
            if kind in ("done", "failed", "cancelled"):
                return kind, content
            if kind == "progress":
                on_progress(content)
            if not still_wanted():
                return self._cancel()
            if time.monotonic() > until:
                self._cancel()
                return "failed", Bilingual(
                    f"the run was given up after {longest_s:.0f} s",
                    f"計算時間が{longest_s:.0f}秒を超えたため、打ち切りました",
                )

    def _start(self) -> None:
        if self._process is not None:
            return
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agentsim.app.server.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | ONE_THREAD,
        )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen) -> None:
        assert process.stdout is not None
        try:
            while True:
                self._answers.put(receive(process.stdout))
        except (EOFError, OSError, ValueError):
            self._closed = True
            self._answers.put(("failed", PROCESS_DIED))

    def _cancel(self) -> tuple[str, Any]:
        """Ask the process to stop the task, and kill it if it does not at once."""
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            send(self._process.stdin, CANCEL)
            until = time.monotonic() + GRACE_S
            while time.monotonic() < until:
                try:
                    kind, _ = self._answers.get(timeout=POLL_S)
                except queue.Empty:
                    continue
                if kind != "progress":
                    return "cancelled", None
        except OSError:
            pass
        self.stop()
        return "cancelled", None

    def stop(self) -> None:
        """End the process."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(5.0)
