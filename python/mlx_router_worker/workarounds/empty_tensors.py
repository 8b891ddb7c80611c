"""
Tensors without elements, in row-major order and with memory of their own.

A reduction of an empty view that is not in row-major order may never return: https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/reduce.cpp
CUDA gives some empty results no memory at all, and whatever reads it crashes.
"""

from __future__ import annotations

import mlx.core as mx

from ..tensor_bytes import CODES, from_bytes


def with_memory(tensor: mx.array, in_transform: bool) -> mx.array:
    """
    Give an empty tensor as a new one; any other as it is.

    On a GPU that one is a constant, so what is made while a transform runs stays: derivatives walk its graph.
    """
    if tensor.size != 0:
        return tensor
    if mx.default_device() == mx.gpu:
        return tensor if in_transform else from_bytes(memoryview(b""), tensor.shape, CODES[tensor.dtype])
    return mx.contiguous(tensor, stream=mx.cpu)
