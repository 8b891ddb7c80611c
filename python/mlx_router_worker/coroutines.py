"""One event loop for what is asynchronous in Python, which runs while a request waits for it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio


class Coroutines:
    """Made when the first coroutine is: importing `asyncio` takes long."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, awaitable: Awaitable[Any]) -> Any:
        """Run it to its end on this thread, where all of MLX's work is."""
        import asyncio

        if self._loop is None:
            self._loop = asyncio.new_event_loop()

        async def whole() -> Any:
            try:
                return await awaitable
            except StopAsyncIteration:
                # A coroutine may not end by it.
                return END

        result = self._loop.run_until_complete(whole())
        if result is END:
            raise StopAsyncIteration
        return result


END = object()
