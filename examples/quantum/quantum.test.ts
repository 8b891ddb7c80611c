import { afterAll, describe, expect, test } from 'vitest';
import { ArgumentError, core as mx, shutdown } from '../../mlx/index.ts';
import { checkGradients, checkKnownStates } from './checks.ts';
import { circuit, depth, inverse } from './circuit.ts';
import { Ansatz, findGroundState } from './eigensolver.ts';
import { fuse } from './fuse.ts';
import * as gates from './gates.ts';
import { measure, probabilities } from './measure.ts';
import { applied, expectation, isingChain } from './observable.ts';
import { controlled, inverseOf, type Operation } from './operation.ts';
import { bell, fourier, ghz, grover, layered, random } from './programs.ts';
import { run, unitary, zeroState } from './state.ts';

afterAll(() => shutdown());

const difference = (a: mx.Array, b: mx.Array) => Number(mx.max(mx.abs(a.subtract(b))).item());
const matrixOf = (operation: Operation, qubits: number) => unitary(circuit(qubits, [operation]));
const rows = (values: (number | mx.Complex)[][]) => mx.array(values, mx.complex64);
const i = mx.Complex(0, 1);
const { cnot, cz, h, p, rx, ry, rz, s, swap, t, toffoli, u, x, y, z } = gates;

describe('operations', () => {
  test('have the matrices that they are known by', () => {
    const [half, quarter] = [Math.cos(0.35), Math.sin(0.35)];
    const known: [Operation, (number | mx.Complex)[][]][] = [
      [
        h(0),
        [
          [Math.SQRT1_2, Math.SQRT1_2],
          [Math.SQRT1_2, -Math.SQRT1_2],
        ],
      ],
      [
        x(0),
        [
          [0, 1],
          [1, 0],
        ],
      ],
      [
        y(0),
        [
          [0, mx.Complex(0, -1)],
          [i, 0],
        ],
      ],
      [
        z(0),
        [
          [1, 0],
          [0, -1],
        ],
      ],
      [
        s(0),
        [
          [1, 0],
          [0, i],
        ],
      ],
      [
        t(0),
        [
          [1, 0],
          [0, mx.Complex(Math.SQRT1_2, Math.SQRT1_2)],
        ],
      ],
      [
        rx(0.7, 0),
        [
          [half, mx.Complex(0, -quarter)],
          [mx.Complex(0, -quarter), half],
        ],
      ],
      [
        ry(0.7, 0),
        [
          [half, -quarter],
          [quarter, half],
        ],
      ],
      [
        rz(0.7, 0),
        [
          [mx.Complex(half, -quarter), 0],
          [0, mx.Complex(half, quarter)],
        ],
      ],
      [
        p(Math.PI / 2, 0),
        [
          [1, 0],
          [0, i],
        ],
      ],
      [
        u(Math.PI / 2, 0, Math.PI, 0),
        [
          [Math.SQRT1_2, Math.SQRT1_2],
          [Math.SQRT1_2, -Math.SQRT1_2],
        ],
      ],
    ];
    for (const [operation, matrix] of known) {
      expect(difference(matrixOf(operation, 1), rows(matrix)), operation.name).toBeLessThan(1e-6);
    }
  });

  test('move the outcomes that they are known to move', () => {
    const moved = (operation: Operation, from: number) =>
      Number(mx.argmax(probabilities(matrixOf(operation, 3).index('...', from))).item());
    expect([4, 5, 6, 7, 3].map((from) => moved(cnot(0, 2), from))).toEqual([5, 4, 7, 6, 3]);
    expect([1, 2, 4, 5].map((from) => moved(swap(2, 0), from))).toEqual([4, 2, 1, 5]);
    expect([6, 5, 3, 7].map((from) => moved(toffoli(2, 0, 1), from))).toEqual([6, 7, 3, 5]);
    expect(difference(matrixOf(cz(2, 0), 3), matrixOf(cz(0, 2), 3))).toBe(0);
  });

  test('with many controls act where all are 1, like with few', () => {
    const all = controlled(u(0.4, 1, 2, 3), 0, 1, 2, 4, 5, 6);
    const matrix = matrixOf(all, 7);
    const corner = mx.Slice(0, 128);
    expect(difference(matrix.matmul(mx.conj(matrix).T), mx.eye(128))).toBeLessThan(1e-6);
    const [from, to] = [0b1110111, 0b1111111];
    const expected = matrixOf(u(0.4, 1, 2, 0), 1);
    expect(difference(matrix.index(to, from), expected.index(1, 0))).toBeLessThan(1e-6);
    const changed = matrix.subtract(mx.eye(128)).index(corner, corner);
    expect(Number(mx.sum(mx.greater(mx.abs(changed), 1e-6)).item())).toBe(4);
  });

  test('are undone by their inverses', () => {
    const it = random(5, 80, 2);
    expect(difference(run(inverse(it), run(it)), zeroState(5))).toBeLessThan(1e-6);
    expect(inverseOf(inverseOf(s(0))).name).toBe('S');
    expect(depth(circuit(3, [h(0), h(1), cnot(0, 1), h(2)]))).toBe(2);
    expect(depth(circuit(3, []))).toBe(0);
  });
});

