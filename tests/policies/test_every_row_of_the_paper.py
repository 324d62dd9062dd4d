"""Every row of the policy paper lives: measures act on an outcome, merits and demerits are judged by one."""

from agentsim.core.mechanisms import Mechanisms
from agentsim.outcomes import OUTCOMES
from agentsim.policies import POLICIES
from agentsim.policies.claims import CLAIMS


def rows(field: str, kind: str, count: int) -> list[str]:
    return [f"{field}-{kind}{number}" for number in range(1, count + 1)]


SUPPLY = rows("E", "S", 4) + rows("W", "S", 3) + rows("T", "S", 3) + rows("R", "S", 4)
COUNTERMEASURES = (
    rows("E", "C", 3) + rows("W", "C", 3) + rows("T", "C", 2) + rows("R", "C", 2) + rows("X", "C", 5)
)
MERITS = [row for field in "EWTR" for row in rows(field, "M", 3)]
DEMERITS = [row for field in "EWTR" for row in rows(field, "D", 2)]


def test_the_paper_has_fourteen_measures_of_supply_and_fifteen_countermeasures() -> None:
    assert sorted(POLICIES) == sorted(SUPPLY + COUNTERMEASURES)


def test_each_measure_acts_through_switches_on_an_outcome() -> None:
    switches = Mechanisms.names()
    for row, entry in POLICIES.items():
        assert entry.carried_by, row
        assert set(entry.carried_by) <= set(switches), row
        assert entry.outcome in OUTCOMES, row


def test_each_merit_and_demerit_is_a_claim_about_outcomes() -> None:
    assert set(MERITS + DEMERITS) <= set(CLAIMS)
    for row in MERITS + DEMERITS:
        assert CLAIMS[row].outcomes, row
        assert {name for name, _ in CLAIMS[row].outcomes} <= set(OUTCOMES), row
