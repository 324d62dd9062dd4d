"""The parent's hand on one worker process: start it, give it a task, stop it."""

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from agentsim.app.server.worker import CANCEL, Task, receive, send
from agentsim.experiments.executors import DIED, ONE_THREAD

RUNS_PER_WORKER = 20  # then a new process: a model that has made Mesa agents is never freed (Mesa 3.3)
GRACE_S = 0.6  # to stop by itself
LOOK_S = 0.05


class Worker:
    """One process with all numerical libraries held to one thread. It is started by the first task."""

    def __init__(self) -> None:
        self.runs = 0
        self._process: subprocess.Popen | None = None
        self._answers: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._gone = False  # its pipe has closed, which is seen a moment before the process has ended

    @property
    def alive(self) -> bool:
        return not self._gone and (self._process is None or self._process.poll() is None)

    @property
    def tired(self) -> bool:
        return self.runs >= RUNS_PER_WORKER

    def run(
        self, task: Task, advance: Callable[[float], None], wanted: Callable[[], bool], longest_s: float
    ) -> tuple[str, Any]:
        """Do a task: ``("done", result)``, ``("failed", what went wrong)`` or ``("cancelled", None)``.

        Parameters
        ----------
        advance : told the share done
        wanted : False: nobody waits any more; asked some times a second
        longest_s : a task that takes longer is given up
        """
        self.runs += 1
        try:
            self._start()
            assert self._process is not None
            assert self._process.stdin is not None
            send(self._process.stdin, task)
        except (OSError, EOFError):
            return "failed", DIED
        until = time.monotonic() + longest_s
        while True:
            try:
                says, what = self._answers.get(timeout=LOOK_S)
            except queue.Empty:
                if not self.alive:
                    return "failed", DIED
                says, what = "", None
            if says in ("done", "failed", "cancelled"):
                return says, what
            if says == "progress":
                advance(what)
            if not wanted():
                return self._give_up()
            if time.monotonic() > until:
                self._give_up()
                return "failed", f"the run was given up after {longest_s:.0f} s"

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
            self._gone = True
            self._answers.put(("failed", DIED))

    def _give_up(self) -> tuple[str, Any]:
        """Ask it to stop, and end the process if it does not at once."""
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            send(self._process.stdin, CANCEL)
            until = time.monotonic() + GRACE_S
            while time.monotonic() < until:
                try:
                    says, _ = self._answers.get(timeout=LOOK_S)
                except queue.Empty:
                    continue
                if says != "progress":
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
