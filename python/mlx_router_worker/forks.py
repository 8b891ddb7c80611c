"""Children that code of the user's forks: they have no part in the worker's channel, and never serve requests."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

_worker = os.getpid()
# Descriptors that the worker shares with Node alone.
_private: list[int] = []


def keep_private(*descriptors: int) -> None:
    """Cut children off these descriptors."""
    _private.extend(descriptors)


def is_forked() -> bool:
    """Whether this process is a child of the worker, be it forked by a library that Python knows nothing of."""
    return os.getpid() != _worker


def leave_fork(error: BaseException | None = None) -> NoReturn:
    """End this child as a program that has come to its end, or to this error."""
    code = 0
    if isinstance(error, SystemExit):
        code = _exit_code(error.code)
    elif error is not None:
        # Slow to import.
        import traceback

        traceback.print_exception(error)
        code = 1
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            code = code or 1
    # No handlers of the worker's: what they end is the worker's.
    os._exit(code)


def _exit_code(code: object) -> int:
    """Give the status of a process for what `sys.exit` was given, as Python does."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def _cut_off() -> None:
    """Put nothing in place of the channel; closed numbers would go to files that the child opens."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in _private:
        os.dup2(nothing, descriptor, inheritable=False)
    os.close(nothing)


os.register_at_fork(after_in_child=_cut_off)
