"""Runs what the requests ask for, and records which tensors may fail to be computed, and because of what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..tensors import TensorTable
from . import decompositions
from .failed_evaluations import FallibleResult, Origin, UntrackedOrigin, arrays_in, merged

T = TypeVar("T")
UNTRACKED = UntrackedOrigin(())


class FailureTracker:
    """Sets for each call what the tensors that it gives come from, where they may fail."""

    def __init__(self, tensors: TensorTable) -> None:
        self._tensors = tensors
        # How many transforms are being run, one inside the other: there tensors may be no more than places of values.
        self._transforms = 0
        decompositions.count_calls()

    def run_operation(self, call: Callable[[], Any]) -> Any:
        """Run an operation of MLX's while there are results that may fail, or one that gives some."""
        before = decompositions.calls()
        result, used = self._recording(call)
        self.record(result, before, merged(used))
        return result

    def record(self, result: Any, before: int, causes: tuple[FallibleResult, ...] = ()) -> None:
        """Record what an operation has given; `before`: how many decompositions were called before it."""
        new = decompositions.calls() - before
        if new and not self._transforms:
            decompositions.track(new)
            causes = (FallibleResult(arrays_in(result), causes),)
        self._tensors.origin = Origin(causes) if causes else None

    def run_user_code(self, call: Callable[[], T]) -> T:
        """Run a function of the user's: it may read what it is given, and do what it likes."""
        tensors = self._tensors
        before, tensors.must_compute = tensors.must_compute, True
        # Set before the call: a request about objects stores its results itself.
        tensors.origin = origin = None if self._transforms else UNTRACKED
        try:
            return call()
        finally:
            tensors.must_compute = before
            tensors.origin = origin

    def run_transform(self, call: Callable[[], T]) -> T:
        """Run a transform: all that it gives may come from all that was asked for inside."""
        self._transforms += 1
        try:
            result, used = self._recording(call)
        finally:
            self._transforms -= 1
        causes = merged(used)
        self._tensors.origin = Origin(causes) if self._transforms else UntrackedOrigin(causes)
        return result

    def _recording(self, call: Callable[[], T]) -> tuple[T, list[FallibleResult]]:
        """Give with the result what may fail and was used; a call around this one records it, too."""
        tensors = self._tensors
        used: list[FallibleResult] = []
        outer, tensors.used = tensors.used, used
        try:
            return call(), used
        finally:
            tensors.used = outer
            if outer is not None:
                outer.extend(used)
