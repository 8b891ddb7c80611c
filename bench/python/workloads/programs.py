"""Whole programs as a user writes them, the same operations in the same order as on the other side."""

import math

import mlx.core as mx

from workloads.chains import CHAINS
from workloads.modules import MODULES
from workloads.training import TRAINING, descent

mx.random.seed(7)
RATE = 0.01
BATCH = 64
images = mx.random.normal([BATCH, 784])
labels = (mx.arange(10)[None] == mx.random.randint(0, 10, [BATCH])[:, None]).astype(mx.float32)
initial = (
    mx.random.normal([784, 256]) * 0.05,
    mx.zeros([256]),
    mx.random.normal([256, 10]) * 0.05,
    mx.zeros([10]),
)
mx.eval(images, labels, initial)


def step(parameters):
    w1, b1, w2, b2 = parameters
    hidden = mx.maximum(images @ w1 + b1, 0)
    logits = hidden @ w2 + b2
    log_probabilities = logits - mx.logsumexp(logits, 1, True)
    loss = -mx.mean(mx.sum(labels * log_probabilities, 1))
    d_logits = (mx.exp(log_probabilities) - labels) / BATCH
    d_hidden = (d_logits @ w2.T) * (hidden > 0)
    following = (
        w1 - (images.T @ d_hidden) * RATE,
        b1 - mx.sum(d_hidden, 0) * RATE,
        w2 - (hidden.T @ d_logits) * RATE,
        b2 - mx.sum(d_logits, 0) * RATE,
    )
    return loss, following


cnot = mx.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], mx.complex64)


def rotation(angle):
    """The rotation about the y axis, as a complex 2 x 2 matrix."""
    cos, sin = math.cos(angle / 2), math.sin(angle / 2)
    return mx.array([[cos, -sin], [sin, cos]], mx.complex64)


def on_qubit(state, gate, qubit, qubits):
    split = mx.reshape(state, [2**qubit, 2, 2 ** (qubits - qubit - 1)])
    return mx.reshape(mx.matmul(gate, split), [-1])


def on_pair(state, gate, qubit, qubits):
    split = mx.reshape(state, [2**qubit, 4, 2 ** (qubits - qubit - 2)])
    return mx.reshape(mx.matmul(gate, split), [-1])


def circuit(qubits, layers):
    """The probability that the first qubit is found as 1 after so many layers."""
    state = (mx.arange(2**qubits) == 0).astype(mx.complex64)
    for layer in range(layers):
        for qubit in range(qubits):
            state = on_qubit(state, rotation(0.1 * (qubit + layer + 1)), qubit, qubits)
        for qubit in range(qubits - 1):
            state = on_pair(state, cnot, qubit, qubits)
        mx.eval(state)
    halves = mx.reshape(mx.square(mx.abs(state)), [2, -1])
    return mx.sum(halves[1]).item()


def circuits(qubits, layers, count):
    probability = 0.0
    for _ in range(count):
        probability = circuit(qubits, layers)
    return probability


WORKLOADS = {
    "mlp-step": descent(step, initial),
    **TRAINING,
    **MODULES,
    **CHAINS,
    "circuit-12": lambda count: circuits(12, 4, count),
    "circuit-20": lambda count: circuits(20, 1, count),
}
