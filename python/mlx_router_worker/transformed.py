"""Transforms of MLX's functions by name, for the parity of gradients."""

from __future__ import annotations

import importlib
from functools import reduce
from typing import Any

import mlx.core as mx


def _resolve(path: str) -> Any:
    module, _, name = path.partition(":")
    return reduce(getattr, name.split("."), importlib.import_module(module))


def _outputs(result: Any) -> list[mx.array]:
    if isinstance(result, mx.array):
        return [result]
    return [array for item in result for array in _outputs(item)]


def _weights(like: mx.array) -> mx.array:
    return mx.cos(mx.arange(like.size, dtype=mx.float32)).reshape(like.shape).astype(like.dtype)


def transformed(kind: str, path: str, places: list[int], args: list[Any], kwargs: dict[str, Any]) -> list[mx.array]:
    """The function at the path under one transform, over its arguments at the places."""
    function = _resolve(path)
    primals = [args[place] for place in places]

    def run(*inputs: mx.array) -> list[mx.array]:
        given = list(args)
        for place, value in zip(places, inputs, strict=True):
            given[place] = value
        return _outputs(function(*given, **kwargs))

    def gradients(*inputs: mx.array) -> list[mx.array]:
        return list(mx.vjp(run, list(inputs), [_weights(output) for output in run(*inputs)])[1])

    if kind == "vjp":
        return gradients(*primals)
    if kind == "second vjp":
        return list(mx.vjp(gradients, primals, [_weights(primal) for primal in primals])[1])
    if kind == "jvp":
        return list(mx.jvp(run, primals, [_weights(primal) for primal in primals])[1])
    if kind == "vmap":
        return list(mx.vmap(run)(*(mx.stack([primal, primal]) for primal in primals)))
    return list(mx.compile(run)(*primals))
