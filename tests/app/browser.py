"""A server of our own and real browsers that have no network but this machine."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("solara", reason="the page's packages are not installed: pip install 'agentsim[app]'")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
if not CHROMIUM.exists():
    pytest.skip(f"no Chromium at {CHROMIUM}", allow_module_level=True)

# a week of the hostile operator, computed in seconds: the tests do not depend on what is recorded
SHORT = """
title = "Short siege"
title_ja = "短い封鎖"
start = 2030-08-05
hours = 144

[place]
name = "bay_city"
districts = 8

[attacker]
kind = "coercer"
mind = "random"
foothold = ["power_control_room", "water_control_room", "traffic_control_room"]
first_hour = 48
plan_seeds = 1

[mind]
rollouts = 4

[compare]
policies = ["W-C1", "X-C5", "E-C2", "T-C1", "E-S4", "X-C1"]
attackers = ["none", "coercer"]
"""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RIGHT, LEFT = "canvas[data-side=right]", "canvas[data-side=left]"
PATIENCE_MS = 180_000  # a run that is not shipped is computed, on a machine that does other things too


@contextmanager
def room_served(folder: Path, url: str = "") -> Iterator[tuple[str, Path, subprocess.Popen]]:
    """A server with a room, its log and its process; *url* of an earlier one that is started again."""
    more = ["--room-file", str(folder / "room.sqlite")]
    with served(folder, more, int(url.rstrip("/").rpartition(":")[2]) if url else 0) as (found, server):
        yield found, folder / "server.txt", server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(folder: Path, more: Sequence[str] = (), port: int = 0) -> Iterator[tuple[str, subprocess.Popen]]:
    """A server as ``agentsim app`` starts it, with a short scenario and an empty cache."""
    port = port or _free_port()
    scenario = folder / "short_siege.toml"
    scenario.write_text(SHORT, encoding="utf-8")
    command = [sys.executable, "-m", "agentsim", "app", str(scenario), "--port", str(port), "--no-browser"]
    log = (folder / "server.txt").open("w+")
    environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}
    server = subprocess.Popen([*command, "--workers", "2", *more], env=environment, stdout=log, stderr=log)
    url = f"http://localhost:{port}/"
    try:
        until = time.monotonic() + PATIENCE_MS / 1000
        while not _answers(url):
            if server.poll() is not None or time.monotonic() > until:
                log.seek(0)
                pytest.fail(f"the server does not answer: {log.read()[-2000:]}")
        yield url, server
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:  # it waits for browsers that are gone
            server.kill()
            server.wait(20)
        log.close()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=10).close()
    except OSError:
        return False
    return True


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium."""
    with sync_api.sync_playwright() as play:
        started = play.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield started
        started.close()


class Visitor:
    """A fresh browser: no cookies of anybody else, no network but the server."""

    def __init__(
        self, chromium: Any, url: str, width: int = 1280, height: int = 720, wait: bool = True
    ) -> None:
        self.context = chromium.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.outside: list[str] = []
        self.errors: list[str] = []
        self.page.route("**/*", self._allow_local)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(url)
        if wait and "t=predict" not in url and "v=projector" not in url:
            self.drawn()

    def _allow_local(self, route: Any) -> None:
        url = route.request.url
        if url.startswith(("http://localhost", "blob:", "data:")):
            route.continue_()
        else:
            self.outside.append(url)
            route.abort()

    def data(self, selector: str, name: str) -> str:
        return self.page.get_attribute(selector, f"data-{name}") or ""

    def drawn(self, not_key: str = "") -> None:
        """Wait until both maps show a recording, the right one another than *not_key*."""
        self.page.wait_for_function(
            "old => { const [a, b] = document.querySelectorAll('canvas[data-side]');"
            " return a && b && a.dataset.key && b.dataset.key && b.dataset.key !== old }",
            arg=not_key,
        )

    def until(self, script: str) -> None:
        self.page.wait_for_function(script)

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)

    def close(self) -> None:
        self.context.close()
