"""Counter-based uniform draws, the same numbers as NumPy's ``Philox`` gives, without making a generator.

Philox 4x64 with ten rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): four words
are a function of a key and a counter, so draws need no state and have no order.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from agentsim.core.numerics.kernel import inlined, kernel

_MULTIPLY_A, _MULTIPLY_B = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_STEP_A, _STEP_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
_DROPPED_BITS, _ULP = np.uint64(11), 1.0 / 9007199254740992.0  # 53 of 64 bits fill a double
_ZERO, _ONE = np.uint64(0), np.uint64(1)


def _multiply(typing_context: Any, a: Any, b: Any) -> Any:
    """The upper 64 bits of the product of two words: one instruction, which Python cannot name."""

    def generate(context: Any, builder: Any, signature: Any, words: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(words[0], wide), builder.zext(words[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


_high_word: Any = intrinsic(_multiply)


@inlined
def _four_words(key_a: np.uint64, key_b: np.uint64, count: np.uint64, place: np.uint64) -> tuple:
    """The four random words of the counter (count, 0, 0, place)."""
    a, b, c, d = count, _ZERO, _ZERO, place
    for _ in range(10):
        high_a, high_c = _high_word(_MULTIPLY_A, a), _high_word(_MULTIPLY_B, c)
        a, b, c, d = high_c ^ b ^ key_a, _MULTIPLY_B * c, high_a ^ d ^ key_b, _MULTIPLY_A * a
        key_a += _STEP_A
        key_b += _STEP_B
    return a, b, c, d


@kernel
def draw_uniform(key: np.ndarray, place: int, drawn: np.ndarray) -> None:
    """Fill *drawn* (rows,) with uniform draws in [0, 1) of the stream *key*, uint64 (2,), at *place*."""
    rows, whole = drawn.size, drawn.size // 4
    for i in range(whole):
        a, b, c, d = _four_words(key[0], key[1], np.uint64(i) + _ONE, np.uint64(place))
        row = 4 * i
        drawn[row] = (a >> _DROPPED_BITS) * _ULP
        drawn[row + 1] = (b >> _DROPPED_BITS) * _ULP
        drawn[row + 2] = (c >> _DROPPED_BITS) * _ULP
        drawn[row + 3] = (d >> _DROPPED_BITS) * _ULP
    if 4 * whole < rows:
        last = _four_words(key[0], key[1], np.uint64(whole) + _ONE, np.uint64(place))
        for row in range(4 * whole, rows):
            drawn[row] = (last[row - 4 * whole] >> _DROPPED_BITS) * _ULP
