"""
Digests of what MLX computes on a CPU, by the name of each case, as JSON.

With the path of the guards as an argument they stand before MLX and lend it their kernels, as in a worker.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import sys

import numpy as np

GUARDS = ctypes.CDLL(sys.argv[1]) if len(sys.argv) > 1 else None

import mlx.core as mx  # noqa: E402

KERNELS = ("compiled", "elementwise", "pair", "softmax", "copy", "convolution", "random")
USED = [name for name in KERNELS if GUARDS is not None and getattr(GUARDS, f"mlx_router_use_{name}_kernels")()]

mx.set_default_device(mx.cpu)
RANDOM = np.random.default_rng(11)
DIGESTS: dict[str, str] = {}

# Around the sizes of one part and of two, below which nothing is split; and some that do not end with a part.
SHAPES = [
    (0,),
    (1,),
    (4097,),
    (8191,),
    (8192,),
    (8193,),
    (100003,),
    (3, 40001),
    (40001, 3),
    (7, 11, 13, 17),
    (2, 1, 50001),
    (300, 1, 101),
]
FLOATS = (mx.float32, mx.float16, mx.bfloat16)
SPECIAL = np.array([0, -0.0, np.nan, -np.nan, np.inf, -np.inf, 1e-40, -1e-40, 3e38, 88.5, -88.5, 1e7, 9e6], np.float32)


def draw(shape: tuple[int, ...], dtype: mx.Dtype, spread: float = 3) -> mx.array:
    values = RANDOM.normal(0, spread, shape).astype(np.float32)
    flat = values.reshape(-1)
    places = RANDOM.integers(0, max(flat.size, 1), min(flat.size // 50, 200))
    flat[places] = RANDOM.choice(SPECIAL, places.size)
    if dtype == mx.complex64:
        # Of each number its own two parts: a product with 1j would leave the sign of a NaN to the processor.
        parts = np.stack([values, values[..., ::-1]], axis=-1)
        values = parts.view(np.complex64)[..., 0]
    elif dtype not in (mx.float32, mx.float16, mx.bfloat16, mx.float64):
        values = np.nan_to_num(np.clip(np.abs(values), 0, 100))
    return mx.array(values).astype(dtype)


def keep(name: str, *results: mx.array) -> None:
    digest = hashlib.sha256()
    for result in results:
        digest.update(np.array(mx.contiguous(result).reshape(-1).view(mx.uint8)).tobytes())
        digest.update(str((result.shape, result.dtype)).encode())
    DIGESTS[name] = digest.hexdigest()


def turned(x: mx.array) -> mx.array:
    """Its columns are contiguous."""
    return mx.contiguous(x.T).T


LAYOUTS = {
    "rows": lambda x: x,
    "columns": turned,
    "second": lambda x: mx.repeat(x, 2, axis=-1)[..., ::2],
    "reversed": lambda x: x[..., ::-1],
    "behind": lambda x: mx.concatenate([x[:1], x])[1:],
    "spread": lambda x: mx.broadcast_to(x[..., :1], x.shape),
}

FUNCTIONS = [
    *("exp", "sigmoid", "sin", "cos", "erf", "erfinv", "sqrt", "rsqrt", "log", "log2", "log10", "log1p", "expm1"),
    *("tan", "tanh", "sinh", "cosh", "arctan", "arcsin", "arccos", "arctanh", "arcsinh", "arccosh"),
]
REAL = ("erf", "erfinv", "sigmoid", "expm1")


def every_number(dtype: mx.Dtype) -> mx.array:
    """All of 16 bits, and many of 32."""
    if dtype == mx.float32:
        return mx.array(RANDOM.integers(0, 2**32, 300_007, dtype=np.uint32)).view(dtype)
    return mx.array(np.arange(2**16, dtype=np.uint16)).view(dtype)


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


def alike(x: mx.array) -> mx.array:
    """With one NaN for all, for which of two a sum keeps is the choice of the compiler."""
    return mx.where(mx.isnan(x), mx.array(np.nan, x.dtype), x)


def turned_last(x: mx.array) -> mx.array:
    """Its first axis is the one whose elements follow each other."""
    return mx.contiguous(mx.moveaxis(x, 0, -1)).moveaxis(-1, 0)


compiled_cases()
copy_cases()
convolution_cases()
random_cases()
function_cases()
pair_cases()
row_cases()
print(json.dumps({"used": USED, "digests": DIGESTS}))
