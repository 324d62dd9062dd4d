"""``agentsim record verify``: checks that nobody has changed a public record."""

import argparse

from agentsim.cli.status import DONE
from agentsim.core.errors import InvalidScenario
from agentsim.core.text_files import UnreadableText
from agentsim.institutions.record_verification import Verification, verify


def record(options: argparse.Namespace) -> int:
    """Checks chain and content; with ``--head`` also that an older head is still in it."""
    try:
        found = verify(options.file, _head(options.head))
    except UnreadableText as error:
        raise InvalidScenario([f"{error.where(options.file)}: {error.rule}; {error.remedy}"]) from None
    except OSError as error:
        raise InvalidScenario([f"{options.file}: {error.strerror}; give a record.jsonl"]) from None
    if not found.sound:
        raise InvalidScenario([found.fault])
    print(f"{options.file}: whole in itself, {found.entries} entries, head {found.head}")
    print(_shown(found))
    return DONE


def _shown(found: Verification) -> str:
    """What the check shows, and what it cannot show."""
    if found.unchanged_lines is None:
        return (
            "This does not show that nobody changed it: whoever holds the file can write it\n"
            "anew, or leave out its end. Ask somebody independent for a head that they kept,\n"
            "and give it with --head."
        )
    return f"The head is in it: nobody has changed lines 1 to {found.unchanged_lines} since it was kept."


def _head(text: str | None) -> str | None:
    if text is None:
        return None
    head = text.strip().lower()
    if len(head) != 64 or set(head) - set("0123456789abcdef"):
        raise InvalidScenario([f"--head: {text!r} is no head; give the 64 hexadecimal digits that were kept"])
    return head
