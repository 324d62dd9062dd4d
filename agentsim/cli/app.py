"""``agentsim app``: the page in a browser."""

import argparse

from agentsim.app.serve import serve


def app(options: argparse.Namespace) -> int:
    """Serves the page until Ctrl-C."""
    return serve(options.scenario, options.port, options.host, options.workers, not options.no_browser)
