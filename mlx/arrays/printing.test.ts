import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ArgumentError, core as mx, shutdown } from '../index.ts';

afterEach(() => mx.setPrintoptions());
afterAll(() => shutdown());

const x = mx.array([1.123456, 100.5]);
const y = mx.add(x, 0, { implementation: 'python' });

describe('print options', () => {
  it('hold for both backends until they are set anew', () => {
    const texts = { 3: 'array([1.123, 100.500], dtype=float32)', 1: 'array([1.1, 100.5], dtype=float32)' };
    for (const [precision, text] of Object.entries(texts)) {
      mx.setPrintoptions({ precision: Number(precision) });
      expect([String(x), String(y)]).toEqual([text, text]);
      expect(mx.getPrintoptions()).toEqual({ precision: Number(precision) });
    }
    mx.setPrintoptions();
    expect([String(x), String(y)]).toEqual(Array(2).fill('array([1.12346, 100.5], dtype=float32)'));
  });

  it('leave integers, booleans and complex numbers to MLX, the same on both', () => {
    mx.setPrintoptions(2);
    for (const values of [mx.array([1n, 20n]), mx.array([true, false]), mx.array([mx.Complex(1.005, -2)])]) {
      expect(String(mx.reshape(values, [-1], { implementation: 'python' }))).toBe(String(values));
    }
  });

  it('last for a scope', () => {
    expect(mx.printoptions({ precision: 2 }, () => String(x))).toBe('array([1.12, 100.50], dtype=float32)');
    expect(mx.getPrintoptions()).toEqual({ precision: -1 });
    const scope = mx.printoptions(0);
    const inner = mx.printoptions(4);
    expect(mx.getPrintoptions().precision).toBe(4);
    inner[Symbol.dispose]();
    expect(mx.getPrintoptions().precision).toBe(0);
    scope.end();
    expect(mx.getPrintoptions().precision).toBe(-1);
  });

  it('end with a scope that throws', () => {
    const fall = () =>
      mx.printoptions(1, () => {
        throw new RangeError('no');
      });
    expect(fall).toThrow(RangeError);
    expect(mx.getPrintoptions().precision).toBe(-1);
  });

  it.each([1.5, -2, 1001, '3', null, Number.NaN])('refuse a precision of %s, and stay as they were', (precision) => {
    mx.setPrintoptions(3);
    for (const options of [precision, { precision }]) {
      if (options === null) continue;
      expect(() => mx.setPrintoptions(options as never)).toThrow(ArgumentError);
    }
    expect(mx.getPrintoptions().precision).toBe(3);
  });
});
