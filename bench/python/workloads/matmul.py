"""Large kernels, where the library underneath does the work."""

import mlx.core as mx

mx.random.seed(1)
a512 = mx.random.normal([512, 512])
a1024 = mx.random.normal([1024, 1024])
a4096 = mx.random.normal([4096, 4096])
images = mx.random.normal([8, 32, 32, 16])
kernels = mx.random.normal([32, 3, 3, 16])
mx.eval(a512, a1024, a4096, images, kernels)


def product(a, count):
    for _ in range(count):
        mx.eval(mx.matmul(a, a))


def softmax(count):
    for _ in range(count):
        mx.eval(mx.softmax(a4096, -1))


def conv2d(count):
    for _ in range(count):
        mx.eval(mx.conv2d(images, kernels, padding=1))


WORKLOADS = {
    "matmul-512": lambda count: product(a512, count),
    "matmul-1024": lambda count: product(a1024, count),
    "softmax-4096": softmax,
    "conv2d": conv2d,
}
