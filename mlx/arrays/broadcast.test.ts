import { expect, it } from 'vitest';
import { ArgumentError, core as mx } from '../index.ts';

it('gives the shape that all have together', () => {
  expect(mx.broadcastShapes([6, 7], [5, 6, 1])).toEqual([5, 6, 7]);
  expect(mx.broadcastShapes([])).toEqual([]);
});

it.each([[new Array(2 ** 32 - 1)], [Object.assign(new Array(3), { 0: 1 })]])(
  'refuses a shape with holes, however long',
  (shape) => {
    expect(() => mx.broadcastShapes(shape as number[])).toThrow(ArgumentError);
  },
);
