"""JavaScript functions that Python may call; while one runs, further requests are served in a nested loop."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

from .frames import Frame, FrameType, FrameWriter, ProtocolError, Reader
from .results import encode_result
from .tensors import TensorTable
from .watchdog import leave

# Each level takes stack of both languages, and the end of either stack would take the process along.
MOST_NESTED = 64
LAST_NUMBER = 0xFFFFFFFF
# Functions whose refusal is reported only once.
MOST_REFUSED = 1024


class JavaScriptError(Exception):
    """What a JavaScript function threw. Where Python lets it pass, the caller gets the very same error."""

    def __init__(self, number: int, message: str, released: list[int]) -> None:
        super().__init__(message)
        self.number = number
        self._released = released

    def __del__(self) -> None:
        self._released.append(self.number)


class JavaScriptFunction:
    """A JavaScript function, to be called like any other, on the thread that serves the requests."""

    def __init__(self, number: int, call: Callable[[int, tuple[Any, ...], dict[str, Any]], Any]) -> None:
        self.number = number
        self._call = call

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self._call(self.number, args, keywords)

    def __repr__(self) -> str:
        return f"<JavaScript function {self.number}>"


class _Reference(weakref.ref[JavaScriptFunction]):
    """To a function that is held here, with how often Node has sent it."""

    __slots__ = ("number", "times")
    number: int
    times: int


class Serving(Protocol):
    """Who serves the requests; `running` is the number of the one in hand, 0 between them."""

    running: int

    def dispatch(self, frame: Frame) -> None: ...


class Callbacks:
    """The functions that Node has sent, and the calls of them that are not answered yet."""

    def __init__(self, reader: Reader, writer: FrameWriter, tensors: TensorTable, serving: Serving) -> None:
        self._reader = reader
        self._writer = writer
        self._tensors = tensors
        self._serving = serving
        self._thread = threading.get_ident()
        self._held: dict[int, _Reference] = {}
        self._released: list[tuple[int, int]] = []
        self._released_errors: list[int] = []
        # Functions whose refused calls were reported to Node, and what is still to be reported.
        self._refused: set[int] = set()
        self._refusals: list[str] = []
        self._last = 0
        # The calls that are not answered, innermost last, and the answers that came before those of calls inside.
        self._open: list[int] = []
        self._early: dict[int, Frame] = {}

    def function(self, number: int) -> JavaScriptFunction:
        """Give the function of that number, the same one as long as it is held."""
        reference = self._held.get(number)
        function = None if reference is None else reference()
        if reference is None or function is None:
            function = JavaScriptFunction(number, self._call)
            reference = _Reference(function, self._forget)
            reference.number = number
            reference.times = 0
            self._held[number] = reference
        reference.times += 1
        return function

    def flush(self) -> None:
        """Report what is not referenced any more. Finalizers only take notes: they may run in the middle of a frame."""
        if not self._released and not self._released_errors and not self._refusals:
            return
        functions, self._released[:] = self._released[:], []
        errors, self._released_errors[:] = self._released_errors[:], []
        refusals, self._refusals[:] = self._refusals[:], []
        header = {"functions": functions, "errors": errors}
        self._writer.write(FrameType.DROPPED, 0, {**header, "refused": refusals} if refusals else header)

    def _refuse(self, function: int, reason: str) -> NoReturn:
        """Raise, and report it to Node once: exceptions of threads and finalizers are seldom looked at."""
        if function not in self._refused:
            if len(self._refused) == MOST_REFUSED:
                self._refused.clear()
            self._refused.add(function)
            header = {"functions": [], "errors": [], "refused": [reason]}
            # Beside a frame that is being written, be it further up this very stack, it has to wait.
            if not self._writer.write_beside(FrameType.DROPPED, header):
                self._refusals.append(reason)
        raise RuntimeError(reason)

    def _forget(self, reference: weakref.ref[JavaScriptFunction]) -> None:
        assert isinstance(reference, _Reference)
        if self._held.get(reference.number) is reference:
            del self._held[reference.number]
        self._released.append((reference.number, reference.times))

    def _call(self, function: int, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if threading.get_ident() != self._thread:
            self._refuse(
                function,
                "a JavaScript function can only be called on the thread that serves the requests, "
                f'not on "{threading.current_thread().name}"; hand the results to that one, by a queue for example',
            )
        running, tensors = self._serving.running, self._tensors
        if running == 0 or self._writer.writing:
            self._refuse(function, "a JavaScript function can only be called while Python runs a request")
        if len(self._open) == MOST_NESTED:
            raise RecursionError(f"calls of JavaScript functions are nested more than {MOST_NESTED} deep")
        self._last = self._last % LAST_NUMBER + 1
        number = self._last
        kept: list[int] = []
        try:
            header = {"fn": function, "during": running, "args": encode_result(args, self._tensors, kept)}
            if keywords:
                header["keywords"] = encode_result(keywords, self._tensors, kept)
            self._writer.write(FrameType.CALLBACK, number, header, request=running)
        except BaseException:
            self._tensors.free(kept)
            raise
        self._open.append(number)
        must_compute, origin = tensors.must_compute, tensors.origin
        tensors.must_compute = False
        try:
            answer = self._serve_until(number)
        finally:
            self._open.pop()
            self._serving.running = running
            tensors.must_compute, tensors.origin = must_compute, origin
        if answer.type == FrameType.THREW:
            raise JavaScriptError(answer.header["error"], answer.header["message"], self._released_errors)
        return self._decode(answer.header["v"])

    def _serve_until(self, number: int) -> Frame:
        """Serve requests until the answer to this call is there, which may come while a call inside it is open."""
        try:
            while number not in self._early:
                self._serving.running = 0
                frame = self._reader.read()
                if frame is None:
                    leave()
                if frame.type not in (FrameType.CALLED, FrameType.THREW):
                    self._serving.dispatch(frame)
                elif frame.call in self._open and frame.call not in self._early:
                    self._early[frame.call] = frame
                else:
                    raise ProtocolError(f"there is no callback {frame.call} that waits for an answer")
                del frame
        except ProtocolError:
            # A function of the user's between here and the main loop might catch it.
            _abort()
        return self._early.pop(number)

    def decode_with(self, decode: Callable[[Any], Any]) -> None:
        """Take the decoder of trees, which in turn needs the functions."""
        self._decode = decode


def _abort() -> NoReturn:
    import traceback

    traceback.print_exc()
    os._exit(1)


def thrown_by(error: BaseException) -> int | None:
    """Give the number of the JavaScript error that this one is or was raised from."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        if isinstance(cause, JavaScriptError):
            return cause.number
        seen.add(id(cause))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return None
