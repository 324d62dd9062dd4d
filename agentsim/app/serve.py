"""How ``agentsim app`` starts: one server process, its workers, and nothing from outside."""

import os
import sys

from agentsim.core.errors import InvalidScenario

CULL_AFTER = "30m"  # of a browser that has gone
MOST_PAGES = "120"  # open at once; whoever comes later waits for one to close
# nothing is fetched from or told to the outside, whatever the machine says
QUIET = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_KERNEL_CULL_TIMEOUT": CULL_AFTER,
    "SOLARA_KERNEL_MAX_COUNT": MOST_PAGES,
}
MISSING = "the page needs more packages: install them with  pip install 'agentsim[app]'  (or run make app)"


def serve(scenario: str | None, port: int, host: str, workers: int | None, browser: bool) -> int:
    """Serves the page until Ctrl-C; returns the exit status.

    Parameters
    ----------
    scenario : file to open with; None: the first of the shipped ones
    host : ``localhost`` for this machine alone, ``0.0.0.0`` for everybody on the network
    workers : processes that compute runs; None: half of the cores, at most 3
    browser : open one

    Raises
    ------
    InvalidScenario : the scenario is wrong, or the page's packages are not installed
    """
    from agentsim.app.replay import scenario_list as scenes

    if scenario:
        os.environ["AGENTSIM_APP_SCENARIO"] = scenes.admit(scenario)
    if workers:
        os.environ["AGENTSIM_APP_WORKERS"] = str(workers)
    os.environ.update(QUIET)
    try:
        from solara.__main__ import cli
    except ImportError:
        raise InvalidScenario([MISSING]) from None
    say = "open" if browser else "no-open"
    print(f"agentsim: http://{host}:{port}  (stop with Ctrl-C)", file=sys.stderr, flush=True)
    words = ["run", "agentsim.app.page.page", "--production", "--port", str(port), "--host", host, f"--{say}"]
    try:
        cli.main([*words, "--log-level", "warning"], prog_name="solara", standalone_mode=False)
    finally:
        from agentsim.app.page.use_run import desk

        desk().close()
    return 0
