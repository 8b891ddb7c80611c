"""
The exclusive or of bools.

MLX's kernel writes nothing for bools, so where the result takes over the memory of an operand it is that operand:
https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/binary.cpp
"""

from __future__ import annotations

import mlx.core as mx

Stream = mx.Stream | mx.Device | None


def bitwise_xor(a: mx.array, b: mx.array, *, stream: Stream = None) -> mx.array:
    """Bits set in exactly one element; of bools whether they differ, which is the same."""
    bools = a.dtype == mx.bool_ and b.dtype == mx.bool_
    return (mx.not_equal if bools else mx.bitwise_xor)(a, b, stream=stream)
