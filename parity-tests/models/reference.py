"""Makes small checkpoints with mlx_lm, and computes with them: a JSON request a line, an answer a line."""

from __future__ import annotations

import ctypes
import importlib
import json
import math
import os
import sys
from pathlib import Path
from typing import Any

# The BLAS of the other side must stand in the global scope before MLX looks its routines up.
if blas := os.environ.get("MLX_ROUTER_BLAS"):
    ctypes.CDLL(blas, ctypes.RTLD_GLOBAL)

try:
    import mlx.core as mx
    import mlx_lm
    import numpy as np
    from mlx_lm.generate import generate_step
    from mlx_lm.models.cache import KVCache, RotatingKVCache, make_prompt_cache
    from mlx_lm.utils import load_model

    import mlx.nn as nn
    from mlx.utils import tree_flatten, tree_map
except ImportError as error:
    print(json.dumps({"missing": str(error)}), flush=True)
    sys.exit(0)

Weights = dict[str, mx.array]

# mlx_lm 0.32.2 names an argument of its experts' product that MLX 0.32.2 does not have, always as None.
plain_gather_qmm = mx.gather_qmm


def gather_qmm(*args: Any, global_scale: None = None, **options: Any) -> mx.array:
    return plain_gather_qmm(*args, **options)


mx.gather_qmm = gather_qmm


def unstack_experts(weights: Weights, names: dict[str, str]) -> Weights:
    """Each expert by itself, as the files of Hugging Face have them."""
    apart = {}
    for name, weight in weights.items():
        block, found, rest = name.partition(".switch_mlp.")
        if not found:
            apart[name] = weight
            continue
        layer, field = rest.split(".")
        for index in range(weight.shape[0]):
            apart[f"{block}.experts.{index}.{names[layer]}.{field}"] = weight[index]
    return apart


def gpt2_names(weights: Weights) -> Weights:
    """Matrices transposed, without the name around them, and with the masks that nobody needs."""
    matrices = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
    plain = {
        name.removeprefix("model."): mx.contiguous(weight.T) if name.endswith(matrices) else weight
        for name, weight in weights.items()
    }
    return plain | {"h.0.attn.bias": mx.tril(mx.ones((1, 1, 8, 8)))}


def as_published(kind: str, weights: Weights) -> Weights:
    """The weights as the files of Hugging Face name them."""
    if kind == "qwen3_moe":
        return unstack_experts(weights, {name: name for name in ("gate_proj", "up_proj", "down_proj")})
    if kind == "mixtral":
        return unstack_experts(weights, {"gate_proj": "w1", "down_proj": "w2", "up_proj": "w3"})
    if kind == "gpt2":
        return gpt2_names(weights)
    if kind == "gemma3":
        without = {name: weight for name, weight in weights.items() if "lm_head" not in name}
        return without | {"vision_tower.weight": mx.ones((2,)), "multi_modal_projector.weight": mx.ones((2,))}
    if kind == "llama":
        return weights | {"model.layers.0.self_attn.rotary_emb.inv_freq": mx.ones((2,))}
    return weights


def write_checkpoint(request: dict[str, Any]) -> None:
    config, folder = dict(request["config"]), Path(request["folder"])
    mx.random.seed(request["seed"])
    module = importlib.import_module(f"mlx_lm.models.{config['model_type']}")
    # from_dict of some classes changes what it is given.
    model = module.Model(module.ModelArgs.from_dict(json.loads(json.dumps(config))))
    # Vectors begin as ones or zeros, which would hide one that is not used.
    model.update(tree_map(lambda p: p + 0.1 * mx.random.normal(p.shape) if p.ndim == 1 else p, model.parameters()))
    model.set_dtype(getattr(mx, request["dtype"]))
    quantization = request["quantization"]
    weights = dict(tree_flatten(model.parameters()))
    if quantization:
        nn.quantize(model, **quantization)
        config["quantization"] = quantization
        weights = dict(tree_flatten(model.parameters()))
    else:
        weights = as_published(config["model_type"], weights)
    mx.save_safetensors(str(folder / "model.safetensors"), weights)
    (folder / "config.json").write_text(json.dumps(config))


def caches(model: nn.Module, kind: str, window: int) -> list[Any]:
    if kind == "own":
        return make_prompt_cache(model)
    if kind == "plain":
        return [KVCache() for _ in model.layers]
    return [RotatingKVCache(max_size=window, keep=4) for _ in model.layers]


def logits_of(model: nn.Module, run: dict[str, Any]) -> list[mx.array]:
    """The scores of the tokens, given in pieces."""
    cache = caches(model, run["cache"], run["window"])
    tokens, start, found = mx.array(run["tokens"]), 0, []
    for length in run["pieces"]:
        found.append(model(tokens[:, start : start + length], cache=cache))
        mx.eval(found[-1])
        start += length
    return found


def generated(model: nn.Module, run: dict[str, Any]) -> list[int]:
    sampler = None
    if run["seed"] is not None:
        mx.random.seed(run["seed"])
        sampler = mx.random.categorical
    steps = generate_step(
        mx.array(run["prompt"]),
        model,
        max_tokens=run["count"],
        sampler=sampler,
        prompt_cache=caches(model, run["cache"], run["window"]),
        prefill_step_size=run["prefill"],
    )
    return [int(token) for token, _ in steps]


def formula(name: str, shape: tuple[int, ...]) -> mx.array:
    """As ``formulaWeight`` of weight-formula.ts, which says how."""
    start = 2166136261
    for byte in name.encode():
        start = ((start ^ byte) * 16777619) & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        x = np.arange(1, math.prod(shape) + 1, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(start)
        x = (x ^ (x >> np.uint32(15))) * np.uint32(0x85EBCA6B)
    values = ((x >> np.uint32(16)).astype(np.float32) / 65536 - 0.5) / 4
    if len(shape) == 1 and name.endswith("weight"):
        values += 1
    return mx.array(values.reshape(shape))


def golden(request: dict[str, Any]) -> dict[str, Any]:
    """Some scores and tokens of a model whose weights follow from their names."""
    config = request["config"]
    module = importlib.import_module(f"mlx_lm.models.{config['model_type']}")
    model = module.Model(module.ModelArgs.from_dict(config))
    shapes = tree_flatten(model.parameters())
    model.load_weights([(name, formula(name, p.shape)) for name, p in shapes])
    if request["quantization"]:
        nn.quantize(model, **request["quantization"])
    model.eval()
    logits = model(mx.array([request["prompt"]]), cache=make_prompt_cache(model))
    run = {"seed": None, "cache": "own", "window": 0, "prefill": 512} | request
    return {"scores": logits[0, -1].tolist(), "tokens": generated(model, run)}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    folder = Path(request["folder"])
    write_checkpoint(request)
    model, _ = load_model(folder)
    logits = {
        f"{place}.{piece}": scores
        for place, run in enumerate(request["logits"])
        for piece, scores in enumerate(logits_of(model, run))
    }
    # The name is none that a checkpoint's file may have.
    mx.save_safetensors(str(folder / "expected.safetensors"), logits)
    return {"tokens": [generated(model, run) for run in request["generate"]]}


def main() -> None:
    mx.set_default_device(mx.cpu)
    print(json.dumps({"versions": {"mlx": mx.__version__, "mlx_lm": mlx_lm.__version__}}), flush=True)
    for line in sys.stdin:
        try:
            request = json.loads(line)
            reply = golden(request) if "prompt" in request else answer(request)
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
