"""What a program pays before its first number, each time in a process of its own, and what is installed for it."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

BLAS = os.environ.get("MLX_ROUTER_BLAS") or None
PACKAGE = Path(next(iter(find_spec("mlx").submodule_search_locations)))

START = """
import ctypes, sys, time
start = time.perf_counter()
for library in sys.argv[1:]:
    ctypes.CDLL(library, ctypes.RTLD_GLOBAL)
"""
FIRST = """
import mlx.core as mx
number = (mx.array([1, 2]) + 1)[1].item()
assert number == 3
"""
END = """
print((time.perf_counter() - start) * 1e3)
"""


def printed(program, *libraries):
    given = [str(library) for library in libraries if library]
    return float(subprocess.run([sys.executable, "-c", program, *given], check=True, capture_output=True).stdout)


def first_number():
    return printed(START + FIRST + END, BLAS)


def library_load():
    name = "libmlx.dylib" if sys.platform == "darwin" else "libmlx.so"
    return printed(START + END, BLAS, PACKAGE / "lib" / name)


def several(measure):
    return lambda count: [measure() for _ in range(count)]


def installed_size(_count):
    """The folders that the wheels of MLX bring, with the BLAS in one of their own."""
    patterns = ("mlx", "mlx-*", "mlx_cpu*", "mlx_metal*", "mlx_cuda*")
    folders = [folder for pattern in patterns for folder in PACKAGE.parent.glob(pattern)]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


WORKLOADS = {
    "import": several(lambda: max(0.0, first_number() - library_load())),
    "first-number": several(first_number),
    "installed-size": installed_size,
}
