"""A BERT encoder in MLX with the mean of its tokens as the vector of a text, since mlx_lm has none."""

import json
from pathlib import Path

import mlx.core as mx
from tokenizers import Tokenizer

import mlx.nn as nn

BATCH = 32


class Embeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.word_embeddings = nn.Embedding(config["vocab_size"], width)
        self.position_embeddings = nn.Embedding(config["max_position_embeddings"], width)
        self.token_type_embeddings = nn.Embedding(config["type_vocab_size"], width)
        self.LayerNorm = nn.LayerNorm(width, eps=config["layer_norm_eps"])

    def __call__(self, tokens):
        positions = mx.arange(0, tokens.shape[1], dtype=mx.int32)
        kinds = self.token_type_embeddings(mx.zeros([1], mx.int32))
        return self.LayerNorm(self.word_embeddings(tokens) + kinds + self.position_embeddings(positions))


def output(inputs, config):
    width = config["hidden_size"]
    return {"dense": nn.Linear(inputs, width), "LayerNorm": nn.LayerNorm(width, eps=config["layer_norm_eps"])}


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, inner = config["hidden_size"], config["intermediate_size"]
        self.heads = config["num_attention_heads"]
        own = {name: nn.Linear(width, width) for name in ("query", "key", "value")}
        self.attention = {"self": own, "output": output(width, config)}
        self.intermediate = {"dense": nn.Linear(width, inner)}
        self.output = output(inner, config)

    def __call__(self, x, mask):
        batch, length, _ = x.shape

        def split(name):
            part = self.attention["self"][name](x)
            return part.reshape(batch, length, self.heads, -1).transpose(0, 2, 1, 3)

        queries, keys, values = split("query"), split("key"), split("value")
        scale = queries.shape[-1] ** -0.5
        attended = mx.fast.scaled_dot_product_attention(queries, keys, values, scale=scale, mask=mask)
        attended = attended.transpose(0, 2, 1, 3).reshape(batch, length, -1)
        after, last = self.attention["output"], self.output
        between = after["LayerNorm"](after["dense"](attended) + x)
        computed = last["dense"](nn.gelu(self.intermediate["dense"](between)))
        return last["LayerNorm"](computed + between)


class Bert(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embeddings = Embeddings(config)
        self.encoder = {"layer": [Layer(config) for _ in range(config["num_hidden_layers"])]}

    def __call__(self, tokens, mask):
        hidden = self.embeddings(tokens)
        seen = mask.astype(mx.bool_)[:, None, None, :]
        for layer in self.encoder["layer"]:
            hidden = layer(hidden, seen)
        shown = mask.astype(hidden.dtype)[..., None]
        return (hidden * shown).sum(axis=1) / mx.maximum(shown.sum(axis=1), 1e-9)


def normalized(vectors):
    return vectors / mx.maximum(mx.sqrt(mx.square(vectors).sum(axis=-1, keepdims=True)), 1e-12)


def is_normalized(place):
    steps = place / "modules.json"
    return steps.exists() and any("Normalize" in step["type"] for step in json.loads(steps.read_text()))


def longest_text(place, positions):
    limits = place / "sentence_bert_config.json"
    return min(positions, json.loads(limits.read_text())["max_seq_length"]) if limits.exists() else positions


def load_encoder(folder):
    """Give what turns texts into vectors, those of about one length together."""
    place = Path(folder)
    model = Bert(json.loads((place / "config.json").read_text()))
    weights = mx.load(str(place / "model.safetensors"))
    names = ("embeddings.position_ids", "pooler.")
    model.load_weights([(name, weight) for name, weight in weights.items() if not name.startswith(names)])
    model.eval()
    mx.eval(model.parameters())
    tokenizer = Tokenizer.from_file(str(place / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest_text(place, model.embeddings.position_embeddings.weight.shape[0]))
    last = normalized if is_normalized(place) else lambda vectors: vectors

    def compute(texts):
        rows = sorted(enumerate(tokenizer.encode(text).ids for text in texts), key=lambda row: len(row[1]))
        parts = []
        for start in range(0, len(rows), BATCH):
            ids = [row for _, row in rows[start : start + BATCH]]
            longest = max(map(len, ids))
            given = mx.array([row + [0] * (longest - len(row)) for row in ids])
            mask = mx.array([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
            parts.append(last(model(given, mask)))
            mx.eval(parts[-1])
        places = sorted(range(len(rows)), key=lambda place: rows[place][0])
        return mx.concatenate(parts)[mx.array(places)]

    return compute
