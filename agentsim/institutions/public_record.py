"""The public record: an append-only log in which every line carries the hash of the line before.

A line is one hour of one network: its operator's figures and the reports of homes' meters, in permille, as
canonical JSON (sorted keys, no spaces, integers). Its hash is SHA-256 over these bytes, which include the
hash of the line before. The holder of the log can rewrite it and compute all hashes anew; that is detected
with certainty once one independent party keeps an older head. A figure that was false when it was published
is not detected: the chain proves what was published, not that it was true.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import numpy as np

from agentsim.core.messages import Published
from agentsim.core.numerics.kernel import kernel
from agentsim.core.parameters import parameter

GENESIS = "0" * 64  # stands for the hash before the first line
PERMILLE = 1000
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False)
_NOTHING = np.iinfo(np.int64).min  # stands for what was neither said nor reported
TABLES = ("declared", "figure", "metered", "rationed")  # of a line, one entry a district


@dataclass(frozen=True)
class PublicRecordParameters:
    """How closely independent parties follow the log."""

    head_every_h: int = parameter(1, "h", "a verifier keeps the head of the log so often", "A", 1, 8760)


class PublicRecord:
    """The log of a city.

    Parameters
    ----------
    networks : whose figures are published
    districts, suppliers : names of the entries of a line; suppliers in the lines of supply
    verifiers : independent parties that keep heads; what one of them holds, all of them hold
    """

    def __init__(
        self,
        networks: Sequence[str],
        districts: Sequence[str],
        verifiers: int = 0,
        parameters: PublicRecordParameters | None = None,
        suppliers: Sequence[str] = (),
    ) -> None:
        self.networks, self.verifiers = tuple(networks), verifiers
        self.parameters = parameters or PublicRecordParameters()
        self._bodies: list[str] = []
        self._hashes: list[str] = []
        self._hours: list[int] = []
        self._kept: list[tuple[int, str, int]] = []  # lines so far, head, hour
        opening = {"districts": [*districts], "networks": [*networks], "suppliers": [*suppliers]}
        self._append({**opening, "unit": "permille"}, -1)

    def __len__(self) -> int:
        """Lines that were published, the opening one aside."""
        return len(self._bodies) - 1

    @property
    def head(self) -> str:
        """The hash of the last line, 64 hexadecimal digits."""
        return self._hashes[-1]

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The published lines as plain data; shares in permille, ``None`` where nothing was reported."""
        pairs = zip(self._bodies[1:], self._hashes[1:], strict=True)
        return [{**json.loads(body), "hash": own} for body, own in pairs]

    def publish(self, published: Published) -> None:
        """Append one line for each network that publishes this hour."""
        for network in published.figure:
            if network in self.networks:
                self._append(_line(published, network), published.hour)
        if self.verifiers > 0 and published.hour % self.parameters.head_every_h == 0:
            self._kept.append((len(self._bodies), self.head, published.hour))

    def _append(self, line: dict[str, Any], hour: int) -> None:
        line["previous"] = self._hashes[-1] if self._hashes else GENESIS
        body = canonical(line)
        self._bodies.append(body)
        self._hashes.append(line_hash(body))
        self._hours.append(hour)

    def rewrite(
        self, network: str, district: int, first_hour: int, last_hour: int, served_frac: float
    ) -> None:
        """Replace published lines: so much was served and metered, and nothing held back.

        Every line from the first changed one on is hashed anew, so that the chain is sound in itself.
        """
        first = None
        for row, hour in enumerate(self._hours):
            if first_hour <= hour <= last_hour:
                line = json.loads(self._bodies[row])
                if line["network"] != network:
                    continue
                line["figure"][district] = line["metered"][district] = round(served_frac * PERMILLE)
                line["declared"][district] = 0
                self._bodies[row] = canonical(line)
                first = row if first is None else first
        if first is not None:
            self._rehash(first)

    def whitewash(self, district: int, hours: int) -> None:
        """Replace the last *hours* hours of a district: everything was served."""
        last = self._hours[-1]
        for network in self.networks:
            if network != "supply":
                self.rewrite(network, district, last - hours + 1, last, 1.0)

    def _rehash(self, first: int) -> None:
        for row in range(first, len(self._bodies)):
            line = json.loads(self._bodies[row])
            line["previous"] = self._hashes[row - 1] if row else GENESIS
            self._bodies[row] = canonical(line)
            self._hashes[row] = line_hash(self._bodies[row])

    def broken(self) -> list[int]:
        """Hours at which a head that an independent party kept is no longer in the log; [] without any."""
        return [hour for lines, head, hour in self._kept if self._hashes[lines - 1] != head]

    @property
    def kept_heads(self) -> list[str]:
        """The heads that independent parties hold, oldest first."""
        return [head for _, head, _ in self._kept]

    def save(self, path: Path | str) -> None:
        """Write the log as JSON lines; the last says how many entries there are and which is the head."""
        texts = [
            canonical({**json.loads(body), "hash": own})
            for body, own in zip(self._bodies, self._hashes, strict=True)
        ]
        texts.append(canonical({"entries": len(self), "head": self.head}))
        Path(path).write_bytes("".join(text + "\n" for text in texts).encode())


def canonical(data: dict[str, Any]) -> str:
    """Data as canonical JSON: sorted keys, no spaces, ASCII.

    >>> canonical({"hour": 3, "figure": [1000, 998]})
    '{"figure":[1000,998],"hour":3}'
    """
    return _ENCODER.encode(data)


def line_hash(body: str) -> str:
    """SHA-256 of a line's canonical JSON without its own hash, 64 hexadecimal digits."""
    return sha256(body.encode()).hexdigest()


def in_permille(shares: np.ndarray) -> list[list[int | None]]:
    """Rows of *shares*, array (tables, rows), in whole permille; None where nothing was said or reported.

    >>> in_permille(np.array([[0.9996, np.nan], [0.0005, 0.0015]]))
    [[1000, None], [0, 2]]
    """
    permille = np.empty(shares.shape, dtype=np.int64)
    missing, rows = to_permille(shares, permille), cast(list[list[int | None]], permille.tolist())
    if not missing:
        return rows
    return [[None if share == _NOTHING else share for share in row] for row in rows]


@kernel
def to_permille(shares: np.ndarray, permille: np.ndarray) -> bool:
    """Fill *permille* (tables, rows), with ``_NOTHING`` where a share is nan; whether one is."""
    missing = False
    for table in range(shares.shape[0]):
        for row in range(shares.shape[1]):
            share = shares[table, row]
            if np.isnan(share):
                permille[table, row], missing = _NOTHING, True
            else:
                permille[table, row] = np.int64(np.rint(share * PERMILLE))
    return missing


def _line(published: Published, network: str) -> dict[str, Any]:
    tables = {name: getattr(published, name) for name in TABLES}
    said = {name: table[network] for name, table in tables.items() if network in table}
    line: dict[str, Any] = dict(zip(said, in_permille(np.array([*said.values()], dtype=float)), strict=True))
    line["reporters"] = published.reporters[network].astype(int).tolist()
    line["hour"], line["network"] = published.hour, network
    line["shortage"] = bool(published.shortage[network])
    return line
