"""Operations as records: what runs, what fails, and what a failure reaches."""

import struct
from typing import Any

import mlx.core as mx
import msgpack
import pytest
from conftest import Answers
from mlx_router_worker.batches import ABSENT, FREE, ITEM, MOST_TOLD, TERNARY
from mlx_router_worker.dispatch import Dispatcher
from mlx_router_worker.frames import Frame, FrameType

OPERAND = ["operand", False, False, False]
ROWS = [
    [0, "mlx.core:add", [["a", *OPERAND], ["b", *OPERAND]], False, False],
    [1, "mlx.core:negative", [["a", *OPERAND]], False, False],
    [2, "mlx.core:where", [["condition", *OPERAND], ["x", *OPERAND], ["y", *OPERAND]], False, False],
    [
        3,
        "mlx.core:reshape",
        [["a", "array", False, False, False], ["shape", "shape", False, False, False]],
        False,
        False,
    ],
    [4, "json:loads", [["args", "any", False, False, True]], True, True],
]


@pytest.fixture
def dispatcher(answers: Answers) -> Dispatcher:
    made = Dispatcher(None, answers, ["json"])  # type: ignore[arg-type]
    assert made.define(ROWS) == []
    made.tensors.put(0, mx.array([1.0, 2.0]))
    made.tensors.put(1, mx.array([1.0, 2.0, 3.0]))
    return made


def run(dispatcher: Dispatcher, answers: Answers, *records: tuple[int, int, int, int], items: bytes = b"") -> Any:
    payload = b"".join(struct.pack("<4i", *record) for record in records)
    header = {"tensors": 64, **({"records": len(records)} if items else {})}
    dispatcher.dispatch(Frame(FrameType.PIPELINE, 9, header, memoryview(payload + items)))
    return answers.frames[-1]


def test_records_name_one_two_and_three_tensors(dispatcher: Dispatcher, answers: Answers) -> None:
    records = [(0, 2, 0, 0), (1, 3, 2, ABSENT), (TERNARY, 4, 0, ABSENT), (2, 3, 2, ABSENT)]
    assert run(dispatcher, answers, *records) == (FrameType.PIPELINED, {})
    values = [dispatcher.tensors.get(number).tolist() for number in (2, 3, 4)]
    assert values == [[2.0, 4.0], [-2.0, -4.0], [-2.0, -4.0]]


def test_packed_calls_stand_among_records(dispatcher: Dispatcher, answers: Answers) -> None:
    item = msgpack.packb({"op": 3, "args": [2, [2, 1]], "stream": None})
    answer = run(dispatcher, answers, (0, 2, 0, 0), (ITEM, 3, 0, ABSENT), (1, 4, 3, ABSENT), items=item)
    assert answer == (FrameType.PIPELINED, {})
    assert dispatcher.tensors.get(4).tolist() == [[-2.0], [-4.0]]


def test_frees_are_in_order(dispatcher: Dispatcher, answers: Answers) -> None:
    records = [(0, 2, 0, 0), (1, 3, 2, ABSENT), (FREE, 2, 1, ABSENT), (1, 2, 0, ABSENT), (FREE, 3, 2, ABSENT)]
    assert run(dispatcher, answers, *records) == (FrameType.PIPELINED, {})
    assert dispatcher.tensors.get(2).tolist() == [-1.0, -2.0]
    assert len(dispatcher.tensors) == 3


def test_a_failure_reaches_what_depends_on_it_and_is_reported_once(dispatcher: Dispatcher, answers: Answers) -> None:
    item = msgpack.packb({"op": 3, "args": [2, [2, 1]], "stream": None})
    records = [
        (0, 2, 0, 1),
        (1, 3, 2, ABSENT),
        (TERNARY, 4, 0, ABSENT),
        (2, 3, 0, ABSENT),
        (ITEM, 5, 0, ABSENT),
        (1, 6, 0, ABSENT),
    ]
    kind, header = run(dispatcher, answers, *records, items=item)
    assert (kind, header["failed"]) == (FrameType.PIPELINED, 1)
    (failure,) = header["failures"]
    assert (failure["op"], failure["origin"], failure["class"]) == (0, [9, 0], "ValueError")
    for number in range(2, 6):
        dispatcher.dispatch(Frame(FrameType.READ, 10, {"tensor": number}, memoryview(b"")))
        assert answers.frames[-1] == (FrameType.ERROR, failure)
    assert dispatcher.tensors.get(6).tolist() == [-1.0, -2.0]


