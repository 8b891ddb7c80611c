"""Errors as the other end gets them."""

from __future__ import annotations

import os
from typing import Any


def describe_error(error: BaseException, user: bool) -> dict[str, Any]:
    """Give class, message and traceback, in text that can be sent whatever the error holds."""
    return {
        "class": sendable(type(error).__name__),
        "message": sendable(message_of(error)),
        "traceback": sendable(readable_traceback(error, user)),
    }


def message_of(error: BaseException) -> str:
    """Give the error's own text, even if its class cannot make one."""
    try:
        return str(error)
    except Exception as failure:
        return f"(its text cannot be made: {type(failure).__name__})"


def sendable(text: str) -> str:
    """Replace what UTF-8 cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def readable_traceback(error: BaseException, user: bool) -> str:
    """Give Python's own text, for a function of the user's without the lines that led to it."""
    trace = error.__traceback__
    while user and trace is not None and trace.tb_next is not None and _is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    # Slow to import.
    import traceback

    try:
        return "".join(traceback.format_exception(type(error), error, trace))
    except Exception as failure:
        return f"{type(error).__name__} (its traceback cannot be made: {type(failure).__name__})"


def _is_ours(file: str) -> bool:
    return file.startswith(os.path.dirname(__file__) + os.sep)
