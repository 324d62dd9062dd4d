"""What the fuzzer starts from: a small right file of each kind, and the command that reads it."""
# ruff: noqa: E501 - lists of words

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "place"))
sys.path.insert(0, str(Path(__file__).parents[1] / "experiments"))
from fake_society import FakeSociety
from roads_texts import write_gmns, write_tntp

from agentsim.cli.main import main
from agentsim.experiments.sweeps.sweep import sweep
from agentsim.experiments.sweeps.sweep_file import load_sweep
from agentsim.networks import SupplyNetwork
from agentsim.place.spec import SHIPPED
from agentsim.place.weather import WeatherSeries
from agentsim.society.society import Society

WATER = """[TITLE]
A street with a tank
[JUNCTIONS]
A 10 30 P1
B 12 40
C 11 20 P2
D 9 25
E 8 10
F 8 12
[RESERVOIRS]
R 20
[TANKS]
T 40 5 1 9 18 0
[PIPES]
1 R0 A 500 300 100
2 A B 400 250 100
3 B C 300 250 100 0 Open
4 C D 300 200 100
5 D E 300 200 100
6 E F 300 200 100
7 F T 100 300 100
[PUMPS]
PU R R0 HEAD 1
[VALVES]
V A C 200 PRV 60 0
[CURVES]
1 200 50
[PATTERNS]
P1 0.5 1.0 1.5 1.0
P2 1.0 1.2 0.8
[CONTROLS]
LINK PU CLOSED IF NODE T ABOVE 8
LINK PU OPEN IF NODE T BELOW 4
[EMITTERS]
E 0.1
[TIMES]
Duration 24:00
Pattern Timestep 2:00
[OPTIONS]
Units CMH
Headloss H-W
[COORDINATES]
R 0 0
R0 10 0
A 500 0
B 900 100
C 1200 0
D 1500 200
E 1700 0
F 2000 100
T 2100 0
[END]
""".replace("[RESERVOIRS]", "R0 10 0\n[RESERVOIRS]")
GRID = """function mpc = tiny
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
	1	3	0	0	0	0	1	1	0	230	1	1.1	0.9;
	2	1	50	9	0	0	1	1	0	230	1	1.1	0.9;
	3	1	30	9	2	0	1	1	0	230	1	1.1	0.9;
];
mpc.gen = [
	1	0	0	9	-9	1	100	1	80	10;
	2	0	0	9	-9	1	100	1	60	0;
	3	0	0	9	-9	1	100	1	60	0;
];
mpc.branch = [
	1	2	0.01	0.1	0	65	0	0	0	0	1	-30	30;
	2	3	0.01	0.2	0	65	0	0	0.98	0	1	-30	30;
	1	3	0.01	0.2	0	0	0	0	0	0	1	-30	30;
];
mpc.dcline = [
	1	3	1	0	0	0	0	1	1	0	25	0	0	0	0	0	0;
];
mpc.gencost = [
	2	0	0	3	0.02	15	3;
	1	0	0	3	0	0	30	600	60	1500;
	2	0	0	2	30	0;
];
mpc.genfuel = {'coal'; 'oil'; 'gas'};
mpc.gencost(:, 5) = mpc.gencost(:, 5) * 1;
"""
DISTRICTS = """name,name_ja,x,y,households,median_income_jpy_per_month
North,北,10,30,9000,350000
South,南,20,5,8000,300000
East,東,35,15,7000,400000
"""
SUPPLY = """[[terminal]]
name = "Port"
good = "fuel"
supplier = "Gulf"
capacity_t_per_d = 100.0
price_jpy_per_t = 100000.0
lead_days = 3

[[depot]]
name = "Depot"
good = "fuel"
demand_t_per_d = 50.0
capacity_t = 500.0

[[route]]
terminal = "Port"
depot = "Depot"
time_h = 1.5
"""
SCENARIO = """title = "A small town"
start = 2030-08-05
hours = 24

[place]
name = "bay_city"
households = 100
districts = 8

[attacker]
kind = "coercer"
mind = "scripted"
foothold = ["power_control_room"]
first_hour = 2
strikes = ["A1 Harbour 0.5"]

[mechanisms]
leakage = false

[compare]
policies = ["E-C2", "W-C1+X-C5"]
attackers = ["none", "coercer"]
seeds = 2

[power]
limit_frac = 0.8

[households]
persons_frac = [0.38, 0.28, 0.17, 0.12, 0.05]

[policy.E-C2]
"""
SWEEP = """title = "A small sweep"
scenario = ["s.toml"]
places = ["bay_city"]
policies = ["E-C2", "W-C1+X-C5"]
attackers = ["none", "saboteur:random"]
seeds = 2

[set]
hours = 24
policy.W-S1.share_of_demand = 0.2
attacker.mind = "random"

[vary]
weather.rain_factor = [0.3, 0.6]
mechanisms.failures = [true, false]
place.households = { low = 40, high = 80 }
raw_water.start_frac = { low = 0.05, high = 0.2, scale = "log" }

[design]
kind = "sobol"
points = 4
seed = 3
"""
WEATHER = "temperature_degc,sun_frac,wind_frac,rain_mm,inflow_frac\n" + "20.5,0.3,0.2,0.0,1.0\n" * 30
NET3 = str(SHIPPED / "bay_city" / "Net3.inp")


