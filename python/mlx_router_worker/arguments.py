"""Arguments as the wire has them, turned into what Python's functions take, by the kind of their parameter."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import mlx.core as mx

from .frames import ProtocolError
from .tensor_bytes import DTYPES, from_bytes
from .tensors import TensorTable, detached

Decoder = Callable[[Any], Any]
TENSOR_KINDS = frozenset({"array", "indices", "key"})
UINT64 = 4


def plain(value: Any) -> Any:
    """Give numbers, booleans, words, None and lists of them; 8 bytes are a float that JavaScript had as -0."""
    if type(value) is bytes:
        return struct.unpack("<d", value)[0]
    if type(value) is list:
        return [plain(item) for item in value]
    return value


def as_float(value: Any) -> float | None:
    value = plain(value)
    return None if value is None else float(value)


def scalar(value: Any, code: int) -> mx.array:
    """Make the 0-d tensor of a weak number; floats come as the 8 bytes of a float64, complex as 16."""
    if type(value) is bytes:
        parts = struct.unpack(f"<{len(value) // 8}d", value)
        return mx.array(parts[0] if len(parts) == 1 else complex(*parts), dtype=DTYPES[code])
    if code == UINT64 and value >= 1 << 63:
        # `mx.array` takes such integers for int64 and fails.
        return from_bytes(memoryview(struct.pack("<Q", value)), [], code)
    return mx.array(value, dtype=DTYPES[code])


class ArgumentDecoder:
    """Decoders for each kind of parameter, over one table of tensors and JavaScript's functions by number."""

    def __init__(self, tensors: TensorTable, function: Callable[[int], Any]) -> None:
        self._get = tensors.get
        self._function = function
        # Gives the tensors of trees.
        self._give: Callable[[int], mx.array] = self._detached
        self._decoders: dict[str, Decoder] = {
            "operand": self.operand,
            "value": self.operand,
            "arrays": self.arrays,
            "float": as_float,
            "dtype": self.dtype,
            "index": self.index,
            "any": self.tree,
        }

    def _detached(self, identifier: int) -> mx.array:
        """Give a tensor to code of the user's, which may change it in place."""
        return detached(self._get(identifier))

    def _alike(self) -> Callable[[int], mx.array]:
        """Give the same object for a tensor that comes twice, as Python does."""
        given: dict[int, mx.array] = {}

        def give(identifier: int) -> mx.array:
            own = given.get(identifier)
            if own is None:
                own = given[identifier] = self._detached(identifier)
            return own

        return give

    def together(self, user: bool, decode: Callable[[], list[Any]]) -> list[Any]:
        """Decode all the arguments of one call; those of the worker's own functions, which change none, as they are."""
        outer, self._give = self._give, self._alike() if user else self._get
        try:
            return decode()
        finally:
            self._give = outer

    def for_kind(self, kind: str) -> Decoder:
        return self.tensor if kind in TENSOR_KINDS else self._decoders.get(kind, plain)

    def tensor(self, value: Any) -> mx.array | None:
        return None if value is None else self._get(value)

    def operand(self, value: Any) -> mx.array | None:
        if type(value) is int:
            return self._get(value)
        return None if value is None else scalar(value[1], value[0])

    def arrays(self, value: Any) -> list[mx.array] | None:
        return None if value is None else [self._get(item) for item in value]

    def dtype(self, value: Any) -> mx.Dtype | None:
        return None if value is None else DTYPES[value]

    def index(self, value: Any) -> Any:
        return None if value is None else tuple(self._part(part) for part in value)

    def _part(self, part: Any) -> Any:
        if type(part) is list:
            return slice(*part)
        if type(part) is dict:
            return self._get(part["t"])
        return Ellipsis if part == "..." else part

    def tree(self, value: Any) -> Any:
        """Give trees of tensors and plain data; a map of one short key says what is no plain data."""
        if type(value) is list:
            return [self.tree(item) for item in value]
        if type(value) is not dict:
            return plain(value)
        ((tag, content),) = value.items()
        if tag == "t":
            return self._give(content)
        if tag == "m":
            return {key: self.tree(item) for key, item in content.items()}
        if tag == "s":
            return scalar(content[1], content[0])
        if tag == "i":
            return slice(*content)
        if tag == "f":
            return self._function(content)
        if tag == "d":
            return DTYPES[content]
        raise ProtocolError(f"there is no argument of the sort {tag!r}")
