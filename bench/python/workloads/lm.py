"""A language model with mlx_lm, the same works as on the other side."""

import json
import os
import sys
from functools import cache, partial
from pathlib import Path

import mlx.core as mx

import mlx.nn as nn
import mlx.optimizers as optimizers
from mlx.utils import tree_flatten, tree_map

SETTING = json.loads(os.environ.get("MLX_ROUTER_BENCH_MODELS", "{}"))
# Last, so that what the interpreter has itself comes first.
sys.path.append(SETTING.get("site", ""))

from mlx_lm.generate import BatchGenerator, generate_step  # noqa: E402
from mlx_lm.models.cache import make_prompt_cache  # noqa: E402
from mlx_lm.tuner.trainer import default_loss  # noqa: E402
from mlx_lm.tuner.utils import linear_to_lora_layers  # noqa: E402
from mlx_lm.utils import load_model  # noqa: E402

from .encoder import load_encoder  # noqa: E402
from .timing import Watch  # noqa: E402

PROMPT = 8
SEQUENCES = 8
MB = 1e6
SAMPLED = 16
PAGE = os.sysconf("SC_PAGE_SIZE")
BLOCKS = 4
SHAPES = {"full": (2, 129), "quantized": (1, 33)}


@cache
def model_of(form):
    return load_model(Path(SETTING[form]))[0]


def tokens(count, vocabulary, start=0):
    return [((start + i) * 7919 + 13) % vocabulary for i in range(count)]


def digest(sequence):
    total = 0
    for token in sequence:
        total = (total * 31 + token) % 2147483647
    return total


def load(form, count):
    watch = Watch()
    model = load_model(Path(SETTING[form]))[0]
    timing = watch.stop(None)
    del model
    return timing


def first_token(form, count):
    model = model_of(form)
    prompt = mx.array(tokens(count, model.args.vocab_size))
    watch = Watch()
    first = [int(token) for token, _ in generate_step(prompt, model, max_tokens=1)]
    return watch.stop(first[0])


def decode(form, count):
    model = model_of(form)
    prompt = mx.array(tokens(PROMPT, model.args.vocab_size))
    written, watch = [], None
    for token, _ in generate_step(prompt, model, max_tokens=count + 1):
        written.append(int(token))
        watch = watch or Watch()
    return watch.stop(digest(written))


def batch(form, count):
    model = model_of(form)
    prompts = [tokens(PROMPT, model.args.vocab_size, i * PROMPT) for i in range(SEQUENCES)]
    watch = Watch()
    generator = BatchGenerator(model)
    written = {uid: [] for uid in generator.insert(prompts, [count // SEQUENCES] * SEQUENCES)}
    while answers := generator.next_generated():
        for answer in answers:
            written[answer.uid].append(int(answer.token))
    timing = watch.stop(digest(token for sequence in written.values() for token in sequence))
    generator.close()
    return timing


@cache
def encoder():
    return load_encoder(SETTING["encoder"])


def embed(count):
    compute = encoder()
    texts = json.loads(Path(SETTING["sentences"]).read_text())[:count]
    watch = Watch()
    vectors = compute(texts)
    mx.eval(vectors)
    timing = watch.stop(None)
    return timing | {"result": round(mx.abs(vectors).sum().item())}


@cache
def trainer(form):
    model = load_model(Path(SETTING[form]))[0]
    mx.random.seed(19)
    model.freeze()
    blocks = min(BLOCKS, len(model.layers))
    linear_to_lora_layers(model, blocks, {"rank": 8, "scale": 20.0, "dropout": 0.0})
    model.train()
    optimizer = optimizers.Adam(1e-4)
    optimizer.init(model.trainable_parameters())
    batch, length = SHAPES[form]
    given = (mx.arange(batch * length) * 37 % 256).astype(mx.int32).reshape(batch, length)
    lengths = mx.array([[0, length]] * batch)
    gradient = nn.value_and_grad(model, default_loss)
    state = [model.state, optimizer.state, mx.random.state]

    @partial(mx.compile, inputs=state, outputs=state)
    def step(given, lengths):
        (loss, _), gradients = gradient(model, given, lengths)
        optimizer.update(model, gradients)
        return loss

    weights = tree_flatten(model.trainable_parameters())
    initial = tree_map(lambda array: array, optimizer.state)
    mx.eval(state, given, lengths)

    def reset():
        model.load_weights(weights, strict=False)
        optimizer.state.update(tree_map(lambda array: array, initial))

    return step, state, (given, lengths), reset


def lora_step(form, count):
    step, state, given, reset = trainer(form)
    reset()
    watch = Watch()
    last = 0.0
    for _ in range(count):
        loss = step(*given)
        mx.eval(loss, state)
        last = loss.item()
        mx.clear_cache()
    return watch.stop(round(last, 4))


def rss():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * PAGE


def long_answer(form, count):
    model = model_of(form)
    caches = make_prompt_cache(model)
    prompt = mx.array(tokens(PROMPT, model.args.vocab_size))

    def size():
        return rss() - sum(one.nbytes for one in caches)

    start = peak = 0
    for done, _ in enumerate(generate_step(prompt, model, max_tokens=count, prompt_cache=caches), 1):
        if done % SAMPLED == 0:
            start = start or size()
            peak = max(peak, size())
    return (peak - start) / MB


FULL, PACKED = "full", "quantized"

WORKLOADS = {
    "load": partial(load, FULL),
    "load-quantized": partial(load, PACKED),
    "prefill": partial(first_token, FULL),
    "prefill-quantized": partial(first_token, PACKED),
    "first-token": partial(first_token, FULL),
    "first-token-quantized": partial(first_token, PACKED),
    "decode": partial(decode, FULL),
    "decode-quantized": partial(decode, PACKED),
    "batch-8": partial(batch, FULL),
    "batch-8-quantized": partial(batch, PACKED),
    "lora-step": partial(lora_step, FULL),
    "lora-step-quantized": partial(lora_step, PACKED),
    "embed-256": embed,
    "long-answer": partial(long_answer, FULL),
}
