"""Writes golden.json: what Python's mlx_lm makes of a tiny Llama. Run it with a Python that has mlx_lm 0.32.2:

python lm/training/test-support/golden.py
"""

import json
import types
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mlx.core as mx
import numpy as np
from mlx_lm.convert import mixed_quant_predicate_builder
from mlx_lm.models import llama
from mlx_lm.tuner.datasets import ChatDataset, CompletionsDataset, TextDataset
from mlx_lm.tuner.dora import DoRALinear
from mlx_lm.tuner.lora import LoRAEmbedding, LoRALinear
from mlx_lm.tuner.trainer import TrainingArgs, evaluate, train
from mlx_lm.tuner.utils import linear_to_lora_layers
from mlx_lm.utils import dequantize_model, quantize_model, save_model

import mlx.nn as nn
import mlx.optimizers as optim
from mlx.utils import tree_flatten, tree_unflatten

CONFIG = {
    "model_type": "llama",
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "intermediate_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-5,
    "vocab_size": 64,
    "tie_word_embeddings": False,
}
TOKENS = [1, 5, 9, 33, 31, 7, 8]
# Sorted by length, so that mlx_lm's order and that of the lengths are one.
EXAMPLES = [([(i * 7 + j * (i + 3)) % 64 for j in range(5 + 4 * i)], i % 3) for i in range(12)]


def make(tied: bool = False) -> nn.Module:
    model = llama.Model(llama.ModelArgs.from_dict({**CONFIG, "tie_word_embeddings": tied}))
    return fill(model, "weight", 0)


def fill(model: nn.Module, leaf: str, seed: int) -> nn.Module:
    """Draws by the order of the names, on which the order of the fields has no influence."""
    names = sorted((k, v.shape) for k, v in tree_flatten(model.parameters()) if k.rsplit(".", 1)[-1] == leaf)
    drawn = [
        (name, mx.random.normal(shape, key=mx.random.key(seed + i)) * 0.2 + (1.0 if len(shape) == 1 else 0.0))
        for i, (name, shape) in enumerate(names)
    ]
    model.load_weights(drawn, strict=False)
    return model


def logits(model: nn.Module) -> list[float]:
    model.eval()
    out = model(mx.array([TOKENS]))[0, -1].astype(mx.float32)
    return [round(x, 6) for x in out.tolist()[:6]]


def conversions() -> dict[str, Any]:
    def quantized(recipe: str | None = None, **how: Any) -> dict[str, Any]:
        model = make()
        predicate = mixed_quant_predicate_builder(recipe, model, how["group_size"]) if recipe else None
        mode = how.pop("mode", "affine")
        model, config = quantize_model(
            model, dict(CONFIG), how.get("group_size"), how.get("bits"), mode=mode, quant_predicate=predicate
        )
        found = {"logits": logits(model), "quantization": config["quantization"]}
        with TemporaryDirectory() as folder:
            save_model(folder, model)
            found["metadata"] = json.loads((Path(folder) / "model.safetensors.index.json").read_text())["metadata"]
        if mode == "affine" and not recipe:
            found["dequantized"] = logits(dequantize_model(model))
        return found

    return {
        "plain": logits(make()),
        "affine": quantized(bits=4, group_size=32),
        "mxfp8": quantized(mode="mxfp8"),
        "mixed_3_6": quantized("mixed_3_6", group_size=32),
    }


class Examples:
    def __init__(self, examples: list[Any]) -> None:
        self.examples = examples

    def __getitem__(self, index: int) -> Any:
        return self.examples[index]

    def __len__(self) -> int:
        return len(self.examples)


