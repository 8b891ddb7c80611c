"""
A private folder for the kernels that MLX compiles.

MLX loads them from a path below the temporary folder that anybody can foresee, and write to before it does:
https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/compiled.cpp
"""

from __future__ import annotations

import os


def set_kernel_folder(folder: str | None) -> None:
    """Let MLX keep its kernels in this folder; to be called before MLX is imported."""
    if folder:
        # `tempfile` reads os.environ, and MLX asks the C library, so os.environ is left as it is.
        os.putenv("TMPDIR", folder)
