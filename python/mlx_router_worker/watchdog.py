"""A thread that answers heartbeats while MLX computes, and ends the process when its parent has exited."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from typing import NoReturn

from .descriptors import HEARTBEAT_DESCRIPTOR
from .forks import is_forked, leave_fork

TICK_MILLISECONDS = 500
# Of Linux: which signal this process gets when its parent ends.
PR_SET_PDEATHSIG = 1


def start_watchdog(descriptor: int) -> threading.Thread:
    """Watch the descriptor in a thread that does not keep the process running."""
    wake_without_parent()
    thread = threading.Thread(target=_watch, args=(descriptor, os.getppid()), name="watchdog", daemon=True)
    thread.start()
    return thread


def wake_without_parent() -> None:
    """
    Let the system continue this process when its parent ends, where it can.

    One that somebody has stopped would stay for ever: its watchdog is stopped, too.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGCONT)


def leave() -> NoReturn:
    """End at once, whatever the main thread is doing, with everything that this process has started."""
    if is_forked():
        leave_fork()
    folder = os.environ.get("MLX_ROUTER_WORKER_FOLDER")
    if folder is not None:
        # Not before it is needed: it takes as long to import as the rest of this module.
        import shutil

        shutil.rmtree(folder, ignore_errors=True)
        if _has_lost_parent():
            # Fails while another worker of the same parent has its folder there.
            with contextlib.suppress(OSError):
                os.rmdir(os.path.dirname(folder))
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def _has_lost_parent() -> bool:
    """
    Whether nobody will start another worker beside this one: a parent that only retires it keeps the heartbeat open.

    A dying parent may still be this process's parent when its descriptors are closed already.
    """
    poll = select.poll()
    poll.register(HEARTBEAT_DESCRIPTOR, 0)
    return any(events & select.POLLHUP for _, events in poll.poll(0))


def _watch(descriptor: int, parent: int) -> None:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while True:
        if poll.poll(TICK_MILLISECONDS):
            try:
                beat = os.read(descriptor, 64)
                if beat:
                    os.write(descriptor, beat)
            except OSError:
                leave()
            if not beat:
                leave()
        if os.getppid() != parent:
            leave()
