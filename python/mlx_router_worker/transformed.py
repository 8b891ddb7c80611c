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


def _halved(value: mx.array) -> mx.array:
    """Give a second value to map over: half of it, or the same where half would be another thing."""
    return value * mx.array(0.5, value.dtype) if mx.issubdtype(value.dtype, mx.inexact) else value


def transformed(kind: str, path: str, primals: list[mx.array], *args: Any, **kwargs: Any) -> list[mx.array]:
    """The function at the path under one transform, over those of its arguments that are among the primals."""
    function = _resolve(path)
    places = {id(primal): place for place, primal in enumerate(primals)}

    def replaced(value: Any, inputs: tuple[mx.array, ...]) -> Any:
        if isinstance(value, (list, tuple)):
            return type(value)(replaced(item, inputs) for item in value)
        return inputs[places[id(value)]] if id(value) in places else value

    def run(*inputs: mx.array) -> list[mx.array]:
        keywords = {name: replaced(value, inputs) for name, value in kwargs.items()}
        return _outputs(function(*replaced(args, inputs), **keywords))

    def gradients(*inputs: mx.array) -> list[mx.array]:
        return list(mx.vjp(run, list(inputs), [_weights(output) for output in run(*inputs)])[1])

    inputs = [mx.stack([primal, _halved(primal)]) for primal in primals] if kind == "vmap" else primals
    if kind == "vjp":
        results = gradients(*inputs)
    elif kind == "second-vjp":
        results = mx.vjp(gradients, inputs, [_weights(value) for value in inputs])[1]
    elif kind == "jvp":
        results = mx.jvp(run, inputs, [_weights(value) for value in inputs])[1]
    else:
        results = (mx.vmap(run) if kind == "vmap" else mx.compile(run))(*inputs)
    # While the inputs are held: MLX computes in the memory of those without a reference, which is another path.
    mx.eval(results)
    return list(results)
