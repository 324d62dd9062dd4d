"""Starts ``agentsim app``: one server process and its worker processes, without access to the internet."""

import errno
import os
import socket
import sys
import threading
import time
import warnings
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentsim.app.room.addresses import ANYWHERE, reachable, web_address
from agentsim.app.server.message_checks import MOST_BYTES
from agentsim.core.errors import InvalidScenario

if TYPE_CHECKING:
    from agentsim.app.room.open_room import OpenRoom

EVERYBODY = "0.0.0.0"  # a host that listens on all networks of this machine
CULL_AFTER = "30m"  # of a browser that has gone
MOST_PAGES = "120"  # open at once; the next visitor waits until one is closed
LAST_ANSWERS_S = 3  # that the server waits for open connections after Ctrl-C
# nothing is fetched from or sent to other machines, whatever the environment says
SETTINGS = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_ROOT_PATH": "",  # else the first visitor's headers say where the page stands
    "SOLARA_APP": "agentsim.app.page.page",
    "SOLARA_KERNEL_CULL_TIMEOUT": CULL_AFTER,
    "SOLARA_KERNEL_MAX_COUNT": MOST_PAGES,
}
NO_SCENARIO = (
    "there is no scenario to show: give a file, as in  agentsim app my.toml  (or run it beside scenarios/)"
)
MISSING = "the page needs more packages: install them with  pip install 'agentsim[app]'  (or run make app)"


def serve(
    scenario: str | None,
    port: int,
    host: str,
    workers: int | None,
    browser: bool,
    room: Path | None = None,
) -> int:
    """Serve the page until Ctrl-C; returns the exit status.

    Parameters
    ----------
    scenario : file to open with; None: the first of the shipped ones
    host : ``localhost`` for this machine alone, ``0.0.0.0`` for everybody on the network
    workers : processes that compute runs; see JobQueue
    browser : open one
    room : file of the room of a class; None: no room, every visitor has the usual page

    Raises
    ------
    InvalidScenario : the scenario is wrong, there is none, or the page's packages are not installed
    UnusableRoomFile : the room's file is none
    """
    from agentsim.app.replay import scenario_list

    if scenario:
        os.environ["AGENTSIM_APP_SCENARIO"] = scenario_list.add(scenario)
    if not scenario_list.names():
        raise InvalidScenario([NO_SCENARIO])
    for name in scenario_list.names():
        scenario_list.scenario_named(name)  # a faulty file is reported now and not to every visitor
    if workers:
        os.environ["AGENTSIM_APP_WORKERS"] = str(workers)
    os.environ.update(SETTINGS)
    try:
        application = _guarded_page(host)
        opened = _open_room(room, host, port)
    except ImportError:
        raise InvalidScenario([MISSING]) from None
    try:
        _run(application, host, port, browser, opened)
    finally:
        from agentsim.app.page.use_run import job_queue

        job_queue().close()
        if opened:
            opened.close()
    return 0


def _open_room(file: Path | None, host: str, port: int) -> "OpenRoom | None":
    """The room in this file, which the page then shows; None without one."""
    if file is None:
        return None
    import segno  # noqa: F401  # missing packages are told now and not to the leader

    from agentsim.app.page.use_run import job_queue
    from agentsim.app.room.collector import Collector
    from agentsim.app.room.open_room import OpenRoom, set_open_room
    from agentsim.app.room.room import Room
    from agentsim.app.room.room_file import RoomFile

    room = Room(RoomFile(file))
    opened = OpenRoom(room, Collector(room, job_queue()), host, port, str(file))
    set_open_room(opened)
    return opened


def _guarded_page(host: str) -> Any:
    """Solara's application with the page, and the guard around it."""
    import uvicorn  # noqa: F401
    from solara.server import settings
    from solara.server.starlette import app

    from agentsim.app.server.open_pages import OPEN_PAGES
    from agentsim.app.server.page_guard import PageGuard
    from agentsim.app.server.visitor_errors import shorten_visitor_errors

    shorten_visitor_errors()
    # on a plain network the cookie is of the kind that needs no https, which is right here
    warnings.filterwarnings("ignore", message="Cookies with samesite=none require https")
    return PageGuard(app, host, Path(settings.assets.proxy_cache_dir), OPEN_PAGES)


def _run(application: Any, host: str, port: int, browser: bool, opened: "OpenRoom | None" = None) -> None:
    """Serve until Ctrl-C."""
    import uvicorn

    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        loop="asyncio",
        log_level="warning",
        access_log=False,
        ws_max_size=MOST_BYTES,
        timeout_graceful_shutdown=LAST_ANSWERS_S,
    )
    server = uvicorn.Server(config)
    listening = _listen(host, port)
    for line in told_addresses(host, port, opened):
        print(line, file=sys.stderr, flush=True)
    if opened:
        opened.collector.start()
    if browser:
        address = opened.leader_address() if opened else own_address(host, port)
        threading.Thread(target=_open_browser, args=(server, address), daemon=True).start()
    server.run(sockets=listening)


def own_address(host: str, port: int) -> str:
    """The address of the page in a browser of this computer."""
    return web_address("localhost" if host in ANYWHERE else host, port)


def told_addresses(host: str, port: int, opened: "OpenRoom | None") -> list[str]:
    """Lines for the terminal: addresses that this machine has; of a room the leader's view and the code."""
    others = [web_address(one, port) for one in reachable(host)]
    if opened is None:
        here = own_address(host, port)
        more = [f"          {one}  (others on the network)" for one in others if one != here]
        return [f"agentsim: {here}  (stop with Ctrl-C)", *more]
    room = opened.room
    kept = f", with {len(room.groups)} groups" if room.groups else ""
    return [
        f"agentsim: leader's view  {opened.leader_address()}  (keep it to yourself; stop with Ctrl-C)",
        *(f"          groups join    {one}  code {room.code}" for one in others),
        *([] if others else ["          no network: connect this computer, and other devices can join"]),
        f"          kept in        {opened.file}{kept}",
    ]


def _listen(host: str, port: int) -> list[socket.socket]:
    """Sockets on this port of all addresses that the name has on this machine."""
    listening, failed = [], None
    try:
        for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                listening.append(socket.create_server(address[:2], family=family))
            except OSError as error:
                failed = error
                if error.errno != errno.EADDRNOTAVAIL:  # localhost may have an address that is switched off
                    raise
        if failed and not listening:
            raise failed
    except OSError as error:
        wrong = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise OSError(error.errno, f"{wrong}; take another --port or --host", f"{host}:{port}") from None
    return listening


def _open_browser(server: Any, address: str) -> None:
    while not server.started and not server.should_exit:
        time.sleep(0.1)
    if server.started:
        webbrowser.open(address)
