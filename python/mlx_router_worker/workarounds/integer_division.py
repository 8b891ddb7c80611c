"""
Integer division that does not crash.

MLX divides in machine code without a look at the divisor: x / 0 and the least integer by -1 raise SIGFPE.
https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/binary_ops.h
Here a division by zero gives 0, as NumPy's does, and the least integer by -1 wraps to itself.
"""

from __future__ import annotations

from typing import Any

import mlx.core as mx

Stream = mx.Stream | mx.Device | None


class _Divisor:
    """An integer division by a divisor without 0 and -1."""

    def __init__(self, a: mx.array, b: mx.array, stream: Stream) -> None:
        dtype = mx.result_type(a, b)
        self.a = a.astype(dtype, stream=stream)
        b = b.astype(dtype, stream=stream)
        self.zero = mx.equal(b, mx.array(0, dtype), stream=stream)
        signed = mx.issubdtype(dtype, mx.signedinteger)
        self.minus_one = mx.equal(b, mx.array(-1, dtype), stream=stream) if signed else None
        trap = self.zero if self.minus_one is None else mx.logical_or(self.zero, self.minus_one, stream=stream)
        self.safe = mx.where(trap, mx.array(1, dtype), b, stream=stream)
        self.dtype = dtype

    def quotient(self, stream: Stream) -> mx.array:
        quotient = mx.floor_divide(self.a, self.safe, stream=stream)
        if self.minus_one is not None:
            quotient = mx.where(self.minus_one, mx.negative(self.a, stream=stream), quotient, stream=stream)
        return mx.where(self.zero, mx.array(0, self.dtype), quotient, stream=stream)

    def floored(self, remainder: mx.array, stream: Stream) -> mx.array:
        """Quotient rounded down, as MLX's divmod has it where its floor_divide rounds towards zero."""
        truncated = self.quotient(stream)
        if self.minus_one is None:
            return truncated
        zero = mx.array(0, self.dtype)
        # By where, for under vmap MLX's not_equal gives a wrong axis where only the second operand has one.
        opposite = mx.greater_equal(self.safe, zero, stream=stream), mx.less(self.safe, zero, stream=stream)
        signs_differ = mx.where(mx.less(self.a, zero, stream=stream), *opposite, stream=stream)
        signs_differ = signs_differ.astype(self.dtype, stream=stream)
        less = mx.where(mx.equal(remainder, zero, stream=stream), zero, signs_differ, stream=stream)
        return mx.subtract(truncated, less, stream=stream)

    def remainder(self, stream: Stream) -> mx.array:
        return mx.remainder(self.a, self.safe, stream=stream)


def _is_inexact(value: mx.array) -> bool:
    return mx.issubdtype(value.dtype, mx.inexact)


def floor_divide(a: mx.array, b: mx.array, *, stream: Stream = None) -> mx.array:
    """Quotient rounded down, of integers towards zero; of integers by zero 0, as NumPy gives."""
    if _is_inexact(a) or _is_inexact(b):
        return mx.floor_divide(a, b, stream=stream)
    return _Divisor(a, b, stream).quotient(stream)


def remainder(a: mx.array, b: mx.array, *, stream: Stream = None) -> mx.array:
    """Remainder with the sign of the divisor; of integers by zero 0, as NumPy gives."""
    if _is_inexact(a) or _is_inexact(b):
        return mx.remainder(a, b, stream=stream)
    return _Divisor(a, b, stream).remainder(stream)


def divmod(a: mx.array, b: mx.array, *, stream: Stream = None) -> Any:
    """Both at once, the quotient rounded down.

    Two functions of MLX, for under vmap its divmod gives one axis for its two results. Like those, they have no
    derivative.
    """
    a, b = mx.stop_gradient(a, stream=stream), mx.stop_gradient(b, stream=stream)
    if mx.complex64 in (a.dtype, b.dtype):
        return mx.divmod(a, b, stream=stream)
    if _is_inexact(a) or _is_inexact(b):
        return [mx.floor_divide(a, b, stream=stream), mx.remainder(a, b, stream=stream)]
    divisor = _Divisor(a, b, stream)
    rest = divisor.remainder(stream)
    return [divisor.floored(rest, stream), rest]
