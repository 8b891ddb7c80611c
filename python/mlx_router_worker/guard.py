"""What the other end may reach by name: public attributes, and nothing of modules that are not allowed."""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Iterable
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    ModuleType,
    TracebackType,
)
from typing import Any

from .origins import outside

MODULE_NAME = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*", re.ASCII)

# Public names that lead to the interpreter's inside all the same.
INSIDE: frozenset[str] = frozenset(
    f"{prefix}_{name}"
    for prefix, names in {
        "gi": ("frame", "code", "yieldfrom", "running", "suspended"),
        "cr": ("frame", "code", "await", "origin", "running", "suspended"),
        "ag": ("frame", "code", "await", "running", "suspended"),
        "f": ("back", "builtins", "code", "globals", "lasti", "lineno", "locals", "trace", "generator"),
        "tb": ("frame", "lasti", "lineno", "next"),
        "co": ("code", "consts", "names", "varnames", "freevars", "cellvars", "filename"),
        "func": ("closure", "code", "defaults", "dict", "globals"),
        "im": ("class", "func", "self"),
    }.items()
    for name in names
) | {"mro", "with_traceback", "cell_contents"}

# The one part of MLX that starts processes, for those who build extensions of it.
BUILDING = "mlx.extension"

# Text that names attributes would be followed by these.
OF_STRINGS = ("format", "format_map")
INTERNAL = (FrameType, CodeType, TracebackType)
# Setting an attribute of these would change it for every session of the worker.
SHARED = (ModuleType, FunctionType, BuiltinFunctionType, type, GeneratorType, CoroutineType, AsyncGeneratorType)


class RefusedError(Exception):
    """The name leads to a module that is not allowed."""


class PrivateNameError(Exception):
    """The name is private, or leads to the interpreter's inside."""


class Guard:
    """The list of allowed modules, and what follows from it for names and values."""

    def __init__(self, allowed: Iterable[str], always: Iterable[str] = ("mlx",)) -> None:
        self._named = tuple(allowed)
        self._modules = (*always, *self._named)

    def load(self, name: Any) -> ModuleType:
        """Import an allowed module."""
        if type(name) is not str or MODULE_NAME.fullmatch(name) is None:
            raise PrivateNameError(f"expected the dotted name of a public module, received {name!r}")
        self._check_module(name, f'the module "{name}"')
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            # Of the module itself, not of one that it imports.
            if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
                raise
            hint = 'install it in the workers\' Python, or name its folder in "pythonFolders" of the configuration'
            raise ModuleNotFoundError(f'Python has no module "{name}"; {hint}', name=name) from error
        return module

    def check_name(self, name: Any) -> str:
        """Give the name back if it is a public one."""
        if type(name) is not str or not name.isidentifier():
            raise PrivateNameError(f"expected the name of an attribute, received {name!r}")
        # The parser of Python takes such look-alikes for the same letter.
        if unicodedata.normalize("NFKC", name).startswith("_") or name in INSIDE:
            raise PrivateNameError(f'"{name}" is a private name, which is never reached from outside')
        return name

    def attribute(self, owner: Any, name: Any) -> Any:
        """Get a public attribute that does not lead out of the allowed modules."""
        self.check_name(name)
        if isinstance(owner, str) and name in OF_STRINGS:
            raise PrivateNameError(f'"{name}" of a string is never reached from outside')
        value = getattr(owner, name)
        self.check_value(value, f'"{name}"')
        module = outside(value, owner, self._allows)
        if module is not None:
            self._check_origin(module, f'"{name}"')
        return value

    def reach(self, path: str) -> Any:
        """Give what `module:attribute.attribute` names."""
        module, _, names = path.partition(":")
        target: Any = self.load(module)
        for name in names.split("."):
            target = self.attribute(target, name)
        return target

    def check_value(self, value: Any, where: str) -> None:
        """Refuse what must not get out even if allowed code gives it away."""
        if isinstance(value, ModuleType):
            self._check_origin(value.__name__, where)
        elif isinstance(value, INTERNAL):
            raise RefusedError(f"{where} is a {type(value).__name__}, which is never reached from outside")

    def settable(self, owner: Any) -> None:
        """Refuse owners that the whole worker shares."""
        if isinstance(owner, SHARED):
            raise RefusedError(f"attributes of a {type(owner).__name__} cannot be set from outside")

    def _check_origin(self, module: str, what: str) -> None:
        self._check_module(module, f'{what} is or comes from the module "{module}", which')

    def _check_module(self, name: str, what: str) -> None:
        if not self._allows(name):
            raise RefusedError(f"{what} is not allowed; allowed are {', '.join(self._modules)}")

    def _allows(self, name: str) -> bool:
        modules = self._named if _is_within(name, BUILDING) else self._modules
        return any(_is_within(name, module) for module in modules)


def _is_within(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")
