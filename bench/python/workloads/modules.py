"""Training steps with layers, a loss and an optimizer, the same as on the other side."""

from functools import cache, partial

import mlx.core as mx

import mlx.nn as nn
import mlx.optimizers as optimizers
from mlx.utils import tree_flatten, tree_map, tree_unflatten

mx.random.seed(13)
images = mx.random.normal([64, 784])
labels = mx.random.randint(0, 10, [64])
pictures = mx.random.normal([32, 16, 16, 1])
kinds = mx.random.randint(0, 10, [32])
sequence = mx.random.normal([4, 64, 128])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 8, 3, padding=1)
        self.second = nn.Conv2d(8, 16, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.output = nn.Linear(4 * 4 * 16, 10)

    def __call__(self, x):
        half = self.pool(nn.relu(self.first(x)))
        quarter = self.pool(nn.relu(self.second(half)))
        return self.output(quarter.reshape(quarter.shape[0], -1))


def cross_entropy(logits, targets):
    return nn.losses.cross_entropy(logits, targets, reduction="mean")


def mlp():
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
    return model, lambda x: cross_entropy(model(x), labels), images


def conv():
    model = Net()
    return model, lambda x: cross_entropy(model(x), kinds), pictures


def transformer():
    model = nn.TransformerEncoderLayer(128, 4, 512)
    return model, lambda x: mx.mean(mx.square(model(x, None))), sequence


def trainer(program, compiled):
    """The loss after so many steps of AdamW, always from the same start."""

    @cache
    def start():
        mx.random.seed(17)
        model, loss, given = program()
        optimizer = optimizers.AdamW(1e-3)
        optimizer.init(model.trainable_parameters())
        gradient = nn.value_and_grad(model, loss)
        state = [model.state, optimizer.state]

        def step(x):
            value, gradients = gradient(x)
            optimizer.update(model, gradients)
            return value

        if compiled:
            step = partial(mx.compile, inputs=state, outputs=state)(step)
        weights = tree_flatten(model.parameters())
        initial = tree_unflatten(tree_flatten(optimizer.state))
        mx.eval(state)

        def reset():
            model.load_weights(weights)
            optimizer.state.update(tree_map(lambda array: array, initial))

        return step, state, given, reset

    def run(count):
        step, state, given, reset = start()
        reset()
        last = 0.0
        for _ in range(count):
            value = step(given)
            mx.eval(value, state)
            last = value.item()
        return last

    return run


MODULES = {
    "nn-mlp": trainer(mlp, False),
    "nn-mlp-compiled": trainer(mlp, True),
    "nn-conv": trainer(conv, False),
    "nn-conv-compiled": trainer(conv, True),
    "nn-transformer": trainer(transformer, False),
    "nn-transformer-compiled": trainer(transformer, True),
}
