"""The same circuits without this library: by MLX in Python alone, and by the simulator Qulacs. Both time themselves."""

import time

import mlx.core as mx


def mean_time(simulate, runs):
    start = time.perf_counter()
    for _ in range(runs):
        simulate()
    return 1000 * (time.perf_counter() - start) / runs


class Mlx:
    """What state.ts does with operations as `[(qubits, matrix), …]`."""

    def __init__(self, qubits, operations):
        self.qubits = qubits
        self.operations = operations
        self.compiled = mx.compile(self.run)

    def run(self):
        n = self.qubits
        amplitudes = (mx.arange(2**n) == 0).astype(mx.complex64).reshape([2] * n)
        order = list(range(n))
        for targets, matrix in self.operations:
            amplitudes, order = self.apply(amplitudes, order, targets, matrix)
        return amplitudes.transpose([order.index(qubit) for qubit in range(n)]).flatten()

    def apply(self, amplitudes, order, targets, matrix):
        own = [qubit for qubit in order if qubit in targets]
        axes = [targets.index(qubit) for qubit in own]
        if axes != sorted(axes):
            sides = axes + [axis + len(axes) for axis in axes]
            matrix = matrix.reshape([2] * len(sides)).transpose(sides).reshape(matrix.shape)
        first, last, size = order.index(own[0]), order.index(own[-1]), 2 ** len(own)
        columns = 2 ** (self.qubits - 1 - last)
        before = 2**first
        if last - first >= len(own):
            front = own + [qubit for qubit in order if qubit not in own]
            amplitudes = amplitudes.transpose([order.index(qubit) for qubit in front])
            order, before = front, 1
        elif first > 0 and size * columns <= 64:
            wide = matrix if columns == 1 else mx.kron(matrix, mx.eye(columns))
            return (amplitudes.reshape(-1, size * columns) @ wide.T).reshape(amplitudes.shape), order
        return (matrix @ amplitudes.reshape(before, size, -1)).reshape(amplitudes.shape), order

    def state(self):
        return self.run()

    def milliseconds(self, runs, compiled):
        simulate = self.compiled if compiled else self.run
        return mean_time(lambda: mx.eval(simulate()), runs)


class Qulacs:
    """`[(name, angles, controls, targets), …]`: Qulacs has qubit 0 as the least significant and turns the other way."""

    def __init__(self, qubits, operations, block):
        import qulacs
        from qulacs.circuit import QuantumCircuitOptimizer

        self.last = qubits - 1
        self.circuit = qulacs.QuantumCircuit(qubits)
        for name, angles, controls, targets in operations:
            self.circuit.add_gate(self.gate(qulacs.gate, name, angles, controls, targets))
        if block:
            QuantumCircuitOptimizer().optimize(self.circuit, block)
        self.quantum_state = qulacs.QuantumState(qubits)

    def gate(self, gates, name, angles, controls, targets):
        qubits = [self.last - qubit for qubit in [*controls, *targets]]
        known = {("X", 1): "CNOT", ("Z", 1): "CZ", ("X", 2): "TOFFOLI", ("P", 0): "U1", ("U", 0): "U3"}
        own = known.get((name, len(controls)))
        if own or not controls:
            signed = [-angle for angle in angles] if name in ("RX", "RY", "RZ") else angles
            return getattr(gates, own or name)(*qubits, *signed)
        gate = gates.to_matrix_gate(self.gate(gates, name, angles, [], targets))
        for control in controls:
            gate.add_control_qubit(self.last - control, 1)
        return gate

    def run(self):
        self.quantum_state.set_zero_state()
        self.circuit.update_quantum_state(self.quantum_state)

    def state(self):
        self.run()
        return self.quantum_state.get_vector().astype("complex64")

    def milliseconds(self, runs):
        return mean_time(self.run, runs)
