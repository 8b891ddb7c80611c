"""Reading of models."""

import json
from pathlib import Path
from typing import Any

import mlx.core as mx


class Counter:
    """A model whose most probable next token is the one after the last."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.step = 1

    def __call__(self, tokens: mx.array) -> mx.array:
        following = (tokens + self.step) % self.size
        return mx.where(mx.arange(self.size) == following[..., None], 4.0, 0.0)

    def eval(self) -> None:
        """Nothing is trained here."""


def load_model(folder: Path) -> tuple[Counter, dict[str, Any]]:
    config = json.loads((folder / "config.json").read_text())
    if "broken" in config:
        raise ValueError("the weights are broken")
    return Counter(config["vocab_size"]), config


def load_adapters(model: Counter, adapter: str) -> Counter:
    model.step = int(Path(adapter).name)
    return model
