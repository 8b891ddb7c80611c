"""Cases of reductions and of the places of the largest and smallest numbers."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import mlx.core as mx
import numpy as np
from kernel_draws import FLOATS, RANDOM, alike, draw, keep

if TYPE_CHECKING:
    from collections.abc import Callable

INTEGERS = (mx.bool_, mx.uint8, mx.int8, mx.int16, mx.uint16, mx.int32, mx.uint32, mx.int64)
SUMS = ("sum", "prod")
EXTREMES = ("max", "min")
SEARCHES = ("argmax", "argmin")
SHAPES = [
    (512,),
    (5003,),
    (40, 31),
    (3, 1000),
    (1000, 3),
    (700, 8),
    (9, 4099),
    (4099, 9),
    (64, 1100),
    (1, 2100),
    (2, 1, 700),
    (12, 7, 33),
    (7, 9, 8, 5),
    (3, 4, 1, 5, 16),
    (6, 4, 2, 3, 2, 8),
]


def numbers(shape: tuple[int, ...], dtype: mx.Dtype) -> mx.array:
    """With zeros of either sign, ties, infinities and what is not a number; some rows without."""
    if dtype not in FLOATS:
        low = 0 if dtype in (mx.bool_, mx.uint8, mx.uint16, mx.uint32) else -100
        return mx.array(RANDOM.integers(low, 100, shape)).astype(dtype)
    x = draw(shape, dtype)
    kinds = RANDOM.integers(0, 4, shape[:1] + (1,) * (len(shape) - 1))
    rounded = mx.array(RANDOM.normal(0, 2, shape)).astype(dtype)
    # Mostly zeros, and nothing above them: the first or the last of either sign is the largest.
    zeros = mx.array(RANDOM.choice([0.0, -0.0, -1.0], shape)).astype(dtype)
    ties = mx.array(RANDOM.integers(-3, 4, shape)).astype(dtype)
    kind = mx.array(kinds)
    others = mx.where(kind == 1, rounded, mx.where(kind == 2, zeros, ties))
    return alike(mx.where(kind == 0, x, others))


def sound(x: mx.array, kind: str) -> mx.array:
    """For sums and products: the sign of a NaN is the compiler's choice where one meets what infinities make."""
    if x.dtype not in FLOATS:
        return x
    # A product makes infinities itself.
    wanting = mx.isnan(x) if kind == "prod" or RANDOM.random() < 0.5 else mx.isinf(x)
    return mx.where(wanting, mx.array(1, x.dtype), x)


def subsets(x: mx.array) -> list[tuple[int, ...]]:
    """Some of the sets of axes where there are many."""
    every = [axes for count in range(1, x.ndim + 1) for axes in combinations(range(x.ndim), count)]
    return every if len(every) < 8 else [every[i] for i in RANDOM.choice(len(every), 7, replace=False)]


def layouts(x: mx.array) -> dict[str, mx.array]:
    found = {
        "rows": x,
        "turned": x.T,
        "part": x[..., 1:],
        "second": x[..., ::2],
        "reversed": x[::-1],
        "spread": mx.broadcast_to(x[None], (3, *x.shape)),
    }
    if x.ndim > 1:
        found["swapped"] = mx.swapaxes(x, -1, -2)
        found["behind"] = x[1:, ..., 2:]
        found["wide"] = mx.broadcast_to(x[:, None], (x.shape[0], 4, *x.shape[1:]))
    if x.ndim > 2:
        found["moved"] = mx.moveaxis(x, 0, -2)
        found["dense"] = mx.contiguous(mx.moveaxis(x, 0, -2))
        found["inner"] = x[:, 1:]
    return found


def keep_each(name: str, x: mx.array, reduce: Callable[..., mx.array], choices: list) -> None:
    """A reduction of nothing may be an error, which it stays."""
    results = []
    for i, choice in enumerate(choices):
        try:
            results.append(reduce(x * 1 if i % 3 == 2 else x, choice, keepdims=i % 2 == 1))
        except ValueError as error:
            results.append(mx.array(list(str(error).encode())))
    keep(name, mx.concatenate([result.reshape(-1) for result in results]))


def reduction_cases() -> None:
    for dtype in (*FLOATS, *INTEGERS):
        for shape in SHAPES:
            every = numbers(shape, dtype)
            for kind in SUMS:
                for layout, x in layouts(sound(every, kind)).items():
                    keep_each(f"reduce.{kind}.{dtype}.{shape}.{layout}", x, getattr(mx, kind), subsets(x))
            for layout, x in layouts(every).items():
                name = f"{dtype}.{shape}.{layout}"
                for kind in EXTREMES if dtype != mx.bool_ else (*EXTREMES, "all", "any"):
                    keep_each(f"reduce.{kind}.{name}", x, getattr(mx, kind), subsets(x))
                for kind in SEARCHES:
                    keep_each(f"reduce.{kind}.{name}", x, getattr(mx, kind), list(range(-1, x.ndim - 1)))
        for kind in ("all", "any"):
            for odd in (0, 1):
                x = mx.full((40, 65), 1 - odd, mx.int32).astype(dtype)
                x[3, 7] = odd
                keep(f"reduce.{kind}.{dtype}.{odd}", *(getattr(mx, kind)(x, axes) for axes in (None, 0, 1)))
    for dtype in FLOATS:
        mean = mx.array(RANDOM.normal(0, 1, (70, 3001))).astype(dtype)
        keep(f"reduce.mean.{dtype}", mean.mean(), mean.mean(0), mean.mean(1), mean.var(0), mean.var(1), mean.sum())
        x = mx.array(RANDOM.normal(0, 1, (30, 40, 50))).astype(dtype)
        slope = mx.grad(lambda v: (mx.max(v, (0, 2)) * mx.sum(v, 1).sum() + mx.logsumexp(v, 1).sum()).sum())
        keep(f"reduce.slope.{dtype}", slope(x), mx.vmap(lambda v: v.sum(0))(x), mx.vmap(mx.argmin, 1)(x))
        large = mx.array(RANDOM.normal(0, 1, (1100, 1300))).astype(dtype)
        results = [getattr(mx, kind)(large, axes) for kind in (*SUMS, *EXTREMES, *SEARCHES) for axes in (None, 0, 1)]
        keep(f"reduce.large.{dtype}", *results)
        for place in (0, 1, 2047, 2048, 4999):
            row = np.full((3, 5000), -np.inf, np.float32)
            row[:, place] = [np.nan, 1, -np.inf]
            x = mx.array(row).astype(dtype)
            keep(f"reduce.place.{dtype}.{place}", mx.argmax(x, 1), mx.argmin(x, 1), x.max(1), x.min(1))
