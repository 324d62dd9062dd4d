"""``agentsim record verify``: checks that nobody has changed a public record."""

import argparse

from agentsim.cli.status import DONE
from agentsim.core.errors import InvalidScenario
from agentsim.institutions.public_record import verify


def record(options: argparse.Namespace) -> int:
    """Checks the hash chain; with ``--head`` also that an older head is still in it."""
    try:
        found = verify(options.file, _head(options.head))
    except OSError as error:
        raise InvalidScenario([f"{options.file}: {error.strerror}; give a record.jsonl"]) from None
    if not found.sound:
        raise InvalidScenario([found.fault])
    print(f"{options.file}: sound, {found.entries} entries, head {found.head}")
    return DONE


def _head(text: str | None) -> str | None:
    if text is None:
        return None
    head = text.strip().lower()
    if len(head) != 64 or set(head) - set("0123456789abcdef"):
        raise InvalidScenario([f"--head: {text!r} is no head; give the 64 hexadecimal digits that were kept"])
    return head
