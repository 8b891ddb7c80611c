"""The direct line: two FIFOs between the main threads of both ends, for short requests, past Node's I/O thread."""

from __future__ import annotations

import os
import select
from time import perf_counter_ns

from .forks import is_forked, keep_private, leave_fork
from .frames import Frame, FrameReader, FrameType, FrameWriter

REQUESTS = "requests"
ANSWERS = "answers"
# How long the next request is looked for before the thread blocks, as long as they follow each other so fast.
SPIN_NANOSECONDS = 100_000
# Their numbers are those of callbacks, not of requests.
OF_CALLBACKS = frozenset({FrameType.CALLED, FrameType.THREW})


class DirectLine:
    """Frames from both channels, in the order in which they were sent; and answers along the one of their request."""

    def __init__(self, folder: str, reader: FrameReader, writer: FrameWriter) -> None:
        """Make the FIFOs in the folder; raises OSError where that cannot be."""
        paths = [f"{folder}/{name}" for name in (REQUESTS, ANSWERS)]
        for path in paths:
            os.mkfifo(path, 0o600)
        # Both for reading and writing, so that neither ever ends nor waits for the other side to come.
        requests, answers = (os.open(path, os.O_RDWR | os.O_CLOEXEC) for path in paths)
        keep_private(requests, answers)
        os.set_blocking(answers, False)
        self._answers = answers
        self._main = reader
        self._line = FrameReader(requests, reader.max_bytes)
        self._writer = writer
        self._calls: set[int] = set()
        # Whether the last request came soon enough for looking to be worth it.
        self._spins = False
        self._both = select.poll()
        self._both.register(requests, select.POLLIN)
        self._both.register(reader.descriptor, select.POLLIN)
        self._requests = requests
        self._look = select.poll()
        self._look.register(requests, select.POLLIN)
        self._room = select.poll()
        self._room.register(answers, select.POLLOUT)

    def read(self) -> Frame | None:
        """Return the next frame, or None at the end of the stream."""
        if is_forked():
            leave_fork()
        while True:
            if not self._is_next():
                return self._main.read()
            frame = self._line.read()
            if frame is None:
                return None
            if frame.type == FrameType.RING:
                self._ring()
                continue
            if frame.call and frame.type not in OF_CALLBACKS:
                self._calls.add(frame.call)
            return frame

    def _is_next(self) -> bool:
        """Wait for a frame and say whether it is the line's."""
        if self._line.holds_more:
            return True
        if self._main.holds_more:
            return False
        ready = self._wait()
        # What was sent along the line before what is ready now on the other channel is there by now, and goes first.
        return ready[0][0] == self._requests or bool(self._look.poll(0))

    def _wait(self) -> list[tuple[int, int]]:
        # To wake a blocked thread costs the waker more than a whole request, most of all on a virtual machine.
        began = perf_counter_ns()
        while self._spins and perf_counter_ns() - began < SPIN_NANOSECONDS:
            if ready := self._both.poll(0):
                return ready
            # Other threads that need this core go first.
            os.sched_yield()
        ready = self._both.poll()
        self._spins = perf_counter_ns() - began < SPIN_NANOSECONDS
        return ready

    def takes(self, kind: int, call: int) -> bool:
        """Whether a frame that belongs to that request goes along the line."""
        if call not in self._calls:
            return False
        if kind != FrameType.CALLBACK:
            self._calls.remove(call)
        return True

    def write(self, frame: bytes) -> None:
        """Write a whole frame; where there is no room, ask the other end to make some."""
        rest = memoryview(frame)
        while rest.nbytes:
            try:
                rest = rest[os.write(self._answers, rest) :]
            except BlockingIOError:
                self._ring()
                self._room.poll()

    def close(self) -> None:
        """Close its descriptors."""
        os.close(self._requests)
        os.close(self._answers)

    def _ring(self) -> None:
        self._writer.ring()
