"""What a scenario may say of the years before its first hour: faults of values that are each fine."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Fault = tuple[tuple, str]


def contradictions(value: Callable[..., Any], given: Mapping[str, Any]) -> Iterable[Fault]:
    """Faults of the years before.

    *given* is the content of the file; *value* gives the value of a key, None where it is at fault already.
    """
    years, start, path = value("years_before"), value("start"), given.get("mineral_path")
    if years is None:
        return
    if start is not None and years > 0 and start.year - years - 1 < datetime.date.min.year:
        yield (
            ("years_before",),
            f"{years} years before {start} the calendar has no days; ask for fewer, or take a later start",
        )
    if not isinstance(path, Mapping):
        return
    listed, factors = (value("mineral_path", key) if key in path else () for key in ("year", "price_factor"))
    if listed is not None and factors is not None and (listed or factors):
        yield from _path_faults(list(listed), len(factors), years)
    embargo = value("mineral_path", "embargo_year")
    if embargo is not None and embargo > years:
        yield ("mineral_path", "embargo_year"), f"year {embargo} does not exist: {_lived(years)}"


def _path_faults(listed: list[int], factors: int, years: int) -> Iterable[Fault]:
    """Faults of a path: years that do not exist, gaps, and another number of prices than of years."""
    beyond = [year for year in listed if year > years]
    if beyond:
        yield ("mineral_path", "year"), f"year {beyond[0]} does not exist: {_lived(years)}"
    elif listed != list(range(1, years + 1)):
        missing = [year for year in range(1, years + 1) if year not in listed]
        said = f"year {missing[0]} is missing" if missing else "years are not in order, each once"
        yield ("mineral_path", "year"), f"{said}; list each of the years 1 to {years}, in order"
    if factors != len(listed):
        yield (
            ("mineral_path", "price_factor"),
            f"has {factors} entries for {len(listed)} years; give one for each year of mineral_path.year",
        )


def _lived(years: int) -> str:
    if not years:
        return "years_before = 0; set years_before, or leave the path out"
    return f"years_before = {years}; the years are 1 to {years}"
