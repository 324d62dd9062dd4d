"""Firefox of the system without a driver: a small client of WebDriver BiDi, which Firefox itself speaks."""

import itertools
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

sync_client = pytest.importorskip("websockets.sync.client", reason="websockets is not installed")

FIREFOX = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
if not FIREFOX:
    pytest.skip("no Firefox: apt-get install firefox-esr, or set FIREFOX", allow_module_level=True)

START_S, ANSWER_S = 60, 180
# nothing leaves this machine: all but localhost goes to a port where nobody listens
SETTINGS = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "localhost, 127.0.0.1",
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.auto": False,
}


class ScriptFailed(AssertionError):
    """A script in the page raised."""


class FirefoxPage:
    """One tab: opens addresses, runs scripts, collects errors and requests to other machines."""

    def __init__(self, socket: Any) -> None:
        self._socket, self._numbers = socket, itertools.count(1)
        self.errors: list[str] = []
        self.outside: list[str] = []
        self._ask("session.new", {"capabilities": {}})
        self._ask("session.subscribe", {"events": ["log.entryAdded", "network.beforeRequestSent"]})
        self._tab = self._ask("browsingContext.getTree", {})["contexts"][0]["context"]

    def open(self, url: str, width: int = 1280, height: int = 720) -> None:
        """Open an address and wait until it has loaded."""
        size = {"width": width, "height": height}
        self._ask("browsingContext.setViewport", {"context": self._tab, "viewport": size})
        self._ask("browsingContext.navigate", {"context": self._tab, "url": url, "wait": "complete"})

    def value(self, script: str) -> Any:
        """The value of an expression in the page: a text, a number or a truth value."""
        wanted = {"expression": script, "target": {"context": self._tab}, "awaitPromise": True}
        found = self._ask("script.evaluate", wanted)
        if found["type"] == "exception":
            raise ScriptFailed(found["exceptionDetails"]["text"])
        return found["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + ANSWER_S
        while not self.value(f"Boolean({script})"):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.1)

    def click(self, selector: str) -> None:
        """Click in the middle of an element, as a hand with a mouse does."""
        found = self.value(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)}); "
            " one.scrollIntoView({ block: 'center', behavior: 'instant' });"
            " const box = one.getBoundingClientRect();"
            " return JSON.stringify([box.x + box.width / 2, box.y + box.height / 2]) })()"
        )
        x, y = (round(part) for part in json.loads(found))
        moves = [{"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0}]
        hand = {"type": "pointer", "id": "mouse", "actions": [*moves, {"type": "pointerUp", "button": 0}]}
        self._ask("input.performActions", {"context": self._tab, "actions": [hand]})

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            said = json.loads(self._socket.recv(timeout=ANSWER_S))
            if said.get("id") == number:
                assert said["type"] == "success", said.get("message", said)
                return said["result"]
            self._note(said)

    def _note(self, said: dict[str, Any]) -> None:
        params = said.get("params", {})
        if said.get("method") == "log.entryAdded" and params.get("type") == "javascript":
            if params.get("level") == "error":
                self.errors.append(str(params.get("text")))
        elif said.get("method") == "network.beforeRequestSent":
            url = params["request"]["url"]
            if not re.match(r"(http://localhost|ws://localhost|blob:|data:|about:|resource:|chrome:)", url):
                self.outside.append(url)


@contextmanager
def firefox(folder: Path) -> Iterator[FirefoxPage]:
    """A fresh Firefox without a window, and its first tab."""
    lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});" for key, value in SETTINGS.items()]
    (folder / "user.js").write_text("\n".join(lines), encoding="utf-8")
    command = [str(FIREFOX), "--headless", "--no-remote", "--profile", str(folder)]
    log = folder / "said.txt"
    with log.open("w") as said:
        process = subprocess.Popen(
            [*command, "--remote-debugging-port", "0", "about:blank"],
            env=os.environ | {"HOME": str(folder)},
            stdout=said,
            stderr=said,
        )
    try:
        address = f"{_address(process, log)}/session"
        with sync_client.connect(address, max_size=None, compression=None, proxy=None) as socket:
            yield FirefoxPage(socket)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def _address(process: subprocess.Popen, log: Path) -> str:
    """Where Firefox listens; it says so when it is ready."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.1)
    pytest.fail(f"Firefox did not start: {log.read_text(errors='replace')[-1000:]}")
