"""Work that is large enough for a GPU, and work so small that only its start counts, the same as on the other side."""

import json
import math
import os
from functools import cache

import mlx.core as mx
import numpy

from .timing import Watch
from .training import trainer
from .transformer import transformer_block

SIZES = json.loads(os.environ.get("MLX_ROUTER_BENCH_SIZES", "{}"))
MB = 1e6


def digest(x):
    """One number that both sides must come to."""
    return mx.sum(mx.abs(x).astype(mx.float32)).item()


def each(prepare):
    """Evaluates a new array again and again."""

    @cache
    def prepared():
        mx.random.seed(23)
        return prepare()

    def run(count):
        make = prepared()
        last = make()
        mx.eval(last)
        watch = Watch()
        for _ in range(count):
            last = make()
            mx.eval(last)
        return watch.stop(None) | {"result": digest(last)}

    return run


def chain(length, prepare):
    """So many steps of one graph, which is then evaluated as a whole."""

    def chained():
        start, step = prepare()

        def make():
            x = start
            for _ in range(length):
                x = step(x)
            return x

        return make

    return each(chained)


def settled(x):
    mx.eval(x)
    return x


def square(side, dtype):
    return settled(mx.random.normal([side, side], dtype))


def factor(dtype):
    """A matrix whose products neither grow nor vanish."""
    return settled(square(SIZES["product"], dtype) * (1 / math.sqrt(SIZES["product"])))


def product(dtype):
    def prepare():
        a, b = square(SIZES["product"], dtype), factor(dtype)
        return lambda: a @ b

    return prepare


def products():
    start, b = square(SIZES["product"], mx.bfloat16), factor(mx.bfloat16)
    return start, lambda x: x @ b


def softmax(dtype):
    def prepare():
        a = square(SIZES["softmax"], dtype)
        return lambda: mx.softmax(a, -1)

    return prepare


def softmaxes(dtype):
    return lambda: (square(SIZES["softmax"], dtype), lambda x: mx.softmax(x, -1))


def attention():
    q, k, v = [settled(mx.random.normal(SIZES["attention"], mx.bfloat16)) for _ in range(3)]
    scale = 1 / math.sqrt(SIZES["attention"][3])
    return lambda: mx.fast.scaled_dot_product_attention(q, k, v, scale=scale)


def block(shape, dtype, compiled):
    """Steps of gradient descent; the loss after the last is the result."""

    @cache
    def prepared():
        mx.random.seed(23)
        return trainer(*transformer_block(**SIZES[shape], dtype=dtype), compiled)

    def run(count):
        descend = prepared()
        watch = Watch()
        return watch.stop(descend(count))

    return run


@cache
def four():
    return settled(mx.ones([4]))


def additions():
    b = four()
    return b, lambda x: x + b


def scalars():
    return four(), lambda x: x + 1


def addition():
    b = four()
    return lambda: b + b


def doubling():
    x = square(SIZES["loop"], mx.float32)
    return lambda: x + x


def loop_peak(count):
    """The most memory that a loop takes, beyond what was there before."""
    x = square(SIZES["loop"], mx.float32)
    before = mx.get_active_memory()
    mx.reset_peak_memory()
    for _ in range(count):
        mx.eval(x + x)
    return (mx.get_peak_memory() - before) / MB


@cache
def numbers():
    return (numpy.arange(SIZES["floats"]) % 1024).astype(numpy.float32)


def upload(count):
    values = numbers()
    watch = Watch()
    last = mx.array(0)
    for _ in range(count):
        last = mx.array(values)
        mx.eval(last)
    return watch.stop(None) | {"result": digest(last)}


def download(count):
    """What has just been computed, into memory of the program's own."""
    ones = settled(mx.ones([SIZES["floats"]]))
    total = {"nanoseconds": 0, "cpuNanoseconds": 0, "result": 0.0}
    for i in range(count):
        x = settled(ones + i)
        watch = Watch()
        values = numpy.array(x)
        timing = watch.stop(float(values[-1]))
        total = {name: total[name] + timing[name] for name in total}
    return total


WORKLOADS = {
    "product-bf16": each(product(mx.bfloat16)),
    "product-bf16-20": chain(20, products),
    "product-f32": each(product(mx.float32)),
    "softmax-f32": each(softmax(mx.float32)),
    "softmax-f32-disposed": each(softmax(mx.float32)),
    "softmax-f32-50": chain(50, softmaxes(mx.float32)),
    "softmax-f32-50-tidy": chain(50, softmaxes(mx.float32)),
    "softmax-bf16": each(softmax(mx.bfloat16)),
    "softmax-bf16-disposed": each(softmax(mx.bfloat16)),
    "softmax-bf16-50": chain(50, softmaxes(mx.bfloat16)),
    "attention": each(attention),
    "block-small": block("smallBlock", mx.float32, False),
    "block-small-compiled": block("smallBlock", mx.float32, True),
    "block-large": block("largeBlock", mx.bfloat16, False),
    "block-large-compiled": block("largeBlock", mx.bfloat16, True),
    "chain-1000": chain(1000, additions),
    "chain-1000-tidy": chain(1000, additions),
    "chain-1000-scalar": chain(1000, scalars),
    "add-eval": each(addition),
    "loop-time": each(doubling),
    "loop-peak": loop_peak,
    "upload-256mib": upload,
    "download-256mib": download,
}
