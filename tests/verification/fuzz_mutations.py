"""Ways in which a file goes wrong: what editors, other programs, broken disks and people do to it."""
# ruff: noqa: E501 - lists of words

import re
from random import Random

# what stands where a number should
NASTY = (
    *("nan", "inf", "-inf", "1e308", "-1e308", "1e-308", "1e999", "0", "-1", "-0.0", "1e15", "999999999999999"),
    *("", "x", "²", "٣", "1_000", "0x10", "1,5", "1.2.3", "--5", "1e", "true", "None", "[]", "{}", '"', "'"),
    *("%", "%s", "{0}", "../../etc/passwd", "$HOME", "\x1b[31m", "[/]", "[red]", "東京", "é", "9" * 400, "a" * 3000),
)  # fmt: skip
_TOKEN = re.compile(rb"[^\s,;=\[\]{}:\"']+")
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def mutated(content: bytes, random: Random) -> bytes:
    """The content with one to three faults in it."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        content = random.choice(FAULTS)(content, random)
    return content


def _number(content: bytes, random: Random) -> bytes:
    return _replaced(_NUMBER, content, random)


def _plausible(content: bytes, random: Random) -> bytes:
    """A number that a person might have written: another one of the file, or so many times as much."""
    found = list(_NUMBER.finditer(content))
    if not found:
        return content
    at, other = random.choice(found), random.choice(found)
    value = float(at[0]) * random.choice((0.0, -1.0, 1e-6, 0.001, 0.1, 10.0, 1000.0, 1e6, 1e12))
    word = other[0] if random.random() < 0.3 else f"{value:g}".encode()
    return content[: at.start()] + word + content[at.end() :]


def _token(content: bytes, random: Random) -> bytes:
    return _replaced(_TOKEN, content, random)


def _replaced(pattern: re.Pattern[bytes], content: bytes, random: Random) -> bytes:
    found = list(pattern.finditer(content))
    if not found:
        return content
    at = random.choice(found)
    return content[: at.start()] + random.choice(NASTY).encode() + content[at.end() :]


def _column(content: bytes, random: Random) -> bytes:
    """The same nonsense in every row."""
    word = random.choice(NASTY).encode()
    lines = content.split(b"\n")
    start, k = random.randrange(len(lines)), random.randrange(4)
    for row in range(start, min(start + 12, len(lines))):
        found = list(_TOKEN.finditer(lines[row]))
        if len(found) > k:
            lines[row] = lines[row][: found[k].start()] + word + lines[row][found[k].end() :]
    return b"\n".join(lines)


def _cut_off(content: bytes, random: Random) -> bytes:
    return content[: random.randrange(len(content) + 1)]


def _without_head(content: bytes, random: Random) -> bytes:
    return content[random.randrange(len(content) + 1) :]


def _line(content: bytes, random: Random) -> bytes:
    """A line is left out, doubled, moved, or made of something else."""
    lines = content.split(b"\n")
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    what = random.randrange(5)
    if what == 0:
        del lines[at]
    elif what == 1:
        lines.insert(other, lines[at])
    elif what == 2:
        lines[at], lines[other] = lines[other], lines[at]
    elif what == 3:
        lines[at] = random.choice(NASTY).encode()
    else:
        del lines[at : at + random.randrange(1, 12)]
    return b"\n".join(lines)


def _bytes(content: bytes, random: Random) -> bytes:
    """Some bytes of a broken disk."""
    found = bytearray(content)
    for _ in range(random.randrange(1, 20)):
        if found:
            found[random.randrange(len(found))] = random.randrange(256)
    return bytes(found)


def _encoding(content: bytes, random: Random) -> bytes:
    text = content.decode("utf-8", errors="replace")
    name = random.choice(("utf-16", "utf-8-sig", "utf-32", "cp932", "latin-1", "utf-16-be"))
    return text.encode(name, errors="replace")


def _line_ends(content: bytes, random: Random) -> bytes:
    return content.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b"\x0b", b"\xe2\x80\xa8", b" ")))


def _deep(content: bytes, random: Random) -> bytes:
    at, sign = random.randrange(len(content) + 1), random.choice((b"[", b"{", b"(", b'"', b"%{\n", b"[["))
    return content[:at] + sign * random.choice((1, 2, 3000)) + content[at:]


def _long(content: bytes, random: Random) -> bytes:
    at = random.randrange(len(content) + 1)
    return content[:at] + random.choice((b"1 ", b"a", b",", b"\n", b";", b"\t")) * 30_000 + content[at:]


def _repeated(content: bytes, random: Random) -> bytes:
    return content * random.choice((2, 3))


def _separator(content: bytes, random: Random) -> bytes:
    return content.replace(
        random.choice((b",", b"\t", b" ", b";", b"=")), random.choice((b"|", b"", b";", b"\0"))
    )


def _empty(content: bytes, random: Random) -> bytes:
    return random.choice((b"", b"\n", b"\0", b"\xef\xbb\xbf", b"[", b"<", bytes(range(256))))


FAULTS = (
    *(_plausible,) * 12,
    *(_number, _number, _number, _number, _number, _token, _token, _column, _cut_off, _without_head, _line, _line),
    *(_bytes, _encoding, _line_ends, _deep, _long, _repeated, _separator, _empty),
)  # fmt: skip
