"""Writes a BERT encoder for ONNX Runtime, with its tokenizer: `export_onnx.py FOLDER TARGET`."""

import json
import shutil
import sys
from pathlib import Path

import mlx.core as mx
import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

source, target = map(Path, sys.argv[1:])
config = json.loads((source / "config.json").read_text())
weights = mx.load(str(source / "model.safetensors"))
width, heads, eps = config["hidden_size"], config["num_attention_heads"], config["layer_norm_eps"]
nodes, constants = [], []


def constant(name, value):
    constants.append(numpy_helper.from_array(np.array(value), name))
    return name


def weight(name, transposed=False):
    value = np.array(weights[name])
    return constant(name, value.T.copy() if transposed else value)


def node(kind, *inputs, **attributes):
    output = f"{kind}_{len(nodes)}"
    nodes.append(helper.make_node(kind, inputs, [output], **attributes))
    return output


def linear(x, name):
    return node("Add", node("MatMul", x, weight(f"{name}.weight", transposed=True)), weight(f"{name}.bias"))


def layer_norm(x, name):
    return node("LayerNormalization", x, weight(f"{name}.weight"), weight(f"{name}.bias"), epsilon=eps, axis=-1)


def split(x, order):
    return node("Transpose", node("Reshape", x, "split_shape"), perm=order)


constant("split_shape", np.array([0, 0, heads, width // heads], np.int64))
constant("joined_shape", np.array([0, 0, width], np.int64))
constant("root", np.float32((width // heads) ** -0.5))
length = node("Gather", node("Shape", "input_ids"), constant("one", np.int64(1)))
positions = node("Range", constant("zero", np.int64(0)), length, "one")
embeddings = [
    node("Gather", weight(f"embeddings.{name}_embeddings.weight"), index)
    for name, index in [("word", "input_ids"), ("token_type", "token_type_ids"), ("position", positions)]
]
x = layer_norm(node("Add", node("Add", *embeddings[:2]), embeddings[2]), "embeddings.LayerNorm")
seen = node("Cast", node("Unsqueeze", "attention_mask", constant("axes", np.array([1, 2]))), to=TensorProto.FLOAT)
hidden = node("Mul", node("Sub", seen, constant("unit", np.float32(1))), constant("large", np.float32(1e9)))
for i in range(config["num_hidden_layers"]):
    at = f"encoder.layer.{i}"
    queries, keys, values = (linear(x, f"{at}.attention.self.{name}") for name in ("query", "key", "value"))
    products = node("MatMul", split(queries, [0, 2, 1, 3]), split(keys, [0, 2, 3, 1]))
    shares = node("Softmax", node("Add", node("Mul", products, "root"), hidden), axis=-1)
    attended = node("Transpose", node("MatMul", shares, split(values, [0, 2, 1, 3])), perm=[0, 2, 1, 3])
    computed = linear(node("Reshape", attended, "joined_shape"), f"{at}.attention.output.dense")
    x = layer_norm(node("Add", computed, x), f"{at}.attention.output.LayerNorm")
    inner = node("Gelu", linear(x, f"{at}.intermediate.dense"))
    x = layer_norm(node("Add", linear(inner, f"{at}.output.dense"), x), f"{at}.output.LayerNorm")
nodes.append(helper.make_node("Identity", [x], ["last_hidden_state"]))

names = ("input_ids", "attention_mask", "token_type_ids")
inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in names]
output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", width])
graph = helper.make_graph(nodes, "encoder", inputs, [output], constants)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
(target / "onnx").mkdir(parents=True, exist_ok=True)
save(model, str(target / "onnx" / "model.onnx"))
for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
    shutil.copy(source / name, target / name)
