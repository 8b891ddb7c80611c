"""Training steps with MLX's own gradients, the same operations in the same order as on the other side."""

import mlx.core as mx

from .transformer import transformer_block

mx.random.seed(11)
RATE = 0.01

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


block_loss, block = transformer_block(batch=4, length=64, width=128, heads=4)

mx.eval(images, labels, mlp)


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
