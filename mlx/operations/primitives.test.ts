import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ArgumentError, core as mx } from '../index.ts';

const vector = mx.array([1, 2]);
const any = (value: unknown) => value as never;
// JavaScript's own operators, which TypeScript does not let near an array.
const plus = (a: unknown, b: unknown) => any(a) + any(b);
const times = (a: unknown, b: unknown) => any(a) * any(b);
// biome-ignore lint/suspicious/noDoubleEquals: it is what is tested
const looselyEqual = (a: unknown, b: unknown) => a == b;

describe('an operator of JavaScript on an array of several elements', () => {
  it.each<[string, () => unknown]>([
    ['x + 1', () => plus(vector, 1)],
    ['1 + x', () => plus(1, vector)],
    ['x + x', () => plus(vector, vector)],
    ["'text' + x", () => plus('text', vector)],
    ['x * 2', () => times(vector, 2)],
    ['-x', () => -any(vector)],
    ['x > 0', () => any(vector) > 0],
    ['x == 1', () => looselyEqual(vector, 1)],
    ['Number(x)', () => Number(vector)],
  ])('%s says what to write instead', (_, run) => {
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(/received shape \[2\].*x\.add\(1\).*x\.multiply\(2\).*x\.equal\(0\).*\$\{x\}/);
  });

  it('of no elements too', () => {
    expect(() => plus(mx.zeros([0]), 1)).toThrow('received shape [0]');
  });
});

it("one element is a number to JavaScript, as to Python's float()", () => {
  const one = mx.array([3]);
  expect([plus(one, 1), times(one, 2), Number(one), looselyEqual(one, 3), any(one) > 2]).toEqual([4, 6, 3, true, true]);
  expect(() => plus(mx.array([mx.Complex(1, 2)]), 1)).toThrow('a complex element is no number');
});

it('is printed wherever a text is asked for', () => {
  const text = 'array([1, 2], dtype=float32)';
  expect([`${vector}`, String(vector), vector.toString(), [vector].join(), inspect(vector)]).toEqual(
    Array.from({ length: 5 }, () => text),
  );
  expect(JSON.stringify({ vector })).toBe('{"vector":[1,2]}');
  expect(looselyEqual(vector, vector)).toBe(true);
  expect(() => expect({ vector }).toEqual({ vector: 5 })).toThrow(/expected .* to deeply equal/);
});
