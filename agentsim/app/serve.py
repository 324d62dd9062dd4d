"""Starts ``agentsim app``: one server process and its worker processes, without access to the internet."""

import os
import sys

from agentsim.core.errors import InvalidScenario

CULL_AFTER = "30m"  # of a browser that has gone
MOST_PAGES = "120"  # open at once; the next visitor waits until one is closed
# nothing is fetched from or sent to other machines, whatever the environment says
OFFLINE = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_KERNEL_CULL_TIMEOUT": CULL_AFTER,
    "SOLARA_KERNEL_MAX_COUNT": MOST_PAGES,
}
NO_SCENARIO = (
    "there is no scenario to show: give a file, as in  agentsim app my.toml  (or run it beside scenarios/)"
)
MISSING = "the page needs more packages: install them with  pip install 'agentsim[app]'  (or run make app)"


def serve(scenario: str | None, port: int, host: str, workers: int | None, browser: bool) -> int:
    """Serve the page until Ctrl-C; returns the exit status.

    Parameters
    ----------
    scenario : file to open with; None: the first of the shipped ones
    host : ``localhost`` for this machine alone, ``0.0.0.0`` for everybody on the network
    workers : processes that compute runs; None: half of the cores, at most 3
    browser : open one

    Raises
    ------
    InvalidScenario : the scenario is wrong, there is none, or the page's packages are not installed
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
    os.environ.update(OFFLINE)
    try:
        from solara.__main__ import cli
    except ImportError:
        raise InvalidScenario([MISSING]) from None
    browser_option = "open" if browser else "no-open"
    print(f"agentsim: http://{host}:{port}  (stop with Ctrl-C)", file=sys.stderr, flush=True)
    arguments = [
        "run",
        "agentsim.app.page.page",
        "--production",
        "--port",
        str(port),
        "--host",
        host,
        f"--{browser_option}",
    ]
    try:
        cli.main([*arguments, "--log-level", "warning"], prog_name="solara", standalone_mode=False)
    finally:
        from agentsim.app.page.use_run import job_queue

        job_queue().close()
    return 0
