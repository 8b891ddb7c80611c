"""Requests about objects that stay here: attributes, calls, items, iteration."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from types import CoroutineType
from typing import Any

import mlx.core as mx

from .adapters import AdaptedFunction
from .callbacks import JavaScriptFunction
from .coroutines import Coroutines
from .failures import describe_error
from .frames import Frame, FrameType, FrameWriter, ProtocolError
from .guard import Guard
from .results import UnsendableResultError
from .tensors import TensorTable
from .values import Decoder, Encoder

OBJECT_REQUESTS = range(0x50, 0x60)
LOOKS: dict[str, Callable[[Any], Any]] = {"repr": repr, "str": str, "len": len, "bool": bool}

# What the library itself reaches, beside what the configuration names.
ALWAYS_ALLOWED = ("mlx", "mlx_router_worker.language_models")


class ObjectTable:
    """Objects by number; one stays until the other end has given back each reference that was sent."""

    def __init__(self, guard: Guard, decoder: Callable[[Any, memoryview], Any]) -> None:
        self._guard = guard
        self._decode = decoder
        self._objects: dict[int, Any] = {}
        self._sent: dict[int, int] = {}
        # An object that is held has an identity that no other one can have.
        self._numbers: dict[int, int] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._objects)

    def add(self, value: Any) -> int:
        """Count one more reference to the object, and give its number."""
        self._guard.check_value(value, "the value")
        number = self._numbers.get(id(value))
        if number is None:
            self._last += 1
            number = self._last
            self._numbers[id(value)] = number
            self._objects[number] = value
            self._sent[number] = 0
        self._sent[number] += 1
        return number

    def get(self, number: int) -> Any:
        try:
            return self._objects[number]
        except KeyError:
            raise ProtocolError(f"there is no object {number} here") from None

    def release(self, references: list[list[int]]) -> None:
        """Take back so many references of each; what has no reference left is dropped."""
        for number, count in references:
            left = self._sent.get(number, 0) - count
            if left > 0:
                self._sent[number] = left
            elif number in self._objects:
                del self._sent[number]
                value = self._objects.pop(number)
                del self._numbers[id(value)]

    def follow(self, number: int, path: list[Any], payload: memoryview) -> Any:
        """Go from an object by attributes, which are names, and items, which are lists of one key."""
        target = self.get(number)
        for step in path:
            if type(step) is list:
                target = target[self._decode(step[0], payload)]
                self._guard.check_value(target, "the item")
            else:
                target = self._guard.attribute(target, step)
        return target


class Iteration:
    """An iterator that the other end asks for one part after the other."""

    def __init__(self, iterator: Any) -> None:
        self.iterator = iterator
        self.failure: BaseException | None = None


class ObjectServer:
    """What the dispatcher does with requests about objects."""

    def __init__(
        self,
        writer: FrameWriter,
        tensors: TensorTable,
        function: Callable[[int], JavaScriptFunction],
        allowed: list[str],
    ) -> None:
        self._writer = writer
        self._tensors = tensors
        self._guard = Guard(allowed, ALWAYS_ALLOWED)
        self.objects = ObjectTable(self._guard, lambda value, payload: self._decoder.decode(value, payload))
        self._decoder = Decoder(tensors, self.objects, self._adapt)
        self._function = function
        self._coroutines = Coroutines()
        self.handlers: dict[int, Callable[[Frame], None]] = {
            FrameType.IMPORT: self._import,
            FrameType.GET: self._get,
            FrameType.INVOKE: self._invoke,
            FrameType.SET: self._set,
            FrameType.DELETE: self._delete,
            FrameType.LOOK: self._look,
            FrameType.ITERATE: self._iterate,
            FrameType.NEXT: self._next,
            FrameType.CLOSE: self._close,
            FrameType.RELEASE: self._release,
            FrameType.BATCH: self._batch,
        }

    def _adapt(self, number: int) -> AdaptedFunction:
        return AdaptedFunction(self._function(number), self._tensors, self.objects, self._decoder)

    def _import(self, frame: Frame) -> None:
        self._answer(frame, self._guard.load(frame.header["module"]))

    def _get(self, frame: Frame) -> None:
        self._answer(frame, self._target(frame))

    def _invoke(self, frame: Frame) -> None:
        header = frame.header
        function = self._target(frame)
        args = self._decoder.decode(header["args"], frame.payload)
        kwargs = {
            self._guard.check_name(name): self._decoder.decode(value, frame.payload)
            for name, value in header["kwargs"].items()
        }
        self._answer(frame, self._settled(function(*args, **kwargs)))

    def _batch(self, frame: Frame) -> None:
        """Call once for many: each argument is the list of what the calls gave, the result the list of theirs."""
        header = frame.header
        columns = self._decoder.decode(header["columns"], frame.payload)
        result = self._settled(self._target(frame)(*columns))
        encoder = Encoder(self._tensors, self.objects)
        try:
            items = [self._outcome(item, encoder) for item in spread(result, header["count"])]
            self._writer.write(FrameType.RESULT, frame.call, {"items": items})
        except BaseException:
            encoder.undo()
            raise

    def _outcome(self, item: Any, encoder: Encoder) -> dict[str, Any]:
        if isinstance(item, BaseException):
            return {"e": {"kind": "user", **describe_error(item, True)}}
        return {"v": encoder.encode(item)}

    def _set(self, frame: Frame) -> None:
        owner, step = self._place(frame)
        value = self._decoder.decode(frame.header["value"], frame.payload)
        if type(step) is list:
            owner[self._decoder.decode(step[0], frame.payload)] = value
        else:
            self._guard.settable(owner)
            setattr(owner, self._guard.check_name(step), value)
        self._writer.write(FrameType.RESULT, frame.call, {})

    def _delete(self, frame: Frame) -> None:
        owner, step = self._place(frame)
        if type(step) is list:
            del owner[self._decoder.decode(step[0], frame.payload)]
        else:
            self._guard.settable(owner)
            delattr(owner, self._guard.check_name(step))
        self._writer.write(FrameType.RESULT, frame.call, {})

    def _look(self, frame: Frame) -> None:
        how = frame.header["how"]
        if how == "held":
            self._writer.write(FrameType.RESULT, frame.call, {"v": len(self.objects)})
            return
        target = self._target(frame)
        if how == "dir":
            self._answer(frame, [name for name in dir(target) if not name.startswith("_")])
            return
        look = LOOKS.get(how)
        if look is None:
            raise ProtocolError(f"there is no look of the sort {how!r}")
        self._answer(frame, look(target))

    def _iterate(self, frame: Frame) -> None:
        target = self._target(frame)
        iterator = target if isinstance(target, AsyncIterator) else None
        if iterator is None:
            iterator = aiter_of(target) if hasattr(type(target), "__aiter__") else iter(target)
        number = self.objects.add(Iteration(iterator))
        try:
            self._writer.write(FrameType.RESULT, frame.call, {"number": number})
        except BaseException:
            self.objects.release([[number, 1]])
            raise

    def _next(self, frame: Frame) -> None:
        """Give up to `count` items, fewer once `ms` have passed; what fails comes after the items before it."""
        iteration = self._iteration(frame)
        encoder = Encoder(self._tensors, self.objects)
        items: list[Any] = []
        done = False
        until = time.monotonic() + frame.header["ms"] / 1000
        try:
            if iteration.failure is not None:
                failure, iteration.failure = iteration.failure, None
                raise failure
            while len(items) < frame.header["count"] and (not items or time.monotonic() < until):
                try:
                    items.append(encoder.encode(self._step(iteration.iterator)))
                except (StopIteration, StopAsyncIteration):
                    done = True
                    break
                except BaseException as error:
                    if not items:
                        raise
                    iteration.failure = error
                    break
            self._writer.write(FrameType.RESULT, frame.call, {"items": items, "done": done})
        except BaseException:
            encoder.undo()
            done = True
            with contextlib.suppress(Exception):
                self._end(iteration.iterator)
            raise
        finally:
            if done:
                self.objects.release([[frame.header["on"], 1]])

    def _step(self, iterator: Any) -> Any:
        if isinstance(iterator, AsyncIterator) and not isinstance(iterator, Iterator):
            return self._coroutines.run(iterator.__anext__())
        return next(iterator)

    def _close(self, frame: Frame) -> None:
        iterator = self._iteration(frame).iterator
        self.objects.release([[frame.header["on"], 1]])
        self._end(iterator)
        self._writer.write(FrameType.RESULT, frame.call, {})

    def _end(self, iterator: Any) -> None:
        """Let a generator run its `finally`; other iterators, an open file for one, stay as they are."""
        if isinstance(iterator, AsyncGenerator):
            self._coroutines.run(iterator.aclose())
        elif isinstance(iterator, Generator):
            iterator.close()

    def _release(self, frame: Frame) -> None:
        self.objects.release(frame.header["references"])

    def _iteration(self, frame: Frame) -> Iteration:
        iteration = self.objects.get(frame.header["on"])
        if not isinstance(iteration, Iteration):
            raise ProtocolError(f"the object {frame.header['on']} is no iteration")
        return iteration

    def _target(self, frame: Frame) -> Any:
        return self.objects.follow(frame.header["on"], frame.header["path"], frame.payload)

    def _place(self, frame: Frame) -> tuple[Any, Any]:
        *path, step = frame.header["path"]
        return self.objects.follow(frame.header["on"], path, frame.payload), step

    def _settled(self, result: Any) -> Any:
        """Run a coroutine to its end: nothing else here would."""
        return self._coroutines.run(result) if isinstance(result, CoroutineType) else result

    def _answer(self, frame: Frame, value: Any) -> None:
        encoder = Encoder(self._tensors, self.objects)
        try:
            self._writer.write(FrameType.RESULT, frame.call, {"v": encoder.encode(value)})
        except BaseException:
            encoder.undo()
            raise


def aiter_of(target: Any) -> Any:
    """As `aiter`, by which an asynchronous iterable gives its iterator."""
    return type(target).__aiter__(target)


def spread(result: Any, count: int) -> list[Any]:
    """Give the results of the calls in a batch: items of a list or tuple, or parts of an array along its first axis."""
    is_list = isinstance(result, (list, tuple))
    is_array = isinstance(result, mx.array) or hasattr(type(result), "__array__")
    if not (is_list or is_array):
        raise UnsendableResultError(
            f"a batch of {count} calls must give a list of {count} results, received {type(result).__name__}"
        )
    if not is_list and len(result.shape) == 0:
        raise UnsendableResultError(f"a batch of {count} calls must give {count} results, received one number")
    if len(result) != count:
        raise UnsendableResultError(f"a batch of {count} calls must give {count} results, received {len(result)}")
    return list(result) if is_list else [result[i] for i in range(count)]
