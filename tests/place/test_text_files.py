"""Every text file that people bring: byte-order marks, line ends, and bytes that are not UTF-8."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from roads_texts import write_gmns, write_tntp

from agentsim.core.errors import InvalidInput, InvalidScenario
from agentsim.core.text_files import UnreadableText, csv_rows, decoded
from agentsim.place.readers.csv_columns import read_table
from agentsim.place.readers.gmns import read_gmns
from agentsim.place.readers.inp import read_inp
from agentsim.place.readers.supply_file import read_supply
from agentsim.place.readers.tntp import read_tntp
from agentsim.place.spec import SHIPPED, read_spec
from agentsim.place.weather import WeatherSeries
from agentsim.scenario.file import load

WATER = """[JUNCTIONS]
A 10 30
B 12 40
[RESERVOIRS]
R 60
[PIPES]
1 R A 500 300 100
2 A B 400 200 100
[OPTIONS]
Units CMH
[COORDINATES]
R 0 0
A 500 0
B 900 0
[END]
"""
SUPPLY = """[[terminal]]
name = "Port"
good = "food"
supplier = "X"
capacity_t_per_d = 100
"""


def scenario(folder: Path) -> tuple[Path, Callable]:
    file = folder / "s.toml"
    file.write_text('title = "町の名"\nhours = 24\n', encoding="utf-8")
    return file, lambda: load(file).content()


def place(folder: Path) -> tuple[Path, Callable]:
    town = Path(shutil.copytree(SHIPPED / "river_town", folder / "town"))
    return town / "place.toml", lambda: read_spec(town).title_ja


def table(folder: Path) -> tuple[Path, Callable]:
    file = folder / "t.csv"
    file.write_text("bus,名\n1,2.5\n3,4.5\n", encoding="utf-8")
    return file, lambda: {name: values.tolist() for name, values in read_table(file).items()}


def gmns(folder: Path) -> tuple[Path, Callable]:
    roads = write_gmns(folder / "gmns")
    text = (roads / "node.csv").read_text(encoding="utf-8").splitlines()
    marked = [text[0] + ",name", *(line + ",駅前" for line in text[1:])]
    (roads / "node.csv").write_text("\n".join(marked) + "\n", encoding="utf-8")
    return roads / "node.csv", lambda: read_gmns(roads).zone_x_km.tolist()


def weather(folder: Path) -> tuple[Path, Callable]:
    file = folder / "w.csv"
    head = "temperature_degc,sun_frac,wind_frac,rain_mm,inflow_frac,駅\n"
    file.write_text(head + "20,0.5,0.2,0,1,東京\n21,0.5,0.2,0,1,東京\n", encoding="utf-8")
    return file, lambda: [WeatherSeries.from_csv(file).at(hour) for hour in range(2)]


def tntp(folder: Path) -> tuple[Path, Callable]:
    files = write_tntp(folder)
    text = files["net"].read_text(encoding="utf-8")
    files["net"].write_text(text.replace("\tlinks", "\t道路の表"), encoding="utf-8")
    return files["net"], lambda: read_tntp(files["net"], files["trips"]).link_free_time_h.tolist()


def water(folder: Path) -> tuple[Path, Callable]:
    file = folder / "w.inp"
    file.write_text(WATER.replace("A 10 30", "A 10 30 ;配水池"), encoding="utf-8")
    return file, lambda: read_inp(file).junction_id


READERS = [scenario, place, table, gmns, weather, tntp, water]
WAYS = {
    "utf-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "utf-16": lambda text: text.encode("utf-16"),
    "carriage returns": lambda text: text.replace("\n", "\r").encode(),
    "windows": lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
    "shift-jis": lambda text: text.encode("cp932"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("reader", READERS)
def test_the_same_text_saved_in_another_way_is_read_alike(tmp_path: Path, reader: Callable, way: str) -> None:
    file, read = reader(tmp_path)
    expected = read()
    file.write_bytes(WAYS[way](file.read_text(encoding="utf-8")))
    assert read() == expected


@pytest.mark.parametrize("reader", [scenario, place, table, gmns, weather])
def test_other_bytes_are_refused_with_file_line_and_remedy(tmp_path: Path, reader: Callable) -> None:
    file, read = reader(tmp_path)
    lines = file.read_bytes().split(b"\n")
    lines[1] += b" # M\xfcller" if file.suffix == ".toml" else b",M\xfcller"
    file.write_bytes(b"\n".join(lines))
    with pytest.raises(InvalidInput, match=r"is no text in UTF-8 \(byte \d+ of the file, 0xfc\)") as raised:
        read()
    assert f"{file}:2: " in str(raised.value)
    assert "save the file as UTF-8" in str(raised.value)


@pytest.mark.parametrize("reader", [tntp, water])
def test_comments_in_a_western_code_page_do_no_harm_where_data_are_numbers(
    tmp_path: Path, reader: Callable
) -> None:
    file, read = reader(tmp_path)
    expected = read()
    text = (
        file.read_text(encoding="utf-8")
        .replace("道路の表", "Stra\xdfen\x85")
        .replace("配水池", "H\xf6he\x85")
    )
    file.write_bytes(text.encode("latin-1"))
    assert read() == expected


def test_supply_is_read_in_other_encodings(tmp_path: Path) -> None:
    file = tmp_path / "supply.toml"
    messages = []
    for content in (SUPPLY.encode(), SUPPLY.encode("utf-8-sig"), SUPPLY.replace("\n", "\r").encode()):
        file.write_bytes(content)
        with pytest.raises(InvalidInput) as raised:  # the file has no depot: the same fault each time
            read_supply(file)
        messages.append(str(raised.value))
    assert len(set(messages)) == 1
    assert "cannot be read" not in messages[0]
    file.write_bytes(SUPPLY.replace("Port", "H\xe4fen").encode("latin-1"))
    with pytest.raises(InvalidInput, match=r"supply\.toml:2: is no text in UTF-8 .*; save the file as UTF-8"):
        read_supply(file)


def test_lines_of_a_scenario_are_counted_after_its_mark_and_in_any_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_bytes("\ufefftitle = 'a'\rhours = 'many'\r".encode())
    with pytest.raises(InvalidScenario, match=r"s\.toml:2: hours"):
        load(file)


@pytest.mark.parametrize("word", ["Qu\xe9bec", "M\xfcnchen", "\xc5ngstr\xf6m", "Krak\xf3w", "Espa\xf1a"])
def test_a_western_name_is_not_taken_for_japanese(word: str) -> None:
    with pytest.raises(UnreadableText, match="is no text in UTF-8"):
        decoded(word.encode("latin-1"))


@pytest.mark.parametrize("word", ["湾岸市", "ひがし区", "カタカナ", "東京都千代田区霞が関", "大阪 1丁目"])
def test_japanese_in_its_old_code_page_is_recognised(word: str) -> None:
    assert decoded(word.encode("cp932")) == word


def test_columns_may_be_parted_by_semicolons_and_rows_may_be_short() -> None:
    columns, rows = csv_rows(b"a;b\n1;2\n3\n;\n\n4;5;6\n")
    assert columns == ["a", "b"]
    assert rows == [(2, {"a": "1", "b": "2"}), (3, {"a": "3", "b": None}), (6, {"a": "4", "b": "5"})]
    assert csv_rows(b"") == ([], [])


@pytest.mark.parametrize("entry", ["nan", "inf", "-Infinity", "", "x"])
def test_an_entry_of_a_table_that_is_no_number_is_named_with_its_line(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(f"a,b\n1,2\n\n3,{entry}\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=rf"t\.csv:4: b = '{entry}' is no number"):
        read_table(file)
    file.write_text("a,b\n1,2\n,\n", encoding="utf-8")
    np.testing.assert_array_equal(read_table(file)["b"], [2.0])
