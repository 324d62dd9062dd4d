"""Reads a table of districts: names, places, numbers of households and incomes."""

import math
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from statistics import NormalDist

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.text_files import UnreadableText, csv_rows, file_bytes
from agentsim.place.layout.incomes import sigma_of_gini
from agentsim.place.parameters import PlaceParameters

DECILES = tuple(f"decile_{k}" for k in range(1, 11))
WHERE = ("x", "junctions", "zones")  # ways to say where a district lies
PIPE_AGE, OLDEST_Y = "pipe_age_y", 200.0
COLUMNS = (
    *("name", "name_ja", "x", "y", "junctions", "zones", "households", "median_income_jpy_per_month"),
    PIPE_AGE,
)
# Names that tables give to a row of sums, without blanks.
_WESTERN_TOTALS = ("total", "totals", "grandtotal", "citytotal", "subtotal", "sum")
TOTALS = (*_WESTERN_TOTALS, "合計", "総計", "総数", "小計", "計")
MOST = 1e12  # no coordinate, income or number of households is larger
Row = tuple[int, dict[str, str]]


@dataclass(frozen=True)
class DistrictTable:
    """The rows of a district table, in its order."""

    path: Path
    line: tuple[int, ...]
    name: tuple[str, ...]
    name_ja: tuple[str, ...]
    where: str  # one of WHERE
    x: np.ndarray  # (districts,) map units of the water file; 0 where junctions or zones are named
    y: np.ndarray
    members: tuple[tuple[str, ...], ...]  # ids of junctions, or numbers of zones of the road file from 1
    households: np.ndarray | None
    decile_frac: np.ndarray | None  # (districts, 10) share of households in each income decile
    median_income_jpy: np.ndarray | None  # (districts,) a month; None where the table has none
    pipe_age_y: np.ndarray | None  # (districts,) mean age of the water mains; None where the table has none

    def __len__(self) -> int:
        return len(self.name)

    def fault(self, row: int, rule: str, remedy: str) -> UnbuildablePlace:
        return UnbuildablePlace(f"{self.path}:{self.line[row]}", rule, remedy)

    def of_places(self, x: np.ndarray, y: np.ndarray, ids: tuple[str, ...], what: str) -> np.ndarray:
        """District of each junction or zone: the one that names it, else the nearest one, array (places,).

        Raises
        ------
        UnbuildablePlace : an id that is unknown or named twice, a district that gets nothing
        """
        if self.where == "x":
            district = _nearest(x, y, self.x, self.y)
        else:
            district = self._named(ids, what)
            named = district >= 0
            other = ~named
            if other.any():
                district[other] = district[named][_nearest(x[other], y[other], x[named], y[named])]
        for row in range(len(self)):
            if not (district == row).any():
                rule = f"district {self.name[row]!r} has no {what}"
                raise self.fault(row, rule, f"move it nearer to some {what}s, or leave it out")
        return district

    def _named(self, ids: tuple[str, ...], what: str) -> np.ndarray:
        number = {name: i for i, name in enumerate(ids)}
        district = np.full(len(ids), -1)
        for row, members in enumerate(self.members):
            for name in members:
                if name not in number:
                    near = get_close_matches(name, ids, 1)
                    remedy = f"did you mean {near[0]!r}?" if near else f"name a {what} of the file"
                    raise self.fault(row, f"there is no {what} {name!r}", remedy)
                if district[number[name]] >= 0:
                    other = self.name[district[number[name]]]
                    raise self.fault(row, f"{what} {name!r} is in {other!r} already", "name it once")
                district[number[name]] = row
        return district


