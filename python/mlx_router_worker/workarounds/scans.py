"""
Running extremes of floats with other numbers in place of NaN, and scans of a tensor flattened beforehand.

MLX's derivative of a running extreme searches each result among the elements. It does not find a NaN, which equals
nothing, and reads out of bounds: https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/primitives.cpp
And MLX itself flattens by a reshape that cannot infer the length where a mapped batch is empty.
"""

from __future__ import annotations

from math import inf, nan
from typing import Any

import mlx.core as mx


def _flat(a: mx.array, axis: int | None) -> tuple[mx.array, int]:
    """Give the tensor to scan, and its axis."""
    return (a.flatten(), 0) if axis is None else (a, axis)


def _steady(scan: Any, weakest: float, a: mx.array, axis: int | None, how: Any) -> mx.array:
    """Scan the elements with the weakest in place of NaN, and give NaN again from the first one on."""
    a, axis = _flat(a, axis)
    if not mx.issubdtype(a.dtype, mx.floating):
        result: mx.array = scan(a, axis=axis, **how)
        return result
    lost = mx.isnan(a)
    scanned = scan(mx.where(lost, mx.array(weakest, a.dtype), a), axis=axis, **how)
    after = mx.greater(mx.cummax(lost.astype(mx.int32), axis=axis, **how), mx.array(0))
    return mx.where(after, mx.array(nan, a.dtype), scanned)


def cummax(a: mx.array, axis: int | None = None, **how: bool) -> mx.array:
    """Give the running maximum along an axis, or of the flattened tensor."""
    return _steady(mx.cummax, -inf, a, axis, how)


def cummin(a: mx.array, axis: int | None = None, **how: bool) -> mx.array:
    """Give the running minimum along an axis, or of the flattened tensor."""
    return _steady(mx.cummin, inf, a, axis, how)


def logcumsumexp(a: mx.array, axis: int | None = None, **how: Any) -> mx.array:
    """Give the logarithm of the running sum of exponentials along an axis, or of the flattened tensor."""
    flat, along = _flat(a, axis)
    return mx.logcumsumexp(flat, axis=along, **how)
