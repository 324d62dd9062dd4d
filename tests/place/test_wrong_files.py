"""Files that no city can be built from: one message with file, line, rule and a way out, and nothing written."""
# ruff: noqa: E501 - messages stand on one line, as a user reads them

import re
import shutil
from pathlib import Path

import pytest
from roads_texts import write_gmns, write_tntp

from agentsim.cli.main import main
from agentsim.place.spec import SHIPPED

NET3 = SHIPPED / "bay_city" / "Net3.inp"
WATER = """[JUNCTIONS]
A 10 30
B 12 40
C 11 20
D 9 25
[RESERVOIRS]
R 60
[PIPES]
1 R A 500 300 100
2 A B 400 200 100
3 B C 300 200 100
4 C D 300 200 100
[OPTIONS]
Units CMH
[COORDINATES]
R 0 0
A 500 0
B 900 0
C 1200 0
D 1500 0
[END]
"""
GRID = """function mpc = tiny
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
	1	3	0	0	0	0	1	1	0	230	1	1.1	0.9;
	2	1	50	9	0	0	1	1	0	230	1	1.1	0.9;
	3	1	30	9	0	0	1	1	0	230	1	1.1	0.9;
];
mpc.gen = [
	1	0	0	9	-9	1	100	1	80	10;
	2	0	0	9	-9	1	100	1	60	0;
];
mpc.branch = [
	1	2	0.01	0.1	0	65	0	0	0	0	1	-30	30;
	2	3	0.01	0.2	0	65	0	0	0	0	1	-30	30;
];
mpc.gencost = [
	2	0	0	3	0.02	15	3;
	2	0	0	3	0.02	25	3;
];
"""
NONE = object()


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str], out: Path) -> str:
    status = main(["place", "build", *arguments, "--out", str(out)])
    shown = capsys.readouterr()
    assert status == 2
    assert shown.out == ""
    assert "Traceback" not in shown.err
    assert not out.exists()
    (message,) = shown.err.strip().splitlines()
    assert ";" in message  # the rule; what to do
    return message


def file_of(path: Path, content: object) -> Path:
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    return path


ODD = [
    (NONE, r"cannot be read|no such file"),
    ("", r"the file is empty"),
    (" \n\n", r"the file is empty"),
    (bytes(range(256)) * 20, r"is no text file"),
]


@pytest.mark.parametrize("option", ["--water", "--grid", "--roads"])
@pytest.mark.parametrize(("content", "expected"), ODD)
def test_what_is_no_such_file(tmp_path: Path, capsys, option: str, content: object, expected: str) -> None:
    file = file_of(tmp_path / "odd.xyz", content)
    arguments = [option, str(file)] + ([] if option == "--water" else ["--water", str(NET3)])
    message = refused(arguments, capsys, tmp_path / "out")
    assert message.startswith(f"{file}: ")
    assert re.search(expected, message)


