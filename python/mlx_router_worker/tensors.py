"""Tensors by id, and their row-major bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any

import mlx.core as mx

from . import fallible
from .failures import describe_error
from .suspects import Causes, Origin, Suspect, settle

# In the order of MLX's own numbers, which are the codes on the wire.
DTYPES: tuple[mx.Dtype, ...] = (
    mx.bool_,
    mx.uint8,
    mx.uint16,
    mx.uint32,
    mx.uint64,
    mx.int8,
    mx.int16,
    mx.int32,
    mx.int64,
    mx.float16,
    mx.float32,
    mx.float64,
    mx.bfloat16,
    mx.complex64,
)
CODES: dict[mx.Dtype, int] = {dtype: code for code, dtype in enumerate(DTYPES)}

# How a buffer says these dtypes, where Python's memoryview can say them at all.
FORMATS: dict[int, Any] = {0: "?", 1: "B", 2: "H", 3: "I", 4: "Q", 5: "b", 6: "h", 7: "i", 8: "q", 10: "f"}
# The others travel as integers or floats of a size that divides theirs, and are viewed as what they are.
CARRIERS: dict[int, Any] = {9: "H", 11: "q", 12: "H", 13: "f"}
CARRIER_DTYPES: dict[int, mx.Dtype] = {9: mx.uint16, 11: mx.int64, 12: mx.uint16, 13: mx.float32}


def settled(tensor: mx.array) -> mx.array:
    """Give empty tensors in row-major order: MLX may never end a reduction of another."""
    if tensor.size != 0:
        return tensor
    if mx.default_device() == mx.gpu:
        # CUDA gives some empty results no memory at all, and ends the process where that is looked for.
        return from_bytes(memoryview(b""), tensor.shape, CODES[tensor.dtype])
    return mx.contiguous(tensor, stream=mx.cpu)


class UnknownTensorError(Exception):
    """The other end named a tensor that this worker does not hold."""


class PoisonedError(Exception):
    """The tensor is not there because an operation before failed, which nobody waited for, or its computation."""

    def __init__(self, header: dict[str, Any]) -> None:
        super().__init__(header["message"])
        # How the other end hears of that operation.
        self.header = header


class TensorTable:
    """Tensors by id. Node numbers what it knows in advance from 0 up, the worker everything else from -1 down."""

    def __init__(self) -> None:
        # By number from 0 up; a list, since batches look up a million a second.
        self._dense: list[mx.array | None] = []
        # Those of the worker's own numbers.
        self._own: dict[int, mx.array] = {}
        # Node does not wait for what it sends, so it hears of a failure when it uses the tensor.
        self._failures: dict[int, Exception] = {}
        self._free: list[int] = []
        self._lowest = 0
        # Those that may fail to be computed, by number; most programs have none.
        self.suspects: dict[int, Causes] = {}
        # What tensors that are put down now come from, where they may fail.
        self.origin: Origin | None = None
        # The suspects that were asked for, while somebody wants to know.
        self.noticed: list[Suspect] | None = None
        # Whether tensors are given to functions that may read them, so that they must have been computed.
        self.settling = False

    def get(self, identifier: int) -> mx.array:
        tensor = self._find(identifier)
        if tensor is not None:
            if self.suspects:
                self._notice(identifier)
            return tensor
        failure = self._failures.get(identifier) or UnknownTensorError(f"there is no tensor {identifier} here")
        # An error that is raised again and again would gather tracebacks.
        raise failure.with_traceback(None) from None

    def computed(self, identifier: int) -> mx.array:
        """Give a tensor that is about to be read; raises what its computation failed with, each time the same."""
        tensor = self.get(identifier)
        if self.suspects:
            self._settle(self.suspects.get(identifier, ()))
        return tensor

    def failed(self, identifiers: Iterable[int], error: BaseException) -> None:
        """Remember what reading one of these tensors failed with, if MLX would not fail again."""
        if isinstance(error, Exception) and fallible.is_failure(error):
            for identifier in identifiers:
                if identifier not in self.suspects:
                    suspect = Suspect([], ())
                    suspect.fail(error)
                    self.suspects[identifier] = (suspect,)

    def _notice(self, identifier: int) -> None:
        causes = self.suspects.get(identifier)
        if causes is None:
            return
        if self.settling:
            self._settle(causes)
        elif self.noticed is not None:
            self.noticed.extend(causes)

    def _settle(self, causes: Causes) -> None:
        if not causes:
            return
        try:
            settle(causes)
        except RuntimeError as error:
            if not fallible.is_failure(error):
                raise
            raise PoisonedError({"kind": "mlx", **describe_error(error, False)}) from None
        finally:
            # What turned out well is like any other.
            for identifier, held in list(self.suspects.items()):
                if all(cause.is_well for cause in held):
                    del self.suspects[identifier]

    def _suspect(self, identifier: int, causes: Causes) -> None:
        if causes:
            self.suspects[identifier] = causes
        else:
            self.suspects.pop(identifier, None)

    def put(self, identifier: int, tensor: mx.array) -> None:
        if self.origin is not None:
            self._suspect(identifier, self.origin.of(tensor))
        if identifier < 0:
            self._own[identifier] = settled(tensor)
            return
        self.reserve(identifier + 1)
        self._dense[identifier] = settled(tensor)

    def fail(self, identifier: int, failure: Exception) -> None:
        """Remember why there is no tensor of that number."""
        self._failures[identifier] = failure

    def add(self, tensor: mx.array, given: int | None = None) -> int:
        """Keep the tensor under the given number, or one of the worker's own, and give the number."""
        if given is not None:
            self.put(given, tensor)
            return given
        if self._free:
            identifier = self._free.pop()
        else:
            self._lowest -= 1
            identifier = self._lowest
        self.put(identifier, tensor)
        return identifier

    def free(self, identifiers: Iterable[int]) -> None:
        for identifier in identifiers:
            self._failures.pop(identifier, None)
            if self.suspects:
                self.suspects.pop(identifier, None)
            if identifier < 0:
                if self._own.pop(identifier, None) is not None:
                    self._free.append(identifier)
            elif identifier < len(self._dense):
                self._dense[identifier] = None

    def free_range(self, first: int, count: int) -> None:
        """Free neighbours of numbers from 0 up, or one of the worker's own."""
        if first < 0 or self._failures or self.suspects or first + count > len(self._dense):
            self.free(range(first, first + count))
        else:
            self._dense[first : first + count] = [None] * count

    def reserve(self, count: int) -> None:
        """Have places for the numbers below `count`."""
        missing = count - len(self._dense)
        if missing > 0:
            # More than asked for, so that each number in turn costs nothing.
            self._dense.extend([None] * (missing + len(self._dense) // 8))

    @property
    def dense(self) -> list[mx.array | None]:
        """The tensors of numbers from 0 up, as far as there are places; always the same list."""
        return self._dense

    def _find(self, identifier: int) -> mx.array | None:
        if identifier < 0:
            return self._own.get(identifier)
        return self._dense[identifier] if identifier < len(self._dense) else None

    def __len__(self) -> int:
        return len(self._own) + sum(tensor is not None for tensor in self._dense)


def from_bytes(data: memoryview, shape: Sequence[int], code: int) -> mx.array:
    """Copy row-major bytes into a tensor; exact for every dtype."""
    buffer: Any = data.cast(FORMATS.get(code) or CARRIERS[code])
    tensor = mx.array(buffer)
    # A GPU would refuse float64 even here, where nothing is computed.
    with mx.stream(mx.cpu):
        if code in FORMATS:
            return tensor.reshape(shape)
        # `mx.array` would round float64 buffers to float32, and knows no buffers of 16-bit floats.
        tensor = tensor.view(DTYPES[code]).reshape(shape)
        mx.eval(tensor)
    return tensor


def to_bytes(tensor: mx.array) -> memoryview:
    """Evaluate, and give the row-major bytes without copying them where the tensor is contiguous."""
    if tensor.size == 0:
        mx.eval(tensor)
        return memoryview(b"")
    # A GPU cannot even copy float64.
    with mx.stream(mx.cpu) if tensor.dtype == mx.float64 else nullcontext():
        flat = mx.contiguous(tensor).reshape(-1)
        carrier = CARRIER_DTYPES.get(CODES[tensor.dtype])
        if carrier is not None:
            flat = flat.view(carrier)
        mx.eval(flat)
    return memoryview(flat).cast("B")  # type: ignore[arg-type]
