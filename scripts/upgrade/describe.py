"""Prints what an installed MLX offers, as JSON: its modules, and each public name with its signatures.

The first argument is the folder that the wheel was installed into.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import json
import re
import sys
from types import ModuleType
from typing import Any

MODULES = ("mlx.core", "mlx.nn", "mlx.optimizers", "mlx.utils")
# What every class has from Python itself.
UNIVERSAL = ("__doc__", "__module__", "__new__", "__dict__", "__weakref__")


def signatures(value: Any) -> list[str]:
    """Give the overloads of a function, as its binding or Python itself says them; none of what is no function."""
    bound = getattr(value, "__nb_signature__", None)
    if bound:
        return [overload(*entry) for entry in bound if entry]
    try:
        # Where an object happens to lie in memory is no difference.
        return [re.sub(r"<[^<>]*(<[^<>]*>)?[^<>]* at 0x[0-9a-f]+>", "<object>", str(inspect.signature(value)))]
    except (TypeError, ValueError):
        return []


def overload(text: str, _doc: str | None = None, defaults: tuple[Any, ...] | None = None) -> str:
    """Give a signature with its defaults in their places, where the binding keeps them apart."""
    shown = text
    # From the last one, for \\1 is also the beginning of \\10.
    for place, default in reversed(list(enumerate(defaults or ()))):
        shown = shown.replace(f"\\{place}", repr(default))
    return shown


class Surface:
    """The public names found so far; what several modules have is described in the first."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        self.seen: set[int] = set()

    def add_module(self, module: ModuleType, prefix: str) -> None:
        """Add what a module has, then what its own modules have."""
        inner: list[tuple[str, ModuleType]] = []
        own: set[int] = set()
        for name in sorted(dir(module)):
            value = getattr(module, name)
            if name.startswith("_"):
                continue
            if isinstance(value, ModuleType):
                if value.__name__.startswith("mlx.") and id(value) not in self.seen:
                    self.seen.add(id(value))
                    inner.append((f"{prefix}.{name}", value))
            elif not callable(value):
                self.names[f"{prefix}.{name}"] = []
            elif id(value) not in self.seen and (getattr(value, "__module__", None) or "").startswith("mlx"):
                own.add(id(value))
                self.add(value, f"{prefix}.{name}")
        self.seen |= own
        for path, value in inner:
            self.add_module(value, path)

    def add(self, value: Any, path: str) -> None:
        """Add a function or class; of a class, what it defines itself."""
        self.names[path] = signatures(value)
        if not isinstance(value, type) or issubclass(value, enum.Enum):
            return
        for name in sorted(vars(value)):
            special = name.startswith("__") and name.endswith("__") and name not in (*UNIVERSAL, "__init__")
            if special or not name.startswith("_"):
                member = getattr(value, name)
                self.names[f"{path}.{name}"] = signatures(member) if callable(member) else []


def main() -> None:
    """Describe each module."""
    sys.path.insert(0, sys.argv[1])
    surface = Surface()
    modules = {name: importlib.import_module(name) for name in MODULES}
    surface.seen |= {id(module) for module in modules.values()}
    for name, module in modules.items():
        surface.add_module(module, name)
    print(json.dumps({"version": modules["mlx.core"].__version__, "names": surface.names}))


if __name__ == "__main__":
    main()
