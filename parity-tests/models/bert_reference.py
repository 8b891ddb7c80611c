"""BERT in plain NumPy, in float64, with weights that follow from their names: writes what the tests expect."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

CONFIG = {
    "model_type": "bert",
    "vocab_size": 60,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 16,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "hidden_act": "gelu",
}
TOKENS = [[2, 17, 33, 5, 3, 0, 0], [2, 41, 3, 0, 0, 0, 0], [2, 9, 28, 54, 11, 7, 3]]
MASK = [[1, 1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1]]
TYPES = [[0, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 0], [0, 0, 1, 1, 1, 1, 1]]

Array = np.ndarray[Any, np.dtype[np.float64]]
erf = np.vectorize(math.erf)


def formula(name: str, *shape: int) -> Array:
    """As ``formulaWeight`` of weight-formula.ts, which says how."""
    start = 2166136261
    for byte in name.encode():
        start = ((start ^ byte) * 16777619) & 0xFFFFFFFF
    x = np.arange(1, math.prod(shape) + 1, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(start)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x85EBCA6B)
    values = ((x >> np.uint32(16)).astype(np.float64) / 65536 - 0.5) / 4
    if len(shape) == 1 and name.endswith("weight"):
        values += 1
    return values.reshape(shape)


def linear(x: Array, name: str, outputs: int) -> Array:
    return x @ formula(f"{name}.weight", outputs, x.shape[-1]).T + formula(f"{name}.bias", outputs)


def normalized(x: Array, name: str) -> Array:
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + CONFIG["layer_norm_eps"])
    return scaled * formula(f"{name}.weight", x.shape[-1]) + formula(f"{name}.bias", x.shape[-1])


def layer(x: Array, mask: Array, name: str) -> Array:
    batch, length, width = x.shape
    heads, inner = CONFIG["num_attention_heads"], CONFIG["intermediate_size"]

    def split(kind: str) -> Array:
        part = linear(x, f"{name}.attention.self.{kind}", width)
        return part.reshape(batch, length, heads, -1).transpose(0, 2, 1, 3)

    queries, keys, values = split("query"), split("key"), split("value")
    scores = queries @ keys.transpose(0, 1, 3, 2) / math.sqrt(width / heads)
    weights = np.exp(scores) * mask[:, None, None, :]
    weights /= weights.sum(-1, keepdims=True)
    attended = (weights @ values).transpose(0, 2, 1, 3).reshape(batch, length, width)
    attended = linear(attended, f"{name}.attention.output.dense", width)
    between = normalized(attended + x, f"{name}.attention.output.LayerNorm")
    computed = linear(between, f"{name}.intermediate.dense", inner)
    computed = computed * 0.5 * (1 + erf(computed / math.sqrt(2)))
    return normalized(linear(computed, f"{name}.output.dense", width) + between, f"{name}.output.LayerNorm")


def encoded(tokens: Array, mask: Array, types: Array) -> Array:
    width = CONFIG["hidden_size"]
    x = formula("embeddings.word_embeddings.weight", CONFIG["vocab_size"], width)[tokens]
    x = (
        x
        + formula("embeddings.position_embeddings.weight", CONFIG["max_position_embeddings"], width)[: tokens.shape[1]]
    )
    x = x + formula("embeddings.token_type_embeddings.weight", CONFIG["type_vocab_size"], width)[types]
    x = normalized(x, "embeddings.LayerNorm")
    for index in range(CONFIG["num_hidden_layers"]):
        x = layer(x, mask, f"encoder.layer.{index}")
    return x


def main() -> None:
    mask = np.array(MASK)
    hidden = encoded(np.array(TOKENS), mask, np.array(TYPES))
    total, count = (hidden * mask[..., None]).sum(1), mask.sum(1, keepdims=True)
    mean = total / count
    shown = np.where(mask[..., None] > 0, hidden, -np.inf)
    expected = {
        "cls_token": hidden[:, 0],
        "mean_tokens": mean,
        "max_tokens": shown.max(1),
        "mean_sqrt_len_tokens": total / np.sqrt(count),
        "normalized": mean / np.linalg.norm(mean, axis=-1, keepdims=True),
    }
    # A few numbers of each vector are enough to tell it from every other.
    vectors = {kind: np.round(vector[:, :6], 8).tolist() for kind, vector in expected.items()}
    golden = {"config": CONFIG, "tokens": TOKENS, "mask": MASK, "types": TYPES, "vectors": vectors}
    path = Path(__file__).parent / "golden" / "bert.json"
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
