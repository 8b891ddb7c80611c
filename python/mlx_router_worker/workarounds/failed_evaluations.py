"""Tensors whose computation may fail. One that failed raises its first error whenever it is read."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any
from weakref import WeakSet

import mlx.core as mx

from . import decompositions

# Of more causes than that a tensor gets one that stands for them all.
MOST_CAUSES = 16
_numbers = count()
# Those that were found in graphs: of functions whose inside is unknown.
_found: WeakSet[FallibleResult] = WeakSet()


class FallibleResult:
    """Tensors that one computation gives, which may fail."""

    __slots__ = ("__weakref__", "arrays", "causes", "failure", "nodes", "number", "succeeded")

    def __init__(self, arrays: list[mx.array], causes: Causes, nodes: frozenset[int] = frozenset()) -> None:
        self.arrays = arrays
        self.causes = causes
        # Of a found one, what may fail in its graph.
        self.nodes = nodes
        self.failure: Exception | None = None
        self.succeeded = False
        self.number = next(_numbers)
        if nodes:
            _found.add(self)

    def fail(self, failure: Exception) -> None:
        self.failure = failure
        self._end()

    def compute(self) -> None:
        """Compute it after all that it comes from; what it fails with is kept."""
        for cause in self.causes:
            if cause.failure is not None:
                self.fail(cause.failure)
                return
        shared = self._shared() if self.nodes else []
        # One that was computed for it may have failed.
        if self.failure is not None:
            return
        try:
            for array in self.arrays:
                mx.eval(array)
        except ValueError:
            # MLX traces a function of the user's, in which nothing can be computed. What that gives is looked through.
            decompositions.track(-1)
            self._succeed()
        except Exception as error:
            if not decompositions.is_failure(error):
                raise
            self.fail(error)
            for other in shared:
                other.fail(error)
        else:
            self._succeed()

    def _succeed(self) -> None:
        self.succeeded = True
        self._end()

    def _end(self) -> None:
        self.arrays = []
        self.causes = ()
        _found.discard(self)

    def _shared(self) -> list[FallibleResult]:
        """Give the others that have a node with this one in common, once those are computed that have no other."""
        others = [found for found in _found if found is not self and found.nodes & self.nodes]
        for other in others:
            # They may have been computed with something else, and new nodes may have their numbers.
            other.nodes = frozenset().union(*(decompositions.uncomputed(array) for array in other.arrays))
        for other in sorted(others, key=lambda found: len(found.nodes)):
            if other.nodes < self.nodes and all(cause.is_done for cause in other.causes) and not other.is_done:
                other.compute()
        return [other for other in others if not other.is_done and other.nodes & self.nodes]

    @property
    def is_done(self) -> bool:
        return self.succeeded or self.failure is not None


Causes = tuple[FallibleResult, ...]


def compute_all(fallible: Iterable[FallibleResult]) -> None:
    """Compute them, and before them what they come from; raise what the first of them failed with."""
    wanted = list(fallible)
    open_ones = {result.number: result for result in wanted}
    left = [result for result in wanted if not result.is_done]
    while left:
        for cause in left.pop().causes:
            if cause.number not in open_ones:
                open_ones[cause.number] = cause
                left.append(cause)
    # What a thing comes from was there before it.
    for number in sorted(open_ones):
        if not open_ones[number].is_done:
            open_ones[number].compute()
    for result in sorted(wanted, key=lambda each: each.number):
        if result.failure is not None:
            # An error that is raised again and again would gather tracebacks.
            raise result.failure.with_traceback(None) from None


def merged(causes: Iterable[FallibleResult]) -> Causes:
    """Give each of them once, without those that are well, and one for many."""
    distinct = tuple({cause.number: cause for cause in causes if not cause.succeeded}.values())
    return distinct if len(distinct) <= MOST_CAUSES else (FallibleResult([], distinct),)


def arrays_in(value: Any) -> list[mx.array]:
    """Give the tensors of a tree."""
    if isinstance(value, mx.array):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return []
    return [array for item in value for array in arrays_in(item)]


class Origin:
    """What the tensors that are being put down come from."""

    def __init__(self, causes: Causes) -> None:
        self._causes = causes

    def of(self, _tensor: mx.array) -> Causes:
        return self._causes


class UntrackedOrigin(Origin):
    """Of functions whose inside was not traced: each tensor is looked through."""

    def of(self, tensor: mx.array) -> Causes:
        nodes = decompositions.uncomputed(tensor) if decompositions.has_untracked() else None
        return (FallibleResult([tensor], self._causes, nodes),) if nodes else self._causes
