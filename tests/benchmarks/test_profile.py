"""The profile runs on a small town, charges every sample to a folder, and draws it."""

import time
from argparse import Namespace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import flame_graph, profile, sampling

ROOT = Path(profile.__file__).parent.parent


def test_a_small_town_is_sampled_and_drawn(tmp_path, capsys):
    options = ["--households", "200", "--hours", "12", "--seconds", "0.1"]
    profile.main([*options, "--policy", "X-C1", "--out", str(tmp_path), "--name", "now"])
    text = (tmp_path / "now.txt").read_text(encoding="utf-8")
    assert text.rstrip() in capsys.readouterr().out.rstrip()
    shares = [float(row.split("%")[0].split()[-1]) for row in text.splitlines()[2:-1]]
    assert sum(shares) == pytest.approx(100.0, abs=2.0)
    assert {"agents/households", "society", "engine: power (HiGHS)"} <= set(
        text.replace("  ", "\n").split("\n")
    )
    picture = ElementTree.parse(tmp_path / "now-200_households.svg").getroot()
    titles = [one.text for one in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert any(title.startswith("Society.step society/society.py: ") for title in titles)


def test_time_is_charged_in_proportion():
    """Of two functions one works twice as long: so say the samples, although a library does the work."""

    def work(numbers):
        return sorted(numbers)

    def once(numbers):
        work(numbers)

    def twice(numbers):
        work(numbers)
        work(numbers)

    numbers = [(7919 * k) % 100_003 for k in range(40_000)]
    sampler, begin = sampling.Sampler(), time.process_time()
    with sampler.on():
        while time.process_time() - begin < 0.6:
            once(numbers)
            twice(numbers)
    seconds = {
        name: sum(value for stack, value in sampler.seconds.items() if code in stack)
        for name, code in (("once", once.__code__), ("twice", twice.__code__))
    }
    assert seconds["twice"] / seconds["once"] == pytest.approx(2.0, rel=0.25)
    assert sum(seconds.values()) == pytest.approx(0.6, rel=0.25)


def test_rooms_are_the_folders_of_the_package():
    package = sampling.package_folder()
    assert sampling.room_of(f"{package}networks/power/grid.py", package) == "networks/power"
    assert sampling.room_of(f"{package}society/society.py", package) == "society"
    assert sampling.room_of(f"{package}__init__.py", package) == "agentsim"
    assert sampling.room_of("/elsewhere/numpy/core.py", package) == ""


def test_making_a_society_can_be_sampled():
    file = str(ROOT / "scenarios" / "ordinary_fortnight.toml")
    found = sampling.sampled(
        Namespace(
            scenario=file,
            households=300,
            hours=1,
            policy=[],
            attacker="none",
            seconds=0.0,
            set_up=True,
            calls=False,
        )
    )
    assert found["runs"] == found["hours"] == 1
    assert sum(found["rooms"].values()) == pytest.approx(found["cpu_s"])


def test_names_in_a_flame_graph_are_escaped():
    picture = flame_graph.svg({"run;<genexpr> a/b.py;[a]": 1.0, "run;[engine: power]": 2.0}, "a & b", 1e6)
    root = ElementTree.fromstring(picture)
    titles = [one.text for one in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == [
        "all: 3,000,000.0 us, 100.0 %",
        "run: 3,000,000.0 us, 100.0 %",
        "<genexpr> a/b.py: 1,000,000.0 us, 33.3 %",
    ]
    assert "http" not in picture.replace("http://www.w3.org", "")  # needs no internet
