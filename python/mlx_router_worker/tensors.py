"""Tensors by id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import mlx.core as mx

from .failures import describe_error
from .workarounds import decompositions
from .workarounds.empty_tensors import with_memory
from .workarounds.failed_evaluations import Causes, FallibleResult, Origin, compute_all


class UnknownTensorError(Exception):
    """The other end named a tensor that this worker does not hold."""


class PoisonedError(Exception):
    """The tensor is not there because an operation before failed, which was not waited for, or its computation."""

    def __init__(self, header: dict[str, Any]) -> None:
        super().__init__(header["message"])
        # How that operation is named to the other end.
        self.header = header


def detached(tensor: mx.array) -> mx.array:
    """Give the same values, shared, in an object of its own: changing one in place does not change the other."""
    copy: mx.array = tensor.__copy__()
    return copy


class TensorTable:
    """Tensors by id. Node numbers what it knows in advance from 0 up, the worker everything else from -1 down."""

    def __init__(self) -> None:
        # By number from 0 up; a list, since batches look up a million a second.
        self._dense: list[mx.array | None] = []
        # Those of the worker's own numbers.
        self._own: dict[int, mx.array] = {}
        # Node does not wait for what it sends, so a failure is reported when it uses the tensor.
        self._failures: dict[int, Exception] = {}
        self._free: list[int] = []
        self._lowest = 0
        # Those that may fail to be computed, by number; most programs have none.
        self.fallible: dict[int, Causes] = {}
        # What tensors that are put down now come from, where they may fail.
        self.origin: Origin | None = None
        # The results that may fail which an operation uses, while they are recorded.
        self.used: list[FallibleResult] | None = None
        # Whether tensors are given to functions that may read them, so that they must have been computed.
        self.must_compute = False
        # How many of MLX's transforms run, one within the other.
        self._transforms_running = 0

    def get(self, identifier: int) -> mx.array:
        tensor = self._find(identifier)
        if tensor is not None:
            if self.fallible:
                self._use(identifier)
            return tensor
        failure = self._failures.get(identifier) or UnknownTensorError(f"there is no tensor {identifier} here")
        # An error that is raised again and again would gather tracebacks.
        raise failure.with_traceback(None) from None

    def computed(self, identifier: int) -> mx.array:
        """Give a tensor that is about to be read; raises what its computation failed with, each time the same."""
        tensor = self.get(identifier)
        if self.fallible:
            self._compute(self.fallible.get(identifier, ()))
        return tensor

    def failed(self, identifiers: Iterable[int], error: BaseException) -> None:
        """Remember what reading one of these tensors failed with, if MLX would not fail again."""
        if isinstance(error, Exception) and decompositions.is_failure(error):
            for identifier in identifiers:
                if identifier not in self.fallible:
                    result = FallibleResult([], ())
                    result.fail(error)
                    self.fallible[identifier] = (result,)

    def _use(self, identifier: int) -> None:
        causes = self.fallible.get(identifier)
        if causes is None:
            return
        if self.must_compute:
            self._compute(causes)
        elif self.used is not None:
            self.used.extend(causes)

    def _compute(self, causes: Causes) -> None:
        if not causes:
            return
        try:
            compute_all(causes)
        except RuntimeError as error:
            if not decompositions.is_failure(error):
                raise
            raise PoisonedError({"kind": "mlx", **describe_error(error, False)}) from None
        finally:
            # What turned out well is like any other.
            for identifier, held in list(self.fallible.items()):
                if all(cause.succeeded for cause in held):
                    del self.fallible[identifier]

    def _track(self, identifier: int, causes: Causes) -> None:
        if causes:
            self.fallible[identifier] = causes
        else:
            self.fallible.pop(identifier, None)

    def put(self, identifier: int, tensor: mx.array) -> None:
        if self.origin is not None:
            self._track(identifier, self.origin.of(tensor))
        held = with_memory(tensor, self._transforms_running > 0)
        if identifier < 0:
            self._own[identifier] = held
            return
        self.reserve(identifier + 1)
        self._dense[identifier] = held

    @contextmanager
    def transforming(self) -> Iterator[None]:
        """While it lasts one of MLX's transforms runs, and what is put down may belong to its graph."""
        self._transforms_running += 1
        try:
            yield
        finally:
            self._transforms_running -= 1

    def fail(self, identifier: int, failure: Exception) -> None:
        """Remember why there is no tensor of that number."""
        self._failures[identifier] = failure

    def add(self, tensor: mx.array, given: int | None = None) -> int:
        """Keep the tensor under the given number, or one of the worker's own, and give the number.

        The code that it comes from may go on to change it in place, as `x += 1` does; a tensor never changes.
        """
        tensor = detached(tensor)
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
            if self.fallible:
                self.fallible.pop(identifier, None)
            if identifier < 0:
                if self._own.pop(identifier, None) is not None:
                    self._free.append(identifier)
            elif identifier < len(self._dense):
                self._dense[identifier] = None

    def free_range(self, first: int, count: int) -> None:
        """Free consecutive numbers from 0 up, or one of the worker's own."""
        if first < 0 or self._failures or self.fallible or first + count > len(self._dense):
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
