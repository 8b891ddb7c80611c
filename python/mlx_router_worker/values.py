"""Python values as the wire has them: plain data by value, tensors by number, anything else by reference."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Protocol

import mlx.core as mx

from .frames import ProtocolError
from .results import UnsendableResultError, describe
from .tensor_bytes import CODES, DTYPES, from_bytes, to_bytes
from .tensors import TensorTable, detached

MOST_LEVELS = 100
# Data shared by many places is written out at each of them, and could grow without end.
MOST_VALUES = 1 << 22
# Of dtypes in the order of their codes, as NumPy and as Python's own `array` call them.
NUMPY_NAMES = [str(dtype).rpartition(".")[2] for dtype in DTYPES]
ARRAY_LETTERS = {1: "B", 2: "H", 3: "I", 4: "Q", 5: "b", 6: "h", 7: "i", 8: "q", 10: "f", 11: "d"}


class ObjectStore(Protocol):
    """Where objects have numbers."""

    def add(self, value: Any) -> int: ...
    def get(self, number: int) -> Any: ...
    def release(self, references: list[list[int]]) -> None: ...
    def follow(self, number: int, path: list[Any], payload: memoryview) -> Any: ...


class Encoder:
    """One answer's values; what it keeps here for the other end is released by `undo` if the answer is not sent."""

    def __init__(self, tensors: TensorTable, objects: ObjectStore) -> None:
        self._tensors = tensors
        self._objects = objects
        self._kept_tensors: list[int] = []
        self._kept_objects: list[list[int]] = []
        self._open: set[int] = set()
        self._count = 0

    def undo(self) -> None:
        self._tensors.free(self._kept_tensors)
        self._objects.release(self._kept_objects)

    def encode(self, value: Any) -> Any:
        kind = type(value)
        if value is None or kind is bool or kind is float or kind is bytes:
            return value
        if kind is int:
            return value if -(1 << 63) <= value < 1 << 64 else {"I": f"{value:x}"}
        if kind is str:
            return text(value)
        if kind in CONTAINERS:
            return self._container(value, kind)
        if isinstance(value, mx.array):
            identifier = self._tensors.add(value)
            self._kept_tensors.append(identifier)
            return {"t": [identifier, *describe(value)]}
        if kind is complex:
            return {"c": [value.real, value.imag]}
        if kind is bytearray:
            return bytes(value)
        if isinstance(value, mx.Dtype):
            return {"d": CODES[value]}
        numpy = sys.modules.get("numpy")
        if numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)):
            return self._of_numpy(value, numpy)
        return self._reference(value)

    def _container(self, value: Any, kind: type[Any]) -> Any:
        if id(value) in self._open:
            raise UnsendableResultError("the data holds itself, so it cannot be sent by value")
        if len(self._open) >= MOST_LEVELS:
            raise UnsendableResultError(f"the data is nested deeper than {MOST_LEVELS} levels")
        self._count += len(value)
        if self._count > MOST_VALUES:
            raise UnsendableResultError(f"the data has more than {MOST_VALUES} values; send numbers as an array")
        self._open.add(id(value))
        try:
            if kind is dict:
                return {"m": [self.encode(part) for pair in value.items() for part in pair]}
            items = [self.encode(item) for item in value]
        finally:
            self._open.discard(id(value))
        if kind is list:
            return items
        return {"T" if kind is tuple else "S": items}

    def _of_numpy(self, value: Any, numpy: Any) -> Any:
        name = value.dtype.name
        if isinstance(value, numpy.generic):
            item = value.item()
            return self._reference(value) if isinstance(item, numpy.generic) else self.encode(item)
        if name not in NUMPY_NAMES:
            return self._reference(value)
        native = numpy.ascontiguousarray(value, value.dtype.newbyteorder("=")).reshape(-1)
        tensor = from_bytes(memoryview(native).cast("B"), value.shape, NUMPY_NAMES.index(name))
        return self.encode(tensor)

    def _reference(self, value: Any) -> Any:
        pair = self._objects.add(value)
        self._kept_objects.append([pair, 1])
        return {"r": [pair, text(title(value))]}


CONTAINERS = frozenset({list, tuple, dict, set, frozenset})


class Decoder:
    """Values from the other end; the bytes of its typed arrays lie behind the header."""

    def __init__(self, tensors: TensorTable, objects: ObjectStore, function: Callable[[int], Any]) -> None:
        self._tensors = tensors
        self._objects = objects
        self._function = function

    def decode(self, value: Any, payload: memoryview) -> Any:
        kind = type(value)
        if kind is list:
            return [self.decode(item, payload) for item in value]
        if kind is not dict:
            return value
        ((tag, content),) = value.items()
        if tag == "t":
            return detached(self._tensors.get(content))
        if tag == "m":
            parts = iter([self.decode(part, payload) for part in content])
            return dict(zip(parts, parts, strict=True))
        if tag == "T":
            return tuple(self.decode(content, payload))
        if tag == "S":
            return set(self.decode(content, payload))
        if tag == "r":
            return self._objects.get(content)
        if tag == "p":
            return self._objects.follow(content[0], content[1], payload)
        if tag == "u":
            return self.decode(content, payload).decode("utf-16-le", "surrogatepass")
        if tag == "j":
            return self._function(content)
        if tag == "a":
            return typed_array(content[0], content[1], content[2], payload)
        if tag == "n":
            return as_numpy(self.decode(content, payload))
        return scalar(tag, content)


def scalar(tag: str, content: Any) -> Any:
    """Give what MessagePack has no form of its own for."""
    if tag == "f":
        return float(content)
    if tag == "z":
        return -0.0
    if tag == "I":
        return int(content, 16)
    if tag == "b":
        return content.encode("latin-1")
    if tag == "c":
        return complex(*content)
    if tag == "i":
        return slice(*content)
    if tag == "d":
        return DTYPES[content]
    raise ProtocolError(f"there is no value of the sort {tag!r}")


def typed_array(code: int, start: int, length: int, payload: memoryview) -> Any:
    """Make a NumPy array of the bytes, or where there is no NumPy an `array` of Python's own."""
    data = payload[start : start + length]
    try:
        import numpy
    except ImportError:
        return array(ARRAY_LETTERS[code], bytes(data))
    return numpy.frombuffer(bytearray(data), NUMPY_NAMES[code])


def as_numpy(value: Any) -> Any:
    """Give the values of a tensor as a NumPy array; bfloat16, which NumPy lacks, as float32."""
    import numpy

    if not isinstance(value, mx.array):
        return numpy.asarray(value)
    if value.dtype == mx.bfloat16:
        value = value.astype(mx.float32)
    code = CODES[value.dtype]
    return numpy.frombuffer(bytearray(to_bytes(value)), NUMPY_NAMES[code]).reshape(value.shape)


def text(value: str) -> Any:
    """Give the string as it is, or where UTF-8 cannot hold it, for it has lone surrogates, as UTF-16."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return {"u": value.encode("utf-16-le", "surrogatepass")}
    return value


def title(value: Any) -> str:
    """Name an object for people without running any code of its class: `repr` might compute, fail or never end."""
    if isinstance(value, ModuleType):
        return f"module {value.__name__}"
    kind = type(value)
    if isinstance(value, type):
        return f"class {value.__module__}.{value.__qualname__}"
    if isinstance(value, (FunctionType, MethodType, BuiltinFunctionType)):
        return f"function {getattr(value, '__module__', None) or ''}.{value.__qualname__}".replace(" .", " ")
    return f"{kind.__module__}.{kind.__qualname__}"