@pytest.mark.parametrize("option", ["--water", "--grid", "--trips", "--districts-file"])
def test_a_folder_where_a_file_is_needed(tmp_path: Path, capsys, option: str) -> None:
    (tmp_path / "folder").mkdir()
    arguments = [option, str(tmp_path / "folder")] + ([] if option == "--water" else ["--water", str(NET3)])
    if option == "--trips":
        arguments += ["--roads", str(write_tntp(tmp_path)["net"])]
    assert "is a folder; name the file" in refused(arguments, capsys, tmp_path / "out")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[PIPES]", "[PIPS]", r"w\.inp:8: section \[PIPS\] is unknown; did you mean \[PIPES\]\?"),
        (WATER, "hello world\n", r"w\.inp: has no \[SECTION\]; name an EPANET"),
        ("A 10 30\nB 12 40\nC 11 20\nD 9 25\n", "", r"w\.inp: no \[JUNCTIONS\]; give an EPANET network"),
        ("R 60\n", "", r"w\.inp:8: node 'R' is unknown"),
        ("[RESERVOIRS]\nR 60\n", "[TANKS]\nR 60 2 1 4 10 0\n", r"w\.inp: no \[RESERVOIRS\]; give the network a source"),
        ("2 A B 400", "2 A BB 400", r"w\.inp:10: node 'BB' is unknown; did you mean 'B'\?"),
        ("2 A B 400 200 100", "2 A", r"w\.inp:10: a link needs two nodes; correct the line"),
        ("B 12 40", "A 12 40", r"w\.inp:3: the id 'A' stands in line 2 already; give every node its own id"),
        ("R 60", "A 60", r"w\.inp:7: the id 'A' stands in line 2 already"),
        ("2 A B", "1 A B", r"w\.inp:10: the id '1' stands in line 9 already; give every link its own id"),
        ("A 10 30", "A ten 30", r"w\.inp:2: 'ten' is no number; correct the line"),
        ("A 10 30", "A 10 nan", r"w\.inp:2: 'nan' is no number"),
        ("Units CMH", "Units CUPS", r"w\.inp: flow unit 'CUPS' is unknown; use one of CFS, GPM"),
        ("A 10 30", "A 10 30 P9", r"w\.inp:2: pattern 'P9' is unknown; add it to \[PATTERNS\]"),
        ("[OPTIONS]", "[DEMANDS]\nZ 3\n[OPTIONS]", r"w\.inp:14: junction 'Z' is unknown"),
        ("B 900 0", "B 900", r"w\.inp:18: a node needs x and y"),
        ("Units CMH", "Units CMH\nDemand Multiplier lots", r"w\.inp:15: 'lots' is no number"),
        ("A 10 30\nB 12 40\nC 11 20\nD 9 25", "A 10 0\nB 12 0\nC 11 0\nD 9 0", r"no junction draws water; give base demands"),
        ("A 10 30\nB 12 40\nC 11 20\nD 9 25", "A 10 .001\nB 12 0\nC 11 0\nD 9 0", r"less than one household's; check the flow unit"),
        ("4 C D 300 200 100", "4 C D -300 200 100", r"w\.inp:12: EPANET: .*-300"),
        ("3 B C 300 200 100", "", r"w\.inp: 2 junctions with customers are joined to no source, first 'C'; join them by pipes"),
    ],
)  # fmt: skip
def test_a_wrong_water_file(tmp_path: Path, capsys, old: str, new: str, expected: str) -> None:
    assert old in WATER
    file = file_of(tmp_path / "w.inp", WATER.replace(old, new, 1))
    assert re.search(expected, refused(["--water", str(file)], capsys, tmp_path / "out"))


def test_the_water_file_of_these_tests_is_right(tmp_path: Path, capsys) -> None:
    file = file_of(tmp_path / "w.inp", WATER)
    assert main(["place", "build", "--water", str(file)]) == 0
    assert "4 junctions (4 with customers)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("mpc.bus = [", "mpc.buses = [", r"g\.m:1: mpc\.bus is missing"),
        ("mpc.gen = [", "mpc.gens = [", r"g\.m:1: mpc\.gen is missing"),
        ("mpc.branch = [", "mpc.lines = [", r"g\.m:1: mpc\.branch is missing"),
        (GRID, "hello = 3;\n", r"g\.m:1: this file sets no mpc\.bus: it holds no case"),
        ("	1	3	0	0	0	0	1	1	0	230	1	1.1	0.9;", "	1	3	0;", r"g\.m:5: mpc\.bus needs 13 columns, this row has 3"),
        ("	100	1	80	10;", "	100	1;", r"g\.m:10: mpc\.gen needs 10 columns, this row has 8"),
        ("	0	0	0	0	1	-30	30;", "	0;", r"g\.m:14: mpc\.branch needs 11 columns"),
        ("	2	3	0.01	0.2	0	65	0	0	0	0	1	-30	30;\n", "", r"g\.m:7: bus 3 has a load, and no branch in service joins it to a unit; join it, or give it type 4"),
        ("	2	3	0.01	0.2	0	65	0	0	0	0	1	", "	2	3	0.01	0.2	0	65	0	0	0	0	0	", r"g\.m:7: bus 3 has a load"),
        ("	1	0	0	9	-9	1	100	1	80	10;\n	2	0	0	9	-9	1	100	1	60	0;\n", "", r"g\.m: no generation in service; give units"),
        ("	100	1	80	", "	100	0	80	", r"g\.m: units of 60 MW cannot carry a load of 80 MW"),
        ("	50	9	0", "	0	9	0", r"units|"),
        ("	2	1	50	", "	2	1	NaN	", r"g\.m:6: mpc\.bus: a number is NaN"),
        ("	100	1	80	10;", "	100	1	Inf	10;", r"g\.m:10: mpc\.gen: column 9 is infinite; write a finite number, for a unit its capacity"),
        ("	100	1	80	10;", "	100	1	80	90;", r"g\.m:10: a unit's least output Pmin \(90 MW\) is above its capacity Pmax \(80 MW\)"),
        ("	0.02	25	3;", "	0.02	NaN	3;", r"g\.m:19: mpc\.gencost: a number is NaN or infinite"),
        ("	1	2	0.01	0.1", "	1	9	0.01	0.1", r"g\.m:14: mpc\.branch names bus 9, which mpc\.bus does not have"),
        ("	2	0	0	3	0.02	25	3;\n", "", r"mpc\.gencost has fewer rows than mpc\.gen"),
    ],
)  # fmt: skip
def test_a_wrong_grid(tmp_path: Path, capsys, old: str, new: str, expected: str) -> None:
    if (old, new) == ("	50	9	0", "	0	9	0"):
        new_text = GRID.replace("	50	9", "	0	9").replace("	30	9	0", "	0	9	0")
        expected = r"g\.m: no bus has a load; give Pd"
    else:
        assert old in GRID
        new_text = GRID.replace(old, new, 1)
    water, file = file_of(tmp_path / "w.inp", WATER), file_of(tmp_path / "g.m", new_text)
    message = refused(["--water", str(water), "--grid", str(file)], capsys, tmp_path / "out")
    assert re.search(expected, message)


