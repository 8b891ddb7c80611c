"""The public names of the installed `mlx.core`, one to a line, for `mlx-router ops`."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import mlx.core as mx

# An enumeration brings methods of its own along, which are not MLX's.
ENUMERATIONS = ("DeviceType", "DtypeCategory")
# What every class has; arrays define their operators beside.
UNIVERSAL = ("__doc__", "__module__", "__new__")


def public_names() -> list[str]:
    """Give every name of the module, of its submodules, of its classes' members, and of the operators of arrays."""
    names: list[str] = []
    for name in dir(mx):
        value = getattr(mx, name)
        if name.startswith("_"):
            continue
        if isinstance(value, ModuleType):
            names += [f"{name}.{inner}" for inner in dir(value) if not inner.startswith("_")]
            continue
        names.append(name)
        if isinstance(value, type) and name not in ENUMERATIONS:
            names += [f"{name}.{member}" for member in members(name, value)]
    return sorted(names)


def members(name: str, owner: type[Any]) -> list[str]:
    """Give the public members of a class; of `array` its operators too."""
    own = [member for member in vars(owner) if member not in UNIVERSAL]
    return own if name == "array" else [member for member in own if not member.startswith("_")]


if __name__ == "__main__":
    print("\n".join(public_names()))
