"""Objects that stay in the worker: what may be reached, how values cross, and when objects go."""

import gc
import math
import sys
import types
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from mlx_router_worker.dispatch import Dispatcher
from mlx_router_worker.frames import Frame, FrameType

Ask = Callable[..., dict[str, Any]]


class Answers:
    """In place of a FrameWriter."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, dict[str, Any]]] = []

    def write(self, kind: int, call: int, header: dict[str, Any], payload: memoryview | None = None) -> None:
        self.frames.append((kind, header))


class Thing:
    """With something of everything."""

    def __init__(self, size: int = 3) -> None:
        self.size = size
        self._secret = "s"
        self.table = {"a": 1}

    def twice(self, x: int, *, plus: int = 0) -> int:
        return 2 * x + plus

    def me(self) -> "Thing":
        return self


def count_to(n: int) -> Iterator[int]:
    try:
        yield from range(n)
    finally:
        module.closed += 1  # type: ignore[attr-defined]


def failing(n: int) -> Iterator[int]:
    yield from range(n)
    raise LookupError("no more")


async def later(x: int) -> int:
    return x + 1


async def ticks(n: int) -> AsyncIterator[int]:
    for i in range(n):
        yield i


def in_batches(xs: list[int]) -> list[Any]:
    return [ValueError(f"{x} is odd") if x % 2 else x * 10 for x in xs]


module = types.ModuleType("pets")
for value in (Thing, count_to, failing, later, ticks, in_batches):
    value.__module__ = "pets"
    setattr(module, value.__name__, value)
for name, value in {
    "closed": 0,
    "os": sys.modules["os"],
    "path": sys.modules["os"].path,
    "system": sys.modules["os"].system,
    "evaluate": eval,
    "execute": exec,
    "open_file": open,
    "reach": getattr,
    "Path": Path,
    "core": mx,
    "text": "{0.__class__}",
    "frame": sys._getframe(),
    "code": count_to.__code__,
    "add": mx.add,
    "same": lambda x: x,
}.items():
    setattr(module, name, value)
module.same.__module__ = "pets"


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def dispatcher(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Dispatcher:
    monkeypatch.setitem(sys.modules, "pets", module)
    return Dispatcher(None, answers, ["pets"])  # type: ignore[arg-type]


@pytest.fixture
def ask(dispatcher: Dispatcher, answers: Answers) -> Ask:
    def send(kind: int, payload: bytes = b"", **header: Any) -> dict[str, Any]:
        dispatcher.dispatch(Frame(kind, 7, header, memoryview(payload)))
        return answers.frames[-1][1]

    return send


@pytest.fixture
def pets(ask: Ask) -> int:
    number, title = ask(FrameType.IMPORT, module="pets")["v"]["r"]
    assert title == "module pets"
    return int(number)


def call(ask: Ask, on: int, *path: Any, args: Any = (), kwargs: Any = None) -> dict[str, Any]:
    return ask(FrameType.INVOKE, on=on, path=list(path), args=list(args), kwargs=kwargs or {})


def back(ask: Ask, pets: int, value: Any, payload: bytes = b"") -> Any:
    """What comes back of a value that is sent."""
    return ask(FrameType.INVOKE, payload, on=pets, path=["same"], args=[value], kwargs={})


PRIVATE = [
    "_secret",
    "__class__",
    "__dict__",
    "__globals__",
    "__builtins__",
    "__init__",
    "__subclasses__",
    "__reduce_ex__",
    "__getattribute__",
    "__import__",
    "__loader__",
    "__spec__",
    "__traceback__",
    "func_globals",
    "func_code",
    "gi_frame",
    "gi_code",
    "cr_frame",
    "ag_frame",
    "f_globals",
    "f_builtins",
    "f_locals",
    "f_back",
    "tb_frame",
    "tb_next",
    "im_func",
    "im_self",
    "co_code",
    "mro",
    "with_traceback",
    "",
    "a.b",
    "os.system",
    "twice()",
    "\uff11x",
    "\uff3f\uff3fclass\uff3f\uff3f",
    "\ufe4dsecret",
    "size\x00",
    " size",
    5,
    None,
    b"size",
    True,
]


@pytest.mark.parametrize("name", PRIVATE, ids=repr)
def test_hostile_names_are_refused_wherever_a_name_can_stand(ask: Ask, pets: int, name: Any) -> None:
    thing = call(ask, pets, "Thing")["v"]["r"][0]
    answers = [
        ask(FrameType.GET, on=thing, path=[name]),
        ask(FrameType.GET, on=pets, path=["Thing", name]),
        ask(FrameType.GET, on=pets, path=["count_to", name]),
        ask(FrameType.LOOK, on=thing, path=[name], how="repr"),
        ask(FrameType.ITERATE, on=thing, path=[name]),
        ask(FrameType.SET, on=thing, path=[name], value=1),
        ask(FrameType.DELETE, on=thing, path=[name]),
        call(ask, thing, name),
        call(ask, pets, "same", args=[{"p": [thing, [name]]}]),
        call(ask, thing, "twice", args=[1], kwargs={name: 1}),
    ]
    assert {answer.get("kind") for answer in answers} == {"private"}, answers


@pytest.mark.parametrize(
    "name",
    [
        "os",
        "sys",
        "subprocess",
        "builtins",
        "importlib",
        "petsy",
        "operator",
        "mlx_router_worker",
        "mlxx",
        "mlx.extension",
    ],
)
def test_modules_that_are_not_allowed_are_refused(ask: Ask, name: str) -> None:
    answer = ask(FrameType.IMPORT, module=name)
    assert answer["kind"] == "refused"
    assert f'the module "{name}" is not allowed' in answer["message"]


@pytest.mark.parametrize(
    "name",
    ["", ".", ".pets", "pets.", "pets..x", "pets._private", "_pets", "pets os", "pets;os", "pets/x", 3, None, ["pets"]],
    ids=repr,
)
def test_what_is_no_name_of_a_module_is_refused(ask: Ask, name: Any) -> None:
    assert ask(FrameType.IMPORT, module=name)["kind"] == "private"


@pytest.mark.parametrize(
    "name", ["os", "path", "system", "evaluate", "execute", "open_file", "reach", "Path", "frame", "code"]
)
def test_attributes_do_not_lead_out_of_the_allowed_modules(ask: Ask, pets: int, name: str) -> None:
    assert ask(FrameType.GET, on=pets, path=[name])["kind"] == "refused"
    assert call(ask, pets, name, args=["x"])["kind"] == "refused"
    assert call(ask, pets, "same", args=[{"p": [pets, [name]]}])["kind"] == "refused"


def test_allowed_code_cannot_give_modules_or_frames_away_either(ask: Ask, pets: int) -> None:
    for leak in (sys, sys._getframe(), count_to.__code__):
        module.leak = lambda leak=leak: [leak]  # type: ignore[attr-defined]
        module.leak.__module__ = "pets"
        assert call(ask, pets, "leak")["kind"] == "refused"


def test_a_format_string_cannot_name_attributes(ask: Ask, pets: int) -> None:
    assert call(ask, pets, "text", "format", args=[1])["kind"] == "private"


def test_modules_classes_and_functions_cannot_be_changed(ask: Ask, pets: int) -> None:
    for path in (["size"], ["Thing", "size"], ["count_to", "size"]):
        assert ask(FrameType.SET, on=pets, path=path, value=1)["kind"] == "refused"
        assert ask(FrameType.DELETE, on=pets, path=path)["kind"] == "refused"


def test_mlx_is_always_allowed(ask: Ask) -> None:
    nn = ask(FrameType.IMPORT, module="mlx.nn")["v"]["r"][0]
    layer = call(ask, nn, "Linear", args=[2, 3])["v"]["r"][0]
    assert ask(FrameType.GET, on=layer, path=["weight"])["v"]["t"][1:] == [10, (3, 2)]


def test_a_module_that_is_not_there_is_named(dispatcher: Dispatcher, answers: Answers) -> None:
    made = Dispatcher(None, answers, ["no_such_module"])  # type: ignore[arg-type]
    made.dispatch(Frame(FrameType.IMPORT, 7, {"module": "no_such_module.part"}, memoryview(b"")))
    header = answers.frames[-1][1]
    assert (header["kind"], header["class"]) == ("user", "ModuleNotFoundError")
    assert 'Python has no module "no_such_module.part"' in header["message"]


def test_attributes_calls_and_items(ask: Ask, pets: int) -> None:
    thing = call(ask, pets, "Thing", kwargs={"size": 5})["v"]["r"][0]
    assert ask(FrameType.GET, on=thing, path=["size"]) == {"v": 5}
    assert call(ask, thing, "twice", args=[4], kwargs={"plus": 1}) == {"v": 9}
    assert ask(FrameType.GET, on=thing, path=["table", ["a"]]) == {"v": 1}
    assert ask(FrameType.SET, on=thing, path=["table", ["b"]], value={"T": [1, 2]}) == {}
    assert ask(FrameType.GET, on=thing, path=["table"]) == {"v": {"m": ["a", 1, "b", {"T": [1, 2]}]}}
    assert ask(FrameType.DELETE, on=thing, path=["table", ["a"]]) == {}
    assert ask(FrameType.SET, on=thing, path=["size"], value=8) == {}
    assert ask(FrameType.LOOK, on=thing, path=["size"], how="str") == {"v": "8"}
    assert ask(FrameType.LOOK, on=thing, path=[], how="dir") == {"v": ["me", "size", "table", "twice"]}
    answer = ask(FrameType.GET, on=thing, path=["nothing"])
    assert (answer["kind"], answer["class"]) == ("user", "AttributeError")


def test_the_same_object_has_one_number_until_all_of_its_references_are_back(
    dispatcher: Dispatcher, ask: Ask, pets: int
) -> None:
    thing = call(ask, pets, "Thing")["v"]["r"][0]
    assert call(ask, thing, "me")["v"]["r"] == [thing, "pets.Thing"]
    assert len(dispatcher.objects.objects) == 2
    ask(FrameType.RELEASE, references=[[thing, 1]])
    assert ask(FrameType.GET, on=thing, path=["size"]) == {"v": 3}
    ask(FrameType.RELEASE, references=[[thing, 1], [pets, 1], [99, 4]])
    assert len(dispatcher.objects.objects) == 0
    assert ask(FrameType.GET, on=thing, path=["size"])["kind"] == "protocol"


def test_ten_thousand_objects_come_and_go(dispatcher: Dispatcher, ask: Ask, pets: int) -> None:
    numbers = [call(ask, pets, "Thing")["v"]["r"][0] for _ in range(10_000)]
    assert len(dispatcher.objects.objects) == 10_001
    ask(FrameType.RELEASE, references=[[number, 1] for number in numbers])
    assert len(dispatcher.objects.objects) == 1
    gc.collect()
    assert sum(isinstance(thing, Thing) for thing in gc.get_objects()) == 0


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


def test_cyclic_data_is_a_typed_error(dispatcher: Dispatcher, ask: Ask, pets: int) -> None:
    cyclic: list[Any] = [Thing(), mx.ones(3)]
    cyclic.append({"again": cyclic})
    module.cyclic = cyclic  # type: ignore[attr-defined]
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
    assert dispatcher.tensors.get(identifier) is tensor


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


def test_iteration_goes_item_by_item(dispatcher: Dispatcher, ask: Ask, pets: int) -> None:
    generator = call(ask, pets, "count_to", args=[3])["v"]["r"][0]
    number = ask(FrameType.ITERATE, on=generator, path=[])["number"]
    assert ask(FrameType.NEXT, on=number, count=1, ms=0) == {"items": [0], "done": False}
    assert ask(FrameType.NEXT, on=number, count=5, ms=1000) == {"items": [1, 2], "done": True}
    assert ask(FrameType.NEXT, on=number, count=1, ms=0)["kind"] == "protocol"
    ask(FrameType.RELEASE, references=[[generator, 1]])
    assert len(dispatcher.objects.objects) == 1


def test_closing_ends_the_generator(ask: Ask, pets: int) -> None:
    before = module.closed
    number = ask(FrameType.ITERATE, on=call(ask, pets, "count_to", args=[9])["v"]["r"][0], path=[])["number"]
    ask(FrameType.NEXT, on=number, count=1, ms=0)
    assert ask(FrameType.CLOSE, on=number) == {}
    assert module.closed == before + 1


def test_an_error_of_a_generator_comes_after_the_items_before_it(ask: Ask, pets: int) -> None:
    number = ask(FrameType.ITERATE, on=call(ask, pets, "failing", args=[2])["v"]["r"][0], path=[])["number"]
    assert ask(FrameType.NEXT, on=number, count=9, ms=1000) == {"items": [0, 1], "done": False}
    answer = ask(FrameType.NEXT, on=number, count=9, ms=1000)
    assert (answer["kind"], answer["class"], answer["message"]) == ("user", "LookupError", "no more")
    assert "failing" in answer["traceback"]


def test_coroutines_and_asynchronous_generators_are_run(ask: Ask, pets: int) -> None:
    assert call(ask, pets, "later", args=[1]) == {"v": 2}
    number = ask(FrameType.ITERATE, on=call(ask, pets, "ticks", args=[2])["v"]["r"][0], path=[])["number"]
    assert ask(FrameType.NEXT, on=number, count=9, ms=1000) == {"items": [0, 1], "done": True}
    number = ask(FrameType.ITERATE, on=call(ask, pets, "ticks", args=[2])["v"]["r"][0], path=[])["number"]
    assert ask(FrameType.CLOSE, on=number) == {}


def test_a_batch_gives_each_call_its_own_result_or_error(ask: Ask, pets: int) -> None:
    items = ask(FrameType.BATCH, on=pets, path=["in_batches"], columns=[[2, 3, 4]], count=3)["items"]
    assert [item.get("v") for item in items] == [20, None, 40]
    assert (items[1]["e"]["class"], items[1]["e"]["message"]) == ("ValueError", "3 is odd")
    answer = ask(FrameType.BATCH, on=pets, path=["same"], columns=[[2, 3]], count=3)
    assert answer["kind"] == "result" and "must give 3 results, received 2" in answer["message"]
    assert "received int" in ask(FrameType.BATCH, on=pets, path=["later"], columns=[1], count=2)["message"]


def test_an_error_with_hostile_text_is_an_error_all_the_same(ask: Ask, pets: int) -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    def fail(error: Exception) -> None:
        raise error

    fail.__module__ = "pets"
    for error in (ValueError("half \ud800"), Silent(), SystemExit(3), KeyboardInterrupt()):
        module.fail = lambda error=error: fail(error)  # type: ignore[attr-defined]
        module.fail.__module__ = "pets"
        assert call(ask, pets, "fail")["class"] == type(error).__name__


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
