"""Growth of resident memory in loops. Each gives its result itself."""

import os

import mlx.core as mx

MB = 1e6
SAMPLES = 50
PAGE = os.sysconf("SC_PAGE_SIZE")


def rss():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * PAGE


def settled(x):
    mx.eval(x)
    return x


def loop_large(count):
    x = settled(mx.ones([262_144]))
    settled(mx.add(x, x))
    before = peak = rss()
    every = max(1, count // SAMPLES)
    for i in range(count):
        mx.eval(mx.add(x, x))
        if i % every == 0:
            peak = max(peak, rss())
    return (max(peak, rss()) - before) / MB


def loop_small(count):
    a = settled(mx.ones([4]))
    for _ in range(5000):
        mx.add(a, a)
    before = peak = rss()
    for _ in range(SAMPLES):
        for _ in range(count // SAMPLES):
            mx.add(a, a)
        peak = max(peak, rss())
    return (peak - before) / MB


def chain_of_thousand(a):
    x = a
    for _ in range(1000):
        x = mx.add(x, a)
    mx.eval(x)


def loop_small_eval(count):
    a = settled(mx.ones([4]))
    for _ in range(10):
        chain_of_thousand(a)
    before = peak = rss()
    for _ in range(count):
        chain_of_thousand(a)
        peak = max(peak, rss())
    return (peak - before) / MB


def live_small(count):
    a = settled(mx.ones([4]))
    kept = []
    before = rss()
    for i in range(0, count, 1000):
        for _ in range(1000):
            kept.append(mx.add(a, a))
        mx.eval(kept[i:])
    return (rss() - before) / len(kept)


WORKLOADS = {
    "loop-1mb": loop_large,
    "loop-small": loop_small,
    "loop-small-eval": loop_small_eval,
    "live-small": live_small,
}
