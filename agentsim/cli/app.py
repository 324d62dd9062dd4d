"""``agentsim app``: the page in a browser."""

import argparse
from datetime import date
from pathlib import Path

from agentsim.app.serve import EVERYBODY, serve


def app(options: argparse.Namespace) -> int:
    """Serves the page until Ctrl-C."""
    room = options.room or options.room_file is not None
    host = options.host or (EVERYBODY if room else "localhost")
    file = options.room_file or f"room-{date.today().isoformat()}.sqlite"
    return serve(
        options.scenario,
        options.port,
        host,
        options.workers,
        browser=not options.no_browser,
        room=Path(file) if room else None,
    )
