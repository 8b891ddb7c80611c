"""
The decompositions of linear algebra, which fail while they are computed, on a thread of MLX's own.

MLX then takes their values for computed: it throws once, and afterwards gives uninitialized memory. Here their calls
are counted, so that a process that calls none of them pays nothing.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Callable
from typing import Any

import mlx.core as mx

DECOMPOSITIONS = (
    *("cholesky", "cholesky_inv", "eig", "eigh", "eigvals", "eigvalsh", "inv", "lu", "lu_factor", "pinv", "qr"),
    *("solve", "solve_triangular", "svd", "tri_inv"),
)
# Of a matrix these norms are sums of singular values, or one of them.
NORMS_OF_SINGULAR_VALUES = ("nuc", 2, -2)
PRIMITIVES = "Cholesky|Eigh?|Inverse|LUF|QRF|SVD"
FAILED = re.compile(rf"\[(?:{PRIMITIVES})::eval")
NODE = re.compile(rf'^{{ (\d+) \[label ="(?:{PRIMITIVES})"', re.MULTILINE)
COUNTED = "counted_by_mlx_router"

# How often they were called in this process, and how many of these calls have their results tracked.
_calls = 0
_tracked = 0


def calls() -> int:
    """Give how often they were called so far."""
    return _calls


def track(count: int) -> None:
    """Note that the results of so many calls are tracked."""
    global _tracked
    _tracked += count


def has_untracked() -> bool:
    """Whether any was called whose results were not seen: in a function of the user's, or while MLX traced one."""
    return _calls > _tracked


def count_calls() -> None:
    """Put functions in place of MLX's own that count, once."""
    for name in DECOMPOSITIONS:
        _replace(mx.linalg, name, lambda *_args, **_keywords: True)
    _replace(mx.linalg, "norm", _takes_singular_values)
    _replace(mx.random, "multivariate_normal", lambda *_args, **_keywords: True)


def is_counted(function: Any) -> bool:
    """Whether it is one of those functions."""
    return getattr(function, COUNTED, False) is True


def is_failure(error: BaseException) -> bool:
    """Whether it is MLX's error of such a computation."""
    return isinstance(error, RuntimeError) and FAILED.match(str(error)) is not None


def uncomputed(tensor: mx.array) -> frozenset[int]:
    """Give the nodes in the graph of a tensor that are not computed yet, and may fail."""
    text = io.StringIO()
    mx.export_to_dot(text, tensor)
    return frozenset(int(node) for node in NODE.findall(text.getvalue()))


def _takes_singular_values(a: mx.array, ord: Any = None, axis: Any = None, *_args: Any, **_keywords: Any) -> bool:
    axes = a.ndim if axis is None else 1 if isinstance(axis, int) else len(axis)
    return axes == 2 and ord in NORMS_OF_SINGULAR_VALUES


def _replace(module: Any, name: str, may_fail: Callable[..., bool]) -> None:
    function = getattr(module, name, None)
    if function is None or is_counted(function):
        return

    @functools.wraps(function)
    def counted(*args: Any, **keywords: Any) -> Any:
        global _calls
        result = function(*args, **keywords)
        # After the call, which refuses what is wrong.
        if may_fail(*args, **keywords):
            _calls += 1
        return result

    vars(counted)[COUNTED] = True
    # By it MLX's functions say what they take.
    vars(counted)["__nb_signature__"] = function.__nb_signature__
    setattr(module, name, counted)
