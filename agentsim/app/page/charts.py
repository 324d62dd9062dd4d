"""The charts below the maps: their series and titles, and the same charts as an SVG file."""

import textwrap
from collections.abc import Sequence
from html import escape

import numpy as np

from agentsim.app.page.tab_rows import unit
from agentsim.app.page.words import words
from agentsim.app.replay.derived_series import all_series
from agentsim.app.replay.recording import Recording
from agentsim.place.cases import GOODS

# series of the recordings by kind of attacker; of alternatives the first that exists
_USUAL = (("unserved_mw",), ("water_unserved_m3",), ("deprivation_target_h", "deprivation_mean_h"))
_BY_KIND = {"cartel": (("fuel_stock_t",), ("unserved_mw",), ("deprivation_mean_h",))}
_BY_LAYER = {
    "roads": (("delay_veh_h",), ("trips_lost",), ("transit_persons",)),
    "supply": (("fuel_stock_t",), ("minerals_stock_t",), ("food_stock_t",)),
}  # what a layer of the maps is about; with the others stands what an attacker of this kind does
UNITS = {
    "unserved_mw": "MW",
    "water_unserved_m3": "m³/h",
    "deprivation_target_h": "weighted h/h",
    "deprivation_mean_h": "weighted h/h",
    "delay_veh_h": "veh h/h",
    "trips_lost": "trips/h",
    "transit_persons": "persons/h",
    **{f"{good}_stock_t": "t" for good in GOODS},
}
BLUE, RED, INK, GRID = "#0072B2", "#D55E00", "#1b2733", "#e2e6ea"


def chosen(recordings: Sequence[Recording], kind: str, layer: str = "") -> list[str]:
    """The three series that are drawn for these runs with a layer of the maps."""
    wanted: Sequence[tuple[str, ...]] = _BY_LAYER.get(layer, ()) or _BY_KIND.get(kind, ()) or _USUAL
    there = [all_series(one) for one in recordings]
    return [
        next((name for name in names if all(name in one for one in there)), names[-1]) for names in wanted
    ]


def plots(recordings: Sequence[Recording], kind: str, lang: str) -> dict[str, list[dict[str, str]]]:
    """Name, title and unit of each chart, by the layer of the maps; those of all others under ``usual``."""
    labels = words(lang)
    return {
        layer or "usual": [
            {"name": name, "title": labels[f"chart_{name}"], "unit": unit(UNITS[name], lang)}
            for name in chosen(recordings, kind, layer)
        ]
        for layer in ("", *_BY_LAYER)
    }


def svg(
    left: Recording, right: Recording, lang: str, about: Sequence[tuple[str, str]], layer: str = ""
) -> str:
    """The charts of both runs as an SVG text: without dashed, with solid; below them what the file is of."""
    wide, tall, gap, top = 860, 150, 46, 50
    labels, names = words(lang), chosen((left, right), left.about["kind"], layer)
    both = [all_series(one) for one in (left, right)]
    body = [
        f'<path d="M60 24h30" stroke="{RED}" stroke-width="2" stroke-dasharray="6 3"/>'
        f'<text x="96" y="28">{escape(labels["without"])}</text>',
        f'<path d="M220 24h30" stroke="{BLUE}" stroke-width="2"/>'
        f'<text x="256" y="28">{escape(labels["with"])}</text>',
    ]
    for row, name in enumerate(names):
        head = f"{labels['chart_' + name]} [{unit(UNITS[name], lang)}]"
        body += _chart(
            (both[0][name], both[1][name]),
            head=head,
            top=top + row * (tall + gap),
            wide=wide,
            tall=tall,
            day=labels["day"],
        )
    foot = top + len(names) * (tall + gap) + 8
    told = _wrapped([f"{key}: {text}" for key, text in about], 60 if lang == "ja" else 120)
    body += [f'<text x="60" y="{foot + 18 * row}">{escape(line)}</text>' for row, line in enumerate(told)]
    described = escape("\n".join(f"{key}: {text}" for key, text in about))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide + 90} {foot + 18 * len(told)}" '
        f'font-family="sans-serif" font-size="14" fill="{INK}"><desc>{described}</desc>'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(body)}</svg>\n'
    )


def _wrapped(lines: Sequence[str], most: int) -> list[str]:
    """Lines of at most so many characters."""
    return [part for line in lines for part in textwrap.wrap(line, most) or [""]]


def _chart(
    lines: tuple[np.ndarray, np.ndarray], head: str, top: float, wide: float, tall: float, day: str
) -> list[str]:
    high = max(float(max(line.max(initial=0.0) for line in lines)), 1e-9)
    hours = max(len(lines[0]) - 1, 1)
    made = [f'<text x="60" y="{top + 12}" font-weight="600">{escape(head)}</text>']
    for frac in (0.0, 0.5, 1.0):
        y = top + 20 + tall * (1.0 - frac)
        made.append(f'<path d="M60 {y:.1f}h{wide}" stroke="{GRID}"/>')
        made.append(f'<text x="54" y="{y + 4:.1f}" text-anchor="end" font-size="13">{high * frac:.3g}</text>')
    step = max(24, 24 * round(hours / 24 / 8))
    for hour in range(0, hours + 1, step):
        made.append(
            f'<text x="{60 + wide * hour / hours:.1f}" y="{top + 36 + tall}" font-size="13" '
            f'text-anchor="middle">{escape(day.format(hour // 24 + 1))}</text>'
        )
    for line, colour, dash in zip(lines, (RED, BLUE), ("6 3", "none"), strict=True):
        points = " ".join(
            f"{60 + wide * hour / hours:.1f},{top + 20 + tall * (1.0 - float(value) / high):.1f}"
            for hour, value in enumerate(line)
        )
        made.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5" '
            f'stroke-dasharray="{dash}"/>'
        )
    return made
