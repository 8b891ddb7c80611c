"""How much persistence diagrams differ; operations.ts has its port."""

import math

import mlx.core as mx


def sliced_wasserstein(a: mx.array, b: mx.array, directions: int = 64) -> mx.array:
    """Give the sliced Wasserstein distances of diagrams of shape [..., pairs, 2], of shape [...].

    Both diagrams are seen along lines in all directions, and there what differs is what must be moved. Each gets the
    other's pairs on the diagonal, so that both have equally many, and pairs on the diagonal cost nothing: diagrams are
    made equally long with those. M. Carrière et al.: Sliced Wasserstein Kernel for Persistence Diagrams, 2017.
    """
    a, b = mx.broadcast_arrays(a, b)
    angles = mx.arange(directions) * (math.pi / directions)
    lines = mx.stack([mx.cos(angles), mx.sin(angles)], axis=1)

    def seen(one, other):
        on_diagonal = mx.broadcast_to(mx.mean(other, axis=-1, keepdims=True), other.shape)
        pairs = mx.concatenate([one, on_diagonal], axis=-2)
        return mx.sort(lines @ mx.swapaxes(pairs, -1, -2), axis=-1)

    moved = mx.abs(seen(a, b) - seen(b, a))
    return mx.mean(mx.sum(moved, axis=-1), axis=-1)
