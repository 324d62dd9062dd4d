"""Files that a visitor may save: their kinds, names and content."""

from collections.abc import Mapping
from typing import Any

import agentsim
from agentsim.agents.attacker.bad_actor import parse_attacker
from agentsim.app.page import charts, downloads
from agentsim.app.page.link import Choice
from agentsim.app.page.start_page import COERCER
from agentsim.app.page.tab_rows import policy_text
from agentsim.app.page.words import words
from agentsim.app.replay.recording import Recording, Request
from agentsim.app.replay.scenario_list import scenario_named

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
    about = about_lines(right, choice.lang)
    if kind == "series":
        both = _both(downloads.series_csv(left), downloads.series_csv(right))
        return downloads.with_comments(both, about)
    if kind == "outcomes":
        return downloads.with_comments(downloads.outcomes_csv(left, right, {"rows": intervals or {}}), about)
    if kind == "toml":
        request = Request.from_data(right.about["request"])
        return downloads.with_comments(downloads.scenario_toml(request, right.about["plan"]), about)
    if kind == "geojson":
        return downloads.geojson(left, right, about)
    return charts.svg(left, right, choice.lang, about, choice.layer)


def about_lines(recording: Recording, lang: str) -> list[tuple[str, str]]:
    """What a file is of: program, scenario, policies, attacker, seed, hours, changed numbers, caution."""
    about, labels = recording.about, words(lang)
    request = about["request"]
    title = about["title_ja" if lang == "ja" else "title"] or request["scenario"]
    changed = labels["comma"].join(f"{key} = {_plain(value)}" for key, value in request["changes"])
    lines = [
        ("agentsim", agentsim.__version__),
        (labels["scenario"], f"{title} ({request['scenario']})"),
        (labels["policies"], policy_text(request["policies"], lang, labels["no_policy"])),
        (labels["attacker"], _attacker(request, lang)),
        *_persistence(request, labels),
        (labels["seed"], str(about["seed"])),
        (labels["hours"], str(about["hours"])),
        (labels["households"], str(request["households"])),
        *([(labels["about_changed"], changed)] if changed else []),
        (labels["about_caution"], labels["caution"]),
    ]
    return lines


def _plain(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _attacker(request: Mapping[str, Any], lang: str) -> str:
    """Kind, how it chooses, and a visitor's own plan action by action."""
    labels = words(lang)
    kind, mind = parse_attacker(request["attacker"])
    if kind == "none":
        return labels["kind_none"]
    plan = request["plan"]
    parts = [labels[f"kind_{kind}"], f"{labels['mind']}: {labels['mind_own' if plan else f'mind_{mind}']}"]
    if plan:
        parts += [f"{one['action']} {one['where']} {one['value']:g}" for one in plan["strikes"]]
        parts += [f"{labels['capture']}: {who} {effort:g}" for who, effort in plan["efforts"]]
        parts.append(labels["about_rhythm"].format(plan["on_days"], plan["rest_days"]))
    return labels["comma"].join(parts)


def _persistence(request: Mapping[str, Any], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """How long a coercer goes on, for the only kind to which a district may give in."""
    if parse_attacker(request["attacker"])[0] != COERCER:
        return []
    own = scenario_named(request["scenario"]).attacker.persistence
    name = dict(request["changes"]).get("attacker.persistence", own)
    return [(labels["persistence"], labels[f"persistence_{name}"])]


def _both(left: str, right: str) -> str:
    """Two tables as one, with the run in the first column."""
    head, *first = left.splitlines()
    _, *second = right.splitlines()
    rows = [*(f"without,{row}" for row in first), *(f"with,{row}" for row in second)]
    return "\n".join([f"run,{head}", *rows]) + "\n"
