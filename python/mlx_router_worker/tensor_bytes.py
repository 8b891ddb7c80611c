"""The row-major bytes of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import mlx.core as mx

# In the order of MLX's own numbers, which are the codes on the wire.
DTYPES: tuple[mx.Dtype, ...] = (
    mx.bool_,
    mx.uint8,
    mx.uint16,
    mx.uint32,
    mx.uint64,
    mx.int8,
    mx.int16,
    mx.int32,
    mx.int64,
    mx.float16,
    mx.float32,
    mx.float64,
    mx.bfloat16,
    mx.complex64,
)
CODES: dict[mx.Dtype, int] = {dtype: code for code, dtype in enumerate(DTYPES)}

# How a buffer says these dtypes, where Python's memoryview can say them at all.
FORMATS: dict[int, Any] = {0: "?", 1: "B", 2: "H", 3: "I", 4: "Q", 5: "b", 6: "h", 7: "i", 8: "q", 10: "f"}
# The others travel as integers or floats of a size that divides theirs, and are viewed as what they are.
CARRIERS: dict[int, Any] = {9: "H", 11: "q", 12: "H", 13: "f"}
CARRIER_DTYPES: dict[int, mx.Dtype] = {9: mx.uint16, 11: mx.int64, 12: mx.uint16, 13: mx.float32}


def from_bytes(data: memoryview, shape: Sequence[int], code: int) -> mx.array:
    """Copy row-major bytes into a tensor; exact for every dtype."""
    buffer: Any = data.cast(FORMATS.get(code) or CARRIERS[code])
    tensor = mx.array(buffer)
    # A GPU would refuse float64 even here, where nothing is computed.
    with mx.stream(mx.cpu):
        if code in FORMATS:
            return tensor.reshape(shape)
        # `mx.array` would round float64 buffers to float32, and knows no buffers of 16-bit floats.
        tensor = tensor.view(DTYPES[code]).reshape(shape)
        mx.eval(tensor)
    return tensor


def to_bytes(tensor: mx.array) -> memoryview:
    """Evaluate, and give the row-major bytes without copying them where the tensor is contiguous."""
    if tensor.size == 0:
        mx.eval(tensor)
        return memoryview(b"")
    # A GPU cannot even copy float64.
    with mx.stream(mx.cpu) if tensor.dtype == mx.float64 else nullcontext():
        flat = mx.contiguous(tensor).reshape(-1)
        carrier = CARRIER_DTYPES.get(CODES[tensor.dtype])
        if carrier is not None:
            flat = flat.view(carrier)
        mx.eval(flat)
    return memoryview(flat).cast("B")  # type: ignore[arg-type]