def training(
    kind: str, quantize: bool = False, tied: bool = False, keys: Any = None, accumulate: int = 1, dropout: float = 0.0
) -> dict[str, Any]:
    model = make(tied)
    if quantize:
        nn.quantize(model, 32, 4)
    np.random.seed(3)
    mx.random.seed(3)
    model.freeze()
    if kind == "full":
        for layer in model.layers[-1:]:
            layer.unfreeze()
    else:
        parameters = {"rank": 4, "scale": 10.0, "dropout": dropout, "keys": keys}
        linear_to_lora_layers(model, 1, parameters, use_dora=kind == "dora")
        fill(model, "lora_a", 100)
        mx.random.seed(3)
    reports: list[Any] = []
    callback = types.SimpleNamespace(
        on_train_loss_report=lambda info: reports.append(info),
        on_val_loss_report=lambda info: reports.append(info),
    )
    with TemporaryDirectory() as folder:
        args = TrainingArgs(
            batch_size=2,
            iters=8,
            steps_per_report=1,
            steps_per_eval=4,
            val_batches=2,
            max_seq_length=32,
            grad_accumulation_steps=accumulate,
            adapter_file=str(Path(folder) / "adapters.safetensors"),
        )
        optimizer = optim.Adam(optim.cosine_decay(1e-2, 8))
        train(model, optimizer, Examples(EXAMPLES), Examples(EXAMPLES[:6]), args, training_callback=callback)
    names = sorted(name for name, _ in tree_flatten(model.trainable_parameters()))
    found = {
        "losses": [round(r["train_loss"], 6) for r in reports if "train_loss" in r],
        "validation": [round(r["val_loss"], 6) for r in reports if "val_loss" in r],
        "trainable": len(names),
        "logits": logits(model),
        "loss": round(float(evaluate(model, Examples(EXAMPLES), 2, -1)), 6),
    }
    fused = [(name, module.fuse()) for name, module in model.named_modules() if hasattr(module, "fuse")]
    if fused:
        model.update_modules(tree_unflatten(fused))
        found["fused"] = logits(model)
    return found


class Tokenizer:
    eos_token_id = 63

    def encode(self, text: str) -> list[int]:
        return [1, *[ord(c) % 60 for c in text]]

    def apply_chat_template(
        self, messages: Any, tools: Any = None, add_generation_prompt: bool = False, **_: Any
    ) -> list[int]:
        text = "".join(f"<{m['role']}>{m['content']}" for m in messages)
        return [
            ord(c) % 60
            for c in (f"[{len(tools)}]" if tools else "") + text + ("<assistant>" if add_generation_prompt else "")
        ]


def initial() -> dict[str, Any]:
    mx.random.seed(5)
    linear = LoRALinear.from_base(nn.Linear(8, 4), r=2)
    embedding = LoRAEmbedding.from_base(nn.Embedding(8, 4), r=2)
    dora = DoRALinear.from_base(nn.Linear(8, 4, bias=False), r=2)
    arrays = {"linear": linear.lora_a, "embedding": embedding.lora_a, "dora": dora.lora_a, "m": dora.m}
    return {name: [round(x, 6) for x in array.flatten().tolist()] for name, array in arrays.items()}


def datasets() -> dict[str, Any]:
    tokenizer = Tokenizer()
    chat = {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}],
        "tools": [{"name": "a"}],
    }
    question = {"messages": [{"role": "user", "content": "Hi"}]}
    pair = {"prompt": "1+1", "completion": "2"}
    masked = ChatDataset([], tokenizer, mask_prompt=True)
    return {
        "text": TextDataset([], tokenizer).process({"text": "abc"}),
        "chat": masked.process(chat),
        "question": masked.process(question),
        "pair": CompletionsDataset([], tokenizer, "prompt", "completion", True).process(pair),
    }


mx.disable_compile()
np.random.seed(7)
RESULT = {
    "permutations": [
        *[np.random.permutation(n).tolist() for n in (1, 2, 9, 700)][:3],
        np.random.permutation(5).tolist(),
    ],
    "conversions": conversions(),
    "training": {
        "lora": training("lora"),
        "loraDropout": training("lora", dropout=0.2, accumulate=2, keys=["self_attn.q_proj"]),
        "dora": training("dora", keys=["self_attn.q_proj", "mlp.down_proj"]),
        "quantized": training("lora", quantize=True),
        "doraQuantized": training("dora", quantize=True),
        "embedding": training("lora", tied=True, keys=["self_attn.v_proj", "model.embed_tokens"]),
        "doraEmbedding": training("dora", tied=True, keys=["model.embed_tokens"]),
        "full": training("full"),
    },
    "initial": initial(),
    "datasets": datasets(),
}
Path(__file__).with_name("golden.json").write_text(json.dumps(RESULT, indent=2) + "\n")
