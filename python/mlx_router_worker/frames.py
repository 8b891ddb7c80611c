"""Frames on a descriptor: `u32 length | u8 type | u32 call | u32 header bytes | header | tensor bytes`."""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

import msgpack

from .forks import is_forked, leave_fork

PROTOCOL_VERSION = 2
CHUNK_BYTES = 65536
PREFIX = struct.Struct("<IBII")
# What `length` counts although neither the header nor the tensor bytes hold it.
COUNTED_PREFIX = PREFIX.size - 4
# What another thread waits for the frame that is being written.
MOST_WAIT_SECONDS = 1


class FrameType(IntEnum):
    """What a frame asks for or answers; `docs/protocol.md` says which numbers are reserved."""

    HELLO = 0x01
    DEFINE = 0x02
    CALL = 0x03
    CREATE = 0x04
    READ = 0x05
    TEXT = 0x06
    EVAL = 0x07
    FREE = 0x08
    RING = 0x09
    CALLED = 0x30
    THREW = 0x31
    TRANSFORM = 0x32
    ERASE = 0x33
    MAP = 0x40
    IMPORT = 0x50
    GET = 0x51
    INVOKE = 0x52
    SET = 0x53
    DELETE = 0x54
    LOOK = 0x55
    ITERATE = 0x56
    NEXT = 0x57
    CLOSE = 0x58
    RELEASE = 0x59
    BATCH = 0x5A
    PIPELINE = 0x20
    DESCRIBE = 0x21
    READY = 0x81
    RESULT = 0x82
    ERROR = 0x83
    BELL = 0x84
    PIPELINED = 0xA0
    CALLBACK = 0xB0
    DROPPED = 0xB1


class Frame(NamedTuple):
    type: int
    call: int
    header: dict[str, Any]
    payload: memoryview


class ProtocolError(Exception):
    """The bytes are no frame of this protocol."""


class FrameReader:
    """Blocking reads of whole frames; the descriptor may deliver them in any pieces."""

    def __init__(self, descriptor: int, max_bytes: int) -> None:
        self.descriptor = descriptor
        self._buffer = bytearray()
        self._start = 0
        self.max_bytes = max_bytes

    @property
    def holds_more(self) -> bool:
        """Whether bytes of the next frame have been read already."""
        return len(self._buffer) > self._start

    def read(self) -> Frame | None:
        """Return the next frame, or None at the end of the stream."""
        if is_forked():
            leave_fork()
        if not self._fill(PREFIX.size):
            if len(self._buffer) > self._start:
                raise ProtocolError("the stream ended inside a frame")
            return None
        length, kind, call, header_bytes = PREFIX.unpack_from(self._buffer, self._start)
        if length < COUNTED_PREFIX or header_bytes > length - COUNTED_PREFIX:
            raise ProtocolError(f"a frame of {length} bytes cannot hold a header of {header_bytes}")
        if length > self.max_bytes:
            raise ProtocolError(f"a frame of {length} bytes is over the limit of {self.max_bytes}")
        self._start += PREFIX.size
        header = decode_header(self._take(header_bytes)) if header_bytes else {}
        # Tensor bytes get memory of their own, so that they are aligned for their dtype.
        payload_bytes = length - COUNTED_PREFIX - header_bytes
        payload = memoryview(self._take(payload_bytes)) if payload_bytes else memoryview(b"")
        return Frame(kind, call, header, payload)

    def _fill(self, wanted: int) -> bool:
        """Hold `wanted` bytes in the buffer; False when the stream ends first."""
        while len(self._buffer) - self._start < wanted:
            chunk = os.read(self.descriptor, CHUNK_BYTES)
            if not chunk:
                return False
            if self._start == len(self._buffer):
                self._buffer = bytearray(chunk)
                self._start = 0
            else:
                self._buffer += chunk
        return True

    def _take(self, length: int) -> bytearray:
        """Give the next `length` bytes, reading what the buffer lacks straight to where it belongs."""
        end = self._start + length
        if end <= len(self._buffer):
            piece = self._buffer[self._start : end]
            self._start = end
            if end == len(self._buffer):
                self._clear()
            return piece
        whole = bytearray(length)
        view = memoryview(whole)
        have = len(self._buffer) - self._start
        view[:have] = memoryview(self._buffer)[self._start :]
        self._clear()
        while have < length:
            count = os.readv(self.descriptor, [view[have:]])
            if count == 0:
                raise ProtocolError("the stream ended inside a frame")
            have += count
        return whole

    def _clear(self) -> None:
        self._buffer = bytearray()
        self._start = 0


