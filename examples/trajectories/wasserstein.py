"""How much persistence diagrams differ; operations.ts has its port."""

import math

import mlx.core as mx


def sliced_wasserstein(a: mx.array, b: mx.array, directions: int = 64) -> mx.array:
    """Give the sliced Wasserstein distances of diagrams of shape [..., pairs, 2], of shape [...].

    Both diagrams are seen along lines in all directions, and there what differs is what must be moved. Each gets the
    other's pairs on the diagonal, so that both have equally many, and pairs on the diagonal cost nothing: diagrams are
    made equally long with those. M. Carrière et al.: Sliced Wasserstein Kernel for Persistence Diagrams, 2017.
    """
    angles = mx.arange(directions) * (math.pi / directions)
    lines = mx.stack([mx.cos(angles), mx.sin(angles)], axis=1)

    def seen(pairs):
        return mx.sort(lines @ mx.swapaxes(pairs, -1, -2), axis=-1)

    def on_diagonal(pairs):
        return mx.broadcast_to(mx.mean(pairs, axis=-1, keepdims=True), pairs.shape)

    # Each diagram is seen once, with however many others it is compared; joining what is sorted is the quicker sort.
    def joined(one, other):
        parts = mx.broadcast_arrays(seen(one), seen(on_diagonal(other)))
        return mx.sort(mx.concatenate(parts, axis=-1), axis=-1)

    moved = mx.abs(joined(a, b) - joined(b, a))
    return mx.mean(mx.sum(moved, axis=-1), axis=-1)
