"""Evaluate index expressions with MLX's own array class: the answers that ours are held against."""

import json
import sys

import mlx.core as mx

STORAGE_TYPES = {"bool": "uint8", "float16": "uint16", "bfloat16": "uint16", "float32": "uint32", "float64": "uint64"}


def dtype_named(name):
    return mx.bool_ if name == "bool" else getattr(mx, name)


def tensor(elements, shape, dtype):
    return mx.array(elements, mx.float32).astype(dtype_named(dtype)).reshape(shape)


def places(mask, shape):
    """Give the true places of a mask, which Python's own reading does not take."""
    found = [[] for _ in shape]
    for flat, is_true in enumerate(mask):
        if is_true:
            for axis in reversed(range(len(shape))):
                flat, place = divmod(flat, shape[axis])
                found[axis].append(place)
    return [mx.array(list_, mx.int32) for list_ in found]


def part(recipe):
    if "number" in recipe:
        return recipe["number"]
    if "slice" in recipe:
        return slice(*recipe["slice"])
    if "word" in recipe:
        return None if recipe["word"] == "none" else ...
    if "list" in recipe:
        return recipe["list"]
    if "mask" in recipe:
        return mx.array(recipe["mask"], mx.bool_).reshape(recipe["shape"])
    return mx.array(recipe["tensor"], dtype_named(recipe["dtype"])).reshape(recipe["shape"])


def key(recipes, how):
    if how != "put" and any("mask" in recipe for recipe in recipes):
        return tuple(places(recipes[0]["mask"], recipes[0]["shape"]))
    parts = [mx.array(p, mx.int32) if type(p) is list else p for p in map(part, recipes)]
    return parts[0] if len(parts) == 1 else tuple(parts)


def straight(x, recipes, index, given):
    """
    Drop new axes from an index without tensors, and the ones in front of the value.

    MLX takes a new axis beside numbers for one of the array, and refuses some of those ones.
    """
    if any("tensor" in r or "list" in r or "mask" in r for r in recipes):
        return index, given
    if not isinstance(given, mx.array):
        given = weak(given, x.dtype)
    shape = list(given.shape)
    while shape and shape[0] == 1:
        shape.pop(0)
    parts = index if isinstance(index, tuple) else (index,)
    kept = tuple(p for p in parts if p is not None)
    full = mx.broadcast_to(given.reshape(shape), x[parts].shape)
    return (... if index is None or index is ... else kept), full.reshape(list(x[kept].shape))


def weak(number, dtype):
    """Give the array that MLX makes of a number beside an array."""
    # Refuses what the dtype does not hold, which `mx.array` wraps.
    mx.add(mx.zeros((), dtype), number)
    if isinstance(number, bool):
        return mx.array(number, dtype)
    if isinstance(number, int):
        return mx.array(number, mx.int32 if dtype == mx.bool_ else dtype)
    return mx.array(number, dtype if mx.issubdtype(dtype, mx.floating) else mx.float32)


def evaluate(expression):
    shape, how, value = expression["shape"], expression["how"], expression["value"]
    x = mx.arange(1, 1 + mx.zeros(shape).size, dtype=mx.int32).reshape(shape).astype(dtype_named(expression["dtype"]))
    index = key(expression["parts"], how)
    if how == "get":
        return x[index]
    is_mask = isinstance(index, mx.array) and index.dtype == mx.bool_
    if not is_mask and x[index].size == 0:
        # MLX divides by zero where nothing is to be written.
        return None
    given = value["scalar"] if "scalar" in value else tensor(value["elements"], value["shape"], value["dtype"])
    index, given = straight(x, expression["parts"], index, given)
    if how != "put":
        return getattr(x.at[index], how)(given)
    if is_mask and isinstance(given, mx.array) and given.size == 0:
        # MLX divides by zero here; ours writes nothing where nothing is true.
        if bool(mx.any(index)) or given.ndim > x.ndim - index.ndim + 1:
            raise ValueError("an empty value")
        return x
    x[index] = given
    return x


def answer(expression):
    try:
        result = evaluate(expression)
        if result is None:
            return None
        mx.eval(result)
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}
    name = str(result.dtype).rpartition(".")[2]
    if result.size == 0:
        data = b""
    else:
        flat = mx.contiguous(result).reshape(-1)
        storage = "uint32" if name == "complex64" else STORAGE_TYPES.get(name, name)
        data = bytes(memoryview(flat.view(dtype_named(storage))))
    return {"shape": list(result.shape), "dtype": name, "bytes": data.hex(), "text": repr(result)}


print(json.dumps([answer(expression) for expression in json.load(sys.stdin)]))
