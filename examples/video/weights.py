"""Writes a checkpoint of EfficientNet-Lite0 as safetensors: `weights.py CHECKPOINT.pth TARGET.safetensors`.

Each normalization is joined with the convolution before it, and the layout is MLX's, channels last.
"""

import collections
import pickle
import sys

import mlx.core as mx
import numpy as np

EPSILON = 1e-3
DTYPES = {"FloatStorage": np.float32, "LongStorage": np.int64}


class Reader(pickle.Unpickler):
    """Reads what a checkpoint consists of, and runs nothing that it names."""

    def __init__(self, file):
        super().__init__(file)
        self.dtypes = {}

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda key, offset, shape, strides, *_: (key, offset, shape, strides)
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        raise pickle.UnpicklingError(f"a checkpoint has no {module}.{name}")

    def persistent_load(self, saved):
        _, dtype, key, *_ = saved
        self.dtypes[key] = np.dtype(dtype)
        return key


def read(path):
    with open(path, "rb") as file:
        for _ in range(3):  # a mark, the version, the machine
            pickle.load(file)
        reader = Reader(file)
        tensors = reader.load()
        storages = {}
        for key in pickle.load(file):
            count, dtype = int.from_bytes(file.read(8), "little"), reader.dtypes[key]
            storages[key] = np.frombuffer(file.read(count * dtype.itemsize), dtype)
    views = {}
    for name, (key, offset, shape, strides) in tensors.items():
        data = storages[key]
        steps = [stride * data.itemsize for stride in strides]
        views[name] = np.lib.stride_tricks.as_strided(data[offset:], shape, steps)
    return views


source = read(sys.argv[1])
weights = {"classifier.weight": source["_fc.weight"], "classifier.bias": source["_fc.bias"]}


def join(target, convolution, normalization):
    scale = source[f"{normalization}.weight"] / np.sqrt(source[f"{normalization}.running_var"] + EPSILON)
    weight = (source[f"{convolution}.weight"] * scale[:, None, None, None]).transpose(0, 2, 3, 1)
    # A convolution of single pixels is a linear layer over the channels.
    weights[f"{target}.weight"] = weight[:, 0, 0] if weight.shape[1] == 1 else weight
    weights[f"{target}.bias"] = source[f"{normalization}.bias"] - source[f"{normalization}.running_mean"] * scale


join("stem", "_conv_stem", "_bn0")
join("head", "_conv_head", "_bn1")
for block in range(16):
    ours, theirs = f"blocks.{block}", f"_blocks.{block}"
    if f"{theirs}._expand_conv.weight" in source:
        join(f"{ours}.expand", f"{theirs}._expand_conv", f"{theirs}._bn0")
    join(f"{ours}.depthwise", f"{theirs}._depthwise_conv", f"{theirs}._bn1")
    join(f"{ours}.project", f"{theirs}._project_conv", f"{theirs}._bn2")

mx.save_safetensors(sys.argv[2], {name: mx.array(np.ascontiguousarray(value)) for name, value in weights.items()})
