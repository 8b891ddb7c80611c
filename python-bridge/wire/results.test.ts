import { expect, it } from 'vitest';
import { ProtocolError } from '../../foundation/errors/errors.ts';
import { float32 } from '../../foundation/values/dtypes.ts';
import { Handle } from '../../foundation/values/values.ts';
import { decodeDescription, decodeResult } from './results.ts';

const adopt = (id: number) => new Handle(-id, {});

it('makes trees of plain data and tensors', () => {
  const tree = decodeResult([1, { m: { a: { t: [-3, 10, [2]] }, b: null } }, 'x', [true]], adopt);
  expect(tree).toEqual([1, { a: expect.any(Handle), b: null }, 'x', [true]]);
});

it('knows a tensor by its dtype and shape', () => {
  expect(decodeDescription([10, [2, 0]])).toEqual([float32, [2, 0]]);
});

const deep = (levels: number): unknown => {
  let tree: unknown = 1;
  for (let i = 0; i < levels; i++) tree = [tree];
  return tree;
};

it.each([
  ['no tensor', { t: 3 }],
  ['a number of ours', { t: [3, 10, [2]] }],
  ['no such dtype', { t: [-1, 14, [2]] }],
  ['a dtype by name', { t: [-1, 'float32', [2]] }],
  ['a negative length', { t: [-1, 10, [-2]] }],
  ['half a length', { t: [-1, 10, [1.5]] }],
  ['no shape', { t: [-1, 10] }],
  ['a map of no kind', { x: 1 }],
  ['a map that is none', { m: 4 }],
  ['too many levels', deep(100_000)],
])('refuses %s', (_, value) => {
  expect(() => decodeResult(value, adopt)).toThrow(ProtocolError);
});
