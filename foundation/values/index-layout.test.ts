import { describe, expect, it } from 'vitest';
import { broadcast, lengthOf, withoutLeadingOnes, writeLayout } from './index-layout.ts';
import { Slice } from './values.ts';

type Tensor = { readonly shape: readonly number[] };
const tensor = (...shape: number[]): Tensor => ({ shape });

function target(parts: Parameters<typeof writeLayout<Tensor>>[0], shape: readonly number[]) {
  return writeLayout(parts, shape, (part) => part.shape)?.dimensions.map(lengthOf);
}

describe('the shape that an index writes to', () => {
  it.each([
    ['the rest of the axes', [0], [5, 6], [6]],
    ['dots in front', ['...', 0], [4, 5, 6], [4, 5]],
    ['new axes', [null, 0, null], [5, 6], [1, 1, 6]],
    ['slices, which are cut to their steps', [new Slice(1, 4, 2), new Slice(5, null, -1)], [5, 6], [2, 6]],
    ['a slice without elements', [new Slice(0, 0, 1)], [5], [0]],
    [
      'tensors where the first of them stands',
      [new Slice(null, null, null), tensor(2, 1), tensor(3)],
      [4, 5, 6],
      [4, 2, 3],
    ],
    ['parted tensors in front', [new Slice(0, 1, 1), tensor(2), null, tensor(2)], [4, 5, 6], [2, 1, 1]],
    [
      'numbers, which part nothing and count for nothing',
      [0, new Slice(null, null, null), tensor(2)],
      [4, 5, 6],
      [5, 2],
    ],
    ['a number between tensors', [tensor(2), 0, tensor(2)], [4, 5, 6], [2]],
  ] as [string, Parameters<typeof writeLayout<Tensor>>[0], number[], number[]][])(
    'has %s',
    (_, parts, shape, expected) => {
      expect(target(parts, shape)).toEqual(expected);
    },
  );

  it('is unknown where tensors do not broadcast', () => {
    expect(target([tensor(2), tensor(3)], [4, 5])).toBeUndefined();
  });

  it('counts numbers from the front', () => {
    const layout = writeLayout<Tensor>([-1, tensor(1)], [4, 5], (part) => part.shape);
    expect([...(layout?.numbers ?? [])]).toEqual([[0, 3]]);
    expect([...(layout?.tensors.keys() ?? [])]).toEqual([1]);
  });
});

it('broadcasts shapes from the back', () => {
  expect(broadcast([3, 1], [2, 1, 4])).toEqual([2, 3, 4]);
  expect(broadcast([], [2])).toEqual([2]);
  expect(broadcast([0], [1])).toEqual([0]);
  expect(broadcast([2], [3])).toBeUndefined();
});

it('overlooks ones in front', () => {
  expect(withoutLeadingOnes([1, 1, 2, 1])).toEqual([2, 1]);
  expect(withoutLeadingOnes([1, 1])).toEqual([]);
});
