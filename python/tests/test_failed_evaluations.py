"""What MLX fails to compute fails again, with all that was made of it, and takes nothing else along."""

import struct
from collections.abc import Iterator
from typing import Any

import mlx.core as mx
import pytest
from conftest import Answers
from mlx_router_worker.batches import ABSENT, FREE, TERNARY
from mlx_router_worker.dispatch import Dispatcher
from mlx_router_worker.frames import Frame, FrameType
from mlx_router_worker.workarounds import decompositions
from pets_module import module

ROWS = [
    ("inv", "mlx.core:linalg.inv", ["a"], False),
    ("svd", "mlx.core:linalg.svd", ["a"], False),
    ("add", "mlx.core:add", ["a", "b"], False),
    ("sum", "mlx.core:sum", ["a"], False),
    ("addmm", "mlx.core:addmm", ["a", "b", "c"], False),
    ("own", "pets:own", ["a"], True),
    ("read", "pets:read", ["a"], True),
]
CODES = {row[0]: code for code, row in enumerate(ROWS)}
SINGULAR, NAN, EYE = 0, 1, 2


def own(a: mx.array) -> Any:
    u, s, _ = mx.linalg.svd(a)
    return {"u": u, "rest": [s + 1, a + 1]}


def read(a: mx.array) -> Any:
    return a.tolist()


class Worker:
    """A dispatcher whose answers are headers, or texts of errors."""

    def __init__(self) -> None:
        self.answers = Answers()
        self.dispatcher = Dispatcher(None, self.answers, ["pets"])  # type: ignore[arg-type]
        self.dispatcher.define(
            [
                [code, path, [[name, "array", False, False, False] for name in names], user, False]
                for code, (_, path, names, user) in enumerate(ROWS)
            ]
        )
        table = self.dispatcher.tensors
        table.put(SINGULAR, mx.zeros((2, 2)))
        table.put(NAN, mx.array([[mx.nan, 1.0], [1.0, 2.0]]))
        table.put(EYE, mx.eye(2))

    def ask(self, kind: int, payload: bytes = b"", **header: Any) -> Any:
        self.dispatcher.dispatch(Frame(kind, 7, header, memoryview(bytearray(payload))))
        answer = self.answers.frames[-1][1]
        return answer["message"] if "kind" in answer else answer

    def call(self, name: str, *args: int, out: int = 100, outs: Any = None) -> Any:
        return self.ask(FrameType.CALL, op=CODES[name], args=list(args), out=out, outs=outs or [])

    def batch(self, *records: tuple[int, int, int, int]) -> Any:
        return self.ask(FrameType.PIPELINE, b"".join(struct.pack("<4i", *record) for record in records), tensors=200)

    def outcomes(self, *numbers: int) -> set[str]:
        """What comes of the tensors in each way of reading them, twice."""
        found = set()
        for _ in range(2):
            for number in numbers:
                for answer in (
                    self.ask(FrameType.EVAL, tensors=[number]),
                    self.ask(FrameType.READ, tensor=number),
                    self.ask(FrameType.TEXT, tensor=number),
                    self.ask(FrameType.EVAL, tensors=[EYE, number]),
                ):
                    found.add(answer if isinstance(answer, str) else "fine")
        return found


INVERSE = "[Inverse::eval_cpu] LU factorization failed with error code 1"
SVD = "[SVD::eval_cpu] SVD failed with error code -4"


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    for function in (own, read):
        monkeypatch.setattr(function, "__module__", "pets")
        monkeypatch.setattr(module, function.__name__, function, raising=False)
    monkeypatch.setitem(__import__("sys").modules, "pets", module)
    yield Worker()


def test_a_failure_stays_with_all_that_is_made_of_it(worker: Worker) -> None:
    worker.call("inv", SINGULAR, out=10)
    worker.call("sum", 10, out=11)
    worker.call("add", 11, EYE, out=12)
    assert worker.outcomes(12, 10, 11) == {INVERSE}
    worker.call("add", 10, EYE, out=13)
    assert worker.outcomes(13) == {INVERSE}


def test_siblings_fail_with_each_other(worker: Worker) -> None:
    worker.call("svd", NAN, outs=[20, 21, 22])
    worker.call("add", 21, 21, out=23)
    assert worker.outcomes(20, 21, 22, 23) == {SVD}


def test_the_first_failure_is_reported_of_what_comes_from_several(worker: Worker) -> None:
    worker.call("inv", SINGULAR, out=30)
    worker.call("svd", NAN, outs=[31, 32, 33])
    worker.call("add", 31, 30, out=34)
    worker.call("inv", 30, out=35)
    assert worker.outcomes(34) == {INVERSE}
    assert worker.outcomes(31) == {SVD}
    assert worker.outcomes(35) == {INVERSE}


