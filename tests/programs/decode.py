"""Decodes tokens with a small language model of random weights: a cache of keys and values, and sampling."""

from typing import Any

import mlx.core as mx

VOCABULARY, WIDTH, HEADS, KEY_HEADS, LAYERS = 37, 32, 4, 2, 2
HEAD = WIDTH // HEADS


def linear(rows: int, columns: int) -> mx.array:
    return mx.random.normal((rows, columns)) * (1 / columns) ** 0.5


class Cache:
    step = 4

    def __init__(self) -> None:
        self.keys = mx.zeros((1, KEY_HEADS, 0, HEAD))
        self.values = mx.zeros((1, KEY_HEADS, 0, HEAD))
        self.offset = 0

    def update(self, keys: mx.array, values: mx.array) -> tuple[mx.array, mx.array]:
        before = self.offset
        self.offset += keys.shape[2]
        if self.offset > self.keys.shape[2]:
            room = mx.zeros((1, KEY_HEADS, (keys.shape[2] + self.step - 1) // self.step * self.step, HEAD))
            self.keys = mx.concatenate([self.keys[..., :before, :], room], axis=2)
            self.values = mx.concatenate([self.values[..., :before, :], room], axis=2)
        self.keys[..., before : self.offset, :] = keys
        self.values[..., before : self.offset, :] = values
        return self.keys[..., : self.offset, :], self.values[..., : self.offset, :]


def attend(weights: dict[str, mx.array], x: mx.array, mask: Any, cache: Cache) -> mx.array:
    batch, length, _ = x.shape

    def heads(name: str, count: int) -> mx.array:
        return (x @ weights[name].T).reshape(batch, length, count, -1).transpose(0, 2, 1, 3)

    queries, keys, values = heads("q", HEADS), heads("k", KEY_HEADS), heads("v", KEY_HEADS)
    queries = mx.fast.rope(queries, HEAD, traditional=False, base=10000, scale=1.0, offset=cache.offset)
    keys = mx.fast.rope(keys, HEAD, traditional=False, base=10000, scale=1.0, offset=cache.offset)
    keys, values = cache.update(keys, values)
    mixed = mx.fast.scaled_dot_product_attention(queries, keys, values, scale=HEAD**-0.5, mask=mask)
    return mixed.transpose(0, 2, 1, 3).reshape(batch, length, -1) @ weights["o"].T


def top_k(logits: mx.array, k: int) -> mx.array:
    rest = mx.argpartition(-logits, kth=k - 1, axis=-1)[..., k:]
    return mx.put_along_axis(logits, rest, mx.array(-mx.inf, logits.dtype), axis=-1)


def top_p(logits: mx.array, p: float) -> mx.array:
    order = mx.argsort(logits, axis=-1)
    sums = mx.cumsum(mx.take_along_axis(mx.softmax(logits, axis=-1), order, axis=-1), axis=-1)
    places = mx.put_along_axis(mx.zeros_like(order), order, mx.arange(order.shape[-1], dtype=order.dtype), axis=-1)
    return mx.where(mx.take_along_axis(sums, places, axis=-1) > 1 - p, logits, -mx.inf)


def main(report: Any) -> None:
    mx.random.seed(7)
    shapes = {"q": WIDTH, "k": KEY_HEADS * HEAD, "v": KEY_HEADS * HEAD, "o": WIDTH}
    layers = [{name: linear(rows, WIDTH) for name, rows in shapes.items()} for _ in range(LAYERS)]
    embedding = mx.random.normal((VOCABULARY, WIDTH))
    norm = mx.ones((WIDTH,))

    def model(tokens: mx.array, caches: list[Cache]) -> mx.array:
        x = embedding[tokens]
        mask = "causal" if x.shape[1] > 1 else None
        for weights, cache in zip(layers, caches, strict=True):
            x = x + attend(weights, mx.fast.rms_norm(x, norm, 1e-5), mask, cache)
        return mx.fast.rms_norm(x, norm, 1e-5) @ embedding.T

    caches = [Cache() for _ in range(LAYERS)]
    tokens = mx.array([1, 5, 9])
    for _ in range(8):
        logits = model(tokens[None], caches)[:, -1, :]
        chosen = top_p(top_k(logits, 12), 0.9)
        tokens = mx.random.categorical(chosen * (1 / 0.8))
        report("token", tokens, chosen)

    place = mx.arange(4)
    batch = embedding[mx.array([[1, 2, 3, 4]])]
    for name, mask in (
        ("added", (place[:, None] < place[None]) * -1e9),
        ("chosen", place[:, None] >= place[None]),
    ):
        report(name, attend(layers[0], batch, mask, Cache()))
