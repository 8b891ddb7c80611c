"""
The library that replaces pieces of libmlx, built from `native-backend/src/workarounds/guards` and `kernels`.

It is loaded before MLX, and the dynamic loader takes its functions instead of MLX's of the same names.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes


def load_guards(path: str | None, folder: str | None) -> ctypes.CDLL | None:
    """
    Load the library, and MLX behind it; None where there is none for this MLX.

    It serves the MLX that it was built for, whose libraries are in the folder, and no other.
    """
    if not path or not folder:
        return None
    import ctypes
    from importlib.util import find_spec

    found = find_spec("mlx")
    places = [] if found is None else [os.path.join(place, "lib") for place in found.submodule_search_locations or ()]
    if not any(os.path.exists(place) and os.path.samefile(place, folder) for place in places):
        return None
    try:
        return ctypes.CDLL(path)
    except OSError as error:
        print(f"mlx-router: cannot load the guards {path}: {error}", file=sys.stderr)
        return None


def replace_pieces(guards: ctypes.CDLL | None) -> None:
    """Let the library change what MLX does not look up by name; after MLX was imported."""
    if guards is not None:
        guards.mlx_router_patch_vmap_of_writes()
        guards.mlx_router_use_quantized_kernels()
