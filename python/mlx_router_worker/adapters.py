"""JavaScript functions that are given to objects: they take and give the values that calls of objects do."""

from __future__ import annotations

from typing import Any

from .callbacks import JavaScriptFunction
from .tensors import TensorTable
from .values import Decoder, Encoder, ObjectStore


class AdaptedFunction:
    """Around a function that itself knows arrays and plain data alone."""

    def __init__(
        self, function: JavaScriptFunction, tensors: TensorTable, objects: ObjectStore, decoder: Decoder
    ) -> None:
        self._function = function
        self._tensors = tensors
        self._objects = objects
        self._decoder = decoder

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        encoder = Encoder(self._tensors, self._objects)
        try:
            values = [textual(encoder.encode(value)) for value in args]
            named = {name: textual(encoder.encode(value)) for name, value in keywords.items()}
        except BaseException:
            encoder.undo()
            raise
        # Once it is called, what was kept for it is the other end's, whatever comes of the call.
        return self._decoder.decode(self._function(values, named), memoryview(b""))

    def __repr__(self) -> str:
        return repr(self._function)


def textual(value: Any) -> Any:
    """Give bytes as text: these frames contain no others."""
    if type(value) is bytes:
        return {"b": value.decode("latin-1")}
    if type(value) is list:
        return [textual(item) for item in value]
    if type(value) is dict:
        return {tag: textual(content) for tag, content in value.items()}
    return value
