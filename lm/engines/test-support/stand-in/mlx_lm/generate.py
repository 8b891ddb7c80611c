"""Generation of tokens."""

import os
from collections.abc import Iterator
from typing import Any

import mlx.core as mx


def generate_step(
    prompt: mx.array,
    model: Any,
    *,
    max_tokens: int,
    sampler: Any,
    logits_processors: list[Any],
    prompt_cache: list[Any],
    prefill_step_size: int,
) -> Iterator[tuple[int, mx.array]]:
    if prompt[0].item() == 13:
        raise ValueError("this prompt fails")
    if prompt[0].item() == 14:
        os._exit(3)
    prompt_cache[0].offset += prompt.size
    tokens = prompt
    for _ in range(max_tokens):
        logits = model(tokens[None, -1:])[:, -1, :]
        for process in logits_processors:
            logits = process(tokens, logits)
        logprobs = logits - mx.logsumexp(logits, keepdims=True)
        token = sampler(logprobs)
        prompt_cache[0].offset += 1
        tokens = mx.concatenate([tokens, token])
        yield token.item(), logprobs.squeeze(0)
