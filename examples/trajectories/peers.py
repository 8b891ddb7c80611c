"""The steps of the pipeline without this library: Python's MLX alone, which times itself, in seconds."""

import time

import mlx.core as mx
from homology import diagrams
from wasserstein import sliced_wasserstein


def timed(compute):
    start = time.perf_counter()
    mx.eval(compute())
    return time.perf_counter() - start


def homology(clouds: list[mx.array], method: str) -> float:
    mx.eval(clouds)
    return timed(lambda: [diagrams(points, method) for points in clouds])


def distances(stack: mx.array) -> float:
    mx.eval(stack)
    return timed(lambda: sliced_wasserstein(stack[:, None], stack[None]))


class Encoder:
    def __init__(self, folder: str) -> None:
        from encoder import load_encoder

        self.compute = load_encoder(folder)

    def seconds(self, texts: list[str]) -> float:
        return timed(lambda: self.compute(texts))
