"""Sweeps on a Dask cluster: a real scheduler and two real workers, one of which is killed in mid-sweep."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_society import FakeSociety, ShortSociety
from test_sweep import HEAD, LATE, VARY, written

from agentsim.cli.cluster import cluster_of
from agentsim.cli.main import main
from agentsim.core.errors import InvalidInput, InvalidScenario
from agentsim.experiments.sweeps.sweep import sweep

distributed = pytest.importorskip("distributed")
HERE = Path(__file__).parent


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """The address of a scheduler, and the processes of its two workers."""
    address_file, counts = tmp_path / "scheduler.json", tmp_path / "counts"
    counts.mkdir()
    paths = os.pathsep.join([str(HERE), str(HERE.parents[1])])
    around = os.environ | {"PYTHONPATH": paths, "COUNT_RUNS_IN": str(counts)}
    common = ["--scheduler-file", str(address_file)]

    def start(*words: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "dask", *words, *common]
        return subprocess.Popen(command, env=around, stderr=subprocess.DEVNULL, cwd=tmp_path)

    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    workers = [start("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard") for _ in range(2)]
    try:
        until = time.monotonic() + 90
        while not address_file.exists() and time.monotonic() < until:
            time.sleep(0.1)
        yield json.loads(address_file.read_text())["address"], workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def test_a_sweep_survives_the_death_of_a_worker_and_gives_the_same_bytes(tmp_path: Path, cluster) -> None:
    address, workers = cluster
    file = written(tmp_path, HEAD.replace("seeds = 3", "seeds = 8") + LATE + VARY)
    killed = []

    def kill_one(done: int, runs: int, row: dict) -> None:
        if done == 40:
            workers[0].kill()
            killed.append(done)

    with cluster_of(address) as found:
        assert found is not None
        table = sweep(
            file,
            tmp_path / "dask.sqlite",
            executor=found.executor,
            workers=found.workers,
            society=ShortSociety,
            progress=kill_one,
        )
    assert killed == [40]
    assert table.attrs["failures"] == {}
    assert len(table) == 192 == table["key"].nunique()
    alone = sweep(file, tmp_path / "alone.sqlite", society=FakeSociety)
    columns = ["key", "policy", "attacker", "seed", *alone.attrs["units"]]
    assert table[columns].equals(alone[columns])
    counts = list((tmp_path / "counts").iterdir())
    assert sum(each.read_text().count("run") for each in counts) >= 192


@pytest.mark.slow
def test_the_command_runs_on_a_cluster(tmp_path: Path, cluster, capsys) -> None:
    address, _ = cluster
    text = HEAD.replace("seeds = 3", "seeds = 1").replace(', "coercer:random"', "").replace(', "X-C5"', "")
    file = written(tmp_path, text + "[set]\nhours = 12\nplace.households = 40\n")
    outs = [tmp_path / "here.sqlite", tmp_path / "there.sqlite"]
    assert main(["sweep", str(file), "--out", str(outs[0]), "--workers", "1"]) == 0
    assert main(["sweep", str(file), "--out", str(outs[1]), "--dask", address]) == 0
    here, there = (sweep(file, out) for out in outs)
    columns = ["key", *here.attrs["units"]]
    assert here[columns].equals(there[columns])


def test_an_address_where_nobody_answers_is_told(monkeypatch) -> None:
    monkeypatch.setattr("agentsim.cli.cluster.WAIT_S", 1.0)
    told = r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"
    with pytest.raises(InvalidInput, match=told), cluster_of("tcp://127.0.0.1:9"):
        pass


@pytest.mark.parametrize("address", ["nohost", "tcp://nohost", "tcp://nohost:x", "tcp://[::1"])
def test_what_is_no_address_is_told_at_once(address: str) -> None:
    with (
        pytest.raises(InvalidScenario, match=r"an address is needed, as in tcp://host:8786"),
        cluster_of(address),
    ):
        pass


def test_dask_that_is_not_installed_is_told(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InvalidScenario, match=r"pip install 'agentsim\[cluster\]'"), cluster_of("tcp://x:1"):
        pass
