"""One request after the other, each with one answer: a result or an error."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeVar

import mlx.core as mx

from .arena import Arena
from .arguments import ArgumentDecoder
from .batches import Batches
from .callbacks import Callbacks, JavaScriptError, thrown_by
from .failures import describe_error
from .forks import is_forked, leave_fork
from .frames import Frame, FrameType, FrameWriter, ProtocolError, Reader
from .guard import PrivateNameError, RefusedError
from .objects import OBJECT_REQUESTS, ObjectServer
from .operations import Operation, UnresolvedError
from .results import UnsendableResultError, describe, encode_result, stream_index
from .tensor_bytes import from_bytes, to_bytes
from .tensors import PoisonedError, TensorTable, UnknownTensorError, detached
from .tracing import traced
from .transforms import Transforms
from .workarounds import decompositions
from .workarounds.failure_tracking import FailureTracker

Handler = Callable[[Frame], None]
T = TypeVar("T")
DEVICES = {"cpu": mx.cpu, "gpu": mx.gpu}


class Dispatcher:
    """What a worker knows: its operations, its tensors, its streams."""

    def __init__(self, reader: Reader, writer: FrameWriter, allowed: list[str]) -> None:
        self._writer = writer
        self._allowed = allowed
        self.tensors = TensorTable()
        self._arena = Arena()
        # The request in hand; 0 between requests, and for those without an answer.
        self.running = 0
        self.callbacks = Callbacks(reader, writer, self.tensors, self)
        self._decoder = ArgumentDecoder(self.tensors, self.callbacks.function)
        self.callbacks.decode_with(self._decoder.tree)
        self._tracker = FailureTracker(self.tensors)
        self._batches = Batches(self.tensors, self._tracker, self._run, self._explain)
        self._transforms = Transforms()
        self._operations: dict[int, Operation] = {}
        self._streams: dict[tuple[str, int], mx.Stream] = {}
        self.objects = ObjectServer(writer, self.tensors, self.callbacks.function, allowed)
        self._handlers: dict[int, Handler] = {
            FrameType.DEFINE: self._define,
            FrameType.CALL: self._call,
            FrameType.CREATE: self._create,
            FrameType.READ: self._read,
            FrameType.TEXT: self._text,
            FrameType.EVAL: self._eval,
            FrameType.FREE: self._free,
            **{kind: self._of_objects(handler) for kind, handler in self.objects.handlers.items()},
            FrameType.PIPELINE: self._pipeline,
            FrameType.DESCRIBE: self._describe,
            FrameType.TRANSFORM: self._transform,
            FrameType.ERASE: self._erase,
            FrameType.MAP: self._map,
        }

    def define(self, rows: list[Any]) -> list[int]:
        """Add rows; give the codes of those of the catalogue that this Python does not have."""
        unresolved = []
        for row in rows:
            operation = Operation(row, self._decoder, self._allowed)
            self._operations[row[0]] = operation
            if operation.local:
                try:
                    function = operation.resolve()
                    if operation.simple:
                        self._batches.define(row[0], function)
                except (RefusedError, UnresolvedError):
                    unresolved.append(row[0])
        return unresolved

    def dispatch(self, frame: Frame) -> None:
        """Handle one request. Only what breaks the protocol itself escapes, and ends the worker."""
        handler = self._handlers.get(frame.type)
        if handler is None:
            raise ProtocolError(f"there is no request of type {frame.type}")
        self.running = frame.call
        self.tensors.origin = None
        parent = frame.header.get("trace")
        with nullcontext() if parent is None else traced(parent, self._writer):
            try:
                handler(frame)
            except BaseException as error:
                if is_forked():
                    leave_fork(error)
                self._fail(frame, error)
        self.running = 0
        self.callbacks.flush()

    def _fail(self, frame: Frame, error: BaseException) -> None:
        header = self._explain(error, code_of(frame.header) if frame.type == FrameType.CALL else -1)
        if header["kind"] == "mlx" and frame.type in OBJECT_REQUESTS and not isinstance(error, PoisonedError):
            header = {"kind": "user", **describe_error(error, True)}
        thrown = thrown_by(error)
        if thrown is not None:
            header["thrown"] = thrown
        self._writer.write(FrameType.ERROR, frame.call, header)

    def _explain(self, error: BaseException, op: int) -> dict[str, Any]:
        if isinstance(error, PoisonedError):
            return error.header
        kind = error_kind(error)
        operation = self._operations.get(op)
        if kind == "mlx" and operation is not None and operation.user:
            kind = "user"
        return {"kind": kind, **describe_error(error, kind == "user")}

    def _define(self, frame: Frame) -> None:
        self.define(frame.header["operations"])

    def _run(self, call: dict[str, Any]) -> Any:
        operation = self._operations.get(code_of(call))
        if operation is None:
            raise ProtocolError(f"there is no operation {call.get('op')}")
        stream = call.get("stream")
        where = None if stream is None else self._stream(*stream)
        if operation.user:
            result = self._tracker.run_user_code(lambda: operation.call(call["args"], where))
            # The function may keep what it gave, and change it in place later.
            return detached(result) if type(result) is mx.array else result
        if self.tensors.fallible:
            return self._tracker.run_operation(lambda: operation.call(call["args"], where))
        before = decompositions.calls()
        result = operation.call(call["args"], where)
        if decompositions.calls() != before:
            self._tracker.record(result, before)
        return result

    def _of_objects(self, handler: Handler) -> Handler:
        return lambda frame: self._tracker.run_user_code(lambda: handler(frame))

    def _call(self, frame: Frame) -> None:
        header = frame.header
        result = self._run(header)
        if type(result) is mx.array:
            self.tensors.put(header["out"], result)
            self._writer.write(FrameType.RESULT, frame.call, {"t": describe(result)})
            return
        if isinstance(result, mx.Stream):
            self._streams[result.device.type.name, stream_index(result)] = result
        self._answer(frame, result)

    def _answer(self, frame: Frame, result: Any) -> None:
        kept: list[int] = []
        numbers = frame.header.get("outs")
        try:
            tree = encode_result(result, self.tensors, kept, None if numbers is None else iter(numbers))
            self._writer.write(FrameType.RESULT, frame.call, {"v": tree})
        except BaseException:
            self.tensors.free(kept)
            raise

    def _pipeline(self, frame: Frame) -> None:
        self._writer.write(FrameType.PIPELINED, frame.call, self._batches.run(frame))

    def _describe(self, frame: Frame) -> None:
        header: dict[str, Any] = {"t": describe(self.tensors.get(frame.header["tensor"]))}
        beside = frame.header.get("beside")
        if beside is not None:
            header["beside"] = [self._described(identifier) for identifier in beside]
        self._writer.write(FrameType.RESULT, frame.call, header)

    def _described(self, identifier: int) -> list[Any] | None:
        try:
            return describe(self.tensors.get(identifier))
        except (PoisonedError, UnknownTensorError):
            return None

    def _transform(self, frame: Frame) -> None:
        header = frame.header
        run = self._transforms.run
        with self.tensors.transforming():
            result = self._tracker.run_transform(lambda: run(header["name"], self._decoder.tree(header["args"])))
        self._answer(frame, result)

    def _erase(self, frame: Frame) -> None:
        self._transforms.erase(frame.header["compiled"])

    def _create(self, frame: Frame) -> None:
        header = frame.header
        try:
            data = self._arena.view(header["at"]) if "at" in header else frame.payload
            tensor = from_bytes(data, header["shape"], header["dtype"])
        except Exception as error:
            self.tensors.fail(header["out"], error)
            raise
        self.tensors.put(header["out"], tensor)
        self._writer.write(FrameType.RESULT, frame.call, {})

    def _read(self, frame: Frame) -> None:
        payload = self._reading(frame.header["tensor"], to_bytes)
        if "at" in frame.header:
            self._arena.view(frame.header["at"])[:] = payload
            payload = memoryview(b"")
        self._writer.write(FrameType.RESULT, frame.call, {}, payload)

    def _reading(self, identifier: int, read: Callable[[mx.array], T]) -> T:
        tensor = self.tensors.computed(identifier)
        try:
            return read(tensor)
        except Exception as error:
            self.tensors.failed([identifier], error)
            raise

    def _text(self, frame: Frame) -> None:
        precision = frame.header.get("precision")
        with nullcontext() if precision is None else mx.printoptions(precision=precision):
            text = self._reading(frame.header["tensor"], repr)
        self._writer.write(FrameType.RESULT, frame.call, {"v": text})

    def _eval(self, frame: Frame) -> None:
        identifiers = frame.header["tensors"]
        tensors = [self.tensors.computed(identifier) for identifier in identifiers]
        if decompositions.has_untracked():
            # One by one, so that it is known which of them failed.
            for identifier in identifiers:
                self._reading(identifier, mx.eval)
        else:
            mx.eval(tensors)
        self._writer.write(FrameType.RESULT, frame.call, {})

    def _free(self, frame: Frame) -> None:
        self.tensors.free(frame.header["tensors"])

    def _map(self, frame: Frame) -> None:
        self._arena.map(frame.header["path"], frame.header["bytes"])
        self._writer.write(FrameType.RESULT, frame.call, {})

    def _stream(self, device: str, index: int | None) -> mx.Stream | mx.Device:
        if index is None:
            return mx.Device(DEVICES[device])
        stream = self._streams.get((device, index))
        if stream is None:
            # A number that the other end made for a stream of its own: here it gets one when it is first used.
            stream = mx.default_stream(mx.Device(DEVICES[device]))
            if stream_index(stream) != index:
                stream = mx.new_stream(mx.Device(DEVICES[device]))
            self._streams[device, index] = stream
        return stream


def code_of(call: dict[str, Any]) -> int:
    """Give the code of the operation that a call names; -1, which no operation has, for what is no code."""
    code = call.get("op")
    return code if isinstance(code, int) else -1


def error_kind(error: BaseException) -> str:
    """Sort an error for the other end, which makes a typed one of it."""
    if isinstance(error, UnresolvedError):
        return "unresolved"
    if isinstance(error, RefusedError):
        return "refused"
    if isinstance(error, PrivateNameError):
        return "private"
    if isinstance(error, (ProtocolError, UnknownTensorError)):
        return "protocol"
    if isinstance(error, UnsendableResultError):
        return "result"
    if isinstance(error, JavaScriptError):
        return "javascript"
    return "mlx"
