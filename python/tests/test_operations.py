"""How rows become functions, which functions are refused, and how arguments reach them."""

from typing import Any

import mlx.core as mx
import pytest
from mlx_router_worker.arguments import ArgumentDecoder
from mlx_router_worker.frames import ProtocolError
from mlx_router_worker.guard import RefusedError
from mlx_router_worker.operations import Operation, UnresolvedError, find, takes_stream
from mlx_router_worker.tensors import TensorTable

TABLE = TensorTable()
TABLE.put(0, mx.array([1.0, 2.0]))
TABLE.put(1, mx.array([10, 20]))
DECODER = ArgumentDecoder(TABLE, str)


def parameter(name: str, kind: str, **options: bool) -> list[Any]:
    return [
        name,
        kind,
        options.get("keyword_only", False),
        options.get("optional", False),
        options.get("variadic", False),
    ]


def operation(path: str, *parameters: list[Any], user: bool = False, any_keyword: bool = False) -> Operation:
    return Operation([0, path, list(parameters), user, any_keyword], DECODER, ["json"])


@pytest.mark.parametrize(
    ("path", "user"),
    [
        ("os:system", True),
        ("os:system", False),
        ("jsonevil:dumps", True),
        ("json.__init__:dumps", True),
        ("json:dumps.__globals__", True),
        ("json:_default_encoder", True),
        ("builtins:eval", True),
        ("builtins:eval", False),
        ("mlx_router_worker.worker:run", True),
        ("mlx_router_worker.worker:run", False),
        ("", True),
    ],
)
def test_what_is_not_allowed_is_refused(path: str, user: bool) -> None:
    with pytest.raises(RefusedError):
        find(path, user, ["json"])


def test_what_is_allowed_is_found() -> None:
    assert find("json:dumps", True, ["json"])("x") == '"x"'
    assert callable(find("json.decoder:JSONDecoder", True, ["json"]))
    assert find("mlx.core:linalg.svd", False, []) is mx.linalg.svd


@pytest.mark.parametrize("path", ["json:nothing", "json.nothing:dumps", "json:decoder", "mlx.core:pi"])
def test_what_is_not_there_is_unresolved(path: str) -> None:
    with pytest.raises(UnresolvedError):
        find(path, True, ["json"])


def test_positions_and_keywords() -> None:
    add = operation("mlx.core:add", parameter("a", "array"), parameter("b", "operand"))
    assert add.call([0, [10, 1]], None).tolist() == [2.0, 3.0]
    rope = operation(
        "mlx.core:fast.rms_norm",
        parameter("x", "array"),
        parameter("weight", "array", optional=True),
        parameter("eps", "float"),
    )
    assert rope.call([0, None, 1], None).shape == (2,)


def test_keyword_only_parameters_go_by_keyword_and_absent_ones_not_at_all() -> None:
    dumps = operation(
        "json:dumps",
        parameter("obj", "any"),
        parameter("indent", "int", keyword_only=True, optional=True),
        parameter("sort_keys", "bool", keyword_only=True),
        user=True,
    )
    assert dumps.call([{"m": {"b": 1, "a": 2}}, None, True], None) == '{"a": 2, "b": 1}'


def test_a_variadic_list_is_spread_and_what_follows_goes_by_keyword() -> None:
    meshgrid = operation(
        "mlx.core:meshgrid", parameter("arrays", "arrays", variadic=True), parameter("indexing", "string")
    )
    first, second = meshgrid.call([[0, 1, 0], "ij"], None)[:2]
    assert (first.shape, second.shape) == ((2, 2, 2), (2, 2, 2))


def test_free_keywords_reach_the_function() -> None:
    dumps = operation("json:dumps", parameter("args", "any", variadic=True), user=True, any_keyword=True)
    assert dumps.call([[[1, 2]], {"m": {"separators": ["-", ":"]}}], None) == "[1-2]"


def test_defaults_that_python_does_not_take_as_none_are_left_out() -> None:
    # `mx.random.split` takes no None for `num`.
    TABLE.put(2, mx.random.key(0))
    split = operation("mlx.core:random.split", parameter("key", "key"), parameter("num", "int", optional=True))
    assert split.call([2, None], None).shape == (2, 2)
    with pytest.raises(TypeError, match="incompatible"):
        split.call([2, "two"], None)


def test_streams_reach_functions_with_and_without_a_parameter_for_them() -> None:
    assert takes_stream(mx.add)
    assert not takes_stream(mx.random.key)
    assert operation("operator:add", parameter("a", "array"), parameter("b", "array")).call(
        [0, 0], mx.Device(mx.cpu)
    ).tolist() == [2.0, 4.0]


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        ("int", 3, 3),
        ("float", 3, 3.0),
        ("number", b"\x00\x00\x00\x00\x00\x00\x00\x80", -0.0),
        ("shape", [2, 3], [2, 3]),
        ("dtype", 10, mx.float32),
        ("index", [1, None, "...", [None, 2, -1]], (1, None, Ellipsis, slice(None, 2, -1))),
        ("any", {"m": {"a": [1, {"i": [1, 2, None]}], "b": {"d": 0}}}, {"a": [1, slice(1, 2)], "b": mx.bool_}),
        ("string", "same", "same"),
        ("axes", None, None),
    ],
)
def test_arguments_are_decoded_by_kind(kind: str, raw: Any, expected: Any) -> None:
    decoded = DECODER.for_kind(kind)(raw)
    assert decoded == expected
    assert type(decoded) is type(expected)


def test_weak_numbers_are_exact() -> None:
    operand = DECODER.for_kind("operand")
    for code, value in [(8, -(2**63)), (8, 2**63 - 1), (4, 2**64 - 1), (1, 255), (0, True)]:
        assert operand([code, value]).item() == value
    assert operand([11, b"\x9a\x99\x99\x99\x99\x99\xb9\x3f"]).item() == 0.1


def test_a_tree_with_an_unknown_tag_breaks_the_protocol() -> None:
    with pytest.raises(ProtocolError):
        DECODER.for_kind("any")({"z": 1})
