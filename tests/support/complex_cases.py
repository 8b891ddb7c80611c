"""
Digests of products of complex64, by the name of each case, as JSON.

With the path of the guards as an argument they stand before MLX and lend it their kernels, as in a worker. The BLAS is
the one that was loaded before all.
"""

from __future__ import annotations

import json

# The guards are loaded by this, before MLX.
from kernel_draws import DIGESTS, GUARDS, RANDOM, USED, alike, draw, keep  # isort: skip
import mlx.core as mx


def number(shape: tuple[int, ...]) -> mx.array:
    """Without numbers that are not finite or tiny, which hide how sums are rounded."""
    values = RANDOM.normal(0, 1, (*shape, 2)).astype("float32")
    return mx.array(values.view("complex64")[..., 0])


def wild(shape: tuple[int, ...]) -> mx.array:
    return draw(shape, mx.complex64, 1)


def turned(x: mx.array) -> mx.array:
    return mx.contiguous(x.swapaxes(-1, -2)).swapaxes(-1, -2)


def keep_products(name: str, *products: mx.array) -> None:
    keep(name, *(alike(mx.contiguous(product).view(mx.float32)) for product in products))


def size_cases() -> None:
    sizes = [(m, n, k) for m in (1, 2, 3, 4, 7) for n in range(1, 21) for k in (1, 2, 3, 4, 9)]
    sizes += [tuple(RANDOM.integers(1, 67, 3).tolist()) for _ in range(150)]
    for rows, columns, depth in sizes:
        for kind in (number, wild):
            name = f"{kind.__name__}.{rows}.{columns}.{depth}"
            a, b = kind((rows, depth)), kind((depth, columns))
            many, others = kind((5, rows, depth)), kind((5, depth, columns))
            keep_products(name, *(x @ y for x in (a, turned(a)) for y in (b, turned(b))))
            keep_products(f"{name}.batches", many @ others, a @ others, many @ b, turned(many) @ turned(others))


def layout_cases() -> None:
    for rows, columns, depth in [(2, 3, 2), (4, 8, 4), (5, 13, 6), (2, 70, 2)]:
        name = f"layouts.{rows}.{columns}.{depth}"
        a, b = number((3, 4, 2 * rows, depth)), number((4, depth, 2 * columns))
        left, right = a[:, :, ::2], b[:, :, ::-2]
        keep_products(name, left @ right, left.swapaxes(0, 1)[:, ::2] @ right[:, None], left[:, :, ::-1] @ right[::-1])
        keep_products(f"{name}.vectors", left[0, 0, 0] @ right, left @ right[0, :, 0])
        keep_products(f"{name}.spread", a[:1, :, :rows] @ mx.broadcast_to(b[:1], b.shape))
    keep_products("empty", number((3, 0)) @ number((0, 4)), number((2, 0, 3)) @ number((3, 4)))
    keep_products("slope", *mx.grad(lambda x, y: mx.abs(x @ y).sum(), (0, 1))(number((2, 2)), number((6, 2, 5))))
    keep_products("added", mx.addmm(number((4, 3)), number((4, 4)), number((4, 3))))


def circuit_cases() -> None:
    for qubits in (3, 9, 12, 18):
        for size in (2, 4, 16, 64):
            for before in (1, 2, 8, 2 ** (qubits // 2), 2**qubits // size // 2, 2**qubits // size):
                if before < 1 or before * size > 2**qubits:
                    continue
                gate, state = number((size, size)), number((before, size, 2**qubits // size // before))
                keep_products(f"circuit.{qubits}.{size}.{before}", gate @ state, gate @ (state * state))


def shared_cases() -> None:
    """So many that the BLAS uses several threads, with columns that they can halve and others."""
    for rows, columns, depth in [(2, 2**18, 2), (2, 2**17 + 8, 2), (2, 70_001, 2), (7, 2**14, 5), (64, 100, 64)]:
        keep_products(f"shared.{rows}.{columns}.{depth}", number((rows, depth)) @ number((depth, columns)))


size_cases()
layout_cases()
circuit_cases()
shared_cases()
KNOWN = GUARDS is not None and bool(GUARDS.mlx_router_knows_complex_sums())
print(json.dumps({"used": USED, "known": KNOWN, "digests": DIGESTS}))
