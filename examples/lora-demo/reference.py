"""What mlx_lm computes with the adapters, and with the fused weights, beside the scores in a file."""

import ctypes
import json
import sys

request = json.load(sys.stdin)
sys.path.append(request["site"])
if request["blas"]:
    ctypes.CDLL(request["blas"], ctypes.RTLD_GLOBAL)

import mlx.core as mx  # noqa: E402
import mlx_lm  # noqa: E402

ours = mx.load(request["ours"])
tokens = mx.array([request["tokens"]])


def compared(model, expected):
    scores = model(tokens)
    same = scores.view(mx.uint32) == expected.view(mx.uint32)
    largest = mx.abs(scores - expected).max()
    return {"count": scores.size, "equal": same.sum().item(), "largest": largest.item()}


adapted, _ = mlx_lm.load(request["model"], adapter_path=request["adapters"])
fused, _ = mlx_lm.load(request["fused"])
print(json.dumps({"adapters": compared(adapted, ours["adapters"]), "fused": compared(fused, ours["fused"])}))
