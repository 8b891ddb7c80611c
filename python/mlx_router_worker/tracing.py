"""Where a request stands in a distributed trace, and how long this worker takes for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter_ns
from typing import Any

from .frames import FrameWriter

_current: str | None = None


def traceparent() -> str | None:
    """Give the W3C trace context of the request that runs now, for functions that call other services."""
    return _current


@contextmanager
def traced(parent: str, writer: FrameWriter) -> Iterator[None]:
    """Run one request under its trace; its answer says in `us` how many microseconds it took here."""
    global _current
    before, stamp_before = _current, writer.stamp
    _current = parent
    started = perf_counter_ns()
    writer.stamp = lambda: {"us": (perf_counter_ns() - started) // 1000}
    detach = _attach(parent)
    try:
        yield
    finally:
        _current, writer.stamp = before, stamp_before
        detach()


def _attach(parent: str) -> Any:
    """Make it OpenTelemetry's current context too, if a function of the user's has loaded that."""
    if "opentelemetry.trace.propagation.tracecontext" not in sys.modules:
        return lambda: None
    from opentelemetry import context  # type: ignore[import-not-found]
    from opentelemetry.trace.propagation.tracecontext import (  # type: ignore[import-not-found]
        TraceContextTextMapPropagator,
    )

    token = context.attach(TraceContextTextMapPropagator().extract({"traceparent": parent}))
    return lambda: context.detach(token)
