"""Writes and describes files of arrays with Python's MLX and NumPy, for the tests of mx.load and mx.save."""

import json
import os
import random
import struct
import sys
import zipfile
from pathlib import Path

import mlx.core as mx
import numpy as np

DTYPES = ["bool_", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"]
DTYPES += ["float16", "float32", "float64", "bfloat16", "complex64"]
# Files are the same whatever computes, and a GPU has no float64.
mx.set_default_device(mx.cpu)

GGUF = ["float32", "float16", "int8", "int16", "int32"]


def bits(array):
    """The row-major bytes of an MLX array: bfloat16 through its bits, for NumPy has none."""
    if array.dtype == mx.bfloat16:
        array = array.view(mx.uint16)
    return np.array(array, copy=True, order="C").tobytes().hex()


def facts(array):
    name = str(array.dtype).removeprefix("mlx.core.")
    return f"{name} [{','.join(map(str, array.shape))}] {bits(array)}"


def describe(path):
    return {name: facts(array) for name, array in mx.load(path).items()}


def describe_numpy(path):
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    return {
        name: f"{array.dtype} [{','.join(map(str, array.shape))}] {array.tobytes().hex()}"
        for name, array in arrays.items()
    }


def samples(dtypes):
    arrays = {}
    for name in dtypes:
        dtype = getattr(mx, name)
        base = mx.arange(24).reshape(2, 3, 4).astype(dtype, stream=mx.cpu)
        arrays[f"{name} whole"] = base
        arrays[f"{name} turned"] = base.T
        arrays[f"{name} scalar"] = base[0, 0, 1]
        arrays[f"{name} empty"] = base[:, :0]
    return arrays


def numpy_samples():
    base = np.arange(6).reshape(2, 3)
    kinds = "<f4 >f4 <f8 >f8 <f2 >f2 <i2 >i2 <i4 >i4 <i8 >i8 <u2 >u2 <u4 >u4 <u8 >u8 |i1 |u1 |b1 <c8 >c8"
    arrays = {f"{kind} C": base.astype(kind) for kind in kinds.split()}
    arrays |= {f"{kind} F": np.asfortranarray(base.astype(kind)) for kind in kinds.split()}
    return arrays | {"scalar": np.float32(1.5), "empty": np.zeros((0, 2), ">i8"), "nan": np.array([np.nan, -0.0])}


def numpy_facts(array):
    array = np.asarray(array)
    native = array.astype(array.dtype.newbyteorder("<"))
    return f"{native.dtype.newbyteorder('=')} [{','.join(map(str, array.shape))}] {native.tobytes().hex()}"


def gguf_text(text):
    return struct.pack("<Q", len(text)) + text.encode()


def q4_k_block():
    """Random, but the two groups of a pair have equal scales: MLX uses the first one's for both."""
    block = bytearray(random.randrange(256) for _ in range(144))
    for i in range(4, 16, 2):
        block[i + 1] = block[i]
    return bytes(block)


def finite_halves(block, places):
    """The block with scales that are numbers: what becomes of NaN differs from machine to machine."""
    block = bytearray(block)
    for place in places:
        block[place : place + 2] = np.float16(random.uniform(-1, 1)).tobytes()
    return bytes(block)


def write_quantized(path):
    """A gguf file of random blocks of the types that MLX takes over or widens."""
    random.seed(5)
    infos, data = b"", b""
    tensors = {
        "a.weight": (2, 18, 32, [0]),
        "b.weight": (3, 20, 32, [0, 2]),
        "c.weight": (8, 34, 32, [0]),
        "odd": (2, 18, 32, [0]),
        "longer name": (8, 34, 32, [0]),
        "q2_k": (10, 84, 256, [80, 82]),
        "q4_k": (12, 144, 256, [0, 2]),
        "q6_k": (14, 210, 256, [208]),
        "bf16": (30, 512, 256, []),
    }
    for name, (code, block, elements, places) in tensors.items():
        infos += gguf_text(name) + struct.pack("<IQQIQ", 2, elements * 2, 3, code, len(data))
        blocks = [q4_k_block() if code == 12 else random.randbytes(block) for _ in range(6)]
        raw = b"".join(finite_halves(each, places) for each in blocks)
        data += raw + bytes(-len(raw) % 32)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), 0) + infos
    path.write_bytes(head + bytes(-len(head) % 32) + data)


def write(folder):
    folder = Path(folder)
    everything = samples(DTYPES)
    narrow = samples([name for name in DTYPES if name != "float64"])
    gguf = samples(GGUF)
    mx.save_safetensors(str(folder / "mlx.safetensors"), narrow, {"k": "v"})
    mx.savez(str(folder / "mlx.npz"), **everything)
    mx.savez_compressed(str(folder / "mlx-compressed.npz"), **everything)
    metadata = {"text": "ü", "list": ["a", "b"], "numbers": mx.array([1, 2], dtype=mx.int64)}
    mx.save_gguf(str(folder / "mlx.gguf"), gguf, metadata)
    arrays = numpy_samples()
    np.savez(folder / "numpy.npz", **arrays)
    with zipfile.ZipFile(folder / "wide.npz", "w") as file:
        for name, array in arrays.items():
            with file.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asarray(array), version=(len(name) % 3 + 1, 0))
    write_quantized(folder / "quantized.gguf")
    numpy_expected = {name: numpy_facts(array) for name, array in arrays.items()}
    return {
        "mlx.safetensors": {name: facts(array) for name, array in narrow.items()},
        "mlx.npz": {name: facts(array) for name, array in everything.items()},
        "mlx-compressed.npz": {name: facts(array) for name, array in everything.items()},
        "mlx.gguf": {name: facts(array) for name, array in gguf.items()},
        "numpy.npz": numpy_expected,
        "wide.npz": numpy_expected,
        "quantized.gguf": describe(str(folder / "quantized.gguf")),
    }


ACTIONS = {"describe": describe, "describe-numpy": describe_numpy, "write": write}
json.dump(ACTIONS[sys.argv[1]](sys.argv[2]), sys.stdout)
sys.stdout.flush()
# MLX's threads that read files may still be running when the interpreter ends, which then aborts now and then.
os._exit(0)
