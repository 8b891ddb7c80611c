"""What of the objects in the worker may be reached, and what may not."""

import sys
from typing import Any

import pytest
from conftest import Answers
from mlx_router_worker.dispatch import Dispatcher
from mlx_router_worker.frames import Frame, FrameType
from pets_module import Ask, call, count_to, module

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
