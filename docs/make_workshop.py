"""Makes the workshop kit: writes the expected answers into docs/workshop, and PDFs into out/workshop.

``make workshop`` calls this. With ``--check`` nothing is written: it says which page is out of date.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import workshop_pdf
from workshop_answers import BLOCKS

import agentsim
from agentsim.report.archive import write_text

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "workshop"
PRINTED = ROOT / "out" / "workshop"
LANGUAGES = ("en", "ja")
DOCUMENTS = ("guide", "worksheet", "cards", "glossary")
CARD_HEIGHT = "118mm"  # two rows on a page


def filled(text: str, lang: str, blocks: dict[str, Callable[[str], str]] = BLOCKS) -> str:
    """A page with every block of expected answers made anew.

    Raises
    ------
    KeyError : the page asks for a block that does not exist
    """

    def block(found: re.Match[str]) -> str:
        name = found["name"]
        return f"<!-- numbers: {name} -->\n{blocks[name](lang)}\n<!-- end of {name} -->"

    pattern = r"<!-- numbers: (?P<name>[\w-]+) -->\n.*?<!-- end of (?P=name) -->"
    return re.sub(pattern, block, text, flags=re.DOTALL)


def page_file(document: str, lang: str) -> Path:
    """The Markdown file of a document in one language."""
    return PAGES / f"{document}.{lang}.md"


def out_of_date() -> list[str]:
    """Names of the pages whose numbers are no longer those of the recordings."""
    texts = {file: file.read_text(encoding="utf-8") for file in _files()}
    return [file.name for file, text in texts.items() if filled(text, _language(file)) != text]


def _files() -> list[Path]:
    return [page_file(document, lang) for lang in LANGUAGES for document in DOCUMENTS]


def _language(file: Path) -> str:
    return file.suffixes[0].removeprefix(".")


def printable(text: str, lang: str) -> str:
    """A page without the line that links to the other language, which is of no use on paper."""
    other = "日本語" if lang == "en" else "English"
    return re.sub(rf" ?\[{other}\]\([\w.]+\)", "", text)


def print_all(folder: Path) -> list[Path]:
    """Writes every page as PDF into a folder.

    Raises
    ------
    workshop_pdf.MissingPackages : what makes PDFs is not installed
    """
    made = []
    for file in _files():
        lang, document = _language(file), file.name.partition(".")[0]
        text = printable(file.read_text(encoding="utf-8"), lang)
        made.append(folder / f"{document}-{lang}.pdf")
        height = CARD_HEIGHT if document == "cards" else ""
        workshop_pdf.write_pdf(text, made[-1], lang, f"agentsim {agentsim.__version__}", height)
    return made


def main() -> None:
    """Writes the pages and the PDFs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say which pages are out of date")
    parser.add_argument("--out", type=Path, default=PRINTED, help="folder of the PDFs")
    options = parser.parse_args()
    if options.check:
        old = out_of_date()
        sys.exit(f"out of date: {', '.join(old)}; run make workshop" if old else 0)
    for file in _files():
        write_text(file, filled(file.read_text(encoding="utf-8"), _language(file)))
    for printed in print_all(options.out):
        print(os.path.relpath(printed))


if __name__ == "__main__":
    try:
        main()
    except workshop_pdf.MissingPackages as error:
        sys.exit(str(error))
