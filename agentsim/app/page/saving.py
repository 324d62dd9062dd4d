"""Files that a visitor may save: their kinds, names and content."""

from collections.abc import Mapping
from typing import Any

from agentsim.agents.attacker.bad_actor import parse_attacker
from agentsim.app.page import charts, downloads
from agentsim.app.page.link import Choice
from agentsim.app.page.words import words
from agentsim.app.replay.recording import Recording, Request

KINDS = ("series", "outcomes", "toml", "svg", "geojson")
_ENDS = {"series": "hours.csv", "outcomes": "outcomes.csv", "toml": "scenario.toml"} | {
    "svg": "charts.svg",
    "geojson": "districts.geojson",
}
_MIME = {"csv": "text/csv", "toml": "application/toml", "svg": "image/svg+xml"} | {
    "geojson": "application/geo+json"
}


def stem_of(choice: Choice) -> str:
    """The beginning of the names of all files: scenario, policies, seed."""
    policies = "+".join(choice.policies[:4]) or "none"
    return f"{choice.scenario}_{policies}_{choice.seed}"


def file_of(
    kind: str,
    left: Recording,
    right: Recording,
    choice: Choice,
    intervals: Mapping[str, Any] | None,
) -> tuple[str, str, bytes]:
    """Name, type and content of a file of one of ``KINDS``."""
    end = _ENDS[kind]
    text = _text(kind, left, right, choice, intervals)
    # a byte order mark lets spreadsheets read Japanese
    mark = "\ufeff" if end.endswith(".csv") else ""
    return f"{stem_of(choice)}_{end}", _MIME[end.rpartition(".")[2]], (mark + text).encode()


def _text(
    kind: str, left: Recording, right: Recording, choice: Choice, intervals: Mapping[str, Any] | None
) -> str:
    if kind == "series":
        return _both(downloads.series_csv(left), downloads.series_csv(right))
    if kind == "outcomes":
        return downloads.outcomes_csv(left, right, {"rows": intervals or {}})
    if kind == "toml":
        return downloads.scenario_toml(Request.from_data(right.about["request"]))
    if kind == "geojson":
        return downloads.geojson(left, right)
    policies = " + ".join(choice.policies) or "–"
    return charts.svg(left, right, choice.lang, f"{caption(right, choice.lang)}: {policies}")


def caption(recording: Recording, lang: str) -> str:
    """Scenario, attacker and seed in one line."""
    about, labels = recording.about, words(lang)
    title = about["title_ja" if lang == "ja" else "title"] or about["request"]["scenario"]
    kind, mind = parse_attacker(about["attacker"])
    mind = "own" if about["request"]["plan"] else mind
    parts = [
        title,
        labels[f"kind_{kind}"] if kind != "none" else f"{labels['attacker']}: {labels['kind_none']}",
    ]
    parts += [f"{labels['mind']}: {labels[f'mind_{mind}']}"] if mind and kind != "none" else []
    return " · ".join([*parts, f"{labels['seed']} {about['seed']}"])


def _both(left: str, right: str) -> str:
    """Two tables as one, with the run in the first column."""
    head, *first = left.splitlines()
    _, *second = right.splitlines()
    rows = [*(f"without,{row}" for row in first), *(f"with,{row}" for row in second)]
    return "\n".join([f"run,{head}", *rows]) + "\n"
