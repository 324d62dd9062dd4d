"""A document of headings, paragraphs, tables and figures, written as Markdown and as one HTML file.

The text of every part is plain: whatever it contains is escaped, so that text from outside stays text. The
HTML asks for nothing from outside: its style and its figures are in the file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_STYLE = (
    "body{font-family:system-ui,'Noto Sans','Noto Sans CJK JP','Hiragino Sans',Meiryo,sans-serif;"
    "line-height:1.5;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}"
    "table{border-collapse:collapse;display:block;overflow-x:auto}"
    "th,td{padding:.3rem .6rem;border-bottom:1px solid #ccc;text-align:left;vertical-align:top}"
    "td.number,th.number{text-align:right;white-space:nowrap}"
    "figure{margin:1rem 0}svg{max-width:100%;height:auto}figcaption{color:#555}"
)


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the title."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True)
class Grid:
    """A table; *numbers* are the columns whose cells stand to the right."""

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A figure: its SVG for HTML, the name of its file for Markdown, and what it shows."""

    svg: str
    file: str
    caption: str


Part = Heading | Paragraph | Grid | Picture


def as_markdown(parts: Sequence[Part]) -> str:
    """The document as Markdown (GitHub's)."""
    return "\n\n".join(_markdown(part) for part in parts) + "\n"


def as_html(parts: Sequence[Part], language: str) -> str:
    """The document as one HTML file in a language (``en``, ``ja``)."""
    title = next((part.text for part in parts if isinstance(part, Heading)), "")
    body = "\n".join(_html(part) for part in parts)
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _plain(text: str) -> str:
    """Text in which Markdown finds no mark.

    >>> _plain("a | b <b> *c*")
    'a \\\\| b &lt;b&gt; \\\\*c\\\\*'
    """
    safe = escape(" ".join(text.split()), quote=False).replace("\\", "\\\\")
    for mark in "|*`[]":
        safe = safe.replace(mark, f"\\{mark}")
    return safe


def _markdown(part: Part) -> str:
    if isinstance(part, Heading):
        return f"{'#' * part.level} {_plain(part.text)}"
    if isinstance(part, Paragraph):
        return _plain(part.text)
    if isinstance(part, Picture):
        return f"![{_plain(part.caption)}]({part.file})\n\n{_plain(part.caption)}"
    rule = ["---:" if k in part.numbers else "---" for k in range(len(part.head))]
    lines = [
        [_plain(text) for text in part.head],
        rule,
        *([_plain(text) for text in row] for row in part.rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _html(part: Part) -> str:
    if isinstance(part, Heading):
        return f"<h{part.level}>{escape(part.text)}</h{part.level}>"
    if isinstance(part, Paragraph):
        return f"<p>{escape(part.text)}</p>"
    if isinstance(part, Picture):
        inline = part.svg[part.svg.find("<svg") :]
        return f"<figure>{inline}<figcaption>{escape(part.caption)}</figcaption></figure>"
    return (
        f"<table>{_line(part, part.head, 'th')}{''.join(_line(part, row, 'td') for row in part.rows)}</table>"
    )


def _line(grid: Grid, cells: Sequence[str], tag: str) -> str:
    said = (
        f"<{tag}{' class=number' if k in grid.numbers else ''}>{escape(cell)}</{tag}>"
        for k, cell in enumerate(cells)
    )
    return f"<tr>{''.join(said)}</tr>"
