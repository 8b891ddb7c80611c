"""What runs beside the requests so that tensors which fail to be computed are known for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from . import fallible
from .suspects import HiddenOrigin, Origin, Suspect, arrays_in, joined
from .tensors import TensorTable

T = TypeVar("T")
HIDDEN = HiddenOrigin(())


class Watch:
    """Says of the tensors that are put down after a call whether they may fail."""

    def __init__(self, tensors: TensorTable) -> None:
        self._tensors = tensors
        # How many transforms are being run, one inside the other: there tensors may be no more than places of values.
        self._transforms = 0
        fallible.count_calls()

    def plain(self, call: Callable[[], Any]) -> Any:
        """Run an operation of MLX's while there are suspects, or one that makes some."""
        before = fallible.calls()
        result, noticed = self._noticing(call)
        self.made(result, before, joined(noticed))
        return result

    def made(self, result: Any, before: int, causes: tuple[Suspect, ...] = ()) -> None:
        """Take note of what an operation has given; `before`: how many calls there were that may fail."""
        new = fallible.calls() - before
        if new and not self._transforms:
            fallible.know(new)
            causes = (Suspect(arrays_in(result), causes),)
        self._tensors.origin = Origin(causes) if causes else None

    def opaque(self, call: Callable[[], T]) -> T:
        """Run a function of the user's: it may read what it is given, and do what it likes."""
        tensors = self._tensors
        before, tensors.settling = tensors.settling, True
        # Now, for a request about objects puts down its results itself.
        tensors.origin = origin = None if self._transforms else HIDDEN
        try:
            return call()
        finally:
            tensors.settling = before
            tensors.origin = origin

    def transform(self, call: Callable[[], T]) -> T:
        """Run a transform: all that it gives may come from all that was asked for inside."""
        self._transforms += 1
        try:
            result, noticed = self._noticing(call)
        finally:
            self._transforms -= 1
        causes = joined(noticed)
        self._tensors.origin = Origin(causes) if self._transforms else HiddenOrigin(causes)
        return result

    def _noticing(self, call: Callable[[], T]) -> tuple[T, list[Suspect]]:
        """Give with the result the suspects that were asked for; whoever runs this one notices them, too."""
        tensors = self._tensors
        noticed: list[Suspect] = []
        outer, tensors.noticed = tensors.noticed, noticed
        try:
            return call(), noticed
        finally:
            tensors.noticed = outer
            if outer is not None:
                outer.extend(noticed)
