"""What a function gave back, as the wire has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mlx.core as mx

from .tensor_bytes import CODES
from .tensors import TensorTable


class UnsendableResultError(TypeError):
    """A function gave back what has no form on the wire."""


def describe(tensor: mx.array) -> list[Any]:
    """Give dtype code and shape: what Node needs to know of a tensor without asking again."""
    return [CODES[tensor.dtype], tensor.shape]


def encode_result(value: Any, tensors: TensorTable, kept: list[int], given: Iterator[int] | None = None) -> Any:
    """Encode a tree of tensors and plain data.

    The tensors are kept here, under numbers of `given` while there are any; their ids are added to `kept`.
    """
    if isinstance(value, mx.array):
        identifier = tensors.add(value, None if given is None else next(given, None))
        kept.append(identifier)
        return {"t": [identifier, *describe(value)]}
    if value is None or isinstance(value, (bool, float, str)):
        return value
    if isinstance(value, int):
        if not -(1 << 63) <= value < 1 << 64:
            raise UnsendableResultError(f"the integer {value} has more than 64 bits")
        return value
    if isinstance(value, (list, tuple)):
        return [encode_result(item, tensors, kept, given) for item in value]
    if isinstance(value, dict):
        return {"m": {str(key): encode_result(item, tensors, kept, given) for key, item in value.items()}}
    if isinstance(value, mx.Dtype):
        return str(value).rpartition(".")[2]
    if isinstance(value, mx.Device):
        return value.type.name
    if isinstance(value, mx.Stream):
        return {"m": {"device": value.device.type.name, "index": stream_index(value)}}
    raise UnsendableResultError(
        f"expected mx.array, a number, a string, None, or a list or dict of them, received {type(value).__name__}"
    )


def stream_index(stream: mx.Stream) -> int:
    """Give the number of a stream, which Python shows in its text alone: `Stream(Device(cpu, 0), 1)`."""
    return int(repr(stream).rpartition(",")[2].rstrip(")"))
