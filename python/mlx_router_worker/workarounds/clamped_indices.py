"""
Indices that are clamped to the axis, without an evaluation.

MLX does not check the numbers in an index tensor on the CPU, and reads or writes out of bounds:
https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/indexing.cpp
"""

from __future__ import annotations

from math import prod
from typing import Any

import mlx.core as mx


def bounded(indices: mx.array, count: int, *, from_end: bool = True, beyond: int = 0) -> mx.array:
    """Give indices into `count` elements, of which `beyond` more are in range at the end."""
    if not mx.issubdtype(indices.dtype, mx.integer) or indices.size == 0 or count + beyond == 0:
        return indices
    low, high = (-count if from_end else 0), count - 1 + beyond
    holds = mx.iinfo(indices.dtype)
    if high < holds.max:
        indices = mx.minimum(indices, mx.array(high, indices.dtype))
    if low > holds.min:
        indices = mx.maximum(indices, mx.array(low, indices.dtype))
    return indices


def along(indices: mx.array, a: mx.array, axis: int | None) -> mx.array:
    """Give indices along an axis, or into all elements; untouched where there is no such axis."""
    if axis is None:
        return bounded(indices, a.size)
    return bounded(indices, a.shape[axis]) if -a.ndim <= axis < a.ndim else indices


def in_parts(a: mx.array, index: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give an index whose tensors keep within their axes."""
    consumed = sum(part is not None and part is not ... for part in index)
    axis = 0
    parts = []
    for given in index:
        part = given
        if part is ...:
            axis += a.ndim - consumed
        elif part is not None:
            # A mask stands alone, and is no integer.
            part = along(part, a, axis) if isinstance(part, mx.array) and axis < a.ndim else part
            axis += 1
        parts.append(part)
    return tuple(parts)


def take(a: mx.array, indices: mx.array, axis: int | None) -> mx.array:
    """Give the elements at the indices along an axis."""
    return mx.take(a, along(indices, a, axis), axis)


def take_along_axis(a: mx.array, indices: mx.array, axis: int | None) -> mx.array:
    """Give for each place along an axis the element at the index for that place."""
    indices = along(indices, a, axis)
    # MLX's own way to one axis does not know its length where a mapped batch is empty.
    return mx.take_along_axis(a.flatten(), indices, 0) if axis is None else mx.take_along_axis(a, indices, axis)


def put_along_axis(a: mx.array, indices: mx.array, values: mx.array, axis: int | None) -> mx.array:
    """Give the tensor with the elements at the indices along an axis replaced."""
    indices = along(indices, a, axis)
    if axis is None:
        return mx.put_along_axis(a.flatten(), indices, values, 0).reshape(a.shape)
    return mx.put_along_axis(a, indices, values, axis)


def _start(start: mx.array, a: mx.array, axes: list[int], size: tuple[int, ...]) -> mx.array:
    if not mx.issubdtype(start.dtype, mx.integer) or start.size != len(axes) or len(size) != a.ndim:
        return start
    if any(not -a.ndim <= axis < a.ndim or size[axis] > a.shape[axis] for axis in axes):
        return start
    wide = start.dtype if start.dtype.size == 8 else mx.int64
    last = mx.array([a.shape[axis] - size[axis] for axis in axes], mx.int32).reshape(start.shape).astype(wide)
    return mx.maximum(mx.minimum(start.astype(wide), last), mx.array(0, wide)).astype(mx.int32)


def slice(a: mx.array, start_indices: mx.array, axes: list[int], slice_size: list[int]) -> mx.array:
    """Give a block whose start is a tensor."""
    return mx.slice(a, _start(start_indices, a, axes, tuple(slice_size)), axes, slice_size)


def slice_update(a: mx.array, update: mx.array, start_indices: mx.array, axes: list[int]) -> mx.array:
    """Give the tensor with a block replaced whose start is a tensor."""
    return mx.slice_update(a, update, _start(start_indices, a, axes, update.shape), axes)


def _batches(indices: Any, of: mx.array) -> Any:
    if indices is None or of.ndim < 2:
        return indices
    return bounded(indices, prod(of.shape[:-2]), from_end=False)


def gather_mm(a: mx.array, b: mx.array, lhs_indices: Any, rhs_indices: Any, *, sorted_indices: bool) -> mx.array:
    """Give the products of the batches that two index tensors pick."""
    return mx.gather_mm(a, b, _batches(lhs_indices, a), _batches(rhs_indices, b), sorted_indices=sorted_indices)


def gather_qmm(
    x: mx.array,
    w: mx.array,
    scales: mx.array,
    biases: Any,
    lhs_indices: Any,
    rhs_indices: Any,
    *rest: Any,
    **options: Any,
) -> mx.array:
    """Give the quantized products of the batches that two index tensors pick."""
    return mx.gather_qmm(x, w, scales, biases, _batches(lhs_indices, x), _batches(rhs_indices, w), *rest, **options)


def gather_qqmm(
    x: mx.array, w: mx.array, scales: Any, lhs_indices: Any, rhs_indices: Any, *rest: Any, **options: Any
) -> mx.array:
    """Give the products of quantized batches that two index tensors pick."""
    return mx.gather_qqmm(x, w, scales, _batches(lhs_indices, x), _batches(rhs_indices, w), *rest, **options)


def segmented_mm(a: mx.array, b: mx.array, segments: mx.array) -> mx.array:
    """Give one product for each range of the inner axis."""
    # Segments end behind their last column.
    inner = a.shape[-1] if a.ndim > 0 else 0
    return mx.segmented_mm(a, b, bounded(segments, inner, from_end=False, beyond=1))


def cross_entropy(logits: mx.array, targets: mx.array) -> mx.array:
    """Give the cross entropy of logits with class indices."""
    return mx.fast.cross_entropy(logits, along(targets, logits, -1))
