"""
A thread that MLX takes for the main one.

MLX throws errors of its own threads in the middle of the next evaluation of the thread that first asked for its
scheduler: https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/scheduler.h
The tasks of that evaluation are counted and never end, so a later one waits for ever. Here that thread is one that
evaluates nothing.
"""

from __future__ import annotations

import threading


def start_scheduler_thread() -> None:
    """
    Start the thread, and wait until it has asked for the scheduler.

    It never ends: MLX knows it by its number, which the system gives to a later thread once it has ended.
    """
    import mlx.core as mx

    # The stream of this thread keeps the first number.
    mx.default_stream(mx.default_device())
    asked = threading.Event()

    def ask() -> None:
        # Of a CPU: the thread of a GPU's stream, once there is one, never sleeps again.
        mx.synchronize(mx.default_stream(mx.cpu))
        asked.set()
        threading.Event().wait()

    threading.Thread(target=ask, name="scheduler", daemon=True).start()
    asked.wait()