def test_a_fuel_that_nobody_knows(tmp_path: Path, capsys) -> None:
    water = file_of(tmp_path / "w.inp", WATER)
    file = file_of(tmp_path / "g.m", GRID + "mpc.genfuel = {'coal'; 'peat'};\n")
    message = refused(["--water", str(water), "--grid", str(file)], capsys, tmp_path / "out")
    assert "fuel 'peat' is unknown; use one of oil, coal" in message


@pytest.mark.parametrize(
    ("role", "old", "new", "expected"),
    [
        ("net", "<NUMBER OF ZONES> 8\n", "", r"ring_net\.tntp: <NUMBER OF ZONES> is missing; add it"),
        ("net", "<END OF METADATA>", "", r"ring_net\.tntp:\d+: no <END OF METADATA> line"),
        ("net", "<NUMBER OF LINKS> 34", "<NUMBER OF LINKS> 33", r"<NUMBER OF LINKS> is 33 but 34 links follow; correct one"),
        ("net", "\t1\t2\t900", "\t1\t2\t-900", r"ring_net\.tntp:8: capacity must be above 0"),
        ("net", "\t1\t2\t900", "\t1\t99\t900", r"ring_net\.tntp:8: a node is not a whole number between 1 and 10"),
        ("net", "\t1\t2\t900\t2", "\t1\t2\t900\tfar", r"ring_net\.tntp:8: not a link"),
        ("trips", "<NUMBER OF ZONES> 8", "<NUMBER OF ZONES> 7", r"ring_trips\.tntp:1: 7 zones, but the network has 8"),
        ("trips", "2 : 60.0;", "2 : -5;", r"ring_trips\.tntp:5: not a trip entry: '2 : -5'"),
        ("trips", "2 : 60.0;", "22 : 5;", r"ring_trips\.tntp:5: '22' is not a zone"),
        ("nodes", "3\t", "33\t", r"ring_nodes\.tntp:4: 33 is no node of the network; nodes are 1 to 10"),
        ("nodes", "3\t", "3 east ", r"ring_nodes\.tntp:4: not a node"),
    ],
)  # fmt: skip
def test_wrong_tntp_roads(tmp_path: Path, capsys, role: str, old: str, new: str, expected: str) -> None:
    files = write_tntp(tmp_path)
    text = files[role].read_text()
    assert old in text
    start = text.index("\n3\t") + 1 if old == "3\t" else 0
    files[role].write_text(text[:start] + text[start:].replace(old, new, 1))
    arguments = ["--water", str(NET3), "--roads", str(files["net"]), "--trips", str(files["trips"])]
    message = refused([*arguments, "--road-nodes", str(files["nodes"])], capsys, tmp_path / "out")
    assert re.search(expected, message)


