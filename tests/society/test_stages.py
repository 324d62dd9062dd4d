"""The stages of an hour: the printed table says what each of them really reads and writes."""

import re
from dataclasses import fields

import pytest

from agentsim.society.society import Society
from agentsim.society.stages import STAGES, Draft, Stage

ALWAYS = {"number"}  # the hour's number may be read by every stage


class Watched:
    """A draft that notes which of its parts are read and written."""

    def __init__(self, draft: Draft) -> None:
        object.__setattr__(self, "draft", draft)
        object.__setattr__(self, "read", set())
        object.__setattr__(self, "written", set())

    def __getattr__(self, name: str):
        self.read.add(name)
        return getattr(self.draft, name)

    def __setattr__(self, name: str, value: object) -> None:
        self.written.add(name)
        setattr(self.draft, name, value)


def lived(society, hours: int) -> dict[str, tuple[set[str], set[str]]]:
    """What each stage read and wrote in so many hours."""
    found: dict[str, tuple[set[str], set[str]]] = {stage.name: (set(), set()) for stage in STAGES}
    for _ in range(hours):
        society.now = draft = Draft(society.hour)
        for stage in STAGES:
            watched = Watched(draft)
            stage.act(society, watched)
            read, written = found[stage.name]
            read |= watched.read
            written |= watched.written
        society.last = draft.finished
        society.hour += 1
    return found


@pytest.fixture(scope="module")
def found(hamlet) -> dict[str, tuple[set[str], set[str]]]:
    changes = {"attacker.first_hour": 3}
    return lived(hamlet(["all"], attacker="coercer:random", changes=changes), 26)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_stage_reads_and_writes_what_its_row_says(stage: Stage, found) -> None:
    read, written = found[stage.name]
    by_officers = {"outlook", "damage"} if stage.name == "decide" else set()  # read through the society
    assert written == set(stage.writes)
    assert read - ALWAYS - written <= set(stage.reads)
    assert set(stage.reads) - by_officers <= read


def test_every_part_of_the_hour_is_written_once_before_it_is_read() -> None:
    there: set[str] = set()
    for stage in STAGES:
        assert set(stage.reads) <= there, stage.name
        assert not set(stage.writes) & there, stage.name
        there |= set(stage.writes)
    assert there | ALWAYS == {part.name for part in fields(Draft)}


def test_a_stage_that_comes_too_early_fails(hamlet) -> None:
    society = hamlet()
    with pytest.raises(AttributeError):
        STAGES[-1].act(society, Draft(0))


def test_names_are_unique_and_each_stage_says_what_it_does() -> None:
    assert len({stage.name for stage in STAGES}) == len(STAGES)
    assert all(stage.says.endswith(".") for stage in STAGES)


def test_the_hour_reads_as_a_numbered_list_of_its_stages() -> None:
    listed = re.findall(r"[a-z_]+(?=[,; (])", Society.step.__doc__.split("1 nature", 1)[1].split("(", 1)[0])
    assert ["nature", *listed] == [stage.name for stage in STAGES]


def test_a_stage_can_be_added(hamlet) -> None:
    seen: list[int] = []
    mine = Stage("count", "tests", (), (), "Counts hours.", lambda society, now: seen.append(now.number))
    society = hamlet(stages=(*STAGES, mine))
    society.run(3)
    assert seen == [0, 1, 2]
