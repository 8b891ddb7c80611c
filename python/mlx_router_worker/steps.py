"""Steps of optimizers as one call, in the operations of `mlx.optimizers`."""

from __future__ import annotations

import mlx.core as mx


def adam_step(
    parameter: mx.array,
    gradient: mx.array,
    m: mx.array,
    v: mx.array,
    learning_rate: mx.array,
    *,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float = 0.0,
) -> list[mx.array]:
    """Give a parameter and its two moments after a step of Adam, with weight decay that of AdamW."""
    rate = learning_rate.astype(gradient.dtype)
    if weight_decay != 0:
        parameter = parameter * (1 - rate * weight_decay)
    m = beta1 * m + (1 - beta1) * gradient
    v = beta2 * v + (1 - beta2) * mx.square(gradient)
    return [parameter - rate * m / (mx.sqrt(v) + eps), m, v]
