"""The report on claims: what it says, in two languages, safe whatever text comes in."""

import html
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from rich.console import Console

from agentsim.core.errors import InvalidScenario
from agentsim.experiments.claims import claim_questions
from agentsim.experiments.claims.claims import claims
from agentsim.experiments.claims.claims_table import as_json, from_json
from agentsim.experiments.claims.verdicts import NOT_YET, VERDICTS
from agentsim.outcomes import OUTCOMES
from agentsim.policies.claims import CLAIMS, missing
from agentsim.report.claims_figure import as_svg, claims_figure
from agentsim.report.claims_listing import claims_blocks
from agentsim.report.claims_report import change, claims_document, flips_texts, is_registered, write_reports
from agentsim.report.claims_why import read_why
from agentsim.report.document import Grid, Heading, Paragraph, as_html, as_markdown
from agentsim.report.wording.claims import MEANINGS, TEXTS
from agentsim.report.wording.claims import VERDICTS as WORDS

FLIPS = {
    "holds_by_default": True,
    "numbers": 310,
    "settings": 1344,
    "flipped": 96,
    "failed": 2,
    "influences": [{"key": "supply.cover_days", "mu_star": 0.4, "sigma": 0.1}],
    "where": [{"key": "supply.cover_days", "low": 0.5, "high": 0.8}],
    "density": 0.91,
    "coverage": 0.75,
}


class Society:
    """Water becomes dearer with measures; nothing else is measured."""

    place = SimpleNamespace(persons_per_household=2.0)

    def __init__(self, scenario, policies=None, attacker=None, seed=1, executor=None):
        self.policies, self.seed = policies, seed

    def run(self, hours=None, progress=None):
        price = 200.0 + math.sin(self.seed) + 60.0 * bool(self.policies)
        values = {"water_price_jpy_per_m3": price, "water_unserved_m3": 0.0}
        self.outcomes = pd.Series(values)
        self.outcomes.attrs["units"] = {"water_price_jpy_per_m3": "JPY/m3", "water_unserved_m3": "m3"}


@pytest.fixture
def table(monkeypatch):
    """One claim reversed, one without any change, one whose outcome is not measured; all wait for W-S9."""
    monkeypatch.chdir(Path(__file__).parents[2])
    measured = {name: one for name, one in OUTCOMES.items() if name not in ("crashes", "casualties")}
    monkeypatch.setattr(claim_questions, "OUTCOMES", measured)
    monkeypatch.setattr(claim_questions, "missing", lambda *given: ("W-S9", *missing(*given)))
    found = claims(ids=["W-M1", "W-M2", "T-M2"], seeds=12, confirm=True, partly=True, society=Society)
    found.loc[found.id == "W-M2", "flips_when"] = pd.Series([FLIPS] * 3, dtype=object)
    return found


