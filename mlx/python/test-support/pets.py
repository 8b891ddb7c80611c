"""What the tests of remote objects import."""

import collections
import gc
import os
import time

import mlx.core as mx

VERSION = "1.5"
log = []
made = 0


class Dog:
    kind = "dog"

    def __init__(self, name, age=1, *, tricks=()):
        self.name = name
        self.age = age
        self.tricks = list(tricks)
        self.friends = {}
        self._secret = 1

    def bark(self, times=1, *, loud=False):
        word = "WUFF" if loud else "wuff"
        return " ".join([word] * times)

    def me(self):
        return self

    def befriend(self, other):
        self.friends[other.name] = other
        return self

    def puppy(self):
        return Dog(f"{self.name} junior")

    def then(self):
        return "an attribute named then"

    def __repr__(self):
        raise RuntimeError("repr must not be called unasked")

    def __len__(self):
        return self.age


class Puppies:
    def __init__(self, count):
        self.count = count

    def __iter__(self):
        return (Dog(f"p{i}") for i in range(self.count))


class Embedder:
    """Counts the calls that it gets."""

    def __init__(self, offset=0, delay=0.0):
        self.offset = offset
        self.delay = delay
        self.calls = []
        self.dimension = 3

    def embed(self, xs):
        time.sleep(self.delay)
        self.calls.append(len(xs))
        return [ValueError(f"{x} is negative") if x < 0 else [x + self.offset, os.getpid()] for x in xs]

    def rows(self, arrays):
        return mx.stack([array * 2 for array in arrays])

    def boom(self, xs):
        raise LookupError("no batch today")

    def short(self, xs):
        return xs[:-1]

    def pairs(self, xs, ys):
        return [x * y for x, y in zip(xs, ys, strict=True)]

    def single(self, x, plus=0):
        return x + plus + self.offset

    def pid(self):
        time.sleep(self.delay)
        return os.getpid()

    def exit_now(self):
        os._exit(7)

    def history(self, xs):
        return [list(self.calls) for _ in xs]


def make_embedder(offset=0, *, delay=0.0):
    return Embedder(offset, delay)


def broken_factory():
    raise OSError("no model here")


def plain_factory():
    return {"just": "data"}


def same(value, *rest, **named):
    return [value, *rest, named] if rest or named else value


def kind_of(value):
    return type(value).__name__


def total(*arrays):
    return sum(array.sum() for array in arrays)


def tokens(count, delay=0.0):
    try:
        for i in range(count):
            time.sleep(delay)
            yield f"t{i}"
    finally:
        log.append("closed")


def failing(count):
    yield from range(count)
    raise LookupError("no more")


def exiting(count):
    yield from range(count)
    os._exit(7)


async def ticks(count):
    for i in range(count):
        yield i


async def later(value):
    return value


def cyclic():
    data = [1]
    data.append(data)
    return data


def deep(levels):
    data = []
    for _ in range(levels):
        data = [data]
    return data


def fail(text):
    raise KeyError(text)


def ordered():
    return collections.OrderedDict(a=1)


def leak():
    return os


def frame_of(generator):
    return generator.gi_frame


def dogs_alive():
    gc.collect()
    return sum(type(thing) is Dog for thing in gc.get_objects())


def give_array(dtype, count):
    import numpy

    return numpy.arange(count).astype(dtype).reshape(-1, 1)


def hostile_keys():
    return {"__proto__": 1, "constructor": 2, "then": 3}


def exit_now():
    os._exit(9)


def pid():
    return os.getpid()


def sleep(seconds):
    time.sleep(seconds)


def call(function, *args, **named):
    return function(*args, **named)


def each(function, items):
    return [function(item) for item in items]


def shield(function):
    try:
        return function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
