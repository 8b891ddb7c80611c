"""Cases of arithmetic and comparisons of two numbers each, and of conversions between integers and numbers."""

from __future__ import annotations

import operator

import mlx.core as mx
from kernel_draws import FLOATS, LAYOUTS, RANDOM, alike, draw, every_number, keep

ARITHMETIC = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "maximum": mx.maximum,
    "minimum": mx.minimum,
}
COMPARISONS = {
    name: getattr(mx, name) for name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
}

# Of two operands: rows and columns of one, short rows that repeat, rows that repeat in planes, and planes that do.
BROADCASTS = [
    ((40, 131), (131,)),
    ((40, 131), (40, 1)),
    ((900, 1), (1, 70)),
    ((2000, 2), (2,)),
    ((2001, 3), (3,)),
    ((513, 5), (5,)),
    ((513, 5), (513, 1)),
    ((700, 7), (1, 7)),
    ((300, 8), (300, 1)),
    ((64, 1, 8), (1, 16, 8)),
    ((64, 1, 3), (1, 129, 3)),
    ((8, 4, 2, 4, 2, 8), (8, 4, 1, 4, 1, 8)),
    ((8, 4, 2, 5, 3, 3), (8, 4, 1, 5, 1, 3)),
    ((3, 1, 50, 1, 9), (1, 7, 1, 11, 9)),
    ((2, 30001), (2, 1)),
    ((5, 6, 7, 8), (6, 1, 8)),
    ((5, 6, 7, 8), (5, 1, 1, 1)),
    ((4096, 1), (1, 2)),
]


def whole(shape: tuple[int, ...], dtype: mx.Dtype) -> mx.array:
    """Numbers that are none of the special ones, zero among them."""
    return mx.array(RANDOM.integers(-40, 40, shape) / 8).astype(dtype)


def arithmetic_cases() -> None:
    for dtype in FLOATS:
        every = every_number(dtype)
        one, none = whole((1,), dtype), mx.array(float("nan"), dtype)
        for name, function in {**ARITHMETIC, **COMPARISONS}.items():
            label = f"{name}.{dtype}"
            keep(f"{label}.every", alike(function(every, every[::-1] * 1)), alike(function(every[5:] + 0, every[:-5])))
            keep(
                f"{label}.one",
                *(function(every, x) for x in (one, one[0])),
                *(function(x, every) for x in (one, one[0])),
            )
            keep(f"{label}.none", function(whole((5000,), dtype), none), function(none, whole((5000,), dtype)))
            keep(f"{label}.itself", function(every, every), function(whole((), dtype), one))
            for size in (0, 1, 7, 8, 9, 255, 256, 257, 263, 4095, 4096, 4097, 8200, 100_003):
                x, y = draw((size + 3,), dtype), whole((size + 3,), dtype)
                keep(f"{label}.{size}", function(x[3:], y[3:]), function(y[3:], x[:-3]), function(x[1:-2] * 1, y[2:-1]))
            for shape in [(40, 131), (3, 5, 7, 11), (2, 1, 5001)]:
                x, y = draw(shape, dtype), whole(shape, dtype)
                for layout, change in LAYOUTS.items():
                    results = (function(change(x), y), function(y, change(x)), function(change(x), change(y)))
                    keep(f"{label}.{shape}.{layout}", *results)
                    keep(
                        f"{label}.{shape}.{layout}.donated",
                        function(change(x) + 1, change(y)),
                        function(y, change(x) * 2),
                    )
            for shape, other in BROADCASTS:
                x, y = draw(shape, dtype), whole(other, dtype)
                keep(f"{label}.{shape}.{other}", function(x, y), function(y, x))
                # What nothing else holds is written over, where it has the size of the result.
                keep(f"{label}.{shape}.{other}.donated", function(x * 1, y), function(y, x * 1))
                turned = x.transpose(*range(x.ndim - 1, -1, -1))
                keep(
                    f"{label}.{shape}.{other}.turned", function(turned, y.T if y.ndim == x.ndim else whole((1,), dtype))
                )
            # As many columns as the rows are apart, but not one row behind the other.
            column = mx.contiguous(draw((3001, 3), dtype))[:, :1]
            keep(f"{label}.apart", function(mx.broadcast_to(column, (3001, 3)), whole((3,), dtype)))
        x = draw((30, 70), dtype)
        keep(f"nan_equal.{dtype}", mx.array_equal(x, x, equal_nan=True), mx.array_equal(x, x + 0), mx.isnan(x))
        slope = mx.grad(lambda v: (mx.maximum(v, 0.5) * v / (v * v + 2)).sum())
        keep(f"arithmetic.slope.{dtype}", slope(whole((40, 60), dtype)), mx.vmap(slope)(whole((40, 60), dtype)))
        for name in ("square", "negative", "abs"):
            function = getattr(mx, name)
            keep(
                f"{name}.{dtype}.every",
                function(every),
                function(every * 1),
                function(every[::-1]),
                function(every[3:]),
            )
    for dtype in (mx.int32, mx.uint8, mx.int64, mx.complex64, mx.bool_):
        x, y = draw((40, 131), dtype), draw((131,), dtype)
        functions = {**ARITHMETIC, **COMPARISONS} if dtype != mx.bool_ else {"add": operator.add, **COMPARISONS}
        for name, function in functions.items():
            keep(f"{name}.{dtype}", alike(function(x, y)), alike(function(y, x)), function(x, x))
    for source in (mx.bool_, mx.uint8, mx.int8, mx.int32, mx.uint32, mx.int64):
        values = mx.array(RANDOM.integers(-(2**40), 2**40, 9001)).astype(source)
        for target in (*FLOATS, mx.int32, mx.uint32, mx.int64):
            keep(
                f"convert.{source}.{target}",
                values.astype(target),
                (values | values).astype(target),
                values[::2].astype(target),
            )
    every = mx.arange(256).astype(mx.uint8)
    keep("convert.bytes", *(mx.tile(every, 3).astype(dtype) for dtype in FLOATS))
