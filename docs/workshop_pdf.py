"""Typesets Markdown as PDF for printing, in English and Japanese, with Typst and the IPAex Gothic font.

Both come as wheels (extra ``workshop``), so that nothing has to be installed on the machine itself. Beside
Markdown, two comments are understood: ``<!-- lines: 3 -->`` draws lines to write on, ``<!-- page -->`` begins
a new page.
"""

import importlib.util
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

FONT_PACKAGE, FONT = "matplotlib_fontja", "IPAexGothic"  # the package brings the font file and its licence
MISSING = (
    "the PDFs need more packages: install them with  pip install 'agentsim[workshop]'  (or run make workshop)"
)
WIDEST = 46  # characters of a cell that count for the width of its column
WIDEST_NUMBER = 24
NARROWEST, NARROWEST_BY_HAND = 5, 14
HAND_ROW = "8mm"  # height of a row that is filled in by hand
MOST_ROWS_TOGETHER = 11  # a longer table may be divided by the end of a page
STYLE = """
#set document(title: %(title)s, date: none)
#set page(paper: "a4", margin: (x: 20mm, y: 18mm), footer: context align(center, text(8pt, fill: luma(40%%),
  [%(footer)s   #counter(page).display("1 / 1", both: true)])))
#set text(font: %(fonts)s, size: %(size)s, lang: %(lang)s)
#set par(leading: 0.75em, spacing: 1.1em, justify: %(justify)s)
#set list(indent: 0.4em, spacing: 0.7em)
#set enum(indent: 0.4em, spacing: 0.7em)
#set table(stroke: 0.5pt + luma(60%%), inset: (x: 5pt, y: 5pt), fill: (_, y) => if y == 0 { luma(93%%) })
#show table: set text(0.92em)
#show table: set par(justify: false, leading: 0.6em)
#show strong: it => text(%(bold)s, it.body)
#show heading: it => block(above: 1.5em, below: 0.8em, sticky: true, text(%(bold)s, it.body))
#show heading.where(level: 1): set text(1.25em)
#show link: set text(fill: rgb("#1f4e79"))
"""
HAND = (
    "#block(above: 1.1em, below: 1.2em, stack(spacing: 7.5mm,"
    " ..range(%d).map(_ => line(length: 100%%, stroke: 0.5pt + luma(55%%)))))"
)
CARD = "box(width: 100%%, height: %s, stroke: 0.8pt, radius: 4pt, inset: 12pt, clip: false)[%s]"
# letters that the first font lacks are taken from the next
FONTS = {"en": f'("Libertinus Serif", "{FONT}")', "ja": f'("{FONT}",)'}
SIZES = {"en": "10.5pt", "ja": "10pt"}
# the font has one weight; bold Japanese is drawn with a thin outline
BOLD = {"en": 'weight: "bold"', "ja": "stroke: 0.022em"}


class MissingPackages(ImportError):
    """Typst or the font is not installed."""


def font_folder() -> Path:
    """The folder of the Japanese font.

    Raises
    ------
    MissingPackages : the package that brings it is not installed
    """
    found = importlib.util.find_spec(FONT_PACKAGE)  # without importing it: it would change matplotlib
    if found is None or not found.submodule_search_locations:
        raise MissingPackages(MISSING)
    return Path(found.submodule_search_locations[0]) / "fonts"


def write_pdf(markdown: str, file: Path, lang: str, footer: str, card_height: str = "") -> None:
    """Write a document as PDF.

    Parameters
    ----------
    footer : stands at the foot of every page, before its number
    card_height : if given, every section of the second level becomes a card of this height, two in a row

    Raises
    ------
    MissingPackages : Typst or the font is not installed
    """
    folder = font_folder()
    try:
        import typst
    except ImportError:
        raise MissingPackages(MISSING) from None
    source = typst_source(markdown, lang, footer, card_height)
    file.parent.mkdir(parents=True, exist_ok=True)
    typst.compile(
        source.encode(), output=str(file), format="pdf", font_paths=[str(folder)], ignore_system_fonts=True
    )


