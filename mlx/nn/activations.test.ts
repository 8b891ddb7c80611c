import { expect, it } from 'vitest';
import { OperationError } from '../../foundation/errors/errors.ts';
import * as mx from '../core.ts';
import * as nn from './index.ts';

it('logSoftmax is 0 along an axis of the length 1, in whatever shape came before', () => {
  for (const shape of [[3, 1], [3, 4], [5, 1], [1]]) {
    const result = nn.logSoftmax(mx.ones(shape));
    const expected = shape.at(-1) === 1 ? 0 : -Math.log(4);
    for (const value of (result.tolist() as number[]).flat()) expect(value).toBeCloseTo(expected, 6);
  }
  expect(nn.logSoftmax(mx.ones([1, 2]), 0).tolist()).toEqual([[0, 0]]);
});

it.each([
  [[2, 5], [4]],
  [[4], [3]],
])('prelu refuses inputs of %j with slopes of %j', (shape, slopes) => {
  expect(() => nn.prelu(mx.ones(shape), mx.ones(slopes))).toThrow(OperationError);
  expect(nn.prelu(mx.full([2, 4], -1), mx.array([1, 2, 3, 4])).tolist()).toEqual([
    [-1, -2, -3, -4],
    [-1, -2, -3, -4],
  ]);
});