def test_what_can_be_computed_is_like_any_other_tensor_then(worker: Worker) -> None:
    worker.call("inv", EYE, out=40)
    worker.call("add", 40, EYE, out=41)
    worker.call("inv", SINGULAR, out=42)
    assert set(worker.dispatcher.tensors.fallible) == {40, 41, 42}
    assert worker.outcomes(41) == {"fine"}
    assert set(worker.dispatcher.tensors.fallible) == {42}
    assert worker.outcomes(42) == {INVERSE}
    assert worker.outcomes(40, EYE) == {"fine"}
    worker.ask(FrameType.FREE, tensors=[42])
    assert worker.dispatcher.tensors.fallible == {}


def test_a_long_chain_costs_no_stack(worker: Worker) -> None:
    worker.call("inv", EYE, out=1000)
    for number in range(1000, 3000):
        worker.call("inv", number, out=number + 1)
    for number in range(3000, 3100):
        worker.call("add", number, number - 1000, out=number + 1)
    assert worker.outcomes(3100) == {"fine"}
    assert len(worker.dispatcher.tensors.fallible) == 0


def test_functions_of_the_users_are_not_given_uninitialised_memory(worker: Worker) -> None:
    worker.call("inv", SINGULAR, out=50)
    worker.call("add", 50, EYE, out=51)
    assert [worker.call("read", 51) for _ in range(2)] == [INVERSE] * 2
    assert worker.answers.frames[-1][1]["kind"] == "mlx"
    number = worker.ask(FrameType.IMPORT, module="pets")["v"]["r"][0]
    for _ in range(2):
        args = [{"t": 51}]
        assert worker.ask(FrameType.INVOKE, on=number, path=["read"], args=args, kwargs={}) == INVERSE
    assert worker.call("read", EYE)["v"] == [[1, 0], [0, 1]]


@pytest.mark.parametrize("first", range(3))
def test_results_of_functions_of_the_users_are_looked_through(worker: Worker, first: int) -> None:
    worker.call("own", NAN, outs=[60, 61, 62])
    numbers = [60, 61, 62]
    for number in (*numbers[first:], *numbers[:first]):
        assert worker.outcomes(number) == ({"fine"} if number == 62 else {SVD})
    worker.call("own", EYE, outs=[63, 64, 65])
    assert worker.outcomes(63, 64, 65) == {"fine"}


def test_objects_give_such_results_too(worker: Worker) -> None:
    number = worker.ask(FrameType.IMPORT, module="pets")["v"]["r"][0]
    answer = worker.ask(FrameType.INVOKE, on=number, path=["own"], args=[{"t": NAN}], kwargs={})
    _, first, _, rest = answer["v"]["m"]
    u, (s, beside) = first["t"][0], [item["t"][0] for item in rest]
    assert worker.outcomes(s, u) == {SVD}
    assert worker.outcomes(beside) == {"fine"}


def test_batches_notice_too(worker: Worker) -> None:
    inv, add, addmm = CODES["inv"], CODES["add"], CODES["addmm"]
    worker.batch(
        (add, 70, EYE, EYE),
        (inv, 71, SINGULAR, ABSENT),
        (add, 72, 71, EYE),
        (inv, 73, 70, ABSENT),
        (TERNARY, 74, EYE, 0),
        (addmm, EYE, 72, 0),
        (add, 75, 70, 70),
        (add, 76, 70, 70),
        (FREE, 76, 1, ABSENT),
    )
    assert worker.outcomes(74, 72, 71) == {INVERSE}
    assert worker.outcomes(70, 73, 75) == {"fine"}
    worker.batch((add, 77, 71, EYE), (add, 78, EYE, EYE))
    assert worker.outcomes(77) == {INVERSE}
    assert worker.outcomes(78) == {"fine"}


def test_only_norms_of_singular_values_are_counted() -> None:
    before = decompositions.calls()
    matrix = mx.eye(2)
    mx.linalg.norm(matrix)
    mx.linalg.norm(matrix, "fro")
    mx.linalg.norm(matrix, ord=2, axis=0)
    mx.linalg.norm(mx.ones([2]), 2)
    assert decompositions.calls() == before
    mx.linalg.norm(matrix, 2)
    mx.linalg.norm(matrix, ord="nuc", axis=[0, 1])
    assert decompositions.calls() == before + 2


def test_counted_functions_look_like_mlxs_own() -> None:
    assert decompositions.is_counted(mx.linalg.svd)
    assert (mx.linalg.svd.__module__, mx.linalg.svd.__name__) == ("mlx.core.linalg", "svd")
    assert "stream" in str(vars(mx.linalg.svd)["__nb_signature__"])
    with pytest.raises(TypeError, match="incompatible function arguments"):
        mx.linalg.svd("text")  # type: ignore[arg-type]
