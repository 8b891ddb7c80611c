"""Caches of prompts."""

from typing import Any


class Cache:
    def __init__(self) -> None:
        self.offset = 0


def make_prompt_cache(model: Any, max_kv_size: int | None = None) -> list[Cache]:
    return [Cache()]


def trim_prompt_cache(cache: list[Cache], count: int) -> int:
    trimmed = min(count, cache[0].offset)
    cache[0].offset -= trimmed
    return trimmed
