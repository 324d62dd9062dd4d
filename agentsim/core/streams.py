"""Named random streams: one for each source of chance, placed by hour.

A policy, an attacker or one more agent never shifts the draws of anybody else: the weather of hour
100 under seed 1 is the same number whatever else happens, so comparisons are paired.
"""

from hashlib import blake2b

import numpy as np

from agentsim.core.numerics.philox import draw_uniform


class Streams:
    """The random streams of one seed.

    >>> streams = Streams(seed=1)
    >>> bool((streams.uniform("weather", 5, 3) == Streams(1).uniform("weather", 5, 3)).all())
    True
    >>> bool((streams.uniform("weather", 5, 3) == streams.uniform("weather", 5, 9)[:3]).all())
    True
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._keys: dict[str, np.ndarray] = {}

    def uniform(self, name: str, hour: int, rows: int, out: np.ndarray | None = None) -> np.ndarray:
        """Uniform draws in [0, 1), array (rows,); draw *i* belongs to row *i* for any number of rows.

        The stream *name* is keyed by (seed, name), its counter placed by *hour*. Draws are written into *out*
        where it is given.
        """
        drawn = np.empty(rows) if out is None else out
        draw_uniform(self._key(name), hour, drawn)
        return drawn

    def normal(self, name: str, hour: int, rows: int) -> np.ndarray:
        """Standard normal draws, array (rows,): two uniform draws give one (Box & Muller 1958).

        >>> streams = Streams(seed=1)
        >>> bool((streams.normal("behaviour", 5, 3) == streams.normal("behaviour", 5, 9)[:3]).all())
        True
        """
        draw = self.uniform(name, hour, 2 * rows)
        return np.sqrt(-2.0 * np.log1p(-draw[::2])) * np.cos(2.0 * np.pi * draw[1::2])

    def _key(self, name: str) -> np.ndarray:
        """Key of the stream *name*, array (2,)."""
        key = self._keys.get(name)
        if key is None:
            digest = blake2b(f"{self.seed}/{name}".encode(), digest_size=16).digest()
            key = self._keys[name] = np.frombuffer(digest, dtype=np.uint64).copy()
        return key
