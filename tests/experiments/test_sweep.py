"""Sweeps: what a file asks for, what is wrong with it, and that nothing is lost whatever happens."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest
from fake_society import BrokenSociety, CountedSociety, FakeSociety, StoppedSociety

import agentsim as sim
from agentsim.cli.main import main
from agentsim.core.errors import InvalidScenario
from agentsim.core.folder_lock import FolderInUse, locked
from agentsim.experiments.comparison_table import comparison_table
from agentsim.experiments.runs.ledger import Ledger
from agentsim.experiments.runs.ledger_file import UnusableLedger
from agentsim.experiments.sweeps.designs import Factor, factorial, spread
from agentsim.experiments.sweeps.sweep import read_sweep, sweep
from agentsim.experiments.sweeps.sweep_file import load_sweep
from agentsim.experiments.sweeps.sweep_table import differences

ROOT = Path(__file__).parents[2]
HEAD = f"""title = "Small"
scenario = "{ROOT}/scenarios/drought.toml"
policies = ["E-C2", "X-C5"]
attackers = ["none", "coercer:random"]
seeds = 3
"""
VARY = "[vary]\nweather.rain_factor = [0.3, 0.6]\nraw_water.start_frac = [0.1, 0.2]\n"
LATE = "[set]\nattacker.first_hour = 10\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "sweep.toml"
    file.write_text(text)
    return file


def faults_of(folder: Path, text: str) -> list[str]:
    """What is said of a wrong sweep file, without the folder."""
    with pytest.raises(InvalidScenario) as caught:
        load_sweep(written(folder, text))
    return [message.removeprefix(f"{folder}/") for message in caught.value.messages]


# ---- designs --------------------------------------------------------------------------------------------


def test_a_latin_hypercube_tries_every_part_of_each_range_once() -> None:
    factors = [Factor("a", low=0.0, high=10.0), Factor("b", low=100.0, high=200.0)]
    points = spread("latin_hypercube", factors, 20, seed=3)
    assert sorted(int(2.0 * point["a"]) for point in points) == list(range(20))
    assert sorted(int((point["b"] - 100.0) / 5.0) for point in points) == list(range(20))
    assert spread("latin_hypercube", factors, 20, seed=3) == points
    assert spread("latin_hypercube", factors, 20, seed=4) != points


def test_a_sobol_sequence_fills_every_box_of_its_net() -> None:
    """Of 16 scrambled points in two dimensions each of 16 equal boxes has one (a (0, 4, 2)-net in base 2)."""
    points = spread("sobol", [Factor("a"), Factor("b")], 16, seed=1)
    for across in (1, 2, 4, 8, 16):
        boxes = {(int(point["a"] * across), int(point["b"] * 16 / across)) for point in points}
        assert len(boxes) == 16


def test_ranges_have_ends_scales_and_whole_numbers() -> None:
    assert Factor("x", low=1.0, high=100.0, steps=3, scale="log").levels() == [1.0, 10.0, 100.0]
    assert Factor("n", low=1.0, high=3.0, steps=9, whole=True).levels() == [1, 2, 3]
    assert len(factorial([Factor("a", (1, 2, 3)), Factor("b", (True, False))])) == 6
    assert factorial([]) == [{}]


# ---- files ----------------------------------------------------------------------------------------------


def test_a_file_crosses_points_policies_attackers_and_seeds(tmp_path: Path) -> None:
    found = load_sweep(written(tmp_path, HEAD + LATE + VARY))
    assert (len(found.points), found.runs) == (4, 4 * 3 * 2 * 3)
    assert found.policies == {"none": (), "E-C2": ("E-C2",), "X-C5": ("X-C5",)}
    assert found.points[1].values == {"weather.rain_factor": 0.3, "raw_water.start_frac": 0.2}
    assert found.points[1].scenario.parameters.raw_water.start_frac == 0.2
    assert found.varied == ("weather.rain_factor", "raw_water.start_frac")


def test_places_scenarios_and_listed_points_are_crossed_too(tmp_path: Path) -> None:
    text = HEAD.replace(
        f'"{ROOT}/scenarios/drought.toml"', f'["{ROOT}/scenarios/drought.toml", "other.toml"]'
    )
    (tmp_path / "other.toml").write_text('title = "Other"\nhours = 24\n[attacker]\nfirst_hour = 1\n')
    text += (
        'places = ["bay_city", "river_town"]\n' + LATE + "[[points]]\nhours = 30\n[[points]]\nhours = 40\n"
    )
    found = load_sweep(written(tmp_path, text.replace("drought.toml", "ordinary_fortnight.toml")))
    told = [(Path(point.file).stem, point.place, point.values["hours"]) for point in found.points]
    assert told[:3] == [
        ("ordinary_fortnight", "bay_city", 30),
        ("ordinary_fortnight", "bay_city", 40),
        ("ordinary_fortnight", "river_town", 30),
    ]
    assert told[-1] == ("other", "river_town", 40)
    assert found.points[2].scenario.place.name == "river_town"


def test_all_that_is_wrong_is_said_at_once_with_its_line(tmp_path: Path) -> None:
    text = HEAD.replace("X-C5", "X-C9").replace("seeds = 3", 'seeds = "many"')
    text += "[design]\npoints = 0\n[vary]\nweather.rain_factr = [1]\n"
    text += "weather.rain_factor = { low = 2, high = 1 }\n"
    text += "place.households = [3, 300]\nhours = 5\n"
    faults = faults_of(tmp_path, text)
    assert [fault.split(": ")[0] for fault in faults] == [
        *("sweep.toml:3", "sweep.toml:7", "sweep.toml:5", "sweep.toml:10"),
        *("sweep.toml:12", "sweep.toml:9", "sweep.toml:11"),
    ]
    assert "did you mean 'rain_factor'?" in faults[5]
    assert "3 is fewer than place.districts = 8" in faults[6]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[design]\nkind = 'sobol'\npoints = 60\n[vary]\nhours = { low = 24, high = 48 }\n", "take 32 or 64"),
        ("[design]\nkind = 'latin_hypercube'\n", "spreads points over ranges; write some under [vary]"),
        ("[design]\nkind = 'list'\n", "write [[points]] for each"),
        ("[vary]\nhours = { low = 24, high = 48 }\n[[points]]\nhours = 3\n", "exclude one another"),
        ("[vary]\nmechanisms.failures = { low = 0, high = 1, steps = 2 }\n", "is no number of a scenario"),
        ("[vary]\nhours = { low = 24, high = 48, step = 2 }\n", "no key 'step'"),
        ("[vary]\nhours = []\n", "the list is empty"),
        ("places = 3\n", "a list in square brackets is needed"),
        ('places = ["nowhere"]\n', "place 'nowhere' is unknown"),
        ("[vary]\nhours = { low = 24, high = 1e999 }\n", "two finite numbers"),
    ],
)
def test_a_design_that_cannot_be_is_told(tmp_path: Path, text: str, told: str) -> None:
    head = "" if text.startswith("[") else text
    faults = faults_of(tmp_path, HEAD + head + ("" if head else text))
    assert any(told in fault and fault.startswith("sweep.toml:") for fault in faults), faults


def test_a_scenario_that_is_missing_is_told_with_the_line_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "near.toml").write_text("hours = 240\n")
    faults = faults_of(
        tmp_path, HEAD.replace(f'"{ROOT}/scenarios/drought.toml"', '["near.toml", "neat.toml"]')
    )
    assert len(faults) == 1
    assert faults[0].startswith("sweep.toml:2: scenario: ")
    assert "there is no such file; did you mean" in faults[0]


def test_scenarios_and_sweep_files_are_not_taken_for_one_another(tmp_path: Path, capsys) -> None:
    assert main(["sweep", str(ROOT / "scenarios" / "drought.toml"), "--out", str(tmp_path / "a.sqlite")]) == 2
    assert "is no sweep file, because it has none of the keys scenario, vary" in capsys.readouterr().err
    assert main(["run", str(written(tmp_path, HEAD + VARY))]) == 2
    told = capsys.readouterr().err
    assert "is a sweep file, not a scenario; give it to agentsim sweep" in told
    assert len(told.splitlines()) == 1


def test_where_a_path_starts_is_said_where_no_file_is_near(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check", "scenarios/drought.toml"]) == 2
    assert f"there is no such file; paths start at {tmp_path}" in capsys.readouterr().err


def test_a_whole_number_has_whole_values_and_a_number_any(tmp_path: Path) -> None:
    text = "[design]\nkind = 'latin_hypercube'\npoints = 5\n[vary]\n"
    text += "place.households = { low = 100, high = 900 }\n"
    found = load_sweep(
        written(tmp_path, HEAD + LATE + text + "weather.rain_factor = { low = 0, high = 1 }\n")
    )
    assert all(isinstance(point.values["place.households"], int) for point in found.points)
    assert len({point.values["weather.rain_factor"] for point in found.points}) == 5


def test_check_knows_sweep_files(tmp_path: Path, capsys) -> None:
    assert main(["check", str(written(tmp_path, HEAD + LATE + VARY))]) == 0
    assert "4 points x 3 policies x 2 attackers x 3 seeds = 72 runs" in capsys.readouterr().out
    assert main(["check", str(written(tmp_path, HEAD + "[vary]\nhours = 3\n"))]) == 2
    assert "sweep.toml:7: vary.hours: 3 is one value" in capsys.readouterr().err


def test_the_sweeps_that_are_shipped_are_right() -> None:
    files = sorted((ROOT / "scenarios" / "sweeps").glob("*.toml"))
    assert files
    assert all(load_sweep(file).title_ja for file in files)


# ---- running --------------------------------------------------------------------------------------------


def small(folder: Path, **given) -> pd.DataFrame:
    file = written(folder, HEAD + LATE + VARY)
    return sweep(file, folder / "a.sqlite", **{"society": FakeSociety} | given)


def test_a_sweep_is_a_frame_with_a_column_for_each_number(tmp_path: Path) -> None:
    table = small(tmp_path)
    assert list(table.columns[:8]) == [
        *("point", "scenario", "place", "weather.rain_factor"),
        *("raw_water.start_frac", "policy", "attacker", "seed"),
    ]
    assert len(table) == 72
    assert table.groupby(["point", "policy", "attacker"])["seed"].apply(list).map(
        tuple
    ).unique().tolist() == [(1, 2, 3)]
    assert table.attrs["units"]["ens_mwh"] == "MWh"
    assert read_sweep(tmp_path / "a.sqlite").equals(table)


def test_only_what_is_missing_is_run_even_if_the_file_has_grown(tmp_path: Path, monkeypatch) -> None:
    counts = tmp_path / "counts"
    counts.mkdir()
    monkeypatch.setenv("COUNT_RUNS_IN", str(counts))
    first = small(tmp_path, society=CountedSociety)
    again = small(tmp_path, society=CountedSociety)
    assert again.equals(first)
    more = HEAD.replace("seeds = 3", "seeds = 4") + LATE + VARY.replace("0.2]", "0.2, 0.3]")
    table = sweep(written(tmp_path, more), tmp_path / "a.sqlite", society=CountedSociety)
    assert len(table) == 6 * 3 * 2 * 4
    assert sum(file.read_text().count("run") for file in counts.iterdir()) == len(table)


def test_ctrl_c_keeps_what_is_finished_and_failures_are_rows(tmp_path: Path) -> None:
    stopped = small(tmp_path, society=StoppedSociety)  # at the first run of seed 3
    assert stopped.attrs["interrupted"]
    assert len(stopped) == 48
    broken = small(tmp_path, society=BrokenSociety)
    assert len(broken) == 72
    failed = sweep(
        written(tmp_path, HEAD + LATE + VARY), tmp_path / "b.sqlite", society=BrokenSociety
    )  # seed 2 with E-C2
    assert len(failed) == 72 - 8
    assert {row["error"] for row in failed.attrs["failures"].values()} == {
        "ZeroDivisionError: division by zero"
    }
    assert len(small(tmp_path)) == 72


def test_a_full_disk_stops_a_sweep_and_loses_nothing(tmp_path: Path, monkeypatch) -> None:
    insert = Ledger._insert

    def full(ledger: Ledger, row: dict) -> None:
        if row["seed"] == 2:
            raise OSError(28, "No space left on device", str(ledger.file))
        insert(ledger, row)

    monkeypatch.setattr(Ledger, "_insert", full)
    with pytest.raises(OSError, match="No space left"):
        small(tmp_path)
    assert len(read_sweep(tmp_path / "a.sqlite")) == 24
    monkeypatch.undo()
    assert len(small(tmp_path)) == 72


def test_a_sweep_that_is_under_way_elsewhere_is_left_alone(tmp_path: Path, monkeypatch) -> None:
    def held(file: Path) -> int:
        raise FolderInUse(f"{file}: process 1 is writing there")

    with monkeypatch.context() as patch:
        patch.setattr("agentsim.core.folder_lock._lock", held)
        with pytest.raises(FolderInUse, match="process 1 is writing there"):
            small(tmp_path)
    with locked(tmp_path / "a.sqlite"):  # one process may ask twice
        small(tmp_path)


def test_a_file_of_another_kind_is_no_sweep(tmp_path: Path) -> None:
    Ledger(tmp_path / "a.sqlite").close()
    with pytest.raises(UnusableLedger, match="holds no sweep"):
        read_sweep(tmp_path / "a.sqlite")
    with pytest.raises(UnusableLedger, match="there is no such file"):
        read_sweep(tmp_path / "b.sqlite")


# ---- kills ----------------------------------------------------------------------------------------------

PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
from agentsim.experiments.sweeps.sweep import sweep
from fake_society import ShortSociety
if __name__ == "__main__":
    sweep({file!r}, {out!r}, society=ShortSociety, workers={workers})
"""