def decode_header(packed: bytearray) -> dict[str, Any]:
    """Decode the MessagePack map of a frame; anything else is a ProtocolError."""
    try:
        header = msgpack.unpackb(packed, strict_map_key=False)
    except Exception as error:
        raise ProtocolError(f"the header is not MessagePack: {error}") from error
    if not isinstance(header, dict):
        raise ProtocolError(f"the header is not a map but {type(header).__name__}")
    return header


class Reader(Protocol):
    """Where frames come from."""

    def read(self) -> Frame | None: ...


class Line(Protocol):
    """Another way for frames: that of the requests which came along it."""

    def takes(self, kind: int, call: int) -> bool: ...

    def write(self, frame: bytes) -> None: ...


class FrameWriter:
    """Blocking writes of whole frames."""

    def __init__(self, descriptor: int, max_bytes: int) -> None:
        self._descriptor = descriptor
        self.max_bytes = max_bytes
        # Whether a frame is half written: a finalizer that runs then must not write another one.
        self.writing = False
        # Threads of the user's may have something to say, too.
        self._lock = threading.Lock()
        self._thread = threading.get_ident()
        # What every header says besides its own, while a request is traced.
        self.stamp: Callable[[], dict[str, Any]] | None = None
        self.line: Line | None = None

    def write(
        self,
        kind: int,
        call: int,
        header: dict[str, Any],
        payload: memoryview | None = None,
        request: int | None = None,
    ) -> None:
        """
        Write one frame; raises ProtocolError, with nothing written, if it is over the limit.

        It goes the way on which `request` came, by default the one that it answers.
        """
        if is_forked():
            leave_fork()
        if self.stamp is not None:
            header = {**header, **self.stamp()}
        head = encode_head(kind, call, header, 0 if payload is None else payload.nbytes, self.max_bytes)
        self.writing = True
        try:
            if self.line is not None and self.line.takes(kind, call if request is None else request):
                self.line.write(head if payload is None else b"".join((head, payload)))
            else:
                with self._lock:
                    self._write_frame(head, payload)
        finally:
            self.writing = False

    def write_beside(self, kind: int, header: dict[str, Any]) -> bool:
        """Write a small frame without an answer, from any thread; False, with nothing written, beside another one."""
        if is_forked():
            return False
        # On the thread that serves the requests the other one is further up this very stack.
        if not self._lock.acquire(timeout=0 if threading.get_ident() == self._thread else MOST_WAIT_SECONDS):
            return False
        try:
            self._write_frame(encode_head(kind, 0, header, 0, self.max_bytes), None)
        finally:
            self._lock.release()
        return True

    def ring(self) -> None:
        """Wake the other end, so that it reads the direct line."""
        with self._lock:
            self._write_frame(encode_head(FrameType.BELL, 0, {}, 0, self.max_bytes), None)

    def _write_frame(self, head: bytes, payload: memoryview | None) -> None:
        if payload is None or payload.nbytes == 0:
            self._write_all(memoryview(head))
            return
        written = os.writev(self._descriptor, [head, payload])
        if written < len(head):
            self._write_all(memoryview(head)[written:])
            written = len(head)
        self._write_all(payload[written - len(head) :])

    def _write_all(self, data: memoryview) -> None:
        while data.nbytes:
            data = data[os.write(self._descriptor, data) :]


def encode_head(kind: int, call: int, header: dict[str, Any], payload_bytes: int, max_bytes: int) -> bytes:
    """Give the bytes of a frame up to its tensor bytes."""
    packed: bytes = msgpack.packb(header) if header else b""
    length = COUNTED_PREFIX + len(packed) + payload_bytes
    if length > max_bytes:
        raise ProtocolError(f"a frame of {length} bytes is over the limit of {max_bytes}")
    return PREFIX.pack(length, kind, call, len(packed)) + packed