def read_districts(path: str | Path, p: PlaceParameters) -> DistrictTable:
    """The districts of a csv file; commas, semicolons or tabs part its columns, capitals do not matter.

    Columns: ``name``, unique; where it lies: ``x`` and ``y`` in the water file's map units (everything
    nearest to the point belongs to it), or ``junctions``, or with a road file ``zones`` (ids parted by
    blanks; what no row names goes to the district of its nearest neighbour). Optional: ``name_ja``;
    ``households``, real ones; what they earn: ``median_income_jpy_per_month``, or the shares of households
    in each income decile of the country, ``decile_1`` to ``decile_10``; ``pipe_age_y``, the mean age of the
    water mains.

    Raises
    ------
    UnbuildablePlace : unknown, missing or contradictory columns, a name twice, a number out of its range
    """
    path = Path(path)
    columns, rows = _read(path)
    where = _place_columns(path, columns)
    names = [row["name"] for _, row in rows]
    for index, (line, _) in enumerate(rows):
        if not names[index]:
            raise UnbuildablePlace(f"{path}:{line}", "the name is empty", "name the district")
        if names[index] in names[:index]:
            raise UnbuildablePlace(f"{path}:{line}", f"{names[index]!r} is there twice", "rename one of them")
        if "".join(names[index].split()).casefold() in TOTALS:
            rule = f"the row '{names[index]}' is a sum of other rows, not a district"
            raise UnbuildablePlace(f"{path}:{line}", rule, "leave it out, or rename it if it is a district")
    point = where == "x"
    households = None
    if "households" in columns:
        households = np.array([_number(path, row, "households", 1.0, whole=True) for row in rows])
    return DistrictTable(
        path=path,
        line=tuple(line for line, _ in rows),
        name=tuple(names),
        name_ja=tuple(row.get("name_ja") or row["name"] for _, row in rows),
        where=where,
        x=np.array([_number(path, row, "x") if point else 0.0 for row in rows]),
        y=np.array([_number(path, row, "y") if point else 0.0 for row in rows]),
        members=tuple(() if point else tuple(row[where].replace(",", " ").split()) for _, row in rows),
        households=households,
        decile_frac=_incomes(path, columns, rows, p),
        median_income_jpy=_medians(path, columns, rows),
        pipe_age_y=_pipe_ages(path, columns, rows),
    )


def _read(path: Path) -> tuple[list[str], list[Row]]:
    try:
        columns, rows = csv_rows(file_bytes(path))
    except OSError as error:
        raise UnbuildablePlace(path, f"cannot be read: {error.strerror}", "name a csv file") from None
    except UnreadableText as error:
        raise UnbuildablePlace(error.where(path), error.rule, error.remedy) from None
    columns = [name.lower() for name in columns]
    if "name" not in columns:
        rule = f"column 'name' is missing; found: {', '.join(columns) or 'nothing'}"
        raise UnbuildablePlace(f"{path}:1", rule, "begin with a line of column names")
    _known(path, columns)
    if not rows:
        raise UnbuildablePlace(path, "0 districts", "give a row for each district below the column names")
    entries = [(line, dict(zip(columns, row.values(), strict=True))) for line, row in rows]
    for line, row in entries:
        if any(value is None for value in row.values()):
            raise UnbuildablePlace(f"{path}:{line}", f"the row has not {len(columns)} entries", "complete it")
    return columns, [
        (line, {key: (value or "").strip() for key, value in row.items()}) for line, row in entries
    ]


def _known(path: Path, columns: list[str]) -> None:
    """Every column is known and there once."""
    for index, name in enumerate(columns):
        if name not in COLUMNS + DECILES:
            near = get_close_matches(name, COLUMNS + DECILES, 1)
            remedy = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(COLUMNS)}, decile_1..10"
            raise UnbuildablePlace(f"{path}:1", f"column {name!r} is unknown", remedy)
        if name in columns[:index]:
            raise UnbuildablePlace(f"{path}:1", f"column {name!r} is there twice", "leave one out")


def _place_columns(path: Path, columns: list[str]) -> str:
    """Which columns say where a district lies."""
    given = [way for way in WHERE if way in columns]
    if len(given) != 1 or ("x" in columns) != ("y" in columns):
        found = ", ".join(name for name in ("x", "y", "junctions", "zones") if name in columns) or "nothing"
        raise UnbuildablePlace(
            f"{path}:1", f"{found} says where districts lie", "give x and y, or junctions, or zones"
        )
    return given[0]


