"""Choice of tokens."""

from collections.abc import Callable
from typing import Any

import mlx.core as mx


def make_sampler(temp: float = 0.0, **_: Any) -> Callable[[mx.array], mx.array]:
    if temp == 0:
        return lambda logprobs: mx.argmax(logprobs, axis=-1)
    return lambda logprobs: mx.random.categorical(logprobs / temp)


def make_logits_processors(logit_bias: dict[int, float] | None = None, **_: Any) -> list[Any]:
    if logit_bias is None:
        return []
    tokens, values = mx.array(list(logit_bias)), mx.array(list(logit_bias.values()))
    return [lambda _, logits: logits.at[:, tokens].add(values)]
