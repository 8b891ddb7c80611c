"""
Indices and values that MLX writes to the right places.

MLX counts new axes of an index as axes of the array, divides by the number of elements written, and its derivative
takes a whole axis beside index tensors for one place.
"""

from __future__ import annotations

from typing import Any

import mlx.core as mx


def key_of(index: tuple[Any, ...]) -> Any:
    """Give the index as Python has it: one part without a tuple around it."""
    return index[0] if len(index) == 1 else index


def without_whole(a: mx.array, index: tuple[Any, ...]) -> tuple[Any, ...]:
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


def writable(a: mx.array, index: tuple[Any, ...], value: mx.array) -> tuple[Any, mx.array | None]:
    """
    Give the index without new axes, and the value in the shape of its place.

    MLX counts new axes as axes of the array where no index tensor is, and so writes elsewhere. None for the value:
    nothing is to be written, where MLX would divide by zero.
    """
    if any(isinstance(part, mx.array) for part in index):
        return key_of(without_whole(a, index)), value if a[key_of(index)].size > 0 else None
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
