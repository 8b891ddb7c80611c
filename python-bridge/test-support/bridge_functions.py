"""Functions that tests register as a user's own."""

import os
import subprocess
import sys
import threading
import time

import mlx.core as mx


def sleep(seconds, value=None):
    time.sleep(seconds)
    return value


def exit_with(code, text="", _tensor=None):
    print(text, file=sys.stderr, flush=True)
    os._exit(code)


def fail(text):
    raise LookupError(text)


def noise(text):
    print(text)
    os.write(1, b"\x00\x01 straight to descriptor 1")
    subprocess.run(["echo", text], check=True)
    return sys.stdin.read()


def variable(name):
    return os.environ.get(name)


def pid():
    return os.getpid()


def parts(tensor):
    return {"twice": tensor * 2, "list": [tensor + 1, 2.5, None, "text", True, 2**60]}


def numbered(tensor):
    return {"2": tensor * 2, "1": tensor}


def keywords(*positions, **named):
    return [list(positions), dict(sorted(named.items()))]


def same(value):
    return value


def repeat(text, times):
    return text * times


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


KEPT = []


def apply(function, *args, **keywords):
    return function(*args, **keywords)


def keep(function):
    KEPT.append(function)
    return len(KEPT)


def call_kept(*args):
    return KEPT[-1](*args)


def drop():
    KEPT.clear()


def is_same(first, second):
    return first is second


def swallow(function):
    try:
        function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def rethrow(function):
    try:
        function()
    except Exception as error:
        raise LookupError("the function failed") from error


def in_thread(function):
    failures = []

    def call():
        try:
            function()
        except RuntimeError as error:
            failures.append(str(error))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    return failures[0]


def in_lone_thread(function):
    def call():
        time.sleep(0.05)
        function()

    threading.Thread(target=call, name="lone").start()
    return "started"


class OnDelete:
    def __init__(self, function):
        self.function = function

    def __del__(self):
        self.function()


def call_at_delete(function):
    OnDelete(function)
    return "deleted"


def sum_of(function, count):
    return sum(function(number) for number in range(count))


def callback_microseconds(function, tensor, count):
    took = []
    for _ in range(count):
        start = time.perf_counter()
        function(tensor)
        took.append((time.perf_counter() - start) * 1e6)
    return took


class Counter:
    """Counts its calls."""

    def __init__(self):
        self.calls = 0

    def next(self):
        self.calls += 1
        return self.calls
