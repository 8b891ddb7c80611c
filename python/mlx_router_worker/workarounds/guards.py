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


def load_guards(path: str | None, built_for: str | None) -> ctypes.CDLL | None:
    """
    Load the library, and MLX behind it; None where there is none for this MLX.

    It serves the MLX that it was built for, and no other. That is named by the folder of its libraries; or, where a
    package of built files brings the same libmlx along, by a distribution and its version, as ``mlx-cpu==0.32.2``.
    Then the libmlx beside the library takes the place of the distribution's.
    """
    if not path or not built_for or not _is_installed(built_for):
        return None
    import ctypes

    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        print(f"mlx-router: cannot load the guards {path}: {error}", file=sys.stderr)
        return None
    # Before MLX starts such a thread.
    library.mlx_router_let_gpu_threads_sleep()
    return library


def _is_installed(built_for: str) -> bool:
    if "==" in built_for:
        from importlib.metadata import PackageNotFoundError, version

        name, _, wanted = built_for.partition("==")
        try:
            return version(name) == wanted
        except PackageNotFoundError:
            return False
    from importlib.util import find_spec

    found = find_spec("mlx")
    places = [] if found is None else [os.path.join(place, "lib") for place in found.submodule_search_locations or ()]
    known = [place for place in places if os.path.exists(place) and os.path.exists(built_for)]
    return any(os.path.samefile(place, built_for) for place in known)


def replace_pieces(guards: ctypes.CDLL | None) -> None:
    """Let the library change what MLX does not look up by name; after MLX was imported."""
    if guards is not None:
        guards.mlx_router_patch_vmap_of_writes()
        guards.mlx_router_use_kernels(None)
