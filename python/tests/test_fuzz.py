"""A whole worker against bytes that are wrong: it ends with a reason, or answers with an error, and never hangs."""

from __future__ import annotations

import os
import random
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgpack
import pytest
from mlx_router_worker.frames import PROTOCOL_VERSION, FrameReader, FrameType, encode_head

SCRIPT = Path(__file__).parents[1] / "mlx_worker.py"
LIMIT = 1 << 20
# The heartbeats are descriptor 3 of the worker.
WITH_BEATS = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execv(sys.argv[2], sys.argv[2:])"
# Generous: a worker that hangs never answers.
PATIENCE_SECONDS = 60
HELLO = {
    "protocol": PROTOCOL_VERSION,
    "maxFrameBytes": LIMIT,
    "cacheBytes": 1 << 20,
    "allow": [],
    "searchPath": [],
    "operations": [
        [
            0,
            "mlx.core:add",
            [["a", "operand", False, False, False], ["b", "operand", False, False, False]],
            False,
            False,
        ]
    ],
}


class Worker:
    """One process, as its parent sees it."""

    def __init__(self) -> None:
        self.beats, theirs = socket.socketpair()
        command = [sys.executable, "-c", WITH_BEATS, str(theirs.fileno()), sys.executable, str(SCRIPT)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        assert self.process.stdout is not None
        self.reader = FrameReader(self.process.stdout.fileno(), LIMIT)

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        os.write(self.process.stdin.fileno(), data)

    def ask(self, kind: int, call: int, header: dict[str, Any], payload: bytes = b"") -> Any:
        self.write(encode_head(kind, call, header, len(payload), LIMIT) + payload)
        return self.reader.read()

    def end(self) -> tuple[int, str]:
        """Wait for its end; give the exit code and what it said."""
        assert self.process.stderr is not None
        _, stderr = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, stderr.decode("utf8", "replace")


@contextmanager
def worker(greet: bool = True) -> Iterator[Worker]:
    made = Worker()
    try:
        if greet:
            assert made.ask(FrameType.HELLO, 1, HELLO).type == FrameType.READY
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        made.beats.close()


def frame(kind: int, call: int, header: bytes, length: int | None = None, header_bytes: int | None = None) -> bytes:
    counted = 9 + len(header) if length is None else length
    return struct.pack("<IBII", counted, kind, call, len(header) if header_bytes is None else header_bytes) + header


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (frame(3, 2, b"", length=3), "cannot hold a header"),
        (frame(3, 2, b"", header_bytes=7), "cannot hold a header"),
        (frame(3, 2, b"", length=(1 << 32) - 1), "over the limit"),
        (frame(3, 2, b"\xc1"), "not MessagePack"),
        (frame(3, 2, b"\x93\x01\x02\x03"), "not a map"),
        (frame(3, 2, b"\x81\xa1"), "not MessagePack"),
        (frame(3, 2, b"\xdf\xff\xff\xff\xff"), "not MessagePack"),
        (frame(0x7F, 2, b""), "no request of type 127"),
    ],
)
def test_a_broken_frame_ends_the_worker_with_a_reason(data: bytes, reason: str) -> None:
    with worker() as made:
        made.write(data)
        code, said = made.end()
        assert code != 0
        assert reason in said


def test_a_stream_that_ends_inside_a_frame_is_named() -> None:
    with worker() as made:
        made.write(struct.pack("<IBII", 100, 3, 2, 0))
        code, said = made.end()
        assert code != 0
        assert "ended inside a frame" in said


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"op": 99, "out": 1, "args": []},
        {"op": 0, "out": 1, "args": []},
        {"op": 0, "out": 1, "args": [1, 2]},
        {"op": 0, "out": 1, "args": [[10, b"short"], 1]},
        {"op": 0, "out": 1, "args": "text"},
        {"op": 0, "out": 1, "args": [None, None]},
        {"op": [], "out": 1, "args": []},
        {"op": 0, "out": 1, "args": [[99, 1], [99, 1]]},
        {"op": 0, "out": 1, "args": [[10, 1], [10, 1]], "stream": ["tpu", 0]},
    ],
)
def test_a_wrong_call_is_an_error_and_the_worker_goes_on(header: dict[str, Any]) -> None:
    with worker() as made:
        answer = made.ask(FrameType.CALL, 2, header)
        assert (answer.type, answer.call) == (FrameType.ERROR, 2)
        assert made.ask(FrameType.EVAL, 3, {"tensors": []}).type == FrameType.RESULT


def test_tensors_of_wrong_sizes_are_errors() -> None:
    with worker() as made:
        for call, header in enumerate(
            [
                {"out": 1, "shape": [3], "dtype": 10},
                {"out": 1, "shape": [-4], "dtype": 10},
                {"out": 1, "shape": [1], "dtype": 77},
                {"out": 1, "shape": [1 << 40], "dtype": 10},
                {"out": 1, "shape": "x", "dtype": 10},
                {"out": 1, "shape": [4], "dtype": 10, "at": [0, 16]},
                {"out": 1, "shape": [4], "dtype": 10, "at": "x"},
            ],
            start=2,
        ):
            answer = made.ask(FrameType.CREATE, call, header, b"\x00" * 16)
            assert (answer.type, answer.call) == (FrameType.ERROR, call)
            assert made.ask(FrameType.READ, 100 + call, {"tensor": 1}).type == FrameType.ERROR


def test_byte_by_byte_is_as_good() -> None:
    with worker(greet=False) as made:
        for byte in encode_head(FrameType.HELLO, 1, HELLO, 0, LIMIT):
            made.write(bytes([byte]))
        assert made.reader.read().type == FrameType.READY  # type: ignore[union-attr]
        for byte in encode_head(FrameType.CALL, 2, {"op": 0, "out": 0, "args": [[5, 1], [5, 2]]}, 0, LIMIT):
            made.write(bytes([byte]))
        answer = made.reader.read()
        assert answer is not None
        assert answer.header["t"][1] == []


@pytest.mark.parametrize("seed", range(6))
def test_noise_ends_the_worker_or_is_answered(seed: int) -> None:
    noise = random.Random(seed)
    with worker() as made:
        for _ in range(40):
            kind = noise.choice([*(int(one) for one in FrameType if one < 0x80), 0x30, 0x7F])
            header = msgpack.packb(
                {noise.choice(["op", "out", "tensor", "tensors", "at", "x"]): noise.randrange(1 << 16)}
            )
            data = bytearray(frame(kind, noise.randrange(1, 1 << 32), header))
            if noise.random() < 0.3:
                data[noise.randrange(len(data))] ^= 1 << noise.randrange(8)
            try:
                made.write(bytes(data))
            except BrokenPipeError:
                break
        code, _ = made.end()
        assert code >= 0, f"ended by signal {-code}"
