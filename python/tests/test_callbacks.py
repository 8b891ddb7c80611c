"""Calls of JavaScript functions, and the requests that are served meanwhile."""

import threading
from collections.abc import Callable
from typing import Any

import mlx.core as mx
import pytest
from mlx_router_worker import callbacks
from mlx_router_worker.callbacks import JavaScriptError, JavaScriptFunction
from mlx_router_worker.dispatch import Dispatcher
from mlx_router_worker.frames import Frame, FrameType

Sent = list[tuple[int, int, dict[str, Any]]]


class Pipe:
    """In place of reader and writer: what is to be read, and what was written."""

    writing = False

    def __init__(self) -> None:
        self.incoming: list[Frame] = []
        self.sent: Sent = []

    def read(self) -> Frame:
        return self.incoming.pop(0)

    def write_beside(self, kind: int, header: dict[str, Any]) -> bool:
        if not self.writing:
            self.sent.append((kind, 0, header))
        return not self.writing

    def write(
        self,
        kind: int,
        call: int,
        header: dict[str, Any],
        payload: memoryview | None = None,
        request: int | None = None,
    ) -> None:
        self.sent.append((kind, call, header))


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


@pytest.fixture
def dispatcher(pipe: Pipe) -> Dispatcher:
    made = Dispatcher(pipe, pipe, [])  # type: ignore[arg-type]
    made.tensors.put(0, mx.array([1.0, 2.0]))
    made.running = 9
    return made


def frame(kind: int, call: int, header: dict[str, Any]) -> Frame:
    return Frame(kind, call, header, memoryview(b""))


def released(pipe: Pipe, dispatcher: Dispatcher) -> dict[str, Any]:
    pipe.sent.clear()
    dispatcher.callbacks.flush()
    return pipe.sent[0][2] if pipe.sent else {}


def test_arguments_go_out_and_the_answer_comes_back(pipe: Pipe, dispatcher: Dispatcher) -> None:
    function = dispatcher.callbacks.function(5)
    pipe.incoming = [frame(FrameType.CALLED, 1, {"v": {"t": 0}})]
    assert function(2, [mx.array(1)], name="x").tolist() == [1.0, 2.0]
    tensor = {"t": [-1, 7, ()]}
    assert pipe.sent == [
        (FrameType.CALLBACK, 1, {"fn": 5, "during": 9, "args": [2, [tensor]], "keywords": {"m": {"name": "x"}}}),
    ]
    assert dispatcher.running == 9


def test_requests_are_served_until_the_answer_comes(pipe: Pipe, dispatcher: Dispatcher) -> None:
    pipe.incoming = [frame(FrameType.EVAL, 10, {"tensors": [0]}), frame(FrameType.CALLED, 1, {"v": 3})]
    assert dispatcher.callbacks.function(5)() == 3
    assert [kind for kind, *_ in pipe.sent] == [FrameType.CALLBACK, FrameType.RESULT]


def test_the_answer_to_an_outer_call_may_come_before_that_to_an_inner_one(pipe: Pipe, dispatcher: Dispatcher) -> None:
    inner = dispatcher.callbacks.function(6)
    seen: list[Any] = []

    def serve(served: Frame) -> None:
        dispatcher.running = served.call
        seen.append(inner())

    dispatcher.dispatch = serve  # type: ignore[method-assign, assignment]
    outer_first = [frame(FrameType.CALLED, 1, {"v": "outer"}), frame(FrameType.CALLED, 2, {"v": "inner"})]
    pipe.incoming = [frame(FrameType.EVAL, 10, {"tensors": [0]}), *outer_first]
    assert dispatcher.callbacks.function(5)() == "outer"
    assert seen == ["inner"]


def test_what_javascript_threw_is_an_exception_with_its_number(pipe: Pipe, dispatcher: Dispatcher) -> None:
    pipe.incoming = [frame(FrameType.THREW, 1, {"error": 4, "message": "no"})]
    with pytest.raises(JavaScriptError, match="no") as caught:
        dispatcher.callbacks.function(5)()
    assert callbacks.thrown_by(caught.value) == 4
    wrapped = ValueError("wrapped")
    wrapped.__cause__ = caught.value
    assert callbacks.thrown_by(wrapped) == 4
    assert callbacks.thrown_by(ValueError()) is None


def test_a_function_is_one_object_while_it_is_held_and_counts_how_often_it_came(
    pipe: Pipe, dispatcher: Dispatcher
) -> None:
    function: JavaScriptFunction | None = dispatcher.callbacks.function(5)
    assert dispatcher.callbacks.function(5) is function
    assert released(pipe, dispatcher) == {}
    function = None
    assert released(pipe, dispatcher) == {"functions": [(5, 2)], "errors": []}
    assert released(pipe, dispatcher) == {}


def test_an_exception_is_released_when_python_drops_it(pipe: Pipe, dispatcher: Dispatcher) -> None:
    function = dispatcher.callbacks.function(5)
    pipe.incoming = [frame(FrameType.THREW, 1, {"error": 4, "message": "no"})]
    try:
        function()
    except JavaScriptError:
        assert released(pipe, dispatcher) == {}
    assert released(pipe, dispatcher) == {"functions": [], "errors": [4]}


def test_an_answer_to_another_call_ends_the_worker(
    pipe: Pipe, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes: list[int] = []

    def leave(code: int) -> None:
        codes.append(code)
        raise SystemExit

    monkeypatch.setattr("os._exit", leave)
    pipe.incoming = [frame(FrameType.CALLED, 8, {"v": 3})]
    with pytest.raises(SystemExit):
        dispatcher.callbacks.function(5)()
    assert codes == [1]


@pytest.mark.parametrize("forbid", [lambda d, p: setattr(d, "running", 0), lambda d, p: setattr(p, "writing", True)])
def test_no_call_goes_out_in_the_middle_of_a_frame_or_between_requests(
    pipe: Pipe, dispatcher: Dispatcher, forbid: Callable[[Dispatcher, Pipe], None]
) -> None:
    forbid(dispatcher, pipe)
    function = dispatcher.callbacks.function(5)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="while Python runs a request"):
            function()
    pipe.writing = False
    dispatcher.callbacks.flush()
    # It is reported to Node, but once.
    assert [(kind, len(header["refused"])) for kind, _, header in pipe.sent] == [(FrameType.DROPPED, 1)]


def test_a_call_on_another_thread_is_refused_there_and_reported(pipe: Pipe, dispatcher: Dispatcher) -> None:
    function = dispatcher.callbacks.function(5)
    failures: list[str] = []

    def call() -> None:
        try:
            function()
        except RuntimeError as error:
            failures.append(str(error))

    for name in ("one", "two"):
        thread = threading.Thread(target=call, name=name)
        thread.start()
        thread.join()
    assert [('not on "one"' in text, 'not on "two"' in text) for text in failures] == [(True, False), (False, True)]
    assert [header["refused"] for _, _, header in pipe.sent] == [[failures[0]]]
