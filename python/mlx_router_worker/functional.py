"""Functions of the catalogue that are safer than MLX's own of the same name."""

from __future__ import annotations

from typing import Any

import mlx.core as mx

from .bounded import in_parts

Stream = mx.Stream | mx.Device | None


class _Divisor:
    """An integer division whose traps are taken out: MLX ends the process at x / 0 and at least / -1."""

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


def bitwise_xor(a: mx.array, b: mx.array, *, stream: Stream = None) -> mx.array:
    """Bits set in exactly one element; of bools by another function, for MLX writes nothing where it reuses memory."""
    bools = a.dtype == mx.bool_ and b.dtype == mx.bool_
    return (mx.not_equal if bools else mx.bitwise_xor)(a, b, stream=stream)


def _key(index: tuple[Any, ...]) -> Any:
    """Give the index as Python has it: one part without a tuple around it."""
    return index[0] if len(index) == 1 else index


def _is_mask(key: Any) -> bool:
    return isinstance(key, mx.array) and key.dtype == mx.bool_


def _without_whole(a: mx.array, index: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give the index without whole axes at its end: beside index tensors MLX's derivative takes them for one place."""
    end = len(index)
    # A new axis or `...` before it, and a part's place is not its axis.
    plain = next((i for i, part in enumerate(index) if part is None or part is ...), end)
    while end > 0 and plain >= end - 1:
        part = index[end - 1]
        if part is not ... and not (isinstance(part, slice) and part == slice(0, a.shape[end - 1], 1)):
            break
        end -= 1
    return index[:end]


def _squared(a: mx.array, index: tuple[Any, ...], value: mx.array) -> tuple[Any, mx.array | None]:
    """
    Give the index without new axes, and the value in the shape of its place.

    MLX counts new axes as axes of the array where no index tensor is, and so writes elsewhere. None for the value:
    nothing is to be written, where MLX would divide by zero.
    """
    if any(isinstance(part, mx.array) for part in index):
        return _key(_without_whole(a, index)), value if a[_key(index)].size > 0 else None
    place = a[index]
    if place.size == 0:
        return None, None
    ones = next((i for i, extent in enumerate(value.shape) if extent != 1), value.ndim)
    full = mx.broadcast_to(value.reshape(value.shape[ones:]), place.shape)
    kept = tuple(part for part in index if part is not None)
    if len(kept) < len(index):
        full = full.reshape(a[kept].shape)
    # Alone, either of them is the whole array, and the value is not cast.
    return (... if len(index) == 1 and index[0] in (None, ...) else kept), full


def _update(a: mx.array, index: tuple[Any, ...], how: str, value: mx.array) -> mx.array:
    """Call `a.at[index]`'s method."""
    key, full = _squared(a, in_parts(a, index), value)
    result: mx.array = mx.array(a) if full is None else getattr(a.at[key], how)(full)
    return result


def index_put(a: mx.array, index: tuple[Any, ...], value: mx.array) -> mx.array:
    """Give `a` with the elements at the index replaced."""
    result = mx.array(a)
    if _is_mask(_key(index)):
        # MLX divides by the size of the value that a mask picks from.
        key, full = _key(index), value if value.size > 0 else None
    else:
        key, full = _squared(a, in_parts(a, index), value)
    if full is not None:
        result[key] = full
    return result


def index_add(a: mx.array, index: tuple[Any, ...], value: mx.array) -> mx.array:
    """Give `a` with the value added at the index."""
    return _update(a, index, "add", value)


def index_subtract(a: mx.array, index: tuple[Any, ...], value: mx.array) -> mx.array:
    """Give `a` with the value subtracted at the index."""
    return _update(a, index, "subtract", value)


def index_multiply(a: mx.array, index: tuple[Any, ...], value: mx.array) -> mx.array:
    """Give `a` multiplied by the value at the index."""
    return _update(a, index, "multiply", value)


def index_divide(a: mx.array, index: tuple[Any, ...], value: mx.array) -> mx.array:
    """Give `a` divided by the value at the index."""
    return _update(a, index, "divide", value)


def index_maximum(a: mx.array, index: tuple[Any, ...], value: mx.array) -> mx.array:
    """Give the larger of `a` and the value at the index."""
    return _update(a, index, "maximum", value)


def index_minimum(a: mx.array, index: tuple[Any, ...], value: mx.array) -> mx.array:
    """Give the smaller of `a` and the value at the index."""
    return _update(a, index, "minimum", value)
