"""The same workloads in Python MLX: reads `<workload> <count>` lines, answers one JSON line each."""

import json
import resource
import sys
import time

import mlx.core as mx

mx.set_default_device(mx.cpu)
MIB = 1024 * 1024


def ones(size):
    result = mx.ones([size])
    mx.eval(result)
    return result


def rss():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def timed(operations, body):
    start = time.perf_counter_ns()
    body()
    return {"ns": (time.perf_counter_ns() - start) / operations}


def build(count):
    a, b, add = ones(4), ones(4), mx.add

    def body():
        for _ in range(count):
            add(a, b)

    return timed(count, body)


def chain(chains):
    a, add = ones(4), mx.add

    def body():
        for _ in range(chains):
            x = a
            for _ in range(1000):
                x = add(x, a)
            mx.eval(x)

    return timed(chains * 1000, body)


def build_large(count):
    a, add = ones(262144), mx.add

    def body():
        for _ in range(count):
            add(a, a)

    return timed(count, body)


def growth(count, every, step):
    before = peak = rss()
    start = time.perf_counter_ns()
    for i in range(count):
        step(i)
        if i % every == every - 1:
            peak = max(peak, rss())
    return {"megabytes": (peak - before) / MIB, "ms": (time.perf_counter_ns() - start) / 1e6}


def large(_):
    a = ones(262144)
    return growth(2000, 20, lambda i: mx.eval(mx.add(a, a)))


def lazy_large(_):
    a = ones(262144)

    def step(_):
        x = a
        for _ in range(200):
            x = mx.add(x, a)
        mx.eval(x)

    return growth(10, 1, step)


def small(_):
    a = ones(4)
    return growth(300_000, 3000, lambda i: mx.add(a, a))


def small_evaluated(_):
    a = ones(4)
    return growth(300_000, 3000, lambda i: mx.eval(mx.add(a, a)))


def live(_):
    a = ones(4)
    kept = [None] * 500_000

    def step(i):
        kept[i] = mx.add(a, a)
        mx.eval(kept[i])

    result = growth(500_000, 10_000, step)
    result["bytesEach"] = result.pop("megabytes") * MIB / 500_000
    return result


WORKLOADS = {
    "build": build,
    "chain": chain,
    "buildLarge": build_large,
    "large": large,
    "lazyLarge": lazy_large,
    "largeBesideHeap": large,
    "small": small,
    "smallEvaluated": small_evaluated,
    "live": live,
}

for line in sys.stdin:
    name, count = line.split()
    print(json.dumps(WORKLOADS[name](int(count))), flush=True)
