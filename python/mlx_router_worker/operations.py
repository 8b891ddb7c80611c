"""The operation table that Node sends, and how a row becomes a Python function."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, NamedTuple

import mlx.core as mx

from .arguments import ArgumentDecoder, Decoder
from .guard import Guard, PrivateNameError, RefusedError

BUILT_IN_MODULES = ("mlx", "operator")
# Of the library's own rows alone: helpers for what Python writes as syntax, for MLX's faults, and for the parity of
# transforms.
OWN_MODULES = ("functional", "steps", "workarounds", "transformed")
CATALOGUE_MODULES = (*BUILT_IN_MODULES, *(f"mlx_router_worker.{name}" for name in OWN_MODULES))
MOST_SIMPLE = 3
REFUSED_ARGUMENTS = "incompatible function arguments"


class UnresolvedError(Exception):
    """The row names a function that this Python does not have."""


class Parameter(NamedTuple):
    """How one argument reaches the function."""

    name: str
    kind: str
    keyword_only: bool
    # Its default is None, so None may as well be left out.
    optional: bool
    variadic: bool


class Operation:
    """One row: `[code, path, parameters, of the user, takes any keyword]`; of a class of modules, which call, too."""

    def __init__(self, row: list[Any], decoder: ArgumentDecoder, allowed: Iterable[str]) -> None:
        _, self.path, parameters, self.user, self._any_keyword, *module = row
        self._module: str | None = module[0] if module else None
        self._allowed = tuple(allowed)
        self._decoder = decoder
        self._parameters = [Parameter(*parameter) for parameter in parameters]
        self._takes_trees = self._any_keyword or any(parameter.kind == "any" for parameter in self._parameters)
        self._decoders = [self._decoder_for(parameter, decoder) for parameter in self._parameters]
        if self._any_keyword:
            self._decoders.append(decoder.for_kind("any"))
        # Most functions take all their arguments by position.
        self._by_position = not self._any_keyword and not any(p.keyword_only or p.variadic for p in self._parameters)
        self._function: Callable[..., Any] | None = None
        # Whether it has a parameter for the stream; None: not looked up so far.
        self._takes_stream: bool | None = None

    @staticmethod
    def _decoder_for(parameter: Parameter, decoder: ArgumentDecoder) -> Decoder:
        decode = decoder.for_kind(parameter.kind)
        if not parameter.variadic or parameter.kind == "arrays":
            return decode
        return lambda values: [decode(value) for value in values]

    @property
    def local(self) -> bool:
        """Whether resolving it imports nothing that is not there already."""
        return not self.user

    def resolve(self) -> Callable[..., Any]:
        """Find the function, once."""
        if self._function is None:
            function = find(self.path, self.user, self._allowed)
            # Slow to import, as MLX's modules are, and needed for modules alone.
            self._function = function if self._module is None else module_call(function, self._module)
        return self._function

    @property
    def simple(self) -> bool:
        """Whether one to three tensors by position may be all that it takes."""
        return self._by_position and 1 <= len(self._parameters) <= MOST_SIMPLE

    def call(self, raw: list[Any], stream: mx.Stream | mx.Device | None) -> Any:
        """Run the function with arguments as the wire has them."""
        function = self._function or self.resolve()
        values = (
            self._decoder.together(self.user and self._module is None, lambda: self._decode(raw))
            if self._takes_trees
            else self._decode(raw)
        )
        if stream is None:
            return self._apply(function, values, {})
        if self._takes_stream is None:
            self._takes_stream = takes_stream(function)
        if not self._takes_stream:
            with mx.stream(stream):
                return self._apply(function, values, {})
        return self._apply(function, values, {"stream": stream})

    def _decode(self, raw: list[Any]) -> list[Any]:
        return [decode(value) for decode, value in zip(self._decoders, raw, strict=True)]

    def _apply(self, function: Callable[..., Any], values: list[Any], keywords: dict[str, Any]) -> Any:
        if not self._by_position:
            values = self._spread(values, keywords)
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

    def _spread(self, values: list[Any], keywords: dict[str, Any]) -> list[Any]:
        """Give the arguments that go by position, and add the others to the keywords."""
        if self._any_keyword:
            keywords.update(values.pop())
        positional: list[Any] = []
        by_keyword = False
        for parameter, value in zip(self._parameters, values, strict=True):
            if parameter.variadic:
                positional.extend(value)
                by_keyword = True
            elif not (by_keyword or parameter.keyword_only):
                positional.append(value)
            elif value is not None or not parameter.optional:
                keywords[parameter.name] = value
        return positional

    def _without_defaults(self, values: list[Any]) -> list[Any]:
        """Leave out the trailing Nones that are defaults."""
        if any(parameter.variadic for parameter in self._parameters):
            return values
        optional = [parameter.optional for parameter in self._parameters if not parameter.keyword_only]
        end = len(values)
        while end > 0 and values[end - 1] is None and optional[end - 1]:
            end -= 1
        return values[:end]


def module_call(make: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Give one of the two calls of a class of modules, which gives its code arrays of its own."""
    from .modules import ModuleClass

    call: Callable[..., Any] = getattr(ModuleClass(make), name)
    return call


def takes_stream(function: Callable[..., Any]) -> bool:
    """Whether the function has a parameter `stream`; for MLX's own its signature is text."""
    signatures = getattr(function, "__nb_signature__", None)
    if signatures is not None:
        return any(re.search(r"\bstream\s*:", str(signature[0])) for signature in signatures)
    # Slow to import, and needed for functions of the user alone.
    import inspect

    try:
        return "stream" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def find(path: str, user: bool, allowed: Iterable[str]) -> Callable[..., Any]:
    """Import the module of `module:attribute` and follow the attributes; of a user's path as far as the guard goes."""
    try:
        target = Guard(allowed, BUILT_IN_MODULES).reach(path) if user else _own(path)
    except PrivateNameError as error:
        # It was written where the operation was registered, and is no argument of the call.
        raise RefusedError(f'"{path}": {error}') from error
    except ModuleNotFoundError as error:
        hint = '; see "pythonFolders" of the configuration, the folders to look in' if user else ""
        # The guard's own words lead to the same repair.
        raise UnresolvedError(f'Python has no "{path}": {error.__cause__ or error}{hint}') from error
    except (ImportError, AttributeError) as error:
        raise UnresolvedError(f'Python has no "{path}": {error}') from error
    if not callable(target):
        raise UnresolvedError(f'"{path}" is not a function but {type(target).__name__}')
    function: Callable[..., Any] = target
    return function


def _own(path: str) -> Any:
    """Give what a path of the library's own names."""
    module_name, _, names = path.partition(":")
    if not any(module_name == module or module_name.startswith(f"{module}.") for module in CATALOGUE_MODULES):
        raise RefusedError(f'the module "{module_name}" is none of the library\'s own')
    return reduce(getattr, names.split("."), importlib.import_module(module_name))