def test_roads_that_do_not_reach_a_zone(tmp_path: Path, capsys) -> None:
    files = write_tntp(tmp_path)
    lines = files["net"].read_text().splitlines()
    kept = [line for line in lines if not (line.startswith("\t") and "5" in line.split()[:2])]
    text = "\n".join(kept).replace("<NUMBER OF LINKS> 34", f"<NUMBER OF LINKS> {34 - len(lines) + len(kept)}")
    files["net"].write_text(text)
    message = refused(["--water", str(NET3), "--roads", str(files["net"])], capsys, tmp_path / "out")
    assert "no way leads from zone 1 to zone 5; join them by links" in message


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("node.csv", "node_id,", "id,", r"node\.csv:1: column 'node_id' is missing; found: id, x_coord"),
        ("node.csv", ",zone_id", ",zone", r"node\.csv:1: column 'zone_id' is missing"),
        ("link.csv", ",capacity", ",cap", r"link\.csv:1: column 'capacity' is missing; found: link_id"),
        ("link.csv", "1,1,2,", "1,1,77,", r"link\.csv:2: to_node_id '77' is not in node\.csv"),
        ("link.csv", ",450,2", ",-450,2", r"link\.csv:2: speed, capacity, lanes must be above 0"),
        ("demand.csv", "volume", "trips", r"demand\.csv:1: column 'volume' is missing"),
        ("demand.csv", "1,2,60", "1,2,-60", r"demand\.csv:2: volume is -60"),
        ("config.csv", "mi,mph", "cubit,mph", r"the unit of long_length is 'cubit'; use one of"),
    ],
)  # fmt: skip
def test_a_wrong_gmns_folder(tmp_path: Path, capsys, file: str, old: str, new: str, expected: str) -> None:
    folder = write_gmns(tmp_path / "gmns")
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    message = refused(["--water", str(NET3), "--roads", str(folder)], capsys, tmp_path / "out")
    assert re.search(expected, message)


def test_a_gmns_folder_without_its_files(tmp_path: Path, capsys) -> None:
    folder = write_gmns(tmp_path / "gmns")
    (folder / "link.csv").unlink()
    message = refused(["--water", str(NET3), "--roads", str(folder)], capsys, tmp_path / "out")
    assert "link.csv: No such file or directory; a GMNS folder has node.csv, link.csv" in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", r"d\.csv:1: column 'name' is missing; found: nothing|column 'name' is missing"),
        ("nme,x,y\nA,1,2\n", r"d\.csv:1: column 'name' is missing; found: nme, x, y"),
        ("name,x,y,housholds\nA,10,28,5\n", r"d\.csv:1: column 'housholds' is unknown; did you mean 'households'\?"),
        ("name,x,x,y\nA,1,1,2\n", r"d\.csv:1: column 'x' is there twice"),
        ("name,x,y\n", r"d\.csv: 0 districts; give a row for each district"),
        ("name,households\nA,5\n", r"d\.csv:1: nothing says where districts lie; give x and y, or junctions, or zones"),
        ("name,x\nA,5\n", r"d\.csv:1: x says where districts lie; give x and y"),
        ("name,x,y,junctions\nA,5,6,15\n", r"d\.csv:1: x, y, junctions says where"),
        ("name,x,y\nA,10,28\nA,30,8\n", r"d\.csv:3: 'A' is there twice; rename one"),
        ("name,x,y\nA,10,28\n,30,8\n", r"d\.csv:3: the name is empty"),
        ("name,x,y\nA,10,east\n", r"d\.csv:2: y is 'east'; write a number"),
        ("name,x,y\nA,10\n", r"d\.csv:2: the row has not 3 entries; complete it"),
        ("name,x,y,households\nA,10,28,-40\n", r"d\.csv:2: households is -40; 1 is the least"),
        ("name,x,y,households\nA,10,28,40.5\n", r"d\.csv:2: households is 40\.5; write a whole number"),
        ("name,x,y\nA,10,28\nB,9000,9000\n", r"d\.csv:3: district 'B' has no junction; move it nearer"),
        ("name,junctions\nA,15\nB,\n", r"d\.csv:3: district 'B' has no junction"),
        ("name,junctions\nA,15\nB,15 35\n", r"d\.csv:3: junction '15' is in 'A' already; name it once"),
        ("name,junctions\nA,15\nB,3555\n", r"d\.csv:3: there is no junction '3555'; did you mean '35'\?|no junction '3555'"),
        ("name,zones\nA,1\nB,2\n", r"d\.csv:1: column 'zones' counts zones of a road file, and there is none"),
        ("name,x,y,median_income_jpy_per_month\nA,10,28,0\n", r"d\.csv:2: median_income_jpy_per_month is 0; 1 is the least"),
        ("name,x,y,decile_1\nA,10,28,1\n", r"d\.csv:1: 1 of ten deciles; give all"),
        ("name,x,y\n" + "".join(f"D{k},{k},{k}\n" for k in range(60)), r"d\.csv(:\d+)?: (60 districts, \d+ zones|district 'D\d+' has no junction)"),
    ],
)  # fmt: skip
def test_a_wrong_table_of_districts(tmp_path: Path, capsys, text: str, expected: str) -> None:
    file = file_of(tmp_path / "d.csv", text)
    message = refused(["--water", str(NET3), "--districts-file", str(file)], capsys, tmp_path / "out")
    assert re.search(expected, message)


