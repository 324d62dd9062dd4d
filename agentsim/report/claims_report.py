"""The report on the paper's claims: verdicts, figure, reasons, and what flips them, in two languages."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentsim.experiments.claims.verdicts import NOT_YET
from agentsim.outcomes import OUTCOMES
from agentsim.policies.claims import CLAIMS, FIRST_SEEDS
from agentsim.policies.margins import MARGINS
from agentsim.report.document import Grid, Heading, Paragraph, Part, Picture
from agentsim.report.labels import against, capital
from agentsim.report.tables import number, signed
from agentsim.report.wording.claims import MEANINGS, VERDICTS, said
from agentsim.report.wording.names import ATTACKERS, LANGUAGES, in_language

if TYPE_CHECKING:
    import pandas as pd

FIGURE = "claims.svg"
Why = Mapping[str, Mapping[str, str]]  # claim -> language -> explanation that a person wrote


def claims_document(
    table: "pd.DataFrame", language: str, svg: str = "", why: Why | None = None, file: str = FIGURE
) -> list[Part]:
    """The parts of the report.

    Parameters
    ----------
    table : what :func:`agentsim.claims` returns
    language : ``en`` or ``ja``
    svg : the figure; empty: none
    why : explanations of verdicts, by claim and language
    file : the figure's, for Markdown
    """
    rows, parts = table.to_dict("records"), table.attrs["parts"]
    intro = "intro" if is_registered(rows, table.attrs["seeds"]) else "intro_own"
    found: list[Part] = [Heading(said("title", language), 1), Paragraph(said(intro, language))]
    found += [Paragraph(text) for text in _about(table, language)]
    found += [Heading(said("summary", language)), _summary(rows, language)]
    if svg and parts:
        found.append(Picture(svg, file, said("figure", language)))
    found += [Heading(said("meanings", language)), _meanings(rows, language)]
    found.append(Heading(said("details", language)))
    for row in rows:
        mine = [part for part in parts if part["id"] == row["id"] and part["scenario"] == row["scenario"]]
        found += _details(row, mine, language, why or {})
    return found


def is_registered(rows: Sequence[Mapping[Any, Any]], seeds: Sequence[Sequence[int]]) -> bool:
    """Whether all was judged in the registered scenarios, on registered seeds."""
    return all(one[0] == first for one, first in zip(seeds, FIRST_SEEDS, strict=False)) and all(
        Path(row["scenario"]).name == Path(CLAIMS[row["id"]].scenario).name for row in rows
    )


def _about(table: "pd.DataFrame", language: str) -> Iterable[str]:
    """How it was judged, and what is wrong with it."""
    about = table.attrs
    sets = [f"{one[0]}–{one[-1]}" if len(one) > 1 else f"{one[0]}" for one in about["seeds"]]
    yield said("seeds", language, said("list", language).join(sets))
    if len(sets) > 1:
        yield said("second", language)
    if tests := sum(part["set"] == 1 for part in about["parts"]):
        yield said("correction", language, tests)
    if about["contradictions"]:
        yield said("contradiction", language, said("list", language).join(about["contradictions"]))
    if about["interrupted"]:
        yield said("stopped", language)
    if about["failures"]:
        yield said("failures", language, len(about["failures"]))


def _summary(rows: Sequence[Mapping[Any, Any]], language: str) -> Grid:
    head = tuple(said(key, language) for key in ("claim", "statement", "outcome", "change", "verdict"))
    return Grid(head, [_line(row, language) for row in rows], numbers=(3,))


def _line(row: Mapping[Any, Any], language: str) -> tuple[str, ...]:
    verdict = in_language(VERDICTS[row["verdict"]], language)
    if row["verdict"] == NOT_YET:
        waits = said("waits_for", language, said("list", language).join(row["waits_for"]))
        verdict = f"{verdict}: {waits}" if row["waits_for"] else verdict
    elif row["waits_for"]:
        verdict += said("part_mark", language)
    return (row["id"], statement(row, language), outcome_name(row["outcome"], language), change(row), verdict)


def statement(row: Mapping[Any, Any], language: str) -> str:
    """What the paper says."""
    return row["statement_ja" if language == "ja" else "statement"]


def outcome_name(outcome: str, language: str) -> str:
    """The title of an outcome; its name where it is not measured yet."""
    found = OUTCOMES.get(outcome)
    return outcome if found is None else found.title_ja if language == "ja" else found.title


def change(row: Mapping[Any, Any]) -> str:
    """The change with its interval and unit; in percent of the mean without the measures where that helps."""
    if not math.isfinite(row["difference"]):
        return "–"
    base, unit = abs(row.get("base", math.nan)), row["unit"]
    if base > 0.0 and max(abs(row["low"]), abs(row["high"])) < 10.0 * base:
        numbers = [100.0 * row[name] / base for name in ("difference", "low", "high")]
        unit = "%"
    else:
        numbers = [row[name] for name in ("difference", "low", "high")]
    middle, low, high = map(signed, numbers)
    return f"{middle} [{low}, {high}]{'' if unit == '1' else ' ' + unit}"


def _meanings(rows: Sequence[Mapping[Any, Any]], language: str) -> Grid:
    used = {row["verdict"] for row in rows}
    lines = [
        (in_language(VERDICTS[one], language), in_language(text, language))
        for one, text in MEANINGS.items()
        if one in used
    ]
    return Grid((said("verdict", language), said("meaning", language)), lines)


# ---- one claim --------------------------------------------------------------------------------------------


def _details(
    row: Mapping[Any, Any], parts: Sequence[Mapping[str, Any]], language: str, why: Why
) -> Iterable[Part]:
    verdict = in_language(VERDICTS[row["verdict"]], language)
    yield Heading(f"{row['id']}: {statement(row, language)} — {verdict}", 3)
    yield Paragraph(_how(row, language))
    if parts:
        yield _parts(parts, language)
        for outcome in dict.fromkeys(part["outcome"] for part in parts):
            yield Paragraph(_margin(outcome, language))
    told = why.get(row["id"], {}).get(language, "")
    if told:
        yield Paragraph(said("why", language, told))
    if row["flips_when"]:
        for text in flips_texts(row["flips_when"], language):
            yield Paragraph(text)


def _how(row: Mapping[Any, Any], language: str) -> str:
    """By which measures, where and against whom; what is not there yet."""
    joined = said("list", language)
    waits = joined.join(row["waits_for"])
    if row["verdict"] == NOT_YET:
        return said("waits_for", language, waits) if waits else said("stopped", language)
    who = _against(row["attacker"], language)
    how = said("judged_by", language, joined.join(row["measures"]), Path(row["scenario"]).stem, who)
    return f"{how} {said('part_only', language, waits)}" if waits else how


def _against(attacker: str, language: str) -> str:
    """Who attacks, in words."""
    if language == "en":
        return against(attacker)
    kind = attacker.split(":")[0]
    return said("nobody", language) if kind == "none" else said("attacked", language, ATTACKERS[kind][1])


def _parts(parts: Sequence[Mapping[str, Any]], language: str) -> Grid:
    keys = ("set", "outcome", "claimed", "base", "change", "margin", "p", "n", "verdict")
    rows = [
        (
            str(part["set"]),
            _with_unit(part, language),
            said("falls" if part["claimed_sign"] < 0 else "rises", language),
            number(part["base"]),
            f"{signed(part['difference'])} [{signed(part['low'])}, {signed(part['high'])}]",
            number(part["margin"]),
            p_text(part["p_adjusted"]),
            str(part["n"]),
            in_language(VERDICTS[part["verdict"]], language),
        )
        for part in parts
    ]
    return Grid(tuple(said(key, language) for key in keys), rows, numbers=(3, 4, 5, 6, 7))


def _with_unit(part: Mapping[str, Any], language: str) -> str:
    name = outcome_name(part["outcome"], language)
    return name if part["unit"] == "1" else f"{name} [{part['unit']}]"


def p_text(p: float) -> str:
    """A p-value for people.

    >>> p_text(0.0123), p_text(0.00001), p_text(float("nan"))
    ('0.012', '< 0.001', '–')
    """
    if not math.isfinite(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.2g}" if p < 0.1 else f"{p:.2f}"


def _margin(outcome: str, language: str) -> str:
    """The margin of an outcome and its reason, in a sentence."""
    margin, found = MARGINS[outcome], OUTCOMES.get(outcome)
    unit = "" if found is None or found.unit == "1" else found.unit
    size = f"{number(100.0 * margin.size)} %" if margin.of_base else f"{number(margin.size)} {unit}".rstrip()
    reason = margin.reason_ja if language == "ja" else margin.reason
    return said("reason", language, outcome_name(outcome, language), size, reason)


def flips_texts(flips: Mapping[str, Any], language: str) -> list[str]:
    """What flips a claim, in sentences."""
    settings, flipped, count = flips["settings"], flips["flipped"], flips["numbers"]
    if not flipped:
        texts = [said("flips_none", language, settings, count)]
    else:
        texts = [said("flips", language, flipped, settings, count)]
    if 0 < flipped < settings:
        texts.append(_where(flips, language))
    if flips["failed"]:
        texts.append(said("flips_failed", language, flips["failed"]))
    names = [one["key"] for one in flips["influences"] if one["mu_star"] > 0.0][:5]
    if names:
        texts.append(said("matters", language, said("list", language).join(names)))
    return [capital(text) for text in texts]


def _where(flips: Mapping[str, Any], language: str) -> str:
    """The range of numbers in which the answer flips."""
    ranges = [
        said("between", language, one["key"], number(one["low"]), number(one["high"]))
        for one in flips["where"]
    ]
    if not ranges:
        return said("flips_spread", language)
    shares = [f"{100 * flips[key]:.0f}" for key in ("density", "coverage")]
    return said("flips_where", language, said("and", language).join(ranges), *shares)


def write_reports(folder: Path, table: "pd.DataFrame", why: Why | None = None) -> None:
    """Writes ``claims.md``, ``claims.html``, the same with ``.ja``, and the figure."""
    from agentsim.report.archive import write_text
    from agentsim.report.claims_figure import as_svg, claims_figure
    from agentsim.report.document import as_html, as_markdown

    svg = as_svg(claims_figure(table.attrs["parts"])) if table.attrs["parts"] else ""
    if svg:
        write_text(folder / FIGURE, svg)
    for language in LANGUAGES:
        document = claims_document(table, language, svg, why)
        mark = "" if language == "en" else f".{language}"
        write_text(folder / f"claims{mark}.md", as_markdown(document))
        write_text(folder / f"claims{mark}.html", as_html(document, language))
