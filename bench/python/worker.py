"""Measures plain Python MLX: reads one JSON request a line, answers one JSON line."""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import sys
import time
from typing import Any


def measure(suite: str, row: str, count: int) -> dict[str, Any]:
    workload = importlib.import_module(f"workloads.{suite}").WORKLOADS[row]
    gc.collect()
    # As on the other side, where a full collection slows down what follows.
    if suite not in ("memory", "bridge", "lm", "start"):
        workload(count)
    cpu_start = time.process_time_ns()
    start = time.perf_counter_ns()
    result = workload(count)
    nanoseconds = time.perf_counter_ns() - start
    # What has measured itself, without what had to be there first.
    if isinstance(result, dict):
        return result
    return {"nanoseconds": nanoseconds, "cpuNanoseconds": time.process_time_ns() - cpu_start, "result": result}


def main() -> None:
    # The BLAS of the library under test must stand in the global scope before MLX looks its routines up.
    if blas := os.environ.get("MLX_ROUTER_BLAS"):
        ctypes.CDLL(blas, ctypes.RTLD_GLOBAL)
    print('"ready"', flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = measure(request["suite"], request["row"], request["count"])
        except ModuleNotFoundError as error:
            answer = {"nanoseconds": 0, "cpuNanoseconds": 0, "result": None, "missing": error.name}
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            answer = {"nanoseconds": 0, "cpuNanoseconds": 0, "result": None, "error": text}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
