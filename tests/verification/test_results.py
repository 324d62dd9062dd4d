"""The tables of results: what README says is what the data say, and the data are what the model gives."""

import importlib.util
import json
from dataclasses import replace

import pytest

from agentsim.report.tables import HIGHER, LOWER, SAME, UNCLEAR


def _module():
    spec = importlib.util.spec_from_file_location("make_results", "docs/make_results.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


maker = _module()
DATA = json.loads(maker.DATA.read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", maker.READMES)
@pytest.mark.parametrize("question", maker.QUESTIONS, ids=lambda one: one.id)
def test_the_readme_says_what_the_data_say(language, question):
    text = maker.READMES[language].read_text(encoding="utf-8")
    assert maker.replaced(text, question.id, maker.table(DATA[question.id], language)) == text


def test_the_page_says_what_the_data_say():
    assert maker.PAGE.read_text(encoding="utf-8") == maker.page(DATA)


def test_the_two_sets_have_no_seed_in_common():
    first, second = map(set, maker.SETS)
    assert len(first) == len(second) == 30
    assert not first & second


@pytest.mark.parametrize(
    ("says", "word"),
    [
        ((LOWER, LOWER), LOWER),
        ((LOWER, HIGHER), maker.APART),
        ((LOWER, UNCLEAR), maker.APART),
        ((SAME, SAME), SAME),
    ],
)
def test_a_word_is_kept_only_where_both_sets_say_it(says, word):
    assert maker.common_word(says) == word


def test_marks_that_are_missing_are_told():
    with pytest.raises(ValueError, match="no marks for the table 'random-attacker'"):
        maker.replaced("no table here", "random-attacker", "")


@pytest.mark.slow
def test_the_model_still_gives_the_first_rows():
    question = replace(maker.QUESTIONS[0], policies=("X-C1", "X-C5"))
    (first, _), data = maker.SETS, DATA[question.id]
    got = maker.answers(question, (first,))
    kept = {row["policy"]: row["changes"][0] for row in data["rows"]}
    assert {row["policy"]: row["changes"][0] for row in got["rows"]} == {
        name: pytest.approx(kept[name]) for name in question.policies
    }
