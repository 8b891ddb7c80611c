import { describe, expect, it } from 'vitest';
import { ArgumentError, ProtocolError } from '../../foundation/errors/errors.ts';
import { bool, complex64, float32, int64, uint8 } from '../../foundation/values/dtypes.ts';
import { type Argument, Callback, Complex, Handle, Scalar, Slice } from '../../foundation/values/values.ts';
import * as kinds from '../../registry/parameters.ts';
import { row } from '../test-support/backends.ts';
import { decodeDescription, decodeResult, encoderOf, handlesIn } from './values.ts';

const numberOf = (item: Handle | Callback): number => (item instanceof Callback ? 100 : item.slot);
const tensor = (slot: number): Handle => new Handle(slot, {});

function encode(parameter: kinds.Parameter, argument: Argument): unknown {
  return encoderOf(row('f', 'm:f', [parameter]))([argument], numberOf)[0];
}

const double = (...values: number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);

describe('arguments on the wire', () => {
  it.each<[string, kinds.Parameter, Argument, unknown]>([
    ['a tensor', kinds.array('a'), tensor(5), 5],
    ['a key', kinds.key('key'), tensor(6), 6],
    ['an operand', kinds.operand('a'), tensor(7), 7],
    ['null', kinds.array('a', null), null, null],
    ['nothing', kinds.array('a', null), undefined, null],
    ['a weak float', kinds.operand('a'), new Scalar(-0, float32), [10, double(-0)]],
    ['a weak integer', kinds.operand('a'), new Scalar(3, uint8), [1, 3]],
    ['a weak bigint', kinds.operand('a'), new Scalar(2n ** 62n, int64), [8, 2n ** 62n]],
    ['a weak integer of more than 32 bits', kinds.operand('a'), new Scalar(2 ** 40, int64), [8, 2n ** 40n]],
    ['a weak boolean', kinds.value('a'), new Scalar(true, bool), [0, true]],
    ['a boolean as a float', kinds.value('a'), new Scalar(true, float32), [10, double(1)]],
    ['a complex number', kinds.value('a'), new Scalar(new Complex(1, -0), complex64), [13, double(1, -0)]],
    ['tensors', kinds.arrays('a'), [tensor(1), tensor(2)], [1, 2]],
    ['a dtype', kinds.dtype('d'), float32, 10],
    ['a shape', kinds.shape('s'), [2, 3], [2, 3]],
    ['minus nought', kinds.float('f'), -0, double(-0)],
    ['a large float', kinds.float('f'), 2 ** 40, 2 ** 40],
    ['a large integer', kinds.int('i'), 2 ** 40, 2n ** 40n],
    ['a word', kinds.string('s'), 'same', 'same'],
    [
      'an index',
      kinds.index('i'),
      [1, null, '...', new Slice(null, 3, -1), tensor(4)],
      [1, null, '...', [null, 3, -1], { t: 4 }],
    ],
    [
      'a tree',
      kinds.any('x'),
      { a: [tensor(1), 2.5, { b: null }], s: new Scalar(1, uint8), d: float32, c: new Slice(1, 2, null) },
      { m: { a: [{ t: 1 }, 2.5, { m: { b: null } }], s: { s: [1, 1] }, d: { d: 10 }, c: { i: [1, 2, null] } } },
    ],
    ['a tree that is one tensor', kinds.any('x'), tensor(3), { t: 3 }],
  ])('%s', (_, parameter, argument, expected) => {
    expect(encode(parameter, argument)).toEqual(expected);
  });

  it('an integer of more than 64 bits is refused', () => {
    expect(() => encode(kinds.number('n'), 2n ** 64n)).toThrow(ArgumentError);
    expect(encode(kinds.number('n'), 2n ** 64n - 1n)).toBe(2n ** 64n - 1n);
  });

  it('what the kind cannot be is refused', () => {
    expect(() => encode(kinds.operand('a'), 'text')).toThrow('"operand"');
    expect(() => encode(kinds.arrays('a'), [1])).toThrow(ArgumentError);
    expect(() => encode(kinds.dtype('a'), 3)).toThrow(ArgumentError);
  });

  it('a list that takes all positions is encoded item by item, free keywords behind it', () => {
    const operation = row('f', 'm:f', [kinds.any('args', undefined, { variadic: true })], { anyKeyword: true });
    expect(encoderOf(operation)([[tensor(1), 2], { x: tensor(3) }], numberOf)).toEqual([
      [{ t: 1 }, 2],
      { m: { x: { t: 3 } } },
    ]);
  });

  it('finds every tensor, however deep', () => {
    const found = [
      ...handlesIn([tensor(1), { a: tensor(2), b: [[tensor(3)], float32, new Slice(1, 2, 3)] }, 'x', null]),
    ];
    expect(found.map(numberOf)).toEqual([1, 2, 3]);
  });
});

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
