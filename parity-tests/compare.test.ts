import { describe, expect, it } from 'vitest';
import { complex64, type Dtype, float16, float32, float64, int8, uint64 } from '../foundation/values/dtypes.ts';
import { encode } from '../foundation/values/elements.ts';
import { Complex, type Element } from '../foundation/values/values.ts';
import { compareOutcomes, type Outcome } from './compare.ts';
import { worstUlp } from './ulp.ts';

const ulp = (dtype: Dtype, a: Element, b: Element) => worstUlp(encode([a], dtype), encode([b], dtype), dtype).ulp;

describe('units in the last place', () => {
  it.each([
    [float32, 1, 1 + 2 ** -23, 1],
    [float32, 0, -0, 1],
    [float32, 2 ** -149, -(2 ** -149), 3],
    [float64, 1, 1 + 2 ** -52, 1],
    [float16, 1, 1 + 2 ** -10, 1],
    [float32, Number.MAX_VALUE, Number.POSITIVE_INFINITY, 0],
    [float32, Number.NaN, 1, Number.POSITIVE_INFINITY],
    [float32, Number.NaN, Number.NaN, 0],
    [int8, -128, 127, 255],
    [uint64, 2n ** 64n - 1n, 2n ** 64n - 2n, 1],
    [complex64, new Complex(1, 1), new Complex(1, 1 + 2 ** -23), 1],
  ] as const)('%s: %s and %s', (dtype, a, b, expected) => {
    expect(ulp(dtype, a, b)).toBe(expected);
  });

  it('name the element, of complex numbers too', () => {
    const [a, b] = [0, 1].map((im) => encode([new Complex(0, 0), new Complex(0, im)], complex64));
    expect(worstUlp(a!, b!, complex64).element).toBe(1);
  });
});

describe('outcomes', () => {
  const tensor = (shape: number[], dtype: Dtype, values: Element[]): Outcome => ({
    kind: 'result',
    contents: { kind: 'tensor', shape, dtype, bytes: encode(values, dtype) },
  });
  const difference = (a: Outcome, b: Outcome, tolerated = 0) => compareOutcomes(a, b, tolerated).difference;
  const one = tensor([1], float32, [1]);

  it('differ by shape, dtype, structure and bits', () => {
    expect(difference(one, tensor([1, 1], float32, [1]))).toMatch(/shape \[1\] from native, \[1,1\]/);
    expect(difference(one, tensor([1], float64, [1]))).toMatch(/dtype float32 from native, float64/);
    expect(difference(one, { kind: 'result', contents: { kind: 'list', items: [] } })).toMatch(/structure/);
    expect(difference(one, tensor([1], float32, [2]))).toMatch(/element 0 is 1 \(0x3f800000\)/);
    expect(difference(one, one)).toBeUndefined();
  });

  it('may differ by the tolerance and no more', () => {
    expect(difference(one, tensor([1], float32, [1 + 2 ** -22]), 2)).toBeUndefined();
    expect(difference(one, tensor([1], float32, [1 + 2 ** -22]), 1)).toMatch(/2 ULP apart/);
  });

  it('a backend that broke down is never agreement', () => {
    const exited: Outcome = { kind: 'error', name: 'WorkerDiedError', code: 'ERR_MLX_WORKER_DIED', message: 'gone' };
    const strange: Outcome = { kind: 'error', name: 'TypeError', code: null, message: 'x is undefined' };
    expect(difference(exited, exited)).toMatch(/broke down/);
    expect(difference(strange, strange)).toMatch(/not this library's/);
  });
});
