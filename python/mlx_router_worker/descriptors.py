"""Private descriptors for the protocol, so that nothing else in the process can write into it."""

from __future__ import annotations

import faulthandler
import io
import os
import sys
from typing import NamedTuple

HEARTBEAT_DESCRIPTOR = 3


class Descriptors(NamedTuple):
    """Where frames come from, where they go, and the socket that the watchdog listens on."""

    requests: int
    answers: int
    heartbeat: int


def claim_descriptors() -> Descriptors:
    """Move the protocol off descriptors 0 and 1: `print` then goes to stderr, and reading stdin finds nothing."""
    requests = os.dup(0)
    answers = os.dup(1)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    # A compiler that MLX starts must not hold the heartbeat open after the worker has exited.
    os.set_inheritable(HEARTBEAT_DESCRIPTOR, False)
    faulthandler.enable(2)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # It is no terminal: what is printed would otherwise stay here until the worker ends.
        sys.stdout.reconfigure(line_buffering=True)
    return Descriptors(requests, answers, HEARTBEAT_DESCRIPTOR)
