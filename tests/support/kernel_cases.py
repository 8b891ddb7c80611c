"""
Digests of what MLX computes on a CPU, by the name of each case, as JSON.

With the path of the guards as an argument they stand before MLX and lend it their kernels, as in a worker.
"""

from __future__ import annotations

import json

import numpy as np

# The guards are loaded by this, before MLX.
from kernel_draws import DIGESTS, LAYOUTS, RANDOM, SHAPES, USED, draw, every_number, keep  # isort: skip
import mlx.core as mx
from kernel_arithmetic import arithmetic_cases
from kernel_moves import copy_cases, random_cases
from kernel_products import convolution_cases, half_cases, rare_convolution_cases
from kernel_reductions import reduction_cases

FUNCTIONS = [
    *("exp", "sigmoid", "sin", "cos", "erf", "erfinv", "sqrt", "rsqrt", "log", "log2", "log10", "log1p", "expm1"),
    *("tan", "tanh", "sinh", "cosh", "arctan", "arcsin", "arccos", "arctanh", "arcsinh", "arccosh"),
]
REAL = ("erf", "erfinv", "sigmoid", "expm1")


gelu = mx.compile(lambda x: x * (1 + mx.erf(x * 0.75)) / 2)
mixed = mx.compile(lambda x, y, s: (mx.exp(x) * s - y, mx.abs(x), x > y))


@mx.compile
def step(p: mx.array, g: mx.array, m: mx.array, v: mx.array) -> tuple[mx.array, mx.array, mx.array]:
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * mx.square(g)
    return p * 0.99 - 0.02 * m / (mx.sqrt(mx.abs(v)) + 1e-8), m, v


def compiled_cases() -> None:
    for shape in SHAPES:
        x, y = draw(shape, mx.float32), draw(shape, mx.float32)
        for layout, change in LAYOUTS.items():
            name = f"{layout}.{shape}"
            keep(f"compiled.gelu.{name}", gelu(change(x)))
            keep(f"compiled.mixed.{name}", *mixed(change(x), y, mx.array(0.3)))
            keep(f"compiled.swapped.{name}", *mixed(y, change(x), mx.array(-2.5)))
            # Nothing else holds what is computed of: results are written over it.
            keep(f"compiled.donated.{name}", *step(change(x) + 0, y + 1, x - 1, change(y) * 1))
    for dtype in (mx.float16, mx.bfloat16, mx.complex64, mx.int32, mx.uint8):
        x = draw((5, 7001), dtype)
        run = mx.compile(lambda a, b: a * b + mx.maximum(a, b))
        keep(f"compiled.{dtype}", run(x, x[::-1]), run(x.T, x[::-1].T), run(x, x[:1]))
    a, b, c = draw((400, 1, 60), mx.float32), draw((1, 50, 60), mx.float32), draw((400, 50, 1), mx.float32)
    keep("compiled.outer", *step(a, b, c, c * 2))
    x = draw((6, 5, 4, 3, 2, 7, 11), mx.float32)
    y = x.transpose(6, 2, 0, 1, 5, 3, 4).reshape(11, 6, 4, 5, 7, 2, 3)
    keep("compiled.deep", *mixed(x.transpose(6, 0, 2, 1, 5, 4, 3), y, mx.array(1.5)))
    for dtype in (mx.float32, mx.float16, mx.bfloat16):
        every = every_number(dtype)
        for start in range(0, len(FUNCTIONS), 8):
            some = [getattr(mx, name) for name in FUNCTIONS[start : start + 8]]
            run = mx.compile(lambda v: [function(v) for function in some])  # noqa: B023
            keep(f"compiled.functions.{start}.{dtype}", *run(every), *run(draw((3, 9001), dtype)))
        run = mx.compile(lambda a, b: (a / b, mx.power(a, b), mx.logaddexp(a, b), mx.remainder(a, b), mx.arctan2(a, b)))
        keep(f"compiled.pairs.{dtype}", *run(every, every[::-1]), *run(*(draw((9001, 3), dtype) for _ in range(2))))
    x = draw((3, 30001), mx.float32)
    keep("compiled.slope", mx.grad(lambda v: gelu(v).sum())(x), mx.vmap(gelu)(x.T))
    streams = [mx.new_stream(mx.cpu) for _ in range(3)]
    keep("compiled.streams", *(gelu_on(stream, x) for stream in streams))


def gelu_on(stream: mx.Stream, x: mx.array) -> mx.array:
    with mx.stream(stream):
        result = gelu(x)
        mx.async_eval(result)
    return result


