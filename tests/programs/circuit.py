"""Simulates quantum circuits: gates on a state, the gradient of an energy, a density matrix, Trotter steps."""

import math
from typing import Any

import mlx.core as mx

QUBITS = 4


def complexes(values: list[Any]) -> mx.array:
    return mx.array(values, dtype=mx.complex64)


def main(report: Any) -> None:
    x, z = complexes([[0, 1], [1, 0]]), complexes([[1, 0], [0, -1]])
    one = mx.eye(2).astype(mx.complex64)
    cnot = complexes([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]).reshape(2, 2, 2, 2)

    def rotation(pauli: mx.array, angle: mx.array) -> mx.array:
        return mx.cos(angle / 2) * one - 1j * mx.sin(angle / 2) * pauli

    def on_one(state: mx.array, gate: mx.array, qubit: int) -> mx.array:
        return mx.moveaxis(mx.tensordot(gate, state, axes=[[1], [qubit]]), 0, qubit)

    def on_two(state: mx.array, gate: mx.array, a: int, b: int) -> mx.array:
        rest = [qubit for qubit in range(QUBITS) if qubit not in (a, b)]
        order = [0] * QUBITS
        for place, qubit in enumerate([a, b, *rest]):
            order[qubit] = place
        return mx.tensordot(gate, state, axes=[[2, 3], [a, b]]).transpose(*order)

    def circuit(angles: mx.array) -> mx.array:
        state = mx.zeros((2**QUBITS,), dtype=mx.complex64)
        state[0] = 1
        state = state.reshape([2] * QUBITS)
        for layer in range(angles.shape[0]):
            for qubit in range(QUBITS):
                state = on_one(state, rotation(x, angles[layer, qubit, 0]), qubit)
                state = on_one(state, rotation(z, angles[layer, qubit, 1]), qubit)
            for qubit in range(QUBITS - 1):
                state = on_two(state, cnot, qubit, qubit + 1)
        return state

    def energy(angles: mx.array) -> mx.array:
        state = circuit(angles)
        bonds = [on_one(on_one(state, z, qubit), z, qubit + 1) for qubit in range(QUBITS - 1)]
        fields = [0.7 * on_one(state, x, qubit) for qubit in range(QUBITS)]
        return -sum((mx.real(mx.sum(state.conj() * term)) for term in bonds + fields), mx.array(0.0))

    angles = mx.random.uniform(0, 2 * math.pi, (2, QUBITS, 2), key=mx.random.key(11))
    descend = mx.value_and_grad(energy)
    for _ in range(3):
        value, gradient = descend(angles)
        angles = angles - 0.1 * gradient
        report("energy", value, gradient)

    state = circuit(angles)
    density = mx.einsum("abcd,aBcd->bB", state, state.conj())
    values = mx.linalg.eigvalsh(density, stream=mx.cpu)
    report("density", density, mx.trace(density @ density), -mx.sum(values * mx.log(values)))
    shots = mx.random.categorical(mx.log(mx.square(mx.abs(state)).flatten()), num_samples=100, key=mx.random.key(4))
    report("shots", mx.zeros((2**QUBITS,), mx.int32).at[shots].add(1))

    bonds, fields = mx.kron(z, z), 0.5 * (mx.kron(x, one) + mx.kron(one, x))

    def evolution(operator: mx.array, time: float) -> mx.array:
        values, vectors = mx.linalg.eigh(operator, stream=mx.cpu)
        return (vectors * mx.exp(-1j * time * values.astype(mx.complex64))) @ vectors.conj().T

    exact = evolution(bonds + fields, 1.0)
    for count in (1, 4):
        time = 1 / count
        step = evolution(bonds, time / 2) @ evolution(fields, time) @ evolution(bonds, time / 2)
        steps = mx.eye(4).astype(mx.complex64)
        for _ in range(count):
            steps = steps @ step
        report("error", mx.max(mx.abs(steps - exact)))
