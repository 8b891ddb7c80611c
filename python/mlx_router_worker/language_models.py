"""Language models of mlx_lm, held by a worker for `mlx-router/lm`: loaded once, then asked for tokens."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import mlx.core as mx

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLING = {
    "temperature": "temp",
    "topP": "top_p",
    "minP": "min_p",
    "minTokensToKeep": "min_tokens_to_keep",
    "topK": "top_k",
    "xtcProbability": "xtc_probability",
    "xtcThreshold": "xtc_threshold",
    "xtcSpecialTokens": "xtc_special_tokens",
}
PENALTIES = {
    "repetitionPenalty": "repetition_penalty",
    "repetitionContextSize": "repetition_context_size",
    "presencePenalty": "presence_penalty",
    "presenceContextSize": "presence_context_size",
    "frequencyPenalty": "frequency_penalty",
    "frequencyContextSize": "frequency_context_size",
}
CACHES = {"kvBits": "kv_bits", "kvGroupSize": "kv_group_size", "quantizedKvStart": "quantized_kv_start"}


def named(options: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Give the options that are there under mlx_lm's names."""
    return {python: options[name] for name, python in names.items() if options.get(name) is not None}


class PromptCache:
    """The keys and values of one conversation, which stay in this process."""

    def __init__(self, caches: list[Any]) -> None:
        self.caches = caches
        self._seen = 0

    def seen(self, more: int = 0) -> int:
        """Give how many tokens the model has seen in it, after so many more."""
        self._seen += more
        return self._seen

    def trim(self, count: int) -> int:
        """Take the last positions away, if the cache can, and tell how many."""
        cache = importlib.import_module("mlx_lm.models.cache")
        trimmed = int(cache.trim_prompt_cache(self.caches, count))
        self._seen -= trimmed
        return trimmed


class LanguageModel:
    """A model of any architecture that mlx_lm has."""

    def __init__(self, folder: str, adapter: str | None = None) -> None:
        utils = importlib.import_module("mlx_lm.utils")
        self._model, self._config = utils.load_model(Path(folder))
        if adapter is not None:
            self._model = utils.load_adapters(self._model, adapter)
            self._model.eval()

    def model_type(self) -> str:
        """Give the name of the architecture."""
        return str(self._config["model_type"])

    def new_cache(self, max_size: int | None = None) -> PromptCache:
        """Make an empty cache."""
        cache = importlib.import_module("mlx_lm.models.cache")
        return PromptCache(cache.make_prompt_cache(self._model, max_kv_size=max_size))

    def logits(self, tokens: list[list[int]]) -> mx.array:
        """Compute the scores of every next token, `[B, L, vocabulary]`."""
        return cast("mx.array", self._model(mx.array(tokens)))

    def steps(self, prompt: list[int], options: dict[str, Any], cache: PromptCache) -> Iterator[list[Any]]:
        """Generate tokens: each with its log probability and the most probable tokens, if they are wanted."""
        generate = importlib.import_module("mlx_lm.generate")
        samples = importlib.import_module("mlx_lm.sample_utils")
        if options.get("seed") is not None:
            mx.random.seed(options["seed"])
        bias = {int(token): value for token, value in (options.get("logitBias") or {}).items()}
        steps = generate.generate_step(
            mx.array(prompt),
            self._model,
            max_tokens=options["maxTokens"],
            sampler=samples.make_sampler(**named(options, SAMPLING)),
            logits_processors=samples.make_logits_processors(bias or None, **named(options, PENALTIES)),
            prompt_cache=cache.caches,
            prefill_step_size=options["prefillStepSize"],
            **named(options, CACHES),
        )
        count = options.get("logprobs")
        cache.seen(len(prompt))
        for token, logprobs in steps:
            # mlx_lm has begun the step after this token before it gives it.
            cache.seen(1)
            yield [int(token), *(() if count is None else probabilities(logprobs, int(token), count))]


def probabilities(logprobs: mx.array, token: int, count: int) -> tuple[float, list[list[float]]]:
    """Give the logarithm of the token's probability, and the `count` most probable tokens with theirs."""
    values = logprobs.astype(mx.float32)
    best = mx.argsort(-values)[:count]
    pairs = zip(cast("list[int]", best.tolist()), cast("list[float]", values[best].tolist()), strict=True)
    return cast("float", values[token].item()), [[index, value] for index, value in pairs]