def test_deciles_that_are_no_shares(tmp_path: Path, capsys) -> None:
    names = ",".join(f"decile_{k}" for k in range(1, 11))
    file = file_of(tmp_path / "d.csv", f"name,x,y,{names}\nA,10,28" + ",0.2" * 10 + "\n")
    message = refused(["--water", str(NET3), "--districts-file", str(file)], capsys, tmp_path / "out")
    assert "d.csv:2: the deciles sum to 2; they are shares of 1" in message


def test_more_districts_than_zones(tmp_path: Path, capsys) -> None:
    roads = write_tntp(tmp_path)
    text = "name,x,y\n" + "".join(f"D{k},{3 * k},{k}\n" for k in range(9))
    file = file_of(tmp_path / "d.csv", text)
    arguments = ["--water", str(NET3), "--roads", str(roads["net"]), "--districts-file", str(file)]
    message = refused(arguments, capsys, tmp_path / "out")
    assert "d.csv: 9 districts, 8 zones in the road file; ask for 1 district or more" in message


def test_a_number_that_the_table_does_not_hold(tmp_path: Path, capsys) -> None:
    file = file_of(tmp_path / "d.csv", "name,x,y\nA,10,28\nB,38,8\n")
    arguments = ["--water", str(NET3), "--districts-file", str(file), "--districts", "5"]
    assert "d.csv: 2 districts, but 5 are asked for" in refused(arguments, capsys, tmp_path / "out")


def test_a_place_file_with_contradictions(tmp_path: Path, capsys) -> None:
    folder = Path(shutil.copytree(SHIPPED / "river_town", tmp_path / "town"))
    file = folder / "place.toml"
    text = file.read_text(encoding="utf-8")
    for old, new, expected in (
        (
            'grid = "river_town.m"',
            'grid = "river_town.m"\nbuses = "b.csv"',
            "files.grid and files.buses both give",
        ),
        ('grid = "river_town.m"', 'buses = "b.csv"', r"\[files\] lines is missing; a grid in tables needs"),
        ('grid = "river_town.m"', 'trips = "t.tntp"', "files.trips without files.roads"),
        ("districts = 6", "districts = 6.5", "place.districts = 6.5; give a whole number"),
        ('unit_costs = "fuel"', 'unit_costs = "free"', "unit_costs 'free'; use 'file' or 'fuel'"),
        ('unit_costs = "fuel"', 'unit_starts = "never"', "unit_starts 'never' is unknown"),
        ('normals = "nagano_normals_1991_2020.csv"', 'normals = "n.csv"', r"n\.csv: no such file"),
    ):
        file.write_text(text.replace(old, new), encoding="utf-8")
        message = refused(["--place", str(folder)], capsys, tmp_path / "out")
        assert re.search(expected, message)
