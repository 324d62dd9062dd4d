"""The workshop kit: its numbers are those of the recordings, the languages agree, the PDFs hold the text."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.fixture(scope="module")
def kit() -> ModuleType:
    """``docs/make_workshop.py``."""
    sys.path.insert(0, str(DOCS))
    try:
        import make_workshop
    finally:
        sys.path.remove(str(DOCS))
    return make_workshop


def pages(kit: ModuleType) -> list[tuple[str, str, str]]:
    return [
        (document, lang, kit.page_file(document, lang).read_text(encoding="utf-8"))
        for document in kit.DOCUMENTS
        for lang in kit.LANGUAGES
    ]


def test_the_expected_answers_are_those_of_the_recordings(kit):
    assert kit.out_of_date() == [], "run: make workshop"


def test_a_changed_number_is_noticed(kit):
    page = kit.page_file("guide", "en").read_text(encoding="utf-8")
    assert "1,015" in page
    assert kit.filled(page.replace("1,015", "1,016"), "en") == page


def test_a_sentence_that_the_recordings_do_not_bear_out_stops_the_making(kit):
    from workshop_answers import NoLongerTrue, check

    with pytest.raises(NoLongerTrue, match="water helps"):
        check(False, "water helps")


def shape(text: str) -> list[tuple[str, int]]:
    """Headings by level, tables by columns, lines to write on, and blocks of numbers, in order."""
    found = []
    for line in text.splitlines():
        if heading := re.match(r"(#+) ", line):
            found.append(("heading", len(heading[1])))
        elif re.fullmatch(r"\|( ---:? \|)+", line):
            found.append(("table", line.count("---")))
        elif "<!-- numbers" in line or "<!-- lines" in line:
            found.append((line, 0))
    return found


def test_both_languages_have_the_same_parts(kit):
    for document in kit.DOCUMENTS:
        english, japanese = (text for name, _, text in pages(kit) if name == document)
        assert shape(english) == shape(japanese), document


def test_every_block_of_answers_is_used(kit):
    used = {name for _, _, text in pages(kit) for name in re.findall(r"<!-- numbers: ([\w-]+) -->", text)}
    assert used == set(kit.BLOCKS)


def test_links_of_the_kit_lead_somewhere(kit):
    for document, lang, text in pages(kit):
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert (kit.PAGES / target).exists(), f"{document}.{lang}: {target}"


# what the guide tells a teacher to press or read
LABELS = ("projector", "tab_rank", "tab_why", "tab_attack", "game_start", "calm", "persistence", "no_change")
ROOM_LABELS = (
    *("room_new", "room_known", "room_predict", "room_defend", "room_attack"),
    *("lead_repeat", "lead_pins"),
)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_guide_names_buttons_as_the_page_does(kit, lang):
    from agentsim.app.page.room_words import ROOM_WORDS
    from agentsim.app.page.words import WORDS

    guide = kit.page_file("guide", lang).read_text(encoding="utf-8").lower()
    for key in (*LABELS, *ROOM_LABELS):
        label = {**WORDS, **ROOM_WORDS}[key][lang == "ja"]
        assert label.lower() in guide, key


@pytest.mark.parametrize(("lang", "said"), [("en", "Ten minutes before"), ("ja", "生活の不自由さ")])
def test_a_pdf_holds_its_text(kit, tmp_path, lang, said):
    pypdf = pytest.importorskip("pypdf")
    pytest.importorskip("typst")
    file = tmp_path / "guide.pdf"
    text = kit.page_file("guide", lang).read_text(encoding="utf-8")
    kit.workshop_pdf.write_pdf(kit.printable(text, lang), file, lang, "agentsim")
    read = pypdf.PdfReader(file)
    fonts = {
        font.get_object()["/BaseFont"] for page in read.pages for font in page["/Resources"]["/Font"].values()
    }
    assert lang == "en" or any("IPAexGothic" in name for name in fonts)
    printed = "".join(page.extract_text() for page in read.pages)
    assert said in printed
    assert "<!--" not in printed
    assert 4 <= len(read.pages) <= 8


def test_texts_with_signs_of_typst_are_printed_as_they_are(kit):
    source = kit.workshop_pdf.typst_source('# A\n\n#1 costs $5 "or" *more* [_](guide.en.md) \\\\', "en", "f")
    assert '#"#1 costs $5 \\"or\\" ";#emph[#"more";]' in source


def test_a_missing_font_is_said_with_what_to_install(kit, monkeypatch):
    monkeypatch.setattr(kit.workshop_pdf, "FONT_PACKAGE", "no_such_package")
    with pytest.raises(kit.workshop_pdf.MissingPackages, match=r"agentsim\[workshop\]"):
        kit.workshop_pdf.font_folder()
