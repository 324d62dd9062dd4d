"""The public record: what a hash chain catches, with and without somebody who keeps an old head."""

import json

import numpy as np
import pytest

from agentsim.core.messages import Published
from agentsim.institutions.public_record import PublicRecord, canonical, line_hash
from agentsim.institutions.record_verification import verify

NETWORKS = ("power", "water")
TOWNS = ("North", "South")


def hour(number: int, power: tuple[float, float] = (1.0, 0.8)) -> Published:
    """One published hour: power as given, and water of which the South's meters are silent."""
    figure = {"power": np.array(power), "water": np.array([0.95, 1.0])}
    none = {network: np.zeros(2) for network in NETWORKS}
    metered = {"power": np.array([1.0, 0.8]), "water": np.array([0.9501, np.nan])}
    reporters = {"power": np.array([40.0, 50.0]), "water": np.array([40.0, 0.0])}
    return Published(number, figure, none, metered, reporters, dict.fromkeys(NETWORKS, False), none)


def log(verifiers: int = 0, hours: int = 10) -> PublicRecord:
    record = PublicRecord(NETWORKS, TOWNS, verifiers)
    for number in range(hours):
        record.publish(hour(number))
    return record


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "record.jsonl"
    log().save(path)
    return path


# ---- the chain ----------------------------------------------------------------------------------------


def test_a_line_says_what_was_published_in_permille_and_carries_the_hash_before():
    first, second = log().entries[:2]
    assert (first["figure"], second["metered"], second["reporters"]) == ([1000, 800], [950, None], [40, 0])
    assert second["previous"] == first["hash"] != second["hash"]


def test_the_same_hours_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        log().save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_record_that_nobody_touched_is_whole(file):
    found = verify(file)
    assert (found.sound, found.entries, found.head) == (True, 20, log().head)


def test_rewriting_is_caught_with_certainty_if_one_party_kept_an_old_head(tmp_path):
    record = log(verifiers=1)
    kept = record.kept_heads[6]
    record.rewrite("power", 1, first_hour=3, last_hour=5, served_frac=1.0)
    assert [line["figure"] for line in record.entries if line["network"] == "power"][3] == [1000, 1000]
    assert record.broken() == [3, 4, 5, 6, 7, 8, 9]
    record.save(tmp_path / "new.jsonl")
    assert verify(tmp_path / "new.jsonl").sound, "hashed anew, the chain is sound in itself"
    found = verify(tmp_path / "new.jsonl", kept)
    assert not found.sound
    assert "nowhere in the chain" in found.fault


def test_without_verifiers_nobody_notices_that_history_was_rewritten():
    record = log(verifiers=0)
    record.rewrite("power", 1, 0, 9, 1.0)
    assert record.broken() == []


def test_a_head_from_before_the_rewritten_hours_stays_valid(tmp_path):
    record = log(verifiers=1)
    record.rewrite("power", 1, 5, 9, 1.0)
    record.save(tmp_path / "new.jsonl")
    assert verify(tmp_path / "new.jsonl", record.kept_heads[4]).sound
    assert record.broken()[0] == 5


def test_a_false_entry_is_not_caught(tmp_path):
    """The oracle problem: what was false when it was written down, the chain keeps as faithfully."""
    liar = PublicRecord(NETWORKS, TOWNS, verifiers=3)
    for number in range(10):
        liar.publish(hour(number, power=(1.0, 1.0)))  # a fifth of the South's power never came
    liar.save(tmp_path / "lies.jsonl")
    assert liar.broken() == []
    assert verify(tmp_path / "lies.jsonl", liar.kept_heads[0]).sound


# ---- a file that somebody tampered with ---------------------------------------------------------------


def lines_of(file) -> list[str]:
    return file.read_text().splitlines()


def edited(line: str, hashed: bool) -> str:
    data = json.loads(line)
    data["figure"][1] = 999
    if hashed:
        import hashlib

        body = canonical({key: value for key, value in data.items() if key != "hash"})
        data["hash"] = hashlib.sha256(body.encode()).hexdigest()
    return canonical(data)


