"""Modules of Python's for the tests of modules that are not ported."""

import os
import signal
import weakref
from typing import Any

import mlx.core as mx

import mlx.nn as nn

living: "weakref.WeakSet[Any]" = weakref.WeakSet()


def count() -> int:
    return len(living)


def drawn(seed: int | None = None) -> mx.array:
    """Draw from this process's own sequence."""
    if seed is not None:
        mx.random.seed(seed)
    return mx.random.uniform(shape=[2])


class Counted(nn.Module):
    def __init__(self, size: int = 2) -> None:
        super().__init__()
        self.weight = mx.ones([size])
        living.add(self)

    def __hash__(self) -> int:
        return id(self)

    def __call__(self, x: mx.array) -> mx.array:
        return x * self.weight


class Nested(nn.Module):
    """Lists, dicts, one array in two places, one layer in two places, and what is no part of a tree."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(4, 3)
        self.output = nn.Linear(3, 4, bias=False)
        self.output.weight = self.embedding.weight
        self.layers = [nn.Linear(3, 3), mx.tanh, nn.Linear(3, 3)]
        self.heads = {"a": nn.Linear(3, 1), "b": [nn.Dropout(0.5)]}
        self.again = self.layers[0]
        self._hidden = mx.ones([3])
        self.name = "nested"

    def __call__(self, x: mx.array, scale: float = 1.0, *, with_head: bool = False) -> Any:
        h = self.embedding(x) + self._hidden
        for layer in self.layers:
            h = layer(h)
        logits = self.output(self.again(h)) * scale
        return (logits, {"a": self.heads["a"](h)}) if with_head else logits


class Steps(nn.Module):
    """Counts its calls in an array, and has a field that comes with the first."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = mx.array(0)
        self.freeze(keys=["steps"])

    def __call__(self, x: mx.array) -> mx.array:
        self.steps = self.steps + 1
        self.last = x
        return x * self.steps


class Faulty(nn.Module):
    def __init__(self, how: str = "") -> None:
        super().__init__()
        self.weight = mx.array([1.0, 2.0])
        if how == "constructor":
            raise ValueError("no such layer")

    def __call__(self, x: mx.array, how: str = "") -> Any:
        if how == "raise":
            raise ValueError("no such input")
        if how == "object":
            return object()
        if how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        return x * self.weight


class Conflicting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.forward = mx.array(1.0)


def no_module() -> int:
    return 1
