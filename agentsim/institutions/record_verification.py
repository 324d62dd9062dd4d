"""Verification of a saved public record: its chain of hashes, and whether what it says can be.

A chain that is whole in itself does not show that nobody changed the record: whoever holds the file can write
it anew from the first line, or leave out its end, and compute all hashes again. Only a head that somebody
independent kept rules that out, for the lines up to that head.
"""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agentsim.core.text_files import file_bytes
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.public_record import GENESIS, TABLES, canonical, line_hash

LISTS = (*TABLES, "reporters")
KEYS = frozenset({*LISTS, "hash", "previous", "hour", "network", "shortage"})
OPENING = frozenset({"districts", "hash", "networks", "previous", "suppliers", "unit"})
STEP_H = {"supply": HOURS_PER_DAY}  # suppliers state their offer once a day, the others each hour
LONGEST_LINE = 10_000_000  # bytes


@dataclass(frozen=True)
class Verification:
    """Result of a check: number of entries, last hash, the first fault if there is one.

    ``unchanged_lines`` are the lines up to the head that somebody kept, None where no head was given.
    """

    entries: int
    head: str
    fault: str = ""
    unchanged_lines: int | None = None

    @property
    def sound(self) -> bool:
        return not self.fault


@dataclass
class _Chain:
    """What has been read of a record: its last hash, and the last hour of each network."""

    rows: dict[str, int] = field(default_factory=dict)  # network -> entries that each list of it has
    previous: str = GENESIS
    entries: int = 0
    hour: int | None = None
    last: dict[str, int] = field(default_factory=dict)  # network -> hour


def verify(path: Path | str, head: str | None = None) -> Verification:
    """Check a saved log line by line: its chain, every hour once, known networks, whole numbers.

    Parameters
    ----------
    head : an older head that somebody independent kept; it must be found in the chain

    Raises
    ------
    OSError, UnreadableText : the file cannot be read
    """
    rows = file_bytes(path).split(b"\n")
    chain, kept = _Chain(), None
    for number, row in enumerate(rows, start=1):
        line, fault = _read(row)
        if not fault and "entries" in line:
            found = Verification(chain.entries, chain.previous, unchanged_lines=kept)
            fault = _fault_of_whole(chain, line, rest=rows[number:], lost_head=head if not kept else None)
            return replace(found, fault=_told(path, number, fault)) if fault else found
        fault = fault or _fault(row, line, chain, first=number == 1)
        if fault:
            return Verification(chain.entries, chain.previous, _told(path, number, fault))
        chain.previous = line["hash"]
        if chain.previous == head:
            kept = number
    cut = _told(path, len(rows), "the last line, which counts the entries, is missing: the file was cut off")
    return Verification(chain.entries, chain.previous, cut)


def _read(row: bytes) -> tuple[dict[str, Any], str]:
    """A line as data, or what is wrong with it."""
    if len(row) > LONGEST_LINE:
        return {}, f"it is longer than {LONGEST_LINE:,} bytes"
    try:
        line = json.loads(row, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return {}, "it is no JSON" if row else "nothing is there: the file was cut off"
    return (line, "") if isinstance(line, dict) else ({}, "it is no JSON object")


def _no_number(name: str) -> float:
    raise ValueError(name)  # NaN and infinities are no JSON


def _fault(row: bytes, line: dict[str, Any], chain: _Chain, *, first: bool) -> str:
    """The first rule that a line breaks, or an empty string; the chain takes the line up."""
    body = {key: value for key, value in line.items() if key != "hash"}
    if "hash" not in line or "previous" not in line:
        return "a line of the log has a hash and the hash of the line before"
    if line["previous"] != chain.previous:
        return "the hash of the line before is another one: a line is missing, added or moved"
    if line["hash"] != line_hash(canonical(body)):
        return "its bytes do not give its hash: it was edited"
    if row != canonical(line).encode():
        return "it is not written in the canonical way (sorted keys, no spaces): it was edited"
    return _open(line, chain) if first else _content(line, chain) or _in_time(line, chain)


def _open(line: dict[str, Any], chain: _Chain) -> str:
    """Take up the opening line: who publishes, and for which districts."""
    names = [line.get(key) for key in ("districts", "networks", "suppliers")]
    if line.keys() != OPENING or not all(
        isinstance(part, list) and all(isinstance(name, str) for name in part) for part in names
    ):
        return "a log opens with its districts, networks, suppliers and unit"
    for network in line["networks"]:
        chain.rows[network] = len(line["suppliers" if network == "supply" else "districts"])
    return ""


def _content(line: dict[str, Any], chain: _Chain) -> str:
    """What a line says that cannot be, or an empty string."""
    if unknown := sorted(line.keys() - KEYS):
        return f"{unknown[0]!r} is no part of a line"
    if not (isinstance(line.get("network"), str) and line["network"] in chain.rows):
        return f"the opening line names no network {str(line.get('network'))[:20]!r}"
    if not _whole(line.get("hour")) or not isinstance(line.get("shortage"), bool):
        return "a line has an hour of 0 or more, and says whether there is a shortage"
    for name in LISTS:
        table = line.get(name)
        if not isinstance(table, list) or len(table) != chain.rows[line["network"]]:
            return f"{name!r} has another number of entries than the opening line has names"
        if not all(entry is None or _whole(entry, least=-(10**6)) for entry in table):
            return f"{name!r} has an entry that is no whole number"
    return ""


def _whole(value: Any, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= 10**9


def _in_time(line: dict[str, Any], chain: _Chain) -> str:
    """Every network tells every hour once, and nobody tells an hour after a later one."""
    network, hour = line["network"], line["hour"]
    if chain.hour is not None and hour < chain.hour:
        return "an hour comes after a later one"
    before = chain.last.get(network)
    due = hour if before is None else before + STEP_H.get(network, 1)
    if hour < due:
        return f"{network} tells hour {hour} twice"
    if hour > due:
        return f"{network} leaves out hour {due}"
    chain.hour, chain.last[network] = hour, hour
    chain.entries += 1
    return ""


def _fault_of_whole(
    chain: _Chain, closing: dict[str, Any], *, rest: list[bytes], lost_head: str | None
) -> str:
    """The first rule that the chain as a whole breaks, or an empty string.

    Parameters
    ----------
    closing : the closing line
    rest : bytes after it
    lost_head : a head that somebody independent kept and that is not in the chain
    """
    if rest != [b""]:
        return "something comes after the closing line" if rest else "the closing line is cut off"
    if closing.get("entries") != chain.entries or closing.get("head") != chain.previous:
        return f"it promises {closing.get('entries')} entries up to another head: lines are missing or added"
    if not chain.entries:
        return "no hour was published"
    for network, hour in chain.last.items():
        if chain.hour is not None and hour + STEP_H.get(network, 1) <= chain.hour:
            return f"{network} tells nothing after hour {hour}"
    if lost_head is not None:
        return f"the head {lost_head[:12]}... is nowhere in the chain: what was published then was rewritten"
    return ""


def _told(path: Path | str, number: int, fault: str) -> str:
    return (
        f"{path}:{number}: {fault}. A record is append-only: get it from another party that holds it, "
        "and ask a verifier for a head to check it with (--head)"
    )
