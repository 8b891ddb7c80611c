"""Requests and their answers, one for one and in order."""

from typing import Any

import mlx.core as mx
import pytest
from mlx_router_worker.dispatch import Dispatcher
from mlx_router_worker.frames import Frame, FrameType, ProtocolError

ADD = [0, "mlx.core:add", [["a", "operand", False, False, False], ["b", "operand", False, False, False]], False, False]
LOADS = [1, "json:loads", [["args", "any", False, False, True]], True, True]


class Answers:
    """In place of a FrameWriter."""

    writing = False

    def __init__(self) -> None:
        self.frames: list[tuple[int, int, dict[str, Any], bytes]] = []

    def write(self, kind: int, call: int, header: dict[str, Any], payload: memoryview | None = None) -> None:
        self.frames.append((kind, call, header, bytes(payload or b"")))


class Requests:
    """In place of a FrameReader."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    def read(self) -> Frame:
        return self.frames.pop(0)


@pytest.fixture
def requests() -> Requests:
    return Requests()


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def dispatcher(requests: Requests, answers: Answers) -> Dispatcher:
    made = Dispatcher(requests, answers, ["json"])  # type: ignore[arg-type]
    assert made.define([ADD, LOADS]) == []
    made.tensors.put(0, mx.array([1.0, 2.0]))
    return made


def ask(dispatcher: Dispatcher, kind: int, header: dict[str, Any], payload: bytes = b"") -> None:
    dispatcher.dispatch(Frame(kind, 7, header, memoryview(payload)))


def test_a_tensor_is_kept_under_the_number_that_node_gave_it(dispatcher: Dispatcher, answers: Answers) -> None:
    ask(dispatcher, FrameType.CALL, {"op": 0, "out": 1, "args": [0, 0]})
    ask(dispatcher, FrameType.READ, {"tensor": 1})
    assert answers.frames[0] == (FrameType.RESULT, 7, {"t": [10, (2,)]}, b"")
    assert answers.frames[1][3] == bytes.fromhex("0000004000008040")


def test_plain_data_comes_back_as_it_is(dispatcher: Dispatcher, answers: Answers) -> None:
    ask(dispatcher, FrameType.CALL, {"op": 1, "out": 1, "args": [['{"a": [1, null, 2.5]}'], {"m": {}}]})
    assert answers.frames == [(FrameType.RESULT, 7, {"v": {"m": {"a": [1, None, 2.5]}}}, b"")]


def test_tensors_in_a_tree_are_kept_under_numbers_that_node_gave(dispatcher: Dispatcher, answers: Answers) -> None:
    split = ["split", "array", False, False, False], ["parts", "int", False, False, False]
    dispatcher.define([[2, "mlx.core:split", list(split), False, False]])
    ask(dispatcher, FrameType.CALL, {"op": 2, "out": 5, "outs": [5, 3], "args": [0, 2]})
    ask(dispatcher, FrameType.READ, {"tensor": 3})
    assert answers.frames[0][2] == {"v": [{"t": [5, 10, (1,)]}, {"t": [3, 10, (1,)]}]}
    assert answers.frames[1][3] == bytes.fromhex("00000040")


def test_errors_name_the_operation_they_are_of(dispatcher: Dispatcher, answers: Answers) -> None:
    dispatcher.tensors.put(1, mx.array([1.0, 2.0, 3.0]))
    ask(dispatcher, FrameType.CALL, {"op": 0, "out": 2, "args": [0, 1]})
    ask(dispatcher, FrameType.CALL, {"op": 1, "out": 2, "args": [["{"], {"m": {}}]})
    ask(dispatcher, FrameType.READ, {"tensor": 99})
    ask(dispatcher, FrameType.CALL, {"op": 55, "out": 2, "args": []})
    assert [(kind, header["kind"], header["class"]) for kind, _, header, _ in answers.frames] == [
        (FrameType.ERROR, "mlx", "ValueError"),
        (FrameType.ERROR, "user", "JSONDecodeError"),
        (FrameType.ERROR, "protocol", "UnknownTensorError"),
        (FrameType.ERROR, "protocol", "ProtocolError"),
    ]
    assert answers.frames[0][2]["message"].startswith("[broadcast_shapes]")
    assert "dispatch.py" not in answers.frames[1][2]["traceback"]


def test_a_result_that_cannot_be_sent_leaves_no_tensor_behind(dispatcher: Dispatcher, answers: Answers) -> None:
    held = len(dispatcher.tensors)
    rows = [
        [
            2,
            "json:loads",
            [["s", "string", False, False, False], ["object_hook", "any", True, False, False]],
            True,
            False,
        ]
    ]
    dispatcher.define(rows)
    dispatcher._operations[2]._function = lambda *_, **__: [mx.array(1), object()]
    ask(dispatcher, FrameType.CALL, {"op": 2, "out": 1, "args": ["", None]})
    assert answers.frames[0][2]["kind"] == "result"
    assert len(dispatcher.tensors) == held


def test_rows_of_the_catalogue_that_python_lacks_are_reported(dispatcher: Dispatcher) -> None:
    assert dispatcher.define([[9, "mlx.core:nothing", [], False, False]]) == [9]


def test_frees_have_no_answer(dispatcher: Dispatcher, answers: Answers) -> None:
    ask(dispatcher, FrameType.FREE, {"tensors": [0, 5]})
    assert (answers.frames, len(dispatcher.tensors)) == ([], 0)


def test_streams_made_in_python_can_be_named(dispatcher: Dispatcher, answers: Answers) -> None:
    device = ["device", "any", False, False, False]
    dispatcher.define([[3, "mlx.core:new_stream", [device], False, False]])
    dispatcher._operations[3]._function = lambda _: mx.new_stream(mx.Device(mx.cpu))
    ask(dispatcher, FrameType.CALL, {"op": 3, "out": 1, "args": [None]})
    stream = answers.frames[0][2]["v"]["m"]
    assert stream["device"] == "cpu"
    ask(dispatcher, FrameType.CALL, {"op": 0, "out": 2, "args": [0, 0], "stream": ["cpu", stream["index"]]})
    ask(dispatcher, FrameType.CALL, {"op": 0, "out": 2, "args": [0, 0], "stream": ["cpu", 999]})
    assert [kind for kind, *_ in answers.frames[1:]] == [FrameType.RESULT, FrameType.RESULT]


def test_an_unknown_request_ends_the_worker(dispatcher: Dispatcher) -> None:
    with pytest.raises(ProtocolError):
        ask(dispatcher, 0x42, {})


def test_text_has_the_decimals_asked_for_and_the_next_its_own(dispatcher: Dispatcher, answers: Answers) -> None:
    dispatcher.tensors.put(3, mx.array([1.123456]))
    for header in [{"tensor": 3, "precision": 2}, {"tensor": 3}, {"tensor": 3, "precision": 0}]:
        ask(dispatcher, FrameType.TEXT, header)
    texts = [header["v"] for _, _, header, _ in answers.frames]
    assert [text.partition(",")[0] for text in texts] == ["array([1.12]", "array([1.12346]", "array([1]"]