def typst_source(markdown: str, lang: str, footer: str, card_height: str = "") -> str:
    """Markdown as the source of a Typst document."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    title = next((tokens[k + 1].content for k, one in enumerate(tokens) if one.type == "heading_open"), "")
    style = STYLE % {
        "title": _string(title),
        "footer": f"#{_string(footer)};",
        "fonts": FONTS[lang],
        "size": SIZES[lang],
        "lang": _string(lang),
        "justify": "true" if lang == "ja" else "false",
        "bold": BOLD[lang],
    }
    if not card_height:
        return style + _blocks(tokens)
    before, cards = _sections(tokens)
    drawn = ", ".join(CARD % (card_height, _blocks(one)) for one in cards)
    return f"{style}{_blocks(before)}\n#grid(columns: (1fr, 1fr), gutter: 6mm, {drawn})\n"


def _sections(tokens: Sequence[Token]) -> tuple[list[Token], list[list[Token]]]:
    """What stands before the first heading of the second level, and each section that begins with one."""
    starts = [k for k, one in enumerate(tokens) if one.type == "heading_open" and one.tag == "h2"]
    ends = [*starts[1:], len(tokens)]
    return list(tokens[: starts[0]]), [list(tokens[a:b]) for a, b in zip(starts, ends, strict=True)]


def _blocks(tokens: Sequence[Token]) -> str:
    """Blocks of a document, one after another."""
    parts, k = [], 0
    while k < len(tokens):
        end = _end(tokens, k)
        parts.append(_block(tokens[k], tokens[k + 1 : end]))
        k = end + 1
    return "\n\n".join(filter(None, parts))


def _end(tokens: Sequence[Token], begin: int) -> int:
    """Index of the token that closes the block which this one opens; the same for one that stands alone."""
    if tokens[begin].nesting != 1:
        return begin
    level, k = tokens[begin].level, begin + 1
    while not (tokens[k].nesting == -1 and tokens[k].level == level):
        k += 1
    return k


def _block(head: Token, inside: Sequence[Token]) -> str:
    kind = head.type
    if kind == "heading_open":
        return f"#heading(level: {head.tag[1:]})[{_inline(inside[0])}]"
    if kind == "paragraph_open":
        return _inline(inside[0])
    if kind in ("bullet_list_open", "ordered_list_open"):
        return f"#{'list' if kind.startswith('bullet') else 'enum'}({_items(inside)})"
    if kind == "table_open":
        return _table(inside)
    if kind == "html_block":
        return _comment(head.content)
    raise ValueError(f"no rule to print {kind!r}")


def _comment(text: str) -> str:
    """Lines to write on, a new page, or nothing."""
    if found := re.search(r"<!-- lines: (\d+) -->", text):
        return HAND % int(found[1])
    return "#pagebreak()" if "<!-- page -->" in text else ""


def _items(tokens: Sequence[Token]) -> str:
    items, k = [], 0
    while k < len(tokens):
        end = _end(tokens, k)
        items.append(f"[{_blocks(tokens[k + 1 : end])}]")
        k = end + 1
    return ", ".join(items)


def _table(tokens: Sequence[Token]) -> str:
    """A table; columns are as wide as their texts need, columns of numbers stand to the right."""
    rows: list[list[Token]] = []
    align: list[str] = []
    for k, one in enumerate(tokens):
        if one.type == "tr_open":
            rows.append([])
        elif one.type in ("th_open", "td_open"):
            rows[-1].append(tokens[k + 1])
            if one.type == "th_open":
                align.append("right" if "right" in str(one.attrs.get("style", "")) else "left")
    by_hand = _by_hand(rows)
    columns = ", ".join(
        _column([row[k].content for row in rows], align[k], by_hand) for k in range(len(align))
    )
    cells = [", ".join(f"[{_inline(cell)}]" for cell in row) for row in rows]
    rest = "".join(f",\n  {row}" for row in cells[1:])
    tall = f", rows: (auto, {', '.join([HAND_ROW] * (len(rows) - 1))})" if by_hand else ""
    drawn = (
        f"table(columns: ({columns}){tall}, align: ({', '.join(align)},),\n  table.header({cells[0]}){rest})"
    )
    return f"#{drawn}" if len(rows) > MOST_ROWS_TOGETHER else f"#block(breakable: false, {drawn})"


def _by_hand(rows: Sequence[Sequence[Token]]) -> bool:
    """True if most cells are empty, to be filled in by hand."""
    below = [cell.content for row in rows[1:] for cell in row]
    return sum(not text for text in below) > len(below) / 2


def _column(texts: Sequence[str], align: str, by_hand: bool) -> str:
    """The width of a column: as its numbers need, or a part of the line by the length of its texts."""
    longest = min(WIDEST, max(width(text) for text in texts))
    if align == "right" and longest <= WIDEST_NUMBER and not by_hand:
        return "auto"
    return f"{max(NARROWEST_BY_HAND if by_hand else NARROWEST, longest)}fr"


def width(text: str) -> int:
    """Columns that a text takes: 2 for a Japanese letter, 1 for a Latin one.

    >>> width("費用 JPY")
    8
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _inline(token: Token) -> str:
    """The text of a paragraph or cell."""
    return "".join(_pieces(token.children or ()))


def _pieces(children: Iterable[Token]) -> Iterable[str]:
    brackets = {"strong": "#strong[", "em": "#emph["}
    for one in children:
        name, _, part = one.type.partition("_")
        if one.type == "text":
            yield f"#{_string(one.content)};"
        elif one.type == "code_inline":
            yield f"#raw({_string(one.content)});"
        elif one.type == "softbreak":
            yield " "
        elif name in brackets:
            yield brackets[name] if part == "open" else "]"
        elif name == "link":  # of what is printed only the text is of use
            continue
        else:
            raise ValueError(f"no rule to print {one.type!r}")


def _string(text: str) -> str:
    """A text as a string of Typst."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    sys.exit("run: make workshop")
