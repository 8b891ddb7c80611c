"""Functions that fork the worker, for tests of what becomes of the child."""

import ctypes
import multiprocessing
import os
import pty
import sys
import threading
import time

import mlx.core as mx


def _forked(how):
    """Give what `os.fork` gives."""
    if how == "pty":
        return pty.fork()[0]
    if how == "c":
        return ctypes.CDLL(None).fork()
    return os.fork()


def _ended(pid):
    """Wait for the child, but not for ever; give its exit code."""
    for _ in range(500):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return "it lived on"


def fork(how, then, *rest):
    """Fork; the child does as it is told, the parent gives the child's exit code."""
    pid = _forked(how)
    if pid:
        return _ended(pid)
    if then == "raise":
        raise LookupError("in the child")
    if then == "exit":
        sys.exit(3)
    if then == "text":
        sys.exit("goodbye")
    if then == "kill":
        os.kill(os.getpid(), 15)
    if then == "tensor":
        return mx.zeros((1000, 1000))
    if then == "call":
        return rest[0](1)
    if then == "swallow":
        try:
            return rest[0](1)
        except BaseException:
            return "swallowed"
    return "from the child"


def fork_inside(function):
    """A JavaScript function that calls back forks; the child must not come back here."""
    before = os.getpid()
    result = function()
    return [result, os.getpid() == before]


def fork_and_leave(how):
    """Fork without waiting for the child, which is asleep for a while before it comes back."""
    pid = _forked(how)
    if pid == 0:
        time.sleep(0.2)
    return pid


def process(count):
    """Start processes by forking."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    started = [context.Process(target=queue.put, args=(number,)) for number in range(count)]
    for each in started:
        each.start()
    found = sorted(queue.get(timeout=20) for _ in started)
    for each in started:
        each.join()
    return found


def fork_on_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(fork("os", "return")))
    thread.start()
    thread.join()
    return found[0] if found else None


def _links():
    """Name what the descriptors beyond the standard ones lead to."""
    paths = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd") if int(name) > 2]
    # The one of the listing itself is closed by now.
    return [os.readlink(path) for path in paths if os.path.lexists(path)]


def channel():
    """Give how many descriptors of this worker lead to Node, and how many of a child of its own do."""
    ours = {link for link in _links() if "socket:" in link or "/requests" in link or "/answers" in link}
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write, str(sum(link in ours for link in _links())).encode())
        os._exit(0)
    os.close(write)
    found = os.read(read, 100)
    os.close(read)
    os.waitpid(pid, 0)
    return [len(ours), int(found)]


def pid():
    return os.getpid()
