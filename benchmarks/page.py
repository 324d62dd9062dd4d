"""How quick the page is: click to pixels, first picture, thirty browsers. ``python -m benchmarks.page``.

The server is the shipped one in a process of its own, with shipped recordings; the browsers are Chromium's.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DRAWN = (
    "old => { const [a, b] = document.querySelectorAll('canvas[data-side]');"
    " return a && b && a.dataset.key && b.dataset.key && b.dataset.key !== old }"
)
# from the click until the frame in which both maps have been painted anew
CLICKS = """async clicks => {
  const maps = [...document.querySelectorAll('canvas[data-side]')];
  const button = document.querySelector('[data-step="1"]');
  const spent = [];
  for (let n = 0; n < clicks; n++) {
    const before = maps.map(m => +m.dataset.drawn), begin = performance.now();
    button.click();
    await new Promise(done => { const look = () => maps.every((m, k) => +m.dataset.drawn > before[k])
      ? done() : requestAnimationFrame(look); requestAnimationFrame(look); });
    spent.push(performance.now() - begin);
    await new Promise(done => setTimeout(done, 30));
  }
  return spent;
}"""


def serve(folder: str) -> tuple[subprocess.Popen, str]:
    """A server with an empty cache, ready to answer."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "agentsim", "app", "--port", str(port), "--workers", "1", "--no-browser"]
    environment = os.environ | {"XDG_CACHE_HOME": folder}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://localhost:{port}/"
    for _ in range(400):
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return server, url
        except OSError:
            time.sleep(0.2)
    server.kill()
    sys.exit("the server does not answer")


def memory_mb(pid: int, with_children: bool = True) -> float:
    """Memory of a process, and of its children [MB], from /proc (Linux)."""
    total = 0.0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        except (OSError, ValueError):
            continue
        if int(folder.name) == pid or (with_children and int(status["PPid"]) == pid):
            total += float(status.get("VmRSS", "0 kB").split()[0]) / 1000.0
    return round(total, 1)


def opened(browser: Any, url: str, width: int = 1280, height: int = 720) -> tuple[Any, float]:
    """A fresh visitor's page, and the seconds until both maps are painted."""
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    begin = time.perf_counter()
    page.goto(url)
    page.wait_for_function(DRAWN, arg="", timeout=120_000)
    return page, time.perf_counter() - begin


def answer_s(page: Any, lever: str) -> float:
    """From a click on a lever whose run is shipped until the right map shows it [s]."""
    old = page.get_attribute("canvas[data-side=right]", "data-key")
    begin = time.perf_counter()
    page.click(f"[data-policy={lever}]")
    page.wait_for_function(DRAWN, arg=old, timeout=120_000)
    return time.perf_counter() - begin


def measure(sessions: int, clicks: int) -> dict[str, Any]:
    """All figures of the page."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        server, url = serve(folder)
        try:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page, cold_s = opened(browser, url)
            spent = page.evaluate(CLICKS, clicks)
            lever_s = answer_s(page, "W-C1")  # off again: no policy, which is shipped
            firsts = [opened(browser, url)[1] for _ in range(3)]
            alone_mb = memory_mb(server.pid)
            pages, opens = [page], []
            for _ in range(sessions - 1):
                one, seconds = opened(browser, url)
                pages.append(one)
                opens.append(seconds)
            answers = [answer_s(one, "W-C1") for one in pages[1:]]
            return {
                "click_to_pixels_ms": round(statistics.median(spent), 1),
                "click_to_pixels_worst_ms": round(max(spent), 1),
                "first_picture_cold_s": round(cold_s, 2),
                "first_picture_s": round(statistics.median(firsts), 2),
                "preset_s": round(lever_s, 2),
                "sessions": sessions,
                "server_mb": memory_mb(server.pid),
                "server_one_session_mb": alone_mb,
                "open_median_s": round(statistics.median(opens), 2),
                "response_median_s": round(statistics.median(answers), 2),
                "response_worst_s": round(max(answers), 2),
            }
        finally:
            stop(server)


def stop(server: subprocess.Popen) -> None:
    """Asks the server to end; one that waits for its browsers is ended."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(20)


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--clicks", type=int, default=60)
    options = parser.parse_args()
    print(json.dumps(measure(options.sessions, options.clicks)))


if __name__ == "__main__":
    main()
