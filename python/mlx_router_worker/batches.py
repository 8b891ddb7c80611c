"""Operations that come many at a time, as records of four integers: what `docs/protocol.md` calls a PIPELINE frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import length_hint
from typing import Any

import mlx.core as mx
import msgpack

from .frames import Frame, ProtocolError
from .tensors import PoisonedError, TensorTable
from .workarounds.decompositions import is_counted
from .workarounds.failure_tracking import FailureTracker

RECORD_BYTES = 16
ABSENT = -(1 << 31)
FREE = -1
TERNARY = -2
ITEM = -3
# How many failures of a batch are reported in full; the others when their results are used.
MOST_TOLD = 16

Explain = Callable[[BaseException, int], dict[str, Any]]
Call = Callable[[dict[str, Any]], Any]
Records = Iterator[tuple[int, int, int, int]]


class NeedsTrackingError(Exception):
    """The operation's result may fail to be computed, which the fast path does not track."""


def needs_tracking(*_: Any) -> Any:
    """Stand for such operations on the fast path."""
    raise NeedsTrackingError


def _directly(call: Callable[[], Any]) -> Any:
    return call()


def unknown(*_: Any) -> Any:
    """Stand for operations that records cannot name."""
    raise ProtocolError("there is no such operation for records")


class Batches:
    """Runs batches over one table of tensors."""

    def __init__(self, tensors: TensorTable, tracker: FailureTracker, call: Call, explain: Explain) -> None:
        self._tensors = tensors
        self._tracker = tracker
        self._call = call
        self._explain = explain
        # By the operation's code: what takes tensors by position and gives one.
        self._functions: list[Callable[..., Any]] = []
        # Those whose results may fail to be computed.
        self._decompositions: dict[int, Callable[..., Any]] = {}
        # The operation of a record that does not begin with it.
        self._op = ABSENT

    def define(self, op: int, function: Callable[..., Any]) -> None:
        while len(self._functions) <= op:
            self._functions.append(unknown)
        if is_counted(function):
            self._decompositions[op] = function
            function = needs_tracking
        self._functions[op] = function

    def run(self, frame: Frame) -> dict[str, Any]:
        """Run one batch; give the header of its answer. A failure leaves what does not depend on it as it is."""
        count = frame.header.get("records")
        end = len(frame.payload) if count is None else count * RECORD_BYTES
        if end % RECORD_BYTES or not 0 <= end <= len(frame.payload):
            raise ProtocolError(f"a batch of {len(frame.payload)} bytes cannot hold its records")
        words = iter(frame.payload[:end].cast("i").tolist())
        items = msgpack.Unpacker(strict_map_key=False, max_buffer_size=0)
        items.feed(frame.payload[end:])
        # `zip` fills one tuple again and again, which costs half of what slices do.
        records = zip(words, words, words, words)  # noqa: B905
        self._tensors.reserve(frame.header.get("tensors", 0))
        tensors = self._tensors.dense
        functions = self._functions
        reported: list[dict[str, Any]] = []
        failed = 0
        tracked = bool(self._tensors.fallible)
        # Of tensors in row-major order these functions give such tensors, so none is copied here.
        for op, out, a, b in records:
            try:
                if tracked:
                    self._run_tracked(op, out, a, b, records, items)
                elif b != ABSENT:
                    tensors[out] = functions[op](tensors[a], tensors[b])
                elif op >= 0:
                    tensors[out] = functions[op](tensors[a])
                elif op == FREE:
                    self._tensors.free_range(out, a)
                else:
                    self._rare(op, out, a, records, items)
                    tracked = bool(self._tensors.fallible)
                    self._tensors.origin = None
            except ProtocolError:
                raise
            except BaseException as raised:
                error: BaseException | None = raised
                if isinstance(raised, NeedsTrackingError) and not tracked:
                    tracked = True
                    error = self._retry_tracked(op, out, a, b, records, items)
                if error is None:
                    continue
                failure = self._reason(error, op, a, b)
                if not isinstance(failure, PoisonedError):
                    failed += 1
                    record = (end // 4 - length_hint(words)) // 4 - 1
                    failure = self._failure(failure, op if op >= 0 else self._op, [frame.call, record], failed)
                    if failed <= MOST_TOLD:
                        reported.append(failure.header)
                self._tensors.fail(out, failure)
        return {"failures": reported, "failed": failed} if failed else {}

    def _retry_tracked(
        self, op: int, out: int, a: int, b: int, records: Records, items: msgpack.Unpacker
    ) -> BaseException | None:
        """Run it again with its result tracked; give what it fails with."""
        try:
            self._run_tracked(op, out, a, b, records, items)
        except ProtocolError:
            raise
        except BaseException as error:
            return error
        return None

    def _run_tracked(self, op: int, out: int, a: int, b: int, records: Records, items: msgpack.Unpacker) -> None:
        """Run one operation where tensors may fail to be computed, and note whether its result may."""
        self._tensors.origin = None
        if op < 0:
            if op == FREE:
                self._tensors.free_range(out, a)
            else:
                self._rare(op, out, a, records, items)
            return
        function = self._decompositions.get(op) or self._functions[op]
        get = self._tensors.get
        result = self._tracker.run_operation(lambda: function(get(a)) if b == ABSENT else function(get(a), get(b)))
        self._tensors.put(out, result)

    def _rare(self, op: int, out: int, a: int, records: Records, items: msgpack.Unpacker) -> None:
        if op == ITEM:
            try:
                item = items.unpack()
            except Exception as error:
                raise ProtocolError(f"a batch lacks a packed call: {error}") from error
            self._op = item["op"] if type(item) is dict and type(item.get("op")) is int else ABSENT
            result = self._call(item)
            if type(result) is not mx.array:
                raise TypeError(f"expected the operation to give mx.array, received {type(result).__name__}")
            self._tensors.put(out, result)
        elif op == TERNARY:
            following = next(records, None)
            if following is None:
                raise ProtocolError("a batch ends inside an operation")
            self._op, b, c, _ = following
            get = self._tensors.get
            function = self._decompositions.get(self._op) or self._functions[self._op]
            is_tracked = self._tensors.fallible or self._op in self._decompositions
            run = self._tracker.run_operation if is_tracked else _directly
            self._tensors.put(out, run(lambda: function(get(a), get(b), get(c))))
        else:
            raise ProtocolError(f"a batch has no record {op}")

    def _reason(self, error: BaseException, op: int, a: int, b: int) -> BaseException:
        """Give what an operation failed with: where a tensor is missing, the reason for that."""
        if op < 0:
            return error
        if op >= len(self._functions) or self._functions[op] is unknown:
            raise ProtocolError(f"there is no operation {op} for records") from error
        for number in (a, b):
            if number != ABSENT:
                try:
                    self._tensors.get(number)
                except Exception as reason:
                    return reason
        return error

    def _failure(self, error: BaseException, op: int, origin: list[int], failed: int) -> PoisonedError:
        header = self._explain(error, op)
        if failed > MOST_TOLD:
            # Texts of millions of failures would fill the memory.
            header["traceback"] = ""
        return PoisonedError({**header, "op": op, "origin": origin})
