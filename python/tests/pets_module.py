"""A module of the user's for the tests of remote objects, and what asks a worker for it."""

import sys
import types
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx_router_worker.frames import FrameType

Ask = Callable[..., dict[str, Any]]


class Thing:
    """With something of everything."""

    def __init__(self, size: int = 3) -> None:
        self.size = size
        self._secret = "s"
        self.table = {"a": 1}

    def twice(self, x: int, *, plus: int = 0) -> int:
        return 2 * x + plus

    def me(self) -> "Thing":
        return self


def count_to(n: int) -> Iterator[int]:
    try:
        yield from range(n)
    finally:
        module.closed += 1  # type: ignore[attr-defined]


def failing(n: int) -> Iterator[int]:
    yield from range(n)
    raise LookupError("no more")


async def later(x: int) -> int:
    return x + 1


async def ticks(n: int) -> AsyncIterator[int]:
    for i in range(n):
        yield i


def in_batches(xs: list[int]) -> list[Any]:
    return [ValueError(f"{x} is odd") if x % 2 else x * 10 for x in xs]


module = types.ModuleType("pets")
for value in (Thing, count_to, failing, later, ticks, in_batches):
    value.__module__ = "pets"
    setattr(module, value.__name__, value)
for name, value in {
    "closed": 0,
    "os": sys.modules["os"],
    "path": sys.modules["os"].path,
    "system": sys.modules["os"].system,
    "evaluate": eval,
    "execute": exec,
    "open_file": open,
    "reach": getattr,
    "Path": Path,
    "core": mx,
    "text": "{0.__class__}",
    "frame": sys._getframe(),
    "code": count_to.__code__,
    "add": mx.add,
    "same": lambda x: x,
}.items():
    setattr(module, name, value)
module.same.__module__ = "pets"


def call(ask: Ask, on: int, *path: Any, args: Any = (), kwargs: Any = None) -> dict[str, Any]:
    return ask(FrameType.INVOKE, on=on, path=list(path), args=list(args), kwargs=kwargs or {})


def back(ask: Ask, pets: int, value: Any, payload: bytes = b"") -> Any:
    """What comes back of a value that is sent."""
    return ask(FrameType.INVOKE, payload, on=pets, path=["same"], args=[value], kwargs={})
