"""Functions that tests register as a user's own."""

import os
import subprocess
import sys
import time

import mlx.core as mx


def sleep(seconds, value=None):
    time.sleep(seconds)
    return value


def exit_with(code, text=""):
    print(text, file=sys.stderr, flush=True)
    os._exit(code)


def fail(text):
    raise LookupError(text)


def noise(text):
    print(text)
    os.write(1, b"\x00\x01 straight to descriptor 1")
    subprocess.run(["echo", text], check=True)
    return sys.stdin.read()


def pid():
    return os.getpid()


def parts(tensor):
    return {"twice": tensor * 2, "list": [tensor + 1, 2.5, None, "text", True, 2**60]}


def keywords(*positions, **named):
    return [list(positions), dict(sorted(named.items()))]


def same(value):
    return value


def count(name):
    return len(mx.ones((2, 2)).tolist()) if name == "rows" else -1


def flood(lines):
    for number in range(lines):
        print(f"line {number}", file=sys.stderr)


def child():
    """Start a grandchild that holds every descriptor open that it can."""
    return subprocess.Popen(["sleep", "600"]).pid


def folder():
    return os.environ["TMPDIR"]


def active():
    """Give the bytes that living tensors take."""
    return mx.get_active_memory()


def unsendable():
    return object()


def _private():
    return 1
