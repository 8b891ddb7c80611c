"""Where a value that a name gave comes from: from a module outside the allowed ones, or not."""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, MethodType, ModuleType, WrapperDescriptorType
from typing import Any

Allows = Callable[[str], bool]

# They belong to the module that defines them, however they are reached.
DEFINED = (FunctionType, BuiltinFunctionType, MethodType, type)
# Those of a class in C, which a module can have under a name of its own.
DESCRIPTORS = (MethodDescriptorType, WrapperDescriptorType)
# Equal ones may be the same one wherever they come from.
PLAIN = (str, bytes, int, float, complex, bool, tuple, frozenset, type(None), type(...))
# Modules whose objects are of classes that say nothing of them.
SHARED_STATE = frozenset({"builtins", "os", "sys"})
BUILTINS = "builtins"
# The flag of classes that are made while the program runs, as all of Python's and most of those in C are.
HEAP_TYPE = 1 << 9


def outside(value: Any, owner: Any, allows: Allows) -> str | None:
    """
    Give the module outside the allowed ones that a value comes from; None where nothing says so.

    `owner` is what has the value as an attribute. Objects of any class are the owner's to hand out, but for those that
    a module outside holds: a module that imports them only passes them on.
    """
    if isinstance(value, DEFINED) and not is_bound(value):
        return _outside_definition(value, allows)
    if not isinstance(owner, (ModuleType, type)):
        return None
    if isinstance(value, DESCRIPTORS):
        return None if isinstance(owner, type) else _refused(_text(value.__objclass__.__module__), allows)
    return _outside_object(value.__self__ if is_bound(value) else value, allows)


def is_bound(value: Any) -> bool:
    """Whether it is a method of an instance; functions in C name their module there."""
    owner = getattr(value, "__self__", None)
    return owner is not None and not isinstance(owner, (ModuleType, type))


def _outside_definition(value: Any, allows: Allows) -> str | None:
    modules = list(_modules_of(value))
    if isinstance(value, BuiltinFunctionType) and isinstance(value.__self__, type):
        return _outside_definition(value.__self__, allows)
    if any(_is_allowed(module, allows) for module in modules):
        return None
    module = modules[0] if modules else BUILTINS
    if isinstance(value, (FunctionType, MethodType)):
        return module
    # What is written in C may name no module, or one that has no such thing.
    if module in sys.modules and (module != BUILTINS or _has(sys.modules[module], value)):
        return module
    return _outside_holder(value, allows)


def _modules_of(value: Any) -> Iterator[str]:
    """Name the modules that a function or class may be of."""
    for owner in (value, getattr(value, "__self__", None)):
        if isinstance(owner, ModuleType):
            yield _text(owner.__name__)
        elif owner is not None and (name := _text(getattr(owner, "__module__", None))):
            yield name
    # A decorator gives its function the module of the decorated one, or of what it wraps: either is reason enough.
    if isinstance(value, FunctionType) and (name := _text(value.__globals__.get("__name__"))):
        yield name


def _outside_holder(value: Any, allows: Allows) -> str | None:
    """Look for what does not say where it comes from: first in modules that are written in C, as it is."""
    holders = [name for name, module in _loaded() if _has(module, value)]
    in_c = [name for name in holders if _is_in_c(sys.modules.get(name))]
    if any(_is_allowed(name, allows) for name in in_c):
        return None
    elsewhere = next((name for name in in_c or holders if not _is_allowed(name, allows)), None)
    # Classes of the interpreter itself, not all of which `builtins` has.
    is_static = isinstance(value, type) and not value.__flags__ & HEAP_TYPE
    return BUILTINS if elsewhere is None and is_static else elsewhere


def _outside_object(value: Any, allows: Allows) -> str | None:
    """Look for an object in the modules outside that it may be of: its class's, and those that hold such for all."""
    if isinstance(value, PLAIN):
        return None
    claimed = {_text(getattr(value, "__module__", None)), _text(type(value).__module__)} - {""}
    if any(_is_allowed(name, allows) for name in claimed):
        return None
    packages = {name.partition(".")[0] for name in claimed} | SHARED_STATE
    for name, module in _loaded():
        near = name.partition(".")[0] in packages and not _is_allowed(name, allows)
        if near and any(held is value for held in list(vars(module).values())):
            return name
    return None


def _loaded() -> list[tuple[str, ModuleType]]:
    return [(name, module) for name, module in list(sys.modules.items()) if isinstance(module, ModuleType)]


def _has(module: ModuleType, value: Any) -> bool:
    return vars(module).get(_text(getattr(value, "__name__", None))) is value


def _is_in_c(module: ModuleType | None) -> bool:
    loader = getattr(getattr(module, "__spec__", None), "loader", None)
    return isinstance(loader, importlib.machinery.ExtensionFileLoader)


def _refused(name: str, allows: Allows) -> str | None:
    return None if _is_allowed(name, allows) else name


def _is_allowed(name: str, allows: Allows) -> bool:
    # The part of `operator` that is written in C is `_operator`.
    return allows(name) or (name.startswith("_") and allows(name[1:]))


def _text(name: Any) -> str:
    return name if type(name) is str else ""