@dataclass(frozen=True)
class Kind:
    """A kind of input: how many are tried, its files, which of them are spoilt, and who reads them."""

    cases: int
    files: Callable[[Path], list[Path]]  # writes right files into a folder; the first ones may be spoilt
    read: Callable[[Path], int]  # given the folder; exit status
    spoilt: int = 1


def _one(name: str, text: str) -> Callable[[Path], list[Path]]:
    def write(folder: Path) -> list[Path]:
        (folder / name).write_text(text, encoding="utf-8")
        return [folder / name]

    return write


def _tntp(first: str) -> Callable[[Path], list[Path]]:
    def write(folder: Path) -> list[Path]:
        files = write_tntp(folder)
        return [files[first], *(path for role, path in files.items() if role != first)]

    return write


def _gmns(folder: Path) -> list[Path]:
    return sorted(write_gmns(folder / "gmns").iterdir())


def _place(folder: Path) -> list[Path]:
    for file in (SHIPPED / "river_town").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return [folder / "place.toml"]


def _record(folder: Path) -> list[Path]:
    scenario = Path(__file__).parents[2] / "scenarios" / "ordinary_fortnight.toml"
    few = ["--set", "place.households=40", "--hours", "3", "--json"]
    main(["run", str(scenario), "--policy", "E-C3", *few, "--out", str(folder / "run")])
    (folder / "record.jsonl").write_bytes((folder / "run" / "record.jsonl").read_bytes())
    return [folder / "record.jsonl"]


def _build(*options: str) -> Callable[[Path], int]:
    """``place build`` with options in which ``@name`` stands for a file of the folder."""

    def read(folder: Path) -> int:
        given = [str(folder / word[1:]) if word.startswith("@") else word for word in options]
        return main(["place", "build", "--no-day", "--json", *given])

    return read


def _lived(*options: str) -> Callable[[Path], int]:
    """As :func:`_build`; what can be built must also be lived in for two hours."""
    build, roles = _build(*options), dict(zip(options[::2], options[1::2], strict=True))

    def read(folder: Path) -> int:
        if status := build(folder):
            return status
        names = {role[2:].replace("-", "_"): word for role, word in roles.items()}
        paths = {
            role: str(folder / word[1:]) if word.startswith("@") else word for role, word in names.items()
        }
        keys = [
            f"{role} = {value}" if value.isdigit() else f"{role} = '{value}'" for role, value in paths.items()
        ]
        text = "\n".join(["hours = 2", "[place]", "households = 20", *keys])
        (folder / "live.toml").write_text(text, encoding="utf-8")
        return main(["run", str(folder / "live.toml"), "--json"])

    return read


def _directly(read: Callable[[Path], object]) -> Callable[[Path], int]:
    def call(folder: Path) -> int:
        read(folder)
        return 0

    return call


def _place_lived(folder: Path) -> int:
    if status := main(["place", "build", "--no-day", "--json", "--place", str(folder)]):
        return status
    (folder / "live.toml").write_text(f"hours = 2\n[place]\nhouseholds = 20\nfolder = '{folder}'\n")
    return main(["run", str(folder / "live.toml"), "--json"])


def _scenario_lived(folder: Path) -> int:
    """What ``check`` finds nothing wrong with, must run: here three hours of it."""
    few = ["--hours", "3", "--set", "place.households=20", "--json"]
    return main(["check", str(folder / "s.toml")]) or main(["run", str(folder / "s.toml"), *few])


def _sweep(folder: Path) -> list[Path]:
    return _one("sweep.toml", SWEEP)(folder) + _one("s.toml", SCENARIO)(folder)


def _sweep_lived(folder: Path) -> int:
    """What ``check`` finds nothing wrong with, must run: two hours of its last point, with a ledger of it all."""
    if status := main(["check", str(folder / "sweep.toml")]):
        return status
    wanted = load_sweep(folder / "sweep.toml")
    if wanted.runs <= 200:
        sweep(wanted, folder / "runs.sqlite", society=FakeSociety, anyway=True)
        main(["sweep", "status", str(folder / "runs.sqlite")])
    label, foe = list(wanted.policies)[-1], wanted.attackers[-1]
    scenario = wanted.points[-1].scenario.with_changes({"hours": 2, "place.households": 20}, facing=())
    Society(scenario, wanted.policies[label], foe, seed=wanted.seeds[-1]).run()
    return 0


