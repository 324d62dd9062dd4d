"""Messages: slots, defaults and replacement as of a dataclass; mypy sees who changes one."""

from dataclasses import field, replace

import pytest

from agentsim.core.message import message


@message
class Report:
    load_mw: float
    notes: list[str] = field(default_factory=list)


def test_a_message_is_a_dataclass_with_slots() -> None:
    report = Report(load_mw=1.0)
    assert replace(report, load_mw=2.0) == Report(2.0, [])
    assert report.notes is not Report(1.0).notes
    with pytest.raises(AttributeError):
        report.laod_mw = 3.0  # type: ignore[attr-defined]
