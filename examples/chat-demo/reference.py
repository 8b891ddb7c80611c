"""What mlx_lm does by itself: greedy tokens and their speed, for each prompt on standard input."""

import ctypes
import json
import sys
import time
from pathlib import Path

request = json.load(sys.stdin)
sys.path.insert(0, request["site"])
if request["blas"]:
    ctypes.CDLL(request["blas"], ctypes.RTLD_GLOBAL)

import mlx.core as mx  # noqa: E402
from mlx_lm.generate import generate_step  # noqa: E402
from mlx_lm.utils import load_model  # noqa: E402

model, _ = load_model(Path(request["folder"]))
answers = []
for prompt in request["prompts"]:
    tokens = []
    first = 0.0
    for token, _ in generate_step(mx.array(prompt), model, max_tokens=request["maxTokens"]):
        if not tokens:
            first = time.perf_counter()
        tokens.append(int(token))
        if tokens[-1] in request["endOfText"]:
            break
    seconds = time.perf_counter() - first
    answers.append({"tokens": tokens, "tokensPerSecond": (len(tokens) - 1) / seconds if len(tokens) > 1 else 0})
print(json.dumps(answers))
