"""What a visitor may take away: the kinds of files, their names, and how each is made."""

from collections.abc import Mapping
from typing import Any

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
    """The beginning of all files' names: scenario, policies, seed."""
    policies = "+".join(choice.policies[:4]) or "none"
    return f"{choice.scenario}_{policies}_{choice.seed}"


def file_of(
    kind: str,
    left: Recording,
    right: Recording,
    choice: Choice,
    spread: Mapping[str, Any] | None,
) -> tuple[str, str, bytes]:
    """Name, type and content of a file of one of ``KINDS``."""
    end = _ENDS[kind]
    text = _text(kind, left, right, choice, spread)
    # a mark at the front lets spreadsheets read Japanese
    mark = "\ufeff" if end.endswith(".csv") else ""
    return f"{stem_of(choice)}_{end}", _MIME[end.rpartition(".")[2]], (mark + text).encode()


def _text(
    kind: str, left: Recording, right: Recording, choice: Choice, spread: Mapping[str, Any] | None
) -> str:
    if kind == "series":
        return _both(downloads.series_csv(left), downloads.series_csv(right))
    if kind == "outcomes":
        return downloads.outcomes_csv(left, right, {"rows": spread or {}})
    if kind == "toml":
        return downloads.scenario_toml(Request.from_data(right.about["request"]))
    if kind == "geojson":
        return downloads.geojson(left, right)
    return charts.svg(left, right, choice.lang, caption(right, choice.lang))


def caption(recording: Recording, lang: str) -> str:
    """Scenario, policies, attacker and seed in one line."""
    about = recording.about
    title = about["title_ja" if lang == "ja" else "title"] or about["request"]["scenario"]
    policies = " + ".join(about["policies"]) or "–"
    return f"{title}: {policies}; {about['attacker']}; {words(lang)['seed']} {about['seed']}"


def _both(left: str, right: str) -> str:
    """Two tables with one head as one, told apart by their first column."""
    head, *first = left.splitlines()
    _, *second = right.splitlines()
    rows = [*(f"without,{row}" for row in first), *(f"with,{row}" for row in second)]
    return "\n".join([f"run,{head}", *rows]) + "\n"
