"""The same network without this library: by MLX in Python alone, which times itself."""

import time

import mlx.core as mx

STAGES = [(3, 1, 1), (3, 2, 2), (5, 2, 2), (3, 2, 3), (5, 1, 3), (5, 2, 4), (3, 1, 1)]


def relu6(x):
    return mx.minimum(mx.maximum(x, 0), 6)


def padded(x, kernel, stride):
    before = (kernel - stride) // 2
    sides = (before, kernel - stride - before)
    return mx.pad(x, [(0, 0), sides, sides, (0, 0)])


class Network:
    def __init__(self, weights, dtype):
        self.dtype = getattr(mx, dtype)
        self.weights = {name: value.astype(self.dtype) for name, value in mx.load(weights).items()}
        mx.eval(self.weights)
        self.seconds = 0.0
        self.compiled = mx.compile(self.forward)

    def linear(self, x, name):
        return mx.addmm(self.weights[f"{name}.bias"], x, self.weights[f"{name}.weight"].T)

    def depthwise(self, x, name, kernel, stride):
        size, weight = x.shape[1], self.weights[f"{name}.weight"]
        x = padded(x, kernel, stride)
        total = self.weights[f"{name}.bias"]
        for i in range(kernel):
            for j in range(kernel):
                total = total + x[:, i : i + size : stride, j : j + size : stride] * weight[:, i, j, 0]
        return total

    def forward(self, pictures):
        x = padded((pictures.astype(self.dtype) - 127) / 128, 3, 2)
        x = relu6(mx.conv2d(x, self.weights["stem.weight"], 2) + self.weights["stem.bias"])
        block = 0
        for kernel, first, count in STAGES:
            for i in range(count):
                stride, at = first if i == 0 else 1, f"blocks.{block}"
                wide = x if block == 0 else relu6(self.linear(x, f"{at}.expand"))
                wide = relu6(self.depthwise(wide, f"{at}.depthwise", kernel, stride))
                narrow = self.linear(wide, f"{at}.project")
                x = x + narrow if narrow.shape == x.shape else narrow
                block += 1
        x = relu6(self.linear(x, "head")).mean((1, 2))
        probabilities = mx.softmax(self.linear(x, "classifier").astype(mx.float32), -1)
        labels = mx.argsort(-probabilities, -1)[:, :3]
        return labels.astype(mx.int32), mx.take_along_axis(probabilities, labels, -1)

    def classify(self, pictures):
        start = time.perf_counter()
        result = self.compiled(pictures)
        mx.eval(result)
        self.seconds = time.perf_counter() - start
        return result
