"""MLX's own function transforms over functions of flat lists of tensors, as `TRANSFORM` asks for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mlx.core as mx

Arrays = list[mx.array]
Function = Callable[..., Arrays]
# In place of None: an axis that is not mapped.
NOT_MAPPED = -1


def _with_none(axes: Sequence[int]) -> list[int | None]:
    return [None if axis == NOT_MAPPED else axis for axis in axes]


def _without_none(axes: Sequence[int | None]) -> list[int]:
    return [NOT_MAPPED if axis is None else axis for axis in axes]


def value_and_grad(run: Function, inputs: Arrays, argnums: list[int]) -> tuple[Arrays, Arrays]:
    """The outputs, and the gradients of the first one; the others are constants for MLX."""

    def loss_first(*chosen: mx.array) -> Arrays:
        given = list(inputs)
        for place, value in zip(argnums, chosen, strict=True):
            given[place] = value
        loss, *others = run(*given)
        return [loss, *(mx.stop_gradient(other) for other in others)]

    return mx.vjp(loss_first, [inputs[place] for place in argnums], [mx.array(1.0)])


def vjp(run: Function, primals: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
    return mx.vjp(run, primals, cotangents)


def jvp(run: Function, primals: Arrays, tangents: Arrays) -> tuple[Arrays, Arrays]:
    return mx.jvp(run, primals, tangents)


def vmap(run: Callable[..., tuple[Arrays, list[int]]], inputs: Arrays, in_axes: list[int]) -> Arrays:
    """`run` gives its outputs and their axes, which are not known before; MLX reads the list after it has traced."""
    out_axes: list[int | None] = []

    def traced(*arrays: mx.array) -> Arrays:
        outputs, axes = run(*arrays)
        out_axes[:] = _with_none(axes)
        return outputs

    mapped: Function = mx.vmap(traced, in_axes=tuple(_with_none(in_axes)), out_axes=out_axes)
    return mapped(*inputs)


def checkpoint(run: Function, inputs: Arrays) -> Arrays:
    function: Function = mx.checkpoint(run)
    return function(*inputs)


def custom_function(run: Function, rules: dict[str, Callable[..., Any]], inputs: Arrays) -> Arrays:
    """Arguments go as one list, so that primals, tangents and outputs are lists for the rules too."""
    function: Any = mx.custom_function(lambda arrays: run(*arrays))
    if "vjp" in rules:
        function.vjp(lambda primals, cotangents, outputs: rules["vjp"](primals, cotangents, outputs))
    if "jvp" in rules:

        def along(primals: Arrays, tangents: list[mx.array | None]) -> Arrays:
            argnums = [i for i, tangent in enumerate(tangents) if tangent is not None]
            result: Arrays = rules["jvp"](primals, [tangents[i] for i in argnums], argnums)
            return result

        function.jvp(along)
    if "vmap" in rules:

        def mapped(arrays: Arrays, axes: list[int | None]) -> tuple[Arrays, list[int | None]]:
            outputs, out_axes = rules["vmap"](arrays, _without_none(axes))
            return outputs, _with_none(out_axes)

        function.vmap(mapped)
    result: Arrays = function(inputs)
    return result


class _Compiled:
    """One compiled function; what it runs to trace is that of the call in hand, and is not held between calls."""

    def __init__(self, shapeless: bool) -> None:
        self._run: list[Function] = []
        self._compiled: Function = mx.compile(lambda *arrays: self._run[-1](*arrays), shapeless=shapeless)

    def __call__(self, run: Function, inputs: Arrays) -> Arrays:
        self._run.append(run)
        try:
            return self._compiled(*inputs)
        finally:
            self._run.pop()


class Transforms:
    """The transforms by name, and the functions that are compiled, by the number that Node gave them."""

    def __init__(self) -> None:
        self._compiled: dict[int, _Compiled] = {}
        self._by_name: dict[str, Callable[..., Any]] = {
            "valueAndGrad": value_and_grad,
            "vjp": vjp,
            "jvp": jvp,
            "vmap": vmap,
            "checkpoint": checkpoint,
            "customFunction": custom_function,
            "compiled": self._call_compiled,
        }

    def run(self, name: str, args: list[Any]) -> Any:
        """Run the transform of that name; KeyError if there is none."""
        return self._by_name[name](*args)

    def erase(self, numbers: list[int]) -> None:
        """Forget compiled functions, and with them MLX's traces."""
        for number in numbers:
            self._compiled.pop(number, None)

    def _call_compiled(
        self, number: int, shapeless: bool, compiling: bool | None, run: Function, inputs: Arrays
    ) -> Arrays:
        if compiling is not None:
            (mx.enable_compile if compiling else mx.disable_compile)()
        compiled = self._compiled.get(number)
        if compiled is None:
            compiled = self._compiled[number] = _Compiled(shapeless)
        return compiled(run, inputs)
