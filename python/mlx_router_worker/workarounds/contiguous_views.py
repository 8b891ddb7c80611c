"""
Views with a negative stride as copies in row-major order, which are made when they are evaluated.

MLX takes parts of such views for contiguous, and reads out of bounds:
https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/common/common.cpp
"""

from __future__ import annotations

from typing import Any

import mlx.core as mx

from .clamped_indices import in_parts


def index(a: mx.array, index: tuple[Any, ...]) -> mx.array:
    """Give the part of a tensor that an index picks."""
    picked: mx.array = a[in_parts(a, index)]
    if picked.size == 0 and any(isinstance(part, mx.array) for part in index):
        # The derivative of gathering nothing divides by the elements gathered.
        return mx.zeros(picked.shape, a.dtype)
    backwards = any(isinstance(part, slice) and part.step is not None and part.step < 0 for part in index)
    # Index tensors gather into a tensor of its own.
    if backwards and not any(isinstance(part, mx.array) for part in index):
        return mx.contiguous(picked)
    return picked


def flip(a: mx.array, axis: int | list[int] | None) -> mx.array:
    """Give the elements in reverse order along axes."""
    given = list(range(a.ndim)) if axis is None else [axis] if isinstance(axis, int) else axis
    # The derivatives and vmap of MLX take an axis of one element, once reversed, for an empty one.
    longer = [each for each in given if not -a.ndim <= each < a.ndim or a.shape[each] != 1]
    return mx.contiguous(mx.flip(a, longer) if longer else a)


def as_strided(a: mx.array, shape: list[int] | None, strides: list[int] | None, offset: int) -> mx.array:
    """Give a view of the elements with given strides."""
    view = mx.as_strided(a, shape, strides, offset)
    return mx.contiguous(view) if strides is not None and any(stride < 0 for stride in strides) else view
