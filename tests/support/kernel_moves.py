"""Cases of copies, conversions and random bits."""

from __future__ import annotations

import mlx.core as mx
from kernel_draws import FLOATS, LAYOUTS, RANDOM, draw, every_number, keep


def copy_cases() -> None:
    for dtype in (mx.uint8, mx.float16, mx.float32, mx.int64, mx.complex64):
        for shape in [
            (1,),
            (255,),
            (256,),
            (9001,),
            (17, 33),
            (300, 200),
            (5, 6, 7),
            (2, 3, 5, 7, 11),
            (64, 1, 129, 3),
        ]:
            x = draw(shape, dtype)
            orders = {tuple(range(x.ndim)), tuple(range(x.ndim))[::-1], tuple(RANDOM.permutation(x.ndim).tolist())}
            for order in sorted(orders):
                turned_x = x.transpose(order)
                for layout, change in LAYOUTS.items():
                    name = f"{dtype}.{shape}.{order}.{layout}"
                    y = change(turned_x) if layout != "columns" or x.ndim == 2 else turned_x
                    keep(
                        f"copy.flat.{name}",
                        y.reshape(-1),
                        mx.flatten(y, 0, -1),
                        mx.contiguous(y),
                        mx.contiguous(y, True),
                    )
                    keep(f"copy.joined.{name}", *(mx.concatenate([y, turned_x, y], axis) for axis in range(y.ndim)))
                    keep(
                        f"copy.padded.{name}",
                        mx.pad(y, 1),
                        mx.pad(y, [(i, 2) for i in range(y.ndim)], constant_values=3),
                    )
                    keep(f"copy.donated.{name}", (y + y).reshape(-1), mx.pad(y + y, 2))
    for dtype in (mx.float16, mx.bfloat16):
        every = every_number(dtype)
        numbers = every_number(mx.float32)
        keep(f"convert.{dtype}.every", every.astype(mx.float32), numbers.astype(dtype), every[3:260].astype(mx.float32))
        # Halfway between two numbers of 16 bits, and next to it.
        halves = mx.concatenate([every.astype(mx.float32).view(mx.uint32) + step for step in (2**12, 2**15, 2**15 + 1)])
        keep(f"convert.{dtype}.halves", halves.view(mx.float32).astype(dtype))
        for layout, change in LAYOUTS.items():
            x = draw((70, 131), mx.float32)
            keep(f"convert.{dtype}.{layout}", change(x).astype(dtype), change(x.astype(dtype)).astype(mx.float32))
    x = draw((4, 30, 40), mx.float32)
    for shape, strides in [
        ((9, 7, 5), (1, 2, 3)),
        ((6, 6, 6, 6), (40, 1, 80, 2)),
        ((50, 60), (-1, 1)),
        ((70, 3), (0, 1)),
    ]:
        view = mx.as_strided(x, shape, strides, 100)
        keep(f"copy.strided.{shape}", view.reshape(-1), mx.contiguous(view), mx.concatenate([view, view], -1))
    for shape in [(3, 0), (0,), (0, 5, 2)]:
        empty = draw(shape, mx.float32)
        keep(f"copy.empty.{shape}", empty.T.reshape(-1), mx.pad(empty, 2), mx.concatenate([empty, empty], 0))
    heads = draw((3, 129, 4, 16), mx.float32)
    keep("copy.heads", heads.transpose(0, 2, 1, 3).reshape(12, 129, 16), heads.transpose(0, 2, 3, 1).reshape(-1, 129))
    keep(
        "copy.views",
        heads[:, ::2].reshape(3, -1),
        heads.transpose(1, 0, 2, 3).reshape(129, 3, 64),
        heads[..., :8, None].reshape(3, 129, 4, 4, 2),
    )


def random_cases() -> None:
    for size in (1, 2, 3, 7, 16, 17, 8191, 8192, 8193, 8194, 20000, 100_001):
        for seed in (0, 1, 2**32 - 1, 2**40 + 17):
            key = mx.random.key(seed)
            name = f"{size}.{seed}"
            keep(
                f"random.{name}", *(mx.random.randint(0, 2**31, (size,), dtype, key) for dtype in (mx.uint32, mx.int8))
            )
            keep(f"random.uniform.{name}", *(mx.random.uniform(shape=(size,), dtype=d, key=key) for d in FLOATS))
            keep(f"random.normal.{name}", mx.random.normal((size,), key=key), mx.random.bernoulli(0.3, (size,), key))
    keys = mx.random.split(mx.random.key(5), 40)
    draws = mx.vmap(lambda key: mx.random.uniform(shape=(3, 7), key=key))
    keep("random.keys", keys, draws(keys), draws(keys[::3]), draws(mx.contiguous(keys.T).T))
    integers = mx.concatenate(
        [every_number(mx.float32).view(mx.uint32), mx.arange(2**24 - 5, 2**24 + 500, dtype=mx.uint32)]
    )
    keep(
        "random.integers",
        integers.astype(mx.float32),
        (integers + 1).astype(mx.float32),
        integers[::2].astype(mx.float32),
    )
