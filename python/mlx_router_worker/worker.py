"""The main thread: blocking reads of requests, all of MLX's work, one answer for each request in its order."""

from __future__ import annotations

import os
import sys
from typing import Any

from .descriptors import Descriptors
from .direct import DirectLine
from .forks import keep_private
from .frames import PROTOCOL_VERSION, FrameReader, FrameType, FrameWriter, ProtocolError, Reader
from .watchdog import start_watchdog
from .workarounds.guards import load_guards, replace_pieces
from .workarounds.kernel_folder import set_kernel_folder
from .workarounds.scheduler_thread import start_scheduler_thread

# Until the first frame names the limit, nothing larger than an operation table is expected.
GREETING_BYTES = 16 << 20


def load_blas(path: str | None) -> str:
    """Load a BLAS into the global scope, where MLX's own look-ups find it first; give its name."""
    if not path:
        return "accelerate" if sys.platform == "darwin" else "bundled"
    import ctypes

    try:
        ctypes.CDLL(path, ctypes.RTLD_GLOBAL)
    except OSError as error:
        print(f"mlx-router: cannot load the BLAS {path}: {error}", file=sys.stderr)
        return "bundled"
    return "openblas"


def run(descriptors: Descriptors) -> None:
    """Serve one parent until it leaves."""
    keep_private(*descriptors)
    start_watchdog(descriptors.heartbeat)
    reader = FrameReader(descriptors.requests, GREETING_BYTES)
    writer = FrameWriter(descriptors.answers, GREETING_BYTES)
    hello_frame = reader.read()
    if hello_frame is None:
        return
    if hello_frame.type != FrameType.HELLO:
        raise ProtocolError(f"expected a greeting, received a frame of type {hello_frame.type}")
    hello = hello_frame.header
    if hello["protocol"] != PROTOCOL_VERSION:
        writer.write(FrameType.READY, hello_frame.call, {"protocol": PROTOCOL_VERSION})
        return
    set_kernel_folder(os.environ.get("MLX_ROUTER_KERNELS"))
    blas = load_blas(os.environ.get("MLX_ROUTER_BLAS"))
    guards = load_guards(os.environ.get("MLX_ROUTER_GUARDS"), os.environ.get("MLX_ROUTER_GUARDS_FOR"))
    try:
        import mlx.core as mx
    except ImportError as error:
        writer.write(FrameType.READY, hello_frame.call, {**facts(), "mlx": None, "problem": str(error)})
        return
    from .dispatch import Dispatcher

    start_scheduler_thread()
    replace_pieces(guards)
    limit_memory(hello.get("memoryBytes", 0))
    mx.set_cache_limit(hello["cacheBytes"])
    reader.max_bytes = writer.max_bytes = hello["maxFrameBytes"]
    sys.path.extend(hello["searchPath"])
    line = open_line(reader, writer)
    source: Reader = reader if line is None else line
    dispatcher = Dispatcher(source, writer, hello["allow"])
    unresolved = dispatcher.define(hello["operations"])
    device = mx.default_device().type.name
    writer.write(
        FrameType.READY,
        hello_frame.call,
        {
            **facts(),
            "mlx": vars(mx)["__version__"],
            "blas": blas,
            "device": device,
            "unresolved": unresolved,
            "line": line is not None,
        },
    )
    while (frame := source.read()) is not None:
        dispatcher.dispatch(frame)
        # A tensor's bytes must not stay while the next frame is waited for.
        del frame


def open_line(reader: FrameReader, writer: FrameWriter) -> DirectLine | None:
    """Offer a direct line in the folder that is this process's own; None where there can be none."""
    folder = os.environ.get("MLX_ROUTER_WORKER_FOLDER")
    if folder is None:
        return None
    try:
        writer.line = line = DirectLine(folder, reader, writer)
    except OSError as error:
        print(f"mlx-router: no direct line: {error}", file=sys.stderr)
        return None
    return line


def limit_memory(size: int) -> None:
    """Let the system refuse this process memory of its own beyond so many bytes; 0: no limit."""
    if size > 0:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def facts() -> dict[str, Any]:
    return {"protocol": PROTOCOL_VERSION, "python": sys.version.split()[0], "pid": os.getpid()}
