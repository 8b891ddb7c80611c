"""Memory that this worker shares with its parent, for the bytes of large tensors."""

from __future__ import annotations

import mmap
import os

# Touched beforehand, where the system can do that: page faults are what large copies cost.
POPULATE = getattr(mmap, "MAP_POPULATE", 0)


class ArenaError(Exception):
    """There is no such shared memory, or none can be had."""


class Arena:
    """One mapped file at a time. Regions are `[offset, bytes]`, chosen by the other end."""

    def __init__(self) -> None:
        self._memory: mmap.mmap | None = None

    def map(self, path: str, size: int) -> None:
        """Give the file its bytes and map it, in place of the one before."""
        self.close()
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                reserve(descriptor, size)
                self._memory = mmap.mmap(descriptor, size, flags=mmap.MAP_SHARED | POPULATE)
            finally:
                os.close(descriptor)
        except (OSError, ValueError) as error:
            raise ArenaError(f"cannot have {size} bytes of shared memory: {error}") from error

    def view(self, region: list[int]) -> memoryview:
        """Give the bytes of a region, which are good until the next `map`."""
        offset, size = region
        if self._memory is None or offset < 0 or size < 0 or offset + size > len(self._memory):
            raise ArenaError(f"there are no {size} bytes of shared memory at {offset}")
        return memoryview(self._memory)[offset : offset + size]

    def close(self) -> None:
        if self._memory is not None:
            self._memory.close()
            self._memory = None


def reserve(descriptor: int, size: int) -> None:
    """Make sure that the pages are there: to touch one that is not would end the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.truncate(descriptor, size)
