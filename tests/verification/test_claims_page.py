"""docs/claims.md: the page says what the stored verdicts say, in both languages."""

import importlib.util
import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from agentsim.experiments.claims.claims import claims
from agentsim.experiments.claims.claims_table import as_json
from agentsim.policies.claims import CLAIMS
from agentsim.report.claims_why import read_why

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("make_claims", ROOT / "docs" / "make_claims.py")
maker = importlib.util.module_from_spec(spec)
sys.modules["make_claims"] = maker
spec.loader.exec_module(maker)


class Society:
    """Everything costs more with measures."""

    place = SimpleNamespace(persons_per_household=2.0)

    def __init__(self, scenario, policies=None, attacker=None, seed=1, executor=None):
        self.policies, self.seed = policies, seed

    def run(self, hours=None, progress=None):
        outcomes = {name for claim in CLAIMS.values() for name, _ in claim.outcomes}
        values = dict.fromkeys(sorted(outcomes), 100.0 + math.sin(self.seed) + 9.0 * bool(self.policies))
        self.outcomes = pd.Series(values)
        self.outcomes.attrs["units"] = dict.fromkeys(values, "1")


def test_pages_are_made_from_data_alone(monkeypatch):
    monkeypatch.chdir(ROOT)
    table = claims(seeds=6, confirm=True, partly=True, society=Society)
    content = json.loads(json.dumps(as_json(table), allow_nan=False))
    texts, svg = maker.pages(content)
    for claim in CLAIMS.values():
        assert f"### {claim.id}: {claim.statement} — " in texts["en"]
        assert f"### {claim.id}: {claim.statement_ja} — " in texts["ja"]
    assert "figures/claims.svg" in texts["en"]
    assert "<svg" in svg


def test_the_explanations_are_of_claims():
    assert set(read_why(maker.WHY)) <= set(CLAIMS)


@pytest.mark.skipif(not maker.DATA.exists(), reason="docs/claims.json is made by make claims")
def test_the_pages_say_what_the_data_say():
    content = json.loads(maker.DATA.read_text(encoding="utf-8"))
    texts, svg = maker.pages(content)
    assert maker.FIGURE.read_text(encoding="utf-8") == svg
    for language, file in maker.PAGES.items():
        assert file.read_text(encoding="utf-8") == texts[language]
    assert content["contradictions"] == []
