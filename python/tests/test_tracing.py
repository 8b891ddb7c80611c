"""Requests that belong to a trace know it while they run, and say how long they took."""

from __future__ import annotations

import os
import sys
from types import ModuleType

import pytest
from mlx_router_worker import tracing
from mlx_router_worker.frames import FrameReader, FrameType, FrameWriter

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_traced_request_knows_its_parent_and_its_answer_the_time() -> None:
    read_end, write_end = os.pipe()
    writer = FrameWriter(write_end, 1 << 16)
    with tracing.traced(PARENT, writer):
        assert tracing.traceparent() == PARENT
        writer.write(FrameType.RESULT, 1, {"v": 1})
    assert tracing.traceparent() is None
    writer.write(FrameType.RESULT, 2, {"v": 2})
    reader = FrameReader(read_end, 1 << 16)
    first, second = reader.read(), reader.read()
    assert first is not None and second is not None
    assert first.header["v"] == 1
    assert 0 <= first.header["us"] < 60_000_000
    assert second.header == {"v": 2}


def test_requests_inside_others_do_not_end_their_traces() -> None:
    writer = FrameWriter(1, 1 << 16)
    with tracing.traced(PARENT, writer):
        with tracing.traced("inner", writer):
            assert tracing.traceparent() == "inner"
        assert tracing.traceparent() == PARENT
        assert writer.stamp is not None
    assert writer.stamp is None


def test_opentelemetry_gets_the_context_if_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    attached: list[object] = []

    class Propagator:
        def extract(self, carrier: dict[str, str]) -> str:
            return carrier["traceparent"]

    package = ModuleType("opentelemetry")
    context = ModuleType("opentelemetry.context")
    context.attach = lambda given: attached.append(given) or "token"  # type: ignore[attr-defined, func-returns-value]
    context.detach = attached.append  # type: ignore[attr-defined]
    package.context = context  # type: ignore[attr-defined]
    propagation = ModuleType("opentelemetry.trace.propagation.tracecontext")
    propagation.TraceContextTextMapPropagator = Propagator  # type: ignore[attr-defined]
    for module in (package, context, propagation):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    with tracing.traced(PARENT, FrameWriter(1, 1 << 16)):
        assert attached == [PARENT]
    assert attached == [PARENT, "token"]