describe('states', () => {
  test.each(checkKnownStates())('$name', ({ passed, detail }) => expect(passed, detail).toBe(true));

  test('are those of the whole matrices multiplied', () => {
    const it = random(6, 100, 4);
    const product = it.operations.reduce((matrix, operation) => matrixOf(operation, 6).matmul(matrix), mx.eye(64));
    expect(difference(run(it), product.index('...', 0))).toBeLessThan(1e-6);
  });

  test.each([1, 2, 3, 4, 6])('are the same with operations of up to %i qubits joined', (most) => {
    for (const it of [random(8, 90, 3), layered(8, 3, 1), fourier(8), grover('101'), ghz(8)]) {
      expect(difference(run(fuse(it, most)), run(it))).toBeLessThan(1e-6);
    }
    expect(fuse(layered(8, 3, 1), 4).operations.length).toBeLessThan(layered(8, 3, 1).operations.length / 3);
    // Among these is a CNOT that no other operation joins.
    expect(fuse(layered(10, 4, 1)).operations.flatMap(({ controls }) => controls)).toEqual([]);
  });

  test('are the same compiled, and in Python', () => {
    const it = random(4, 16, 9);
    expect(difference(mx.compile(() => run(it))(), run(it))).toBeLessThan(1e-6);
    expect(
      difference(
        mx.withImplementation('python', () => run(bell())),
        run(bell()),
      ),
    ).toBe(0);
  });
});

describe('measurements', () => {
  test('are as frequent as they are likely, and the same for the same key', () => {
    const state = run(circuit(3, [ry(2 * Math.asin(Math.sqrt(0.1)), 0), h(2)]));
    const counts = measure(state, 20_000, mx.random.key(3));
    expect([...counts.keys()]).toEqual(['000', '001', '100', '101']);
    expect((counts.get('100') ?? 0) / 20_000).toBeCloseTo(0.05, 2);
    expect((counts.get('001') ?? 0) / 20_000).toBeCloseTo(0.45, 1);
    expect(measure(state, 20_000, mx.random.key(3))).toEqual(counts);
    expect(measure(run(ghz(4)), 1).size).toBe(1);
  });

  test('of a chain have the energy of its matrix', () => {
    const chain = isingChain(3, 0.5);
    const state = run(random(3, 30, 1));
    const whole = mx.inner(mx.conj(state), applied(chain, mx.eye(8)).matmul(state));
    expect(Math.abs(Number(expectation(chain, state).item()) - Number(mx.real(whole).item()))).toBeLessThan(1e-5);
    expect(Number(expectation(chain, zeroState(3)).item())).toBeCloseTo(-2, 6);
  });
});

describe('gradients', () => {
  test('are those of the parameter shifts', () => {
    const { passed, detail } = checkGradients();
    expect(passed, detail).toBe(true);
  });

  test('lead to the ground state of a short chain', () => {
    const { energies, exact, ansatz } = findGroundState(2, 60, () => {});
    expect(energies.at(-1)).toBeCloseTo(exact, 2);
    expect(ansatz).toBeInstanceOf(Ansatz);
    expect(energies).toHaveLength(60);
  });
});

describe('wrong calls', () => {
  test.each<[string, () => unknown]>([
    ['X: expected qubits from 0 to 1, received 2', () => circuit(2, [x(2)])],
    ['X: expected qubits from 0 to 1, received 5', () => circuit(2, [cnot(5, 0)])],
    ['H: expected qubits to be integers from 0, received -1', () => h(-1)],
    ['H: expected qubits to be integers from 0, received 0.5', () => h(0.5)],
    ['H: expected qubits to be integers from 0, received NaN', () => h(Number.NaN)],
    ['X: expected each qubit once, received 1, 1', () => cnot(1, 1)],
    ['X: expected each qubit once, received 0, 2, 0', () => controlled(cnot(2, 0), 0)],
    ['RX: expected an angle to be one finite real number, received NaN', () => rx(Number.NaN, 0)],
    [
      'U: expected an angle to be one finite real number, received Infinity',
      () => u(0, 1, Number.POSITIVE_INFINITY, 0),
    ],
    [
      'P: expected an angle to be one finite real number, received mlx.core.float32 of shape [2]',
      () => p(mx.zeros([2]), 0),
    ],
    ['circuit: expected the number of qubits to be an integer from 1, received 0', () => circuit(0, [])],
    ['run: expected a state of shape [4], received [8]', () => run(bell(), zeroState(3))],
    ['40 qubits: expected the memory for 3 states, 8 TiB each, received', () => run(circuit(40, [h(0)]))],
    ['2000 qubits: expected the memory for 3 states', () => zeroState(2000)],
    ['measure: expected the number of shots to be an integer from 1, received 0', () => measure(run(bell()), 0)],
    ['measure: expected the number of shots to be an integer from 1, received 1.5', () => measure(run(bell()), 1.5)],
    [
      'measure: expected a state of norm 1, received NaN',
      () => measure(run(circuit(1, [rx(mx.array(Number.NaN), 0)])), 9),
    ],
    ['grover: expected two or more bits, such as "101", received "12"', () => grover('12')],
  ])('%s', (message, call) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
});
