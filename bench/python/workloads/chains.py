"""What programs do again and again, the same operations in the same order as on the other side."""

import math
from functools import cache

import mlx.core as mx

import mlx.optimizers as optimizers

BATCH, LENGTH, WIDTH, HEADS = 4, 128, 256, 8
PARAMETERS, SIDE = 200, 32
POINTS, CENTRES, FEATURES = 4096, 16, 8


def digest(x):
    return mx.sum(mx.abs(x)).item()


@cache
def attention():
    """Of queries, keys, values and outputs a matrix and a bias."""
    mx.random.seed(29)
    x = mx.random.normal([BATCH, LENGTH, WIDTH])
    projections = [(mx.random.normal([WIDTH, WIDTH]) * 0.05, mx.random.normal([WIDTH])) for _ in range(4)]
    mx.eval(x, projections)
    return x, projections


def attention_block(count):
    x, projections = attention()

    def projected(given, which):
        weight, bias = projections[which]
        return given @ weight + bias

    def head(which):
        return projected(x, which).reshape(BATCH, LENGTH, HEADS, -1).transpose(0, 2, 1, 3)

    scale = 1 / math.sqrt(WIDTH / HEADS)
    last = x
    for _ in range(count):
        attended = mx.fast.scaled_dot_product_attention(head(0), head(1), head(2), scale=scale)
        merged = attended.transpose(0, 2, 1, 3).reshape(BATCH, LENGTH, -1)
        last = x + projected(merged, 3)
        mx.eval(last)
    return digest(last)


def squares():
    return {f"p{i}": mx.random.normal([SIDE, SIDE]) for i in range(PARAMETERS)}


@cache
def parameters():
    mx.random.seed(31)
    initial, gradients = squares(), squares()
    mx.eval(initial, gradients)
    return initial, gradients


def adam(count):
    weights, gradients = parameters()
    optimizer = optimizers.Adam(1e-3)
    optimizer.init(weights)
    mx.eval(optimizer.state)
    for _ in range(count):
        weights = optimizer.apply_gradients(gradients, weights)
        mx.eval(weights, optimizer.state)
    return digest(weights[f"p{PARAMETERS - 1}"])


@cache
def cloud():
    mx.random.seed(37)
    points = mx.random.normal([POINTS, FEATURES])
    first = mx.random.normal([CENTRES, FEATURES])
    mx.eval(points, first)
    return points, first


def k_means(count):
    points, centres = cloud()
    for _ in range(count):
        apart = points[:, None] - centres[None]
        nearest = mx.argmin(mx.sum(mx.square(apart), -1), 1)
        own = (nearest[:, None] == mx.arange(CENTRES)).astype(mx.float32)
        sizes = mx.maximum(mx.sum(own, 0), 1)
        centres = (own.T @ points) / sizes[:, None]
        mx.eval(centres)
    return digest(centres)


CHAINS = {
    "attention-block": attention_block,
    "adam-200": adam,
    "k-means": k_means,
}
