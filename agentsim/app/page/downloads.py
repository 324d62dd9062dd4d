"""Files of two runs for a visitor: tables, the scenario as it was set, and districts on a map.

Each file says what it is: *about* is lines of a name and a text (``saving.about_lines``).
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agentsim.agents.attacker.mind import Plan
from agentsim.app.page.tab_rows import difference_of
from agentsim.app.replay.derived_series import all_series
from agentsim.app.replay.recording import Recording, Request, plan_from_data
from agentsim.outcomes import OUTCOMES

About = Sequence[tuple[str, str]]
DEGREES_PER_KM = 1.0 / 111.32  # at the equator, where a degree is as long eastward as northward
DIGITS = 5  # of numbers in tables; series are kept to 1 part in 8,000


def series_csv(recording: Recording) -> str:
    """The city hour by hour: one row per hour, units in the column names."""
    series = all_series(recording)
    rows = zip(*(values.tolist() for values in series.values()), strict=True)
    return _csv(["hour", *series], ([hour, *map(_short, row)] for hour, row in enumerate(rows)))


def outcomes_csv(
    without: Recording, with_policies: Recording, replications: Mapping[str, Any] | None = None
) -> str:
    """Outcomes of both runs, their difference, and the paired difference over recorded replications."""
    rows = (replications or {}).get("rows", {})
    head = ["outcome", "title", "title_ja", "unit", "without_policies", "with_policies", "difference"]
    head += ["mean_difference", "low_95", "high_95", "replications"]
    table = []
    for name, value in with_policies.outcomes.items():
        known, usual, row = OUTCOMES.get(name), without.outcomes.get(name, float("nan")), rows.get(name, {})
        titles = (known.title, known.title_ja) if known else ("", "")
        unit = with_policies.about["units"].get(name, "")
        spread = [row.get(key) for key in ("difference", "low", "high", "n")]
        numbers = [_short(number) for number in (usual, value, difference_of(usual, value))]
        table.append([name, *titles, unit, *numbers, *("" if x is None else _short(x) for x in spread)])
    return _csv(head, table)


def with_comments(text: str, about: About) -> str:
    """A text after lines that begin with ``#``, as ``pandas.read_csv(file, comment="#")`` skips them."""
    return "".join(f"# {key}: {value}\n" for key, value in about) + text


def scenario_toml(request: Request, carried_out: Mapping[str, Any] | None = None) -> str:
    """The scenario with everything that was chosen, as a file for ``agentsim run``.

    A visitor's own attack is written as a list of actions (mind ``scripted``), which gives the same run.

    Parameters
    ----------
    carried_out : the plan of the run, as its recording has it: without captures of principals that the
        policies have abolished; None: as the visitor made it
    """
    kind, _, mind = request.attacker.partition(":")
    changes: dict[str, Any] = {"policies.adopt": list(request.policies), "attacker.kind": kind}
    changes |= {"attacker.mind": mind} if mind else {}
    facing = request.attacker
    if request.plan is not None:
        plan = plan_from_data(dict(carried_out)) if carried_out else request.plan
        changes |= _script_of(plan)
        facing = f"{kind}:scripted"
    scenario = request.setting().for_seed(request.seed).with_changes(changes, facing=[facing])
    return f"# the run with these policies: agentsim run FILE --seed {request.seed}\n" + scenario.text()


def _script_of(plan: Plan) -> dict[str, Any]:
    return {
        "attacker.mind": "scripted",
        "attacker.strikes": [f"{one.action} {one.where} {one.value!r}" for one in plan.strikes],
        "attacker.efforts": [f"{who} {effort!r}" for who, effort in plan.efforts],
        "attacker.on_days": plan.on_days,
        "attacker.rest_days": plan.rest_days,
    }


def geojson(without: Recording, with_policies: Recording, about: About = ()) -> str:
    """Districts as polygons with what was not supplied in each, for a GIS (RFC 7946).

    The city is fictional: its lower left corner is placed at longitude 0, latitude 0, where a kilometre is
    equally many degrees in both directions.
    """
    city_map = with_policies.city_map
    scale = city_map["km_per_unit"] * DEGREES_PER_KM
    features = [
        {
            "type": "Feature",
            "properties": {
                "name": town["name"],
                "name_ja": town["name_ja"],
                "people": town["people"],
                "attacked": d == with_policies.about["target"],
                **_sums("without_policies", without, d),
                **_sums("with_policies", with_policies, d),
            },
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [[_ring(ring, city_map["height"], scale)] for ring in town["border"]],
            },
        }
        for d, town in enumerate(city_map["districts"])
    ]
    note = "sums over the run, units in the names; the city is fictional, so it is placed at 0, 0"
    collection = {"type": "FeatureCollection", "about": dict(about), "note": note, "features": features}
    return json.dumps(collection, ensure_ascii=False)


def _sums(side: str, recording: Recording, district: int) -> dict[str, float]:
    return {
        f"{side}_{name}": float(_short(float(table[:, district].astype(float).sum())))
        for name, table in recording.by_district.items()
    }


def _ring(points: Sequence[Sequence[float]], height: float, scale: float) -> list[list[float]]:
    """A closed ring, counter-clockwise as the standard wants it."""
    ring = [[round(x * scale, 6), round((height - y) * scale, 6)] for x, y in points]
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
    ring = ring if area > 0 else ring[::-1]
    return [*ring, ring[0]]


def _short(number: float) -> str:
    return f"{number:.{DIGITS}g}"


def _csv(head: list[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()
