"""Functions for what Python writes as syntax: assignment to an index, and `a.at[index]`."""

from __future__ import annotations

from typing import Any

import mlx.core as mx

from .workarounds.clamped_indices import in_parts
from .workarounds.index_writes import key_of, writable


def _is_mask(key: Any) -> bool:
    return isinstance(key, mx.array) and key.dtype == mx.bool_


def _update(a: mx.array, index: tuple[Any, ...], how: str, value: mx.array) -> mx.array:
    """Call `a.at[index]`'s method."""
    key, full = writable(a, in_parts(a, index), value)
    result: mx.array = mx.array(a) if full is None else getattr(a.at[key], how)(full)
    return result


def index_put(a: mx.array, index: tuple[Any, ...], value: mx.array) -> mx.array:
    """Give `a` with the elements at the index replaced."""
    result = mx.array(a)
    if _is_mask(key_of(index)):
        # MLX divides by the size of the value that a mask picks from.
        key, full = key_of(index), value if value.size > 0 else None
    else:
        key, full = writable(a, in_parts(a, index), value)
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