def test_a_failure_names_its_record_and_its_operation(dispatcher: Dispatcher, answers: Answers) -> None:
    item = msgpack.packb({"op": 3, "args": [0, [7]], "stream": None})
    records = [
        (1, 2, 0, ABSENT),
        (ITEM, 3, 0, ABSENT),
        (TERNARY, 4, 0, ABSENT),
        (2, 0, 1, ABSENT),
        (0, 5, 0, 1),
    ]
    _, header = run(dispatcher, answers, *records, items=item)
    reported = [(failure["op"], failure["origin"][1]) for failure in header["failures"]]
    # Both records of the second count; the later one is named.
    assert reported == [(3, 1), (2, 3), (0, 4)]


def test_failures_are_forgotten_with_their_tensors(dispatcher: Dispatcher, answers: Answers) -> None:
    run(dispatcher, answers, (0, 2, 0, 1), (FREE, 2, 1, ABSENT), (1, 2, 0, ABSENT))
    assert dispatcher.tensors.get(2).tolist() == [-1.0, -2.0]


def test_of_many_failures_the_first_are_reported_and_all_are_counted(dispatcher: Dispatcher, answers: Answers) -> None:
    _, header = run(dispatcher, answers, *[(0, 2 + i, 0, 1) for i in range(50)])
    assert (len(header["failures"]), header["failed"]) == (MOST_TOLD, 50)


def test_a_missing_tensor_is_a_failure_of_the_protocol(dispatcher: Dispatcher, answers: Answers) -> None:
    _, header = run(dispatcher, answers, (1, 2, 33, ABSENT), (0, 3, 0, 2_000_000))
    assert [failure["kind"] for failure in header["failures"]] == ["protocol", "protocol"]


@pytest.mark.parametrize(
    ("records", "items"),
    [
        ([(77, 2, 0, 0)], b""),
        ([(3, 2, 0, ABSENT), (4, 2, 0, ABSENT)], b""),
        ([(-9, 2, 0, ABSENT)], b""),
        ([(TERNARY, 2, 0, ABSENT)], b""),
        ([(ITEM, 2, 0, ABSENT)], b"\xc1"),
        ([(ITEM, 2, 0, ABSENT)], b"\x93"),
    ],
)
def test_what_is_no_batch_is_refused(
    dispatcher: Dispatcher, answers: Answers, records: list[tuple[int, int, int, int]], items: bytes
) -> None:
    kind, header = run(dispatcher, answers, *records, items=items)
    assert (kind, header["kind"]) == (FrameType.ERROR, "protocol")


@pytest.mark.parametrize(("header", "payload"), [({}, b"123"), ({"records": 2}, bytes(16)), ({"records": -1}, b"")])
def test_records_that_are_not_there_are_refused(
    dispatcher: Dispatcher, answers: Answers, header: dict[str, Any], payload: bytes
) -> None:
    dispatcher.dispatch(Frame(FrameType.PIPELINE, 9, header, memoryview(payload)))
    assert answers.frames[-1][0] == FrameType.ERROR


def test_shape_and_dtype_are_given_on_demand(dispatcher: Dispatcher, answers: Answers) -> None:
    dispatcher.dispatch(Frame(FrameType.DESCRIBE, 9, {"tensor": 1}, memoryview(b"")))
    assert answers.frames == [(FrameType.RESULT, {"t": [10, (3,)]})]
    dispatcher.dispatch(Frame(FrameType.DESCRIBE, 9, {"tensor": 1, "beside": [0, 33]}, memoryview(b"")))
    assert answers.frames[-1] == (FrameType.RESULT, {"t": [10, (3,)], "beside": [[10, (2,)], None]})
