"""Cases of convolutions and of products of 16-bit matrices."""

from __future__ import annotations

import mlx.core as mx
from kernel_draws import RANDOM, alike, draw, keep, turned


def half_cases() -> None:
    sizes = [
        (1, 1, 1),
        (1, 64, 32),
        (2, 7, 33),
        (3, 129, 31),
        (16, 16, 16),
        (5, 300, 100),
        (257, 40, 70),
        (1, 513, 200),
    ]
    for dtype in (mx.float16, mx.bfloat16):
        for rows, depth, count in sizes:
            a, b, c = draw((rows, depth), dtype, 1), draw((depth, count), dtype, 1), draw((rows, count), dtype, 1)
            name = f"half.{dtype}.{rows}.{depth}.{count}"
            keep(name, *(alike(x @ y) for x in (a, turned(a)) for y in (b, turned(b))))
            keep(
                f"{name}.steps",
                alike(a[:, ::2] @ b[::2]),
                alike(a[::-1] @ b[:, ::-1]),
                alike(a[0] @ b),
                alike(a @ b[:, 0]),
            )
            added = [mx.addmm(c, a, b), mx.addmm(c[0], turned(a), turned(b), 0.3, -1.7), mx.addmm(c, a, b, 2.5, 0.0)]
            keep(
                f"{name}.added",
                *(alike(x) for x in added),
                alike(mx.addmm(c + c, a, b)),
                alike(mx.addmm(turned(c), a, b)),
            )
            many, one = draw((3, 2, rows, depth), dtype, 1), draw((2, depth, count), dtype, 1)
            keep(
                f"{name}.batches",
                alike(many @ one),
                alike(many @ b),
                alike(many.swapaxes(0, 1)[:, :, :, ::-1] @ one[:1]),
            )
            keep(
                f"{name}.slope",
                *(alike(x) for x in mx.grad(lambda x, y: (x @ y).astype(mx.float32).sum(), (0, 1))(a, b)),
            )
        keep(
            f"half.{dtype}.empty", draw((3, 0), dtype) @ draw((0, 4), dtype), draw((0, 3), dtype) @ draw((3, 4), dtype)
        )


# Batch, kernel, channels, results, input.
CONVOLUTIONS = [(3, 5, 8, 16, 9), (1, 3, 3, 4, 4), (2, 1, 1, 8, 20), (1, 3, 32, 64, 12), (2, 7, 12, 36, 15)]


def convolution_cases() -> None:
    for dtype in (mx.float32, mx.float16, mx.bfloat16):
        for axes in (1, 2, 3):
            for batch, kernel, channels, results, size in CONVOLUTIONS:
                space = tuple(size + i for i in range(axes)) if axes < 3 else (5, 6, size)
                window = (kernel, max(kernel - 2, 1), 2)[:axes]
                x = draw((batch, *space, channels), dtype, 1)
                for groups in sorted({1, 2, 4, channels}):
                    if channels % groups or results % groups or (axes == 3 and groups > 1):
                        continue
                    for many in {results, channels} if groups == channels else {results}:
                        w = draw((many, *window, channels // groups), dtype, 0.5)
                        label = f"{axes}.{dtype}.{x.shape}.{w.shape}.{groups}"
                        for number in range(8):
                            convolve_randomly(f"{label}.{number}", x, w, groups, axes)


def rare_convolution_cases() -> None:
    """What MLX does itself: kernels of very many places, and inputs spread unequally."""
    x, w = draw((1, 900, 3), mx.float32, 1), draw((2, 600, 3), mx.float32, 1)
    keep("convolution.long", alike(mx.conv1d(x, w, padding=500, dilation=2)))
    x, w = draw((2, 7, 6, 4), mx.float32, 1), draw((6, 3, 2, 2), mx.float32, 1)
    for spread in ([1, 2], [2, 4], [3, 1]):
        keep(
            f"convolution.spread.{spread}", alike(mx.conv_general(x, w, stride=[1, 1], input_dilation=spread, groups=2))
        )


def convolve_randomly(label: str, x: mx.array, w: mx.array, groups: int, axes: int) -> None:
    steps = RANDOM.integers(1, 4, 3).tolist()
    padding = [min(n, size - 1) for n, size in zip(RANDOM.integers(0, 4, axes).tolist(), w.shape[1:-1], strict=True)]
    kind = RANDOM.integers(0, 4)
    options = {"stride": steps[:axes] if kind != 1 else 1, "padding": padding, "groups": groups}
    options["kernel_dilation"] = steps[2] if kind == 2 else 1
    # MLX reads elsewhere where axes are spread unequally.
    options["input_dilation"] = steps[1] if kind == 3 else 1
    if kind == 3:
        options["stride"] = steps[0]
    options["flip"] = bool(RANDOM.integers(0, 2))
    spans = [options["kernel_dilation"] * (size - 1) + 1 for size in w.shape[1:-1]]
    room = [
        options["input_dilation"] * (size - 1) + 1 + 2 * pad - span
        for size, pad, span in zip(x.shape[1:-1], padding, spans, strict=True)
    ]
    strides = options["stride"] if isinstance(options["stride"], list) else [options["stride"]] * axes
    # A kernel that is larger than its input, or MLX's loops over an edge that is wider than all results.
    if any(r < 0 or -(-p // s) > r // s + 1 for r, p, s in zip(room, padding, strides, strict=True)):
        return
    label = f"convolution.{label}.{options}"
    keep(label, alike(mx.conv_general(x, w, **options)))
    turned_results = mx.conv_general(turned_last(x), turned_last(w), **options)
    keep(f"{label}.layouts", alike(mx.conv_general(x[::-1], w, **options)), alike(turned_results))
    if groups == 1 or axes < 3:
        slope = mx.grad(lambda a, b: mx.square(mx.conv_general(a, b, **options)).sum(), (0, 1))
        if options["input_dilation"] == 1 and not options["flip"]:
            keep(f"{label}.slope", *(alike(part) for part in slope(x.astype(mx.float32), w.astype(mx.float32))))


def turned_last(x: mx.array) -> mx.array:
    """Its first axis is the one whose elements follow each other."""
    return mx.contiguous(mx.moveaxis(x, 0, -1)).moveaxis(-1, 0)