TAMPERING = {
    "edited": (lambda rows: [*rows[:5], edited(rows[5], False), *rows[6:]], 6, "edited"),
    "edited and hashed": (lambda rows: [*rows[:5], edited(rows[5], True), *rows[6:]], 7, "line before"),
    "respaced": (lambda rows: [*rows[:5], rows[5].replace(",", ", ", 1), *rows[6:]], 6, "canonical"),
    "removed": (lambda rows: rows[:5] + rows[6:], 6, "missing, added or moved"),
    "reordered": (lambda rows: [*rows[:5], rows[6], rows[5], *rows[7:]], 6, "missing, added or moved"),
    "doubled": (lambda rows: [*rows[:6], rows[5], *rows[6:]], 7, "missing, added or moved"),
    "end removed": (lambda rows: rows[:-3], 20, "cut off"),
    "end removed, closed": (lambda rows: rows[:-3] + rows[-1:], 20, "missing or added"),
    "first removed": (lambda rows: rows[1:], 1, "missing, added or moved"),
    "added after the end": (lambda rows: [*rows, rows[3]], 22, "after the closing line"),
    "no JSON": (lambda rows: [*rows[:5], "hour 3 was fine", *rows[6:]], 6, "no JSON"),
    "a number": (lambda rows: [*rows[:5], "17", *rows[6:]], 6, "no JSON object"),
    "no hash": (lambda rows: [*rows[:5], '{"hour":3}', *rows[6:]], 6, "has a hash"),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_found_with_its_line_its_rule_and_what_to_do(name, file):
    change, number, rule = TAMPERING[name]
    file.write_text("".join(row + "\n" for row in change(lines_of(file))))
    found = verify(file)
    assert not found.sound
    assert f"record.jsonl:{number}: " in found.fault
    assert rule in found.fault
    assert "get it from another party" in found.fault


def test_every_single_byte_counts(file):
    data = file.read_bytes()
    for place in range(0, len(data), 101):
        other = b"7" if data[place : place + 1] != b"7" else b"8"
        file.write_bytes(data[:place] + other + data[place + 1 :])
        assert not verify(file).sound, place


def test_a_file_that_ends_in_the_middle_of_a_line_is_told_as_such(file):
    file.write_bytes(file.read_bytes()[:-200])
    assert not verify(file).sound
    file.write_bytes(b"")
    assert "cut off" in verify(file).fault


# ---- a file whose chain is whole and whose content cannot be ------------------------------------------


def rehashed(rows: list[dict]) -> str:
    """Lines with a sound chain and a right closing line."""
    texts, previous = [], "0" * 64
    for row in rows:
        body = {key: value for key, value in row.items() if key != "hash"} | {"previous": previous}
        previous = line_hash(canonical(body))
        texts.append(canonical(body | {"hash": previous}))
    texts.append(canonical({"entries": len(rows) - 1, "head": previous}))
    return "".join(f"{text}\n" for text in texts)


def changed(number: int, **parts):
    return lambda rows: [*rows[:number], {**rows[number], **parts}, *rows[number + 1 :]]


IMPOSSIBLE = {
    "an hour left out": (lambda rows: rows[:5] + rows[7:], 6, "power leaves out hour 2"),
    "an hour left out by one": (lambda rows: rows[:6] + rows[7:], 8, "water leaves out hour 2"),
    "an hour twice": (lambda rows: rows[:7] + rows[5:], 8, "power tells hour 2 twice"),
    "back in time": (lambda rows: [*rows[:5], *rows[7:9], *rows[5:7]], 6, "power leaves out hour 2"),
    "one falls silent": (lambda rows: rows[:-1], 21, "water tells nothing after hour 8"),
    "an unknown network": (changed(3, network="gas"), 4, "names no network 'gas'"),
    "a network that is a list": (changed(3, network=["power"]), 4, "names no network"),
    "too many districts": (changed(3, figure=[1, 2, 3]), 4, "'figure' has another number of entries"),
    "a share in words": (
        changed(3, figure=[1000, "all"]),
        4,
        "'figure' has an entry that is no whole number",
    ),
    "a fraction": (changed(3, reporters=[1.5, 2]), 4, "'reporters' has an entry that is no whole number"),
    "an hour in words": (changed(3, hour="two"), 4, "has an hour of 0 or more"),
    "an hour below 0": (changed(1, hour=-5), 2, "has an hour of 0 or more"),
    "no shortage": (changed(3, shortage=None), 4, "says whether there is a shortage"),
    "something else": (changed(3, remark="all was well"), 4, "'remark' is no part of a line"),
    "no lines": (lambda rows: rows[:1], 2, "no hour was published"),
    "no opening": (lambda rows: rows[1:], 1, "a log opens with its districts"),
    "an opening without names": (changed(0, districts=7), 1, "a log opens with its districts"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_whole_chain_of_what_cannot_be_is_refused(name, file):
    change, number, rule = IMPOSSIBLE[name]
    rows = [json.loads(row) for row in lines_of(file)[:-1]]
    file.write_text(rehashed(change(rows)))
    found = verify(file)
    assert f"record.jsonl:{number}: " in found.fault
    assert rule in found.fault


def test_what_is_no_number_is_refused(file):
    rows = [json.loads(row) for row in lines_of(file)[:-1]]
    file.write_text(rehashed(rows).replace("950", "NaN", 1))
    assert "it is no JSON" in verify(file).fault
    file.write_text("[" * 100_000 + "\n")
    assert "it is no JSON" in verify(file).fault


def test_a_chain_written_anew_or_cut_short_is_whole_in_itself_and_only_a_head_tells(file):
    kept = log().head
    rows = [json.loads(row) for row in lines_of(file)[:-1]]
    for lie in (changed(3, figure=[1000, 1000])(rows), rows[:-2]):
        file.write_text(rehashed(lie))
        assert verify(file).sound
        assert verify(file).unchanged_lines is None
        assert not verify(file, kept).sound
    file.write_text(rehashed(rows))
    assert verify(file, kept).unchanged_lines == len(rows)
