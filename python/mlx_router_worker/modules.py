"""Python's modules, used from Node as modules there: their arrays live at the other end, their code runs here."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any, cast

import mlx.core as mx

from .results import UnsendableResultError
from .tensors import detached

Kept = dict[str, mx.array]


class ModuleClass:
    """One class of modules, as the two calls that a row of the table can name: one that makes, and one that runs.

    A module here is a shell: it has its arrays while it runs, and the caller has them in between. So nothing that was
    replaced stays alive here, and another worker can take over at any time by making the module again.
    """

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make
        # By the array that stands for the module at the other end: freed there, it ends the module here.
        self._shells: dict[int, tuple[weakref.ref[mx.array], Any]] = {}

    def create(self, args: list[Any], keywords: dict[str, Any], key: mx.array) -> dict[str, Any]:
        """Make a module as the constructor does, with the random numbers of that key, and describe it."""
        with RandomKey(key) as random:
            module = self._made(args, keywords)
            tree = Description().of(module)
        return {"module": tree, "key": random.after}

    def forward(
        self,
        anchor: mx.array,
        recipe: list[Any],
        path: str,
        arrays: Kept,
        training: dict[str, bool],
        inputs: list[Any],
        keywords: dict[str, Any],
        key: mx.array,
    ) -> dict[str, Any]:
        """Call the module at the path of the one that the anchor stands for, with these arrays in its places."""
        module = follow(self._shell(anchor, recipe, key), path)
        own = own_copies()
        arrays = {name: own(array) for name, array in arrays.items()}
        try:
            put(module, arrays)
            for name, inner in module.named_modules():
                inner._training = training.get(name, training.get("", True))
            with RandomKey(key) as random:
                value = module(*(own(item) for item in inputs), **spelled(own(keywords)))
            changed = {name: array for name, array in arrays_of(module).items() if array is not arrays.get(name)}
        finally:
            strip(module)
        return {"value": value, "changed": changed, "key": random.after}

    def _shell(self, anchor: mx.array, recipe: list[Any], key: mx.array) -> Any:
        known = self._shells.get(id(anchor))
        if known is not None:
            return known[1]
        # What it draws is dropped, and must not move the sequence of others in this process.
        with RandomKey(key):
            module = self._made(*recipe)
        strip(module)
        number = id(anchor)
        self._shells[number] = (weakref.ref(anchor, lambda _: self._shells.pop(number, None)), module)
        return module

    def _made(self, args: list[Any], keywords: dict[str, Any]) -> Any:
        own = own_copies()
        module = self._make(*(own(item) for item in args), **spelled(own(keywords)))
        if not is_module(module):
            raise UnsendableResultError(f"expected a mlx.nn.Module, received {type(module).__name__}")
        return module


class RandomKey:
    """Draws from that key; `after` is the key that the drawing left, None if nothing was drawn."""

    def __init__(self, key: mx.array) -> None:
        self._key = key
        self.after: mx.array | None = None

    def __enter__(self) -> RandomKey:
        # MLX's state takes no other array, but the one that it has can be written to.
        state = random_state()
        self._before = detached(state)
        state[:] = self._key
        self._state = state
        return self

    def __exit__(self, *_: object) -> None:
        state = random_state()
        if state is not self._state:
            self.after = detached(state)
        state[:] = self._before


def random_state() -> mx.array:
    """Give the key of MLX's own sequence, whose type the stubs do not know."""
    states: Any = mx.random.state
    return cast(mx.array, states[0])


def spelled(keywords: dict[str, Any]) -> dict[str, Any]:
    """Give the keywords as Python spells them."""
    return {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name): value for name, value in keywords.items()}


def own_copies() -> Callable[[Any], Any]:
    """Give a function that replaces the arrays of a tree by objects that may change in place, each by one."""
    copies: dict[int, mx.array] = {}

    def own(value: Any) -> Any:
        if isinstance(value, mx.array):
            return copies.setdefault(id(value), detached(value))
        if isinstance(value, list):
            return [own(item) for item in value]
        if isinstance(value, dict):
            return {name: own(item) for name, item in value.items()}
        return value

    return own


def is_module(value: Any) -> bool:
    return isinstance(value, import_module("mlx.nn").Module)


class Description:
    """What is part of a module's tree, as the other end builds it; what is there twice is described once."""

    def __init__(self) -> None:
        self._paths: dict[int, str] = {}

    def of(self, value: Any, path: str = "") -> Any:
        """Describe an array, a module, or a list or dict that holds some; give None for all else."""
        is_array = isinstance(value, mx.array)
        if is_array or is_module(value):
            known = self._paths.setdefault(id(value), path)
            if known != path:
                return {"kind": "same", "path": known}
        if is_array:
            return value
        if is_module(value):
            return {
                "kind": "module",
                "class": type(value).__name__,
                "text": value._extra_repr(),
                "training": value._training,
                "frozen": sorted(value._no_grad),
                "items": self._named(((name, item) for name, item in value.items() if holds_arrays(item)), path),
            }
        # What is in a tuple is no part of a module's tree in Python either.
        if isinstance(value, list):
            return {"kind": "list", "items": [self.of(item, join(path, i)) for i, item in enumerate(value)]}
        if isinstance(value, dict):
            return {"kind": "dict", "items": self._named(value.items(), path)}
        return None

    def _named(self, items: Iterable[tuple[Any, Any]], path: str) -> dict[str, Any]:
        return {str(name): self.of(item, join(path, name)) for name, item in items}


def join(path: str, step: Any) -> str:
    return f"{path}.{step}" if path else str(step)


def holds_arrays(value: Any) -> bool:
    """Tell whether there is an array or a module in it."""
    if isinstance(value, list):
        return any(holds_arrays(item) for item in value)
    if isinstance(value, dict) and not is_module(value):
        return any(holds_arrays(item) for item in value.values())
    return isinstance(value, mx.array) or is_module(value)


def key_in(container: Any, step: str) -> Any:
    """Give what the step of a path is in that container: a list has its items by number."""
    return int(step) if isinstance(container, list) else step


def reached(target: Any, steps: list[str]) -> Any:
    for step in steps:
        target = target[key_in(target, step)]
    return target


def follow(module: Any, path: str) -> Any:
    """Go from a module by the names and numbers of a dotted path."""
    target = reached(module, path.split(".") if path else [])
    if not is_module(target):
        raise UnsendableResultError(f'expected a mlx.nn.Module at "{path}", received {type(target).__name__}')
    return target


def places(container: Any, path: str = "") -> Iterator[tuple[Any, Any, str]]:
    """Give each place of the tree that has an array: the container, the key in it, and the path."""
    entries = list(enumerate(container) if isinstance(container, list) else container.items())
    for key, value in entries:
        at = join(path, key)
        if isinstance(value, mx.array):
            yield container, key, at
        elif isinstance(value, (list, dict)):
            yield from places(value, at)


def arrays_of(module: Any) -> Kept:
    return {path: container[key] for container, key, path in places(module)}


def put(module: Any, arrays: Kept) -> None:
    """Put each array in its place."""
    for path, array in arrays.items():
        *before, last = path.split(".")
        target = reached(module, before)
        target[key_in(target, last)] = array


def strip(module: Any) -> None:
    """Leave an empty array in each place."""
    empty = mx.zeros([0])
    for container, key, _ in places(module):
        container[key] = empty
