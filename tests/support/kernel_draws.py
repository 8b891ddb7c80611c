"""
What the cases of kernels draw, and how they keep what came of it.

With the path of the guards as an argument they stand before MLX and lend it their kernels, as in a worker.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys

import numpy as np

GUARDS = ctypes.CDLL(sys.argv[1]) if len(sys.argv) > 1 else None

import mlx.core as mx  # noqa: E402

KERNELS = (
    *("compiled", "elementwise", "pair", "arithmetic", "softmax", "reduction"),
    *("copy", "convolution", "random", "half", "complex"),
)
USED = [name for name in KERNELS if GUARDS is not None and GUARDS.mlx_router_use_kernels(name.encode())]

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


def every_number(dtype: mx.Dtype) -> mx.array:
    """All of 16 bits, and many of 32."""
    if dtype == mx.float32:
        return mx.array(RANDOM.integers(0, 2**32, 300_007, dtype=np.uint32)).view(dtype)
    return mx.array(np.arange(2**16, dtype=np.uint16)).view(dtype)


def alike(x: mx.array) -> mx.array:
    """With one NaN for all, for which of two a sum keeps is the choice of the compiler."""
    return mx.where(mx.isnan(x), mx.array(np.nan, x.dtype), x)