def killed_and_resumed(folder: Path, runs: int, kills: int, workers: int) -> None:
    """Kills a sweep at random moments, lets it continue, and compares it with one that was left alone."""
    text = HEAD.replace("seeds = 3", f"seeds = {runs // 5}").replace(
        'attackers = ["none", "coercer:random"]', 'attackers = ["none"]'
    )
    text = text.replace('["E-C2", "X-C5"]', '["E-C2", "X-C5", "W-S1", "W-C1"]')
    file, out, random = written(folder, text), folder / "a.sqlite", Random(7)
    (folder / "counts").mkdir()
    program = PROGRAM.format(tests=str(Path(__file__).parent), file=str(file), out=str(out), workers=workers)
    script = folder / "script.py"
    script.write_text(program)
    environment = os.environ | {"COUNT_RUNS_IN": str(folder / "counts")}
    command, survived = [sys.executable, str(script)], 0
    for _ in range(kills):
        before = rows_in(out)
        victim = subprocess.Popen(command, env=environment)
        while victim.poll() is None and rows_in(out) <= before + random.randrange(runs // (2 * kills)):
            time.sleep(0.03)
        time.sleep(random.random() * 0.02)
        victim.kill()
        victim.wait()
        survived += rows_in(out) >= before
    assert survived == kills  # no kill took away a row
    subprocess.run(command, env=environment, check=True)
    table = read_sweep(out, status=None)
    assert len(table) == runs == table["key"].nunique()
    assert (table["status"] == "done").all()
    alone = sweep(file, folder / "alone.sqlite", society=FakeSociety)
    columns = ["key", "policy", "seed", *alone.attrs["units"]]
    assert table[columns].equals(alone[columns])
    made = sum(each.read_text().count("run") for each in (folder / "counts").iterdir())
    assert runs <= made <= runs + kills * (workers + 1)  # at most what was under way is made twice


def rows_in(file: Path) -> int:
    """Runs that a ledger has, which may be just being made."""
    try:
        return len(read_sweep(file))
    except (UnusableLedger, OSError):
        return 0


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_sweep_loses_nothing(tmp_path: Path) -> None:
    killed_and_resumed(tmp_path, runs=60, kills=1, workers=1)


@pytest.mark.slow
def test_twenty_kills_over_five_hundred_runs_lose_nothing(tmp_path: Path) -> None:
    killed_and_resumed(tmp_path, runs=500, kills=20, workers=2)


# ---- tables and figures ---------------------------------------------------------------------------------


def test_differences_at_a_point_are_those_of_a_comparison_there(tmp_path: Path) -> None:
    table = small(tmp_path)
    for outcome in ("deprivation_mean", "deprivation_target_district", "time_to_detection_h"):
        found = differences(table, outcome)
        assert len(found) == 4 * 2 * 3
        point = table[table["point"] == 3]
        point.attrs = table.attrs
        foes = ["none", "coercer:random"]
        there = comparison_table(point, ["none", "E-C2", "X-C5"], foes, [1, 2, 3], hours=672)
        there = there[there["outcome"] == outcome].set_index(["policy", "attacker"])
        here = found[found["point"] == 3].set_index(["policy", "attacker"]).loc[there.index]
        for name in ("mean", "low", "high", "difference", "difference_low", "difference_high", "n", "same"):
            np.testing.assert_array_equal(here[name].astype(float), there[name].astype(float))
        assert here["method"].tolist() == there["method"].tolist()
    with pytest.raises(InvalidScenario, match="did you mean 'deprivation_mean'"):
        differences(table, "deprivation_meen")


def test_an_outcome_is_drawn_over_a_number_in_one_line(tmp_path: Path) -> None:
    table = small(tmp_path)
    figure = sim.plot_over(table, "raw_water.start_frac", "deprivation_mean")
    assert len(figure.axes) == 4  # two attackers, two values of the other number
    for axes in figure.axes:
        assert len(axes.containers) == 3  # a line with bars for each policy
    difference = sim.plot_over(table, "weather.rain_factor", "deprivation_mean", difference=True)
    assert {len(axes.containers) for axes in difference.axes} == {2}
    with pytest.raises(InvalidScenario, match=r"did you mean 'raw_water\.start_frac'"):
        sim.plot_over(table, "raw_water.start", "deprivation_mean")


# ---- the command line -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Path:
    """The ledger of a small sweep of the real model, made by the command."""
    folder = tmp_path_factory.mktemp("real")
    text = HEAD.replace("seeds = 3", "seeds = 2").replace(', "coercer:random"', "").replace(', "X-C5"', "")
    text += "[set]\nhours = 24\nplace.households = 40\n[vary]\nweather.rain_factor = [0.3, 0.6]\n"
    out = folder / "small.sqlite"
    assert main(["sweep", str(written(folder, text)), "--out", str(out), "--workers", "1"]) == 0
    return out


def test_the_state_of_a_sweep_is_shown(real: Path, capsys) -> None:
    assert main(["sweep", "status", str(real)]) == 0
    assert "8 runs: 8 done, 0 to do" in capsys.readouterr().out
    assert main(["sweep", "failed", str(real)]) == 0
    assert "no run failed" in capsys.readouterr().out


def test_a_sweep_is_exported_with_units_and_drawn(real: Path, tmp_path: Path, capsys) -> None:
    target = tmp_path / "small.csv"
    assert main(["sweep", "export", str(real), "--out", str(target)]) == 0
    table = pd.read_csv(target)
    assert len(table) == 8
    assert table["weather.rain_factor"].tolist() == [0.3] * 4 + [0.6] * 4
    meanings = pd.read_csv(tmp_path / "small_outcomes.csv").set_index("outcome")
    assert meanings.loc["ens_mwh", "unit"] == "MWh"
    words = ["--over", "weather.rain_factor", "--outcome", "deprivation_mean", "--out", str(tmp_path)]
    assert main(["sweep", "plot", str(real), *words]) == 0
    assert (tmp_path / "deprivation_mean_over_weather.rain_factor.png").stat().st_size > 5000


def test_parquet_needs_pyarrow_and_says_so(real: Path, tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    command = ["sweep", "export", str(real), "--format", "parquet", "--out", str(tmp_path / "a.parquet")]
    assert main(command) == 2
    assert "pip install pyarrow" in capsys.readouterr().err
    assert not (tmp_path / "a.parquet").exists()


def test_parquet_holds_what_csv_holds(real: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    command = ["sweep", "export", str(real), "--format", "parquet", "--out", str(tmp_path / "a.parquet")]
    assert main(command) == 0
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "a.parquet"), read_sweep(real, status=None), check_dtype=False
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["{sweep}"], "--out FILE.sqlite is missing"),
        (["{sweep}", "--out", "{folder}"], "is a folder"),
        (["{sweep}", "--out", "a.toml"], "looks like a sweep file"),
        (["{sweep}", "--out", "/proc/a.sqlite"], "may not be written to"),
        (["status"], "the file of one sweep is needed"),
        (["status", "{sweep}"], "is damaged or no ledger"),
        (["{sweep}", "{sweep}", "--out", "a.sqlite"], "give a sweep file"),
        (["export", "{real}", "--out", "{real}"], "holds runs; take another name, as in FILE.csv"),
        (["export", "{real}", "--out", "{folder}"], "is a folder"),
        (["export", "{real}", "--out", "{sweep}"], "looks like a sweep file"),
        (["export", "{real}", "--out", "/proc/a.csv"], "may not be written to"),
        (
            ["plot", "{real}", "--over", "weather.rain_factor", "--outcome", "co2_t", "--out", "/proc/a"],
            "--out",
        ),
        (["plot", "{real}"], "--over KEY and --outcome NAME"),
        (["{sweep}", "--out", "a.sqlite", "--dask", "tcp://localhost:1", "--run-mb", "9"], "--dask"),
    ],
)
def test_a_wrong_command_is_told(words: list[str], told: str, real: Path, tmp_path: Path, capsys) -> None:
    names = {"sweep": written(tmp_path, HEAD + LATE), "folder": tmp_path, "real": real}
    assert main(["sweep", *(word.format(**names) for word in words)]) == 2
    assert told in capsys.readouterr().err
