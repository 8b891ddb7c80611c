"""Work on arrays that no cache holds."""

import mlx.core as mx

mx.random.seed(41)
a = mx.random.normal([4096, 4096])
b = mx.random.normal([4096, 4096])
rows = mx.reshape(a, [-1, 1024])
scale = mx.random.normal([1024])
offset = mx.random.normal([1024])
images = mx.random.normal([8, 64, 64, 32])
kernels = mx.random.normal([32, 3, 3, 32])
mx.eval(a, b, rows, scale, offset, images, kernels)


def each(build):
    def run(count):
        for _ in range(count):
            mx.eval(build())

    return run


WORKLOADS = {
    "add-large": each(lambda: mx.add(a, b)),
    "exp-large": each(lambda: mx.exp(a)),
    "sum-large": each(lambda: mx.sum(a)),
    "sum-columns-large": each(lambda: mx.sum(a, 0)),
    "transpose-large": each(lambda: mx.contiguous(a.T)),
    "cast-large": each(lambda: a.astype(mx.float16)),
    "softmax-large": each(lambda: mx.softmax(a, -1)),
    "layer-norm-large": each(lambda: mx.fast.layer_norm(rows, scale, offset, 1e-5)),
    "conv2d-large": each(lambda: mx.conv2d(images, kernels, padding=1)),
}
