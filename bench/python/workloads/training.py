"""Training steps with MLX's own gradients, the same operations in the same order as on the other side."""

import math

import mlx.core as mx

mx.random.seed(11)
RATE = 0.01
BATCH, LENGTH, WIDTH, HEADS = 4, 64, 128, 4

images = mx.random.normal([64, 784])
labels = mx.random.randint(0, 10, [64, 1])
mlp = {
    "w1": mx.random.normal([784, 256]) * 0.05,
    "b1": mx.zeros([256]),
    "w2": mx.random.normal([256, 10]) * 0.05,
    "b2": mx.zeros([10]),
}


def mlp_loss(weights):
    hidden = mx.maximum(images @ weights["w1"] + weights["b1"], 0)
    logits = hidden @ weights["w2"] + weights["b2"]
    chosen = mx.take_along_axis(logits, labels, 1)
    return mx.mean(mx.logsumexp(logits, 1, True) - chosen)


def matrix(rows, columns):
    return mx.random.normal([rows, columns]) * 0.05


sequence = mx.random.normal([BATCH, LENGTH, WIDTH])
block = {
    "down": matrix(4 * WIDTH, WIDTH),
    "key": matrix(WIDTH, WIDTH),
    "out": matrix(WIDTH, WIDTH),
    "query": matrix(WIDTH, WIDTH),
    "up": matrix(WIDTH, 4 * WIDTH),
    "value": matrix(WIDTH, WIDTH),
}


def heads(x):
    return mx.transpose(mx.reshape(x, [BATCH, LENGTH, HEADS, WIDTH // HEADS]), [0, 2, 1, 3])


def gelu(x):
    return x * (1 + mx.erf(x / math.sqrt(2))) / 2


def normalized(x):
    centred = x - mx.mean(x, -1, True)
    return centred * mx.rsqrt(mx.mean(mx.square(centred), -1, True) + 1e-5)


def block_loss(weights):
    """Attention and a feed-forward network, each behind a normalisation and beside its input."""
    x = normalized(sequence)
    q, k, v = [heads(x @ weights[name]) for name in ("query", "key", "value")]
    scores = (q @ mx.transpose(k, [0, 1, 3, 2])) * (1 / math.sqrt(WIDTH / HEADS))
    attended = mx.transpose(mx.softmax(scores, -1) @ v, [0, 2, 1, 3])
    merged = mx.reshape(attended, [BATCH, LENGTH, WIDTH]) @ weights["out"]
    middle = sequence + merged
    inner = gelu(normalized(middle) @ weights["up"])
    return mx.mean(mx.square(middle + inner @ weights["down"]))


mx.eval(images, labels, mlp, sequence, block)


def descent(step, initial):
    """The loss after so many steps from the same start; a step gives the loss and the next weights."""

    def run(count):
        weights = initial
        last = 0.0
        for _ in range(count):
            value, weights = step(weights)
            mx.eval(value, weights)
            last = value.item()
        return last

    return run


def trainer(loss, initial, compiled):
    """The loss after so many steps of gradient descent."""
    gradient = mx.value_and_grad(loss)

    def step(weights):
        value, gradients = gradient(weights)
        return value, {name: weight - gradients[name] * RATE for name, weight in weights.items()}

    return descent(mx.compile(step) if compiled else step, initial)


TRAINING = {
    "mlp-grad": trainer(mlp_loss, mlp, False),
    "mlp-grad-compiled": trainer(mlp_loss, mlp, True),
    "transformer-grad": trainer(block_loss, block, False),
    "transformer-grad-compiled": trainer(block_loss, block, True),
}
