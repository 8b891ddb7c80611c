"""What this example has in Python alone: an operation that is not ported yet."""

from __future__ import annotations

import mlx.core as mx


def deskew(images: mx.array) -> mx.array:
    """Straighten and centre each image of (n, height, width); same shape.

    The slant of the ink is its covariance of x and y over its variance along y. Every row is shifted back by it,
    with linear interpolation between pixels.
    """
    _, height, width = images.shape
    y = mx.arange(height, dtype=images.dtype)[:, None]
    x = mx.arange(width, dtype=images.dtype)[None, :]

    def mean(values: mx.array) -> mx.array:
        return (images * values).sum((1, 2), keepdims=True) / mx.maximum(images.sum((1, 2), keepdims=True), 1e-6)

    centre_x, centre_y = mean(x), mean(y)
    slant = mean((x - centre_x) * (y - centre_y)) / mx.maximum(mean((y - centre_y) ** 2), 1e-6)
    source = x + centre_x - (width - 1) / 2 + slant * (y - centre_y)
    left = mx.floor(source)
    right_share = source - left
    return pixels_at(images, left) * (1 - right_share) + pixels_at(images, left + 1) * right_share


def pixels_at(images: mx.array, column: mx.array) -> mx.array:
    """Give, for each place, the pixel of its row at the column named there; nothing is drawn outside the image."""
    last = images.shape[2] - 1
    pixels = mx.take_along_axis(images, mx.clip(column, 0, last).astype(mx.int32), axis=2)
    return mx.where((column >= 0) & (column <= last), pixels, 0)
