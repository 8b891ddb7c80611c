"""A transformer block of single operations, the same in the same order as on the other side."""

import math

import mlx.core as mx


def gelu(x):
    return x * (1 + mx.erf(x / math.sqrt(2))) / 2


def normalized(x):
    centred = x - mx.mean(x, -1, True)
    return centred * mx.rsqrt(mx.mean(mx.square(centred), -1, True) + 1e-5)


def transformer_block(batch, length, width, heads, dtype=mx.float32):
    """Attention and a feed-forward network, each behind a normalisation and beside its input."""

    def drawn(*shape):
        return mx.random.normal(shape, dtype)

    def matrix(rows, columns):
        return drawn(rows, columns) * 0.05

    def split(x):
        return mx.transpose(mx.reshape(x, [batch, length, heads, width // heads]), [0, 2, 1, 3])

    sequence = drawn(batch, length, width)
    weights = {
        "down": matrix(4 * width, width),
        "key": matrix(width, width),
        "out": matrix(width, width),
        "query": matrix(width, width),
        "up": matrix(width, 4 * width),
        "value": matrix(width, width),
    }
    mx.eval(sequence, weights)

    def loss(weights):
        x = normalized(sequence)
        q, k, v = [split(x @ weights[name]) for name in ("query", "key", "value")]
        scores = (q @ mx.transpose(k, [0, 1, 3, 2])) * (1 / math.sqrt(width / heads))
        attended = mx.transpose(mx.softmax(scores, -1) @ v, [0, 2, 1, 3])
        merged = mx.reshape(attended, [batch, length, width]) @ weights["out"]
        middle = sequence + merged
        inner = gelu(normalized(middle) @ weights["up"])
        return mx.mean(mx.square(middle + inner @ weights["down"]))

    return loss, weights
