import assert from 'node:assert';
import { inspect, isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { core as mx, mxArraysEqual, shutdown } from '../index.ts';

beforeAll(() => expect.addEqualityTesters([mxArraysEqual]));
afterAll(() => shutdown());

const python = { implementation: 'python' } as const;

describe('with mxArraysEqual as an equality tester', () => {
  it('arrays are equal by dtype, shape and elements, wherever they live and however they were made', () => {
    const x = mx.array([1, 2]);
    expect(x).toEqual(mx.array([1, 2]));
    expect(x).toStrictEqual(mx.add(mx.array([0, 1]), 1, python));
    expect(
      mx.transpose(
        mx.array([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).toEqual(
      mx.array([
        [1, 3],
        [2, 4],
      ]),
    );
    expect({ layers: [{ weight: x }], n: 1 }).toEqual({
      layers: [{ weight: mx.arange(1, 3, { dtype: mx.float32 }) }],
      n: 1,
    });
    expect(mx.array(3)).toEqual(mx.array(3));
    expect(mx.zeros([0, 2])).toEqual(mx.zeros([0, 2]));
    expect(mx.array([Number.NaN, 1])).toEqual(mx.multiply(mx.array([Number.NaN, -1]), -1));
    expect(mx.array([new mx.Complex(1, Number.NaN)])).toEqual(mx.array([new mx.Complex(1, Number.NaN)]));
  });

  it('and differ by each of these', () => {
    const x = mx.array([1, 2]);
    for (const other of [
      mx.array([1, 3]),
      mx.array([1, 2], mx.int32),
      mx.array([[1, 2]]),
      mx.array([1, 2, 3]),
      mx.add(mx.array([0, 0]), 1, python),
      [1, 2],
      null,
      new Float32Array([1, 2]),
    ]) {
      expect(x).not.toEqual(other);
      expect({ x }).not.toStrictEqual({ x: other });
    }
    expect(mx.array([0])).not.toEqual(mx.array([-0]));
    expect(mx.array([new mx.Complex(1, 2)])).not.toEqual(mx.array([new mx.Complex(1, 3)]));
    expect(mx.array([1n])).not.toEqual(mx.array([2n]));
    expect(() => expect(x).toEqual(mx.array([1, 3]))).toThrow();
  });

  it('what is no array is left to others', () => {
    expect(mxArraysEqual(1, 1)).toBeUndefined();
    expect(mxArraysEqual(mx.array(1), 1)).toBe(false);
  });
});

describe('an array in the hands of JavaScript', () => {
  const x = mx.array([1, 2]);

  it('is not cloned or sent, but by its values', async () => {
    const { port1, port2 } = new MessageChannel();
    for (const send of [
      () => structuredClone(x),
      () => structuredClone({ deep: [mx.ones([1], python)] }),
      () => port1.postMessage(x),
    ]) {
      expect(send).toThrow(/mx\.array: send its values, await x\.data\(\)\) could not be cloned/);
    }
    port1.close();
    port2.close();
    const values = (await x.data()) as Float32Array<ArrayBuffer>;
    const sent = structuredClone(values, { transfer: [values.buffer] });
    expect([sent, values.length]).toEqual([Float32Array.of(1, 2), 0]);
  });

  it('is text as MLX writes it, JSON as its list, and equal to nothing but itself in Node', () => {
    expect(inspect(x)).toBe('array([1, 2], dtype=float32)');
    expect(JSON.stringify({ x })).toBe('{"x":[1,2]}');
    expect(isDeepStrictEqual(x, x)).toBe(true);
    expect(isDeepStrictEqual(x, mx.array([1, 2]))).toBe(false);
    expect(() => assert.deepStrictEqual(x, mx.array([1, 3]))).toThrow(assert.AssertionError);
    assert.deepStrictEqual(x.tolist(), mx.array([1, 2]).tolist());
  });
});