def function_cases() -> None:
    for name in FUNCTIONS:
        function = getattr(mx, name)
        for dtype in (mx.float32, mx.float16, mx.bfloat16):
            x = every_number(dtype)
            keep(f"{name}.{dtype}.every", function(x))
            # Of numbers that are usual for it, too: those of random bits are mostly huge or tiny.
            x = draw((40, 1031), dtype, 1)
            for layout, change in LAYOUTS.items():
                keep(f"{name}.{dtype}.{layout}", function(change(x)), function(change(x) * 1))
            for size in (0, 1, 7, 8, 9, 511, 512, 513, 519, 4095, 4097):
                keep(f"{name}.{dtype}.{size}", function(x.reshape(-1)[3 : 3 + size]))
            keep(f"{name}.{dtype}.none", function(draw((), dtype)))
        if name not in REAL:
            keep(f"{name}.complex", function(draw((30, 1000), mx.complex64)))
        keep(f"{name}.integers", function(draw((100,), mx.int32)))
        keep(f"{name}.slope", mx.vmap(mx.grad(lambda v: function(v).sum()))(draw((30, 1000), mx.float32)))  # noqa: B023


def row_cases() -> None:
    for dtype in (mx.float32, mx.float16, mx.bfloat16):
        for shape in [
            (1, 1),
            (1, 50001),
            (3, 7),
            (8, 512),
            (9, 1030),
            (5, 2, 517),
            (3001, 3),
            (40, 4097),
            (0, 4),
            (2, 3),
        ]:
            x = draw(shape, dtype)
            # Rows of usual numbers, which draw mixes with others.
            tame = mx.array(RANDOM.normal(0, 4, shape)).astype(dtype)
            low = mx.where(tame > 1, tame, mx.array(-np.inf, dtype))
            for kind, rows in (("wild", x), ("tame", tame), ("low", low)):
                for layout, change in LAYOUTS.items():
                    name = f"{dtype}.{kind}.{layout}.{shape}"
                    keep(f"softmax.{name}", mx.softmax(change(rows), -1), mx.softmax(change(rows) * 1, -1))
                    keep(f"softmax.precise.{name}", mx.softmax(change(rows), -1, precise=True))
                    keep(f"softmax.first.{name}", mx.softmax(change(rows), 0))
                    if shape[0] > 0:
                        keep(f"logsumexp.{name}", mx.logsumexp(change(rows), -1), mx.logsumexp(change(rows) * 1, 0))
        tame = mx.array(RANDOM.normal(0, 4, (6, 5, 700))).astype(dtype)
        keep(f"softmax.{dtype}.turned", mx.softmax(tame.transpose(1, 0, 2), -1), mx.softmax(tame, (0, 2)))
        keep(f"logsumexp.{dtype}.turned", mx.logsumexp(tame.transpose(1, 0, 2), -1), mx.logsumexp(tame, (0, 2)))
        slope = mx.grad(lambda v: (mx.logsumexp(v, -1) - mx.softmax(v, -1)[..., 0]).sum())
        keep(f"rows.{dtype}.slope", slope(tame), mx.vmap(slope)(tame))


def pair_cases() -> None:
    functions = {name: getattr(mx, name) for name in ("power", "remainder", "arctan2", "logaddexp")}
    functions["where"] = lambda a, b: mx.where(a > b, a, b)
    functions["where.other"] = lambda a, b: mx.where(b > 0, b, a)
    for dtype in (mx.float32, mx.float16, mx.bfloat16, mx.int32, mx.uint8, mx.complex64, mx.int64):
        every = every_number(dtype) if dtype in (mx.float32, mx.float16, mx.bfloat16) else draw((50_000,), dtype)
        one = draw((1,), dtype)
        for name, function in functions.items():
            if dtype in (mx.complex64, mx.int32, mx.uint8, mx.int64) and not name.startswith("where"):
                continue
            keep(f"{name}.{dtype}.every", function(every, every[::-1] * 1), function(every[5:] + 0, every[:-5] + 0))
            keep(f"{name}.{dtype}.one", function(every, one), function(one, every), function(one, one))
            for shape in [(0,), (1,), (7,), (4097,), (40, 1031), (2, 3, 5001)]:
                a, b = draw(shape, dtype), draw(shape, dtype)
                for layout, change in LAYOUTS.items():
                    label = f"{name}.{dtype}.{shape}.{layout}"
                    keep(label, function(change(a), b), function(b, change(a)), function(change(a), change(b)))
                    keep(f"{label}.donated", function(change(a) * 1, change(b)), function(change(b), change(a) + 0))
                keep(f"{name}.{dtype}.{shape}.row", function(a, b[:1]), function(a[:1], b))


compiled_cases()
copy_cases()
convolution_cases()
rare_convolution_cases()
random_cases()
half_cases()
function_cases()
pair_cases()
arithmetic_cases()
row_cases()
reduction_cases()
print(json.dumps({"used": USED, "digests": DIGESTS}))