class Tags(HTMLParser):
    """Collects tags and addresses, and checks that tags close."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.addresses = [], set(), []

    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href", "xlink:href")]
        if tag not in ("meta", "path", "use", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def test_the_page_tells_verdict_change_measures_reason_and_what_flips_it(table):
    why = {"W-M2": {"en": "The plant is paid for by the tariff.", "ja": "設備の費用は料金に含まれる。"}}
    text = as_markdown(claims_document(table, "en", why=why))
    line = next(line for line in text.splitlines() if line.startswith("| W-M2 "))
    assert "| Water gets cheaper |" in line
    assert re.search(
        r"\| \+\d+ \\\[\+\d+, \+\d+\\\] % \| reversed \(by a part of the measures\) \|", line.replace(".", "")
    )
    assert "Why: The plant is paid for by the tariff." in text
    assert "judged yet: Waits for W-S9" in text
    assert "In 96 of 1344 settings of 310 assumed numbers the answer is another one." in text
    assert "Most often where supply.cover_days is from 0.500 to 0.800: 91 % of the settings there" in text
    assert "2 further settings could not be computed" in text
    assert "Seeds: 5001–5012, 6001–6012." in text


def test_the_japanese_page_has_no_english_sentence(table):
    text = as_markdown(claims_document(table, "ja"))
    for key, (english, japanese) in {**TEXTS, **WORDS, **MEANINGS}.items():
        assert english, key
        assert re.search(r"[ぁ-んァ-ヶ一-龠]|^[、,]$", japanese), key
    assert "逆の結果" in text
    assert "水道料金の低下" in text
    assert not re.search(r"\b(the|of|is|and|by|with)\b", text)


def test_the_html_is_whole_and_asks_for_nothing_from_outside(table):
    svg = as_svg(claims_figure(table.attrs["parts"]))
    for language in ("en", "ja"):
        page = as_html(claims_document(table, language, svg), language)
        tags = Tags()
        tags.feed(page)
        assert tags.open == []
        assert {"svg", "table", "figure"} <= tags.seen
        assert not {"script", "link", "img", "iframe"} & tags.seen
        assert all(address.startswith("#") for address in tags.addresses)
        assert f'lang="{language}"' in page
    assert as_svg(claims_figure(table.attrs["parts"])) == svg


def test_text_from_outside_stays_text(table):
    evil = "<script>alert(1)</script> | [x](javascript:y) `c`"
    document = claims_document(table, "en", why={"W-M2": {"en": evil}})
    page, text = as_html(document, "en"), as_markdown(document)
    assert "<script" not in page
    assert html.escape(evil) in page
    assert "<script" not in text
    assert r"\| \[x\](javascript:y) \`c\`" in text


def test_seeds_and_scenarios_of_ones_own_are_not_called_registered():
    rows = [{"id": "W-M1", "scenario": "/somewhere/scenarios/drought.toml"}]
    assert is_registered(rows, [range(5001, 5031), range(6001, 6031)])
    assert not is_registered(rows, [range(1, 5)])
    assert not is_registered([{"id": "W-M1", "scenario": "my_city.toml"}], [range(5001, 5031)])


def test_a_document_is_markdown_and_html():
    parts = [Heading("T", 1), Paragraph("a < b"), Grid(("k", "n"), [("x|y", "1")], numbers=(1,))]
    assert as_markdown(parts) == "# T\n\na &lt; b\n\n| k | n |\n| --- | ---: |\n| x\\|y | 1 |\n"
    assert "<td class=number>1</td>" in as_html(parts, "en")


def test_changes_are_in_percent_where_there_is_something_to_begin_with():
    row = {"base": 200.0, "difference": 60.0, "low": 50.0, "high": 70.0, "unit": "JPY/m3"}
    assert change(row) == "+30 [+25, +35] %"
    assert change(row | {"base": 0.0}) == "+60 [+50, +70] JPY/m3"
    assert change(row | {"difference": math.nan}) == "–"


def test_what_flips_nothing_and_what_flips_nowhere_in_particular_is_said():
    none = flips_texts(FLIPS | {"flipped": 0, "where": []}, "en")[0]
    assert (
        none == "Among 1344 settings of 310 assumed numbers none gave another answer than the default ones."
    )
    assert "1344通り" in flips_texts(FLIPS | {"flipped": 0}, "ja")[0]
    assert "no range" in " ".join(flips_texts(FLIPS | {"where": []}, "en"))
    assert "range" not in " ".join(flips_texts(FLIPS | {"where": [], "flipped": 1344}, "en"))


def test_the_terminal_shows_each_claim_within_80_columns(table):
    out = Console(width=80, record=True, highlight=False, file=open("/dev/null", "w"))  # noqa: SIM115
    for block in claims_blocks(table, 80):
        out.print(block)
    text = out.export_text()
    assert max(map(len, text.splitlines())) <= 80
    assert "reversed*" in text
    assert "T-M2: waiting for W-S9" in text
    assert "2 changes are judged together" in text


def test_reports_are_files_and_the_data_give_the_same_pages_again(table, tmp_path):
    write_reports(tmp_path, table)
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {"claims.md", "claims.ja.md", "claims.html", "claims.ja.html", "claims.svg"}
    again = from_json(as_json(table))
    assert as_markdown(claims_document(again, "en", "<svg/>")) == (tmp_path / "claims.md").read_text()
    assert set(VERDICTS) == set(WORDS) == set(MEANINGS)
    assert (table.verdict == NOT_YET).sum() == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[W-M9]\nen = "x"\n', "why.toml:1: claim 'W-M9' is unknown"),
        (
            '[W-M1]\nen = "x"\n[W-M2]\nfr = "y"\n',
            "why.toml:3: [W-M2] holds texts only, under the keys en and ja",
        ),
        ("[W-M1\n", "why.toml:1"),
    ],
)
def test_a_wrong_file_of_explanations_is_refused(tmp_path, text, message):
    file = tmp_path / "why.toml"
    file.write_text(text)
    with pytest.raises(InvalidScenario) as found:
        read_why(file)
    assert message in str(found.value)
    assert list(CLAIMS)
