"""Writes golden.json and prompt-cache.safetensors: what mlx_lm 0.32.2 gives for the models of seeded-model.ts.

Run it with a Python that has mlx_lm, then format golden.json with biome.
"""

import json
from pathlib import Path

import mlx.core as mx
from mlx_lm.generate import BatchGenerator, generate_step, speculative_generate_step
from mlx_lm.models import cache, llama
from mlx_lm.sample_utils import make_logits_processors, make_sampler

from mlx.utils import tree_flatten

FOLDER = Path(__file__).parent
CONFIG = {
    "model_type": "llama",
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "intermediate_size": 96,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "rms_norm_eps": 1e-5,
    "vocab_size": 100,
    "tie_word_embeddings": False,
}
PROMPT = [3, 14, 15, 92, 65, 35, 89, 79, 32, 38, 46]
PROMPTS = [PROMPT, [27, 18], [28], [31, 41, 59, 26, 53], [58, 97, 93]]


def tiny_model(seed):
    model = llama.Model(llama.ModelArgs.from_dict(CONFIG))
    weights = []
    for index, (name, array) in enumerate(sorted(tree_flatten(model.parameters()))):
        noise = mx.random.normal(array.shape, key=mx.random.key(1000 * seed + index))
        weights.append((name, noise * 0.1 + 1 if array.ndim == 1 else noise * 0.25))
    model.load_weights(weights)
    model.eval()
    mx.eval(model.parameters())
    return model


def samplers():
    logits = mx.random.normal([2, 100], key=mx.random.key(7)) * 1.5
    logprobs = logits - mx.logsumexp(logits, axis=-1, keepdims=True)
    options = [
        {},
        {"temp": 1.0},
        {"temp": 0.7},
        {"temp": 1.5, "top_p": 0.8},
        {"temp": 1.0, "min_p": 0.05},
        {"temp": 2.0, "min_p": 0.5, "min_tokens_to_keep": 4},
        {"temp": 1.0, "top_k": 5},
        {"temp": 1.0, "xtc_probability": 0.5, "xtc_threshold": 0.05},
        {"temp": 1.0, "xtc_probability": 1.0, "xtc_threshold": 0.02, "xtc_special_tokens": [1, 5, 70]},
        {"temp": 1.3, "top_p": 0.95, "min_p": 0.01, "xtc_probability": 0.3, "top_k": 20},
    ]
    results = []
    for option in options:
        mx.random.seed(11)
        sampler = make_sampler(**option)
        results.append({"options": option, "tokens": [sampler(logprobs).tolist() for _ in range(10)]})
    return results


def processors():
    options = [
        {"logit_bias": {3: 2.5, 7: -100.0}},
        {"repetition_penalty": 1.3},
        {"repetition_penalty": 1.1, "repetition_context_size": 3},
        {"presence_penalty": 0.7, "presence_context_size": 4},
        {"frequency_penalty": 0.3},
        {"logit_bias": {1: 1.0}, "repetition_penalty": 1.2, "presence_penalty": 0.1, "frequency_penalty": 0.2},
    ]
    results = []
    for option in options:
        logits = mx.random.normal([1, 12], key=mx.random.key(5))
        for processor in make_logits_processors(**option):
            logits = processor(mx.array([1, 2, 2, 9, 4, 2, 5]), logits)
        results.append({"options": option, "logits": logits[0].tolist()})
    return results


def generated(model, prompt=PROMPT, count=24, **options):
    return [token for token, _ in generate_step(mx.array(prompt), model, max_tokens=count, **options)]


def generation(model):
    mx.random.seed(3)
    sampled = generated(
        model,
        sampler=make_sampler(temp=1.0, top_p=0.9),
        logits_processors=make_logits_processors(repetition_penalty=1.2),
    )
    return {
        "greedy": [generated(model, prompt) for prompt in PROMPTS],
        "sampled": sampled,
        "bits8": generated(model, kv_bits=8, kv_group_size=32, quantized_kv_start=0),
        "bits4": generated(model, kv_bits=4, kv_group_size=32, quantized_kv_start=15, prefill_step_size=4),
    }


def batch(model):
    generator = BatchGenerator(model, stop_tokens=[[5]], prefill_step_size=4)
    counts = [24, 5, 24, 12, 24]
    uids = generator.insert(PROMPTS[:3], counts[:3])
    results = {}
    reasons = {}
    for step in range(60):
        if step == 4:
            uids += generator.insert(PROMPTS[3:], counts[3:])
        for response in generator.next()[1]:
            results.setdefault(response.uid, []).append(response.token)
            if response.finish_reason:
                reasons[response.uid] = response.finish_reason
    return {"counts": counts, "tokens": [results[uid] for uid in uids], "reasons": [reasons[uid] for uid in uids]}


def speculative(model, draft):
    def run(**options):
        steps = speculative_generate_step(mx.array(PROMPT), model, draft, max_tokens=24, **options)
        return [[token, from_draft] for token, _, from_draft in steps]

    mx.random.seed(4)
    return {
        "two": run(),
        "four": run(num_draft_tokens=4, prefill_step_size=3),
        "sampled": run(num_draft_tokens=2, sampler=make_sampler(temp=0.8)),
    }


def near(model):
    """The same model with a little noise, most of whose tokens are accepted."""
    other = tiny_model(1)
    weights = tree_flatten(other.parameters())
    other.load_weights([(name, array * 0.97 if array.ndim == 2 else array) for name, array in weights])
    return other


def prompt_cache():
    caches = [
        cache.KVCache(),
        cache.RotatingKVCache(max_size=16, keep=4),
        cache.QuantizedKVCache(group_size=32, bits=4),
    ]
    shapes = [(1, 1, 5, 8), (1, 1, 5, 8), (1, 1, 5, 32)]
    for index, (one, shape) in enumerate(zip(caches, shapes, strict=True)):
        keys = mx.random.normal(shape, key=mx.random.key(20 + index))
        if index == 2:
            one.keys, one.values = (mx.quantize(array, group_size=32, bits=4) for array in (keys, keys + 1))
        else:
            one.keys, one.values = keys, keys + 1
        one.offset = 5
    caches[1]._idx = 5
    cache.save_prompt_cache(str(FOLDER / "prompt-cache.safetensors"), caches, {"model": "tiny", "note": "a.b"})


if __name__ == "__main__":
    model = tiny_model(1)
    golden = {
        "samplers": samplers(),
        "processors": processors(),
        "generation": generation(model),
        "batch": batch(model),
        "speculative": {"far": speculative(model, tiny_model(2)), "near": speculative(model, near(model))},
    }
    text = json.dumps(golden, indent=None, separators=(",", ":"))
    (FOLDER / "golden.json").write_text(text + "\n")
    prompt_cache()
