"""A browser without a screen: it opens the page and its connection, and sends what a browser sends."""

import contextlib
import http.cookiejar
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect


class PageServer:
    """``agentsim app`` in a process of its own, with an empty cache.

    Parameters
    ----------
    folder : for the cache and the log
    arguments : more of the command line
    """

    def __init__(self, folder: Path, *arguments: str) -> None:
        with socket.socket() as probe:
            probe.bind(("localhost", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self._log = folder / "server.txt"
        command = [
            sys.executable,
            "-m",
            "agentsim",
            "app",
            "--port",
            str(self.port),
            "--no-browser",
            *arguments,
        ]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command, env=os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}, stdout=log, stderr=log
            )

    def __enter__(self) -> Self:
        until = time.monotonic() + 180
        while self.get("/readyz")[0] != 200:
            if self._process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"the server does not answer: {self.log()}")
            time.sleep(0.2)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)

    @property
    def pid(self) -> int:
        return self._process.pid

    def log(self) -> str:
        """What the server has said."""
        return self._log.read_text("utf-8", "replace")

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
        """Status and text of a request; status 0 if nothing answers."""
        request = urllib.request.Request(self.url + path, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace")
        except OSError:
            return 0, ""


class Browser:
    """One visitor with one page open.

    Parameters
    ----------
    server : whose page
    query : the end of a share link
    session : cookie of another page of the same browser; empty: a new one
    """

    def __init__(self, server: PageServer, query: str = "", session: str = "") -> None:
        self.server, self.path = server, f"/?{query}"
        self.session = session or self._new_session()
        self.id, self.page_id = str(uuid.uuid4()), str(uuid.uuid4())
        self.states: dict[str, dict[str, Any]] = {}
        self._open = contextlib.ExitStack()
        self.connection = self.connect()
        self.run()

    def _new_session(self) -> str:
        jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https")))
        urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar)).open(self.server.url + self.path)
        return next(cookie.value or "" for cookie in jar if cookie.name == "solara-session-id")

    def connect(self, origin: str | None = None) -> ClientConnection:
        """A connection to the page's server."""
        address = f"ws://localhost:{self.server.port}/jupyter/api/kernels/{self.id}/channels"
        opened = connect(
            f"{address}?session_id={self.page_id}",
            additional_headers={"Cookie": f"solara-session-id={self.session}"},
            origin=origin or self.server.url,  # type: ignore[arg-type]
            max_size=None,
            open_timeout=60,
            ping_interval=None,  # as a browser: it sends no pings, and many of these clients share a process
        )
        return self._open.enter_context(opened)

    def send(self, kind: str, content: dict[str, Any], **changed: Any) -> None:
        """Send a message as the page's script does."""
        header = {
            "msg_id": str(uuid.uuid4()),
            "msg_type": kind,
            "session": self.page_id,
            "username": "",
            "version": "5.2",
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "buffers": [],
            "channel": "shell",
        }
        self.connection.send(json.dumps(message | changed))

    def run(self) -> None:
        """Start the page, and wait until it stands."""
        control = str(uuid.uuid4())
        self.send("comm_open", {"comm_id": control, "target_name": "solara.control", "data": {}})
        args = {"path": self.path, "dark": False, "themes": {}, "appName": None}
        self.send("comm_msg", {"comm_id": control, "data": {"method": "run", "args": args}})
        self.until(lambda: self._finished)

    _finished = False

    def until(self, so: Any, timeout_s: float = 120.0) -> None:
        """Take in what the server sends until *so* is true."""
        end = time.monotonic() + timeout_s
        while not so():
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(
                    f"the page does not come to it: {self.texts()[:500]} {self.server.log()[-2000:]}"
                )
            try:
                self._take_in(self.connection.recv(timeout=min(left, 0.5)))
            except TimeoutError:
                continue

    def _take_in(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            first, second = (int.from_bytes(frame[4 * k : 4 * k + 4], "big") for k in (1, 2))
            count = int.from_bytes(frame[:4], "big")
            frame = frame[first : second if count > 1 else None].decode()
        message = json.loads(frame)
        content = message["content"]
        data = content.get("data", {})
        self._finished = self._finished or data.get("method") == "finished"
        if message["header"]["msg_type"] in ("comm_open", "comm_msg") and isinstance(data.get("state"), dict):
            self.states.setdefault(content["comm_id"], {}).update(data["state"])

    def widget(self, *has: str) -> tuple[str, dict[str, Any]]:
        """Id and state of the last widget that has these values."""
        found = [(id, state) for id, state in self.states.items() if set(has) <= set(state)]
        return found[-1]

    def click(self, has: tuple[str, ...], event: str, data: Any) -> None:
        """Tell the server of a click on a widget."""
        id, _ = self.widget(*has)
        self.send(
            "comm_msg",
            {"comm_id": id, "data": {"method": "custom", "content": {"event": event, "data": data}}},
        )

    def texts(self) -> str:
        """Everything that the server has sent, as one text."""
        return json.dumps(list(self.states.values()), ensure_ascii=False)

    def runs(self) -> list[str]:
        """The states of both runs."""
        rails = [state["runs"] for state in self.states.values() if "runs" in state]
        return [one["state"] for one in rails[-1]] if rails else []

    def close(self) -> None:
        """The visitor is gone without a word."""
        self._open.close()
