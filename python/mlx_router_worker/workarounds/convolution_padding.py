"""
Convolutions whose padding has more places than the result, or room for the kernel; convolve of one element.

For the first MLX's kernel for the CPU writes out of bounds: https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/conv.cpp
For the second MLX's derivative has another shape than the input: https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/primitives.cpp
Here such a padding becomes zeros of the input. Any other convolution is MLX's own.
"""

from __future__ import annotations

from typing import Any

import mlx.core as mx

Sizes = list[int]


def _each(sizes: Any, axes: int) -> Sizes:
    """Give one size for each axis."""
    if isinstance(sizes, int):
        return [sizes] * axes
    return list(sizes) * axes if len(sizes) == 1 else list(sizes)


def _overruns(x: mx.array, weight: mx.array, stride: Sizes, before: Sizes, after: Sizes, dilation: Sizes) -> bool:
    """
    Say whether the kernel goes over more places near the edge than there are; of one axis MLX has another.

    Or whether it fits into the padding: MLX cuts the derivative by such an input twice.
    """
    axes = len(stride)
    if not x.ndim == weight.ndim == axes + 2 or not axes == len(before) == len(after) == len(dilation):
        return False
    for i in range(axes):
        if stride[i] < 1:
            continue
        span = dilation[i] * (weight.shape[i + 1] - 1) + 1
        if max(before[i], after[i]) >= span:
            return True
        room = x.shape[i + 1] + before[i] + after[i] - span
        if axes > 1 and room >= 0 and (before[i] + stride[i] - 1) // stride[i] > room // stride[i] + 1:
            return True
    return False


def _convolve(
    x: mx.array, weight: mx.array, stride: Sizes, before: Sizes, after: Sizes, dilation: Sizes, groups: int, flip: bool
) -> mx.array:
    """Give the convolution with its padding made zeros of the input."""
    zeros = [(max(low, 0), max(high, 0)) for low, high in zip(before, after, strict=True)]
    padded = mx.pad(x, [(0, 0), *zeros, (0, 0)])
    rest = ([min(low, 0) for low in before], [min(high, 0) for high in after])
    return mx.conv_general(padded, weight, stride, rest, dilation, 1, groups, flip)


def _plain(name: str, axes: int, args: tuple[Any, ...]) -> mx.array:
    x, weight, *sizes, groups = args
    stride, padding, dilation = (_each(size, axes) for size in sizes)
    if _overruns(x, weight, stride, padding, padding, dilation):
        return _convolve(x, weight, stride, padding, padding, dilation, groups, False)
    result: mx.array = getattr(mx, name)(*args)
    return result


def _transposed(name: str, axes: int, args: tuple[Any, ...]) -> mx.array:
    x, weight, *sizes, groups = args
    stride, padding, dilation, output_padding = (_each(size, axes) for size in sizes)
    # A stride spreads the input, which goes another way.
    if weight.ndim == axes + 2 and all(step == 1 for step in stride):
        before = [dilation[i] * (weight.shape[i + 1] - 1) - padding[i] for i in range(axes)]
        after = [low + more for low, more in zip(before, output_padding, strict=True)]
        if _overruns(x, weight, stride, before, after, dilation):
            return _convolve(x, weight, stride, before, after, dilation, groups, True)
    result: mx.array = getattr(mx, name)(*args)
    return result


def conv1d(*args: Any) -> mx.array:
    """Give a convolution over one axis."""
    return _plain("conv1d", 1, args)


def conv2d(*args: Any) -> mx.array:
    """Give a convolution over two axes."""
    return _plain("conv2d", 2, args)


def conv3d(*args: Any) -> mx.array:
    """Give a convolution over three axes."""
    return _plain("conv3d", 3, args)


def conv_transpose1d(*args: Any) -> mx.array:
    """Give a transposed convolution over one axis."""
    return _transposed("conv_transpose1d", 1, args)


def conv_transpose2d(*args: Any) -> mx.array:
    """Give a transposed convolution over two axes."""
    return _transposed("conv_transpose2d", 2, args)


def conv_transpose3d(*args: Any) -> mx.array:
    """Give a transposed convolution over three axes."""
    return _transposed("conv_transpose3d", 3, args)


def conv_general(
    x: mx.array, weight: mx.array, stride: Any, padding: Any, kernel_dilation: Any, input_dilation: Any, *rest: Any
) -> mx.array:
    """Give a convolution over any number of axes."""
    axes = max(x.ndim - 2, 0)
    sides = (
        padding if isinstance(padding, (list, tuple)) and padding and isinstance(padding[0], (list, tuple)) else None
    )
    before, after = (_each(side, axes) for side in (sides or (padding, padding)))
    steps, dilation = _each(stride, axes), _each(kernel_dilation, axes)
    spread = any(factor != 1 for factor in _each(input_dilation, axes))
    if not spread and _overruns(x, weight, steps, before, after, dilation):
        return _convolve(x, weight, steps, before, after, dilation, *rest)
    return mx.conv_general(x, weight, stride, padding, kernel_dilation, input_dilation, *rest)


def convolve(a: mx.array, v: mx.array, mode: str) -> mx.array:
    """
    Give the convolution of two vectors.

    One of one element is its own reverse, of which MLX takes the derivative for zero.
    """
    short, long = (a, v) if a.size < v.size else (v, a)
    if a.ndim == v.ndim == short.size == 1:
        return mx.conv1d(long.reshape(1, -1, 1), short.reshape(1, 1, 1)).reshape(-1)
    return mx.convolve(a, v, mode)
