"""The operation table that Node sends, and how a row becomes a Python function."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any

import mlx.core as mx

from .arguments import ArgumentDecoder, Decoder

BUILT_IN_MODULES = ("mlx", "operator")
# Of the catalogue alone: helpers for what Python writes as syntax.
CATALOGUE_MODULES = (*BUILT_IN_MODULES, "mlx_router_worker.functional")
REFUSED_ARGUMENTS = "incompatible function arguments"


class RefusedError(Exception):
    """The module is not allowed, or the name is private."""


class UnresolvedError(Exception):
    """The row names a function that this Python does not have."""


class Operation:
    """One row: `[code, path, parameters, of the user]`, a parameter being
    `[name, kind, nullable, keyword only, default is None]`."""

    def __init__(self, row: list[Any], decoder: ArgumentDecoder, allowed: Iterable[str]) -> None:
        self.path: str = row[1]
        self.user: bool = row[3]
        self._allowed = tuple(allowed)
        parameters = row[2]
        self._decoders: list[Decoder] = [decoder.for_kind(parameter[1]) for parameter in parameters]
        self._names: list[str] = [parameter[0] for parameter in parameters]
        self._kinds: list[str] = [parameter[1] for parameter in parameters]
        self._keyword_only: list[bool] = [parameter[3] for parameter in parameters]
        self._optional: list[bool] = [parameter[4] for parameter in parameters]
        self._simple = not any(self._keyword_only)
        self._function: Callable[..., Any] | None = None
        self._variadic: int | None = None
        self._takes_stream = False

    @property
    def local(self) -> bool:
        """Whether resolving it imports nothing that is not there already."""
        return not self.user

    def resolve(self) -> Callable[..., Any]:
        """Find the function, once."""
        if self._function is None:
            self._function = find(self.path, self.user, self._allowed)
            self._look_at(self._function)
        return self._function

    def call(self, raw: list[Any], stream: mx.Stream | mx.Device | None) -> Any:
        """Run the function with arguments as the wire has them."""
        function = self._function or self.resolve()
        values = [decode(value) for decode, value in zip(self._decoders, raw, strict=True)]
        if stream is not None and not self._takes_stream:
            with mx.stream(stream):
                return self._apply(function, values, {})
        return self._apply(function, values, {} if stream is None else {"stream": stream})

    def _apply(self, function: Callable[..., Any], values: list[Any], keywords: dict[str, Any]) -> Any:
        if self._variadic is not None:
            at = self._variadic
            keywords.update(zip(self._names[at + 1 :], values[at + 1 :], strict=True))
            return function(*values[:at], *values[at], **keywords)
        if not self._simple:
            by_position = []
            for name, value, keyword_only, optional in zip(
                self._names, values, self._keyword_only, self._optional, strict=True
            ):
                if not keyword_only:
                    by_position.append(value)
                elif not (optional and value is None):
                    keywords[name] = value
            values = by_position
        try:
            return function(*values, **keywords)
        except TypeError as error:
            shorter = self._without_defaults(values)
            if len(shorter) == len(values) or REFUSED_ARGUMENTS not in str(error):
                raise
            refusal = error
        # Some functions of MLX take an absent argument, but not the None that stands for it.
        try:
            return function(*shorter, **keywords)
        except TypeError as error:
            raise (refusal if REFUSED_ARGUMENTS in str(error) else error) from None

    def _without_defaults(self, values: list[Any]) -> list[Any]:
        """Leave out the trailing Nones that are defaults."""
        optional = [absent for absent, keyword in zip(self._optional, self._keyword_only, strict=True) if not keyword]
        end = len(values)
        while end > 0 and values[end - 1] is None and optional[end - 1]:
            end -= 1
        return values[:end]

    def _look_at(self, function: Callable[..., Any]) -> None:
        """Learn from the signature whether a list is to be spread, and whether it takes a stream."""
        variadic, self._takes_stream = examine(function)
        if variadic is not None and "arrays" in self._kinds:
            self._variadic = self._kinds.index("arrays")


def examine(function: Callable[..., Any]) -> tuple[str | None, bool]:
    """Give the name of the parameter that takes any number of arguments, and whether there is a `stream`."""
    signatures = getattr(function, "__nb_signature__", None)
    if signatures is not None:
        texts = [str(signature[0]) for signature in signatures]
        starred = next((found.group(1) for text in texts if (found := re.search(r"[(\s]\*(\w+)", text))), None)
        return starred, any(re.search(r"\bstream\s*:", text) for text in texts)
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None, False
    starred = next((p.name for p in parameters if p.kind is inspect.Parameter.VAR_POSITIONAL), None)
    return starred, any(p.name == "stream" for p in parameters)


def find(path: str, user: bool, allowed: Iterable[str]) -> Callable[..., Any]:
    """Import the module of `module:attribute` and follow the attributes."""
    module_name, _, attribute_path = path.partition(":")
    modules = (*BUILT_IN_MODULES, *allowed) if user else CATALOGUE_MODULES
    if not any(module_name == module or module_name.startswith(f"{module}.") for module in modules):
        raise RefusedError(f'the module "{module_name}" is not allowed; allowed are {", ".join(modules)}')
    names = attribute_path.split(".")
    if user and any(name.startswith("_") for name in [*module_name.split("."), *names]):
        raise RefusedError(f'"{path}" has a private name in it')
    try:
        target: Any = importlib.import_module(module_name)
        for name in names:
            target = getattr(target, name)
    except (ImportError, AttributeError) as error:
        raise UnresolvedError(f'Python has no "{path}": {error}') from error
    if not callable(target):
        raise UnresolvedError(f'"{path}" is not a function but {type(target).__name__}')
    function: Callable[..., Any] = target
    return function