def _number(path: Path, row: Row, name: str, least: float | None = None, whole: bool = False) -> float:
    line, values = row
    try:
        value = float(values[name])
    except ValueError:
        value = math.nan
    if not abs(value) <= MOST:
        remedy = "write a number" + (", with a point before its decimals" if "," in values[name] else "")
        raise UnbuildablePlace(f"{path}:{line}", f"{name} is {values[name]!r}", remedy)
    if least is not None and value < least:
        raise UnbuildablePlace(f"{path}:{line}", f"{name} is {value:g}", f"{least:g} is the least")
    if whole and value != round(value):
        raise UnbuildablePlace(f"{path}:{line}", f"{name} is {value:g}", "write a whole number")
    return value


def _incomes(path: Path, columns: list[str], rows: list[Row], p: PlaceParameters) -> np.ndarray | None:
    """Share of households by decile, array (districts, 10); None where the table has no incomes."""
    given = [name for name in DECILES if name in columns]
    median = "median_income_jpy_per_month"
    if given and (median in columns or len(given) < len(DECILES)):
        rule = f"{median} beside deciles" if median in columns else f"{len(given)} of ten deciles"
        raise UnbuildablePlace(f"{path}:1", rule, "give all of decile_1 to decile_10, or the median alone")
    if median in columns:
        return np.array([deciles_of_median(_number(path, row, median, 1.0), p) for row in rows])
    if not given:
        return None
    share = np.array([[_number(path, row, name, 0.0) for name in DECILES] for row in rows])
    for total, (line, _) in zip(share.sum(axis=1), rows, strict=True):
        if abs(total - 1.0) > 0.01:
            raise UnbuildablePlace(f"{path}:{line}", f"the deciles sum to {total:g}", "they are shares of 1")
    return share / share.sum(axis=1, keepdims=True)


def _medians(path: Path, columns: list[str], rows: list[Row]) -> np.ndarray | None:
    """Median income of each district [JPY a month], array (districts,); None where the table has none."""
    name = "median_income_jpy_per_month"
    return np.array([_number(path, row, name, 1.0) for row in rows]) if name in columns else None


def _pipe_ages(path: Path, columns: list[str], rows: list[Row]) -> np.ndarray | None:
    """Mean age of each district's water mains [y], array (districts,); None where the table has none."""
    if PIPE_AGE not in columns:
        return None
    age_y = np.array([_number(path, row, PIPE_AGE, 0.0) for row in rows])
    for (line, row), years in zip(rows, age_y.tolist(), strict=True):
        if years > OLDEST_Y:
            rule = f"{PIPE_AGE} is {row[PIPE_AGE]}; mains are at most {OLDEST_Y:g} years old"
            raise UnbuildablePlace(f"{path}:{line}", rule, "give the mean age in years, not a year of laying")
    return age_y


def deciles_of_median(median_jpy: float, p: PlaceParameters) -> np.ndarray:
    """Share of a district's households in each income decile of the country, array (10,).

    Both are lognormal with the spread of ``income_gini_within``, the district's shifted to its median: the
    share below the country's k-th decile is Phi(Phi^-1(k / 10) - ln(median / country's median) / sigma).

    >>> usual = PlaceParameters()
    >>> deciles_of_median(usual.median_income_jpy_per_month, usual).round(6).tolist()[:2]
    [0.1, 0.1]
    """
    normal = NormalDist()
    shift = math.log(median_jpy / p.median_income_jpy_per_month) / sigma_of_gini(p.income_gini_within)
    below = [0.0, *(normal.cdf(normal.inv_cdf(k / 10) - shift) for k in range(1, 10)), 1.0]
    return np.diff(below)


def _nearest(x: np.ndarray, y: np.ndarray, to_x: np.ndarray, to_y: np.ndarray) -> np.ndarray:
    squared = (x[:, None] - to_x[None, :]) ** 2 + (y[:, None] - to_y[None, :]) ** 2
    return np.argmin(squared, axis=1)
