"""How values cross to the objects in the worker and back."""

import math
import sys
from collections.abc import Callable
from typing import Any

import mlx.core as mx
import pytest
from mlx_router_worker.dispatch import Dispatcher
from mlx_router_worker.frames import FrameType
from pets_module import Ask, Thing, back, call, module


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -(2**63),
        2**64 - 1,
        2.5,
        math.inf,
        "text",
        "Größe 🐍",
        b"\x00\xff",
        [],
        [1, ["a", None]],
        {"m": []},
        {"m": ["a", 1, 2, {"T": []}]},
        {"T": [1, 2]},
        {"S": [1]},
        {"I": "10000000000000000"},
        {"I": f"-{'f' * 5000}"},
        {"u": "a\ud800".encode("utf-16-le", "surrogatepass")},
        {"c": [1.0, -2.0]},
        {"d": 10},
    ],
    ids=lambda value: repr(value)[:40],
)
def test_plain_data_crosses_both_ways(ask: Ask, pets: int, value: Any) -> None:
    assert back(ask, pets, value) == {"v": value}


def test_numbers_that_messagepack_would_change_cross_too(ask: Ask, pets: int) -> None:
    assert math.copysign(1, back(ask, pets, {"z": 0})["v"]) == -1
    assert type(back(ask, pets, {"f": 3})["v"]) is float
    assert math.isnan(back(ask, pets, math.nan)["v"])
    assert back(ask, pets, {"i": [1, None, 2]})["v"]["r"][1] == "builtins.slice"


def test_cyclic_data_is_a_typed_error(
    dispatcher: Dispatcher, ask: Ask, pets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cyclic: list[Any] = [Thing(), mx.ones(3)]
    cyclic.append({"again": cyclic})
    monkeypatch.setattr(module, "cyclic", cyclic, raising=False)
    held = len(dispatcher.objects.objects)
    answer = ask(FrameType.GET, on=pets, path=["cyclic"])
    assert (answer["kind"], answer["message"]) == ("result", "the data holds itself, so it cannot be sent by value")
    # What was kept for the answer went again.
    assert (len(dispatcher.objects.objects), len(dispatcher.tensors)) == (held, 0)


def test_deep_and_endless_data_is_a_typed_error(ask: Ask, pets: int) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    module.deep = deep  # type: ignore[attr-defined]
    assert "nested deeper" in ask(FrameType.GET, on=pets, path=["deep"])["message"]
    wide: list[Any] = list(range(1000))
    for _ in range(30):
        wide = [wide, wide]
    module.wide = wide  # type: ignore[attr-defined]
    assert "more than" in ask(FrameType.GET, on=pets, path=["wide"])["message"]
    del module.deep, module.wide
    while deep:
        deep = deep.pop()


def test_tensors_cross_by_number(dispatcher: Dispatcher, ask: Ask, pets: int) -> None:
    tensor = mx.array([1.0, 2.0])
    dispatcher.tensors.put(0, tensor)
    identifier, code, shape = back(ask, pets, [{"t": 0}])["v"][0]["t"]
    assert (code, shape) == (10, (2,))
    # Another object, which the function may change in place.
    assert dispatcher.tensors.get(identifier) is not tensor
    assert dispatcher.tensors.get(identifier).tolist() == [1.0, 2.0]


def test_numpy_arrays_cross_by_value(dispatcher: Dispatcher, ask: Ask, pets: int) -> None:
    numpy = pytest.importorskip("numpy")
    for given in (
        numpy.array([1.5, 2.5], ">f8"),
        numpy.arange(12).reshape(3, 4)[:, ::2],
        numpy.array(True),
        numpy.zeros((0, 3), "f2"),
    ):
        module.given = given  # type: ignore[attr-defined]
        identifier, _, shape = ask(FrameType.GET, on=pets, path=["given"])["v"]["t"]
        assert shape == given.shape
        assert dispatcher.tensors.get(identifier).tolist() == given.tolist()
    module.given = [numpy.float32(2.5), numpy.int8(3), numpy.bool_(True)]  # type: ignore[attr-defined]
    assert ask(FrameType.GET, on=pets, path=["given"]) == {"v": [2.5, 3, True]}
    module.given = numpy.array([1 + 2j])  # type: ignore[attr-defined]
    assert ask(FrameType.GET, on=pets, path=["given"])["v"]["r"][1] == "numpy.ndarray"
    dispatcher.tensors.put(0, mx.array([[1, 2]], mx.bfloat16))
    module.given = numpy.asarray  # type: ignore[attr-defined]
    assert dispatcher.tensors.get(back(ask, pets, {"n": {"t": 0}})["v"]["t"][0]).tolist() == [[1.0, 2.0]]


def test_typed_arrays_need_no_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    from mlx_router_worker.values import typed_array

    payload = memoryview(b"....\x00\x00\x80\x3f\x00\x00\x00\x40")
    assert typed_array(10, 4, 8, payload).tolist() == [1.0, 2.0]
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert list(typed_array(10, 4, 8, payload)) == [1.0, 2.0]


def test_javascript_functions_get_and_give_values(dispatcher: Dispatcher, ask: Ask, pets: int) -> None:
    calls: list[Any] = []

    def javascript(number: int) -> Callable[..., Any]:
        def call(positions: list[Any], named: dict[str, Any]) -> Any:
            calls.append((number, positions, named))
            return {"m": ["bytes", {"b": "\xff"}, "text", {"u": {"b": "\x00\xd8"}}]}

        return call

    dispatcher.objects._function = javascript  # type: ignore[assignment]
    module.use = lambda f: f(b"\x01", (2,), named=None)  # type: ignore[attr-defined]
    module.use.__module__ = "pets"
    assert call(ask, pets, "use", args=[{"j": 9}]) == {"v": {"m": ["bytes", b"\xff", "text", {"u": b"\x00\xd8"}]}}
    assert calls == [(9, [{"b": "\x01"}, {"T": [2]}], {"named": None})]