_ROADS = ("--water", NET3, "--districts", "3", "--roads")
KINDS: dict[str, Kind] = {
    "water": Kind(330, _one("w.inp", WATER), _lived("--water", "@w.inp")),
    "grid": Kind(240, _one("g.m", GRID), _lived("--water", NET3, "--grid", "@g.m", "--districts", "3")),
    "tntp": Kind(
        130,
        _tntp("net"),
        _lived(*_ROADS, "@ring_net.tntp", "--trips", "@ring_trips.tntp", "--road-nodes", "@ring_nodes.tntp"),
    ),
    "trips": Kind(70, _tntp("trips"), _lived(*_ROADS, "@ring_net.tntp", "--trips", "@ring_trips.tntp")),
    "nodes": Kind(50, _tntp("nodes"), _lived(*_ROADS, "@ring_net.tntp", "--road-nodes", "@ring_nodes.tntp")),
    "gmns": Kind(130, _gmns, _lived(*_ROADS, "@gmns"), spoilt=4),
    "districts": Kind(
        150, _one("d.csv", DISTRICTS), _lived("--water", NET3, "--districts-file", "@d.csv")
    ),
    "place": Kind(160, _place, lambda folder: _place_lived(folder)),
    "scenario": Kind(200, _one("s.toml", SCENARIO), lambda folder: _scenario_lived(folder)),
    "sweep": Kind(120, _sweep, lambda folder: _sweep_lived(folder)),
    "supply": Kind(
        80, _one("supply.toml", SUPPLY), _directly(lambda f: SupplyNetwork.from_toml(f / "supply.toml"))
    ),
    "weather": Kind(
        80, _one("weather.csv", WEATHER), _directly(lambda f: WeatherSeries.from_csv(f / "weather.csv"))
    ),
    "record": Kind(80, _record, lambda folder: main(["record", "verify", str(folder / "record.jsonl")])),
}  # fmt: skip

WORDS = (
    *("0", "-1", "1.5", "nan", "inf", "1e999", "99999999999999999999", "", " ", "x", "²", "none", "each", "all"),
    *("../..", "/dev/zero", "/dev/null", "/", "a\0b", "n" * 300, "東京", "[/]", "--seed", "-", "E-C2+", "+", "=", "true"),
    *("coercer:", ":random", "coercer:scripted", "E-C2+E-C2", "place.households=0", "hours=", "=3", "a.b.c=1"),
    *("place.households=1e3", "place.districts=99", "power.limit_frac=nan", "title=[/]", "start=9999-12-31"),
    *("start=0001-01-01", "mechanisms.leakage=1", "attacker.kind=none", "place.name=nowhere", "place.water=/dev/zero"),
    *("households.persons_frac=[0,0,0,0,0]", "hours=1000000000000", "compare.seeds=0", "policy.E-C2.x=1", "place=3"),
)  # fmt: skip
OPTIONS = {
    "run": ("--policy", "--attacker", "--seed", "--hours", "--set", "--set", "--set", "--out"),
    "compare": ("--policy", "--attacker", "--seeds", "--workers", "--hours", "--set", "--set", "--out"),
    "check": ("--show",),
    "place build": ("--water", "--place", "--grid", "--roads", "--trips", "--districts", "--districts-file", "--out"),
    "record verify": ("--head",),
    "list": ("--json",),
    "app": ("--port", "--host", "--workers"),
}  # fmt: skip


def options_of(random: Random, folder: Path) -> list[str]:
    """A command line with at least one word that is wrong, and little to compute where it is not."""
    command = random.choice(list(OPTIONS))
    scenario = folder / "s.toml"
    scenario.write_text("hours = 2\n[place]\nhouseholds = 20\n[compare]\npolicies = []\nseeds = 1\n")
    words = command.split()
    if command in ("run", "compare", "check"):
        words.append(str(scenario) if random.random() < 0.9 else random.choice(WORDS))
    if command in ("list", "record verify"):
        words.append(random.choice(WORDS))
    for _ in range(random.randrange(1, 4)):
        option = random.choice(OPTIONS[command])
        words += [option] if option in ("--show", "--json") else [option, random.choice(WORDS)]
    if command == "app":
        words += ["--port", random.choice(("0", "99999", "x"))]  # it would serve for ever
    if "--out" in words and words[words.index("--out") + 1 :][:1]:
        at = words.index("--out") + 1
        words[at] = str(folder / "out" / words[at].strip("/. ")) if "\0" not in words[at] else words[at]
    return words


def shown(words: list[str]) -> str:
    """A command line in short."""
    return json.dumps([word[:60] for word in words], ensure_ascii=False)
